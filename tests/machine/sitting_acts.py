"""Acts of the machine that end a sitting, and the counts that a presidency types: what comes after is read in domain.md
§10 alone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy.orm import Session

from portfolio.domain.jury.models.sessions import JuryMember, JurySession
from portfolio.domain.jury.rules.deliberation import DecisionRecord, Votes
from portfolio.domain.jury.rules.enums import Outcome, PresidencyVote
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury.rules.passage import ScheduleInput
from portfolio.domain.jury_session.use_cases import deliberation, planning, schedule
from tests.jury.builders import act
from tests.machine.forms import Form, day_typed
from tests.machine.model import ABSTAIN, AGAINST, FOR, REFUSED, VALIDATED, Member

if TYPE_CHECKING:
    from tests.machine.machine import HearingMachine

WHY = "Empêchement"
VOICES = {FOR: PresidencyVote.FOR, AGAINST: PresidencyVote.AGAINST, ABSTAIN: PresidencyVote.ABSTAINED}


class SittingActs:
    """Rules of a machine: a hearing moves, its session has another day or is cancelled, a member is replaced."""

    # Whether the next sitting is told from the one that ended: a reason was asked, or nothing had been made.
    def ends(self: HearingMachine, what: str, use_case: Any, form: Form, *, says_why: bool) -> bool:
        """Do an act that ends the sitting under way; without a reason it is refused as soon as the jury has begun."""
        begun = self.heard.is_begun
        done, _ = self.act(what, use_case, form)
        assert says_why or not begun or not done, f"{what} asked no reason of a jury that had begun"
        return done

    def another_session(self: HearingMachine, jury: int, day: date) -> UUID:
        """Plan a session to which a hearing can move, and name a jury."""

        def plan(session: Session) -> UUID:
            version = self.start.versions[self.heard.version - 1]
            by = self.start.certifier
            planned = planning.plan_session(
                session, self.start.body_id, Planning(version, day, "Lyon"), by=by, at=self.at
            )
            for _, one in self.start.juries[jury].values():
                paper = act() if one.appointed_on else None
                planning.name_member(session, planned.id, one, paper, by=by, at=self.at)
                session.expire(planned, ["members"])
            return planned.id

        done, session_id = self.act(f"session du {day}, jury {jury}", plan)
        assert done, session_id
        return session_id

    def free_juries(self: HearingMachine) -> list[int]:
        """Return the juries of whom nobody was found biased before the person."""
        return [jury for jury in (0, 1) if not self.person.biased & self.start.juries[jury].keys()]

    def sits(self: HearingMachine, day: date, members: list[Member]) -> None:
        """Let the model begin an empty sitting."""
        self.heard.begin_again(day, members)
        self.heard.is_barred = bool(self.person.biased & {one.key for one in self.heard.members})

    def move_to(self: HearingMachine, jury: int, day: date, says_why: bool) -> None:
        to = self.another_session(jury, day)
        reason = WHY if says_why else ""
        done = self.ends(
            f"reportée au {day}, jury {jury}{'' if says_why else ', sans motif'}",
            lambda session: schedule.move_hearing(
                session, self.row.id, to, reason, by=self.start.certifier, at=self.at
            ),
            Form("certifier", f"/jurys/{self.row.id}/report", {"session_id": str(to), "reason": reason}),
            says_why=says_why,
        )
        if done:
            self.row.session_id = to
            self.sits(day, self.new_members(jury))

    @precondition(lambda self: self.is_open and self.free_juries())
    @rule(other=st.booleans(), days=st.integers(0, 2), says_why=st.sampled_from((True, True, True, False)))
    def move(self: HearingMachine, other: bool, days: int, says_why: bool) -> None:
        free = self.free_juries()
        self.move_to(free[-1] if other else free[0], self.today + timedelta(days=days), says_why)

    @precondition(lambda self: self.is_open and not self.heard.is_suspended)
    @rule(days=st.integers(1, 2), says_why=st.sampled_from((True, True, False)))
    def change_the_day(self: HearingMachine, days: int, says_why: bool) -> None:
        day, reason = self.today + timedelta(days=days), WHY if says_why else ""
        with self.store.db.reader() as session:
            revision = session.get_one(JurySession, self.row.session_id).schedule_revision or 0
        done = self.ends(
            f"session du {day}{'' if says_why else ', sans motif'}",
            lambda session: schedule.set_schedule(
                session, self.row.session_id, ScheduleInput(day, "Bordeaux", None, None),
                revision=revision, reason=reason, by=self.start.certifier, at=self.at,
            ),
            Form(
                "certifier",
                f"/sessions/{self.row.session_id}/journee",
                {"held_on": day_typed(day), "place": "Bordeaux", "reason": reason, "revision": str(revision)},
            ),
            says_why=says_why,
        )  # fmt: skip
        if done:
            self.sits(day, list(self.heard.members))

    @precondition(lambda self: self.is_open and not self.heard.is_suspended)
    @rule(data=st.data(), says_why=st.sampled_from((True, True, False)))
    def replace_a_member(self: HearingMachine, data: Any, says_why: bool) -> None:
        """Name, in the seat of a holder, who holds it in the other jury."""
        chosen = data.draw(st.sampled_from([one for one in self.heard.members if not one.rank]))
        key = chosen.key.removeprefix("other ") if chosen.key.startswith("other ") else f"other {chosen.key}"
        if key in self.person.biased:
            return
        person = self.person_of(chosen.key)
        with self.store.db.reader() as session:
            seated = session.query(JuryMember).filter_by(session_id=self.row.session_id, person_id=person).one()
            naming = replace(self.member(key)[1], seen=seated.revision)
        reason, paper = WHY if says_why else "", act() if naming.appointed_on else None
        done = self.ends(
            f"{key} remplace {chosen.key}{'' if says_why else ', sans motif'}",
            lambda session: planning.name_member(
                session, self.row.session_id, naming, paper, reason=reason, by=self.start.certifier, at=self.at
            ),
            Form("", ""),  # its page asks for the whole card: the walks fill it
            says_why=says_why,
        )
        if done:
            members = [Member(key, one.seat, one.rank) if one is chosen else one for one in self.heard.members]
            self.sits(self.heard.day, members)

    @precondition(lambda self: self.is_open and self.heard.is_begun and self.free_juries())
    @rule(other=st.booleans())
    def cancel_the_session(self: HearingMachine, other: bool) -> None:
        """A cancelled session ends its sittings and accepts no act any more; the hearing moves, with nothing."""
        done, _ = self.act(
            "session annulée",
            lambda session: schedule.cancel_session(
                session, self.row.session_id, "Grève.", by=self.start.certifier, at=self.at
            ),
            Form("certifier", f"/sessions/{self.row.session_id}/annulation", {"reason": "Grève."}),
        )
        if not done:
            return
        self.sits(self.heard.day, list(self.heard.members))
        present = [one.key for one in self.heard.members]
        assert not self.find(1, acquired=True), "a cancelled session accepts a finding"
        assert not self.decide(1, VALIDATED), "a cancelled session accepts a decision"
        assert not self.check_presence(present, self.heard.attendance), "a cancelled session accepts presences"
        assert not self.close()[0], "a cancelled session is closed"
        free = self.free_juries()
        self.move_to(free[-1] if other else free[0], self.today, says_why=True)

    @precondition(lambda self: self.is_open)
    @rule(
        number=st.sampled_from((1, 2)),
        outcome=st.sampled_from((VALIDATED, REFUSED)),
        in_favour=st.integers(0, 3),
        against=st.integers(0, 3),
        voice=st.sampled_from((FOR, AGAINST, ABSTAIN)),
    )
    def type_counts(self: HearingMachine, number: int, outcome: str, in_favour: int, against: int, voice: str) -> None:
        """The presidency types how many voted and how it voted itself: the same counts never give two outcomes."""
        block, by = self.start.blocks[self.heard.version, number], self.person_of(self.heard.president.key)
        departs = self.heard.found.get(number) is not (outcome == VALIDATED)
        why = f"Écart du bloc {number} à {self.at:%H:%M}" if departs else ""
        refused = outcome == REFUSED
        counted = Votes(in_favour, against, None, VOICES[voice])
        record = DecisionRecord(
            Outcome(outcome), "Motif." if refused else "", why, "Montrez un budget." if refused else "", votes=counted
        )
        done, _ = self.act(
            f"bloc {number} : {in_favour} pour, {against} contre, la présidence {voice}, {outcome}",
            lambda session: deliberation.record_decision(
                session, self.row.id, block, record, revision=self.draft_revision(session, block), by=by, at=self.at
            ),
        )
        if done:
            self.heard.drafts[number], self.heard.overrides[number] = outcome, why
            self.heard.counts[number] = (in_favour, against, voice)
