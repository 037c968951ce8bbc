"""Before the seal, each piece is laid as the book will hold it: the one that no book prints is named, and prevents it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from portfolio.documents.livret.book import PageSource
from portfolio.documents.livret.sources import ExhibitFile, read_sources
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.dossier.rules.completeness import Gap
from portfolio.domain.dossier.use_cases import proofs
from portfolio.domain.dossier.use_cases.conversions import requeue
from portfolio.domain.dossier.use_cases.matrix import load_missing_items
from portfolio.domain.submission.rules.returns import SubmissionRefusal
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.errors import Refusal
from portfolio.files.renditions.rendition_worker import RenditionWorker
from portfolio.run.worker import ProofWorker
from portfolio.wording.documents.livret import WORDS
from tests import factories, samples
from tests.documents.livret.hostile_pages import BREAKINGS, hostile_pdf
from tests.submission.test_editions import PAGES, replace_content

AT = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


@pytest.fixture
def world(app, store):
    """Return a draft whose first piece is a PDF of five pages, drawn; nothing else waits to be laid."""
    with store.transaction() as session:
        made = factories.world(session)
        file = session.scalars(select(EvidenceFile).order_by(EvidenceFile.received_at)).first()
        replace_content(app, session, file, samples.pdf(PAGES))
        file.mime, file.family, file.pages, file.name = "application/pdf", "document", PAGES, "piece.pdf"
        made.file_id = file.id
    RenditionWorker(store, app.extensions["files"], lambda: AT).run_all_due()
    return made


def prove_all(app, store, at=AT) -> int:
    """Let the worker lay what waits; return how many pieces it laid."""
    count, worker = 0, ProofWorker(store, app.extensions["files"], lambda: at)
    while task := worker.claim():
        task()
        count += 1
    return count


def proof(store, world):
    with store.reader() as session:
        return session.scalars(select(Rendition).where(Rendition.file_id == world.file_id)).one().proof


def gaps(store, world) -> dict[Gap, str]:
    with store.reader() as session:
        return {item.gap: item for item in load_missing_items(session, world.candidacy.id)}


@pytest.mark.slow
def test_a_piece_is_laid_once_its_pages_are_drawn_and_one_that_is_well_prevents_nothing(app, store, world):
    assert prove_all(app, store) >= 1
    assert prove_all(app, store) == 0
    assert proof(store, world) == {"pages": PAGES, "replaced": [], "unprinted": []}
    assert not {Gap.PIECE_UNPRINTABLE, Gap.PAGES_UNPRINTABLE} & gaps(store, world).keys()


@pytest.mark.slow
def test_a_page_that_gives_way_to_its_image_is_kept_and_the_edition_lays_the_image_at_once(app, store, world):
    with store.transaction() as session:
        replace_content(app, session, session.get_one(EvidenceFile, world.file_id), hostile_pdf(BREAKINGS["jpx"]))
    prove_all(app, store)
    assert proof(store, world) == {"pages": 1, "replaced": [1], "unprinted": []}
    with store.reader() as session:
        file = session.get_one(EvidenceFile, world.file_id)
        exhibit = ExhibitFile("B1-01", file.key, file.mime, file.sha256, file.pages)
        contents, sources = read_sources(session, [exhibit], WORDS)
    assert (sources["B1-01"].own, sources["B1-01"].replaced) == ({2, 3, 4, 5}, {1}), "five pages were drawn before"
    assert contents["B1-01"].pages[0].source is PageSource.IMAGE


def keep(store, world, unprinted) -> None:
    with store.transaction() as session:
        found = session.scalars(select(Rendition).where(Rendition.file_id == world.file_id)).one()
        found.prove_after = AT
        session.flush()
        proofs.keep_proof(session, found.id, proofs.Proof(PAGES, (), unprinted))


def test_a_piece_that_no_book_prints_is_named_and_prevents_the_seal(store, world):
    keep(store, world, tuple(range(1, PAGES + 1)))
    item = gaps(store, world)[Gap.PIECE_UNPRINTABLE]
    assert (item.blocks, item.unprinted.piece.id) == (True, item.piece.id)
    with store.transaction() as session, pytest.raises(Refusal) as refused:
        submit(session, world.candidacy.id, "Je le jure.", by=world.candidate.id, at=AT)
    assert refused.value.code is SubmissionRefusal.NOT_READY


def test_pages_that_no_book_prints_are_told_and_prevent_nothing(store, world):
    keep(store, world, (2, 4))
    item = gaps(store, world)[Gap.PAGES_UNPRINTABLE]
    assert not item.blocks
    assert item.unprinted.unprinted == (2, 4)


def test_a_piece_drawn_before_pieces_were_laid_is_laid_on_demand(store, world):
    with store.transaction() as session:
        session.execute(update(Rendition).values(prove_after=None, proof=None))
        assert proofs.request_proofs(session, at=AT) > 0
        assert proofs.request_proofs(session, at=AT) == 0


def test_a_worker_that_dies_leaves_its_piece_to_another_one_after_its_lease(store, world):
    with store.transaction() as session:
        session.execute(update(Rendition).where(Rendition.file_id != world.file_id).values(prove_after=None))
        first = proofs.claim_proof(session, at=AT)
        assert proofs.claim_proof(session, at=AT) is None
        assert proofs.claim_proof(session, at=AT + timedelta(hours=1)) == first


def test_a_piece_drawn_anew_is_laid_anew(store, world):
    keep(store, world, (1,))
    with store.transaction() as session:
        found = session.scalars(select(Rendition).where(Rendition.file_id == world.file_id)).one()
        requeue(session, found.id, at=AT)
    assert proof(store, world) is None
