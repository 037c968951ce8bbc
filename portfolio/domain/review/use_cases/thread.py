"""The conversation about a competency: marks and remarks, in the order in which they were made.

Private notes of an advisor: only their author reads and writes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, select
from sqlalchemy.orm import Session, joinedload

from portfolio.db.engine import insert_if_absent, new_id
from portfolio.db.together import side_by_side
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, advisor_display_name, candidacy_block, candidate_display_name
from portfolio.domain.certification.models import Competency
from portfolio.domain.dossier.models.dossier import CoverageReview
from portfolio.domain.dossier.rules.assessment import Assessment, ReviewRefusal
from portfolio.domain.review.models import Message, PrivateNote, ThreadReadMarker
from portfolio.domain.review.rules.messages import ConversationEntry, prevents_change
from portfolio.domain.review.use_cases.assessments import block_in_scope
from portfolio.domain.review.use_cases.display_names import load_display_names
from portfolio.errors import Conflict, Refusal


@dataclass(frozen=True)
class ThreadEntry:
    """A remark, or a mark with its comment, where it falls in the conversation, as one reader sees it.

    `mine`: the reader said it; `may_change`: and can still correct it; `is_new`: they have not read it yet.
    """

    author_name: str
    by_candidate: bool
    text: str
    at: datetime
    mark: Assessment | None = None
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
class OwnMessage:
    """A remark that its author may want to change, and the conversation it stands in."""

    remark: Message
    entry: ThreadEntry
    conversation: Conversation


@dataclass(frozen=True)
class _Reader:
    """Person who reads, whether they are the candidate, and up to when they have read."""

    id: UUID
    is_candidate: bool
    read_until: datetime | None

    def finds_new(self, moment: datetime, by_candidate: bool) -> bool:
        """Return whether words of the other side were said after the last reading."""
        return by_candidate != self.is_candidate and (self.read_until is None or moment > self.read_until)


def load_thread(session: Session, candidacy_id: UUID, competency_id: UUID, reader: UUID) -> list[ThreadEntry]:
    """Return all that candidate and advisor said about a competency, marks included, the oldest first, in
    two queries.
    """
    asked = {"candidacy": candidacy_id, "competency": competency_id, "reader": reader}
    said = session.execute(_said(), asked).all()
    # A row for each kind of what is said, without anything when nothing is.
    candidate = said[0].candidate_id
    eyes = _Reader(reader, candidate == reader, said[0].read_until)
    remarks = [row.Message for row in said if row.Message]
    marks = [row.CoverageReview for row in said if row.CoverageReview]
    entries = [ConversationEntry(mark.advisor_id, mark.created_at) for mark in marks]
    entries += [
        ConversationEntry(remark.author_id, remark.sent_at, withdrawn=remark.withdrawn_at is not None)
        for remark in remarks
    ]
    names = load_display_names(session, candidacy_id)
    thread = [_entry_of_review(mark, names.get(mark.advisor_id, mark.advisor.name), eyes) for mark in marks]
    thread += [
        _entry_of_message(remark, names.get(remark.author_id, remark.author.name), candidate, entries, eyes)
        for remark in remarks
    ]
    return sorted(thread, key=lambda entry: (entry.at, str(entry.id)))


@cache
def _said() -> Select[*tuple[Any, ...]]:
    def here(table: type[Message | CoverageReview | ThreadReadMarker]) -> ColumnElement[bool]:
        return and_(table.candidacy_id == Candidacy.id, table.competency_id == bindparam("competency"))

    return (
        side_by_side(Candidacy, (Message, here(Message)), (CoverageReview, here(CoverageReview)))
        .add_columns(Candidacy.candidate_id, ThreadReadMarker.read_until)
        .outerjoin(ThreadReadMarker, here(ThreadReadMarker) & (ThreadReadMarker.person_id == bindparam("reader")))
        .where(Candidacy.id == bindparam("candidacy"))
        .options(joinedload(Message.author), joinedload(CoverageReview.advisor))
    )


def _entry_of_review(mark: CoverageReview, name: str, eyes: _Reader) -> ThreadEntry:
    mine, new = mark.advisor_id == eyes.id, eyes.finds_new(mark.created_at, by_candidate=False)
    return ThreadEntry(name, False, mark.comment, mark.created_at, mark.value, mine=mine, is_new=new)


def _entry_of_message(
    message: Message, name: str, candidate: UUID, entries: Sequence[ConversationEntry], eyes: _Reader
) -> ThreadEntry:
    withdrawn, by_candidate = message.withdrawn_at is not None, message.author_id == candidate
    own = ConversationEntry(message.author_id, message.sent_at, withdrawn=withdrawn)
    return ThreadEntry(
        name,
        by_candidate,
        message.text,
        message.sent_at,
        id=message.id,
        changed_at=message.changed_at,
        withdrawn=withdrawn,
        mine=message.author_id == eyes.id,
        may_change=prevents_change(own, entries, eyes.id) is None,
        is_new=not withdrawn and eyes.finds_new(message.sent_at, by_candidate),
    )


def find_conversation(session: Session, candidacy_id: UUID, competency_id: UUID, reader: UUID) -> Conversation | None:
    """Return the conversation about a competency in the scope of a candidacy, or None."""
    advisor = (
        select(advisor_display_name(Person))
        .where(Person.id == Candidacy.advisor_id)
        .correlate(Candidacy)
        .scalar_subquery()
    )
    row = session.execute(
        select(Competency, candidate_display_name(Person), advisor)
        .join(candidacy_block, candidacy_block.c.block_id == Competency.block_id)
        .join(Candidacy, Candidacy.id == candidacy_block.c.candidacy_id)
        .join(Candidacy.candidate)
        .where(Candidacy.id == candidacy_id, Competency.id == competency_id)
        .options(joinedload(Competency.block))
    ).first()
    if row is None:
        return None
    competency, candidate, advised_by = row
    return Conversation(
        candidacy_id, competency, candidate, advised_by, load_thread(session, candidacy_id, competency_id, reader)
    )


def find_own_message(session: Session, candidacy_id: UUID, remark_id: UUID, reader: UUID) -> OwnMessage | None:
    """Return a remark of this candidacy as its reader sees it, with the conversation around it, or None."""
    remark = session.get(Message, remark_id)
    if remark is None or remark.candidacy_id != candidacy_id:
        return None
    conversation = find_conversation(session, candidacy_id, remark.competency_id, reader)
    if conversation is None:
        return None
    return OwnMessage(
        remark, next(thread_entry for thread_entry in conversation.thread if thread_entry.id == remark_id), conversation
    )


def save_note(
    session: Session, candidacy_id: UUID, competency_id: UUID, text: str, revision: int, *, by: UUID, at: datetime
) -> int:
    """Keep the advisor's note and answer its new revision (0: nothing was ever written); the same text changes nothing.

    Raises Refusal (not their candidacy, out of scope), Conflict when another revision was saved since.
    """
    if session.get_one(Candidacy, candidacy_id).advisor_id != by:
        raise Refusal(ReviewRefusal.NOT_THE_ADVISOR)
    block_in_scope(session, candidacy_id, competency_id)
    keys = {"candidacy_id": candidacy_id, "competency_id": competency_id, "author_id": by}
    if (
        revision == 0
        and text
        and insert_if_absent(session, PrivateNote, tuple(keys), id=new_id(), **keys, text=text, changed_at=at)
    ):
        record_event(session, "private_note_saved", ("candidacy", candidacy_id), by=by, at=at, competency=competency_id)
        return 1
    found = session.scalar(_note_of(candidacy_id, competency_id, by).with_for_update())
    if found is None:
        return 0
    if found.text == text:
        return found.revision
    if found.revision != revision:
        raise Conflict({"note": found.text}, found.revision)
    found.text, found.changed_at = text, at
    found.revision += 1
    record_event(session, "private_note_saved", ("candidacy", candidacy_id), by=by, at=at, competency=competency_id)
    return found.revision


def _note_of(candidacy_id: UUID, competency_id: UUID, author: UUID) -> Select[PrivateNote]:
    return select(PrivateNote).where(
        PrivateNote.candidacy_id == candidacy_id,
        PrivateNote.competency_id == competency_id,
        PrivateNote.author_id == author,
    )
