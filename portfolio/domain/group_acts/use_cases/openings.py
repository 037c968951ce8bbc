"""Open many candidacies from lines of a spreadsheet: checked together, then opened one person a transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.engine import Database, new_id
from portfolio.domain.account.models import Person
from portfolio.domain.account.throttle import normalise_email
from portfolio.domain.admissibility.use_cases.opening import check_opening, has_open_candidacy, open_candidacy
from portfolio.domain.api_access.models import CandidacyReference
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name
from portfolio.domain.candidacy.rules.candidate_sheet import CandidateLine
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import (
    AdvisorNews,
    Birth,
    CandidacyRefusal,
    NewCandidacy,
    PersonInput,
    Scope,
)
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.group_acts.models import BulkOpening, BulkOpeningLine
from portfolio.domain.group_acts.rules import KEPT_AFTER_END, MAX_TRIES, OpeningOutcome
from portfolio.domain.group_acts.use_cases.orders import claim_step, repeat
from portfolio.errors import Refusal

log = structlog.get_logger("acquis")
_OWN_TEXTS = ("postal_address", "phone", "group", "reference")
_OF_ONE_PERSON: Mapping[str, Any] = {
    "candidate": PersonInput("", ""), "advisor": None, "birth": None,
    "postal_address": "", "phone": "", "reference": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that the rules refuse, with the code and the facts of the refusal."""

    line: CandidateLine
    code: CandidacyRefusal
    facts: dict[str, object]


class LinesRefusedError(Exception):
    """Some lines are refused: nothing is ordered."""

    def __init__(self, refused: Sequence[RefusedLine]) -> None:
        super().__init__(len(refused))
        self.refused = tuple(refused)


def order_openings(
    session: Session, body_id: UUID, shared: NewCandidacy, lines: Sequence[CandidateLine], *, by: UUID, at: datetime
) -> UUID:
    """Order a candidacy for each line with what all of them share; none is opened yet.

    Raise Refusal when what is shared opens nothing, LinesRefusedError with every line that the rules refuse.
    """
    check_opening(session, body_id, shared, at=at)
    if refused := refused_lines(session, body_id, shared, lines, at=at):
        raise LinesRefusedError(refused)
    opening = BulkOpening(id=new_id(), body_id=body_id, shared=_written(shared, lines), ordered_by=by, ordered_at=at)
    session.add(opening)
    session.flush()
    session.add_all(
        BulkOpeningLine(opening_id=opening.id, rank=line.number, name=line.name, email=normalise_email(line.email))
        for line in lines
    )
    record_event(session, "openings_ordered", ("bulk_opening", opening.id), by=by, at=at, number=len(lines))
    return opening.id


def refused_lines(
    session: Session, body_id: UUID, shared: NewCandidacy, lines: Sequence[CandidateLine], *, at: datetime
) -> list[RefusedLine]:
    """Return the lines that the rules refuse: the person has an open candidacy or would accompany themselves, a
    reference is taken, or what the line says of its own opens nothing.
    """
    emails = [normalise_email(line.email) for line in lines]
    opened = select(Person.email).where(Person.email.in_(emails), has_open_candidacy(Person.id, shared.version_id))
    own = (CandidacyReference.namespace == body_id, CandidacyReference.reference.in_(line.reference for line in lines))
    have_one, taken = (
        set(session.scalars(opened)),
        set(session.scalars(select(CandidacyReference.reference).where(*own))),
    )
    answers: dict[NewCandidacy, RefusedLine | None] = {}
    found = []
    for line, email in zip(lines, emails, strict=True):
        asked = line.asked(shared)
        if email in have_one:
            found.append(RefusedLine(line, CandidacyRefusal.ALREADY_OPEN, {}))
        elif asked.advisor and normalise_email(asked.advisor.email) == email:
            found.append(RefusedLine(line, CandidacyRefusal.ADVISOR_IS_CANDIDATE, {}))
        elif line.reference in taken:
            found.append(RefusedLine(line, CandidacyRefusal.REFERENCE_TAKEN, {"reference": line.reference}))
        elif refused := _answer(session, body_id, asked, line, answers, at):
            found.append(refused)
    return found


def _answer(
    session: Session,
    body_id: UUID,
    asked: NewCandidacy,
    line: CandidateLine,
    answers: dict[NewCandidacy, RefusedLine | None],
    at: datetime,
) -> RefusedLine | None:
    """Return what the rules say of the route, the day and the group of a line, asked once for all that share them."""
    alike = replace(asked, **_OF_ONE_PERSON)
    if alike not in answers:
        try:
            check_opening(session, body_id, alike, at=at)
            answers[alike] = None
        except Refusal as refusal:
            answers[alike] = RefusedLine(line, CandidacyRefusal(refusal.code), dict(refusal.facts))
    known = answers[alike]
    return replace(known, line=line) if known else None


def opening_due() -> ColumnElement[bool]:
    """Return the condition that an order waits."""
    return exists().where(BulkOpening.ended_at.is_(None))


def claim_opening(database: Database, clock: Callable[[], datetime]) -> Callable[[], bool] | None:
    """Return how to open the next candidacy of the oldest order that waits; None when none does."""
    query = select(BulkOpening.id).where(BulkOpening.ended_at.is_(None)).order_by(BulkOpening.ordered_at).limit(1)
    with database.reader() as session:
        opening_id = session.scalar(query)
    return claim_step(database, partial(open_next, database, opening_id, at=clock())) if opening_id else None


def open_waiting(database: Database, opening_id: UUID, clock: Callable[[], datetime], *, seconds: float) -> None:
    """Open the candidacies of an order for some seconds at most; the worker goes on with the others."""
    repeat(database, lambda: open_next(database, opening_id, at=clock()), seconds=seconds)


def open_next(database: Database, opening_id: UUID, *, at: datetime) -> bool:
    """Open the next candidacy of an order, in a transaction of its own; return whether there was one.

    The candidacy, its letters and what its line says are one commit: a stop repeats nothing and forgets nobody.
    """
    rank: int | None = None
    try:
        with database.transaction() as session:
            # One line of an order at a time: the advisor is written to once.
            opening = session.get_one(BulkOpening, opening_id, with_for_update=True)
            line = _next_line(session, opening_id)
            if line is None:
                opening.ended_at, opening.shared = opening.ended_at or at, {}
                return False
            rank = line.rank
            _open(session, opening, line, at)
    except OperationalError:  # the store is away or locked: the line waits
        raise
    except Exception as error:
        log.error("bulk_opening_line_failed", opening=str(opening_id), kind=type(error).__name__, exc_info=True)
        _count_failure(database, opening_id, rank, at)
    return True


def _next_line(session: Session, opening_id: UUID) -> BulkOpeningLine | None:
    waiting = select(BulkOpeningLine).where(BulkOpeningLine.opening_id == opening_id, BulkOpeningLine.outcome.is_(None))
    return session.scalar(waiting.order_by(BulkOpeningLine.rank).limit(1))


def _open(session: Session, opening: BulkOpening, line: BulkOpeningLine, at: datetime) -> None:
    own = CandidateLine(line.rank, line.name, line.email, **_read_own(opening.shared.get("lines", {}), line.rank))
    asked = own.asked(_read(opening.shared))
    line.done_at = at
    try:
        with session.begin_nested():
            news = _advisor_news(session, opening, asked.advisor)
            candidacy = open_candidacy(session, opening.body_id, asked, by=opening.ordered_by, at=at, news=news)
    except Refusal as refusal:
        line.outcome, line.refusal, line.facts = (OpeningOutcome.REFUSED, str(refusal.code), dict(refusal.facts))
        return
    # The candidacy says who it is.
    line.outcome, line.candidacy_id, line.name, line.email = OpeningOutcome.OPENED, candidacy.id, "", ""


def _advisor_news(session: Session, opening: BulkOpening, advisor: PersonInput | None) -> AdvisorNews:
    """Return what an advisor is written: one letter for the whole order, with their first candidacy."""
    if advisor is None:
        return AdvisorNews.NONE
    followed = (
        select(Candidacy.id)
        .join(BulkOpeningLine, BulkOpeningLine.candidacy_id == Candidacy.id)
        .join(Candidacy.advisor)
        .where(BulkOpeningLine.opening_id == opening.id, Person.email == normalise_email(advisor.email))
    )
    if session.scalar(select(followed.exists())):
        return AdvisorNews.NONE
    shared, own = opening.shared["advisor"], opening.shared.get("lines", {})
    ranks = session.scalars(select(BulkOpeningLine.rank).where(BulkOpeningLine.opening_id == opening.id))
    named = [(own.get(str(rank), {}).get("advisor") or shared or [""])[0] for rank in ranks]
    many = sum(normalise_email(email) == normalise_email(advisor.email) for email in named) > 1
    return AdvisorNews.SEVERAL if many else AdvisorNews.ONE


def _count_failure(database: Database, opening_id: UUID, rank: int | None, at: datetime) -> None:
    with database.transaction() as session:
        line = session.get(BulkOpeningLine, (opening_id, rank), with_for_update=True) if rank is not None else None
        if line is not None and line.outcome is None:
            line.tries += 1
            if line.tries >= MAX_TRIES:
                line.outcome, line.done_at = OpeningOutcome.FAILED, at


def _written(shared: NewCandidacy, lines: Sequence[CandidateLine]) -> dict[str, Any]:
    return {
        "lines": {str(line.number): own for line in lines if (own := _written_own(line))},
        "version_id": shared.version_id.hex,
        "route": shared.route.value,
        "regime": shared.regime.value,
        "scope": shared.scope.value,
        "block_ids": [key.hex for key in shared.block_ids],
        "admissible_on": shared.admissible_on.isoformat(),
        "advisor": [shared.advisor.email, shared.advisor.name] if shared.advisor else None,
        "expiry_override": shared.expiry_override,
        "route_override": shared.route_override,
        "route_confirmed": shared.route_confirmed,
        "group": shared.group,
    }


def _written_own(line: CandidateLine) -> dict[str, Any]:
    """Return what only this line says, as JSON holds it."""
    texts = {name: getattr(line, name) for name in _OWN_TEXTS}
    values: dict[str, Any] = {
        "birth": [line.birth.on.isoformat(), line.birth.place, line.birth.name] if line.birth else None,
        "route": line.route,
        "admissible_on": line.admissible_on.isoformat() if line.admissible_on else None,
        "advisor": [line.advisor.email, line.advisor.name] if line.advisor else None,
    }
    return {name: value for name, value in (texts | values).items() if value}


def _read_own(lines: Mapping[str, Any], rank: int) -> dict[str, Any]:
    own = dict(lines.get(str(rank), {}))
    if "birth" in own:
        born, place, name = own["birth"]
        own["birth"] = Birth(date.fromisoformat(born), place, name)
    if "route" in own:
        own["route"] = Route(own["route"])
    if "admissible_on" in own:
        own["admissible_on"] = date.fromisoformat(own["admissible_on"])
    if "advisor" in own:
        own["advisor"] = PersonInput(*own["advisor"])
    return own


def _read(values: Mapping[str, Any]) -> NewCandidacy:
    return NewCandidacy(
        version_id=UUID(values["version_id"]),
        candidate=PersonInput("", ""),
        route=Route(values["route"]),
        regime=Regime(values["regime"]),
        scope=Scope(values["scope"]),
        block_ids=tuple(UUID(key) for key in values["block_ids"]),
        admissible_on=date.fromisoformat(values["admissible_on"]),
        advisor=PersonInput(*values["advisor"]) if values["advisor"] else None,
        expiry_override=values["expiry_override"],
        route_override=values["route_override"],
        route_confirmed=values["route_confirmed"],
        group=values.get("group", ""),
    )


@dataclass(frozen=True, slots=True)
class OpeningLineResult:
    """One line of an order: the number that it had, who it names today, and what became of it."""

    number: int
    name: str
    email: str
    outcome: OpeningOutcome | None
    refusal: str | None
    facts: dict[str, Any]
    candidacy_id: UUID | None


@dataclass(frozen=True, slots=True)
class OpeningResult:
    """An order, and what became of each line."""

    ordered_at: datetime
    ended_at: datetime | None
    lines: tuple[OpeningLineResult, ...]

    @property
    def kept_until(self) -> date | None:
        """Return the day after which the detail is deleted; None before the end."""
        return day_of(self.ended_at + KEPT_AFTER_END) if self.ended_at else None

    @property
    def opened(self) -> tuple[OpeningLineResult, ...]:
        """Return the lines whose candidacy is open."""
        return tuple(line for line in self.lines if line.outcome is OpeningOutcome.OPENED)

    @property
    def waiting(self) -> tuple[OpeningLineResult, ...]:
        """Return the lines whose turn has not come."""
        return tuple(line for line in self.lines if line.outcome is None)

    @property
    def not_opened(self) -> tuple[OpeningLineResult, ...]:
        """Return the lines that a rule or a failure stopped."""
        return tuple(line for line in self.lines if line.outcome not in (None, OpeningOutcome.OPENED))


def find_opening(session: Session, body_id: UUID, opening_id: UUID) -> OpeningResult | None:
    """Return what became of an order of a body, or None; in two queries."""
    opening = session.scalar(select(BulkOpening).where(BulkOpening.id == opening_id, BulkOpening.body_id == body_id))
    if opening is None:
        return None
    query = (
        select(BulkOpeningLine, candidate_display_name(Person).label("candidate"))
        .outerjoin(Candidacy, Candidacy.id == BulkOpeningLine.candidacy_id)
        .outerjoin(Candidacy.candidate)
        .where(BulkOpeningLine.opening_id == opening_id)
        .order_by(BulkOpeningLine.rank)
    )
    lines = tuple(
        OpeningLineResult(
            line.rank, name if line.candidacy_id else line.name, line.email, line.outcome, line.refusal,
            line.facts, line.candidacy_id,
        )
        for line, name in session.execute(query)
    )  # fmt: skip
    return OpeningResult(opening.ordered_at, opening.ended_at, lines)
