"""Recording what a closing wrote, last in its transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, literal, or_, select, union_all
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision, RecordedFinding
from portfolio.domain.ledger.recording import MOMENT
from portfolio.domain.ledger.rules.acts import record_type_of
from portfolio.domain.ledger.tracking import record_with


def record_minutes(session: Session, minutes_id: UUID, *, at: datetime) -> None:
    """Record everything one closing wrote: the sitting, then minutes, decisions, findings, grants, the whole,
    certificates.

    One head covers all of it, and is the last one until something else happens. To be called last in the
    transaction: from here to the commit, every other closing waits.
    """
    session.flush()
    acts = fetch_rows(session, _ACTS, {"minutes": minutes_id})
    session.info[MOMENT] = at
    record_with(session, [(act, row.hex) for act, row in sorted(acts, key=lambda pair: _ORDER.index(pair[0]))])
    session.info[MOMENT] = at  # of what the same transaction may still write


_MINUTES = bindparam("minutes", type_=Uuid())
_OWN_GRANTS = select(Grant.id).where(Grant.minutes_id == _MINUTES)
_OWN_AWARDS = select(Award.id).where(Award.completed_by.in_(_OWN_GRANTS))
_WRITTEN: tuple[tuple[Any, ColumnElement[bool]], ...] = (
    (Minutes, Minutes.id == _MINUTES),
    (RecordedDecision, RecordedDecision.minutes_id == _MINUTES),
    (RecordedFinding, RecordedFinding.minutes_id == _MINUTES),
    (Grant, Grant.minutes_id == _MINUTES),
    (Award, Award.completed_by.in_(_OWN_GRANTS)),
    (Certificate, or_(Certificate.grant_id.in_(_OWN_GRANTS), Certificate.award_id.in_(_OWN_AWARDS))),
)
_ORDER = [record_type_of(table.__tablename__) for table, _ in _WRITTEN]
_ACTS = union_all(
    *(select(literal(record_type_of(table.__tablename__)), table.id).where(own) for table, own in _WRITTEN)
)
