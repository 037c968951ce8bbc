"""The conversation about a competency: marks and remarks, in the order in which they were made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.account.models import Person
from portfolio.candidacy.models import Candidacy, candidacy_block, named_advisor, named_candidate
from portfolio.certification.models import Competency
from portfolio.review.models import Mark, Remark, ThreadReading
from portfolio.review.rules import MarkValue, Said, prevents_change
from portfolio.review.services.speakers import speakers_of


@dataclass(frozen=True)
class ThreadEntry:
    """A remark, or a mark with its comment, where it falls in the conversation, as one reader sees it.

    `mine`: the reader said it; `may_change`: and can still correct it; `is_new`: they have not read it yet.
    """

    author_name: str
    by_candidate: bool
    text: str
    at: datetime
    mark: MarkValue | None = None
    id: UUID | None = None
    changed_at: datetime | None = None
    withdrawn: bool = False
    mine: bool = False
    may_change: bool = False
    is_new: bool = False


@dataclass(frozen=True)
class Conversation:
    """A competency and all that was said about it."""

    candidacy_id: UUID
    competency: Competency
    candidate: str
    advisor: str | None
    thread: Sequence[ThreadEntry]


@dataclass(frozen=True)
class OwnRemark:
    """A remark that its author may want to change, and the conversation it stands in."""

    remark: Remark
    entry: ThreadEntry
    conversation: Conversation


@dataclass(frozen=True)
class _Reader:
    """Who reads, whether they are the candidate, and up to when they have read."""

    id: UUID
    is_candidate: bool
    read_until: datetime | None

    def finds_new(self, moment: datetime, by_candidate: bool) -> bool:
        """Whether words of the other side were said after the last reading."""
        return by_candidate != self.is_candidate and (self.read_until is None or moment > self.read_until)


def thread_of(session: Session, candidacy_id: UUID, competency_id: UUID, reader: UUID) -> list[ThreadEntry]:
    """Answer all that candidate and advisor said about a competency, marks included, the oldest first, in four queries."""
    candidate, eyes = _reader(session, candidacy_id, competency_id, reader)
    here = Remark.candidacy_id == candidacy_id, Remark.competency_id == competency_id
    remarks = session.scalars(select(Remark).where(*here).options(joinedload(Remark.author))).all()
    here = Mark.candidacy_id == candidacy_id, Mark.competency_id == competency_id
    marks = session.scalars(select(Mark).where(*here).options(joinedload(Mark.advisor))).all()
    said = [Said(mark.advisor_id, mark.made_at) for mark in marks]
    said += [Said(one.author_id, one.said_at, withdrawn=one.withdrawn_at is not None) for one in remarks]
    names = speakers_of(session, candidacy_id)
    told = [_of_mark(mark, names.get(mark.advisor_id, mark.advisor.name), eyes) for mark in marks]
    told += [_of_remark(one, names.get(one.author_id, one.author.name), candidate, said, eyes) for one in remarks]
    return sorted(told, key=lambda entry: (entry.at, str(entry.id)))


def _reader(session: Session, candidacy_id: UUID, competency_id: UUID, reader: UUID) -> tuple[UUID, _Reader]:
    read = (
        (ThreadReading.candidacy_id == Candidacy.id)
        & (ThreadReading.competency_id == competency_id)
        & (ThreadReading.person_id == reader)
    )
    rows = select(Candidacy.candidate_id, ThreadReading.read_until).outerjoin(ThreadReading, read)
    candidate, until = session.execute(rows.where(Candidacy.id == candidacy_id)).one()
    return candidate, _Reader(reader, candidate == reader, until)


def _of_mark(mark: Mark, name: str, eyes: _Reader) -> ThreadEntry:
    mine, new = mark.advisor_id == eyes.id, eyes.finds_new(mark.made_at, by_candidate=False)
    return ThreadEntry(name, False, mark.comment, mark.made_at, mark.value, mine=mine, is_new=new)


def _of_remark(one: Remark, name: str, candidate: UUID, said: Sequence[Said], eyes: _Reader) -> ThreadEntry:
    withdrawn, by_candidate = one.withdrawn_at is not None, one.author_id == candidate
    own = Said(one.author_id, one.said_at, withdrawn=withdrawn)
    return ThreadEntry(
        name,
        by_candidate,
        one.text,
        one.said_at,
        id=one.id,
        changed_at=one.changed_at,
        withdrawn=withdrawn,
        mine=one.author_id == eyes.id,
        may_change=prevents_change(own, said, eyes.id) is None,
        is_new=not withdrawn and eyes.finds_new(one.said_at, by_candidate),
    )


def find_conversation(session: Session, candidacy_id: UUID, competency_id: UUID, reader: UUID) -> Conversation | None:
    """Answer the conversation about a competency in the scope of a candidacy, or None."""
    advisor = select(named_advisor(Person)).where(Person.id == Candidacy.advisor_id).correlate(Candidacy).scalar_subquery()
    row = session.execute(
        select(Competency, named_candidate(Person), advisor)
        .join(candidacy_block, candidacy_block.c.block_id == Competency.block_id)
        .join(Candidacy, Candidacy.id == candidacy_block.c.candidacy_id)
        .join(Person, Person.id == Candidacy.candidate_id)
        .where(Candidacy.id == candidacy_id, Competency.id == competency_id)
        .options(joinedload(Competency.block))
    ).first()
    if row is None:
        return None
    competency, candidate, advised_by = row
    return Conversation(candidacy_id, competency, candidate, advised_by, thread_of(session, candidacy_id, competency_id, reader))


def find_own_remark(session: Session, candidacy_id: UUID, remark_id: UUID, reader: UUID) -> OwnRemark | None:
    """Answer a remark of this candidacy as its reader sees it, with the conversation around it, or None."""
    remark = session.get(Remark, remark_id)
    if remark is None or remark.candidacy_id != candidacy_id:
        return None
    conversation = find_conversation(session, candidacy_id, remark.competency_id, reader)
    if conversation is None:
        return None
    return OwnRemark(remark, next(one for one in conversation.thread if one.id == remark_id), conversation)
