"""The conversation about a competency: marks and remarks, in the order in which they were made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.account.models import Person
from portfolio.candidacy.models import Candidacy, candidacy_block
from portfolio.certification.models import Competency
from portfolio.review.models import Mark, Remark
from portfolio.review.rules import MarkValue


@dataclass(frozen=True)
class RemarkView:
    """A sentence of the candidate or of an advisor about a competency."""

    author_name: str
    by_candidate: bool
    text: str
    said_at: datetime


@dataclass(frozen=True)
class Conversation:
    """A competency and all that was said about it."""

    candidacy_id: UUID
    competency: Competency
    advisor: str | None
    thread: list[ThreadEntry]


@dataclass(frozen=True)
class ThreadEntry:
    """A remark, or a mark with its comment, where it falls in the conversation."""

    author_name: str
    by_candidate: bool
    text: str
    at: datetime
    mark: MarkValue | None = None


def remarks_of(session: Session, candidacy_id: UUID, competency_id: UUID) -> list[RemarkView]:
    """Answer the remarks about a competency, the oldest first, in one query."""
    rows = session.execute(
        select(Remark, Candidacy.candidate_id)
        .join(Candidacy, Candidacy.id == Remark.candidacy_id)
        .where(Remark.candidacy_id == candidacy_id, Remark.competency_id == competency_id)
        .order_by(Remark.said_at, Remark.id)
        .options(joinedload(Remark.author))
    )
    return [RemarkView(one.author.name, one.author_id == candidate, one.text, one.said_at) for one, candidate in rows]


def thread_of(session: Session, candidacy_id: UUID, competency_id: UUID) -> list[ThreadEntry]:
    """Answer all that candidate and advisor said about a competency, marks included, the oldest first, in two queries."""
    marks = session.scalars(
        select(Mark)
        .where(Mark.candidacy_id == candidacy_id, Mark.competency_id == competency_id)
        .order_by(Mark.seq)
        .options(joinedload(Mark.advisor))
    )
    told = [ThreadEntry(mark.advisor.name, False, mark.comment, mark.made_at, mark.value) for mark in marks]
    remarks = remarks_of(session, candidacy_id, competency_id)
    told += [ThreadEntry(one.author_name, one.by_candidate, one.text, one.said_at) for one in remarks]
    return sorted(told, key=lambda entry: entry.at)


def waiting_words(session: Session, candidacy_id: UUID) -> set[UUID]:
    """Answer the competencies on which an advisor spoke last, in one query: their candidate has not answered yet.

    Only messages count: a mark is told by the matrix and by the next action.
    """
    rows = session.execute(
        select(Remark.competency_id, Remark.author_id == Candidacy.candidate_id)
        .join(Candidacy, Candidacy.id == Remark.candidacy_id)
        .where(Remark.candidacy_id == candidacy_id)
        .order_by(Remark.said_at, Remark.id)
    )
    last: dict[UUID, bool] = {row[0]: row[1] for row in rows}
    return {competency_id for competency_id, by_candidate in last.items() if not by_candidate}


def find_conversation(session: Session, candidacy_id: UUID, competency_id: UUID) -> Conversation | None:
    """Answer the conversation about a competency in the scope of a candidacy, or None."""
    row = session.execute(
        select(Competency, Person.name)
        .join(candidacy_block, candidacy_block.c.block_id == Competency.block_id)
        .join(Candidacy, Candidacy.id == candidacy_block.c.candidacy_id)
        .outerjoin(Person, Person.id == Candidacy.advisor_id)
        .where(Candidacy.id == candidacy_id, Competency.id == competency_id)
        .options(joinedload(Competency.block))
    ).first()
    if row is None:
        return None
    return Conversation(candidacy_id, row[0], row[1], thread_of(session, candidacy_id, competency_id))
