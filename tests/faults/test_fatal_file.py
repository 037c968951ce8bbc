"""A file that ends the worker itself is begun a few times, then refused: the others are drawn meanwhile."""

import io
import time
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select, update

from portfolio.db.engine import Database
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import PageRequest, Rendition
from portfolio.domain.dossier.rules.rendition import MAX_CRASHES, Priority, RenditionFailure, RenditionState
from portfolio.domain.dossier.use_cases.evidence import add_evidence
from portfolio.domain.dossier.use_cases.page_images import request_page
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.files.integrity.references import count_failed, retry_failed
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import new_key
from portfolio.on_commit import open_database
from tests import factories, samples
from tests.faults.running import Nursery
from tests.faults.test_killed_worker import Worker, until
from tests.thoroughness import EXHAUSTIVE

pytestmark = pytest.mark.slow

FATAL = "fatal"
MOST_STARTS = 20


@pytest.fixture
def database_url(request, engine):
    """A fresh database on the store of this variant."""
    return request.getfixturevalue(f"{engine}_url")


@pytest.fixture
def db(database_url):
    database = open_database(database_url)
    yield database
    database.engine.dispose()


def sent(db: Database, store: LocalStore, *texts: str) -> list[UUID]:
    """Files of two pages, sent at once; the order of each, in the order they were sent."""
    with db.transaction() as session:
        world = factories.world(session, filled=False)
        kept = [store.save(new_key(), io.BytesIO(samples.pdf(2, text))) for text in texts]
        files = [
            ReceivedFile(
                stored_file.key, "plan.pdf", "application/pdf", "document", 2, stored_file.size, stored_file.sha256
            )
            for stored_file in kept
        ]
        add_evidence(session, world.candidacy.id, files, by=world.candidate.id, at=datetime.now(UTC))
        orders = dict(session.execute(select(EvidenceFile.key, Rendition.id).join(EvidenceFile)).all())
    return [orders[stored_file.key] for stored_file in kept]


def state(db: Database, order: UUID) -> tuple[RenditionState, RenditionFailure | None]:
    with db.reader() as session:
        found = session.get_one(Rendition, order)
        return found.state, found.failure_reason


def ended(db: Database, orders: list[UUID]) -> bool:
    return all(state(db, order)[0] in (RenditionState.READY, RenditionState.REFUSED) for order in orders)


def minutes_pass(db: Database) -> None:
    """What a dead worker had taken is free again: its lease is over."""
    with db.transaction() as session:
        taken = update(Rendition).where(Rendition.state == RenditionState.MAKING)
        session.execute(taken.values(run_after=datetime.now(UTC)))
        session.execute(update(PageRequest).values(run_after=datetime.now(UTC)))


def deaths_until_all_is_ended(worker: Worker, db: Database, orders: list[UUID]) -> int:
    """Start the worker again whenever it has died, as its supervisor does, and answer how often it did."""

    def is_over() -> bool:
        time.sleep(0.1)
        return not worker.is_alive or ended(db, orders)

    for deaths in range(MOST_STARTS):
        minutes_pass(db)
        worker.start()
        until(is_over, 90)
        if worker.is_alive:
            worker.kill()
            assert ended(db, orders)
            return deaths
    raise AssertionError("it is tried again without end")


# What counts the deaths of a worker is tried on both databases in tests/evidence/test_rendition_worker.py: each
# variant has its own database here, both of them with TESTS=exhaustive.
VARIANTS = {
    f"{how}, {engine}": (engine, asked_for)
    for how, asked_for, usual in (
        ("in its turn", False, "postgresql"),
        ("while someone waits for a page", True, "sqlite"),
    )
    for engine in ("sqlite", "postgresql")
    if EXHAUSTIVE or engine == usual
}


@pytest.mark.parametrize(("engine", "asked_for"), VARIANTS.values(), ids=VARIANTS)
def test_a_file_that_ends_the_worker_is_refused_in_the_end_and_the_others_are_drawn(
    db, database_url, nursery: Nursery, tmp_path, asked_for
):
    store = LocalStore(tmp_path / "files")
    before, fatal, after = orders = sent(db, store, "Plan de veille", f"Plan {FATAL}", "Budget")
    worker = Worker(nursery, tmp_path, SECRET_KEY="faults", WORK="1", DATABASE_URL=database_url, FATAL=FATAL)
    with db.transaction() as session:
        for page in (1, 2) if asked_for else ():
            request_page(session, fatal, page, Priority.HIGH, at=datetime.now(UTC))
    # In one life, one thread may begin on a page that is waited for while another begins on the next one:
    # both are counted.
    assert deaths_until_all_is_ended(worker, db, orders) in (
        {MAX_CRASHES - 1, MAX_CRASHES} if asked_for else {MAX_CRASHES}
    )
    assert state(db, fatal) == (RenditionState.REFUSED, RenditionFailure.FELL)
    assert state(db, before) == state(db, after) == (RenditionState.READY, None)
    assert count_failed(db) == 1
    assert retry_failed(db, datetime.now(UTC)) == 1
    mended = Worker(nursery, tmp_path, SECRET_KEY="faults", WORK="1", DATABASE_URL=database_url)
    assert deaths_until_all_is_ended(mended, db, orders) == 0
    assert state(db, fatal) == (RenditionState.READY, None)
