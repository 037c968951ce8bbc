"""The owner of a file is told, on the page of its piece, what the others receive of it."""

import pytest

from portfolio.files.file_types.types import FileType
from portfolio.run.worker import rendition_worker
from tests import factories, office_files, samples
from tests.evidence.test_downloads import made, put, urls

__all__ = ["made"]

DRAWN, PLAYED = (
    "en lisent ici les pages et en reçoivent un PDF",
    "en reçoivent une copie sans données de localisation",
)


def page_of(client, store, scene, who: str):
    """Return the page of the first piece, as this person sees it."""
    client.log_in(getattr(scene, who).email, factories.PASSWORD)
    return client.page(address(store, scene))


def address(store, scene) -> str:
    """Return where the page of the first piece is."""
    return urls(store, scene)["draft"].split("/fichier/")[0]


def test_it_is_said_to_whose_file_it_is_and_to_nobody_else(client, store, made):
    assert DRAWN in page_of(client, store, made, "candidate").text
    client = client.application.test_client()
    assert DRAWN not in page_of(client, store, made, "advisor").text


@pytest.mark.parametrize(
    ("content", "kind", "name", "told"),
    [
        (samples.jpeg(), FileType.JPEG, "photo.jpg", DRAWN),
        (b"a;b\n1;2\n", FileType.CSV, "heures.csv", DRAWN),
        (office_files.docx("Bonjour"), FileType.DOCX, "bilan.docx", DRAWN),
        (office_files.film("webm", "libvpx", "libopus"), FileType.WEBM, "visite.webm", PLAYED),
        (b"fLaC" + bytes(400), FileType.FLAC, "voix.flac", "ne le reçoivent pas"),
        (samples.pdf(), FileType.PDF, "plan.pdf", ""),
    ],
)
def test_whose_file_it_is_knows_what_the_others_receive(app, client, store, made, content, kind, name, told):
    put(app, store, made, content, kind.mime, name)
    rendition_worker(app).run_all_due()
    page = page_of(client, store, made, "candidate").text
    assert told in page
    assert bool(told) == ("es autres personnes" in page)


def test_whose_file_it_is_knows_that_it_is_being_prepared(app, client, store, made):
    put(app, store, made, office_files.docx("Bonjour"), FileType.DOCX.mime, "bilan.docx")
    assert "le fichier à télécharger se prépare" in page_of(client, store, made, "candidate").text
