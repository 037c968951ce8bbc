"""The owner of a file is told, on the page of its piece, what the others receive of it."""

from __future__ import annotations

import pytest

from portfolio.domain.evidence.rules.rendition import DownloadMode
from portfolio.files.file_types.types import FileType
from portfolio.run.worker import rendition_worker
from portfolio.wording.evidence import shared_message
from tests import factories, samples
from tests.evidence.test_downloads import bare, made, order, put, urls
from tests.evidence.test_metadata_removal import film, pictures
from tests.evidence.test_recording_metadata_removal import RECORDINGS

__all__ = ["made"]

WHOLE = pictures()["jpg"]
SOON, COPY = (
    shared_message(DownloadMode.SOON, read_here=True),
    shared_message(DownloadMode.COPY, read_here=True),
)


def page_of(client, store, scene, who: str):
    """The page of the first piece, as this person sees it."""
    client.log_in(getattr(scene, who).email, factories.PASSWORD)
    return client.page(address(store, scene))


def address(store, scene) -> str:
    """Where the page of the first piece is."""
    return urls(store, scene)["draft"].split("/fichier/")[0]


def said(sentence: str) -> str:
    """A sentence as the text of a page gives it: its spaces are all alike."""
    return sentence.replace("\u00a0", " ")


def test_whose_photograph_tells_a_place_knows_that_a_copy_is_made_then_given(app, client, store, made):
    waiting = order(app, store, made)
    assert said(SOON) in page_of(client, store, made, "candidate").text
    rendition_worker(app).make(waiting)
    page = client.page(address(store, made))
    assert said(COPY) in page.text
    assert said(SOON) not in page.text


def test_it_is_said_to_whose_file_it_is_and_to_nobody_else(app, client, store, made):
    rendition_worker(app).make(order(app, store, made))
    assert said(COPY) not in page_of(client, store, made, "advisor").text


@pytest.mark.parametrize(
    ("content", "mime", "name", "told"),
    [
        (film().replace(b"stsz", b"stsx"), "video/mp4", "visite.mp4", "ne le reçoivent pas"),
        (
            b"\xff\xd8nothing",
            "image/jpeg",
            "photo.jpg",
            "lisent ses pages ici, mais ne reçoivent pas le fichier",
        ),
        (
            RECORDINGS[FileType.WEBM],
            "video/webm",
            "visite.webm",
            "en reçoivent une copie sans données de localisation",
        ),
    ],
)
def test_whose_file_it_is_knows_what_the_others_receive(app, client, store, made, content, mime, name, told):
    put(app, store, made, content, mime, name)
    rendition_worker(app).run_all_due()
    assert told in page_of(client, store, made, "candidate").text


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (WHOLE[:2] + bare(), "image/jpeg"),
        (b"a;b\n1;2\n", "text/csv"),
        (samples.compound("WordDocument"), FileType.DOC.mime),
        (samples.pdf(), "application/pdf"),
    ],
)
def test_of_a_file_that_tells_no_place_nothing_is_said(app, client, store, made, content, mime):
    put(app, store, made, content, mime, "piece")
    rendition_worker(app).run_all_due()
    page = page_of(client, store, made, "candidate").text
    assert "autres personnes" not in page
    assert "localisation" not in page
