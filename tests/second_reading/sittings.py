"""Random hearings played on a database: drafts, counts and ballots in any order, suspensions, moves, presences, the
closing on some day.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import takewhile
from random import Random
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft
from portfolio.domain.jury.models.sittings import Sitting
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury.rules.opinions import InterviewInput, InterviewKind, VoteChoice
from portfolio.domain.jury_session.use_cases import (
    ballots,
    closing,
    declarations,
    deliberation,
    interview,
    planning,
    schedule,
    suspension,
)
from portfolio.errors import Refusal
from tests.jury.builders import ACQUIRED, DAY, FIVE, ON_THE_DAY, SEALED_AT, Scene, act, scene
from tests.second_reading import facts as f
from tests.second_reading import reading
from tests.second_reading.course import course_of, presences
from tests.second_reading.our_deliberations import decision_of
from tests.second_reading.random_deliberations import count

TWO = {"size": 2, "seats": ["president", "employee_representative"], "casting_vote": False}
QUORUM = {"quorum": 4}
RULES = (
    ({}, FIVE),
    ({"casting_vote": False}, FIVE),
    (QUORUM, FIVE),
    (TWO, FIVE[:2]),
    (TWO | {"casting_vote": True}, FIVE[:2]),
)
DRAFTS = (
    f.Draft(f.VALIDATED),
    f.Draft(f.NOT_VALIDATED, "Trop peu d’exemples.", "L’entretien l’a montré.", "Ajoutez un budget."),
    f.Draft(f.NOT_VALIDATED, "Trop peu d’exemples.", "", "Ajoutez un budget."),
)
FOUND = f.Finding("acquired")
OUTCOMES = {
    JuryRefusal.BALLOT_WAS_CLOSED: "refused: a ballot was closed",
    JuryRefusal.PRESENCE_NEEDS_REASON: "refused: no reason",
}


class PlayedHearing:
    """A regular jury before a candidate whose competencies are all acquired, each block drafted « validated »."""

    def __init__(self, db: Database, random: Random) -> None:
        self.db, self.random, self.at = db, random, ON_THE_DAY
        rule, self.namings = random.choice(RULES)
        self.made: Scene = scene(db, members=self.namings, refused=(), **({"jury": rule} if rule else {}))
        seats = [str(naming.seat) for naming in self.namings]
        casting_vote = bool(rule.get("casting_vote", True))
        self.rule = f.JuryRule(len(seats), tuple(seats), None, None, rule.get("quorum"), casting_vote=casting_vote)
        self.ended: list[f.Sitting] = []
        self.begin(DAY)
        self.findings = [(FOUND,) * len(block.competencies) for block in self.made.blocks]
        self.acts = [[DRAFTS[0]] for _ in self.made.blocks]

    def begin(self, on: date, away: Seat | None = None) -> None:
        """Begin a sitting, in which nothing is made yet."""
        members = (f.Member(rank, str(naming.seat), present=naming.seat is not away) for rank, naming in self.seated)
        self.jury = f.Jury(on, self.rule, tuple(members))
        self.findings = [(f.Finding(None),) * len(block.competencies) for block in self.made.blocks]
        self.acts: list[list[f.Draft | f.Ballot]] = [[] for _ in self.made.blocks]
        self.said: list[f.Presence] = []
        self.interviewed, self.suspended = False, False

    @property
    def seated(self) -> list[tuple[int, object]]:
        """Return the members by number."""
        return list(enumerate(self.namings))

    @property
    def present(self) -> list[UUID]:
        """Return who is there."""
        return [self.made.members[Seat(member.seat)].id for member in self.jury.members if member.present]

    def sitting(self, ending: str = f.CLOSED) -> f.Sitting:
        """Return the sitting under way, as it ends."""
        told = tuple(
            f.Deliberation(rank, self.findings[rank], tuple(self.acts[rank])) for rank in range(len(self.acts))
        )
        return f.Sitting(self.jury, told, ending, tuple(self.said))

    def hearing(self, closed_at: datetime | None = None, stated_on: date | None = None) -> f.Hearing:
        """Return what happened, as the second reading reads it."""
        scope = frozenset(range(len(self.made.blocks)))
        last = self.sitting(f.SUSPENDED if self.suspended else f.CLOSED)
        facts = ("PV", 1, f.VAE, DAY, "other", DAY, "none", scope)
        return f.Hearing(*facts, (*self.ended, last), closed_at, stated_on)

    def live(self) -> None:
        """Do one more thing; what is refused is no fact."""
        self.at += timedelta(self.random.choice((0, 0, 0, 0, 1, 3)), minutes=10)
        if self.suspended:
            (self.resume if self.random.random() < 0.8 else self.move)()
            return
        acts = (self.draft, self.draft, self.vote, self.vote, self.find, self.say, self.say, self.hear)
        with suppress(Refusal):
            self.random.choice((*acts, self.suspend, self.move))()

    def find(self) -> None:
        """The presidency finds every competency of a block acquired, again or for the first time."""
        rank = self.random.randrange(len(self.made.blocks))
        with self.db.transaction() as session:
            self._find(session, rank)
        self.findings[rank] = (FOUND,) * len(self.findings[rank])

    def _find(self, session: Session, rank: int) -> None:
        for competency in self.made.blocks[rank].competencies:
            query = select(FindingDraft.revision).where(FindingDraft.competency_id == competency.id)
            known = {"revision": session.scalar(query) or 0, "by": self.made.president.id, "at": self.at}
            deliberation.record_finding(session, self.made.hearing_id, competency.id, ACQUIRED, **known)

    def draft(self) -> None:
        """The presidency drafts a decision, with a count or without; one that the last ballot contradicts is refused."""
        told, rank = self.random.choice(DRAFTS), self.random.randrange(2)
        if self.random.random() < 0.25:
            told = count(self.random, told, self.jury)
        with self.db.transaction() as session:
            self._draft(session, rank, told)
        self.acts[rank].append(told)

    def _draft(self, session: Session, rank: int, told: f.Draft) -> None:
        block = self.made.blocks[rank]
        query = select(DecisionDraft.revision).where(DecisionDraft.block_id == block.id)
        known = {"revision": session.scalar(query) or 0, "by": self.made.president.id, "at": self.at}
        deliberation.record_decision(session, self.made.hearing_id, block.id, decision_of(told), **known)

    def vote(self) -> None:
        """The members vote, or some of them; the presidency closes the ballot, or keeps it open."""
        rank = self.random.randrange(len(self.made.blocks))
        course = course_of(self.hearing())
        if any(isinstance(act, f.Ballot) and not act.closed for act in course.deliberations[rank].acts[-1:]):
            return
        votes, closed = [], False
        with self.db.transaction() as session:
            ballot = ballots.open_ballot(
                session, self.made.hearing_id, self.made.blocks[rank].id, by=self.made.president.id, at=self.at
            )
            for member in self.jury.members:
                if member.present and self.random.random() < 0.85:
                    choice = self.random.choice((f.FOR, f.FOR, f.AGAINST, f.AGAINST, f.ABSTAINS))
                    person = self.made.members[Seat(member.seat)].id
                    closed = ballots.cast_vote(
                        session, self.made.hearing_id, ballot.id, VoteChoice(choice), by=person, at=self.at
                    )
                    votes.append((member.person, choice))
            if not closed and self.random.random() < 0.85:
                ballots.close_ballot(session, self.made.hearing_id, ballot.id, by=self.made.president.id, at=self.at)
                closed = True
        self.acts[rank].append(f.Ballot(tuple(votes), closed, on=day_of(self.at)))

    def hear(self) -> None:
        """A question is written on the interview sheet."""
        entry = InterviewInput(InterviewKind.INTERVIEW, "Chiffrez ce budget.", "En trois postes.")
        with self.db.transaction() as session:
            interview.write_entry(session, self.made.hearing_id, entry, by=self.made.president.id, at=self.at)
        self.interviewed = True

    def say(self) -> None:
        """The certifier says who was heard, or corrects it; the product refuses what the second reading refuses."""
        course = course_of(self.hearing())
        told = f.Presence(
            self.random.choice((f.ABSENT, f.EXCUSED, f.HEARD, f.HEARD)),
            self.random.choice(("", " ", "Erreur de saisie.")),
            self._made_before(course.deliberations),
        )
        _noted, (second,) = presences(course.attendance, (told,))
        found = "noted"
        try:
            with self.db.transaction() as session:
                self._check(session, Attendance(told.attendance), told.reason)
        except Refusal as refused:
            found = OUTCOMES[refused.code]
        assert second == found, (told, course.attendance)
        self.said.append(told)

    def _made_before(self, told: Sequence[f.Deliberation]) -> str:
        """Return the last thing that the jury has made; an interview goes on with a sitting that goes on."""
        acts = [act for each in told for act in each.acts if isinstance(act, f.Ballot)]
        # A deliberation that goes on voted before it was suspended, whoever resumes it.
        for sitting in takewhile(lambda one: one.ending == f.SUSPENDED, reversed(self.ended)):
            acts += [
                act for each in sitting.deliberations for act in each.acts if isinstance(act, f.Ballot) and act.closed
            ]
        if any(ballot.closed for ballot in acts):
            return "closed ballot"
        if acts:
            return "ballot"
        found = any(finding.value is not None for each in told for finding in each.findings)
        return "finding" if found else "interview" if self.interviewed else ""

    def _check(self, session: Session, attendance: Attendance = Attendance.HEARD, reason: str = "") -> None:
        by = self.made.certifier.id
        declarations.check_presence(session, self.made.hearing_id, self.present, attendance, reason, by=by, at=self.at)

    def suspend(self) -> None:
        """The presidency suspends the sitting."""
        with self.db.transaction() as session:
            suspension.adjourn(session, self.made.hearing_id, "Panne.", None, by=self.made.president.id, at=self.at)
        self.suspended = True

    def resume(self) -> None:
        """The members resume, or without one of them where the quorum lets them."""
        away = Seat.TEACHER_TRAINER if self.rule.quorum and self.random.random() < 0.5 else None
        before, interviewed = self.sitting(f.SUSPENDED), self.interviewed
        self.ended.append(before)
        self.begin(day_of(self.at), away)
        self.interviewed = interviewed
        with self.db.transaction() as session:
            same = suspension.resume(session, self.made.hearing_id, self.present, by=self.made.president.id, at=self.at)
        assert same == (before.jury.members == self.jury.members)
        if not same:
            self.confirm()

    def confirm(self) -> None:
        """Other members confirm what they find, but a part of it sometimes; they draft before they vote."""
        with self.db.transaction() as session:
            for rank in range(len(self.made.blocks)):
                self._draft(session, rank, DRAFTS[0])
                self.acts[rank].append(DRAFTS[0])
                if self.random.random() < 0.8:
                    self._find(session, rank)
                    self.findings[rank] = (FOUND,) * len(self.findings[rank])

    def move(self) -> None:
        """The certifier moves the hearing to another session, with the same people; who comes is checked again."""
        on = day_of(self.at) + timedelta(2)
        by = self.made.certifier.id
        with self.db.transaction() as session:
            plan = Planning(self.made.version_id, on, "Lyon")
            other = planning.plan_session(session, self.made.body_id, plan, by=by, at=SEALED_AT).id
            for naming in self.namings:
                paper = act() if naming.appointed_on else None
                planning.name_member(session, other, naming, paper, by=by, at=SEALED_AT)
            schedule.move_hearing(session, self.made.hearing_id, other, "Grève.", by=by, at=self.at)
        self.made.session_id = other
        if self.suspended:  # what it did is kept with its suspension
            self.ended.append(self.sitting(f.SUSPENDED))
            self.begin(self.jury.on)
        self.ended.append(self.sitting("moved"))
        self.begin(on)
        self.at = datetime.combine(on, ON_THE_DAY.timetz())
        with self.db.transaction() as session:
            self._check(session)
            for rank in range(len(self.made.blocks)):
                if self.random.random() < 0.7:
                    self._find(session, rank)
                    self._draft(session, rank, DRAFTS[0])
                    self.findings[rank] = (FOUND,) * len(self.findings[rank])
                    self.acts[rank].append(DRAFTS[0])

    def check(self) -> str:
        """Close on some day, and compare; return how it ended."""
        self.at += timedelta(self.random.choice((0, 0, 4)), minutes=10)
        today = day_of(self.at)
        around = (None, self.jury.on, self.jury.on - timedelta(1), today + timedelta(1))
        stated = self.random.choice((today,) * 6 + around)
        hearing = self.hearing(self.at, stated)
        answer = reading.answer_of(hearing, course_of(hearing), f.Version(1, ()), today, is_regular=True)
        try:
            with self.db.transaction() as session:
                closing.close(session, self.made.hearing_id, stated, by=self.made.president.id, at=self.at)
        except Refusal as refused:
            self._compare_faults(refused, answer.faults)
            return "refused"
        assert not answer.faults, answer.faults
        with self.db.reader() as session:
            return self._compare_minutes(session, answer)

    def _compare_faults(self, refused: Refusal, faults: frozenset[tuple[str, int | None]]) -> None:
        assert faults, ("refused, and nothing prevents it", refused.code, refused.facts)
        if refused.code is JuryRefusal.NOT_READY:
            numbers = {block.id: rank for rank, block in enumerate(self.made.blocks)}
            found = {(str(fault.code), numbers.get(fault.block)) for fault in refused.facts["faults"]}
            assert found == faults
        else:
            assert ("suspended", None) in faults, refused.code

    def _compare_minutes(self, session: Session, answer: reading.HearingAnswer) -> str:
        minutes = session.scalars(select(Minutes)).one()
        assert (minutes.decided_on, str(minutes.attendance)) == (answer.on, answer.attendance)
        rows = {row.block_id: str(row.outcome) for row in session.scalars(select(RecordedDecision))}
        decided = {self.made.blocks[rank].id: outcome for rank, outcome in answer.decisions.items()}
        assert rows == decided
        won = {block for block, outcome in decided.items() if outcome == f.VALIDATED}
        granted = {(grant.block_id, grant.granted_on) for grant in session.scalars(select(Grant))}
        assert granted == {(block, answer.on) for block in won}
        kept = [str(row.ending) for row in session.scalars(select(Sitting).order_by(Sitting.number))]
        assert [ending for ending in kept if ending in ("moved", "suspended")] == [one.ending for one in self.ended]
        if answer.attendance != f.HEARD:
            return "closed, not heard"
        return "closed, all validated" if len(won) == len(decided) else "closed, a block refused"
