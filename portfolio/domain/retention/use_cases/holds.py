"""Keep a dossier from being erased, and let it go again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portfolio.db.engine import new_id
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.retention.models import Erasure, LegalHold
from portfolio.domain.retention.rules import Extent, RetentionRefusal
from portfolio.domain.retention.use_cases.clocks import store_clocks
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class HoldDetails:
    """A hold of a dossier: why, by whom, since when, and how it ended."""

    id: UUID
    reason: str
    placed_at: datetime
    placed_by: str
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str


def place_hold(session: Session, candidacy_id: UUID, reason: str, *, by: UUID, at: datetime) -> LegalHold:
    """Stop the clocks and the erasures of a dossier. Raise Refusal when nothing is left to keep."""
    lock_candidacy(session, candidacy_id)
    if is_erased_whole(session, candidacy_id):
        raise Refusal(RetentionRefusal.ALREADY_ERASED)
    hold = LegalHold(
        id=new_id(), candidacy_id=candidacy_id, reason=reason.strip(), placed_at=at, placed_by=by
    )
    session.add(hold)
    session.flush()
    record_event(session, "hold_placed", ("candidacy", candidacy_id), by=by, at=at)
    store_clocks(session, [candidacy_id], at.date())
    return hold


def has_hold(session: Session, candidacy_id: UUID, hold_id: UUID) -> bool:
    """Return whether a hold is of this dossier."""
    return (
        session.scalar(
            select(LegalHold.id).where(LegalHold.id == hold_id, LegalHold.candidacy_id == candidacy_id)
        )
        is not None
    )


def end_hold(
    session: Session, candidacy_id: UUID, hold_id: UUID, reason: str, *, by: UUID, at: datetime
) -> None:
    """Let the clocks run again.

    Raise Refusal when the hold was ended before, NoResultFound for one of another dossier.
    """
    lock_candidacy(session, candidacy_id)
    query = (
        select(LegalHold)
        .where(LegalHold.id == hold_id, LegalHold.candidacy_id == candidacy_id)
        .with_for_update()
    )
    hold = session.scalars(query).one()
    if hold.ended_at is not None:
        raise Refusal(RetentionRefusal.HOLD_ENDED)
    hold.ended_at, hold.ended_by, hold.end_reason = at, by, reason.strip()
    session.flush()
    record_event(session, "hold_ended", ("candidacy", candidacy_id), by=by, at=at)
    store_clocks(session, [candidacy_id], at.date())


def list_holds(session: Session, candidacy_id: UUID) -> Sequence[HoldDetails]:
    """List the holds of a dossier, those that still hold first, then the latest."""
    placed, ended = aliased(Person), aliased(Person)
    query = (
        select(
            *(
                LegalHold.id,
                LegalHold.reason,
                LegalHold.placed_at,
                placed.name.label("placed_by"),
                LegalHold.ended_at,
            ),
            *(ended.name.label("ended_by"), LegalHold.end_reason),
        )
        .join(placed, placed.id == LegalHold.placed_by)
        .outerjoin(ended, ended.id == LegalHold.ended_by)
        .where(LegalHold.candidacy_id == candidacy_id)
        .order_by(LegalHold.ended_at.is_not(None), LegalHold.placed_at.desc())
    )
    return [HoldDetails(*row) for row in session.execute(query)]


def lock_candidacy(session: Session, candidacy_id: UUID) -> None:
    """Take the row under which holds, requests and erasures of a dossier come one after the other."""
    session.execute(select(Candidacy.id).where(Candidacy.id == candidacy_id).with_for_update())


def is_erased_whole(session: Session, candidacy_id: UUID) -> bool:
    """Return whether the rows of a dossier were erased as a whole."""
    query = select(Erasure.id).where(
        Erasure.candidacy_id == candidacy_id, Erasure.extent == Extent.WHOLE, Erasure.rows_at.is_not(None)
    )
    return session.scalar(query) is not None
