"""First page of a juror: the sessions where they sit, their candidates, what waits for them."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import Session, joinedload

from portfolio.db.engine import fetch_rows
from portfolio.domain.account.rules import name_order
from portfolio.domain.candidacy.models import Candidacy, SealedFile, Submission, SubmittedBlock
from portfolio.domain.certification.models import Block, CertificationVersion
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.certification.use_cases.jury_rules import load_jury_rules
from portfolio.domain.holdings.use_cases.contest_tasks import LaterAct, load_later_acts
from portfolio.domain.jury.models.deliberation import Ballot, ExhibitOpening, MemberVote, load_suspensions
from portfolio.domain.jury.models.sessions import (
    DecisionDraft,
    FindingDraft,
    Hearing,
    HearingMember,
    JuryMember,
    JurySession,
    belongs_to_jury,
    sat_in_closed_hearing,
)
from portfolio.domain.jury.models.statements import Summons
from portfolio.domain.jury.rules.closing import Suspension
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.jury.rules.member_status import (
    JurorStep,
    MemberState,
    deliberating,
    stand_ins,
    vacated,
    voters_now,
    voting,
)
from portfolio.domain.jury.rules.opinions import ReadingExtent
from portfolio.domain.jury.rules.passage import CalendarMethod, SummonedAs
from portfolio.domain.jury.rules.session_step import HearingFacts, HearingStep, hearing_step, is_asked
from portfolio.domain.jury_session.use_cases.conflicts_of_interest import heard_candidate, load_barred_among
from portfolio.domain.jury_session.use_cases.declarations import load_member_states_by_hearing
from portfolio.domain.jury_session.use_cases.exclusions import drafts_are_open_to, is_readable
from portfolio.domain.jury_session.use_cases.loaders import rule_of
from portfolio.domain.jury_session.use_cases.signing import select_unsigned_by
from portfolio.domain.jury_session.use_cases.summons import answer_token


class Figure(StrEnum):
    """Kinds of rows of the query."""

    OPENED = "opened"
    EXHIBITS = "exhibits"
    BLOCK = "block"
    FINDINGS = "findings"
    DECISIONS = "decisions"
    DRAFTS = "drafts"
    VOTES = "votes"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class HearingProgress:
    """The blocks that a candidate presents, how many notes the jury reads, and the exhibits that the juror opened."""

    blocks: tuple[int, ...]
    found: int
    decided: int
    extent: ReadingExtent
    # Whether the drafts of the presidency are open to them.
    has_given: bool
    # Whether a vote is open without theirs.
    to_vote: bool
    # Whether the minutes are closed without their signature.
    to_sign: bool


def load_progress(session: Session, hearings: Collection[UUID], person_id: UUID) -> Mapping[UUID, HearingProgress]:
    """Read how far these hearings are for a member of their juries, in one query."""
    numbers: defaultdict[tuple[UUID, str], list[int]] = defaultdict(list)
    opened: defaultdict[UUID, set[str]] = defaultdict(set)
    asked = {"hearings": list(hearings), "person": person_id}
    for hearing_id, exhibit, figure, number in fetch_rows(session, _FIGURES, asked) if hearings else ():
        if exhibit is not None:
            opened[hearing_id].add(exhibit)
        else:
            numbers[hearing_id, figure].append(number)
    return {
        hearing_id: HearingProgress(
            tuple(sorted(numbers[hearing_id, Figure.BLOCK])),
            sum(numbers[hearing_id, Figure.FINDINGS]),
            sum(numbers[hearing_id, Figure.DECISIONS]),
            ReadingExtent(frozenset(opened[hearing_id]), sum(numbers[hearing_id, Figure.EXHIBITS])),
            bool(numbers[hearing_id, Figure.DRAFTS]),
            bool(numbers[hearing_id, Figure.VOTES]),
            bool(numbers[hearing_id, Figure.SIGNATURE]),
        )
        for hearing_id in hearings
    }


_OF_HEARINGS = Hearing.id.in_(bindparam("hearings", expanding=True))
_PERSON: BindParameter[UUID] = bindparam("person")


def _figures(figure: Figure, number: Any) -> Select[*tuple[Any, ...]]:
    return select(Hearing.id, null(), literal(str(figure)), number).where(_OF_HEARINGS)


def _drafts(figure: Figure, table: type[FindingDraft | DecisionDraft]) -> Select[*tuple[Any, ...]]:
    notes = _figures(figure, func.count()).join(table, table.hearing_id == Hearing.id)
    is_shown = or_(drafts_are_open_to(_PERSON), table.written_by == _PERSON)
    return notes.where(is_readable(table), is_shown).group_by(Hearing.id)


# The exhibits opened come first: PostgreSQL takes the type of their column from there.
_FIGURES = union_all(
    select(Hearing.id, SealedFile.exhibit, literal(str(Figure.OPENED)), literal(1))
    .join(SealedFile, SealedFile.submission_id == Hearing.submission_id)
    .join(ExhibitOpening, (ExhibitOpening.hearing_id == Hearing.id) & (ExhibitOpening.exhibit == SealedFile.exhibit))
    .where(_OF_HEARINGS, ExhibitOpening.person_id == _PERSON)
    .distinct(),
    _figures(Figure.EXHIBITS, func.count())
    .join(SealedFile, SealedFile.submission_id == Hearing.submission_id)
    .group_by(Hearing.id),
    _figures(Figure.BLOCK, Block.number)
    .join(SubmittedBlock, SubmittedBlock.submission_id == Hearing.submission_id)
    .join(Block, Block.id == SubmittedBlock.block_id),
    _drafts(Figure.FINDINGS, FindingDraft),
    _drafts(Figure.DECISIONS, DecisionDraft),
    _figures(Figure.DRAFTS, literal(1)).where(drafts_are_open_to(_PERSON)),
    _figures(Figure.VOTES, literal(1))
    .join(Ballot, (Ballot.hearing_id == Hearing.id) & Ballot.closed_at.is_(None))
    .where(~exists().where(MemberVote.ballot_id == Ballot.id, MemberVote.person_id == _PERSON)),
    _figures(Figure.SIGNATURE, literal(1)).where(Hearing.id.in_(select_unsigned_by(_PERSON))),
)


@dataclass(frozen=True)
class HomeHearing:
    """A candidate whom the person will hear, or heard, and how far the notes are."""

    id: UUID
    candidate: str
    blocks: tuple[int, ...]
    closed_at: datetime | None
    found: int
    decided: int
    over: bool
    step: JurorStep
    presides: bool
    ready: bool
    checked: bool
    extent: ReadingExtent
    # Whether what is read is a record of assessments, without a livret 2.
    is_record: bool = False
    # When the candidate is heard, in minutes after midnight in Paris; empty while the order of passage is not
    # fixed.
    start_minute: int | None = None
    end_minute: int | None = None
    attendance: Attendance = Attendance.HEARD
    suspension: Suspension | None = None
    # What happened to the decision since; empty where the reading is over.
    since: tuple[LaterAct, ...] = ()
    # Whether the opinions of the person are given, or open to all, and whether a seat has nobody.
    has_given: bool = True
    vacant: bool = False
    to_vote: bool = False
    # Whom the person replaces before this candidate, or who replaces them: who answered that they do not come.
    sits_for: str = ""
    replaced_by: str = ""
    # Whether the minutes are closed, without the signature of the person who sat.
    to_sign: bool = False

    @property
    def is_absent(self) -> bool:
        """Tell whether the candidate was noted as not there."""
        return self.checked and self.attendance is not Attendance.HEARD

    @property
    def all_decided(self) -> bool:
        """Tell whether every block presented has a decision in the notes."""
        return self.decided >= len(self.blocks)


@dataclass(frozen=True)
class HomeSession:
    """A session where the person sits, with its candidates."""

    id: UUID
    held_on: date
    place: str
    certification: str
    seat: Seat
    substitute: bool
    hearings: tuple[HomeHearing, ...]
    start_minute: int | None = None
    end_minute: int | None = None
    video_link: str = ""
    day_contact: str = ""
    is_cancelled: bool = False
    # The link of the summons that the person has not answered; empty when none waits.
    summons_token: str = ""
    # How many days it is to its day.
    days: int = 0

    @property
    def first_open(self) -> HomeHearing | None:
        """Return the first hearing that is not closed: one where a vote is open, then one that asks something of the
        person, a suspended one last.
        """
        listed = [row for row in self.hearings if row.closed_at is None]
        asking = (row for row in listed if is_asked(self._step(row), presides=row.presides))
        ordered = sorted(asking, key=lambda row: (not row.to_vote, row.suspension is not None))
        return next(iter([*ordered, *listed]), None)

    @property
    def next_step(self) -> HearingStep:
        """Return what the person does next for the first hearing that is open."""
        return HearingStep.CLOSED if self.first_open is None else self._step(self.first_open)

    def _step(self, row: HomeHearing, *, once_answered: bool = False) -> HearingStep:
        facts = HearingFacts(
            row.step,
            self.days,
            presides=row.presides,
            has_given=row.has_given,
            is_vacant=row.vacant,
            is_suspended=row.suspension is not None,
            is_absent=row.is_absent,
            to_vote=row.to_vote,
            is_unanswered=bool(self.summons_token) and not once_answered,
            is_ready=row.ready,
            is_checked=row.checked,
            to_find=not row.all_decided,
        )
        return hearing_step(facts)

    @property
    def sits_for(self) -> str:
        """Return whom the person replaces, since they do not come; empty when they replace nobody."""
        return next((row.sits_for for row in self.hearings if row.sits_for), "")

    @property
    def replaced_by(self) -> str:
        """Return who sits in the place of the person, who does not come; empty when nobody does."""
        return next((row.replaced_by for row in self.hearings if row.replaced_by), "")

    @property
    def to_declare(self) -> tuple[str, ...]:
        """Return the candidates of whom the person has to declare, in the order of passage."""
        return tuple(row.candidate for row in self.hearings if row.closed_at is None and row.step is JurorStep.DECLARE)

    @property
    def to_read(self) -> tuple[str, ...]:
        """Return the candidates whose dossier the person has declared of and has to read, in the order of passage."""
        return tuple(row.candidate for row in self.hearings if row.closed_at is None and row.step is JurorStep.READ)

    @property
    def to_give(self) -> tuple[str, ...]:
        """Return the candidates on whom the person has read and has to give opinions, in the order of passage."""
        listed = (row for row in self.hearings if row.closed_at is None)
        return tuple(
            row.candidate for row in listed if self._step(row, once_answered=True) is HearingStep.GIVE_OPINIONS
        )

    @property
    def waits_for(self) -> bool:
        """Tell whether one of its hearings asks something of the person."""
        return self.first_open is not None and is_asked(self.next_step, presides=self.first_open.presides)


# A page of sessions: those to come and the latest first, then the older ones.
SESSIONS_PER_PAGE = 20


@dataclass(frozen=True)
class JurorHome:
    """One page of the sessions of a juror, the next day first; `is_last`: they sat in none that is older."""

    sessions: tuple[HomeSession, ...]
    is_last: bool = True

    @property
    def todo(self) -> tuple[HomeSession, ...]:
        """Return the sessions with an open hearing, those that wait for the person first."""
        listed = (home_session for home_session in self.sessions if home_session.first_open)
        return tuple(sorted(listed, key=lambda home_session: not home_session.waits_for))

    @property
    def to_sign(self) -> tuple[HomeHearing, ...]:
        """Return the hearings whose closed minutes the person has to sign, the earliest session first."""
        return tuple(row for home_session in self.sessions for row in home_session.hearings if row.to_sign)


def load_juror_home(
    session: Session, person_id: UUID, today: date, closed_since: datetime | None = None, page: int = 1
) -> JurorHome:
    """Gather one page of the sessions where a person sits, in a constant number of queries.

    A dossier whose minutes were closed before `closed_since` is counted, but its candidate no longer named (domain §8).
    """
    rows = session.execute(_page_of_sessions(person_id, page)).all()
    juries = {row.JurySession.id: row.JurySession for row in rows[:SESSIONS_PER_PAGE]}
    load_jury_rules(session, {jury.version_id for jury in juries.values()})
    hearings, sat = _hearings_in(session, person_id, juries, today, closed_since)
    sessions = [
        _home_session(
            row.JurySession,
            # The seat that they hold now, else the one of a hearing closed with them.
            (row.seat, row.rank) if row.seat else sat[row.JurySession.id],
            hearings.get(row.JurySession.id, ()),
            answer_token(row.Summons) if row.Summons else "",
            (row.JurySession.held_on - today).days,
        )
        for row in rows[:SESSIONS_PER_PAGE]
    ]
    ordered = tuple(sorted(sessions, key=lambda home_session: (home_session.held_on, home_session.id)))
    return JurorHome(ordered, len(rows) <= SESSIONS_PER_PAGE)


def _page_of_sessions(person_id: UUID, page: int) -> Select[*tuple[Any, ...]]:
    """Select the sessions of one page of a juror, the latest day first, with their seat and the summons that
    waits for their answer; and one more when there is a next page.
    """
    now = select(JuryMember.session_id).where(JuryMember.person_id == person_id)
    closed = select(Hearing.session_id).join(HearingMember, HearingMember.hearing_id == Hearing.id)
    own = union(now, closed.where(HearingMember.person_id == person_id)).subquery()
    seated = (JuryMember.session_id == JurySession.id) & (JuryMember.person_id == person_id)
    summoned = and_(
        Summons.session_id == JurySession.id,
        Summons.person_id == person_id,
        Summons.summoned_as == SummonedAs.JUROR,
        Summons.answer.is_(None),
        Summons.method == CalendarMethod.REQUEST,
    )
    version = joinedload(JurySession.version)
    return (
        select(JurySession, JuryMember.seat, JuryMember.rank, Summons)
        .join(own, own.c.session_id == JurySession.id)
        .outerjoin(JuryMember, seated)
        .outerjoin(Summons, summoned)
        .order_by(JurySession.held_on.desc(), JurySession.id)
        .offset((page - 1) * SESSIONS_PER_PAGE)
        .limit(SESSIONS_PER_PAGE + 1)
        .options(version.defer(CertificationVersion.entry), version.joinedload(CertificationVersion.certification))
    )


def _home_session(
    jury: JurySession, seated: tuple[Seat, int], hearings: tuple[HomeHearing, ...], summons_token: str, days: int
) -> HomeSession:
    seat, rank = seated
    label = f"{jury.version.certification.code} · {jury.version.title}"
    return HomeSession(
        *(jury.id, jury.held_on, jury.place, label, seat, rank > 0, hearings),
        start_minute=jury.start_minute,
        end_minute=jury.end_minute,
        video_link=jury.video_link or "",
        day_contact=jury.day_contact or "",
        is_cancelled=jury.cancelled_at is not None,
        summons_token=summons_token,
        days=days,
    )


def _hearings_in(
    session: Session, person_id: UUID, juries: Mapping[UUID, JurySession], today: date, closed_since: datetime | None
) -> tuple[Mapping[UUID, tuple[HomeHearing, ...]], Mapping[UUID, tuple[Seat, int]]]:
    """Return the hearings of each session that the person belongs to the jury of, and the seat they had in
    those that are closed.
    """
    query = (
        select(Hearing, HearingMember.seat, HearingMember.rank)
        .outerjoin(HearingMember, sat_in_closed_hearing(person_id))
        .where(Hearing.session_id.in_(juries), belongs_to_jury(person_id))
    )
    candidacy = joinedload(Hearing.submission).joinedload(Submission.candidacy)
    found = session.execute(query.options(candidacy.joinedload(Candidacy.candidate))).all()
    sat = {row.session_id: (seat, rank) for row, seat, rank in found if seat}
    rows = [row for row, _, _ in found]
    progress = load_progress(session, [row.id for row in rows], person_id)
    heard = [heard_candidate(row, juries[row.session_id].body_id) for row in rows if row.closed_at is None]
    sittings = load_member_states_by_hearing(session, rows, barred=load_barred_among(session, heard))
    suspensions = load_suspensions(session, [row.id for row in rows])
    closed = {row.id for row in rows if row.closed_at and (not closed_since or row.closed_at >= closed_since)}
    later = load_later_acts(session, closed, today)
    listed: dict[UUID, tuple[HomeHearing, ...]] = {}
    for row in sorted(rows, key=_passage):
        name, known = row.submission.candidacy.candidate_name, progress[row.id]
        over = row.closed_at is not None and row.id not in closed
        name = "" if over else name
        rule = rule_of(juries[row.session_id].version, row.submission.candidacy.route)
        where = _where(sittings[row.id], rule.quorum, person_id)
        told = (known.found, known.decided, over, *where[:-1], known.extent)
        shown = (row.submission.kind is not None, row.start_minute, row.end_minute)
        now = (row.attendance, suspensions.get(row.id), later.get(row.id, ()))
        votes = known.to_vote and row.closed_at is None and person_id in voters_now(sittings[row.id], rule.quorum)
        seen = (known.has_given, where[-1], votes)
        replaced = _replaced(sittings[row.id], person_id) if row.closed_at is None else ("", "")
        hearing = HomeHearing(row.id, name, known.blocks, row.closed_at, *told, *shown, *now, *seen, *replaced)
        hearing = replace(hearing, to_sign=known.to_sign and not over)
        listed[row.session_id] = (*listed.get(row.session_id, ()), hearing)
    return listed, sat


def _replaced(sitting: tuple[MemberState, ...], person_id: UUID) -> tuple[str, str]:
    """Return whom the person replaces on the day, and who replaces them; each empty when nobody."""
    pairs = stand_ins(sitting)
    holder = pairs.get(person_id)
    seated = next((key for key, replaced in pairs.items() if replaced.person == person_id), None)
    names = {state.person: state.member.name for state in sitting}
    return holder.member.name if holder else "", names[seated] if seated else ""


def _passage(row: Hearing) -> tuple[bool, int, tuple[str, str, str], UUID]:
    """Return the order of passage; candidates without an hour come last, by name."""
    return (
        row.start_minute is None,
        row.start_minute or 0,
        name_order(row.submission.candidacy.candidate_name),
        row.id,
    )


def _where(
    sitting: tuple[MemberState, ...], quorum: int | None, person_id: UUID
) -> tuple[JurorStep, bool, bool, bool, bool]:
    """Return how far the person is for a candidate, whether they preside, whether all are ready, whether presence
    was checked, whether a seat has nobody.
    """
    seated = deliberating(sitting)
    own = next(member_state for member_state in sitting if member_state.person == person_id)
    presides = own in seated and own.member.seat is Seat.PRESIDENT
    ready = all(member_state.step is JurorStep.READY for member_state in voting(sitting, quorum))
    checked = any(member_state.present is not None for member_state in sitting)
    return own.step, presides, ready, checked, bool(vacated(sitting))
