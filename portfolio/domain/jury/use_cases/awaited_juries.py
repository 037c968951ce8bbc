"""The composition of the jury that a candidacy awaits: what prevents it from deciding, before any minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.composition import PredicateAnswer
from portfolio.domain.jury.use_cases.loaders import load_hearing_state
from portfolio.domain.submission.models import Submission


@dataclass(frozen=True, slots=True)
class AwaitedJury:
    """A hearing whose minutes are open, and the answers that prevent its jury from deciding now (R3)."""

    hearing_id: UUID
    held_on: date
    prevented_by: tuple[PredicateAnswer, ...]


def list_awaited_juries(session: Session, candidacy_id: UUID) -> tuple[AwaitedJury, ...]:
    """Return the open hearings of a candidacy, the earliest day first."""
    query = (
        select(Hearing.id)
        .join(Submission)
        .where(Submission.candidacy_id == candidacy_id, Hearing.closed_at.is_(None))
    )
    found = (_awaited(session, hearing_id) for hearing_id in session.scalars(query).all())
    return tuple(sorted(found, key=lambda jury: (jury.held_on, jury.hearing_id)))


def _awaited(session: Session, hearing_id: UUID) -> AwaitedJury:
    answers = load_hearing_state(session, hearing_id).value.answers
    held_on = session.get_one(Hearing, hearing_id).session.held_on
    return AwaitedJury(hearing_id, held_on, tuple(answer for answer in answers if answer.prevents))
