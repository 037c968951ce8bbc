"""The proofs that the pages of evidence, of sealed dossiers and of juries show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from flask import current_app

from portfolio.db.engine import read_session
from portfolio.domain.attestation.use_cases import signing
from portfolio.domain.attestation.use_cases.signing import SignatureProof
from portfolio.domain.evidence.rules.description import ATTESTATIONS, EvidenceKind
from portfolio.domain.submission.rules.dossier import SealedDossier

if TYPE_CHECKING:
    from portfolio.signing_key import Keys


def proofs_for(
    candidacy_id: UUID, files: Iterable[tuple[EvidenceKind | None, str]]
) -> dict[str, SignatureProof]:
    """Return the proofs of files, given the kind of their piece and their digest; without an attestation
    nothing is asked.
    """
    wanted = [sha256 for kind, sha256 in files if kind in ATTESTATIONS]
    return signing.load_proofs(read_session(), installation_keys(), candidacy_id, wanted)


def proofs_in(candidacy_id: UUID, dossier: SealedDossier) -> dict[str, SignatureProof]:
    """Return the proofs of the exhibits of a sealed dossier, by the digest of their file."""
    return proofs_for(candidacy_id, ((exhibit.kind, exhibit.sha256) for exhibit in dossier.exhibits))


def installation_keys() -> Keys:
    """The keys whose signatures are ours."""
    keys: Keys = current_app.extensions["keys"]
    return keys
