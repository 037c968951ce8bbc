"""Change several pieces at once: what one piece refuses stops none of the others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.dossier.use_cases.draft_lock import lock_draft
from portfolio.domain.evidence.models.evidence import Evidence
from portfolio.domain.evidence.rules.description import CoverNote
from portfolio.domain.evidence.rules.kinds import EvidenceKind
from portfolio.domain.evidence.use_cases.evidence import describe_evidence, leave_out, remove_evidence
from portfolio.errors import Refusal

# One form changes so many pieces at most: more than a page of the list shows.
MAX_PIECES = 50


class SeveralAction(StrEnum):
    """The change made to each of the chosen pieces."""

    REMOVE = "remove"
    KIND = "kind"
    EXPERIENCE = "experience"
    LEAVE_OUT = "leave_out"
    JOIN = "join"


@dataclass(frozen=True, slots=True)
class SeveralChange:
    """A change and its value."""

    action: SeveralAction
    kind: EvidenceKind | None = None
    experience_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SeveralResult:
    """How many pieces changed, and the number of each piece that did not, with the reason."""

    changed: int
    refused: tuple[tuple[int, Refusal], ...] = ()


def change_several(
    session: Session,
    candidacy_id: UUID,
    evidence_ids: Collection[UUID],
    change: SeveralChange,
    *,
    by: UUID,
    at: datetime,
) -> SeveralResult:
    """Make one change to each of these pieces of the candidacy; pieces of others are ignored.

    Raises Refusal(SEALED).
    """
    lock_draft(session, candidacy_id)
    query = select(Evidence).where(
        Evidence.candidacy_id == candidacy_id, Evidence.id.in_(list(evidence_ids)[:MAX_PIECES])
    )
    changed, refused = 0, []
    for piece in session.scalars(query.where(Evidence.removed_at.is_(None)).order_by(Evidence.number)).all():
        try:
            _change(session, piece, change, by=by, at=at)
            changed += 1
        except Refusal as refusal:
            refused.append((piece.number, refusal))
    return SeveralResult(changed, tuple(refused))


def _change(session: Session, piece: Evidence, change: SeveralChange, *, by: UUID, at: datetime) -> None:
    where = (session, piece.candidacy_id, piece.id)
    if change.action is SeveralAction.REMOVE:
        remove_evidence(*where, by=by, at=at)
    elif change.action in (SeveralAction.LEAVE_OUT, SeveralAction.JOIN):
        leave_out(*where, left_out=change.action is SeveralAction.LEAVE_OUT, by=by, at=at)
    else:
        note = cover_note_of(piece)
        if change.action is SeveralAction.KIND:
            note = replace(note, kind=change.kind)
        else:
            note = replace(note, experience_id=change.experience_id)
        describe_evidence(*where, note, piece.revision, by=by, at=at)


def cover_note_of(piece: Evidence) -> CoverNote:
    """Return what a piece says about itself, as its form writes it."""
    return CoverNote(**{name: getattr(piece, name) for name in CoverNote.__slots__})
