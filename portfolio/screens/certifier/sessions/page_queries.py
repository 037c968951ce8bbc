"""Read one session for its page: its jury, what is checked of it, its hearings.

Read the jurors of the pool who may sit at an empty seat.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session, joinedload

from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import name_order
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.jury_rule import TERM_SEATS, JuryTerm, Seat
from portfolio.domain.jury.models.deliberation import load_suspensions
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.rules.closing import Suspension
from portfolio.domain.jury.rules.composition import CandidateValue, PredicateAnswer, PredicateId
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.jury.rules.member_status import JurorStep, MemberState, missing, stand_ins, vacated, voting
from portfolio.domain.jury.rules.predicates import is_regular
from portfolio.domain.jury_session.use_cases.conflicts_of_interest import load_incompatibilities
from portfolio.domain.jury_session.use_cases.declarations import load_member_states_by_hearing
from portfolio.domain.jury_session.use_cases.loaders import (
    answers_of_the_day,
    path_of,
    rule_of_hearing,
    rule_of_session,
)
from portfolio.domain.jury_session.use_cases.minutes import answers_of
from portfolio.domain.jury_session.use_cases.seats import SeatDetails, seat_details
from portfolio.domain.jury_session.use_cases.sittings import begun_and_acted_on
from portfolio.screens.certifier.sessions.listing_queries import (
    UnscheduledDossier,
    block_numbers,
    label_of,
    list_unscheduled_dossiers,
    load_jury_and_hearings,
    with_blocking_reason,
)


@dataclass(frozen=True)
class HearingSummary:
    """A candidate on a session's list, with what is irregular for them alone.

    `vacant`: the seats whose holder, recused or barred, has no substitute; `acted_on`: a jury stated, checked or made
    something; `is_begun`: its sitting under way made something; `moved_from`: the day of the session that
    the hearing was moved from.
    """

    id: UUID
    candidate: str
    candidacy_id: UUID
    number: int
    submitted_at: datetime
    blocks: tuple[int, ...]
    closed_at: datetime | None
    irregular: tuple[PredicateAnswer, ...]
    attendance: Attendance = Attendance.HEARD
    declared: int = 0
    read: int = 0
    members: int = 0
    voided: bool = False
    vacant: tuple[Seat, ...] = ()
    acted_on: bool = False
    is_begun: bool = False
    moved_from: date | None = None
    # The same seats as `vacant`, each with its number among those of its kind; and their holders.
    vacant_places: tuple[tuple[Seat, int], ...] = ()
    vacated: tuple[MemberState, ...] = ()
    is_record: bool = False
    suspension: Suspension | None = None
    # Who answered that they do not come and whom nobody replaces, and, by the substitute who sits, whom they replace.
    missing: tuple[UUID, ...] = ()
    stand_ins: Mapping[UUID, MemberState] = field(default_factory=dict)

    @property
    def all_read(self) -> bool:
        """Return whether every member who deliberates has declared and read."""
        return self.read >= self.members


@dataclass(frozen=True)
class MovedHearing:
    """A candidate whose hearing was moved from this session to another one."""

    candidate: str
    session_id: UUID
    held_on: date


# The conditions that need to know which members practise a trade of the certification.
ABOUT_TRADES = {JuryTerm.PROFESSIONALS_MIN, JuryTerm.TRADE_MAX, JuryTerm.TRADE_MIN, JuryTerm.TEACHING_PARITY}


@dataclass(frozen=True)
class SessionPageData:
    """A session, its seats in the order of the entry, the predicates, its candidates, and those it could hear."""

    id: UUID
    held_on: date
    place: str
    certification: str
    external_months: int
    seats: tuple[SeatDetails, ...]
    answers: tuple[PredicateAnswer, ...]
    hearings: tuple[HearingSummary, ...]
    waiting: tuple[UnscheduledDossier, ...]
    parity_reason: str = ""
    moved_away: tuple[MovedHearing, ...] = ()
    # The route whose rule seats the jury, and the conditions that its rule has beside J1 to J15.
    route: Route | None = None
    conditions: frozenset[JuryTerm] = frozenset()
    # Those of J3 to J6 that the rule asks for.
    asked: frozenset[JuryTerm] = frozenset()

    @property
    def asks_external(self) -> bool:
        """Return whether a condition counts the external members, so that ties have to be answered."""
        return any(
            answer.id in (PredicateId.J7, PredicateId.J15) for answer in self.answers if "needed" in answer.facts
        )

    @property
    def asks_trades(self) -> bool:
        """Return whether the rule counts professionals or their trades."""
        return bool(self.conditions & ABOUT_TRADES)

    @property
    def regular(self) -> bool:
        """Return whether nothing prevents this jury from sitting, for every candidate on its list."""
        return is_regular(self.answers) and not any(row.irregular for row in self.hearings)

    @property
    def closed(self) -> bool:
        """Return whether candidates were listed and every one's minutes are closed."""
        return bool(self.hearings) and all(row.closed_at for row in self.hearings)

    @property
    def some_closed(self) -> bool:
        """Return whether minutes of this session are closed: they keep the jury recorded at their closing."""
        return any(row.closed_at for row in self.hearings)

    def seat(self, seat: Seat, place: int = 1) -> SeatDetails | None:
        """Find a seat, by its number among those of its kind."""
        return next((view for view in self.seats if view.seat is seat and view.place == place), None)

    @property
    def empty_seat(self) -> Seat | None:
        """Return the kind of the first seat without anyone."""
        return self.empty_view.seat if self.empty_view else None

    @property
    def empty_view(self) -> SeatDetails | None:
        """Return the first seat without anyone."""
        return next((view for view in self.seats if view.named is None), None)


def load_session_page(session: Session, session_id: UUID) -> SessionPageData:
    """Gather the certifier's page of one session."""
    jury, composition, is_bound = load_jury_and_hearings(session, session_id)
    numbers = block_numbers(session, [hearing.submission_id for hearing in jury.hearings])
    answers = answers_of(jury, composition, is_bound)
    hearings = sorted(
        jury.hearings,
        key=lambda hearing: (
            hearing.start_minute is None,
            hearing.start_minute or 0,
            name_order(hearing.submission.candidacy.candidate_name),
            hearing.id,
        ),
    )
    waiting = list_unscheduled_dossiers(session, jury.body_id, jury.version_id)
    people = {unscheduled_dossier.candidate_id for unscheduled_dossier in waiting} | {
        hearing.submission.candidacy.candidate_id for hearing in hearings
    }
    barring = load_incompatibilities(session, people, jury.body_id)
    barred = {
        hearing.id: barring.barred_from(candidacy.candidate_id, candidacy.advisor_id)
        for hearing in hearings
        if hearing.closed_at is None and (candidacy := hearing.submission.candidacy)
    }
    sittings = load_member_states_by_hearing(session, hearings, [jury], barred)
    listed = [hearing.id for hearing in jury.hearings]
    started, touched = begun_and_acted_on(session, listed)
    suspensions = load_suspensions(session, [hearing.id for hearing in hearings])
    former = _load_days(session, {hearing.moved_from_id for hearing in jury.hearings if hearing.moved_from_id})
    return SessionPageData(
        jury.id,
        jury.held_on,
        jury.place,
        label_of(jury.version),
        jury.external_months,
        seat_details(jury),
        answers,
        tuple(
            replace(
                _hearing_row(
                    jury,
                    hearing,
                    answers,
                    numbers.get(hearing.submission_id, ()),
                    sittings[hearing.id],
                    barring.value_of(hearing.submission.candidacy),
                ),
                acted_on=hearing.id in touched,
                is_begun=hearing.id in started,
                suspension=suspensions.get(hearing.id),
                moved_from=former.get(hearing.moved_from_id) if hearing.moved_from_id else None,
            )
            for hearing in hearings
        ),
        tuple(with_blocking_reason(unscheduled_dossier, jury, barring) for unscheduled_dossier in waiting),
        jury.parity_reason,
        _moved_away(session, jury.id),
        jury.route,
        frozenset(condition.term for condition in rule_of_session(jury).conditions),
        frozenset(term for term in TERM_SEATS if rule_of_session(jury).asks(term)),
    )


def _load_days(session: Session, sessions: Collection[UUID]) -> dict[UUID, date]:
    rows = session.scalars(select(JurySession).where(JurySession.id.in_(sessions))) if sessions else ()
    return {row.id: row.held_on for row in rows}


def _moved_away(session: Session, session_id: UUID) -> tuple[MovedHearing, ...]:
    query = select(Hearing).where(Hearing.moved_from_id == session_id, Hearing.session_id != session_id)
    candidacy = joinedload(Hearing.submission).joinedload(Submission.candidacy).joinedload(Candidacy.candidate)
    rows = session.scalars(query.options(candidacy, joinedload(Hearing.session)).order_by(Hearing.moved_at, Hearing.id))
    return tuple(
        MovedHearing(row.submission.candidacy.candidate_name, row.session_id, row.session.held_on) for row in rows
    )


def _hearing_row(
    jury: JurySession,
    hearing: Hearing,
    common: tuple[PredicateAnswer, ...],
    blocks: tuple[int, ...],
    sitting: tuple[MemberState, ...],
    candidate: CandidateValue,
) -> HearingSummary:
    submission = hearing.submission
    wrong = {answer.id for answer in common if answer.prevents}
    asked = (
        answers_of_the_day(jury, path_of(submission.candidacy), candidate, sitting, hearing.sitting_day)
        if hearing.closed_at is None
        else ()
    )
    own = [answer for answer in asked if answer.prevents and answer.id not in wrong and not _only_awaited(answer)]
    seated = voting(sitting, rule_of_hearing(hearing).quorum)
    empty = vacated(sitting) if hearing.closed_at is None else ()
    vacant = tuple((member_state.member.seat, member_state.member.place) for member_state in empty)
    return HearingSummary(
        hearing.id,
        submission.candidacy.candidate_name,
        submission.candidacy_id,
        submission.number,
        submission.submitted_at,
        blocks,
        hearing.closed_at,
        tuple(own),
        hearing.attendance,
        sum(1 for member_state in seated if member_state.step in (JurorStep.READ, JurorStep.READY)),
        sum(1 for member_state in seated if member_state.step is JurorStep.READY),
        len(seated),
        bool(hearing.is_void),
        tuple(seat for seat, _ in vacant),
        vacant_places=vacant,
        vacated=empty,
        is_record=submission.kind is not None,
        missing=tuple(member_state.person for member_state in missing(sitting)) if hearing.closed_at is None else (),
        stand_ins=stand_ins(sitting) if hearing.closed_at is None else {},
    )


def _only_awaited(answer: PredicateAnswer) -> bool:
    """Return whether nothing is wrong yet: members have still to declare, to read, to come."""
    silent = answer.id is PredicateId.J10 and not answer.facts["related"]
    return silent or answer.id in (PredicateId.J13, PredicateId.J14)


# How many people of the pool the page of a seat proposes.
SUGGESTIONS = 10


@dataclass(frozen=True, slots=True)
class PoolSuggestion:
    """A juror of the pool who may hold a seat, and how many juries name them already."""

    id: UUID
    name: str
    quality: str
    juries: int


def list_pool_suggestions(session: Session, session_id: UUID, seat: Seat) -> tuple[PoolSuggestion, ...]:
    """List the jurors who may be named to a seat and are not in the session, those named least first, in one query."""
    jury = session.get_one(JurySession, session_id)
    named = (
        select(Person.email)
        .join(JuryMember, JuryMember.person_id == Person.id)
        .where(JuryMember.session_id == session_id)
    )
    load = (
        select(func.count())
        .select_from(JuryMember)
        .join(JuryMember.person)
        .join(JuryMember.session)
        .where(Person.email == Juror.email, JurySession.body_id == jury.body_id)
        .scalar_subquery()
    )
    seats = cast(Juror.seats, String)
    query = (
        select(Juror.id, Juror.name, Juror.quality, load)
        .where(Juror.body_id == jury.body_id, Juror.removed_at.is_(None), Juror.email.not_in(named))
        .where(seats.contains(f'"{seat}"') | (seats == "[]"))
    )
    rows = sorted(session.execute(query), key=lambda row: (row[3], name_order(row.name), row.id))
    return tuple(PoolSuggestion(*row) for row in rows[:SUGGESTIONS])
