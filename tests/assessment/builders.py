"""Candidacies of every route, their plan and results, and their jury: what the tests of this noun start from."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.admissibility.use_cases.opening import open_candidacy
from portfolio.domain.assessment.rules import AssessmentKind, AssessmentOutcome, PlannedValue
from portfolio.domain.assessment.use_cases import plans, results
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import NewCandidacy, PersonInput, Scope
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.jury.rules.enums import Outcome
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury_session.use_cases import closing as use_cases
from portfolio.domain.jury_session.use_cases import deliberation, planning
from portfolio.domain.submission.use_cases import assessment_record
from portfolio.files.storage.store import new_key
from tests import factories
from tests.jury.builders import ACQUIRED, FIVE, NOT_VALIDATED, REFUSED, VALIDATED, account, get_all_ready, seat_five

OTHERS = tuple(route for route in Route if route is not Route.VAE)
BEGAN = date(2021, 9, 1)
ASSESSED = date(2022, 6, 10)
RECORDED_AT = factories.AT + timedelta(hours=1)
SEALED_AT = factories.AT + timedelta(days=1)
DAY = date(2026, 6, 18)
ON_THE_DAY = datetime(2026, 6, 18, 14, 0, tzinfo=UTC)


@dataclass
class Ground:
    """A body, its certifier, a published version open by every route, with two practical cases in block 3."""

    body_id: UUID
    certifier: Person
    version_id: UUID


def ground(session: Session) -> Ground:
    """Publish a version and plan its assessments."""
    body = factories.body(session)
    certifier = factories.certifier(session, body.id)
    version = factories.published_version(session, body.id, routes=[(route.value, True) for route in OTHERS])
    for block in (1, 2, 3, 3, 4):
        value = PlannedValue(AssessmentKind.PRACTICAL_CASE, f"Cas pratique du bloc {block}", block)
        plans.add_planned(session, version.id, value, by=certifier.id, at=factories.AT)
    return Ground(body.id, certifier, version.id)


def candidacy(session: Session, made: Ground, route: Route, name: str = "Samia Benali", **changes: object) -> Candidacy:
    """Open a candidacy by this route."""
    values = {
        "version_id": made.version_id,
        "candidate": PersonInput(f"{name.split()[0].lower()}.{route.value}@exemple.fr", name),
        "route": route,
        "regime": Regime.FRANCE_VAE,
        "scope": Scope.WHOLE,
        "block_ids": (),
        "admissible_on": BEGAN,
    } | changes
    return open_candidacy(session, made.body_id, NewCandidacy(**values), by=made.certifier.id, at=factories.AT)


def document(name: str = "copie.pdf") -> ReceivedFile:
    """A document, as the reception hands it over; nothing is in the store."""
    content = factories.CONTENT
    return ReceivedFile(new_key(), name, "application/pdf", "document", 2, len(content), sha256(content).hexdigest())


def result_of(
    session: Session, made: Ground, candidacy_id: UUID, number: int, file: ReceivedFile | None = None, **changes
):
    """Record the result of the planned assessment of this number."""
    planned = next(line for line in plans.planned_lines(session, made.version_id) if line.number == number)
    values = {
        "planned_id": planned.id,
        "assessed_on": ASSESSED,
        "examiner": "Nadia Lemaire",
        "outcome": AssessmentOutcome.PASSED,
        "detail": "16/20. Un cas bien mené.",
    } | changes
    new = results.NewResult(**values)
    return results.record_result(session, candidacy_id, new, file, by=made.certifier.id, at=RECORDED_AT)


def all_results(session: Session, made: Ground, candidacy_id: UUID) -> None:
    """Record one result for each planned assessment, with its document."""
    for number in range(1, 6):
        result_of(session, made, candidacy_id, number, document())


def sealed_record(session: Session, made: Ground, candidacy_id: UUID, at: datetime = SEALED_AT) -> UUID:
    """Seal the record of a candidacy."""
    return assessment_record.seal_record(session, candidacy_id, by=made.certifier.id, at=at).id


def session_of(
    session: Session, made: Ground, *, held_on: date = DAY, at: datetime = SEALED_AT
) -> tuple[UUID, list[Person]]:
    """Plan a session with its five members."""
    people = [_known(session, naming) for naming in FIVE]
    planned = planning.plan_session(
        session, made.body_id, Planning(made.version_id, held_on, "Bordeaux"), by=made.certifier.id, at=at
    )
    seat_five(session, planned.id, made.certifier.id, at)
    return planned.id, people


def _known(session: Session, naming) -> Person:
    from sqlalchemy import select

    found = session.scalar(select(Person).where(Person.email == naming.email))
    return found or account(session, naming)


def hearing_of(
    session: Session, made: Ground, submission_id: UUID, session_id: UUID, people: list[Person], at=SEALED_AT
) -> UUID:
    """Put a record before a session, and have every member declare, read and come."""
    hearing = planning.add_hearing(session, session_id, submission_id, by=made.certifier.id, at=at)
    session.flush()
    get_all_ready(session, hearing.id, [person.id for person in people], made.certifier.id, at)
    return hearing.id


def decide(
    db: Database,
    made: Ground,
    hearing_id: UUID,
    president: Person,
    refused: tuple[int, ...] = (),
    at: datetime = ON_THE_DAY,
) -> None:
    """Find every competency, decide every block, close the minutes."""
    with db.transaction() as session:
        version = session.get_one(CertificationVersion, made.version_id)
        blocks = [
            (block.id, block.number, [competency.id for competency in block.competencies]) for block in version.blocks
        ]
    for block_id, number, competencies in blocks:
        fails = number in refused
        with db.transaction() as session:
            for competency_id in competencies:
                record = REFUSED if fails and competency_id == competencies[-1] else ACQUIRED
                deliberation.record_finding(
                    session, hearing_id, competency_id, record, revision=0, by=president.id, at=at
                )
            record = NOT_VALIDATED if fails else VALIDATED
            assert record.outcome is (Outcome.NOT_VALIDATED if fails else Outcome.VALIDATED)
            deliberation.record_decision(session, hearing_id, block_id, record, revision=0, by=president.id, at=at)
    with db.transaction() as session:
        use_cases.close(session, hearing_id, by=president.id, at=at)
