"""Random lives played on a database by the product's own use cases, and what the second reading says of them."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portfolio.db.engine import Database, new_id
from portfolio.domain.candidacy.models import Submission, SubmittedBlock
from portfolio.domain.certification.models import Block, CertificationVersion
from portfolio.domain.holdings.models.events import Acquisition, GrantStatusChange
from portfolio.domain.holdings.models.grants import Award
from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import (
    AcquisitionInput,
    EquivalenceInput,
    GrantStatus,
    GroupEquivalenceInput,
    StatusChange,
    StatusChangeKind,
)
from portfolio.domain.holdings.use_cases.equivalence import declare_equivalence, declare_group
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes, record_acquisition
from portfolio.domain.holdings.use_cases.holdings import held_blocks, recorded_grants
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.holdings.use_cases.status_changes import change_status
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.errors import Refusal
from tests import factories
from tests.guards import drop_statements
from tests.holdings.closings import SEALED_AT, hearing, minutes
from tests.holdings.status_changes import Scan, candidacy_on, grant_of, second_version
from tests.second_reading import facts as f
from tests.second_reading import holdings, juries
from tests.second_reading import tables as t
from tests.second_reading.days import FOREVER

TODAY = date(2027, 3, 1)
FIRST_DAY = date(2024, 1, 8)
JURY = f.Jury(FIRST_DAY, f.JuryRule(None, (), None, None), ())
OF_JURY = (StatusChangeKind.SUSPENSION, StatusChangeKind.CONFIRMATION, StatusChangeKind.ANNULMENT)


def moment(day: date) -> datetime:
    """Return a moment of a day."""
    return datetime(day.year, day.month, day.day, 10, 0, tzinfo=UTC)


class Life:
    """One person, two versions of a certification whose blocks may be limited, and what happened."""

    def __init__(self, db: Database, random: Random) -> None:
        self.db, self.random, self.clock, self.acts = db, random, FIRST_DAY, 0
        with db.transaction() as session:
            self.world = factories.world(session, filled=False)
            second = second_version(session, self.world.version)
            self.candidacies = (self.world.candidacy.id, candidacy_on(session, second, self.world.candidate.id).id)
            self.versions = (self.world.version, second)
            months = {block.id: random.choice((None, None, 6, 12, 24)) for v in self.versions for block in v.blocks}
            self._limit(session, months)
        self.rows = [block for version in self.versions for block in version.blocks]
        self.numbers = {row.id: rank for rank, row in enumerate(self.rows)}
        self.blocks = [
            f.Block(rank, number, row.number, months=months[row.id])
            for number, version in enumerate(self.versions)
            for row in version.blocks
            for rank in [self.numbers[row.id]]
        ]
        self.hearings: dict[str, f.Hearing] = {}
        self.answers: dict[str, holdings.HearingAnswer] = {}
        self.acquisitions: dict[str, f.Acquisition] = {}
        self.equivalences: dict[str, f.Equivalence] = {}

    def _limit(self, session: Session, months: dict[UUID, int | None]) -> None:
        """Limit blocks of published versions, which the database forbids outside of a test."""
        for statement in drop_statements(session.get_bind().dialect.name):
            session.connection().exec_driver_sql(statement)
        for block, limit in months.items():
            session.execute(update(Block).where(Block.id == block).values(validity_months=limit))

    @property
    def history(self) -> f.History:
        """Return what happened, as the second reading reads it."""
        versions = tuple(
            f.Version(number, tuple(block for block in self.blocks if block.version == number)) for number in (0, 1)
        )
        return f.History(
            versions,
            tuple(self.hearings.values()),
            tuple(self.acquisitions.values()),
            tuple(self.equivalences.values()),
            today=TODAY,
        )

    def live(self) -> None:
        """Do one more thing; what is refused is left out of the facts, and must leave nothing behind."""
        acts = (self.sit, self.sit, self.sit, self.acquire, self.equate, self.equate, self.group, self.decide)
        with suppress(Refusal):
            self.random.choice(acts)()

    def _day(self) -> date:
        """Return the day of the next act, often that of the one before."""
        self.clock += timedelta(self.random.choice((0, self.random.randrange(10, 130))))
        return self.clock

    def _now(self) -> datetime:
        """Return the moment of the next act: the ledger has them as they come."""
        self.acts += 1
        return moment(self.clock) + timedelta(minutes=self.acts)

    def sit(self) -> None:
        """A jury decides some blocks, sometimes without being regular."""
        number = self.random.randrange(2)
        on, irregular = self._day(), self.random.random() < 0.15
        at = self._now()
        acts = holdings.with_equivalences(self.history, holdings.direct_acts(self.history, self.answers))
        rows = [
            row
            for row in self.versions[number].blocks
            # A dossier that waited for its jury when another one sat may present a block held since.
            if self.random.random() < 0.4 or not holdings.is_valid(acts.get(self.numbers[row.id], ()), on)
        ]
        wins = [row for row in rows if self.random.random() < 0.6]
        refused = [row for row in rows if row not in wins and self.random.random() < 0.5]
        with self.db.transaction() as session:
            version = session.get_one(CertificationVersion, self.versions[number].id)
            candidacy = candidacy_on(session, version, self.world.candidate.id)
            found = Submission(candidacy=candidacy, number=1, submitted_at=SEALED_AT, manifest=b"[]", root="00" * 32)
            session.add(found)
            session.flush()
            session.add_all(SubmittedBlock(submission_id=found.id, block_id=row.id) for row in rows)
            session.flush()
            faults = ["J8"] if irregular else []
            closed = minutes(session, hearing(session, found, on), wins, refused, faults, closed_at=at)
            grant_from_minutes(session, closed.id, by=self.world.certifier.id, at=moment(TODAY))
            reference = closed.number
        outcomes = {self.numbers[row.id]: f.VALIDATED for row in wins}
        outcomes |= {self.numbers[row.id]: f.NOT_VALIDATED for row in refused}
        told = tuple(f.Deliberation(block, (), ()) for block in outcomes)
        scope = frozenset(self.numbers[row.id] for row in rows)
        begun = factories.ADMISSIBLE
        self.hearings[reference] = f.Hearing(
            reference,
            number,
            f.VAE,
            begun,
            "france_vae",
            SEALED_AT.date(),
            "none",
            scope,
            (f.Sitting(replace(JURY, on=on), told),),
            at,
        )
        self.answers[reference] = holdings.HearingAnswer(
            juries.Regularity(frozenset({"J8"} if irregular else ()), frozenset(), frozenset()),
            frozenset(),
            outcomes,
            frozenset(),
            holdings.Status("held", ()),
            True,
            on,
        )

    def acquire(self) -> None:
        """The certifier enters a block acquired by another way."""
        row, on = self.random.choice(self.rows), self._day()
        at = self._now()
        candidacy = self.candidacies[self.blocks[self.numbers[row.id]].version]
        with self.db.transaction() as session:
            said = AcquisitionInput(row.id, on, "Évaluation de la formation de Lyon")
            record_acquisition(session, candidacy, said, Scan(new_id().hex), by=self.world.certifier.id, at=at)
            known = session.scalars(select(Acquisition).order_by(Acquisition.verified_at.desc(), Acquisition.id.desc()))
            reference = next(a.reference for a in known if a.reference not in self.acquisitions)
        self.acquisitions[reference] = f.Acquisition(reference, self.numbers[row.id], on, at)

    def _kind(self) -> EquivalenceKind:
        return self.random.choice((*[EquivalenceKind.IDENTICAL] * 4, *EquivalenceKind))

    def equate(self) -> None:
        """The certifier rules what a block of a version is worth for one of the other."""
        number = self.random.randrange(2)
        held = self.random.choice(self.versions[number].blocks)
        aim = self.random.choice(self.versions[1 - number].blocks)
        self._day()
        kind, at = self._kind(), self._now()
        with self.db.transaction() as session:
            said = EquivalenceInput(held.id, aim.id, kind, "Même référentiel.")
            row = declare_equivalence(session, said, by=self.world.certifier.id, at=at)
            reference, replaced = row.reference, row.replaces_id
        self._rule(reference, {held.id}, {aim.id}, kind, at, replaced is not None)

    def group(self) -> None:
        """The certifier rules what two blocks are worth together for one or two of the other version."""
        number = self.random.randrange(2)
        held = self.random.sample(list(self.versions[number].blocks), 2)
        aims = self.random.sample(list(self.versions[1 - number].blocks), self.random.choice((1, 2)))
        self._day()
        kind, at = self._kind(), self._now()
        sides = frozenset(row.id for row in held), frozenset(row.id for row in aims)
        with self.db.transaction() as session:
            said = GroupEquivalenceInput(*sides, kind, "Même référentiel.")
            row = declare_group(session, said, by=self.world.certifier.id, at=at)
            reference, replaced = row.reference, row.replaces_id
        self._rule(reference, set(sides[0]), set(sides[1]), kind, at, replaced is not None)

    def _rule(
        self, reference: str, held: set[UUID], aims: set[UUID], kind: EquivalenceKind, at: datetime, again: bool
    ) -> None:
        asked = frozenset(self.numbers[one] for one in held)
        targets = {self.numbers[one] for one in aims}
        if again:
            for key, rule in self.equivalences.items():
                same = rule.asked == asked and (len(asked) > 1 or rule.counts_for in targets)
                if same and rule.replaced_at is None:
                    self.equivalences[key] = replace(rule, replaced_at=at)
        for target in targets:
            key = f"{reference}/{target}"
            self.equivalences[key] = f.Equivalence(reference, asked, target, str(kind), at)

    def decide(self) -> None:
        """The certifier suspends, confirms, annuls, withdraws or rectifies what was granted."""
        row, kind = self.random.choice(self.rows), self.random.choice(list(StatusChangeKind))
        with self.db.transaction() as session:
            grant = grant_of(session, self.world.candidate.id, row)
            if grant is None:
                return
            day = TODAY - timedelta(1)
            act = StatusChange(kind, "Motif de la décision.", day, TODAY - timedelta(2))
            change: GrantStatusChange = change_status(
                session, grant.id, act, by=self.world.certifier.id, at=moment(TODAY)
            )
            of_minutes, acquired = grant.minutes_id, grant.acquisition_id
            reference = self._reference(session, of_minutes, acquired)
            on_grant = change.minutes_id is None
        if acquired is not None:
            ended = {"annulled": kind is StatusChangeKind.ANNULMENT}
            ended |= {"withdrawn": kind is StatusChangeKind.WITHDRAWAL}
            known = self.acquisitions[reference]
            self.acquisitions[reference] = replace(
                known, annulled=known.annulled or ended["annulled"], withdrawn=known.withdrawn or ended["withdrawn"]
            )
        elif on_grant and kind is StatusChangeKind.WITHDRAWAL:
            heard = self.hearings[reference]
            taken = heard.withdrawn | {self.numbers[row.id]}
            self.hearings[reference] = replace(heard, withdrawn=taken)
        elif not on_grant:
            answer = self.answers[reference]
            after = t.STATUS[answer.status.status, str(kind)]
            self.answers[reference] = replace(answer, status=holdings.Status(after, ()))

    @staticmethod
    def _reference(session: Session, minutes_id: UUID | None, acquired: UUID | None) -> str:
        if minutes_id is None:
            return session.get_one(Acquisition, acquired).reference
        return session.get_one(Minutes, minutes_id).number

    def check(self) -> None:
        """Compare the rows stored with the second reading: certificates that stand, blocks held, the whole."""
        history = self.history
        acts = holdings.with_equivalences(history, holdings.direct_acts(history, self.answers))
        person = self.world.candidate.id
        with self.db.reader() as session:
            assert recompute(session).gaps == ()
            stand = {
                (self.numbers[recorded.grant.block_id], recorded.act.on, recorded.act.reference)
                for recorded in recorded_grants(session, person)
                if recorded.status is GrantStatus.HELD
            }
            due = {
                (block, act.on, act.reference)
                for block, found in acts.items()
                for act in holdings.standing_acts(found)
                if act.source in ("jury", "acquisition")
            }
            assert stand == due, "certificates that stand"
            for number, version in enumerate(self.versions):
                for day in (self.clock, self.clock + timedelta(200), max(self.clock, TODAY)):
                    held = {
                        self.numbers[block_id]: (block.granted_on, block.until or FOREVER)
                        for block_id, block in held_blocks(session, person, version.id, on=day).items()
                    }
                    valid = {
                        block.id: (act.on, act.until)
                        for block in history.versions[number].blocks
                        if (act := holdings.valid_act(acts.get(block.id, ()), day)) is not None
                    }
                    assert held == valid, "blocks held"
                whole = holdings.whole(history.versions[number], acts)
                query = select(Award.obtained_on).where(Award.version_id == version.id, Award.person_id == person)
                awarded = set(session.scalars(query))
                own = (whole.obtained and whole.on in awarded) or (not whole.obtained and (not awarded or self._ended))
                assert own, ("whole", whole, awarded)

    @property
    def _ended(self) -> bool:
        """Return whether something was ever suspended, annulled or withdrawn: awards keep their rows."""
        return (
            any(answer.status.status != "held" for answer in self.answers.values())
            or any(heard.withdrawn for heard in self.hearings.values())
            or any(acquired.annulled or acquired.withdrawn for acquired in self.acquisitions.values())
        )
