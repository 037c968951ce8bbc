"""A hearing in every order of acts: each act goes through its use case, then the store is compared with the model."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.engine import transaction
from portfolio.domain.candidacy.models import Submission, is_superseded
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import (
    AcquisitionInput,
    AppealGrant,
    AppealInput,
    AppealKind,
    AppealOutcome,
    EquivalenceInput,
    InvitationInput,
    ObservationInput,
    ObservationManner,
    StatusChange,
    StatusChangeKind,
)
from portfolio.domain.holdings.use_cases import appeals, contest_tasks, proposals, status_changes
from portfolio.domain.holdings.use_cases.equivalence import declare_equivalence
from portfolio.domain.holdings.use_cases.granting import record_acquisition
from portfolio.domain.holdings.use_cases.issuing import issue_missing_grants
from portfolio.domain.jury.models.deliberation import Ballot as BallotRow
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft
from portfolio.domain.jury.rules.deliberation import DecisionRecord, FindingRecord
from portfolio.domain.jury.rules.enums import Attendance, FindingValue, Outcome, StatementKind
from portfolio.domain.jury.rules.juror_card import MemberInput
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury.rules.opinions import VoteChoice
from portfolio.domain.jury_session.use_cases import (
    ballots,
    closing,
    declarations,
    deliberation,
    former_jury,
    suspension,
)
from portfolio.domain.ledger.recording import append
from portfolio.domain.notification.rules.letter import MissingCompetencyText
from portfolio.domain.notification.use_cases import notifying
from portfolio.domain.submission.rules.returns import RequestInput, ReturnInput
from portfolio.domain.submission.use_cases import returns
from portfolio.domain.submission.use_cases.submit import open_next_draft, submit
from portfolio.errors import Conflict, Refusal
from tests.jury.builders import STATEMENT, act
from tests.machine import forms, pages, properties
from tests.machine.forms import SIGNED, Form, day_typed
from tests.machine.model import ABSTAIN, AGAINST, FOR, HEARD, REFUSED, VALIDATED, Ballot, Block, Hearing, Member, Person
from tests.machine.sitting_acts import SittingActs
from tests.machine.world import DAY, SETTINGS, Start, Store, convene, open_candidacy

CHOICES = st.sampled_from((FOR, AGAINST, ABSTAIN))
# Where a member states each thing, and what the page sends.
STATEMENT_PAGES = {
    StatementKind.NO_RELATION: "declaration",
    StatementKind.READ: "lecture",
    StatementKind.RECUSAL: "recusation",
    StatementKind.RECUSAL_WITHDRAWN: "recusation/retrait",
}
STATED = {kind: {"sure": "y", "elsewhere": "y"} for kind in STATEMENT_PAGES} | {
    StatementKind.NO_RELATION: {"kind": "no_relation"}
}
READERS = ("candidate", "certifier", "president", "other president", "public")
NUMBERS = st.sampled_from((1, 2))
SAID = {
    number: MissingCompetencyText("Une estimation.", "Le détail.", "Un budget réel.", "Refaire le chiffrage.")
    for number in ("1.1", "2.1", "2.2")
}


@dataclass(repr=False)
class Seen:
    """A hearing of the model with its rows."""

    model: Hearing
    candidacy_id: UUID
    number: int
    submission_id: UUID
    session_id: UUID
    id: UUID
    # Whether a decision on this dossier was annulled.
    is_second: bool = False

    def __repr__(self) -> str:
        return f"version {self.model.version}, {self.model.day}"


class Chosen:
    """The values that a rule of the machine draws, in order."""

    def __init__(self, *values: Any) -> None:
        self.values = list(values)

    def draw(self, _strategy: object) -> Any:
        """Return the next value."""
        return self.values.pop(0)


class HearingMachine(SittingActs, RuleBasedStateMachine):
    """Acts on the hearings of one person, in any order that the product lets through."""

    store: ClassVar[Store]
    # Whether acts that have a form are sent by it, over HTTP.
    sends_forms = False

    # --- how an act is done -------------------------------------------------------------------------------

    def act(self, what: str, use_case: Callable[[Session], Any], form: Form | None = None) -> tuple[bool, Any]:
        """Do one act as the product does; answer whether it was accepted, with its answer or its refusal."""
        self.store.at += timedelta(minutes=1)
        if self.sends_forms and form is not None and form.who:
            sent = forms.send(self.store, form)
            note(f"{self.store.at:%d/%m %H:%M} {what}, par la page de {form.who} : {'fait' if sent[0] else 'refusé'}")
            return sent
        try:
            with self.store.app.app_context(), transaction() as session:
                done = True, use_case(session)
        except (Refusal, Conflict) as refusal:
            done = False, refusal
        note(f"{self.store.at:%d/%m %H:%M} {what}: {'fait' if done[0] else getattr(done[1], 'code', done[1])}")
        return done

    @property
    def at(self) -> datetime:
        return self.store.at

    @property
    def today(self):
        return day_of(self.store.at)

    @property
    def heard(self) -> Hearing:
        return self.seen[-1].model

    @property
    def row(self) -> Seen:
        return self.seen[-1]

    def member(self, key: str) -> tuple[UUID, MemberInput]:
        first, others = self.start.juries
        return first[key] if key in first else others[key]

    def person_of(self, key: str) -> UUID:
        return self.member(key)[0]

    @property
    def is_open(self) -> bool:
        return not self.heard.closed and not self.heard.void

    def new_members(self, jury: int = 0) -> list[Member]:
        return [Member(key, str(one.seat), one.rank) for key, (_, one) in self.start.juries[jury].items()]

    # --- the beginning ------------------------------------------------------------------------------------

    @initialize(
        setting=st.sampled_from(SETTINGS), ready=st.integers(0, 5), early=st.integers(0, 3), way=st.integers(0, 19)
    )
    def begin(self, setting, ready, early, way=0):
        self.setting, self.sends_forms = setting, way == 19
        self.start: Start = self.store.start(setting)
        self.person = Person({(v, 1): setting.months for v in (1, 2)} if setting.months else {})
        heard = Hearing(1, DAY, (1, 2), self.new_members(), setting.casting_vote)
        self.person.hearings.append(heard)
        self.seen = [
            Seen(
                heard,
                self.start.candidacy_id,
                1,
                self.start.submission_id,
                self.start.session_id,
                self.start.hearing_id,
            )
        ]
        self.candidacies = {1: self.start.candidacy_id}
        self.held_before: set[Block] = set()
        self.day_before = self.today
        self.lowers = False
        if not early:
            self.store.at -= timedelta(days=5)
        if ready:
            self.get_ready()

    def get_ready(self):
        for member in self.heard.members:
            if not member.recused:
                self.make_ready(member)
        self.check_presence([one.key for one in self.heard.members if not one.rank], HEARD)

    # --- before the deliberation --------------------------------------------------------------------------

    def make_ready(self, member: Member):
        if not member.declared:
            self.state(member, StatementKind.NO_RELATION)
        if not member.read:
            self.state(member, StatementKind.READ)

    def state(self, member: Member, kind: StatementKind):
        reason = f"Récusation de {member.key}" if kind is StatementKind.RECUSAL else ""
        said = MemberDeclarations(self.person_of(member.key), kind, reason)
        by = said.person
        done, _ = self.act(
            f"{member.key} {kind}",
            lambda session: declarations.record_statement(session, self.row.id, said, by=by, at=self.at),
            Form(member.key, f"/jurys/{self.row.id}/{STATEMENT_PAGES[kind]}", STATED[kind] | {"reason": reason}),
        )
        if done:
            if kind is StatementKind.NO_RELATION:
                member.declared = True
            elif kind is StatementKind.READ:
                member.read = True
            elif kind is StatementKind.RECUSAL:
                member.recused = True
                self.heard.recusals.append(member.key)
            else:
                member.recused = False
                self.heard.recusals = [key for key in self.heard.recusals if key != member.key]

    def check_presence(self, present: list[str], attendance: str) -> bool:
        """Return whether presences are kept: nobody is absent after a closed ballot (§10)."""
        people, why = [self.person_of(key) for key in present], "Vérifié de nouveau."
        was_voted = any(ballot.closed for them in self.heard.ballots.values() for ballot in them)
        done, _ = self.act(
            f"présents {present}, {attendance}",
            lambda session: declarations.check_presence(
                session, self.row.id, people, Attendance(attendance), why, by=self.start.certifier, at=self.at
            ),
            Form("certifier", f"/jurys/{self.row.id}/presence",
                 {"present": [str(one) for one in people], "attendance": attendance, "reason": why}),
        )  # fmt: skip
        assert attendance == HEARD or not was_voted or not done, "the minutes would not hold a closed ballot"
        if done:
            self.heard.attendance = attendance
            self.note_presence(present)
        return done

    def note_presence(self, present: list[str]):
        for member in self.heard.members:
            is_there = member.key in present
            if member.present is not None and member.present is not is_there:
                self.heard.moves.append((member.key, is_there))
            member.present = is_there

    @precondition(lambda self: self.is_open)
    @rule(data=st.data(), kind=st.sampled_from(("ready", "ready", "presence", "presence", *StatementKind)))
    def members_before_the_candidate(self, data, kind):
        if kind == "ready":
            self.get_ready()
        elif kind == "presence":
            keys = [one.key for one in self.heard.members]
            away = data.draw(st.sets(st.sampled_from(keys), max_size=2))
            attendance = data.draw(st.sampled_from((HEARD, HEARD, "absent", "excused")))
            self.check_presence([key for key in keys if key not in away], attendance)
        else:
            self.state(data.draw(st.sampled_from(self.heard.members)), kind)

    @precondition(lambda self: self.is_open and (self.heard.is_returned or self.today < self.heard.day))
    @rule(lifts=st.booleans())
    def complete_the_dossier(self, lifts):
        """The dossier is returned before its day, then sealed anew, or nothing more is asked."""
        if not self.heard.is_returned:
            asked = ReturnInput("Une pièce manque.", self.heard.day, (RequestInput("Le budget"),))
            self.heard.is_returned, _ = self.act(
                "dossier à compléter",
                lambda session: (
                    returns.return_dossier(
                        session, self.row.candidacy_id, asked, by=self.start.certifier, at=self.at
                    ).id
                ),
            )
        elif lifts:
            self.lift_the_return()
        else:
            done, sealed = self.act(
                "nouvelle version du dossier",
                lambda session: submit(session, self.row.candidacy_id, STATEMENT, by=self.start.candidate, at=self.at),
            )
            if done:
                self.heard.is_returned = False
                self.row.number, self.row.submission_id = sealed.number, sealed.id
                for member in self.heard.members:
                    member.read = False

    def lift_the_return(self) -> None:
        done, answer = self.act(
            "plus rien à compléter",
            lambda session: returns.lift_return(session, self.row.candidacy_id, by=self.start.certifier, at=self.at),
        )
        assert done, answer
        self.heard.is_returned = False

    # --- the deliberation ---------------------------------------------------------------------------------

    def revision(self, session: Session, kind: Any, **where: UUID) -> int:
        row = session.scalar(select(kind).filter_by(hearing_id=self.row.id, **where))
        return row.revision if row is not None else 0

    def find(self, number: int, acquired: bool) -> bool:
        """Return the presidency finds every competency of a block acquired, or all but the last."""
        ids = self.start.competencies[self.heard.version, number]
        by = self.person_of(self.heard.president.key)

        def write(session: Session) -> None:
            for competency in ids:
                short = competency == ids[-1] and not acquired
                record = (
                    FindingRecord(FindingValue.NOT_ACQUIRED, "Pas montré.")
                    if short
                    else FindingRecord(FindingValue.ACQUIRED)
                )
                revision = self.revision(session, FindingDraft, competency_id=competency)
                deliberation.record_finding(
                    session, self.row.id, competency, record, revision=revision, by=by, at=self.at
                )

        done, _ = self.act(f"constats du bloc {number}, {'acquis' if acquired else 'un manque'}", write)
        if done:
            self.heard.found[number] = acquired
        return done

    def draft_revision(self, session: Session, block: UUID) -> int:
        return self.revision(session, DecisionDraft, block_id=block)

    def decide(self, number: int, outcome: str) -> bool:
        """Return the presidency drafts a decision, with a reason to depart where the findings say otherwise (R4)."""
        block = self.start.blocks[self.heard.version, number]
        by = self.person_of(self.heard.president.key)
        departs = self.heard.found.get(number) is not None and self.heard.found[number] is not (outcome == VALIDATED)
        why = f"Écart du bloc {number} à {self.at:%H:%M}" if departs else ""
        refused = outcome == REFUSED
        record = DecisionRecord(
            Outcome(outcome), f"Motif du bloc {number}" if refused else "", why, "Montrez un budget." if refused else ""
        )
        done, _ = self.act(
            f"décision {outcome} sur le bloc {number}",
            lambda session: deliberation.record_decision(
                session, self.row.id, block, record,
                revision=self.draft_revision(session, block), by=by, at=self.at,
            ),
        )  # fmt: skip
        if done:
            self.heard.drafts[number] = outcome
            self.heard.overrides[number] = why
            self.heard.counts.pop(number, None)
        return done

    @precondition(lambda self: self.is_open)
    @rule(number=NUMBERS, found=st.sampled_from((None, True, False)), outcome=st.sampled_from((VALIDATED, REFUSED)))
    def deliberate(self, number, found, outcome):
        if found is not None:
            self.find(number, found)
        self.decide(number, outcome)

    def open_ballot(self, number: int) -> UUID | None:
        block = self.start.blocks[self.heard.version, number]
        by = self.person_of(self.heard.president.key)
        last = self.heard.last_ballot(number)
        done, _ = self.act(
            f"vote ouvert sur le bloc {number}",
            lambda session: ballots.open_ballot(session, self.row.id, block, by=by, at=self.at).id,
            Form(self.heard.president.key, f"/jurys/{self.row.id}/blocs/{block}/vote"),
        )
        if done and (last is None or last.closed):
            self.heard.ballots.setdefault(number, []).append(Ballot())
        return self.ballot_id(number) if done else None

    def ballot_id(self, number: int) -> UUID:
        block = self.start.blocks[self.heard.version, number]
        with self.store.db.reader() as session:
            query = select(BallotRow.id).where(BallotRow.hearing_id == self.row.id, BallotRow.block_id == block)
            return session.scalars(query.order_by(BallotRow.round.desc()).limit(1)).one()

    def vote(self, number: int, key: str, choice: str) -> None:
        ballot, opened = self.ballot_id(number), self.heard.last_ballot(number)
        by = self.person_of(key)
        done, _ = self.act(
            f"{key} vote {choice} sur le bloc {number}",
            lambda session: ballots.cast_vote(session, self.row.id, ballot, VoteChoice(choice), by=by, at=self.at),
            Form(key, f"/jurys/{self.row.id}/votes/{ballot}", {"choice": choice}),
        )
        if done and opened is not None:
            opened.choices[key] = choice
            if self.heard.voters <= opened.choices.keys():
                self.end_ballot(number, opened)

    def end_ballot(self, number: int, ballot: Ballot) -> None:
        """A ballot that ends has its outcome at once, and the presidency can note it (J11)."""
        ballot.closed, ballot.voters, ballot.closed_on = True, self.heard.voters, self.today
        ballot.president = self.heard.president.key
        with self.store.db.reader() as session:
            told = session.get_one(BallotRow, self.ballot_id(number)).outcome
        decides = ballot.outcome(self.heard.casting_vote)
        assert told == decides, f"the vote on block {number}, {ballot.choices}, gives {told}, not {decides}"

    @property
    def open_ballots(self) -> list[int]:
        return [number for number, them in self.heard.ballots.items() if them and not them[-1].closed]

    @precondition(lambda self: self.is_open)
    @rule(number=NUMBERS, data=st.data())
    def whole_ballot(self, number, data):
        self.vote_in_turn(number, data)

    def close_ballot(self, number: int) -> None:
        ballot, by = self.ballot_id(number), self.person_of(self.heard.president.key)
        done, _ = self.act(
            f"vote clos sur le bloc {number}",
            lambda session: ballots.close_ballot(session, self.row.id, ballot, by=by, at=self.at),
            Form(self.heard.president.key, f"/jurys/{self.row.id}/votes/{ballot}/cloture"),
        )
        if done:
            self.end_ballot(number, self.heard.last_ballot(number))

    def vote_in_turn(self, number: int, data: Any) -> None:
        """Each member who can vote does, on a ballot that is open or opened now."""
        if self.open_ballot(number) is None:
            return
        for member in self.heard.jury:
            if number in self.open_ballots and member.key in self.heard.voters:
                self.vote(number, member.key, data.draw(CHOICES))

    @precondition(lambda self: self.is_open)
    @rule(number=NUMBERS, own=CHOICES)
    def tie(self, number, own):
        """As many vote for as against, the president among them or abstaining."""
        voters = [one.key for one in self.heard.jury if one.key in self.heard.voters]
        if not voters or self.open_ballot(number) is None:
            return
        others = [AGAINST if own == FOR else FOR] if own != ABSTAIN else []
        choices = [own, *others, *[ABSTAIN] * len(voters)]
        for key, choice in zip(voters, choices, strict=False):
            if number in self.open_ballots:
                self.vote(number, key, choice)

    @precondition(lambda self: self.is_open)
    @rule(number=NUMBERS, data=st.data(), choice=CHOICES, ends=st.booleans())
    def step_of_a_ballot(self, number, data, choice, ends):
        if number not in self.open_ballots:
            self.open_ballot(number)
        elif ends:
            self.close_ballot(number)
        else:
            self.vote(number, data.draw(st.sampled_from(self.heard.members)).key, choice)

    @precondition(lambda self: self.is_open)
    @rule(data=st.data(), days=st.integers(0, 3))
    def suspend_or_resume(self, data, days):
        if self.heard.is_suspended:
            away = data.draw(st.sets(st.sampled_from([one.key for one in self.heard.members]), max_size=1))
            self.resume([one.key for one in self.heard.members if one.key not in away])
        else:
            self.suspend(days)

    def suspend(self, days: int) -> None:
        reason = f"Alarme n° {len(self.heard.suspensions) + 1}"
        by = self.person_of(self.heard.president.key)
        until = self.today + timedelta(days=days)
        done, _ = self.act(
            f"suspension : {reason}",
            lambda session: suspension.adjourn(session, self.row.id, reason, until, by=by, at=self.at),
            Form(self.heard.president.key, f"/jurys/{self.row.id}/suspension",
                 {"reason": reason, "resumes_on": day_typed(until)}),
        )  # fmt: skip
        if done:
            self.heard.suspensions.append(reason)
            self.heard.is_suspended, self.heard.suspended_voters = True, self.heard.voters

    def resume(self, present: list[str]) -> None:
        by = self.person_of(self.heard.president.key)
        people = [self.person_of(key) for key in present]
        done, _ = self.act(
            f"reprise avec {present}",
            lambda session: suspension.resume(session, self.row.id, people, by=by, at=self.at),
            Form(self.heard.president.key, f"/jurys/{self.row.id}/reprise", {"present": [str(one) for one in people]}),
        )
        if done:
            self.note_presence(present)
            self.heard.resume(self.today)

    # --- the end of a hearing -----------------------------------------------------------------------------

    def close(self) -> tuple[bool, Any]:
        """Close the minutes; the presidency states today where no ballot says when the jury decided."""
        heard, by = self.heard, self.person_of(self.heard.president.key)
        expected = {number: heard.outcome(number) for number in {*self.undecided, *self.decided_before_held}}
        was_open, on = self.open_ballots, self.decision_day
        counted = {number: heard.counted(number) for number in expected if heard.last_ballot(number) is None}
        done, answer = self.act(
            "clôture",
            lambda session: closing.close(session, self.row.id, self.today, by=by, at=self.at).id,
            Form(heard.president.key, f"/jurys/{self.row.id}/cloture",
                 SIGNED | {"deliberated_on": day_typed(self.today)}),
        )  # fmt: skip
        if done:
            heard.closed, heard.closed_on = True, self.today
            self.count("decided")
            assert not heard.is_suspended, "a suspended hearing was closed"
            with self.store.db.reader() as session:
                minutes = session.scalars(select(Minutes).where(Minutes.hearing_id == self.row.id)).one()
                answer, decided_on = minutes.id, minutes.decided_on
                names = {block: number for (v, number), block in self.start.blocks.items() if v == heard.version}
                heard.decided = {names[row.block_id]: str(row.outcome) for row in minutes.decisions}
            if heard.attendance == HEARD:
                assert decided_on == on, f"decided on {decided_on}; the ballots and the presidency say {on}"
                heard.decided_on = on
                for number, by_counts in counted.items():
                    assert by_counts in (None, heard.decided[number]), f"block {number}: {heard.counts[number]}"
                assert not was_open, "minutes were closed while a ballot was open"
                assert heard.decided == expected, f"the minutes decide {heard.decided}; the votes {expected}"
                self.jury_was_ready(answer)
            else:
                assert heard.decided == {}
        return done, answer

    @property
    def decision_day(self) -> date:
        """Return the day of the decision: that of the last ballot where each block left to decide was voted by those
        who vote now; else the one that the presidency states, today (§10).
        """
        heard = self.heard
        closed = [ballot.closed_on for them in heard.ballots.values() for ballot in them if ballot.closed_on]
        earliest = max([heard.day, *closed])
        held = self.person.held(earliest)
        last = [heard.last_ballot(number) for number in heard.blocks if (heard.version, number) not in held]
        is_voted = bool(last) and all(one and one.closed and one.voters == heard.voters for one in last)
        return earliest if is_voted else max(earliest, self.today)

    @property
    def undecided(self) -> list[int]:
        """Return the blocks presented that the person does not hold on the day of the decision (R3, §10)."""
        held = self.person.held(self.decision_day)
        return [number for number in self.heard.blocks if (self.heard.version, number) not in held]

    @property
    def decided_before_held(self) -> list[int]:
        """Return the blocks whose decision was complete before the person came to hold them by another act: a fact
        that the minutes keep (R6).
        """
        return [one for one in self.heard.blocks if one not in self.undecided and self.is_complete(one)]

    def is_complete(self, number: int) -> bool:
        """Tell whether a decision lacks nothing: found, voted by those who vote now, with the reason of a refusal and
        of a departure from what was found (R4); a vote for the other outcome lets go of the reasons that were drafted.
        """
        heard, outcome, ballot = self.heard, self.heard.outcome(number), self.heard.last_ballot(number)
        if (
            outcome is None
            or number not in heard.found
            or (ballot and not (ballot.closed and ballot.voters == heard.voters))
        ):
            return False
        has_texts = heard.drafts.get(number) == outcome
        departs = heard.found[number] is not (outcome == VALIDATED)
        is_explained = not departs or bool(has_texts and heard.overrides.get(number))
        return is_explained and (has_texts or outcome == VALIDATED)

    def jury_was_ready(self, minutes_id: UUID) -> None:
        """No grant while a blocking condition is false (§5): by the snapshot, and by what members did."""
        heard = self.heard
        assert all(member.ready for member in heard.jury if member.present is not False), "J10 or J13"
        if not self.setting.quorum:
            assert all(member.present for member in heard.jury), "J14"
        with self.store.db.reader() as session:
            asked = session.get_one(Minutes, minutes_id).composition["predicates"]
        assert [one["id"] for one in asked if one["blocking"] and not one["holds"]] == []

    @precondition(lambda self: self.is_open)
    @rule(
        how=st.sampled_from(("decided", "decided", "voted", "voted", "as it is", "void")),
        acquired=st.booleans(),
        data=st.data(),
    )
    def end(self, how, acquired, data):
        """The minutes are closed, with what was not decided yet decided as it was found; or the hearing is voided."""
        if how == "void":
            self.void()
            return
        for number in self.undecided if how in ("decided", "voted") else ():
            if number not in self.heard.found:
                self.find(number, acquired)
            if number not in self.heard.drafts:
                self.decide(number, VALIDATED if self.heard.found.get(number) else REFUSED)
            if how == "voted":
                self.vote_in_turn(number, data)
        self.close()

    def void(self) -> None:
        done, answer = self.act(
            "sans effet",
            lambda session: (
                former_jury.void_hearing(
                    session, self.row.id, "Jury irrégulier.", by=self.start.certifier, at=self.at
                ).id
            ),
        )
        assert done, f"an open hearing cannot be voided: {answer.code}"
        self.heard.void = self.heard.closed = True
        self.heard.closed_on = self.today

    # --- after ---------------------------------------------------------------------------------------------

    def notify(self, row: Seen) -> bool:
        done, _ = self.act(
            "notification",
            lambda session: (
                notifying.notify(session, row.candidacy_id, row.number, SAID, by=self.start.certifier, at=self.at).id
            ),
        )
        if done:
            row.model.notified = True
            self.count("told", row)
            pages.check_letter(self, row)
        return done

    @property
    def waiting(self) -> list[Seen]:
        """Return the decisions that no letter told, the first one first; minutes of which every block was held meanwhile
        hold none.
        """
        return [row for row in self.seen if row.model.is_decided and row.model.decided and not row.model.notified]

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def send_a_letter(self, data):
        """Letters leave in the order of the decisions: each says where every block stands."""
        self.send(data.draw(st.sampled_from(self.waiting)))

    def send(self, row: Seen) -> None:
        is_first = row is self.waiting[0]
        assert self.notify(row) == is_first, "letters leave in the order of the decisions, and each can leave"

    @precondition(lambda self: any(row.model.is_decided for row in self.seen))
    @rule(data=st.data(), outcome=st.sampled_from(AppealOutcome), bias=st.booleans())
    def appeal(self, data, outcome, bias):
        row = data.draw(st.sampled_from([row for row in self.seen if row.model.is_decided]))
        numbers = data.draw(st.sets(st.sampled_from(sorted(row.model.decided)))) if row.model.decided else set()
        self.appeal_against(row, numbers, outcome, bias)

    @precondition(lambda self: not self.is_open and self.heard.is_decided)
    @rule(data=st.data(), of_grant=st.booleans(), bias=st.booleans(), acquired=st.booleans())
    def annul_then_hear_again(self, data, of_grant, bias, acquired):
        """Annul what the last jury decided, have another jury decide on it, and send each letter."""
        grants = [grant for row, grant, _ in self.granted if row is self.row]
        if of_grant and grants:
            self.change_status(self.row, grants[0], StatusChangeKind.ANNULMENT, bias)
        else:
            self.appeal_against(self.row, set(), AppealOutcome.GRANTED, bias)
        self.another_jury(other=bias, version=self.heard.version)
        if self.is_open:
            self.end("voted", acquired, data)
        for row in self.waiting:
            self.send(row)

    def appeal_against(self, row: Seen, numbers: set[int], outcome: AppealOutcome, bias: bool) -> None:
        blocks = frozenset(self.start.blocks[row.model.version, number] for number in numbers)
        kind, by = AppealKind.CERTIFIER, self.start.certifier
        received = AppealInput(kind, self.today, self.today, "Un membre me connaissait.", blocks)
        done, appeal_id = self.act(
            f"recours sur {sorted(numbers) or 'tout'}",
            lambda session: appeals.register(session, row.id, received, by=by, at=self.at).id,
        )
        assert done, appeal_id
        if outcome is not AppealOutcome.GRANTED:
            done, answer = self.act(
                f"réponse au recours : {outcome}",
                lambda session: (
                    appeals.answer(
                        session, row.id, appeal_id, outcome, self.today, "Réponse motivée.", by=by, at=self.at
                    ).id
                ),
            )
            assert done, answer
            return
        grant = AppealGrant(self.today, "Réponse motivée.", bias=bias)
        done, proposal = self.act(
            "recours à accueillir",
            lambda session: appeals.propose_grant(session, row.id, appeal_id, grant, by=by, at=self.at).id,
        )
        assert done, proposal
        done, answer = self.act(
            "recours accueilli",
            lambda session: (
                appeals.confirm_grant(session, row.id, appeal_id, proposal, by=self.start.second, at=self.at).id
            ),
        )
        assert done, answer
        self.lowers = True
        row.model.appealed |= numbers or set(row.model.decided)
        self.dossier_waits(row)
        if bias:
            self.bar_the_members(row)

    def dossier_waits(self, row: Seen) -> None:
        """After an annulment, the sealed dossier waits for another jury: the person has nothing to do (R12)."""
        held = self.person.held(self.today)
        lost = {number for number in row.model.lost if (row.model.version, number) not in held}
        if not lost or row is not self.seen[-1]:
            return
        query = select(Submission.id).where(Submission.candidacy_id == row.candidacy_id, ~is_superseded())
        with self.store.db.reader() as session:
            waiting = session.scalars(query).one()
        assert waiting != row.submission_id, f"no dossier waits for another jury on the blocks {lost}"

    def bar_the_members(self, row: Seen) -> None:
        """After an annulment for bias, no member of that jury judges the person again (domain §4)."""
        self.person.biased |= {member.key for member in row.model.members}
        if self.is_open:
            self.heard.is_barred = bool(self.person.biased & {member.key for member in self.heard.members})

    @property
    def granted(self) -> list[tuple[Seen, UUID, int]]:
        """Return the grants that minutes gave, with their hearing and block."""
        names = {block: key for key, block in self.start.blocks.items()}
        with self.store.db.reader() as session:
            found = session.execute(
                select(Grant.id, Grant.block_id, Minutes.hearing_id).join(Minutes, Minutes.id == Grant.minutes_id)
            ).all()
        rows = {row.id: row for row in self.seen}
        return [(rows[hearing], grant, names[block][1]) for grant, block, hearing in found]

    def change(self, grant: UUID, change: StatusChange, *, two: bool) -> bool:
        by, second = self.start.certifier, self.start.second
        if not two:
            return self.act(
                str(change.kind),
                lambda session: status_changes.change_status(session, grant, change, act(), by=by, at=self.at).id,
            )[0]
        done, proposal = self.act(
            f"{change.kind} proposé",
            lambda session: proposals.propose(session, grant, change, act(), by=by, at=self.at).id,
        )
        return (
            done
            and self.act(
                f"{change.kind} confirmé",
                lambda session: proposals.confirm(session, grant, proposal, by=second, at=self.at).id,
            )[0]
        )

    @precondition(lambda self: any(row.model.is_decided for row in self.seen) and self.granted)
    @rule(data=st.data(), kind=st.sampled_from([*StatusChangeKind][:4]), bias=st.booleans())
    def change_a_grant(self, data, kind, bias):
        row, grant, number = data.draw(st.sampled_from(self.granted))
        if kind is StatusChangeKind.WITHDRAWAL:
            self.lowers = True
            if not self.withdraw(grant):
                return
            row.model.withdrawn.add(number)
            return
        self.change_status(row, grant, kind, bias)

    def change_status(self, row: Seen, grant: UUID, kind: StatusChangeKind, bias: bool) -> None:
        self.lowers = True
        change = StatusChange(kind, f"{kind} motivé.", self.today, bias=bias)
        if self.change(grant, change, two=kind is StatusChangeKind.ANNULMENT):
            row.model.is_annulled |= kind is StatusChangeKind.ANNULMENT
            self.dossier_waits(row)
            row.model.is_held_back = kind is StatusChangeKind.SUSPENSION
            if bias and kind is StatusChangeKind.ANNULMENT:
                self.bar_the_members(row)

    def withdraw(self, grant: UUID) -> bool:
        by = self.start.certifier
        invited = InvitationInput("Deux pages viennent d’ailleurs.", self.today, self.today + timedelta(days=8))
        heard = ObservationInput(ObservationManner.HEARD, self.today, "La personne reconnaît les faits.")

        def invite(session: Session) -> None:
            row = contest_tasks.invite(session, grant, invited, by=by, at=self.at)
            contest_tasks.record_observation(session, grant, row.id, heard, by=by, at=self.at)

        done, _ = self.act("observations", invite)
        change = StatusChange(StatusChangeKind.WITHDRAWAL, "Plagiat.", self.today, self.today)
        return done and self.change(grant, change, two=True)

    @precondition(lambda self: self.is_open and self.setting.months)
    @rule()
    def acquire_after_an_end(self):
        """The second block is acquired once the validity of the first has ended: no whole follows (R7)."""
        for number in self.undecided:
            self.find(number, acquired=number == 1)
            self.decide(number, VALIDATED if number == 1 else REFUSED)
        self.close()
        if not self.is_open:
            self.clock_forward(75)
            self.acquire_block(2, self.heard.version, 0)

    @rule(number=NUMBERS, version=st.sampled_from((1, 2)), ago=st.integers(0, 90))
    def acquire(self, number, version, ago):
        if version in self.candidacies:
            self.acquire_block(number, version, ago)

    def acquire_block(self, number, version, ago):
        on = self.today - timedelta(days=ago)
        block = self.start.blocks[version, number]
        done, _ = self.act(
            f"acquis ailleurs le {on} : bloc {number} de la version {version}",
            lambda session: record_acquisition(
                session, self.candidacies[version], AcquisitionInput(block, on, "Formation"), act(),
                by=self.start.certifier, at=self.at,
            ).id,
        )  # fmt: skip
        if done:
            self.person.acquired.append(((version, number), on))

    @rule(number=NUMBERS, version=st.sampled_from((1, 2)), aim=NUMBERS)
    def rule_an_equivalence(self, number, version, aim):
        held, counts_for = (version, number), (3 - version, aim)
        declared = EquivalenceInput(
            self.start.blocks[held], self.start.blocks[counts_for], EquivalenceKind.IDENTICAL, "Même bloc."
        )
        done, _ = self.act(
            f"équivalence : {held} vaut {counts_for}",
            lambda session: declare_equivalence(session, declared, by=self.start.certifier, at=self.at).id,
        )
        if done:
            self.person.equivalences.append((held, counts_for, self.today))

    @rule(days=st.sampled_from((1, 20, 61, 75)))
    def clock(self, days):
        if not (self.is_open and days > 20):
            self.clock_forward(days)

    def clock_forward(self, days):
        self.store.at += timedelta(days=days)
        note(f"{days} jours plus tard")

    # --- another jury, another version --------------------------------------------------------------------

    def count(self, what: str, row: Seen | None = None) -> None:
        """Count the second juries after an annulment, by what they came to and by whether others judged."""
        row = row or self.row
        if row.is_second:
            self.store.reached[f"{what}, {'others' if self.person.biased else 'any'}"] += 1

    def hear(self, version: int, prepare: Callable[[Session], Submission], *, other: bool) -> None:
        """Seal or take a dossier again, and name another jury that sits the next day: the same people, or others
        where they may not judge the person again.
        """
        free = [jury for jury in (0, 1) if not self.person.biased & self.start.juries[jury].keys()]
        if not free:
            return
        jury = free[-1] if other else free[0]
        candidacy_id = self.candidacies[version]
        tomorrow = self.today + timedelta(days=1)

        def write(session: Session) -> tuple[Any, ...]:
            submission = prepare(session)
            convened = convene(session, self.start, version, submission, tomorrow, self.at, jury)
            presented = [one.block_id for one in submission.blocks]
            return submission.number, submission.id, submission.renews_id, presented, *convened

        done, made = self.act(f"autre jury, version {version}", write)
        if not done:
            return
        number, submission_id, renews_id, presented, session_id, hearing_id = made
        names = {block: key[1] for key, block in self.start.blocks.items()}
        heard = Hearing(
            version,
            tomorrow,
            tuple(sorted(names[block] for block in presented)),
            self.new_members(jury),
            self.setting.casting_vote,
        )
        self.person.hearings.append(heard)
        self.seen.append(
            Seen(heard, candidacy_id, number, submission_id, session_id, hearing_id, renews_id is not None)
        )
        self.store.at += timedelta(days=1)
        self.get_ready()

    @precondition(lambda self: not self.is_open)
    @rule(other=st.booleans(), version=st.sampled_from((1, 1, 2)))
    def another_jury(self, other=False, version=1):
        """A dossier that waits is heard: its hearing had no effect, or a decision on it was annulled; else the
        person presents what is missing.
        """
        version = version if version in self.candidacies else 1
        candidacy_id, seen = self.candidacies[version], {row.submission_id: row.model for row in self.seen}

        def prepare(session: Session) -> Submission:
            query = select(Submission).where(Submission.candidacy_id == candidacy_id, ~is_superseded())
            last = session.scalars(query).one_or_none()
            if last is None:
                # The dossier of another version was refused: equivalences held every block of it.
                return submit(session, candidacy_id, STATEMENT, by=self.start.candidate, at=self.at)
            self.store.reached["waits"] += last.id not in seen
            if last.id not in seen or seen[last.id].void or seen[last.id].attendance != HEARD:
                return last
            open_next_draft(session, candidacy_id, by=self.start.candidate, at=self.at)
            return submit(session, candidacy_id, STATEMENT, by=self.start.candidate, at=self.at)

        self.hear(version, prepare, other=other)

    @precondition(lambda self: not self.is_open and 2 not in self.candidacies)
    @rule()
    def another_version(self):
        def open_one(session: Session) -> UUID:
            candidacy_id = open_candidacy(session, self.start, 2).id
            # Blocks held by equivalence may make the whole of this version at once (R7).
            append(session, issue_missing_grants(session, self.start.candidate, at=self.at).rows, at=self.at)
            return candidacy_id

        done, candidacy_id = self.act("candidature à la version 2", open_one)
        assert done
        self.candidacies[2] = candidacy_id
        self.hear(
            2,
            lambda session: submit(session, candidacy_id, STATEMENT, by=self.start.candidate, at=self.at),
            other=False,
        )

    # --- what is looked at --------------------------------------------------------------------------------

    @rule(who=st.sampled_from(READERS))
    def look(self, who):
        pages.check(self, who)

    @invariant()
    def what_is_held_is_what_the_model_says(self):
        if not hasattr(self, "start"):
            return
        self.held_before = properties.check_holdings(self)
        self.day_before, self.lowers = self.today, False

    def teardown(self):
        if not hasattr(self, "start"):
            return
        if self.is_open:
            self.bring_to_an_end()
        self.what_is_held_is_what_the_model_says()
        for who in READERS:
            pages.check(self, who)
        properties.check_history(self)

    def bring_to_an_end(self) -> None:
        """Every hearing can be closed, or voided where its jury cannot be made regular."""
        heard = self.heard
        if heard.is_barred:
            self.void()
            return
        keys = [one.key for one in heard.members]
        if self.today < heard.day:
            self.store.at += heard.day - self.today
        if heard.is_returned:
            self.lift_the_return()
        if heard.is_suspended:
            self.resume(keys)
        self.check_presence([one.key for one in heard.members if not one.recused], heard.attendance)
        for member in heard.members:
            if not member.recused:
                self.make_ready(member)
        if heard.attendance == HEARD and any(not member.ready for member in heard.jury):
            self.void()
            return
        if heard.attendance == HEARD:
            for number in self.open_ballots:
                self.close_ballot(number)
            for number in self.undecided:
                ballot = heard.last_ballot(number)
                if ballot is not None and ballot.voters != heard.voters:
                    # Others vote now than those who voted: the jury votes again.
                    self.open_ballot(number)
                    for key in sorted(heard.voters):
                        self.vote(number, key, FOR)
                self.find(number, acquired=True)
                expected = heard.outcome(number) or VALIDATED
                if not self.decide(number, expected):
                    raise AssertionError(f"block {number}: the outcome of the vote, {expected}, cannot be decided")
        done, answer = self.close()
        assert done, f"a hearing whose jury is regular cannot be closed: {answer.code} {answer.facts}"
