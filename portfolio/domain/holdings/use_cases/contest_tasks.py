"""Tasks of a body from appeals and decisions of two members: whether there is any, and which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.holdings.models.contests import (
    Appeal,
    AppealAnswer,
    AppealGrantProposal,
    StatusChangeProposal,
)
from portfolio.domain.holdings.models.events import Acquisition
from portfolio.domain.holdings.models.grants import Certificate, Grant, is_latest
from portfolio.domain.holdings.rules.contests import AppealState, appeal_state, lapses_by_silence
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.submission.models import Submission

# The page names so many of each, the oldest first.
LIMIT = 20


@dataclass(frozen=True, slots=True)
class ContestTask:
    """An appeal to answer, or a decision that waits for a second member: for whom, since and by when, where.

    `where` is the hearing of an appeal, or the candidacy of a certificate.
    """

    candidate: str
    since: date
    where: UUID
    is_proposal: bool
    until: date | None = None
    certificate: str = ""
    proposed_by: UUID | None = None


def any_appeal(body: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Return whether an appeal of a body waits for an answer, as a column."""
    return _unanswered(body).with_only_columns(Appeal.id).exists()


def any_proposal(body: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Return whether a decision on a certificate of a body waits for a second member, as a column."""
    return _proposed(body).with_only_columns(Grant.id).exists()


def list_appeals(session: Session, body_id: UUID, today: date) -> Iterator[ContestTask]:
    """Yield the appeals of a body that wait for an answer, or whose grant waits for a second member."""
    pending = (AppealGrantProposal.appeal_id == Appeal.id) & AppealGrantProposal.closed_at.is_(None)
    query: Select[*tuple[Any, ...]] = (
        _unanswered(body_id)
        .outerjoin(AppealGrantProposal, pending)
        .with_only_columns(
            *(Appeal, AppealGrantProposal.proposed_at, AppealGrantProposal.proposed_by),
            *(Minutes.hearing_id, candidate_display_name(Person)),
        )
        .order_by(Appeal.received_on, Appeal.id)
    )
    for appeal, proposed_at, by, hearing_id, candidate in session.execute(query):
        if proposed_at is not None:
            yield ContestTask(candidate, day_of(proposed_at), hearing_id, True, proposed_by=by)
        elif appeal_state(appeal.kind, appeal.answer_by, None, today) is AppealState.WAITING:
            until = appeal.answer_by if lapses_by_silence(appeal.kind) else None
            yield ContestTask(candidate, appeal.received_on, hearing_id, False, until)


def list_proposals(session: Session, body_id: UUID) -> Iterator[ContestTask]:
    """Yield the decisions on certificates of a body that wait for a second member, the oldest first."""
    # A block is granted by a jury, or by what was acquired elsewhere.
    granted_under = func.coalesce(Submission.candidacy_id, Acquisition.candidacy_id)
    query: Select[*tuple[Any, ...]] = (
        _proposed(body_id)
        .outerjoin(Minutes, Minutes.id == Grant.minutes_id)
        .outerjoin(Hearing, Hearing.id == Minutes.hearing_id)
        .outerjoin(Submission, Submission.id == Hearing.submission_id)
        .outerjoin(Acquisition, Acquisition.id == Grant.acquisition_id)
        .join(Candidacy, Candidacy.id == granted_under)
        .join(Person, Person.id == Candidacy.candidate_id)
        .with_only_columns(
            *(candidate_display_name(Person), StatusChangeProposal.proposed_at, Candidacy.id),
            *(Certificate.number, StatusChangeProposal.proposed_by),
        )
        .order_by(StatusChangeProposal.proposed_at)
        .limit(LIMIT)
    )
    for candidate, proposed_at, candidacy_id, number, by in session.execute(query):
        since = day_of(proposed_at)
        yield ContestTask(candidate, since, candidacy_id, True, certificate=number, proposed_by=by)


Body = UUID | ColumnElement[UUID]


def _unanswered(body: Body) -> Select[*tuple[Any, ...]]:
    answered = exists().where(AppealAnswer.appeal_id == Appeal.id)
    return (
        select(Appeal)
        .join(Minutes, Minutes.id == Appeal.minutes_id)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
        .join(Person, Person.id == Candidacy.candidate_id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Certification.body_id == body, ~answered)
    )


def _proposed(body: Body) -> Select[*tuple[Any, ...]]:
    return (
        select(Grant, StatusChangeProposal.proposed_at, Certificate.number)
        .join(Grant, Grant.id == StatusChangeProposal.grant_id)
        .join(Certificate, Certificate.grant_id == Grant.id)
        .join(Block, Block.id == Grant.block_id)
        .join(CertificationVersion, CertificationVersion.id == Block.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Certification.body_id == body, StatusChangeProposal.closed_at.is_(None), is_latest())
    )
