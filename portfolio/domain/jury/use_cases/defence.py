"""The defence of a candidate before the jury: how long it lasted, recorded on the hearing and copied into the
minutes.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from portfolio.calendar import day_of
from portfolio.db.engine import new_id
from portfolio.domain.assessment.models import Defence
from portfolio.domain.assessment.rules.plans import DefenceMinutes
from portfolio.domain.assessment.rules.results import AssessmentRefusal
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.ledger.recording import append
from portfolio.domain.submission.models import Submission
from portfolio.errors import Refusal

# Asked at every page and closing of a hearing, so built once.
_later = aliased(Defence)
_CURRENT = select(Defence).where(
    Defence.hearing_id == bindparam("hearing"), ~exists().where(_later.replaces_id == Defence.id)
)


def record_defence(
    session: Session, hearing_id: UUID, lasted: DefenceMinutes, *, by: UUID, at: datetime
) -> Defence:
    """Record how long the defence lasted, or correct what was recorded by a later row; the same durations
    change nothing.

    Raises Refusal: the minutes are closed, the session's day has not come, or the candidate presents a livret
    2.
    """
    hearing = session.get_one(Hearing, hearing_id, with_for_update=True, populate_existing=True)
    if session.get_one(Submission, hearing.submission_id).kind is None:
        raise Refusal(AssessmentRefusal.HAS_DOSSIER)
    if hearing.closed_at is not None:
        raise Refusal(AssessmentRefusal.DEFENCE_CLOSED)
    held_on = session.get_one(JurySession, hearing.session_id).held_on
    if day_of(at) < held_on:
        raise Refusal(AssessmentRefusal.DEFENCE_DAY, day=held_on.isoformat())
    earlier = _current(session, hearing_id)
    if earlier is not None and value_of(earlier) == lasted:
        return earlier
    row = Defence(
        id=new_id(),
        hearing_id=hearing_id,
        presentation_minutes=lasted.presentation,
        questions_minutes=lasted.questions,
        recorded_at=at,
        recorded_by=by,
        replaces_id=earlier.id if earlier else None,
    )
    session.add(row)
    session.flush()
    facts = {"presentation": lasted.presentation, "questions": lasted.questions}
    record_event(session, "defence_recorded", ("hearing", hearing_id), by=by, at=at, **facts)
    append(session, [row], at=at)  # last: it takes the ledger's lock
    return row


def defence_of(session: Session, hearing_id: UUID) -> DefenceMinutes | None:
    """Return how long the defence of a hearing lasted, as it was recorded last; None while it is not."""
    row = _current(session, hearing_id)
    return value_of(row) if row else None


def value_of(row: Defence) -> DefenceMinutes:
    """Return the durations of a row as the rules read them."""
    return DefenceMinutes(row.presentation_minutes, row.questions_minutes)


def _current(session: Session, hearing_id: UUID) -> Defence | None:
    return session.scalar(_CURRENT, {"hearing": hearing_id})
