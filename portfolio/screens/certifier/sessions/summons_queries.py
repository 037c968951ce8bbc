"""People summoned to a session, as the rows say: letters and their delivery, answers, what is still to write."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portfolio.calendar import day_of
from portfolio.domain.candidacy.rules.deadlines import DeadlineKind, deadlines_for
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.email.rules import DeliveryState, delivery_state
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.models.statements import Summons, SummonsEmail
from portfolio.domain.jury.rules.passage import (
    CalendarMethod,
    SummonedAs,
    SummonsAnswer,
    SummonsEvent,
    SummonsObstacle,
    is_outdated,
    summons_obstacles,
)
from portfolio.domain.jury.rules.predicates import is_regular as passes
from portfolio.domain.jury.rules.session_step import SessionFacts, SessionStep, session_step
from portfolio.domain.jury_session.use_cases.loaders import load_adjourned
from portfolio.domain.jury_session.use_cases.planning import is_by_deposit, order_of
from portfolio.domain.jury_session.use_cases.summons import event_of
from portfolio.french_text import datetime_fr
from portfolio.screens.certifier.sessions.listing_queries import load_jury_and_hearings
from portfolio.screens.certifier.sessions.page_queries import HearingSummary, SessionPageData
from portfolio.wording.jury import SEATS
from portfolio.wording.jury.schedule import (
    SENDINGS,
    day_off_message,
    deadline_message,
    event_message,
    hours_message,
    order_message,
    stand_in_message,
    summons_due_message,
)


@dataclass(frozen=True, slots=True)
class LetterSummary:
    """A letter of a summons, and where it is."""

    label: str
    state: str


@dataclass(frozen=True, slots=True)
class SummonedPerson:
    """A member or a candidate of a session, and their summons; `id` is None while none is written."""

    id: UUID | None
    name: str
    role: str
    hours: str
    is_due: bool
    is_cancelled: bool = False
    answer: SummonsAnswer | None = None
    answered_at: datetime | None = None
    is_recorded_by_body: bool = False
    reminder_at: datetime | None = None
    letters: tuple[LetterSummary, ...] = ()
    member_id: UUID | None = None
    hearing_id: UUID | None = None
    # The day, the hours and the place that the last letter gave, when they are no longer those of the person.
    held: str = ""
    person_id: UUID | None = None
    # Whom a substitute replaces on the day, since the holder does not come; empty when they replace nobody.
    sits_for: str = ""


@dataclass(frozen=True, slots=True)
class SessionDay:
    """The day of a session on its page: hours, order of passage, delays, who is summoned."""

    hours: str
    is_fixed: bool
    revision: int
    passages: dict[UUID, str]
    deadlines: dict[UUID, tuple[str, bool]]
    people: tuple[SummonedPerson, ...]
    obstacles: tuple[SummonsObstacle, ...]
    cancelled_at: datetime | None
    cancel_reason: str
    # That the day is a Sunday or a public holiday, '' on any other day.
    day_off: str = ""
    order: str = ""
    # The members who do not come and whom nobody replaces, for one candidate at least.
    missing: frozenset[UUID] = frozenset()

    @property
    def due(self) -> tuple[SummonedPerson, ...]:
        """Return the people whose summons, or its update, is to write."""
        return () if self.cancelled_at else tuple(person for person in self.people if person.is_due)

    @property
    def absent(self) -> tuple[SummonedPerson, ...]:
        """Return who answered that they cannot come to the day as it stands: candidates, and members whom nobody
        replaces.
        """
        declined = (person for person in self.people if person.answer is SummonsAnswer.CANNOT_COME)
        told = (person for person in declined if not person.is_due and not person.is_cancelled)
        return tuple(person for person in told if person.hearing_id is not None or person.person_id in self.missing)

    @property
    def due_message(self) -> str:
        """Return the sentence about these people."""
        return summons_due_message(self.due)

    @property
    def held_hours(self) -> dict[UUID, str]:
        """Return what the last letter of a candidate says, by hearing, where it is no longer true."""
        return {person.hearing_id: person.held for person in self.due if person.hearing_id and person.held}


def load_session_day(
    session: Session, session_id: UUID, hearings: Collection[HearingSummary] = (), *, has_server: bool, is_regular: bool
) -> SessionDay:
    """Gather the day of a session for its page, in a constant number of queries.

    `hearings`: its candidates, with who sits for each; `is_regular`: its jury.
    """
    jury = load_jury_and_hearings(session, session_id)[0]
    passages = {
        row.id: hours_message(row.start_minute, row.end_minute) for row in jury.hearings if row.start_minute is not None
    }
    return SessionDay(
        _capital(hours_message(jury.start_minute, jury.end_minute)),
        jury.start_minute is not None,
        jury.schedule_revision or 0,
        passages,
        jury_deadlines(jury),
        tuple(_with_seat(person, hearings) for person in list_summoned(session, jury, has_server=has_server)),
        summons_obstacles(
            has_hours=jury.start_minute is not None, has_place=bool(jury.place.strip()), is_regular=is_regular
        ),
        jury.cancelled_at,
        jury.cancel_reason or "",
        day_off_message(jury.held_on),
        _order(jury) if len(passages) > 1 else "",
        frozenset(person for hearing in hearings for person in hearing.missing),
    )


def _with_seat(person: SummonedPerson, hearings: Collection[HearingSummary]) -> SummonedPerson:
    """Add to a substitute whom they replace, with the candidates when it is not before each of them."""
    still_open = [hearing for hearing in hearings if hearing.closed_at is None]
    replaced = [hearing for hearing in still_open if person.person_id in hearing.stand_ins]
    if person.person_id is None or not replaced:
        return person
    holder = replaced[0].stand_ins[person.person_id].member.name
    before = [] if len(replaced) == len(still_open) else [hearing.candidate for hearing in replaced]
    return replace(person, sits_for=stand_in_message(holder, before))


def step_of(page: SessionPageData, day: SessionDay, today: date, reading_days: int) -> SessionStep:
    """Return the next step of a session from what its page shows."""
    still_open = [row for row in page.hearings if not row.closed_at]
    return session_step(
        SessionFacts(
            (page.held_on - today).days,
            reading_days,
            is_cancelled=day.cancelled_at is not None,
            is_closed=page.closed,
            has_empty_seat=page.empty_seat is not None,
            is_irregular=not passes(page.answers),
            is_vacant_for_one=any(row.vacant for row in still_open),
            is_irregular_for_one=any(row.irregular for row in still_open),
            absent=len(day.absent),
            listed=len(page.hearings),
            open=len(still_open),
            suspended=sum(row.suspension is not None for row in still_open),
            possible=sum(not row.obstacle for row in page.waiting),
            outdated=sum(bool(person.held) for person in day.due),
            unsummoned=sum(not person.held for person in day.due),
            has_hours_and_place=not {SummonsObstacle.HOURS, SummonsObstacle.PLACE} & set(day.obstacles),
        )
    )


def _order(jury: JurySession) -> str:
    may_change = jury.cancelled_at is None and all(row.closed_at is None for row in jury.hearings)
    return order_message(by_deposit=is_by_deposit(jury.hearings), may_change=may_change)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def list_summoned(session: Session, jury: JurySession, *, has_server: bool) -> tuple[SummonedPerson, ...]:
    """List everyone concerned by a session, members first, then candidates in their order of passage, in
    two queries.
    """
    letters = joinedload(Summons.emails).joinedload(SummonsEmail.email)
    # The row of a candidate whose hearing was moved here is that of the other session until the update.
    heard_here = select(Hearing.id).where(Hearing.session_id == jury.id)
    summoned = or_(Summons.session_id == jury.id, Summons.hearing_id.in_(heard_here))
    rows = session.scalars(select(Summons).where(summoned).options(letters)).unique().all()
    of_members = {row.person_id: row for row in rows if row.summoned_as is SummonedAs.JUROR}
    of_hearings = {row.hearing_id: row for row in rows if row.hearing_id is not None}
    ordered = order_of(jury.hearings)
    members = sorted(jury.members, key=_rank)
    people = [_member(jury, row, of_members.get(row.person_id), has_server) for row in members]
    adjourned = load_adjourned(session, [row.id for row in ordered])
    return (
        *people,
        *(_candidate(jury, row, of_hearings.get(row.id), has_server, is_begun=row.id in adjourned) for row in ordered),
    )


def jury_deadlines(jury: JurySession) -> dict[UUID, tuple[str, bool]]:
    """Return, for each open hearing, the sentence of its statutory delay and whether the session comes after it."""
    found = {}
    for hearing in jury.hearings:
        if hearing.closed_at is not None:
            continue
        candidacy = hearing.submission.candidacy
        clocks = deadlines_for(candidacy.regime, candidacy.admissible_on, day_of(hearing.submission.submitted_at))
        clock = next((deadline for deadline in clocks if deadline.kind is DeadlineKind.JURY), None)
        if clock is not None:
            found[hearing.id] = (deadline_message(clock, jury.held_on), clock.is_over(jury.held_on))
    return found


def _rank(row: JuryMember) -> tuple[int, int, int]:
    return list(Seat).index(Seat(row.seat)), row.place or 1, row.rank


def _member(jury: JurySession, row: JuryMember, summons: Summons | None, has_server: bool) -> SummonedPerson:
    role = SEATS[row.seat] + (", suppléance" if row.rank else "")
    hours = hours_message(jury.start_minute, jury.end_minute)
    person = _person(row.name, role, event_of(jury), hours, summons, has_server)
    return replace(person, member_id=row.id, person_id=row.person_id)


def _candidate(
    jury: JurySession, row: Hearing, summons: Summons | None, has_server: bool, *, is_begun: bool
) -> SummonedPerson:
    hours, name = hours_message(row.start_minute, row.end_minute), row.submission.candidacy.candidate_name
    is_to_come = row.closed_at is None and not is_begun
    event = event_of(jury, row) if is_to_come else None
    return replace(_person(name, "Candidature", event, hours, summons, has_server), hearing_id=row.id)


def _person(
    name: str, role: str, event: SummonsEvent | None, hours: str, summons: Summons | None, has_server: bool
) -> SummonedPerson:
    if summons is None:
        return SummonedPerson(None, name, role, hours, is_due=event is not None)
    is_cancelled = summons.method is CalendarMethod.CANCEL
    is_due = event is not None and is_outdated(summons.to_value(), event)
    return SummonedPerson(
        summons.id,
        name,
        role,
        hours,
        is_due,
        is_cancelled,
        summons.answer,
        summons.answered_at,
        summons.answered_by is not None,
        summons.run_after,
        tuple(LetterSummary(SENDINGS[row.reason], _state(row, has_server)) for row in summons.emails),
        held=event_message(summons.to_value().event) if is_due and not is_cancelled else "",
    )


def _state(row: SummonsEmail, has_server: bool) -> str:
    written = f"écrit le {datetime_fr(row.written_at)}"
    if row.email is None:
        return written
    state = delivery_state(row.email.delivery(), has_server=has_server)
    if state is DeliveryState.SENT:
        return f"courrier parti le {datetime_fr(row.email.sent_at)}"
    if state is DeliveryState.HANDED_OVER:
        return f"courrier remis le {datetime_fr(row.email.handed_over_at)}"
    return f"courrier {written}, " + ("à remettre" if state is DeliveryState.TO_HAND_OVER else "pas encore parti")
