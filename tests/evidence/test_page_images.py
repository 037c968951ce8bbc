"""Page images over HTTP: whoever may read the original reads its pages, in the draft, once sealed, before the jury; nobody else."""

from __future__ import annotations

from io import BytesIO

import pytest
from sqlalchemy import select

from portfolio.evidence.models import Evidence, EvidenceFile
from portfolio.evidence.rendering import painting
from portfolio.evidence.rendering.painting import AT_ONCE
from portfolio.submission.models import SealedFile
from tests import factories, samples
from tests.jury import scene


@pytest.fixture
def made(app, store) -> scene.Scene:
    """A sealed dossier before its jury, whose files are real PDFs of twelve pages."""
    made = scene.scene(store)
    with store.reader() as session:
        for file in session.scalars(select(EvidenceFile)):
            app.extensions["files"].save(file.key, BytesIO(samples.pdf(12)))
    return made


@pytest.fixture
def urls(made, store) -> dict[str, str]:
    with store.reader() as session:
        label, sha256 = session.execute(
            select(SealedFile.exhibit, SealedFile.sha256).where(SealedFile.submission_id == made.submission_id)
        ).first()
        draft = session.execute(
            select(Evidence.id, EvidenceFile.number)
            .join(EvidenceFile, EvidenceFile.evidence_id == Evidence.id)
            .where(Evidence.candidacy_id == made.candidacy_id, EvidenceFile.sha256 == sha256, EvidenceFile.pages > 1)
        ).first()
    return {
        "jury": f"/jurys/{made.hearing_id}/pieces/{label}",
        "sealed": f"/depots/{made.submission_id}/pieces/{label}",
        "draft": f"/dossiers/{made.candidacy_id}/preuves/{draft[0]}/versions/{draft[1]}",
    }


READERS = {"jury": {"president"}, "sealed": {"president", "candidate", "advisor"}, "draft": {"candidate", "advisor"}}


@pytest.mark.parametrize("who", ["president", "candidate", "advisor", "certifier"])
def test_who_reads_the_original_reads_its_pages_and_nobody_else(client, made, urls, who):
    client.log_in(getattr(made, who).email, factories.PASSWORD)
    for place, url in urls.items():
        answer = client.get(f"{url}/pages/1?taille=vignette")
        if who not in READERS[place]:
            assert answer.status_code == 404
            continue
        assert (answer.status_code, answer.mimetype) == (200, "image/webp")
        assert answer.headers["Content-Disposition"].startswith("inline; filename=")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "no-store" in answer.headers["Cache-Control"]


def test_an_image_that_does_not_exist_is_not_found(client, made, urls):
    client.log_in(made.president.email, factories.PASSWORD)
    for wrong in ("/pages/0", "/pages/99999", "/pages/1?taille=9999"):
        assert client.get(urls["jury"] + wrong).status_code == 404


def test_when_others_are_being_drawn_one_is_asked_to_come_back(client, made, urls, monkeypatch):
    client.log_in(made.president.email, factories.PASSWORD)
    monkeypatch.setattr(painting, "PATIENCE", 0.01)
    for _ in range(AT_ONCE):
        assert painting._easels.acquire(timeout=5)
    try:
        answer = client.get(f"{urls['jury']}/pages/1")
    finally:
        for _ in range(AT_ONCE):
            painting._easels.release()
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Encore un instant" in answer.text


def test_a_file_whose_pages_cannot_be_drawn_is_said_so_and_still_downloads(app, client, made, urls, monkeypatch, store):
    with store.reader() as session:
        keys = list(session.scalars(select(SealedFile.key)))
    for key in keys:
        app.extensions["files"].delete(key)
        app.extensions["files"].save(key, BytesIO(b"%PDF-1.4 broken"))
    client.log_in(made.president.email, factories.PASSWORD)
    answer = client.get(f"{urls['jury']}/pages/1")
    assert answer.status_code == 422
    assert "téléchargez la pièce" in answer.text
    page = client.page(urls["jury"])
    assert "téléchargez la pièce" in page.text, "known, it is said in the page itself"
    assert page.all("a", href=f"{urls['jury']}/fichier")


def test_the_reader_turns_pages_by_plain_links(client, made, urls):
    client.log_in(made.president.email, factories.PASSWORD)
    page = client.page(f"{urls['jury']}?page=2")
    assert page.all("a", href=f"{urls['jury']}?page=1#page")
    assert [one["src"] for one in page.all("img")] == [f"{urls['jury']}/pages/2"]
    assert "Il n’y a pas de page « 99999 »" in client.page(f"{urls['jury']}?page=99999").text
