"""The answers of the predicates as closed minutes record them: a later change of the rules does not change
them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.jury.models.minutes import Minutes
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.rules.answer_records import answer_from_record
from portfolio.domain.jury.rules.composition import PredicateAnswer
from portfolio.domain.jury.use_cases.loaders import OF_THE_DAY, answers_for

Answers = tuple[PredicateAnswer, ...]


def find_recorded_answers(session: Session, hearing_id: UUID) -> Answers | None:
    """Return what the minutes of a hearing record; None while they are not closed."""
    record = session.scalar(select(Minutes.composition).where(Minutes.hearing_id == hearing_id))
    return None if record is None else answers_in(record)


def answers_in(record: Mapping[str, Any]) -> Answers:
    """Return the answers that a composition recorded at closing holds."""
    return tuple(answer_from_record(each) for each in record["predicates"])


def answers_by_session(session: Session, juries: Collection[JurySession]) -> dict[UUID, Answers]:
    """Return what each session answers: now while a hearing may come, as its last minutes record once all are
    closed.
    """
    over = [jury.id for jury in juries if _is_over(jury)]
    query = (
        select(Hearing.session_id, Minutes.composition)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
        .where(Hearing.session_id.in_(over), Minutes.void_reason.is_(None))
        .order_by(Minutes.closed_at, Minutes.id)
    )
    records = {row.session_id: row.composition for row in session.execute(query)} if over else {}
    return {
        jury.id: _of_session(records[jury.id]) if jury.id in records else answers_for(jury) for jury in juries
    }


def _is_over(jury: JurySession) -> bool:
    closed = [hearing for hearing in jury.hearings if hearing.closed_at is not None and not hearing.voided]
    return bool(closed) and all(hearing.closed_at is not None for hearing in jury.hearings)


def _of_session(record: Mapping[str, Any]) -> Answers:
    return tuple(
        predicate_answer for predicate_answer in answers_in(record) if predicate_answer.id not in OF_THE_DAY
    )
