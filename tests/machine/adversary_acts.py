"""Acts on one hearing that an adversary tries in every order, each through its use case, each with words of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft
from portfolio.domain.jury.rules.deliberation import DecisionRecord, FindingRecord, Votes
from portfolio.domain.jury.rules.enums import Attendance, FindingValue, Outcome, PresidencyVote, StatementKind
from portfolio.domain.jury.rules.juror_card import MemberInput
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury.rules.opinions import InterviewInput, InterviewKind, OpinionInput, VoteChoice
from portfolio.domain.jury.rules.passage import ScheduleInput
from portfolio.domain.jury_session.use_cases import (
    ballots,
    closing,
    declarations,
    deliberation,
    former_jury,
    interview,
    planning,
    schedule,
    suspension,
)
from tests.jury.builders import EMPLOYEE, act
from tests.machine.adversary_rows import Rows, Seated
from tests.machine.world import DEPUTY, Start

AFTERNOON = time(14, 0, tzinfo=UTC)
OTHER = replace(EMPLOYEE, email="noel@exemple.fr", name="Lise Noël")
STAND_IN = replace(EMPLOYEE, email="perrin@exemple.fr", name="Ana Perrin", rank=1)
OTHER_PRESIDENT = replace(DEPUTY, email="noel-p@exemple.fr", name="Guy Noël", rank=0)


class NobodyError(Exception):
    """The person of whom an act is does not sit any more: nobody can do it, and no page offers it."""


@dataclass(frozen=True)
class Moment:
    """Facts that an act knows when it is done: the ids of the store, the rows of the hearing, its number, the clock."""

    start: Start
    # Sessions to which the hearing can be moved: on the same day, and later.
    same_day: UUID
    later: UUID
    rows: Rows
    number: int
    at: datetime

    def words(self, what: str) -> str:
        """Return words that no other act writes."""
        return f"{what}, acte {self.number}."

    @property
    def hearing_id(self) -> UUID:
        return self.start.hearing_id

    @property
    def session_id(self) -> UUID:
        """Return the session in which the hearing is now."""
        return self.rows.hearing.session_id if self.rows.hearing else self.start.session_id

    @property
    def people(self) -> list[UUID]:
        return [row.person for row in self.rows.members]

    def holder(self, seat: str) -> Seated:
        """Return who holds a seat. Raise NobodyError when it is empty."""
        found = self.in_seat(seat, 0)
        if found is None:
            raise NobodyError(seat)
        return found

    def in_seat(self, seat: str, rank: int) -> Seated | None:
        """Return who is in a seat, at a rank."""
        return next((row for row in self.rows.members if (row.seat, row.rank) == (seat, rank)), None)

    def block(self, number: int) -> UUID:
        return self.start.blocks[1, number]


Do = Callable[[Session, Moment], object]


@dataclass(frozen=True)
class Act:
    """An act: how it ends a sitting, if it does, and on which day the hearing then sits."""

    name: str
    do: Do
    ends: str = ""
    gives_reason: bool = True
    to_day: Callable[[Moment], date | None] = lambda _moment: None
    # Whether it still bears on something once the session is cancelled: another session, or nothing.
    is_elsewhere: bool = False
    nights: int = 0


def _presence(session: Session, moment: Moment, people: Sequence[UUID], came: Attendance, reason: str = "") -> None:
    declarations.check_presence(
        session, moment.hearing_id, people, came, reason, by=moment.start.certifier, at=moment.at
    )


def _everybody(reason: str) -> Do:
    def do(session: Session, moment: Moment) -> None:
        _presence(session, moment, moment.people, Attendance.HEARD, reason and moment.words(reason))

    return do


def _without(seat: str, reason: str) -> Do:
    """Return the act that notes the holder of a seat away."""

    def do(session: Session, moment: Moment) -> None:
        people = [person for person in moment.people if person != moment.holder(seat).person]
        _presence(session, moment, people, Attendance.HEARD, reason and moment.words(reason))

    return do


def _away(came: Attendance, reason: str) -> Do:
    def do(session: Session, moment: Moment) -> None:
        _presence(session, moment, moment.people, came, reason and moment.words(reason))

    return do


def _find(*numbers: int) -> Do:
    def do(session: Session, moment: Moment) -> None:
        for competency in (each for number in numbers for each in moment.start.competencies[1, number]):
            stored = session.query(FindingDraft).filter_by(hearing_id=moment.hearing_id, competency_id=competency)
            row = stored.one_or_none()
            record = FindingRecord(FindingValue.ACQUIRED, moment.words("Constat"))
            deliberation.record_finding(
                session, moment.hearing_id, competency, record,
                revision=row.revision if row else 0, by=moment.rows.presiding(), at=moment.at,
            )  # fmt: skip

    return do


def decide(outcome: Outcome, *numbers: int, votes: Votes = Votes()) -> Do:
    """Return the act of drafting a decision on blocks, by counts that were typed or without any."""

    def do(session: Session, moment: Moment) -> None:
        for number in numbers:
            stored = session.query(DecisionDraft).filter_by(hearing_id=moment.hearing_id, block_id=moment.block(number))
            row = stored.one_or_none()
            departs = moment.words("Écart") if outcome is Outcome.NOT_VALIDATED else ""
            record = DecisionRecord(outcome, moment.words("Motif"), departs, "Un budget." if departs else "", votes)
            deliberation.record_decision(
                session, moment.hearing_id, moment.block(number), record,
                revision=row.revision if row else 0, by=moment.rows.presiding(), at=moment.at,
            )  # fmt: skip

    return do


def _open_ballot(session: Session, moment: Moment, number: int = 1) -> UUID:
    by = moment.rows.presiding()
    return ballots.open_ballot(session, moment.hearing_id, moment.block(number), by=by, at=moment.at).id


def _close_ballot(session: Session, moment: Moment) -> None:
    still = [key for (kind, key), made in moment.rows.made.items() if kind == "ballot" and not made.value["closed_at"]]
    ballot = still[0] if still else moment.hearing_id
    ballots.close_ballot(session, moment.hearing_id, ballot, by=moment.rows.presiding(), at=moment.at)


def _vote(choice: VoteChoice, *numbers: int, by_all: bool = True) -> Do:
    """Return the act of voting on blocks: everybody does, or the presidency alone."""

    def do(session: Session, moment: Moment) -> None:
        sitting = moment.rows.sitting() if moment.rows.present else {moment.rows.presiding()}
        for number in numbers:
            ballot = _open_ballot(session, moment, number)
            for person in sorted(sitting) if by_all else [moment.rows.presiding()]:
                ballots.cast_vote(session, moment.hearing_id, ballot, choice, by=person, at=moment.at)

    return do


def _interview(session: Session, moment: Moment) -> None:
    entry = InterviewInput(InterviewKind.INTERVIEW, "Chiffrez ce budget.", moment.words("En trois postes"))
    interview.write_entry(session, moment.hearing_id, entry, by=moment.rows.presiding(), at=moment.at)


def _opinions(session: Session, moment: Moment) -> None:
    """Give the opinions of everybody who sits."""
    for person in sorted(moment.rows.sitting()) or [moment.rows.presiding()]:
        for competency in (each for number in (1, 2) for each in moment.start.competencies[1, number]):
            own = deliberation.own_opinions(session, moment.hearing_id, person).get(competency)
            deliberation.record_opinion(
                session, moment.hearing_id, competency, OpinionInput(FindingValue.ACQUIRED),
                revision=own.revision if own else 0, by=person, at=moment.at,
            )  # fmt: skip
        deliberation.give_opinions(session, moment.hearing_id, by=person, at=moment.at)


def _suspend(session: Session, moment: Moment) -> None:
    words, day = moment.words("Panne"), day_of(moment.at) + timedelta(days=1)
    suspension.adjourn(session, moment.hearing_id, words, day, by=moment.rows.presiding(), at=moment.at)


def _resume(*, others: bool) -> Do:
    """Return the act of resuming with everybody, or with another composition: a substitute, or one member fewer."""

    def do(session: Session, moment: Moment) -> None:
        gone = moment.holder("employee_representative").person
        people = [person for person in moment.people if not others or person != gone]
        suspension.resume(session, moment.hearing_id, people, by=moment.rows.presiding(), at=moment.at)

    return do


def _move(where: str, reason: str) -> Do:
    def do(session: Session, moment: Moment) -> None:
        to = {"same day": moment.same_day, "later": moment.later, "back": moment.start.session_id}[where]
        words = reason and moment.words(reason)
        schedule.move_hearing(session, moment.hearing_id, to, words, by=moment.start.certifier, at=moment.at)

    return do


def _change_day(reason: str) -> Do:
    def do(session: Session, moment: Moment) -> None:
        jury = moment.rows.hearing
        typed = ScheduleInput(jury.held_on + timedelta(days=2), jury.place, None, None)
        schedule.set_schedule(
            session, moment.session_id, typed, revision=jury.schedule_revision or 0,
            reason=reason and moment.words(reason), by=moment.start.certifier, at=moment.at,
        )  # fmt: skip

    return do


def _name(naming: MemberInput, reason: str) -> Do:
    """Return the act that names someone in a seat: in place of who is there, or in an empty one."""

    def do(session: Session, moment: Moment) -> None:
        seated = moment.in_seat(str(naming.seat), naming.rank)
        named = replace(naming, seen=seated.revision if seated else 0)
        if seated is not None and seated.email == named.email:
            named = replace(named, email=f"n{moment.number}@exemple.fr", name=f"Noé Numéro {moment.number}")
        planning.name_member(
            session, moment.session_id, named, act() if named.appointed_on else None,
            reason=reason and moment.words(reason), by=moment.start.certifier, at=moment.at,
        )  # fmt: skip

    return do


def _remove(reason: str) -> Do:
    def do(session: Session, moment: Moment) -> None:
        member = moment.in_seat("president", 1) or moment.holder("employee_representative")
        words = reason and moment.words(reason)
        planning.remove_member(session, moment.session_id, member.id, words, by=moment.start.certifier, at=moment.at)

    return do


def _recuse(session: Session, moment: Moment) -> None:
    person = moment.rows.presiding()
    said = MemberDeclarations(person, StatementKind.RECUSAL, moment.words("Un lien"))
    declarations.record_statement(session, moment.hearing_id, said, by=person, at=moment.at)


def _cancel(session: Session, moment: Moment) -> None:
    words = moment.words("Grève")
    schedule.cancel_session(session, moment.session_id, words, by=moment.start.certifier, at=moment.at)


def _close(days: int | None) -> Do:
    """Return the act of closing: the presidency states no day, or the one so many days after today."""

    def do(session: Session, moment: Moment) -> None:
        stated = None if days is None else day_of(moment.at) + timedelta(days=days)
        closing.close(session, moment.hearing_id, stated, by=moment.rows.presiding(), at=moment.at)

    return do


def _void(session: Session, moment: Moment) -> None:
    words = moment.words("Irrégulier")
    former_jury.void_hearing(session, moment.hearing_id, words, by=moment.start.certifier, at=moment.at)


def _nothing(_session: Session, _moment: Moment) -> None:
    """Let a night pass."""


def _day_after(moment: Moment) -> date | None:
    return moment.rows.hearing.held_on + timedelta(days=2) if moment.rows.hearing else None


def _today(moment: Moment) -> date:
    return day_of(moment.at)


HEARD, WHY = Attendance.HEARD, "Empêchement"
TIE = Votes(1, 1, 0, PresidencyVote.FOR)
MOVED, DAY_CHANGED, MEMBERS_CHANGED = "moved", "day_changed", "members_changed"
ACTS: tuple[Act, ...] = (
    Act("everybody is there", _everybody("")),
    Act("everybody is there, corrected", _everybody("Erreur")),
    Act("a member is away", _without("employee_representative", "Départ")),
    Act("a member is away, without a word", _without("employee_representative", "")),
    Act("the president is away", _without("president", "Départ")),
    Act("the candidate is absent", _away(Attendance.ABSENT, "Absence")),
    Act("the candidate is absent, without a word", _away(Attendance.ABSENT, "")),
    Act("the candidate is excused", _away(Attendance.EXCUSED, "Excuse")),
    Act("everything is found", _find(1, 2)),
    Act("block 1 is found", _find(1)),
    Act("everything is validated", decide(Outcome.VALIDATED, 1, 2)),
    Act("block 1 is refused", decide(Outcome.NOT_VALIDATED, 1)),
    Act("block 1 is validated by counts that tie", decide(Outcome.VALIDATED, 1, votes=TIE)),
    Act("a ballot opens", _open_ballot),
    Act("the ballot closes", _close_ballot),
    Act("the presidency votes", _vote(VoteChoice.FOR, 1, by_all=False)),
    Act("block 1 is voted", _vote(VoteChoice.FOR, 1)),
    Act("everything is voted", _vote(VoteChoice.FOR, 1, 2)),
    Act("block 1 is voted down", _vote(VoteChoice.AGAINST, 1)),
    Act("an interview is written", _interview),
    Act("opinions are given", _opinions),
    Act("suspended", _suspend, ends="suspended"),
    Act("resumed by the same", _resume(others=False), to_day=_today),
    Act("resumed by others", _resume(others=True), to_day=_today),
    Act("moved on the day", _move("same day", WHY), ends=MOVED, is_elsewhere=True),
    Act("moved on the day, without a word", _move("same day", ""), ends=MOVED, gives_reason=False, is_elsewhere=True),
    Act("moved to a later day", _move("later", WHY), ends=MOVED, is_elsewhere=True),
    Act("moved back", _move("back", WHY), ends=MOVED, is_elsewhere=True),
    Act("the day changes", _change_day(WHY), ends=DAY_CHANGED, to_day=_day_after),
    Act("the day changes, without a word", _change_day(""), ends=DAY_CHANGED, gives_reason=False, to_day=_day_after),
    Act("a member is replaced", _name(OTHER, WHY), ends=MEMBERS_CHANGED),
    Act("a member is replaced, without a word", _name(OTHER, ""), ends=MEMBERS_CHANGED, gives_reason=False),
    Act("the president is replaced", _name(OTHER_PRESIDENT, WHY), ends=MEMBERS_CHANGED),
    Act("a substitute is named", _name(STAND_IN, WHY), ends=MEMBERS_CHANGED),
    Act("a substitute is named, without a word", _name(STAND_IN, ""), ends=MEMBERS_CHANGED, gives_reason=False),
    Act("a member is removed", _remove(WHY), ends=MEMBERS_CHANGED),
    Act("a member is removed, without a word", _remove(""), ends=MEMBERS_CHANGED, gives_reason=False),
    Act("the president is recused", _recuse),
    Act("cancelled", _cancel, ends="cancelled"),
    Act("closed", _close(None)),
    Act("closed, decided today", _close(0)),
    Act("closed, decided yesterday", _close(-1)),
    Act("closed, decided tomorrow", _close(1)),
    Act("void", _void),
    Act("a night passes", _nothing, nights=1, is_elsewhere=True),
)
