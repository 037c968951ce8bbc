"""Page images are made from rows: the first page first, under a lease, again after a crash, whatever the line
forgot.
"""

import io
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import delete, select, update

from portfolio.db.engine import Database
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.models.renditions import Page, PageImage, Rendition
from portfolio.domain.dossier.rules.rendition import (
    DRAWN_AHEAD,
    FIRST_WAIT,
    LEASE,
    MAX_ATTEMPTS,
    MAX_CRASHES,
    DownloadMode,
    PageError,
    PageSize,
    Priority,
    RenditionFailure,
    RenditionState,
    next_attempt,
    unpack_boxes,
)
from portfolio.domain.dossier.use_cases.conversions import (
    count_failed_renditions,
    find_reading,
    requeue,
    retry_failed_renditions,
)
from portfolio.domain.dossier.use_cases.evidence import add_evidence, replace_file
from portfolio.domain.dossier.use_cases.page_images import find_page, request_page, withheld_pages
from portfolio.domain.dossier.use_cases.renditions import claim, claim_page, next_renditions
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.files.conversion import processes
from portfolio.files.file_types.types import PDF_TYPE, ActiveContent, FileType
from portfolio.files.integrity.references import check_files, delete_orphan_files, file_references, requeue_damaged
from portfolio.files.renditions import page_drawing, rendition_worker
from portfolio.files.renditions.page_images import client
from portfolio.files.renditions.page_images.client import RenderedPage
from portfolio.files.renditions.rendition_worker import RenditionWorker
from portfolio.files.sandbox.fork_server import ForkServer
from portfolio.files.sandbox.program_sandbox import ProgramLimits
from portfolio.files.sandbox.walls import NO_WALL_STATUS
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import FileStore, StoreUnavailable, new_key
from portfolio.wording.files import REFUSED
from tests import factories, samples
from tests.active_pdfs import active_pdf, carrying
from tests.evidence.test_shared_copies import pdf_with

AT = factories.AT


class Clock:
    """The moment, moved by hand."""

    at = AT

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(params=["local", "s3"])
def files(request, tmp_path) -> FileStore:
    """A place for files, on each store in turn."""
    if request.param == "local":
        return LocalStore(tmp_path / "files")
    from portfolio.files.storage.s3 import S3Store

    return S3Store(request.getfixturevalue("object_server").bucket(f"tests/{uuid4().hex}"))


@pytest.fixture
def local(tmp_path) -> FileStore:
    return LocalStore(tmp_path / "files")


@pytest.fixture
def shop(db, local) -> RenditionWorker:
    return RenditionWorker(db, local, Clock())


def received(files: FileStore, content: bytes, mime: str = "application/pdf", pages: int | None = 1) -> ReceivedFile:
    kept = files.save(new_key(), io.BytesIO(content))
    return ReceivedFile(kept.key, "plan.pdf", mime, "document", pages, kept.size, kept.sha256)


def sent(
    db: Database, files: FileStore, pages: int = 3, content: bytes | None = None, mime: str = "application/pdf"
) -> UUID:
    """A file sent by a candidate; its order, if one was given."""
    with db.transaction() as session:
        world = factories.world(session, filled=False)
        file = received(files, content or samples.pdf(pages, "Plan de veille"), mime, pages)
        [piece] = add_evidence(session, world.candidacy.id, [file], by=world.candidate.id, at=AT)
        return session.scalar(select(Rendition.id).join(EvidenceFile).where(EvidenceFile.evidence_id == piece))


def rendition(db: Database, key: UUID) -> Rendition:
    with db.reader() as session:
        return session.get_one(Rendition, key)


def width_of(files: FileStore, key: str) -> int:
    with files.open(key) as content, Image.open(content) as image:
        return image.width


def pages_there(db: Database) -> list[int]:
    with db.reader() as session:
        return list(session.scalars(select(Page.number).order_by(Page.number)))


def test_what_is_sent_is_ordered_with_the_commit_and_drawn_with_its_text(db, files):
    order = sent(db, files)
    shop = RenditionWorker(db, files, Clock())
    assert shop.claim_rendition()() is False, "nothing is left"
    assert shop.claim_rendition() is None
    found = rendition(db, order)
    assert (found.state, found.run_after, found.finished_at) == (RenditionState.READY, None, AT)
    with db.reader() as session:
        key = session.scalars(select(EvidenceFile.key)).one()
        page = find_page(session, key, 2, PageSize.PAGE)
        assert page.drawn
        assert "Plan de veille" in page.text
        with files.open(page.key) as image:
            assert image.read(4) == b"RIFF"
    assert check_files(files, db).ok
    assert delete_orphan_files(files, db, AT + timedelta(days=900)) == (0, 0), "what a row names stays"


ACTS = {ActiveContent.SCRIPT, ActiveContent.STARTS, ActiveContent.OPENS_FILE, ActiveContent.SENDS_FORM}


@pytest.mark.parametrize(
    ("content", "mime", "active"),
    [
        (active_pdf(), FileType.PDF.mime, ACTS),
        (carrying(active_pdf(), typed=True), FileType.PDF.mime, set()),
        (samples.pdf(2, "Plan de veille"), FileType.PDF.mime, set()),
    ],
    ids=["acts", "carries_one_that_acts", "plain"],
)
def test_what_acts_by_itself_in_a_file_is_noted_with_its_pages(db, shop, content, mime, active):
    order = sent(db, shop.files, 1, content, mime)
    shop.run(order)
    assert rendition(db, order).state is RenditionState.READY
    assert "defused" in rendition(db, order).contents
    with db.reader() as session:
        reading = find_reading(session, session.scalars(select(EvidenceFile.key)).one())
    assert set(reading.defused) == active


def test_a_file_that_cannot_be_looked_into_keeps_its_pages_and_nothing_is_noted(db, shop):
    packed = pdf_with(samples.jpeg(located=True), "[/LZWDecode /DCTDecode]")
    order = sent(db, shop.files, 1, packed)
    shop.run(order)
    assert rendition(db, order).state is RenditionState.READY
    assert "defused" not in (rendition(db, order).contents or {})
    assert not rendition(db, order).awaits_inspection, "it is not looked at again at every round"
    with db.reader() as session:
        key = session.scalars(select(EvidenceFile.key)).one()
        assert withheld_pages(session, key) is DownloadMode.WITHHELD


def test_what_was_drawn_before_is_looked_at_later_and_told(db, shop):
    order = sent(db, shop.files, 1, active_pdf())
    shop.run(order)
    with db.transaction() as session:
        drawn = session.get(Rendition, order)
        drawn.contents, drawn.awaits_inspection = None, True
    shop.inspect_remaining()
    assert set(rendition(db, order).contents["defused"]) == ACTS
    assert not rendition(db, order).awaits_inspection


def test_a_file_that_is_gone_keeps_no_other_from_being_looked_at(db, shop):
    orders = [sent(db, shop.files, 1, active_pdf()), sent(db, shop.files, 1, active_pdf())]
    for order in orders:
        shop.run(order)
    with db.transaction() as session:
        for order in orders:
            session.get(Rendition, order).awaits_inspection = True
        shop.files.delete(session.get(Rendition, orders[0]).file.key)
    shop.inspect_remaining()
    assert [rendition(db, order).awaits_inspection for order in orders] == [True, False]


def test_a_width_is_drawn_when_somebody_first_asks_for_it_and_kept(db, files):
    order = sent(db, files)
    shop = RenditionWorker(db, files, Clock())
    shop.run(order)
    with db.transaction() as session:
        key = session.scalars(select(EvidenceFile.key)).one()
        assert find_page(session, key, 2, PageSize.DETAIL).key is None, "nobody asked for it"
        request_page(session, order, 2, Priority.HIGH, at=AT, size=PageSize.DETAIL)
    shop.claim_page()()
    with db.reader() as session:
        found = find_page(session, key, 2, PageSize.DETAIL)
        assert width_of(files, found.key) == PageSize.DETAIL.width
        assert find_page(session, key, 1, PageSize.DETAIL).key is None
    assert check_files(files, db).ok


def test_a_width_that_is_too_heavy_shows_the_usual_width_in_its_place(db, shop, monkeypatch):
    order = sent(db, shop.files, pages=1)
    shop.run(order)
    drawn = page_drawing.render_pages

    def render(content, kind, first, last, sizes=DRAWN_AHEAD, **awaited):
        if PageSize.DETAIL in sizes:
            yield RenderedPage(first, fault=PageError.TOO_HEAVY)
        else:
            yield from drawn(content, kind, first, last, sizes, **awaited)

    monkeypatch.setattr(page_drawing, "render_pages", render)
    with db.transaction() as session:
        key = session.scalars(select(EvidenceFile.key)).one()
        request_page(session, order, 1, Priority.HIGH, at=AT, size=PageSize.DETAIL)
    shop.claim_page()()
    with db.reader() as session:
        found = find_page(session, key, 1, PageSize.DETAIL)
        assert width_of(shop.files, found.key) == PageSize.PAGE.width


def test_a_page_drawn_before_gets_the_places_of_its_words_when_it_is_read(db, shop):
    order = sent(db, shop.files, pages=1)
    shop.run(order)
    with db.transaction() as session:
        key = session.scalars(select(EvidenceFile.key)).one()
        session.execute(update(Page).values(width=None, height=None, word_boxes=None))
        request_page(session, order, 1, Priority.HIGH, at=AT, size=PageSize.PAGE)
    shop.claim_page()()
    with db.reader() as session:
        found = find_page(session, key, 1, PageSize.PAGE)
        assert found.width == 793
        assert len(unpack_boxes(found.word_boxes)) == len(found.text.split())


def test_pages_are_drawn_by_turns_the_first_ones_first(db, shop, monkeypatch):
    monkeypatch.setattr(rendition_worker, "PAGES_A_TURN", 2)
    order = sent(db, shop.files, pages=5)
    assert shop.make(order) is True
    assert pages_there(db) == [1, 2]
    with db.reader() as session:
        key = session.scalars(select(EvidenceFile.key)).one()
        waiting = find_page(session, key, 3, PageSize.PAGE)
        assert (waiting.pending, waiting.ready) == (True, 2)
    shop.run(order)
    assert pages_there(db) == [1, 2, 3, 4, 5]


def test_a_page_that_is_waited_for_goes_first_while_another_has_the_order(db, shop, monkeypatch):
    monkeypatch.setattr(rendition_worker, "PAGES_A_TURN", 2)
    order = sent(db, shop.files, pages=5)
    with db.transaction() as session:
        claim(session, order, at=AT)
    shop.make(order, page=4)
    assert pages_there(db) == [4]
    shop.make(order, page=4)
    shop.make(order, page=40)
    assert pages_there(db) == [4], "it is drawn once, and no page that does not exist"


def test_the_image_that_somebody_waits_for_is_kept_before_the_text_and_the_row_says_so(db, shop, monkeypatch):
    order = sent(db, shop.files, pages=1)
    with db.reader() as session:
        key = session.scalars(select(EvidenceFile.key)).one()
    seen = []
    drawn = page_drawing.render_pages

    def render(*asked, **awaited):
        for painted in drawn(*asked, **awaited):
            yield painted
            with db.reader() as session:
                found = find_page(session, key, 1, PageSize.PAGE)
                seen.append(
                    (found.drawn, found.is_text_read, bool(found.text), found.hidden, withheld_pages(session, key))
                )

    monkeypatch.setattr(page_drawing, "render_pages", render)
    shop.make(order, page=1)
    first = DownloadMode.READ_FIRST
    assert seen == [(True, False, False, 0, first), (True, True, True, 0, first)]
    with db.reader() as session:
        assert find_page(session, key, 1, PageSize.THUMBNAIL).key is not None
    shop.run(order)
    assert pages_there(db) == [1], "the order has nothing left to draw"
    assert check_files(shop.files, db).ok


@pytest.mark.parametrize("fault", [None, PageError.TOO_HEAVY])
def test_a_page_whose_text_was_never_read_is_drawn_again_before_its_file_is_given(db, shop, monkeypatch, fault):
    order = sent(db, shop.files, pages=1)
    with db.reader() as session:
        key = session.scalars(select(EvidenceFile.key)).one()
    drawn = page_drawing.render_pages

    def end_after_the_image(*asked, **awaited):
        yield next(drawn(*asked, **awaited))

    monkeypatch.setattr(page_drawing, "render_pages", end_after_the_image)
    shop.make(order, page=1)
    with db.reader() as session:
        assert not find_page(session, key, 1, PageSize.PAGE).is_text_read
        assert withheld_pages(session, key) is DownloadMode.READ_FIRST
    if fault:
        monkeypatch.setattr(
            page_drawing, "render_pages", lambda *_, **__: (page for page in [RenderedPage(1, fault=fault)])
        )
    else:
        monkeypatch.setattr(page_drawing, "render_pages", drawn)
    shop.run(order)
    with db.reader() as session:
        found = find_page(session, key, 1, PageSize.PAGE)
        assert (found.is_text_read, found.fault, found.key is None) == (True, fault, fault is not None)
        assert withheld_pages(session, key) is None
    assert check_files(shop.files, db).ok
    assert set(shop.files.keys()) == {key, *([] if fault else images_of(db))}, "no image is left that no row names"


def images_of(db) -> set[str]:
    with db.reader() as session:
        return set(session.scalars(select(PageImage.key)))


def test_of_two_who_draw_one_page_the_first_is_kept_and_nothing_else(db, shop):
    order = sent(db, shop.files, pages=1)
    shop.make(order)
    kept = set(shop.files.keys())
    painted = RenderedPage(1, {PageSize.PAGE: b"late"})
    shop._drawing.store_page(order, painted)
    assert set(shop.files.keys()) == kept


def test_an_order_is_taken_once_and_again_after_its_lease(db, shop):
    order = sent(db, shop.files)
    with db.transaction() as session:
        assert claim(session, order, at=AT) is not None
        assert claim(session, order, at=AT) is None
    assert shop.make(order) is False
    assert pages_there(db) == []
    with db.reader() as session:
        assert list(next_renditions(session, AT)) == []
        assert list(next_renditions(session, AT + LEASE)) == [order], "the worker that had it died"
    shop.clock.at = AT + LEASE
    shop.run(order)
    assert pages_there(db) == [1, 2, 3]


class Down(LocalStore):
    """A store that does not answer."""

    def open(self, key):
        raise StoreUnavailable(key)


def test_a_store_that_is_down_puts_the_order_off_and_gives_it_up_in_the_end(db, shop, tmp_path):
    order = sent(db, shop.files)
    broken = RenditionWorker(db, Down(tmp_path / "files"), shop.clock)
    assert broken.make(order) is False
    found = rendition(db, order)
    assert (found.state, found.attempts) == (RenditionState.WAITING, 1)
    assert found.run_after == next_attempt(1, AT) > AT
    assert broken.due() == []
    for _ in range(MAX_ATTEMPTS):
        shop.clock.at += timedelta(days=1)
        broken.make(order)
    assert (rendition(db, order).state, rendition(db, order).failure_reason) == (
        RenditionState.REFUSED,
        RenditionFailure.NOT_MADE,
    )


def died_with(db: Database, shop: RenditionWorker, order: UUID) -> None:
    """The worker that has the order dies without a word; its lease ends."""
    with db.transaction() as session:
        assert claim(session, order, at=shop.clock.at) is not None
    shop.clock.at += LEASE


def test_a_file_with_which_every_worker_dies_is_refused_after_a_few_deaths(db, shop):
    order = sent(db, shop.files)
    for _ in range(MAX_CRASHES):
        died_with(db, shop, order)
    assert shop.make(order) is False
    found = rendition(db, order)
    assert (found.state, found.failure_reason, found.run_after) == (RenditionState.REFUSED, RenditionFailure.FELL, None)
    with db.reader() as session:
        page = find_page(session, session.scalars(select(EvidenceFile.key)).one(), 1, PageSize.PAGE)
    assert not page.pending
    assert "arrêté notre programme" in REFUSED[page.reason]


def test_a_death_is_forgotten_once_a_page_is_kept_or_the_order_is_given_back(db, shop, tmp_path):
    order = sent(db, shop.files, pages=5)
    for _ in range(MAX_CRASHES - 1):
        died_with(db, shop, order)
    shop.make(order, page=4)
    assert (pages_there(db), rendition(db, order).starts_since_progress) == ([], MAX_CRASHES - 1), (
        "who asks for a page waits: it may be deadly"
    )
    RenditionWorker(db, Down(tmp_path / "files"), shop.clock).make(order)
    assert rendition(db, order).starts_since_progress == 0, "the store is to blame"
    shop.make(order, page=4)
    assert (pages_there(db), rendition(db, order).starts_since_progress) == ([4], 0)


def test_a_page_that_kills_whoever_draws_it_counts_though_nobody_had_the_order(db, shop):
    order = sent(db, shop.files)
    with db.transaction() as session:
        assert [claim_page(session, order, 2) is not None for _ in range(MAX_CRASHES)] == [
            *[True] * (MAX_CRASHES - 1),
            False,
        ]
    died_with(db, shop, order)
    shop.make(order)
    assert rendition(db, order).failure_reason is RenditionFailure.FELL


def test_of_two_files_with_which_a_worker_died_one_is_made_at_a_time(db, shop):
    one, other = sent(db, shop.files), sent(db, shop.files)
    with db.transaction() as session:
        for order in (one, other):
            claim(session, order, at=AT)
    died_with_both = shop.clock.at = AT + LEASE
    with db.transaction() as session:
        assert claim(session, one, at=died_with_both) is not None
        assert claim(session, other, at=died_with_both) is None, "the other would share the blame"
    fresh = sent(db, shop.files)
    assert shop.make(fresh) is False
    assert rendition(db, fresh).state is RenditionState.READY, "a file that nobody doubts does not wait"
    shop.clock.at += LEASE
    shop.run(other)
    assert rendition(db, other).state is RenditionState.READY


class Slow(LocalStore):
    """A store that takes longer than a lease to answer; meanwhile the round comes by."""

    shop: RenditionWorker

    def open(self, key):
        self.shop.clock.at += LEASE
        assert self.shop.due() != []
        assert [self.shop.make(one) for one in self.shop.due()] == [False]
        return super().open(key)


def test_a_slow_store_makes_nobody_begin_twice_on_a_file(db, tmp_path):
    slow = Slow(tmp_path / "files")
    slow.shop = RenditionWorker(db, slow, Clock())
    order = sent(db, slow)
    slow.shop.run(order)
    assert (rendition(db, order).state, pages_there(db)) == (RenditionState.READY, [1, 2, 3])


def test_what_was_given_up_for_a_matter_of_the_day_is_ordered_again_with_what_is_drawn(db, shop):
    order = sent(db, shop.files, pages=5)
    shop.make(order, page=4)
    for _ in range(MAX_CRASHES):
        died_with(db, shop, order)
    shop.make(order)
    with db.transaction() as session:
        assert count_failed_renditions(session) == retry_failed_renditions(session, at=shop.clock.at) == 1
    assert pages_there(db) == [4]
    shop.run(order)
    assert (rendition(db, order).state, rendition(db, order).failure_reason) == (RenditionState.READY, None)
    with db.transaction() as session:
        assert count_failed_renditions(session) == retry_failed_renditions(session, at=shop.clock.at) == 0


def test_a_file_that_is_not_opened_for_want_of_walls_is_opened_once_there_are_some(db, shop, monkeypatch):
    order = sent(db, shop.files, content=b"Bonjour", mime="text/plain")
    with monkeypatch.context() as patched:
        patched.setattr("portfolio.files.conversion.processes.run_module", lambda *_, **__: NO_WALL_STATUS)
        shop.run(order)
    assert rendition(db, order).failure_reason is RenditionFailure.NO_WALL
    with db.transaction() as session:
        assert retry_failed_renditions(session, at=shop.clock.at) == 1
    shop.run(order)
    assert rendition(db, order).state is RenditionState.READY


@pytest.mark.parametrize("mime", ["text/plain", "application/pdf"])
def test_a_machine_too_busy_to_open_a_file_blames_no_file(db, shop, monkeypatch, mime):
    content = carrying(samples.pdf(), typed=True) if mime == PDF_TYPE else b"Bonjour"
    order = sent(db, shop.files, pages=1, content=content, mime=mime)
    with monkeypatch.context() as busy:
        busy.setattr(processes, "ProgramLimits", partial(ProgramLimits, patience=0))
        shop.run(order)
    assert (rendition(db, order).state, rendition(db, order).failure_reason) == (RenditionState.WAITING, None)
    shop.clock.at += FIRST_WAIT
    shop.run(order)
    assert rendition(db, order).state is RenditionState.READY
    assert rendition(db, order).key is not None, "the pages of the attached file too"


def test_a_child_that_cannot_start_blames_no_page(db, shop, monkeypatch):
    order = sent(db, shop.files)
    with monkeypatch.context() as without:
        without.setattr("sys.executable", "/bin/false")
        without.setattr(client, "_batch", ForkServer(client._MAIN))
        shop.make(order)
    assert rendition(db, order).state is RenditionState.WAITING
    assert pages_there(db) == []


def test_an_original_that_is_gone_ends_the_order_with_its_reason(db, shop):
    order = sent(db, shop.files)
    for key in list(shop.files.keys()):
        shop.files.delete(key)
    shop.make(order)
    assert rendition(db, order).failure_reason is RenditionFailure.NO_ORIGINAL


def test_a_broken_page_is_said_once_and_the_order_ends(db, shop):
    order = sent(db, shop.files, pages=1, content=b"%PDF-1.4 nothing")
    shop.run(order)
    with db.reader() as session:
        assert session.scalars(select(Page.error)).one() is PageError.BROKEN_PAGE
    assert rendition(db, order).state is RenditionState.READY


def test_a_file_whose_pages_are_all_too_heavy_is_left_alone(db, shop, monkeypatch):
    heavy = PageError.TOO_HEAVY
    monkeypatch.setattr(
        page_drawing,
        "render_pages",
        lambda _content, _kind, first, _last, **_awaited: (RenderedPage(n, fault=heavy) for n in [first]),
    )
    order = sent(db, shop.files, pages=50)
    shop.run(order)
    assert pages_there(db) == [1, 2, 3]
    assert rendition(db, order).failure_reason is RenditionFailure.TOO_HEAVY


def test_versions_received_before_there_were_orders_are_ordered_by_the_round(db, shop):
    sent(db, shop.files)
    with db.transaction() as session:
        session.execute(delete(Rendition))
    assert shop.run_all_due() == 1
    assert pages_there(db) == [1, 2, 3]
    assert shop.run_all_due() == 0


def test_a_new_version_is_ordered_too_and_what_cannot_be_drawn_is_not(db, shop):
    assert sent(db, shop.files, content=b"a,b\n", mime="application/x-unknown") is None
    assert shop.claim_rendition() is None
    with db.transaction() as session:
        piece = session.scalars(select(Evidence)).one()
        file = received(shop.files, samples.pdf(2), pages=2)
        replace_file(session, piece.candidacy_id, piece.id, file, by=None, at=AT)
    assert shop.claim_rendition()() is False
    assert pages_there(db) == [1, 2]


def test_an_image_that_is_lost_or_changed_is_found_and_made_again(db, shop):
    order = sent(db, shop.files, pages=2)
    shop.run(order)
    with db.reader() as session:
        lost = session.scalars(select(PageImage.key)).first()
    shop.files.delete(lost)
    found = check_files(shop.files, db)
    assert [(finding.key, finding.table) for finding in found.findings] == [(lost, "page_image")]
    assert requeue_damaged(db, shop.files, found.findings, AT) == 1
    assert pages_there(db) == []
    shop.run(order)
    assert check_files(shop.files, db).ok


def test_erasing_a_version_erases_what_was_made_of_it(db, shop):
    order = sent(db, shop.files, pages=2)
    shop.run(order)
    with db.transaction() as session:
        session.execute(delete(EvidenceFile))
        session.execute(delete(Evidence))
    with db.reader() as session:
        assert session.scalars(select(Page)).all() == session.scalars(select(PageImage)).all() == []
        assert list(file_references(session)) == []
    delete_orphan_files(shop.files, db, AT + timedelta(days=900))
    assert list(shop.files.keys()) == []


def test_an_order_that_is_gone_is_nobodys(db, shop):
    assert shop.make(uuid4()) is False
    shop.make(uuid4(), page=1)
    with db.transaction() as session:
        assert requeue(session, uuid4(), at=AT) == []
