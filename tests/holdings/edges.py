"""One candidate before juries as rows: the hands of the scenarios of domain §5."""

from datetime import date, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.submission.use_cases.submit import open_next_draft
from portfolio.wording.holdings.grants import explanation_as_json
from tests import factories
from tests.holdings.closings import JUNE, SEALED_AT, hearing, minutes, sealed
from tests.holdings.status_changes import candidacy_on, later, told

NOVEMBER = date(2026, 11, 5)

SUSPENSION, CONFIRMATION = StatusChangeKind.SUSPENSION, StatusChangeKind.CONFIRMATION

ANNULMENT, WITHDRAWAL = StatusChangeKind.ANNULMENT, StatusChangeKind.WITHDRAWAL


def jury(
    db: Database, world: factories.World, wins: tuple, loses: tuple = (), on: date = JUNE, **more: object
) -> object:
    """Submit unless a dossier waits for a jury, be heard, close, grant."""
    with db.transaction() as session:
        blocks = world.version.blocks
        at = SEALED_AT if on == JUNE else SEALED_AT + timedelta(days=150)
        heard = hearing(session, find_waiting(session, world) or sealed(session, world, at), on)
        closed = minutes(session, heard, [blocks[n - 1] for n in wins], [blocks[n - 1] for n in loses], **more)
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
        return closed


def again(db: Database, world: factories.World) -> None:
    with db.transaction() as session:
        open_next_draft(session, world.candidacy.id, by=world.candidate.id, at=factories.AT)


def counted(db: Database) -> list[int]:
    with db.reader() as session:
        return [session.scalar(select(func.count()).select_from(kind)) for kind in (Grant, Award, Certificate)]


def find_waiting(session: Session, world: factories.World) -> Submission | None:
    """Return the dossier that was presented again, which no jury hears yet."""
    query = select(Submission).where(
        Submission.candidacy_id == world.candidacy.id,
        Submission.renews_id.is_not(None),
        ~exists().where(Hearing.submission_id == Submission.id),
    )
    return session.scalar(query)


def act(db: Database, world: factories.World, kind: StatusChangeKind, number: int, **more: object) -> object:
    return later(db, kind, world.candidate.id, world.version.blocks[number - 1], world.certifier.id, **more)


def sentences(db: Database, world: factories.World) -> list[str]:
    return [one["sentence"] for one in explanation_as_json(told(db, world.candidacy.id))["blocks"]]


def bare(session, world):
    """A second sealed dossier of the same blocks, as another candidacy of the person would have."""
    from portfolio.domain.candidacy.models import Submission, SubmittedBlock

    candidacy = candidacy_on(session, world.version, world.candidate.id)
    found = Submission(candidacy=candidacy, number=1, submitted_at=SEALED_AT, manifest=b"[]", root="00" * 32)
    session.add(found)
    session.flush()
    session.add_all(SubmittedBlock(submission_id=found.id, block_id=block.id) for block in world.version.blocks)
    session.flush()
    return found
