"""A page that somebody waits for is drawn before any batch: the order of the work, page by page, without a clock."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import PageRequest, Rendition
from portfolio.domain.dossier.rules.rendition import PAGE_LEASE, PageSize, Priority, RenditionKind
from portfolio.domain.dossier.use_cases.evidence import add_evidence
from portfolio.domain.dossier.use_cases.page_images import request_page
from portfolio.domain.dossier.use_cases.renditions import raise_priority
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.files.renditions import page_drawing, rendition_worker
from portfolio.files.renditions.page_images.client import RenderedPage
from portfolio.files.renditions.rendition_worker import RenditionWorker
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import new_key
from portfolio.run.worker import worker_of
from tests import factories

AT = factories.AT
BOOKS, PAGES = 20, 40
LIGHT = "light"


class Clock:
    """The moment, moved by hand."""

    at = AT + timedelta(hours=1)

    def __call__(self):
        return self.at


class Library:
    """Twenty books and a light file sent last, a worker of one thread, and the log of the pages that it draws."""

    def __init__(self, db: Database, folder, monkeypatch) -> None:
        self.db, self.drawn = db, []
        # Called while each page is drawn, as another process would write.
        self.meanwhile: Callable[[], None] = lambda: None
        files = LocalStore(folder / "files")
        self.shop = RenditionWorker(db, files, Clock())
        monkeypatch.setattr(page_drawing, "render_pages", self._paint)
        names = [*(f"book {number:02}" for number in range(1, BOOKS + 1)), LIGHT]
        with db.transaction() as session:
            world = factories.world(session, filled=False)
            for second, name in enumerate(names):
                stored = files.save(new_key(), io.BytesIO(name.encode()))
                pages = 2 if name == LIGHT else PAGES
                file = ReceivedFile(stored.key, name, "application/pdf", "document", pages, stored.size, stored.sha256)
                add_evidence(
                    session, world.candidacy.id, [file], by=world.candidate.id, at=AT + timedelta(seconds=second)
                )
            query = select(EvidenceFile.name, Rendition.id).join(Rendition).where(Rendition.kind == RenditionKind.PAGES)
            self.ids: dict[str, UUID] = dict(session.execute(query).all())

    def _paint(self, content, _kind, first, last, **_awaited):
        name = content.read().decode()
        for page in range(first, last + 1):
            self.drawn.append((name, page))
            self.meanwhile()
            yield RenderedPage(page, dict.fromkeys(PageSize, b"RIFF"))

    def ask_for(self, name: str, page: int, priority: Priority = Priority.HIGH) -> None:
        with self.db.transaction() as session:
            request_page(session, self.ids[name], page, priority, at=AT)

    def work(self, tasks: int) -> None:
        """Run so many tasks in the order in which a worker claims them."""
        for _ in range(tasks):
            task = self.shop.claim_page() or self.shop.claim_rendition()
            if task is None:
                return
            task()


@pytest.fixture
def library(db, tmp_path, monkeypatch) -> Library:
    return Library(db, tmp_path, monkeypatch)


def test_the_first_page_of_a_light_file_is_drawn_in_the_middle_of_twenty_books(library):
    def ask() -> None:
        if len(library.drawn) == 3:
            library.ask_for(LIGHT, 1)

    library.meanwhile = ask
    library.work(3)
    before = [("book 01", page) for page in (1, 2, 3)]
    assert library.drawn[:4] == [*before, (LIGHT, 1)], "the slice ends with the page that it draws"
    assert library.drawn[4] == ("book 02", 1), "then the next book"


def test_the_page_of_a_book_that_somebody_reads_goes_before_its_own_first_pages(library):
    library.ask_for("book 07", 31)
    library.work(1)
    assert library.drawn == [("book 07", 31)]


@pytest.mark.slow
def test_a_file_just_received_gets_its_first_pages_before_the_rest_of_the_books(library):
    library.work(BOOKS + 1)
    assert {name for name, page in library.drawn if page == 1} == {*library.ids}
    assert {page for _name, page in library.drawn} == {*range(1, rendition_worker.PAGES_A_TURN + 1)}
    library.work(1)
    assert library.drawn[-1][1] > rendition_worker.PAGES_A_TURN


def test_a_slice_that_lasts_too_long_ends_after_its_page_and_the_others_get_their_turn(library, monkeypatch):
    monkeypatch.setattr(rendition_worker, "SLICE_SECONDS", -1.0)
    library.work(BOOKS + 1)
    assert sorted(library.drawn) == sorted((name, 1) for name in library.ids), (
        "each slice draws a page, however slow it is"
    )


def test_a_worker_that_stops_ends_its_slice_after_the_page_that_it_draws(library):
    library.meanwhile = library.shop.stopping.set
    library.work(1)
    assert len(library.drawn) == 1


def test_a_file_that_somebody_wants_to_download_goes_before_the_books_and_after_the_pages(library):
    with library.db.transaction() as session:
        raise_priority(session, library.ids["book 09"])
    library.ask_for(LIGHT, 2)
    library.work(3)
    assert library.drawn[0] == (LIGHT, 2)
    assert {name for name, _page in library.drawn[1:]} == {"book 09"}
    assert [page for _name, page in library.drawn[1:]] == [*range(1, 2 * rendition_worker.PAGES_A_TURN + 1)], (
        "it stays first to its end"
    )


def test_a_slice_of_what_nobody_waits_for_yields_to_a_file_that_somebody_wants(library):
    def want() -> None:
        with library.db.transaction() as session:
            raise_priority(session, library.ids[LIGHT])

    library.meanwhile = want
    library.work(2)
    assert library.drawn == [("book 01", 1), (LIGHT, 1), (LIGHT, 2)]


def test_a_page_is_requested_once_and_the_highest_priority_counts(library):
    for page, priority in ((5, Priority.NORMAL), (6, Priority.HIGH), (5, Priority.HIGH), (5, Priority.NORMAL)):
        library.ask_for(LIGHT, page, priority)
    with library.db.reader() as session:
        query = select(PageRequest.number, PageRequest.priority).order_by(PageRequest.number)
        assert [tuple(row) for row in session.execute(query)] == [(5, Priority.HIGH), (6, Priority.HIGH)]


@pytest.mark.both
def test_of_several_workers_one_draws_the_page(library):
    library.ask_for(LIGHT, 1)
    with ThreadPoolExecutor(8) as pool:
        claimed = [task for task in pool.map(lambda _: library.shop.claim_page(), range(8)) if task is not None]
    assert len(claimed) == 1


@pytest.mark.both
def test_of_several_workers_one_works_at_a_book(library):
    shops = [RenditionWorker(library.db, library.shop.files, library.shop.clock) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        claimed = [task for task in pool.map(lambda shop: shop.claim_rendition(), shops) if task is not None]
    assert len({task.args[0].id for task in claimed}) == len(claimed) > 0


def test_a_page_whose_worker_died_is_drawn_by_another_one_after_its_lease(library):
    library.ask_for(LIGHT, 1)
    assert library.shop.claim_page() is not None, "its worker dies here"
    assert library.shop.claim_page() is None
    library.shop.clock.at += PAGE_LEASE
    library.work(1)
    assert library.drawn == [(LIGHT, 1)]


def test_a_page_that_cannot_be_drawn_is_requested_no_more(library):
    for page in (3, 400):
        library.ask_for(LIGHT, page)
    library.work(2)
    assert library.drawn == []
    with library.db.reader() as session:
        assert session.scalars(select(PageRequest)).all() == []


def test_the_sources_of_the_worker_begin_with_what_somebody_waits_for(app):
    worker = worker_of(app)
    assert [source.name for source in worker.sources[: worker.urgent]] == ["requested_page", "requested_rendition"]
    assert [source.name for source in worker.sources[-2:]] == ["rendition", "proof"]
