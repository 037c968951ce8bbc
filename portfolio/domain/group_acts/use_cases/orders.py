"""Order an act for many candidacies, then carry it out one candidacy a transaction: a stop loses nothing and repeats
nothing.

Delete the lines of acts that ended long ago: they lead to people, and say nothing that is not kept elsewhere.

Carry out what waits, one step a transaction, for a bounded time, with room for other writers between two steps.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session, aliased

from portfolio.calendar import day_of
from portfolio.db.engine import Database, new_id, yield_to_writers
from portfolio.domain.account.models import Person
from portfolio.domain.account.throttle import normalise_email
from portfolio.domain.account.use_cases import invite
from portfolio.domain.admissibility.use_cases.opening import assign_advisor
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import (
    Candidacy,
    advisor_display_name,
    candidate_display_name,
    is_closed_candidacy,
    is_erased,
)
from portfolio.domain.candidacy.rules.opening import AdvisorNews, PersonInput, has_livret2
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.candidacy_listing.facts import has_come
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.group_acts.models import BulkOpening, BulkOpeningLine, GroupAct, GroupActLine
from portfolio.domain.group_acts.rules import (
    KEPT_AFTER_END,
    MAX_TRIES,
    GroupActKind,
    LineFacts,
    LineOutcome,
    reason_not_done,
)
from portfolio.errors import Refusal

# So many acts at most in one transaction; each has some hundred lines.
_AT_ONCE = 20
_Act = type[GroupAct] | type[BulkOpening]
_Line = type[GroupActLine] | type[BulkOpeningLine]


def purge_ended(database: Database, at: datetime) -> int:
    """Delete what ended long enough ago, and return how many acts; without one, nothing is locked."""
    return _purge(database, GroupAct, GroupActLine, at) + _purge(database, BulkOpening, BulkOpeningLine, at)


def _purge(database: Database, act: _Act, line: _Line, at: datetime) -> int:
    with database.reader() as session:
        ids = session.scalars(select(act.id).where(act.ended_at <= at - KEPT_AFTER_END)).all()
    for start in range(0, len(ids), _AT_ONCE):
        chunk = ids[start : start + _AT_ONCE]
        with database.transaction() as session:
            of_act = line.act_id if issubclass(line, GroupActLine) else line.opening_id
            session.execute(delete(line).where(of_act.in_(chunk)))
            session.execute(delete(act).where(act.id.in_(chunk)))
        yield_to_writers(database)
    return len(ids)


# One step at a time in a process: threads that take turns would keep other writers out too.
_turn = threading.Lock()


def repeat(database: Database, step: Callable[[], bool], *, seconds: float) -> None:
    """Repeat a step until nothing waits, for some seconds at most; the worker goes on, also where the store stops."""
    until = time.monotonic() + seconds
    with suppress(DBAPIError):
        while time.monotonic() < until and _run(database, step):
            pass


def claim_step(database: Database, step: Callable[[], bool]) -> Callable[[], bool] | None:
    """Return how to run a step; None while another thread runs one."""
    return None if _turn.locked() else partial(_run, database, step)


def _run(database: Database, step: Callable[[], bool]) -> bool:
    with _turn:
        is_more = step()
        if is_more:
            yield_to_writers(database)
    return is_more


log = structlog.get_logger("acquis")


@dataclass(frozen=True, slots=True)
class OrderedAct:
    """Act that is ordered, with the words or the person that it needs."""

    kind: GroupActKind
    subject: str = ""
    text: str = ""
    advisor: PersonInput | None = None


@dataclass(frozen=True, slots=True)
class ChosenCandidacy:
    """A candidacy that an act is ordered for, and why it would not be done for it."""

    id: UUID
    person_id: UUID
    candidate: str
    email: str
    advisor: str | None
    code: str
    reason: LineOutcome | None


def load_chosen(
    session: Session, body_id: UUID, kind: GroupActKind, ids: Sequence[UUID]
) -> tuple[ChosenCandidacy, ...]:
    """Return the candidacies of a body among these, in their order, each with why the act would not be done;
    in one query.
    """
    rows = {row.id: row for row in session.execute(_chosen(body_id).where(Candidacy.id.in_(ids)))}
    seen: set[UUID] = set()
    found = []
    for row in (rows[key] for key in dict.fromkeys(ids) if key in rows):
        facts = LineFacts(row.is_erased, row.is_closed, row.has_come, same_person=row.candidate_id in seen)
        reason = reason_not_done(kind, facts)
        if reason is None:
            seen.add(row.candidate_id)
        found.append(ChosenCandidacy(row.id, row.candidate_id, row.name, row.email, row.advisor, row.code, reason))
    return tuple(found)


def _chosen(body_id: UUID) -> Any:
    candidate, advisor = aliased(Person), aliased(Person)
    return (
        select(
            *(Candidacy.id, Candidacy.candidate_id, candidate_display_name(candidate).label("name"), candidate.email),
            *(advisor_display_name(advisor).label("advisor"), Certification.code),
            *(
                has_come(candidate).label("has_come"),
                is_closed_candidacy().label("is_closed"),
                is_erased().label("is_erased"),
            ),
        )
        .join(candidate, candidate.id == Candidacy.candidate_id)
        .outerjoin(advisor, advisor.id == Candidacy.advisor_id)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(Certification.body_id == body_id)
    )


def order(session: Session, body_id: UUID, ordered: OrderedAct, ids: Sequence[UUID], *, by: UUID, at: datetime) -> UUID:
    """Write the act and a line for each candidacy of the body among these; nothing is carried out yet."""
    chosen = load_chosen(session, body_id, ordered.kind, ids)
    advisor = ordered.advisor or PersonInput("", "")
    act = GroupAct(
        id=new_id(), body_id=body_id, kind=ordered.kind, subject=ordered.subject, text=ordered.text,
        advisor_name=advisor.name, advisor_email=normalise_email(advisor.email), ordered_by=by, ordered_at=at,
    )  # fmt: skip
    session.add(act)
    session.flush()
    session.add_all(GroupActLine(act_id=act.id, candidacy_id=row.id, rank=rank) for rank, row in enumerate(chosen))
    record_event(
        session, "group_act_ordered", ("group_act", act.id), by=by, at=at, kind=ordered.kind, number=len(chosen)
    )
    return act.id


def group_act_due() -> ColumnElement[bool]:
    """Return the condition that an act waits."""
    return exists().where(GroupAct.ended_at.is_(None))


def claim_group_act(database: Database, clock: Callable[[], datetime]) -> Callable[[], bool] | None:
    """Return how to carry out a line of the oldest act that waits; None when none does."""
    with database.reader() as session:
        act_id = session.scalar(
            select(GroupAct.id).where(GroupAct.ended_at.is_(None)).order_by(GroupAct.ordered_at).limit(1)
        )
    return claim_step(database, partial(carry_out_next, database, act_id, at=clock())) if act_id else None


def carry_out(database: Database, act_id: UUID, clock: Callable[[], datetime], *, seconds: float) -> None:
    """Carry out the lines of an act for some seconds at most; the worker goes on with the others, and where
    the store stops.
    """
    repeat(database, lambda: carry_out_next(database, act_id, at=clock()), seconds=seconds)


def carry_out_next(database: Database, act_id: UUID, *, at: datetime) -> bool:
    """Carry out the next line of an act, in a transaction of its own; return whether there was one.

    The row is locked: two workers never do one line twice. A line that fails is tried again, then given up.
    """
    key: UUID | None = None
    try:
        with database.transaction() as session:
            act = session.get_one(GroupAct, act_id)
            line = _next_line(session, act_id)
            if line is None:
                _end(session, act, at)
                return False
            key = line.candidacy_id
            line.outcome, line.refusal = _carry_out(session, act, line, at)
            line.done_at = at
    except OperationalError:  # the store is away or locked: the line waits
        raise
    except Exception as error:
        log.error("group_act_line_failed", act=str(act_id), kind=type(error).__name__, exc_info=True)
        _count_failure(database, act_id, key, at)
    return True


def _next_line(session: Session, act_id: UUID) -> GroupActLine | None:
    waiting = select(GroupActLine).where(GroupActLine.act_id == act_id, GroupActLine.outcome.is_(None))
    return session.scalar(waiting.order_by(GroupActLine.rank).limit(1).with_for_update(skip_locked=True))


def _end(session: Session, act: GroupAct, at: datetime) -> None:
    """End an act of which no line waits; those that another worker has are not over."""
    waits = exists().where(GroupActLine.act_id == act.id, GroupActLine.outcome.is_(None))
    if act.ended_at is None and not session.scalar(select(waits)):
        act.ended_at, act.text, act.advisor_email = at, "", ""


def _count_failure(database: Database, act_id: UUID, candidacy_id: UUID | None, at: datetime) -> None:
    with database.transaction() as session:
        line = session.get(GroupActLine, (act_id, candidacy_id), with_for_update=True) if candidacy_id else None
        if line is not None and line.outcome is None:
            line.tries += 1
            if line.tries >= MAX_TRIES:
                line.outcome, line.done_at = LineOutcome.FAILED, at


def _carry_out(session: Session, act: GroupAct, line: GroupActLine, at: datetime) -> tuple[LineOutcome, str | None]:
    row = session.execute(_chosen(act.body_id).where(Candidacy.id == line.candidacy_id)).one()
    candidacy = session.get_one(Candidacy, line.candidacy_id)
    followed_by = candidacy.advisor.email if candidacy.advisor else ""
    written = _is_written(session, act.id, candidacy.candidate_id) if act.kind is GroupActKind.WRITE else False
    facts = LineFacts(row.is_erased, row.is_closed, row.has_come, followed_by == act.advisor_email != "", written)
    if (reason := reason_not_done(act.kind, facts)) is not None:
        return reason, None
    try:
        with session.begin_nested():
            _ACTS[act.kind](session, act, candidacy, at)
    except Refusal as refusal:
        return LineOutcome.REFUSED, str(refusal.code)
    return LineOutcome.DONE, None


def _is_written(session: Session, act_id: UUID, person_id: UUID) -> bool:
    query = select(GroupActLine.rank).join(Candidacy, Candidacy.id == GroupActLine.candidacy_id)
    done = (
        GroupActLine.act_id == act_id,
        GroupActLine.outcome == LineOutcome.DONE,
        Candidacy.candidate_id == person_id,
    )
    return session.scalar(query.where(*done).limit(1)) is not None


def _invite(session: Session, act: GroupAct, candidacy: Candidacy, at: datetime) -> None:
    why = "candidate" if has_livret2(candidacy.route) else "path"
    invite(session, candidacy.candidate.email, candidacy.candidate_name, act.body_id, by=act.ordered_by, at=at, why=why)


def _assign(session: Session, act: GroupAct, candidacy: Candidacy, at: datetime) -> None:
    """Give the candidacy to the advisor, who receives one letter for the whole act."""
    lines = GroupActLine.act_id == act.id
    is_told = (
        session.scalar(select(GroupActLine.rank).where(lines, GroupActLine.outcome == LineOutcome.DONE).limit(1))
        is not None
    )
    number = session.scalar(select(func.count()).select_from(GroupActLine).where(lines)) or 0
    news = AdvisorNews.NONE if is_told else AdvisorNews.SEVERAL if number > 1 else AdvisorNews.ONE
    advisor = PersonInput(act.advisor_email, act.advisor_name)
    assign_advisor(session, candidacy.id, advisor, by=act.ordered_by, at=at, news=news)


def _write(session: Session, act: GroupAct, candidacy: Candidacy, at: datetime) -> None:
    email_candidate(session, candidacy, EmailTemplate.FREE_TEXT, at=at, subject=act.subject, text=act.text)
    record_event(session, "group_letter_written", ("candidacy", candidacy.id), by=act.ordered_by, at=at, act=act.id)


_ACTS: dict[GroupActKind, Callable[[Session, GroupAct, Candidacy, datetime], None]] = {
    GroupActKind.INVITE: _invite,
    GroupActKind.ASSIGN: _assign,
    GroupActKind.WRITE: _write,
}


@dataclass(frozen=True, slots=True)
class LineResult:
    """One candidacy of an act, by its name today, and what became of it."""

    candidacy_id: UUID
    candidate: str
    outcome: LineOutcome | None
    refusal: str | None


@dataclass(frozen=True, slots=True)
class ActResult:
    """An act, and what became of each candidacy."""

    kind: GroupActKind
    subject: str
    advisor_name: str
    ordered_at: datetime
    ended_at: datetime | None
    lines: tuple[LineResult, ...]

    @property
    def kept_until(self) -> date | None:
        """Return the day after which the detail is deleted; None before the end."""
        return day_of(self.ended_at + KEPT_AFTER_END) if self.ended_at else None

    @property
    def done(self) -> tuple[LineResult, ...]:
        """Return the candidacies for which it is done."""
        return tuple(line for line in self.lines if line.outcome is LineOutcome.DONE)

    @property
    def waiting(self) -> tuple[LineResult, ...]:
        """Return the candidacies whose turn has not come."""
        return tuple(line for line in self.lines if line.outcome is None)

    @property
    def not_done(self) -> tuple[LineResult, ...]:
        """Return the candidacies for which it is not done."""
        return tuple(line for line in self.lines if line.outcome not in (None, LineOutcome.DONE))


def find_result(session: Session, body_id: UUID, act_id: UUID) -> ActResult | None:
    """Return what became of an act of a body, or None; in two queries."""
    act = session.scalar(select(GroupAct).where(GroupAct.id == act_id, GroupAct.body_id == body_id))
    if act is None:
        return None
    query = (
        select(Candidacy.id, candidate_display_name(Person), GroupActLine.outcome, GroupActLine.refusal)
        .join(Candidacy, Candidacy.id == GroupActLine.candidacy_id)
        .join(Candidacy.candidate)
        .where(GroupActLine.act_id == act_id)
        .order_by(GroupActLine.rank)
    )
    lines = tuple(LineResult(*row) for row in session.execute(query))
    return ActResult(act.kind, act.subject, act.advisor_name, act.ordered_at, act.ended_at, lines)
