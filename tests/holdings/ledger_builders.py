"""Many closings on one jury's day, signed as the application signs them."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury_session.use_cases import deliberation
from portfolio.domain.jury_session.use_cases import planning as planning_use_cases
from portfolio.domain.ledger.checkpoints import checkpoint_covering
from portfolio.domain.ledger.models import LedgerCheckpoint, LedgerEntry
from portfolio.domain.ledger.recording import SIGNER
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.on_commit import open_database
from portfolio.signing_key import Keys, Signer
from tests import factories
from tests.jury.builders import (
    ACQUIRED,
    DAY,
    NOT_VALIDATED,
    ON_THE_DAY,
    REFUSED,
    SEALED_AT,
    STATEMENT,
    VALIDATED,
    Scene,
    get_ready,
    scene,
    seat_five,
)
from tests.snapshots import STORIES, share_signer

SIGNED_BY = Signer(bytes(range(32)))
KEYS = Keys(SIGNED_BY, (SIGNED_BY.jwk,))
share_signer(SIGNED_BY)


def signing(url: str) -> Database:
    """Return the store as the application opens it: every closing is signed."""
    return open_database(url, {SIGNER: SIGNED_BY})


def entries_in(db: Database) -> int:
    """Return how many entries the ledger has."""
    with db.reader() as session:
        return session.scalar(select(func.count()).select_from(LedgerEntry)) or 0


def heads_in(db: Database) -> int:
    """Return how many heads were signed."""
    with db.reader() as session:
        return session.scalar(select(func.count()).select_from(LedgerCheckpoint)) or 0


def closings_in(db: Database) -> list[tuple[int, int]]:
    """Return the first and the last entry of the acts of each closing: its head was signed under the last."""
    with db.reader() as session:
        query = select(LedgerEntry).where(LedgerEntry.record_type == "minutes").order_by(LedgerEntry.seq)
        entries = session.scalars(query).all()
        return [
            (entry.seq, head.seq)
            for entry in entries
            if (head := checkpoint_covering(session, entry.record_type, entry.row_id))
        ]


def heard(db: Database, count: int, refused: Collection[int] = (), *, apart: bool = False) -> list[Scene]:
    """As many candidates, everything found and decided; the blocks whose numbers are `refused` are not validated.

    All before one session of the jury, or `apart`: each before a session of its own. Told once a process.
    """
    name = f"heard {count}, refused {sorted(refused)}, apart {apart}"
    return STORIES.begin_with(db, name, lambda fresh: _told(fresh, count, refused, apart=apart))


def _told(db: Database, count: int, refused: Collection[int], *, apart: bool) -> list[Scene]:
    made = [scene(db)]
    while len(made) < count:
        made.append(another(db, made[0], len(made), apart=apart))
    for one in made:
        deliberate_at_once(db, one, refused)
    return made


def another(db: Database, first: Scene, rank: int, *, apart: bool = False) -> Scene:
    """One more candidate before the jury of the first, the same day or in a session apart."""
    with db.transaction() as session:
        version = session.get_one(CertificationVersion, first.version_id)
        candidate = factories.person(session, f"Candidate {rank}")
        candidacy = factories.candidacy(session, version, candidate)
        _fill(session, candidacy)
        submission = submit(session, candidacy.id, STATEMENT, by=candidate.id, at=SEALED_AT)
        session_id = _session_apart(session, first, rank) if apart else first.session_id
        hearing = planning_use_cases.add_hearing(
            session, session_id, submission.id, by=first.certifier.id, at=SEALED_AT
        )
        ids = {"candidacy_id": candidacy.id, "submission_id": submission.id, "hearing_id": hearing.id}
        made = replace(first, candidate=candidate, session_id=session_id, **ids)
    get_ready(db, made)
    return made


def _session_apart(session: Session, first: Scene, rank: int) -> UUID:
    planning = Planning(first.version_id, DAY, f"Ville {rank}")
    planned = planning_use_cases.plan_session(session, first.body_id, planning, by=first.certifier.id, at=SEALED_AT)
    seat_five(session, planned.id, first.certifier.id, SEALED_AT)
    return planned.id


def _fill(session: Session, candidacy: Candidacy) -> None:
    factories.experience(session, candidacy.id)
    competencies = [one for block in candidacy.version.blocks for one in block.competencies]
    for number, competency in enumerate(competencies, 1):
        factories.claim(session, factories.evidence(session, candidacy.id, number), competency)
        factories.narrative(session, candidacy.id, competency)


def deliberate_at_once(db: Database, made: Scene, refused: Collection[int]) -> None:
    """Everything found and decided in one transaction."""
    with db.transaction() as session:
        for block in made.blocks:
            for competency in block.competencies:
                lost = block.number in refused and competency is block.competencies[-1]
                _record(session, deliberation.record_finding, made, competency.id, REFUSED if lost else ACQUIRED)
            _record(
                session,
                deliberation.record_decision,
                made,
                block.id,
                NOT_VALIDATED if block.number in refused else VALIDATED,
            )


def _record(session: Session, verb: object, made: Scene, subject: UUID, record: object) -> None:
    verb(session, made.hearing_id, subject, record, revision=0, by=made.president.id, at=ON_THE_DAY)
