"""The law of the seal: what is sealed, how its manifest is written and hashed, when a dossier may be submitted."""

from portfolio.submission.rules.dossier import (
    FORMAT,
    RECORD_FORMAT,
    VERSION,
    Header,
    SealedAssessment,
    SealedBlock,
    SealedCertification,
    SealedClaim,
    SealedCohort,
    SealedCompetency,
    SealedDossier,
    SealedExhibit,
    SealedExperience,
    SealedHeldBlock,
    SealedNarrative,
    SealedStatement,
    SealedTexts,
)
from portfolio.submission.rules.exhibits import exhibit_labels
from portfolio.submission.rules.manifest import Seal, UnreadableManifest, items_and_root, read_manifest, root_of, seal
from portfolio.submission.rules.submitting import DifferenceCode, SubmissionKind, SubmissionRefusal

__all__ = [
    "FORMAT",
    "RECORD_FORMAT",
    "VERSION",
    "DifferenceCode",
    "Header",
    "Seal",
    "SealedAssessment",
    "SealedBlock",
    "SealedCertification",
    "SealedClaim",
    "SealedCohort",
    "SealedCompetency",
    "SealedDossier",
    "SealedExhibit",
    "SealedExperience",
    "SealedHeldBlock",
    "SealedNarrative",
    "SealedStatement",
    "SealedTexts",
    "SubmissionKind",
    "SubmissionRefusal",
    "UnreadableManifest",
    "exhibit_labels",
    "items_and_root",
    "read_manifest",
    "root_of",
    "seal",
]
