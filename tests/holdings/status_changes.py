"""What certifiers do after or beside a jury, through the real services: the hands of the scenarios."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database, new_id
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import (
    Block,
    Certification,
    CertificationVersion,
    Competency,
    RegistrationPeriod,
)
from portfolio.domain.holdings.models.events import GrantStatusChange
from portfolio.domain.holdings.models.grants import Certificate, Grant
from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.granting import Explanation
from portfolio.domain.holdings.rules.status_changes import (
    AcquisitionInput,
    EquivalenceInput,
    StatusChange,
    StatusChangeKind,
)
from portfolio.domain.holdings.use_cases.equivalence import declare_equivalence
from portfolio.domain.holdings.use_cases.granting import record_acquisition
from portfolio.domain.holdings.use_cases.recompute import explain, recompute
from portfolio.domain.holdings.use_cases.status import CertificateStatus, load_certificate_status
from portfolio.domain.holdings.use_cases.status_changes import change_status
from tests import factories

LATER = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
DECIDED = date(2027, 2, 20)
HEARD = date(2027, 2, 10)


@dataclass(frozen=True)
class Scan:
    """A proof that reception has kept."""

    key: str
    name: str = "attestation.pdf"
    mime: str = "application/pdf"
    size: int = 1000
    sha256: str = "ab" * 32


def acquire(db: Database, candidacy_id: UUID, block: Block, by: UUID, on: date = date(2025, 6, 30)) -> None:
    """The certifier enters a block acquired in training."""
    with db.transaction() as session:
        said = AcquisitionInput(block.id, on, "Évaluation de la formation de Lyon")
        record_acquisition(session, candidacy_id, said, Scan(new_id().hex), by=by, at=LATER)


def later(
    db: Database, kind: StatusChangeKind, person_id: UUID, block: Block, by: UUID, **more: object
) -> GrantStatusChange:
    """Return the certifier decides of the last grant of a block."""
    act = StatusChange(
        **({"kind": kind, "reason": "Motif de la décision.", "decided_on": DECIDED, "heard_on": HEARD} | more)
    )
    with db.transaction() as session:
        return change_status(session, grant_of(session, person_id, block).id, act, by=by, at=LATER)


def grant_of(session: Session, person_id: UUID, block: Block) -> Grant:
    """Return the last grant of a block."""
    query = select(Grant).where(Grant.person_id == person_id, Grant.block_id == block.id).order_by(Grant.serial.desc())
    return session.scalars(query).first()


def equate(db: Database, held: Block, counts_for: Block, kind: str, by: UUID) -> None:
    """The certifier declares what a block is worth."""
    with db.transaction() as session:
        declare_equivalence(
            session,
            EquivalenceInput(held.id, counts_for.id, EquivalenceKind(kind), "Même référentiel."),
            by=by,
            at=LATER,
        )


def told(db: Database, candidacy_id: UUID) -> Explanation:
    """Return what is explained of a candidacy, once what is stored is found to be exactly what the facts give."""
    with db.reader() as session:
        gaps = recompute(session).gaps
        assert gaps == ()
        return explain(session, candidacy_id, on=date.max)


def grounds(db: Database, candidacy_id: UUID) -> list[str]:
    """Return the first ground of each block, in order."""
    return [str(answer.ground) for answer in told(db, candidacy_id).answers]


def standing(db: Database, certificate_of: object) -> CertificateStatus:
    """Return where the certificate of a grant or of an award stands."""
    with db.reader() as session:
        column = Certificate.grant_id if isinstance(certificate_of, Grant) else Certificate.award_id
        return load_certificate_status(
            session, session.scalars(select(Certificate).where(column == certificate_of.id)).one()
        )


def second_version(session: Session, version: CertificationVersion) -> CertificationVersion:
    """Version 2 of the same certification, with the same titles."""
    certification = session.get_one(Certification, version.certification_id)
    found = CertificationVersion(
        certification=certification,
        number=2,
        entry=version.entry,
        title=version.title,
        level="7",
        imported_at=factories.AT,
    )
    found.blocks = [
        Block(
            number=block.number,
            title=block.title,
            assessments=[],
            competencies=[Competency(number=each.number, text=each.text) for each in block.competencies],
        )
        for block in version.blocks
    ]
    found.registrations = [
        RegistrationPeriod(title=version.title, act="Décision", starts_on=date(2022, 1, 5), ends_on=date(2030, 1, 4))
    ]
    session.add(found)
    session.flush()
    found.published_at = factories.AT
    session.flush()
    return found


def candidacy_on(session: Session, version: CertificationVersion, person_id: UUID) -> Candidacy:
    """Return the same person, candidate of another version."""
    return factories.candidacy(
        session, session.get_one(CertificationVersion, version.id), session.get_one(Person, person_id)
    )
