"""What a person has not read yet in the conversations that are theirs: as a candidate, words and marks; as an advisor, words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from portfolio.candidacy.models import Candidacy
from portfolio.review.models import Mark, Remark, ThreadReading
from portfolio.review.rules import Unread


def unread_of(session: Session, candidacy_ids: Collection[UUID], reader: UUID) -> Mapping[UUID, dict[UUID, Unread]]:
    """Answer what this person has not read, by candidacy and competency, in one query whatever their number."""
    if not candidacy_ids:
        return {}
    told = union_all(
        _columns(Remark, Remark.said_at, "message", _remarks(reader).where(Remark.candidacy_id.in_(candidacy_ids))),
        _columns(Mark, Mark.made_at, "mark", _marks(reader).where(Mark.candidacy_id.in_(candidacy_ids))),
    ).subquery()
    kinds = told.c.candidacy_id, told.c.competency_id, told.c.kind
    rows = select(*kinds, func.count(), func.min(told.c.moment)).group_by(*kinds)
    found: defaultdict[UUID, dict[UUID, Unread]] = defaultdict(dict)
    for candidacy_id, competency_id, kind, count, since in session.execute(rows):
        before = found[candidacy_id].get(competency_id, Unread(0, 0, since))
        messages, marks = (count, before.marks) if kind == "message" else (before.messages, count)
        found[candidacy_id][competency_id] = Unread(messages, marks, min(since, before.since))
    return found


def unread_as_candidate(reader: UUID) -> ScalarSelect[int]:
    """How much the person has not read in their own dossiers, as a column of a larger query."""
    remarks, marks = _remarks(reader).where(Candidacy.candidate_id == reader), _marks(reader)
    return _counted(remarks) + _counted(marks)  # type: ignore[return-value]


def unread_as_advisor(reader: UUID) -> ScalarSelect[int]:
    """How many messages of those they accompany the person has not read, as a column of a larger query."""
    return _counted(_remarks(reader).where(Candidacy.advisor_id == reader))


def _counted(rows: Select[Any]) -> ScalarSelect[int]:
    return rows.with_only_columns(func.count()).scalar_subquery()


def _columns(table: Any, moment: Any, kind: str, rows: Select[Any]) -> Select[Any]:
    named = table.candidacy_id.label("candidacy_id"), table.competency_id.label("competency_id")
    return rows.with_only_columns(*named, literal(kind).label("kind"), moment.label("moment"))


def _remarks(reader: UUID) -> Select[Any]:
    """Words of the other one: of the advisors when the reader is the candidate, of the candidate when they advise."""
    mine = (Candidacy.candidate_id == reader) & (Remark.author_id != reader)
    theirs = (Candidacy.advisor_id == reader) & (Remark.author_id == Candidacy.candidate_id)
    return _after_reading(Remark, Remark.said_at, reader).where(mine | theirs, Remark.withdrawn_at.is_(None))


def _marks(reader: UUID) -> Select[Any]:
    """Marks are news to the candidate alone."""
    return _after_reading(Mark, Mark.made_at, reader).where(Candidacy.candidate_id == reader)


def _after_reading(table: Any, moment: Any, reader: UUID) -> Select[Any]:
    read = (
        (ThreadReading.candidacy_id == table.candidacy_id)
        & (ThreadReading.competency_id == table.competency_id)
        & (ThreadReading.person_id == reader)
    )
    return (
        select(table)
        .join(Candidacy, Candidacy.id == table.candidacy_id)
        .outerjoin(ThreadReading, read)
        .where(ThreadReading.read_until.is_(None) | (moment > ThreadReading.read_until))
    )
