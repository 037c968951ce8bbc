"""Pieces laid before the seal as the book will hold them: looked at by a worker, once, when their pages are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, exists, select
from sqlalchemy.orm import Session

from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, is_current_file, is_joined
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.dossier.rules.description import EvidenceDescription
from portfolio.domain.dossier.rules.draft import DossierState, EvidenceFact, UnprintedPiece
from portfolio.domain.dossier.rules.rendition import Proof, RenditionKind, RenditionState, proof_of
from portfolio.domain.dossier.use_cases.renditions import BATCH, lock_row

# Longer than a piece may take to be laid and opened; a worker that dies meanwhile is replaced after it.
_LEASE = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class ProofJob:
    """A piece to lay: its rendition, and its file."""

    id: UUID
    key: str
    mime: str
    sha256: str
    pages: int | None


def proof_due(at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition that a piece waits to be laid."""
    return exists().where(Rendition.prove_after <= at)


def request_proofs(session: Session, *, at: datetime) -> int:
    """Have the pieces of drafts laid that were drawn before pieces were; answer how many."""
    query = (
        select(Rendition)
        .join(Rendition.file)
        .join(Evidence, Evidence.id == EvidenceFile.evidence_id)
        .join(Dossier, Dossier.candidacy_id == Evidence.candidacy_id)
        .where(Dossier.state == DossierState.DRAFT, is_joined(Evidence), is_current_file())
        .where(Rendition.state == RenditionState.READY, Rendition.proof.is_(None), Rendition.prove_after.is_(None))
        .limit(BATCH)
    )
    found = session.scalars(query).all()
    for rendition in found:
        rendition.prove_after = at
    return len(found)


def claim_proof(session: Session, *, at: datetime) -> ProofJob | None:
    """Lease the piece that waits for the longest time; None when none does."""
    waiting = select(Rendition).where(Rendition.prove_after <= at).order_by(Rendition.prove_after).limit(1)
    found = session.scalar(waiting.with_for_update(of=Rendition, skip_locked=True))
    if found is None:
        return None
    found.prove_after = at + _LEASE
    file = found.file
    return ProofJob(found.id, file.key, file.mime, file.sha256, file.pages)


def keep_proof(session: Session, rendition_id: UUID, proof: Proof) -> None:
    """Keep what was found, unless the piece is being drawn anew."""
    found = lock_row(session, rendition_id)
    if found is not None and found.prove_after is not None:
        found.proof, found.prove_after = proof.as_json(), None


def unprinted_rows() -> Select[*tuple[Any, ...]]:
    """Return the statement of the pieces of a candidacy that were laid, with what was found."""
    return (
        select(Evidence.id.label("piece"), Evidence.number, Evidence.title, Rendition.proof)
        .join(EvidenceFile, EvidenceFile.evidence_id == Evidence.id)
        .join(Rendition, (Rendition.file_id == EvidenceFile.id) & (Rendition.kind == RenditionKind.PAGES))
        .where(Evidence.candidacy_id == bindparam("candidacy"), is_joined(Evidence), is_current_file())
        .where(Rendition.proof.is_not(None))
    )


def unprinted_pieces(rows: Sequence[Any]) -> tuple[UnprintedPiece, ...]:
    """Return the pieces of `unprinted_rows` of which a page at least cannot be printed, by their number."""
    proofs = [(row, proof_of(row.proof)) for row in rows]
    return tuple(
        UnprintedPiece(
            EvidenceFact(row.piece, row.number, EvidenceDescription(title=row.title), claimed=True),
            proof.pages,
            proof.unprinted,
        )
        for row, proof in sorted(proofs, key=lambda found: found[0].number)
        if proof.unprinted
    )
