"""A jury on its day, before a sealed dossier: what the tests of this noun start from."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.rules.composition import Affiliation
from portfolio.domain.jury.rules.deliberation import DecisionRecord, FindingRecord
from portfolio.domain.jury.rules.enums import (
    AffiliationKind,
    Attendance,
    College,
    FindingValue,
    Gender,
    OrganisationKind,
    Outcome,
    StatementKind,
    TiesAnswer,
)
from portfolio.domain.jury.rules.juror_card import MemberInput, Planning
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury_session.use_cases import closing as closing_use_cases
from portfolio.domain.jury_session.use_cases import declarations, deliberation, letters
from portfolio.domain.jury_session.use_cases import planning as planning_use_cases
from portfolio.domain.submission.use_cases.submit import open_next_draft, submit
from portfolio.files.storage.store import new_key
from tests import factories
from tests.holdings.closings import give_letters
from tests.snapshots import STORIES

SEALED_AT = factories.AT + timedelta(days=1)
DAY = date(2026, 6, 18)
ON_THE_DAY = datetime(2026, 6, 18, 14, 0, tzinfo=UTC)
STATEMENT = "J’atteste sur l’honneur que ce dossier est le mien."
HOUSE = (Affiliation(AffiliationKind.EMPLOYMENT, OrganisationKind.CERTIFIER, "Institut de l’exemple"),)

PRESIDENT = MemberInput(
    Seat.PRESIDENT,
    "marin@exemple.fr",
    "Paul Marin",
    "Directeur d’agence",
    College.EMPLOYERS,
    qualified=True,
    gender=Gender.MAN,
    appointed_on=date(2026, 1, 12),
    appointed_by_director=True,
    ties_answer=TiesAnswer.NONE,
)
EMPLOYEE = MemberInput(
    Seat.EMPLOYEE_REPRESENTATIVE,
    "diallo@exemple.fr",
    "Aya Diallo",
    "Cheffe de projet",
    College.EMPLOYEES,
    in_activity=True,
    gender=Gender.WOMAN,
    ties_answer=TiesAnswer.NONE,
)
DIRECTOR = MemberInput(
    Seat.DIRECTOR_OR_DELEGATE, "roux@exemple.fr", "Luc Roux", "Directeur", College.NONE, is_director=True, ties=HOUSE
)
TEACHER = MemberInput(Seat.TEACHER_TRAINER, "faure@exemple.fr", "Inès Faure", "Enseignante", College.NONE, ties=HOUSE)
MANAGER = MemberInput(
    Seat.PEDAGOGICAL_MANAGER, "petit@exemple.fr", "Zoé Petit", "Responsable pédagogique", College.NONE, ties=HOUSE
)
FIVE = (PRESIDENT, EMPLOYEE, DIRECTOR, TEACHER, MANAGER)
SUBSTITUTE = MemberInput(
    Seat.TEACHER_TRAINER,
    "perrin@exemple.fr",
    "Ivan Perrin",
    "Enseignant",
    College.NONE,
    ties=HOUSE,
    rank=1,
    gender=Gender.MAN,
)

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
        return [competency for block in self.blocks for competency in block.competencies]


def act(name: str = "nomination.pdf") -> ReceivedFile:
    """A signed document, as the reception hands it over; nothing is in the store."""
    content = factories.CONTENT
    return ReceivedFile(new_key(), name, "application/pdf", "document", 1, len(content), sha256(content).hexdigest())


def account(session: Session, naming: MemberInput) -> Person:
    """Return the person of a naming, with an account already."""
    return factories.person(session, naming.name, naming.email)


def scene(
    db: Database,
    *,
    members: tuple[MemberInput, ...] = FIVE,
    heard: bool = True,
    ready: bool = True,
    filled: bool = True,
    held_on: date = DAY,
    sealed_at: datetime = SEALED_AT,
    admissible_on: date = factories.ADMISSIBLE,
    jury: dict[str, object] | None = None,
    refused: tuple[int, ...] | None = None,
) -> Scene:
    """A session with its jury, and the candidate on its list; told once a process for each way it is asked for.

    With `refused`, everything is found and decided too: every block validated but those of these numbers.
    """
    asked = (members, heard, ready, filled, held_on, sealed_at, admissible_on, jury, refused)
    return STORIES.begin_with(
        db, f"scene {asked!r} {sha256(factories.CONTENT).hexdigest()}", lambda fresh: _told(fresh, *asked)
    )


def _told(
    db: Database,
    members: tuple[MemberInput, ...],
    heard: bool,
    ready: bool,
    filled: bool,
    held_on: date,
    sealed_at: datetime,
    admissible_on: date,
    jury: dict[str, object] | None,
    refused: tuple[int, ...] | None,
) -> Scene:
    with db.transaction() as session:
        world = factories.world(session, filled=filled, jury=jury)
        world.candidacy.admissible_on = admissible_on
        if not filled:
            _tell_without_proof(session, world)
        people = {naming.seat: account(session, naming) for naming in members}
        submission = submit(session, world.candidacy.id, STATEMENT, by=world.candidate.id, at=sealed_at)
        planning = Planning(world.version.id, held_on, "Bordeaux")
        day = planning_use_cases.plan_session(session, world.body.id, planning, by=world.certifier.id, at=sealed_at)
        made = Scene(
            world.body.id,
            world.certifier,
            world.candidate,
            world.advisor,
            world.candidacy.id,
            world.version.id,
            submission.id,
            day.id,
            list(world.version.blocks),
            people,
        )
    for naming in members:
        name(db, made, naming)
    if heard:
        with db.transaction() as session:
            hearing = planning_use_cases.add_hearing(
                session, made.session_id, made.submission_id, by=made.certifier.id, at=SEALED_AT
            )
            made.hearing_id = hearing.id
        if ready:
            get_ready(db, made)
    if refused is not None:
        deliberate(db, made, refused)
    return made


def summon(db: Database, made: Scene, at: datetime = SEALED_AT) -> None:
    """Each member and the candidate of a scene have their summons, whose hours are not fixed."""
    with db.transaction() as session:
        summon_session(session, made.session_id, at)


def summon_session(session: Session, session_id: UUID, at: datetime) -> None:
    """Write the summons of everyone concerned by a session, whatever is not fixed yet."""
    jury = session.get_one(JurySession, session_id)
    for member in jury.members:
        letters.summon_member(session, member, jury, at=at)
    for hearing in jury.hearings:
        letters.notify_hearing_scheduled(session, hearing, at=at)


def get_ready(db: Database, made: Scene, people: Sequence[UUID] | None = None, at: datetime = SEALED_AT) -> None:
    """Every member declares, reads, attests; and everyone is there."""
    people = [member.id for member in made.members.values()] if people is None else people
    with db.transaction() as session:
        get_all_ready(session, made.hearing_id, people, made.certifier.id, at)


def on_the_day(session: Session, hearing_id: UUID) -> datetime:
    """Return a moment of the day of a sitting: nothing of it is noted before."""
    day = session.get_one(Hearing, hearing_id).sitting_day
    return max(ON_THE_DAY, datetime(day.year, day.month, day.day, tzinfo=UTC))


def get_all_ready(session: Session, hearing_id: UUID, people: Sequence[UUID], certifier: UUID, at: datetime) -> None:
    """The same, inside a transaction; presence is noted on the day."""
    for person in people:
        for kind in (StatementKind.NO_RELATION, StatementKind.READ):
            declarations.record_statement(session, hearing_id, MemberDeclarations(person, kind), by=person, at=at)
    there = max(at, on_the_day(session, hearing_id))
    declarations.check_presence(session, hearing_id, people, Attendance.HEARD, "Vérifié.", by=certifier, at=there)


def say(db: Database, made: Scene, person: UUID, kind: StatementKind, reason: str = "") -> None:
    """A member states something."""
    with db.transaction() as session:
        declarations.record_statement(
            session, made.hearing_id, MemberDeclarations(person, kind, reason), by=person, at=SEALED_AT
        )


def check(db: Database, made: Scene, present: Sequence[UUID], attendance: Attendance = Attendance.HEARD) -> None:
    """Who is there."""
    with db.transaction() as session:
        declarations.check_presence(
            session, made.hearing_id, present, attendance, "Vérifié.", by=made.certifier.id,
            at=on_the_day(session, made.hearing_id),
        )  # fmt: skip


def _tell_without_proof(session: Session, world: factories.World) -> None:
    """Every competency told, one piece claimed for the first only."""
    factories.experience(session, world.candidacy.id)
    for competency in world.competencies:
        factories.narrative(session, world.candidacy.id, competency)
    factories.claim(session, factories.evidence(session, world.candidacy.id), world.competencies[0])


def name(db: Database, made: Scene, naming: MemberInput, **changes: object) -> UUID:
    """Seat someone; a president with the document of the appointment."""
    with db.transaction() as session:
        named = replace(naming, **changes)
        paper = act() if named.appointed_on and not named.seen else None
        member = planning_use_cases.name_member(
            session, made.session_id, named, paper, reason="Empêchement.", by=made.certifier.id, at=SEALED_AT
        )
        session.flush()
        return member.person_id


def find(db: Database, made: Scene, competency: Competency, record: FindingRecord = ACQUIRED, revision: int = 0) -> int:
    """Return the president records a finding."""
    with db.transaction() as session:
        return deliberation.record_finding(
            session, made.hearing_id, competency.id, record, revision=revision, by=made.president.id,
            at=on_the_day(session, made.hearing_id),
        )  # fmt: skip


def decide(db: Database, made: Scene, block: Block, record: DecisionRecord = VALIDATED, revision: int = 0) -> int:
    """Return the president records a decision."""
    with db.transaction() as session:
        return deliberation.record_decision(
            session, made.hearing_id, block.id, record, revision=revision, by=made.president.id,
            at=on_the_day(session, made.hearing_id),
        )  # fmt: skip


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
        closing_use_cases.close(session, made.hearing_id, by=made.president.id, at=at)


def seat_five(session: Session, session_id: UUID, certifier: UUID, at: datetime) -> None:
    """The five members of a regular jury, the president with the act."""
    for naming in FIVE:
        paper = act() if naming.appointed_on else None
        planning_use_cases.name_member(session, session_id, naming, paper, by=certifier, at=at)


def next_submission(session: Session, made: Scene, at: datetime) -> Submission:
    """Return the dossier that a second jury hears: sealed again by an annulment, else deposited by the candidate."""
    give_letters(session, made.candidacy_id)
    renewed = Submission.renews_id == made.submission_id
    if (again := session.scalar(select(Submission).where(renewed))) is not None:
        return again
    open_next_draft(session, made.candidacy_id, by=made.candidate.id, at=at)
    return submit(session, made.candidacy_id, STATEMENT, by=made.candidate.id, at=at)


def next_scene(db: Database, made: Scene, *, held_on: date, at: datetime) -> Scene:
    """Return the same candidate, before a second session, with the blocks that are missing."""
    with db.transaction() as session:
        submission = next_submission(session, made, at)
        planning = Planning(made.version_id, held_on, "Lyon")
        jury = planning_use_cases.plan_session(session, made.body_id, planning, by=made.certifier.id, at=at)
        seat_five(session, jury.id, made.certifier.id, at)
        hearing = planning_use_cases.add_hearing(session, jury.id, submission.id, by=made.certifier.id, at=at)
        get_all_ready(session, hearing.id, [member.id for member in made.members.values()], made.certifier.id, at)
        return replace(made, submission_id=submission.id, session_id=jury.id, hearing_id=hearing.id)
