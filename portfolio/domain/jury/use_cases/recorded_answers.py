"""The answers of the predicates as closed minutes record them: a later change of the rules does not change
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.jury.models.minutes import Minutes
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.rules.answer_records import answer_from_record
from portfolio.domain.jury.rules.composition import JURY_ARTICLE, PathValue, PredicateAnswer, common_path
from portfolio.domain.jury.use_cases.loaders import OF_THE_DAY, answers_for
from portfolio.domain.submission.models import Submission

Answers = tuple[PredicateAnswer, ...]


def find_recorded_answers(session: Session, hearing_id: UUID) -> Answers | None:
    """Return what the minutes of a hearing record; None while they are not closed."""
    record = session.scalar(select(Minutes.composition).where(Minutes.hearing_id == hearing_id))
    return None if record is None else answers_in(record)


def answers_in(record: Mapping[str, Any]) -> Answers:
    """Return the answers that a composition recorded at closing holds."""
    return tuple(answer_from_record(each) for each in record["predicates"])


def last_composition() -> ScalarSelect[Mapping[str, Any]]:
    """Return what the last minutes of the session of the row record, once none of its hearings is open, as a
    column.
    """
    still_open = aliased(Hearing)
    is_open = exists().where(still_open.session_id == JurySession.id, still_open.closed_at.is_(None))
    return (
        select(Minutes.composition)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .where(Hearing.session_id == JurySession.id, Minutes.void_reason.is_(None), ~is_open)
        .where(Hearing.is_void.is_not(True))
        .order_by(Minutes.closed_at.desc(), Minutes.id.desc())
        .limit(1)
        .correlate(JurySession)
        .scalar_subquery()
    )


def binds_one() -> ScalarSelect[bool | None]:
    """Return whether D6412-6 binds the path of a candidate of the session of the row, as a column; None while
    no candidate is listed.
    """
    binds = and_(
        Candidacy.route == Route.VAE,
        Candidacy.regime == Regime.FRANCE_VAE,
        Candidacy.admissible_on >= JURY_ARTICLE.binds_from,
    )
    return (
        select(func.max(case((binds, 1), else_=0)))
        .select_from(Hearing)
        .join(Submission, Submission.id == Hearing.submission_id)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
        .where(Hearing.session_id == JurySession.id)
        .correlate(JurySession)
        .scalar_subquery()
    )


def answers_of(jury: JurySession, composition: Mapping[str, Any] | None, is_bound: bool | None) -> Answers:
    """Return what a session answers: now while a hearing may come, as its last minutes record once all are
    closed.

    `composition`, `is_bound`: the columns of `last_composition` and of `binds_one`.
    """
    if composition is not None:
        return _of_session(composition)
    listed = [] if is_bound is None else [PathValue(jury.route or Route.VAE, bool(is_bound))]
    return answers_for(jury, common_path(listed, jury.route))


def _of_session(record: Mapping[str, Any]) -> Answers:
    return tuple(
        predicate_answer for predicate_answer in answers_in(record) if predicate_answer.id not in OF_THE_DAY
    )
