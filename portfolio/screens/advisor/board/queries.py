"""The advisor's board: the dossiers they were given, most in need first, with the grounds of that order."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.paging import PAGE_SIZE
from portfolio.domain.account.rules import name_order
from portfolio.domain.candidacy.rules.deadlines import Deadline, DeadlineKind, deadlines_for
from portfolio.domain.candidacy.rules.stage import PathFacts, PathStep, path_step
from portfolio.domain.certification.models import Competency
from portfolio.domain.dossier.rules.draft import CoverageState, DossierState
from portfolio.domain.review.rules.priority import (
    CompetencyFacts,
    DossierFacts,
    Order,
    Priority,
    WaitingFor,
    priority_of,
    waiting_for,
)
from portfolio.screens.advisor.board.board_queries import (
    MAX_BOARD,
    AssignedDossier,
    BoardData,
    SubmissionDates,
    count_assigned_dossiers,
    list_assigned_dossiers,
    load_board_data,
)


@dataclass(frozen=True)
class BoardBlock:
    """One block on the board: its number and title, whether it is held, else the state of each competency."""

    number: int
    title: str
    held: bool
    states: tuple[CoverageState, ...] = ()


@dataclass(frozen=True)
class DossierSummary:
    """One dossier on the board."""

    candidacy_id: UUID
    candidate: str
    title: str
    code: str
    need: Priority
    last_activity: datetime | None
    blocks: tuple[BoardBlock, ...]
    unread: int
    clock: Deadline | None
    heard_on: date | None


@dataclass(frozen=True)
class Board:
    """The dossiers that an advisor asked to see, in the order they asked for, and how many there are under
    each heading.
    """

    lines: list[DossierSummary]
    first: DossierSummary | None
    total: int
    counts: Mapping[WaitingFor, int]
    page: int = 1
    pages: int = 1
    # Whether there are more dossiers than the board looks through at once.
    is_cut: bool = False


def list_dossiers(session: Session, advisor_id: UUID, at: datetime, words: str = "") -> list[DossierSummary]:
    """Answer the dossiers given to this advisor, most in need first; equal needs by name.

    The queries do not grow.
    """
    given = list_assigned_dossiers(session, advisor_id, words)
    known = load_board_data(session, given)
    lines = [_summary(assigned_dossier, known, at) for assigned_dossier in given]
    return sorted(lines, key=_by_priority)


@dataclass(frozen=True)
class Addressee:
    """Someone to write to with others: the competency that the message stands under, and their silence."""

    candidacy_id: UUID
    candidate: str
    competency_id: UUID
    last_activity: datetime | None
    is_silent: bool


def list_addressees(session: Session, advisor_id: UUID, at: datetime) -> list[Addressee]:
    """List those whose draft is open, the silent ones first; a message stands where their work goes on."""
    given = [each for each in list_assigned_dossiers(session, advisor_id) if each.state is DossierState.DRAFT]
    known, found = load_board_data(session, given), []
    for dossier in given:
        left = [block for block in dossier.blocks.values() if block.id not in known.held.get(dossier.id, ())]
        open_ones = [competency for block in left for competency in block.competencies]
        unproved = [one for one in open_ones if known.state(dossier.id, one.id) is CoverageState.NONE]
        if open_ones:
            headings = waiting_for(priority_of(facts_of(dossier, known), at))
            place, last = (unproved or open_ones)[0].id, known.activity.get(dossier.id)
            silent = WaitingFor.NUDGE in headings
            found.append(Addressee(dossier.id, dossier.candidate, place, last, silent))
    return sorted(found, key=lambda each: (not each.is_silent, name_order(each.candidate), str(each.candidacy_id)))


def load_board(
    session: Session,
    advisor_id: UUID,
    at: datetime,
    awaited: WaitingFor | None = None,
    order: Order = Order.NEED,
    *,
    words: str = "",
    page: int = 1,
) -> Board:
    """Answer one page of the advisor's board: what is awaited from them, or all of it, in the order they chose."""
    lines = list_dossiers(session, advisor_id, at, words)
    found = [(line, waiting_for(line.need)) for line in lines]
    counts = {heading: sum(heading in headings for _, headings in found) for heading in WaitingFor}
    shown = [line for line, headings in found if awaited is None or awaited in headings]
    total = count_assigned_dossiers(session, advisor_id).number if len(lines) >= MAX_BOARD or words else len(lines)
    pages = max(1, -(-len(shown) // PAGE_SIZE))
    page = min(max(page, 1), pages)
    ordered = sorted(shown, key=_ORDERS[order])[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Board(ordered, next(iter(lines), None), total, counts, page, pages, total > len(lines) and not words)


def _by_priority(line: DossierSummary) -> tuple[Any, ...]:
    return (*line.need.place(), *_by_name(line))


def _by_name(line: DossierSummary) -> tuple[Any, ...]:
    return name_order(line.candidate), str(line.candidacy_id)


def _by_deadline(line: DossierSummary) -> tuple[Any, ...]:
    days = [day for day in (line.clock.until if line.clock else None, line.heard_on) if day is not None]
    return min(days, default=date.max), *_by_priority(line)


def _by_activity(line: DossierSummary) -> tuple[Any, ...]:
    """Return a sort key: the longest silence first, and first of all those who have not begun."""
    return line.last_activity is not None, line.last_activity, *_by_priority(line)


_ORDERS: Mapping[Order, Callable[[DossierSummary], tuple[Any, ...]]] = {
    Order.NEED: _by_priority,
    Order.DEADLINE: _by_deadline,
    Order.ACTIVITY: _by_activity,
    Order.NAME: _by_name,
}


def _summary(dossier: AssignedDossier, known: BoardData, at: datetime) -> DossierSummary:
    sent = known.sent.get(dossier.id)
    return DossierSummary(
        dossier.id,
        dossier.candidate,
        dossier.title,
        dossier.code,
        priority_of(facts_of(dossier, known), at),
        known.activity.get(dossier.id),
        tuple(_block(dossier, number, known) for number in dossier.blocks),
        unread=known.unread.get(dossier.id, 0),
        clock=_clock(dossier, known),
        heard_on=_heard_on(sent),
    )


def _clock(dossier: AssignedDossier, known: BoardData) -> Deadline | None:
    """Return the delay of the regime that runs now: none once the first step is made, until the dossier is
    submitted; none once told.
    """
    sent = known.sent.get(dossier.id)
    if dossier.state is DossierState.DRAFT and (sent or dossier.id in known.activity):
        return None
    if sent is None:
        return next(iter(deadlines_for(dossier.regime, dossier.admissible_on)), None)
    if sent.notified_at is not None:
        return None
    decided = sent.heard_on if sent.closed_at else None
    return next(iter(deadlines_for(dossier.regime, dossier.admissible_on, day_of(sent.submitted_at), decided)), None)


def _block(dossier: AssignedDossier, number: int, known: BoardData) -> BoardBlock:
    block = dossier.blocks[number]
    if block.id in known.held.get(dossier.id, ()):
        return BoardBlock(number, block.title, held=True)
    states = tuple(known.state(dossier.id, competency.id) for competency in block.competencies)
    return BoardBlock(number, block.title, held=False, states=states)


def _heard_on(sent: SubmissionDates | None) -> date | None:
    return sent.heard_on if sent and sent.closed_at is None else None


def facts_of(dossier: AssignedDossier, known: BoardData) -> DossierFacts:
    """Turn what was gathered of one dossier into the facts of the rule."""
    left = [block for block in dossier.blocks.values() if block.id not in known.held.get(dossier.id, ())]
    return DossierFacts(
        stage=_stage(dossier, known, len(left)),
        opened_at=dossier.opened_at,
        competencies=tuple(_competencies(dossier, known, [item for block in left for item in block.competencies])),
        last_activity=known.activity.get(dossier.id),
        lapse_on=_lapse_on(dossier),
        missing_blocks=len(left),
        heard_on=_heard_on(known.sent.get(dossier.id)),
    )


def _stage(dossier: AssignedDossier, known: BoardData, left: int) -> PathStep:
    sent = known.sent.get(dossier.id) if dossier.state is DossierState.SUBMITTED else None
    return path_step(
        PathFacts(
            is_sealed=dossier.state is DossierState.SUBMITTED,
            has_session=sent is not None and sent.heard_on is not None,
            is_closed=sent is not None and sent.closed_at is not None,
            is_unnotified=sent is not None and sent.unnotified,
            is_suspended=sent is not None and sent.is_suspended,
            is_away=sent is not None and sent.is_away,
            was_absent=sent is not None and sent.was_absent,
            is_obtained=not left,
        )
    )


def _competencies(
    dossier: AssignedDossier, known: BoardData, competencies: list[Competency]
) -> Iterator[CompetencyFacts]:
    for competency in competencies:
        mark = known.marks[dossier.id].get(competency.id)
        yield CompetencyFacts(
            id=competency.id,
            label=competency.label,
            claimed_since=known.claimed_since.get((dossier.id, competency.id)),
            marked_at=mark.created_at if mark else None,
            outdated=known.state(dossier.id, competency.id) is CoverageState.OUTDATED,
            waiting_since=known.waiting_since(dossier, competency.id),
        )


def _lapse_on(dossier: AssignedDossier) -> date | None:
    clocks = deadlines_for(dossier.regime, dossier.admissible_on)
    return next((clock.until for clock in clocks if clock.kind is DeadlineKind.FIRST_STEP), None)
