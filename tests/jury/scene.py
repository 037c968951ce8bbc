"""A jury on its day, before a sealed dossier: what the tests of this noun start from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.account.models import Person
from portfolio.certification.models import Block, Competency
from portfolio.db import Database
from portfolio.jury import services
from portfolio.jury.rules import (
    College,
    DecisionRecord,
    FindingRecord,
    FindingValue,
    Naming,
    Outcome,
    Planning,
    Seat,
    Tie,
    TieKind,
    TieWith,
)
from portfolio.submission.services import reopen, submit
from tests import factories

SEALED_AT = factories.AT + timedelta(days=1)
DAY = date(2026, 6, 18)
ON_THE_DAY = datetime(2026, 6, 18, 14, 0, tzinfo=UTC)
STATEMENT = "J’atteste sur l’honneur que ce dossier est le mien."
HOUSE = (Tie(TieKind.EMPLOYMENT, TieWith.CERTIFIER, "Institut de l’exemple"),)

PRESIDENT = Naming(Seat.PRESIDENT, "marin@exemple.fr", "Paul Marin", "Directeur d’agence", College.EMPLOYERS, qualified=True)
EMPLOYEE = Naming(
    Seat.EMPLOYEE_REPRESENTATIVE, "diallo@exemple.fr", "Aya Diallo", "Cheffe de projet", College.EMPLOYEES, in_activity=True
)
DIRECTOR = Naming(
    Seat.DIRECTOR_OR_DELEGATE, "roux@exemple.fr", "Luc Roux", "Directeur", College.NONE, is_director=True, ties=HOUSE
)
TEACHER = Naming(Seat.TEACHER_TRAINER, "faure@exemple.fr", "Inès Faure", "Enseignante", College.NONE, ties=HOUSE)
MANAGER = Naming(Seat.PEDAGOGICAL_MANAGER, "petit@exemple.fr", "Zoé Petit", "Responsable pédagogique", College.NONE, ties=HOUSE)
FIVE = (PRESIDENT, EMPLOYEE, DIRECTOR, TEACHER, MANAGER)

ACQUIRED = FindingRecord(FindingValue.ACQUIRED)
REFUSED = FindingRecord(FindingValue.NOT_ACQUIRED, "Le budget n’est pas montré.")
VALIDATED = DecisionRecord(Outcome.VALIDATED)
NOT_VALIDATED = DecisionRecord(Outcome.NOT_VALIDATED, "La dernière compétence manque.", "", "Présentez un budget réel.")


@dataclass
class Scene:
    """A sealed dossier, a session, and, when named, its five members; ids only, so that it outlives its session."""

    body_id: UUID
    certifier: Person
    candidate: Person
    advisor: Person
    candidacy_id: UUID
    version_id: UUID
    submission_id: UUID
    session_id: UUID
    blocks: list[Block]
    members: dict[Seat, Person] = field(default_factory=dict)
    hearing_id: UUID | None = None

    @property
    def president(self) -> Person:
        return self.members[Seat.PRESIDENT]

    @property
    def competencies(self) -> list[Competency]:
        return [one for block in self.blocks for one in block.competencies]


def account(session: Session, naming: Naming) -> Person:
    """The person of a naming, with an account already."""
    return factories.person(session, naming.name, naming.email)


def scene(
    db: Database,
    *,
    members: tuple[Naming, ...] = FIVE,
    heard: bool = True,
    filled: bool = True,
    held_on: date = DAY,
    sealed_at: datetime = SEALED_AT,
) -> Scene:
    """A session with its jury, and the candidate on its list."""
    with db.transaction() as session:
        world = factories.world(session, filled=filled)
        if not filled:
            _tell_without_proof(session, world)
        people = {naming.seat: account(session, naming) for naming in members}
        submission = submit(session, world.candidacy.id, STATEMENT, by=world.candidate.id, at=sealed_at)
        planning = Planning(world.version.id, held_on, "Bordeaux")
        jury = services.plan_session(session, world.body.id, planning, by=world.certifier.id, at=sealed_at)
        made = Scene(
            world.body.id,
            world.certifier,
            world.candidate,
            world.advisor,
            world.candidacy.id,
            world.version.id,
            submission.id,
            jury.id,
            list(world.version.blocks),
            people,
        )
    for naming in members:
        name(db, made, naming)
    if heard:
        with db.transaction() as session:
            hearing = services.add_hearing(session, made.session_id, made.submission_id, by=made.certifier.id, at=SEALED_AT)
            made.hearing_id = hearing.id
    return made


def _tell_without_proof(session: Session, world: factories.World) -> None:
    """Every competency told, one piece claimed for the first only."""
    factories.experience(session, world.candidacy.id)
    for competency in world.competencies:
        factories.narrative(session, world.candidacy.id, competency)
    factories.claim(session, factories.evidence(session, world.candidacy.id), world.competencies[0])


def name(db: Database, made: Scene, naming: Naming, **changes: object) -> None:
    """Seat someone."""
    with db.transaction() as session:
        services.name_member(session, made.session_id, replace(naming, **changes), by=made.certifier.id, at=SEALED_AT)


def find(db: Database, made: Scene, competency: Competency, record: FindingRecord = ACQUIRED, revision: int = 0) -> int:
    """The president records a finding."""
    with db.transaction() as session:
        return services.record_finding(
            session, made.hearing_id, competency.id, record, revision=revision, by=made.president.id, at=ON_THE_DAY
        )


def decide(db: Database, made: Scene, block: Block, record: DecisionRecord = VALIDATED, revision: int = 0) -> int:
    """The president records a decision."""
    with db.transaction() as session:
        return services.record_decision(
            session, made.hearing_id, block.id, record, revision=revision, by=made.president.id, at=ON_THE_DAY
        )


def deliberate(db: Database, made: Scene, refused: tuple[int, ...] = ()) -> None:
    """Everything found and decided: every block validated but those whose numbers are given."""
    for block in made.blocks:
        for competency in block.competencies:
            last = competency is block.competencies[-1]
            find(db, made, competency, REFUSED if block.number in refused and last else ACQUIRED)
        decide(db, made, block, NOT_VALIDATED if block.number in refused else VALIDATED)


def close(db: Database, made: Scene, at: datetime = ON_THE_DAY) -> None:
    """The president closes."""
    with db.transaction() as session:
        services.close(session, made.hearing_id, by=made.president.id, at=at)


def next_scene(db: Database, made: Scene, *, held_on: date, at: datetime) -> Scene:
    """The same candidate, before a second session, with the blocks that are missing."""
    with db.transaction() as session:
        reopen(session, made.candidacy_id, by=made.candidate.id, at=at)
        submission = submit(session, made.candidacy_id, STATEMENT, by=made.candidate.id, at=at)
        planning = Planning(made.version_id, held_on, "Lyon")
        jury = services.plan_session(session, made.body_id, planning, by=made.certifier.id, at=at)
        for naming in FIVE:
            services.name_member(session, jury.id, naming, by=made.certifier.id, at=at)
        hearing = services.add_hearing(session, jury.id, submission.id, by=made.certifier.id, at=at)
        return replace(made, submission_id=submission.id, session_id=jury.id, hearing_id=hearing.id)
