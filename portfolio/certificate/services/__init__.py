"""Granting, explaining, proving; entering what other routes gave, and what is decided later."""

from portfolio.certificate.services.acquiring import AcquisitionLine, acquisitions, record_acquisition
from portfolio.certificate.services.aftermath import Aftermath, LaterDecision, aftermath_of
from portfolio.certificate.services.certified import CertificatePage, certificate_page
from portfolio.certificate.services.equivalence import EquivalencesPage, declare_equivalence, equivalences_page
from portfolio.certificate.services.explaining import explain
from portfolio.certificate.services.granting import Preview, grant_from_minutes, preview, preview_page
from portfolio.certificate.services.held import HeldBlock, StandingBlocks, held_blocks, standing_blocks
from portfolio.certificate.services.later import Foreseen, decide_later, foresee
from portfolio.certificate.services.notified import AwaitedLetter, awaited_letter, certificate_is_notified
from portfolio.certificate.services.outcomes import CandidacyOutcome, outcomes_of
from portfolio.certificate.services.proof import PublicCertificate, public_certificate
from portfolio.certificate.services.recomputing import Recomputed, recompute
from portfolio.certificate.services.rectifying import IdentityPage, identity_page, rectify_identity, to_rectify
from portfolio.certificate.services.results import BlockResult, ResultsPage, results_page
from portfolio.certificate.services.settling import settle
from portfolio.certificate.services.standing import Standing, standing_of_certificate, statuses_of
from portfolio.certificate.services.suspensions import SuspendedDecision, suspended_candidacies, suspended_decisions

__all__ = [
    "AcquisitionLine",
    "Aftermath",
    "AwaitedLetter",
    "BlockResult",
    "CandidacyOutcome",
    "CertificatePage",
    "EquivalencesPage",
    "Foreseen",
    "HeldBlock",
    "IdentityPage",
    "LaterDecision",
    "Preview",
    "PublicCertificate",
    "Recomputed",
    "ResultsPage",
    "Standing",
    "StandingBlocks",
    "SuspendedDecision",
    "acquisitions",
    "aftermath_of",
    "awaited_letter",
    "certificate_is_notified",
    "certificate_page",
    "decide_later",
    "declare_equivalence",
    "equivalences_page",
    "explain",
    "foresee",
    "grant_from_minutes",
    "held_blocks",
    "identity_page",
    "outcomes_of",
    "preview",
    "preview_page",
    "public_certificate",
    "recompute",
    "record_acquisition",
    "rectify_identity",
    "results_page",
    "settle",
    "standing_blocks",
    "standing_of_certificate",
    "statuses_of",
    "suspended_candidacies",
    "suspended_decisions",
    "to_rectify",
]
