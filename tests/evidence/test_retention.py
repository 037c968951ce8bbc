"""The number of a removed piece stays; a month later its words, files and pages are erased, unless a seal
names them. Both stores.
"""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from portfolio.all_models import metadata
from portfolio.db.engine import Database
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.models.renditions import PageImage
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.dossier.use_cases import evidence, uploads
from portfolio.domain.review.use_cases.assessments import assess_competency, load_review_basis, load_reviews
from portfolio.domain.submission.use_cases.submit import open_next_draft
from portfolio.files.renditions.rendition_worker import RenditionWorker
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import FileStore, new_key
from portfolio.run.maintenance import purge_removed_evidence
from tests import factories, samples
from tests.factories import AT, World
from tests.holdings.closings import JUNE, hearing, minutes, sealed

SECRET = "un titre confidentiel"
LATER = AT + timedelta(days=30)


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return LocalStore(tmp_path / "files")


@pytest.fixture
def made(db: Database, files: FileStore) -> World:
    """Eleven pieces; the first one says a secret everywhere, has two versions, drawn pages, and a mark on its
    competency.
    """
    with db.transaction() as session:
        world = factories.world(session)
        piece = session.get_one(Evidence, world.pieces[0].id)
        piece.title = piece.own_role = piece.own_part = SECRET
        first = files.save(new_key(), io.BytesIO(samples.pdf(2, "Preuve")))
        session.execute(update(EvidenceFile).where(EvidenceFile.evidence_id == piece.id)
                        .values(key=first.key, name=f"{SECRET}.pdf", size=first.size, sha256=first.sha256, pages=2))  # fmt: skip
        digest, seen = load_review_basis(session, world.candidacy.id, world.competencies[0].id)
        where = (world.candidacy.id, world.competencies[0].id)
        assess_competency(session, *where, Assessment.COVERED, "", f"{digest} {seen}", by=world.advisor.id, at=AT)
    second = files.save(new_key(), io.BytesIO(samples.pdf(1, "Preuve")))
    received = uploads.ReceivedFile(
        second.key, f"{SECRET} 2.pdf", "application/pdf", "document", 1, second.size, second.sha256
    )
    with db.transaction() as session:
        session.execute(update(Claim).values(passage="1"))  # pages that the files have
        evidence.replace_file(session, world.candidacy.id, world.pieces[0].id, received, by=world.candidate.id, at=AT)
    RenditionWorker(db, files, lambda: AT).run_all_due()
    return world


def take_away(db: Database, made: World) -> None:
    with db.transaction() as session:
        evidence.remove_evidence(session, made.candidacy.id, made.pieces[0].id, by=made.candidate.id, at=AT)


def said(db: Database) -> str:
    """Every row of every table, as it is read."""
    with db.engine.connect() as connection:
        return "\n".join(
            repr(tuple(row))
            for name in metadata.tables
            for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"')
        )


@pytest.mark.records("competency_marked", "evidence_added", "evidence_forgotten", "evidence_replaced")
def test_a_month_later_nothing_is_left_of_it_but_its_number(db: Database, files: FileStore, made: World) -> None:
    keys = len(list(files.keys()))
    assert keys == 2 + 3 * 2, "two versions, three pages at the two sizes that are drawn ahead"
    take_away(db, made)
    assert purge_removed_evidence(files, db, LATER - timedelta(seconds=1)) == 0
    assert SECRET in said(db)
    assert purge_removed_evidence(files, db, LATER) == keys
    assert SECRET not in said(db)
    assert list(files.keys()) == []
    assert purge_removed_evidence(files, db, LATER) == 0, "once"
    with db.reader() as session:
        assert session.scalar(select(func.count()).select_from(PageImage)) == 0
        piece = session.get_one(Evidence, made.pieces[0].id)
        assert (piece.number, piece.removed_at, piece.title) == (1, AT, "")
        verbs = list(session.scalars(select(AuditEvent.action).where(AuditEvent.object_id == piece.id)))
        assert verbs[-1] == "evidence_forgotten"
        opinion = load_reviews(session, made.candidacy.id, [made.competencies[0].id])[made.competencies[0].id]
    assert opinion.outdated, "the advisor still sees that what they marked has changed"
    with db.transaction() as session:
        again = uploads.ReceivedFile(new_key(), "autre.pdf", "application/pdf", "document", 1, 10, "0" * 64)
        (new,) = evidence.add_evidence(session, made.candidacy.id, [again], by=made.candidate.id, at=LATER)
        session.flush()
        assert session.get_one(Evidence, new).number == 12, "a number is never used twice"


def test_what_a_seal_names_stays_as_long_as_it_names_it(db: Database, files: FileStore, made: World) -> None:
    with db.transaction() as session:
        first, second, *others = made.version.blocks
        minutes(session, hearing(session, sealed(session, made), JUNE), [second], [first, *others])
    with db.transaction() as session:
        open_next_draft(session, made.candidacy.id, by=made.candidate.id, at=AT)
    take_away(db, made)
    before = sorted(files.keys())
    assert purge_removed_evidence(files, db, LATER + timedelta(days=999)) == 0
    assert sorted(files.keys()) == before
    with db.reader() as session:
        assert session.get_one(Evidence, made.pieces[0].id).title == SECRET
