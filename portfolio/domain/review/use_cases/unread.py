"""Unread messages and reviews of a person, as candidate or as advisor."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from portfolio.db.engine import fetch_rows
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.dossier.models.dossier import CoverageReview
from portfolio.domain.review.models import Message, ThreadReadMarker
from portfolio.domain.review.rules.messages import Unread

# A person, or a column of a larger query that stands for them.
Who = UUID | ColumnElement[UUID] | InstrumentedAttribute[UUID]
# Who is told: the candidate, of what their advisors say and think; the advisor, of what their candidate says.
TO_CANDIDATE, TO_ADVISOR = Candidacy.candidate_id, Candidacy.advisor_id

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class UnreadSummary:
    """Unread messages that wait for one person in one of their parts, in how many dossiers, and the moment of the
    newest.
    """

    messages: int = 0
    marks: int = 0
    dossiers: int = 0
    newest: datetime = NEVER


def load_unread(session: Session, candidacy_ids: Collection[UUID], reader: UUID) -> Mapping[UUID, dict[UUID, Unread]]:
    """Answer what this person has not read, by candidacy and competency, in one query whatever their number."""
    if not candidacy_ids:
        return {}
    asked = {"reader": reader, "candidacies": candidacy_ids}
    found: defaultdict[UUID, dict[UUID, Unread]] = defaultdict(dict)
    for candidacy_id, competency_id, kind, count, since in fetch_rows(session, _UNREAD, asked):
        before = found[candidacy_id].get(competency_id, Unread(0, 0, since))
        messages, marks = (count, before.marks) if kind == "message" else (before.messages, count)
        found[candidacy_id][competency_id] = Unread(messages, marks, min(since, before.since))
    return found


def load_unread_before(session: Session, until: datetime) -> Mapping[UUID, dict[str, UnreadSummary]]:
    """Answer what was said before this moment and not read, by person and by what they are there, in one query."""
    messages = union_all(*(rows for _, rows in _everything())).subquery()
    parts = messages.c.person_id, messages.c.part
    is_message = messages.c.kind == "message"
    rows = (
        select(
            *parts,
            func.count().filter(is_message),
            func.count().filter(~is_message),
            func.count(messages.c.candidacy_id.distinct()),
            func.max(messages.c.moment),
        )
        .where(messages.c.moment < until)
        .group_by(*parts)
    )
    found: defaultdict[UUID, dict[str, UnreadSummary]] = defaultdict(dict)
    for person_id, part, *counts in session.execute(rows):
        found[person_id][part] = UnreadSummary(*counts)
    return found


def unread_as_candidate(reader: Who) -> ColumnElement[int]:
    """Return, as a column of a larger query, how much the person has not read in their own dossiers."""
    return _counted(_messages_to_candidate(), TO_CANDIDATE, reader) + _counted(_marks(), TO_CANDIDATE, reader)


def unread_as_advisor(reader: Who) -> ColumnElement[int]:
    """Return, as a column of a larger query, how many messages of those they accompany the person has not read."""
    return _counted(_messages_to_advisor(), TO_ADVISOR, reader)


def _counted(rows: Select[Any], person: Any, reader: Who) -> ColumnElement[int]:
    return rows.where(person == reader).with_only_columns(func.count()).scalar_subquery()


def _everything() -> list[tuple[Any, Select[Any]]]:
    """Each kind of news: the column of the person it is for, and its rows."""
    return [
        (TO_CANDIDATE, _columns(_messages_to_candidate(), Message, Message.sent_at, TO_CANDIDATE, "message")),
        (TO_CANDIDATE, _columns(_marks(), CoverageReview, CoverageReview.created_at, TO_CANDIDATE, "mark")),
        (TO_ADVISOR, _columns(_messages_to_advisor(), Message, Message.sent_at, TO_ADVISOR, "message")),
    ]


def _columns(rows: Select[Any], table: Any, moment: Any, person: Any, kind: str) -> Select[Any]:
    return rows.with_only_columns(
        person.label("person_id"),
        literal("candidate" if person is TO_CANDIDATE else "advisor").label("part"),
        table.candidacy_id.label("candidacy_id"),
        table.competency_id.label("competency_id"),
        literal(kind).label("kind"),
        moment.label("moment"),
    )


def _messages_to_candidate() -> Select[Any]:
    rows = _after_reading(Message, Message.sent_at, TO_CANDIDATE)
    return rows.where(Message.author_id != Candidacy.candidate_id, Message.withdrawn_at.is_(None))


def _messages_to_advisor() -> Select[Any]:
    rows = _after_reading(Message, Message.sent_at, TO_ADVISOR)
    return rows.where(
        TO_ADVISOR.is_not(None), Message.author_id == Candidacy.candidate_id, Message.withdrawn_at.is_(None)
    )


def _marks() -> Select[Any]:
    return _after_reading(CoverageReview, CoverageReview.created_at, TO_CANDIDATE)


def _after_reading(table: Any, moment: Any, reader: Any) -> Select[Any]:
    read = (
        (ThreadReadMarker.candidacy_id == table.candidacy_id)
        & (ThreadReadMarker.competency_id == table.competency_id)
        & (ThreadReadMarker.person_id == reader)
    )
    return (
        select(table)
        .join(Candidacy, Candidacy.id == table.candidacy_id)
        .outerjoin(ThreadReadMarker, read)
        .where(ThreadReadMarker.read_until.is_(None) | (moment > ThreadReadMarker.read_until))
    )


def _unread() -> Select[Any]:
    reader: Any = bindparam("reader")
    asked: Any = bindparam("candidacies", expanding=True)
    messages = union_all(
        *(rows.where(person == reader, Candidacy.id.in_(asked)) for person, rows in _everything())
    ).subquery()
    kinds = messages.c.candidacy_id, messages.c.competency_id, messages.c.kind
    return select(*kinds, func.count(), func.min(messages.c.moment)).group_by(*kinds)


# Asked at every page of a dossier, so built once.
_UNREAD = _unread()
