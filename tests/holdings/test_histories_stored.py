"""Histories lived through the real services: what is stored is always exactly what the facts give (must be seen, 1)."""

import shutil
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import Submission, SubmittedBlock
from portfolio.domain.certification.models import Block
from portfolio.domain.holdings.models.grants import Award, Grant
from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import (
    CONFIRMED_BY_TWO,
    GrantStatus,
    InvitationInput,
    ObservationInput,
    ObservationManner,
    StatusChange,
    StatusChangeKind,
)
from portfolio.domain.holdings.use_cases import contest_tasks, proposals
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.holdings.use_cases.holdings import held_blocks, recorded_grants
from portfolio.domain.holdings.use_cases.issuing import issue_missing_grants
from portfolio.domain.holdings.use_cases.recompute import explain, recompute
from portfolio.errors import Refusal
from portfolio.on_commit import open_database
from tests import factories
from tests.holdings.closings import SEALED_AT, hearing, minutes
from tests.holdings.status_changes import (
    DECIDED,
    HEARD,
    LATER,
    acquire,
    candidacy_on,
    equate,
    grant_of,
    later,
    second_version,
)
from tests.jury.builders import act

pytestmark = pytest.mark.slow

# A step: what is done, to which block of which version, on which day.
numbers = st.integers(0, 3)
versions = st.integers(0, 1)
days = st.integers(0, 400).map(lambda more: date(2026, 4, 1) + timedelta(days=more % 300))
sessions = st.tuples(
    st.just("jury"), versions, st.frozensets(numbers, min_size=1), days, st.integers(0, 9).map(lambda n: n == 0)
)
acquired = st.tuples(st.just("acquire"), versions, numbers, days)
equated = st.tuples(st.just("equate"), versions, numbers, st.sampled_from(EquivalenceKind))
decided = st.tuples(st.just("later"), versions, numbers, st.sampled_from(StatusChangeKind))
# A decision that two members take: proposed by one, then confirmed by another, or dropped.
by_two = st.tuples(
    st.just("two"), versions, numbers, st.sampled_from(sorted(CONFIRMED_BY_TWO)), st.integers(0, 3).map(lambda n: n > 0)
)
steps = st.lists(sessions | acquired | equated | decided | by_two, min_size=1, max_size=9)


class Life:
    """One person, two versions of a certification, and what happens."""

    def __init__(self, db: Database) -> None:
        self.db = db
        with db.transaction() as session:
            self.world = factories.world(session, filled=False)
            second = second_version(session, self.world.version)
            other = candidacy_on(session, second, self.world.candidate.id)
            self.second = factories.certifier(session, self.world.body.id, "Nour Haddad").id
        self.versions = (self.world.version, second)
        self.candidacies = (self.world.candidacy.id, other.id)

    def live(self, step: tuple) -> None:
        """Do one step; a refusal is an answer too, and must leave nothing behind."""
        blocks = self.versions[step[1]].blocks
        by = self.world.certifier.id
        try:
            match step[0]:
                case "jury":
                    self.sit(step[1], [blocks[n] for n in sorted(step[2])], step[3], step[4])
                case "acquire":
                    acquire(self.db, self.candidacies[step[1]], blocks[step[2]], by, step[3])
                case "equate":
                    equate(self.db, blocks[step[2]], self.versions[1 - step[1]].blocks[step[2]], step[3], by)
                case "later" if self.granted(blocks[step[2]]):
                    later(self.db, step[3], self.world.candidate.id, blocks[step[2]], by)
                case "two" if self.granted(blocks[step[2]]):
                    self.decide_by_two(blocks[step[2]], step[3], confirmed=step[4])
        except Refusal:
            pass

    def decide_by_two(self, block: Block, kind: StatusChangeKind, *, confirmed: bool) -> None:
        """Propose, which changes nothing; then another member confirms, or the proposal is dropped."""
        person, by = self.world.candidate.id, self.world.certifier.id
        with self.db.transaction() as session:
            grant = grant_of(session, person, block).id
            invitation = InvitationInput("Les faits.", HEARD - timedelta(days=10), HEARD)
            invited = contest_tasks.invite(session, grant, invitation, by=by, at=LATER)
            heard = ObservationInput(ObservationManner.HEARD, HEARD)
            contest_tasks.record_observation(session, grant, invited.id, heard, by=by, at=LATER)
            before = self.statuses(session)
            change = StatusChange(kind, "Motif de la décision.", DECIDED, HEARD)
            proposal = proposals.propose(session, grant, change, act(), by=by, at=LATER)
            assert self.statuses(session) == before
        with self.db.transaction() as session:
            if confirmed:
                proposals.confirm(session, grant, proposal.id, by=self.second, at=LATER)
            else:
                proposals.drop(session, grant, proposal.id, by=by, at=LATER)
                assert self.statuses(session) == before

    def statuses(self, session: Session) -> list[tuple[object, GrantStatus]]:
        return [(recorded.grant.id, recorded.status) for recorded in recorded_grants(session, self.world.candidate.id)]

    def granted(self, block: object) -> bool:
        with self.db.reader() as session:
            return session.scalar(select(Grant.id).where(Grant.block_id == block.id)) is not None

    def sit(self, which: int, wins: list, on: date, irregular: bool) -> None:
        with self.db.transaction() as session:
            candidacy = candidacy_on(session, self.versions[which], self.world.candidate.id)
            found = Submission(candidacy=candidacy, number=1, submitted_at=SEALED_AT, manifest=b"[]", root="00" * 32)
            session.add(found)
            session.flush()
            session.add_all(
                SubmittedBlock(submission_id=found.id, block_id=block.id) for block in self.versions[which].blocks
            )
            session.flush()
            closed = minutes(session, hearing(session, found, on), wins, faults=["J8"] if irregular else [])
            grant_from_minutes(session, closed.id, by=self.world.certifier.id, at=LATER)


# What two members propose is tried, then rolled back: the certificate that it issues is not there when the
# act is written.
TRIED = [
    ("jury", 0, frozenset({0, 1}), date(2026, 4, 1), True),
    ("jury", 0, frozenset({0, 1, 2, 3}), date(2026, 6, 19), False),
    ("jury", 0, frozenset({0, 1, 3}), date(2026, 8, 27), False),
    ("jury", 0, frozenset({0, 1, 2, 3}), date(2026, 4, 1), True),
    ("acquire", 0, 0, date(2026, 4, 1)),
    ("two", 0, 0, StatusChangeKind.ANNULMENT, False),
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
@example(TRIED)
def test_what_is_stored_is_what_the_facts_give_whatever_happens(sqlite_template: Path, lived: list) -> None:
    with TemporaryDirectory() as folder:
        shutil.copy(sqlite_template, Path(folder) / "acquis.db")
        db = open_database(f"sqlite:///{folder}/acquis.db")
        life = Life(db)
        for step in lived:
            life.live(step)
            check(life)
        db.engine.dispose()


def check(life: Life) -> None:
    """Recomputed, explained, held and stored say one thing; running again writes nothing."""
    person = life.world.candidate.id
    with life.db.transaction() as session:
        assert recompute(session).gaps == ()
        assert issue_missing_grants(session, person, at=LATER).rows == []
        for version, candidacy_id in zip(life.versions, life.candidacies, strict=True):
            answers = explain(session, candidacy_id, on=date.max)
            held = held_blocks(session, person, version.id, on=None)
            assert {answer.block.id: answer.act for answer in answers.answers if answer.granted} == {
                k: v.act for k, v in held.items()
            }
            assert answers.whole.obtained == (len(held) == len(version.blocks))
            if answers.whole.obtained:
                query = select(Award).where(Award.version_id == version.id, Award.obtained_on == answers.whole.on)
                assert session.scalars(query).first() is not None
        live = [grant.grant.block_id for grant in recorded_grants(session, person) if grant.status is GrantStatus.HELD]
        assert len(live) == len(set(live)), "one live certificate per block (R13)"
