"""The worker is killed at random while it draws pages, makes copies and sends letters: each is made once, and
nothing is lost.
"""

import io
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import func, select

from portfolio.db.engine import Database
from portfolio.domain.account.use_cases import invite
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import Page, PageImage, Rendition
from portfolio.domain.dossier.rules.rendition import DRAWN_AHEAD, RenditionKind, RenditionState
from portfolio.domain.dossier.use_cases.evidence import add_evidence
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.email.models import OutgoingEmail
from portfolio.files.file_types.types import pages_of
from portfolio.files.integrity.references import check_files, delete_orphan_files, retry_failed
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import new_key
from portfolio.files.storage.temporary_folder import remove_orphans
from portfolio.on_commit import open_database
from tests import factories, samples
from tests.faults.running import Nursery, Server
from tests.thoroughness import EXHAUSTIVE
from tools.cluster.__main__ import free_ports

pytestmark = [pytest.mark.both, pytest.mark.slow]

BLOWS = 200 if EXHAUSTIVE else 4
# What each blow finds to do: a document, a photograph that tells where it was taken, letters.
LETTERS = 3
PATIENCE = 60.0


class Worker(Server):
    """A worker beside nobody: it listens to no port."""

    def _listens(self) -> bool:
        return True

    def commits(self, since: int) -> int:
        with self.events.open("rb") as events:
            events.seek(since)
            return events.read().count(b"commit\n")


class PostOffice:
    """Takes every letter, and remembers whom it was for."""

    def __init__(self) -> None:
        self.taken = Counter[str]()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.taken.update(envelope.rcpt_tos)
        return "250 OK"


@pytest.fixture
def post_office():
    kept = PostOffice()
    controller = Controller(kept, hostname="127.0.0.1", port=free_ports(1)[0])
    controller.start()
    yield kept, controller.port
    controller.stop()


class SampleWork:
    """Gives the worker things to do, as the application does."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db, self.store, self.count = db, LocalStore(folder / "files"), 0
        with db.transaction() as session:
            world = factories.world(session, filled=False)
        self.candidacy, self.candidate, self.body = world.candidacy.id, world.candidate.id, world.body.id

    def order(self) -> None:
        self.count += 1
        received = [
            self._kept(samples.pdf(3), "application/pdf", 3),
            self._kept(samples.jpeg(located=True), "image/jpeg", None),
        ]
        with self.db.transaction() as session:
            add_evidence(session, self.candidacy, received, by=self.candidate, at=datetime.now(UTC))
            for number in range(LETTERS):
                email = f"{self.count}.{number}@exemple.fr"
                invite(session, email, "Marc", self.body, by=None, at=datetime.now(UTC), why="candidate")

    def _kept(self, content: bytes, mime: str, pages: int | None) -> ReceivedFile:
        kept = self.store.save(new_key(), io.BytesIO(content))
        return ReceivedFile(kept.key, "piece", mime, "document", pages, kept.size, kept.sha256)

    def is_done(self) -> bool:
        with self.db.reader() as session:
            left = session.scalar(select(func.count()).where(Rendition.finished_at.is_(None)))
            return not left and not session.scalar(select(func.count()).where(OutgoingEmail.sent_at.is_(None)))


@pytest.fixture
def batch(database_url: str, tmp_path: Path):
    db = open_database(database_url)
    yield SampleWork(db, tmp_path)
    db.engine.dispose()


def children(pid: int) -> list[int]:
    return [int(one) for path in Path(f"/proc/{pid}/task").glob("*/children") for one in path.read_text().split()]


def until(is_so: Any, seconds: float = PATIENCE) -> bool:
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def test_whatever_kills_the_worker_every_page_is_drawn_once_and_every_letter_leaves(
    batch, database_url, nursery: Nursery, tmp_path, post_office
):
    office, port = post_office
    chance, orphans = random.Random(5), set[int]()
    env = {
        "SECRET_KEY": "faults",
        "WORK": "1",
        "DATABASE_URL": database_url,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
    }
    worker = Worker(nursery, tmp_path, **env)
    for _ in range(BLOWS):
        batch.order()
        seen = worker.events.stat().st_size if worker.events.exists() else 0
        worker.start()
        until(worker.events.exists, 30)
        steps = chance.randint(2, 25)
        until(lambda seen=seen, steps=steps: worker.commits(seen) >= steps or batch.is_done(), 4)
        time.sleep(chance.uniform(0, 0.05))
        orphans.update(children(worker.pid))
        worker.kill()

    def is_over() -> bool:
        retry_failed(batch.db, datetime.now(UTC))  # by who keeps the product, for a file that met three blows in a row
        time.sleep(0.4)  # what a dead one had taken is free again
        return batch.is_done()

    worker.start()
    until(is_over, 60 + 6 * BLOWS)
    worker.kill()
    assert batch.is_done()
    assert_all_there(batch, tmp_path)
    wanted = {f"{order}.{number}@exemple.fr" for order in range(1, BLOWS + 1) for number in range(LETTERS)}
    assert set(office.taken) == wanted
    twice = sum(office.taken.values()) - len(wanted)
    assert twice <= BLOWS, "at most the one letter that was leaving"
    assert until(lambda: not any(Path(f"/proc/{orphan}").exists() for orphan in orphans)), "a child outlives its worker"
    print(f"{BLOWS} kills: {BLOWS * 3 + BLOWS} pages drawn, {len(wanted)} letters, {twice} of them sent twice")


def assert_all_there(batch: SampleWork, folder: Path) -> None:
    with batch.db.reader() as session:
        assert set(session.scalars(select(Rendition.state))) == {RenditionState.READY}
        assert set(session.scalars(select(Rendition.run_after))) == {None}, "no lease is left"
        for file in session.scalars(select(EvidenceFile)):
            drawn = session.scalars(
                select(Page.number)
                .join(Rendition, Rendition.id == Page.rendition_id)
                .where(Rendition.file_id == file.id, Rendition.kind == RenditionKind.PAGES)
                .order_by(Page.number)
            ).all()
            assert list(drawn) == list(range(1, pages_of(file.mime, file.pages) + 1))
        pages = session.scalar(select(func.count()).select_from(Page))
        assert session.scalar(select(func.count()).select_from(PageImage)) == pages * len(DRAWN_AHEAD)
    later = datetime.now(UTC) + timedelta(days=2)
    delete_orphan_files(batch.store, batch.db, later)
    assert check_files(batch.store, batch.db).ok, "every image has its row, every row its image"
    assert delete_orphan_files(batch.store, batch.db, later) == (0, 0)
    incoming = folder / "incoming"
    assert len(list(incoming.iterdir())) <= 1, "each start removes what the one before left, copies of files among it"
    remove_orphans(incoming)
    assert list(incoming.iterdir()) == []
