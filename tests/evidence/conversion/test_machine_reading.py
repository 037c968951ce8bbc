"""Photographs read by a machine: most words are found, marked as such, and never the text of the document."""

import pytest

from benchmarks.bad_photos import photograph, words_found
from portfolio.domain.dossier.models.renditions import Page, Rendition
from portfolio.domain.dossier.rules.rendition import RenditionKind, RenditionState
from portfolio.domain.dossier.use_cases.page_images import next_unread_pages, store_machine_text
from portfolio.files.conversion.machine_reading import program_path, read_picture
from tests import factories
from tests.factories import AT, PASSWORD

needs_tesseract = pytest.mark.skipif(program_path() is None, reason="tesseract-ocr and tesseract-ocr-fra are missing")


@pytest.mark.slow
@needs_tesseract
@pytest.mark.parametrize("seed", [2, 7])
def test_nine_words_of_ten_of_a_bad_photograph_are_read(seed):
    assert words_found(read_picture(photograph(seed))) >= 0.9


@needs_tesseract
def test_what_is_no_picture_has_no_words():
    assert read_picture(b"no picture") == ""


def test_what_a_machine_read_is_found_and_marked_and_is_not_the_text_of_the_page(client, store):
    with store.transaction() as session:
        world = factories.world(session)
        piece = factories.evidence(session, world.candidacy.id, 90, "Photo du panneau")
        order = Rendition(
            file_id=piece.file.id, kind=RenditionKind.PAGES, state=RenditionState.READY, run_after=None, requested_at=AT
        )
        order.finished_at = AT
        session.add(order)
        session.flush()
        session.add(Page(rendition_id=order.id, number=1, text=""))
    with store.transaction() as session:
        [(page_id, order_id, number)] = next_unread_pages(session, AT, 5)
        assert (order_id, number) == (order.id, 1)
        store_machine_text(session, page_id, "Planning des xylophones")
    with store.reader() as session:
        assert next_unread_pages(session, None, 5) == []
        assert session.get_one(Page, page_id).text == ""
    client.log_in(world.candidate.email, PASSWORD)
    base = f"/dossiers/{world.candidacy.id}"
    found = client.page(f"{base}/recherche?q=xylophone").text
    assert "Page 1, lu par machine" in found
    shown = client.page(f"{base}/preuves/{piece.id}/versions/1/lire").text
    assert "Texte de la page" not in shown
    assert "Lu par machine" in shown
