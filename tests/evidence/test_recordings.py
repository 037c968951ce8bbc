"""A sound and a film are played in the page, from any second, by those who may read the piece; nothing of
them is downloaded.
"""

import io
import zipfile
from uuid import uuid4

import pypdfium2
import pytest
from sqlalchemy import event, select

from portfolio.domain.candidacy.models import SealedFile
from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.dossier.rules.rendition import RenditionKind
from portfolio.run.worker import rendition_worker
from tests import factories, office_files, samples
from tests.faults.running import encoded
from tests.jury import builders
from tests.partial import assert_resumes


@pytest.fixture
def world(store):
    return factories.begin_world(store, filled=False)


@pytest.fixture
def send(app, client, world, store):
    """Send a file as a candidate does, make what is made of it, and answer the address of its version."""

    def sent(name: str, content: bytes, *, make: bool = True) -> str:
        client.log_in(world.candidate.email, factories.PASSWORD)
        add = f"/dossiers/{world.candidacy.id}/preuves/ajouter"
        fields = {
            one["name"]: one.get("value", "") for one in client.page(add).all("input", type="hidden") if "name" in one
        }
        body, kind = encoded(fields | {"nonce": uuid4().hex}, {"files": (name, content)})
        assert client.post(add, data=body, content_type=kind).status_code == 303
        with store.reader() as session:
            piece = session.scalar(select(Evidence.id).join(EvidenceFile).where(EvidenceFile.name == name))
        if make:
            rendition_worker(app).run_all_due()
        return f"/dossiers/{world.candidacy.id}/preuves/{piece}/versions/1"

    return sent


def test_a_film_that_browsers_do_not_play_is_played_in_the_page(client, send):
    url = send("visite.mkv", office_files.film("matroska", "mpeg4", "flac"))
    page = client.page(f"{url}/lire")
    [video] = page.all("video")
    assert video["src"] == f"{url}/enregistrement"
    assert "controls" in video
    assert video["poster"].endswith("/pages/1")
    assert client.get(video["poster"]).mimetype == "image/webp"
    answer = client.get(video["src"])
    assert (answer.status_code, answer.mimetype) == (200, "video/mp4")
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "media-src 'self'" in client.get(f"{url}/lire").headers["Content-Security-Policy"]


def test_a_part_of_a_recording_is_sent_alone(client, send):
    url = send("voix.flac", office_files.sound()) + "/enregistrement"
    assert_resumes(client, url)


def test_a_link_opens_a_recording_at_its_second(client, send):
    url = send("visite.mp4", office_files.film())
    [video] = client.page(f"{url}/lire?t=130").all("video")
    assert video["src"].endswith("/enregistrement#t=130")
    [video] = client.page(f"{url}/lire?t=abc").all("video")
    assert video["src"].endswith("/enregistrement")


def test_a_recording_that_is_not_made_yet_says_so_and_is_asked_for(client, send):
    url = send("voix.flac", office_files.sound(), make=False)
    assert client.get(f"{url}/enregistrement").status_code == 202
    assert "en préparation" in client.page(f"{url}/lire").text


def test_a_recording_that_nothing_plays_says_why(client, send):
    url = send("abime.flac", b"fLaC" + bytes(400))
    assert "n’a pas pu être ouvert ici" in client.page(f"{url}/lire").text
    assert client.get(f"{url}/enregistrement").status_code == 422


def test_a_document_is_read_page_by_page_and_says_which_program_made_its_pages(client, send, store):
    url = send("bilan.csv", "Poste;Heures\nRédaction;12\nPhotographie;8\n".encode("cp1252"))
    page = client.page(f"{url}/lire")
    assert [one["src"] for one in page.all("img")] == [f"{url}/pages/1"]
    assert "Rédaction" in page.text
    assert "Pages préparées" in page.text
    assert client.get(f"{url}/pages/1").mimetype == "image/webp"
    assert client.get(f"{url}/enregistrement").status_code == 404
    with store.reader() as session:
        found = session.scalar(select(Rendition).where(Rendition.kind == RenditionKind.PAGES))
        assert (found.media_type, found.pages, found.state) == ("application/pdf", 1, "ready")


def test_the_files_of_a_message_are_opened_in_the_same_page(client, send):
    content = office_files.message("Été", "<p>Voici</p>", {"notes.txt": b"Bonjour", "son.flac": office_files.sound()})
    page = client.page(send("message.eml", content) + "/lire")
    assert [one for one in page.all("a") if one["href"].endswith("?page=2#page") and "rel" not in one]
    assert "notes.txt" in page.text
    assert "à déposer comme une pièce à part" in page.text


@pytest.mark.slow
def test_an_archive_stays_with_its_owner_and_is_read_by_others_as_pages(client, send, world):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("notes.txt", "Bonjour")
    url = send("notes.zip", archive.getvalue())
    original = url.replace("/versions/1", "/fichier/1")
    assert client.get(original).status_code == 200
    advisor = client.application.test_client()
    advisor.log_in(world.advisor.email, factories.PASSWORD)
    assert advisor.get(original).mimetype == "application/pdf"
    assert advisor.get(f"{url}/pages/2").mimetype == "image/webp"


@pytest.fixture
def sealed(app, store, monkeypatch) -> dict[str, object]:
    """A sealed dossier before its jury, whose pieces are films of which a passage is named; what plays is made."""
    content = office_files.film(seconds=3)
    monkeypatch.setattr(factories, "CONTENT", content)

    def as_film(_mapper, _connection, file: EvidenceFile) -> None:
        file.mime, file.family, file.pages, file.seconds, file.name = ("video/mp4", "video", None, 150, "visite.mp4")

    def with_passage(_mapper, _connection, claim: Claim) -> None:
        claim.passage = "2:10-2:20"

    heard = ((EvidenceFile, as_film), (Claim, with_passage))
    for table, change in heard:
        event.listen(table, "before_insert", change)
    try:
        made = builders.scene(store)
    finally:
        for table, change in heard:
            event.remove(table, "before_insert", change)
    shop = rendition_worker(app)
    with store.reader() as session:
        label, key = session.execute(select(SealedFile.exhibit, SealedFile.key).order_by(SealedFile.exhibit)).first()
        app.extensions["files"].save(key, io.BytesIO(content))
    shop.due()
    with store.reader() as session:
        query = (
            select(Rendition.id)
            .join(EvidenceFile)
            .where(EvidenceFile.key == key, Rendition.kind == RenditionKind.PAGES)
        )
        shop.run(session.scalar(query))
    return {
        "people": made,
        "jury": f"/jurys/{made.hearing_id}/pieces/{label}",
        "sealed": f"/depots/{made.submission_id}/pieces/{label}",
        "key": key,
    }


@pytest.mark.parametrize("who", ["president", "candidate", "advisor", "certifier"])
def test_who_reads_a_sealed_film_plays_it_and_nobody_else(client, sealed, who):
    client.log_in(getattr(sealed["people"], who).email, factories.PASSWORD)
    readers = {"jury": {"president"}, "sealed": {"president", "candidate", "advisor"}}
    for place, allowed in readers.items():
        answer = client.get(f"{sealed[place]}/enregistrement")
        assert (answer.status_code, answer.mimetype) == (
            (200, "video/mp4") if who in allowed else (404, "text/html")
        ), place


def test_a_juror_opens_a_film_at_its_second_in_two_clicks(client, sealed):
    client.log_in(sealed["people"].president.email, factories.PASSWORD)
    listed = client.page(sealed["jury"].rpartition("/")[0])
    [link] = {one["href"] for one in listed.all("a") if one["href"].startswith(f"{sealed['jury']}?t=130")}
    page = client.page(link.partition("#")[0])
    [video] = page.all("video")
    assert video["src"] == f"{sealed['jury']}/enregistrement#t=130"
    assert any(one.get("data-second") == "130" for one in page.all("a"))


def test_a_film_that_changed_since_it_was_sealed_is_not_played(app, client, sealed):
    path = app.extensions["files"]._path(sealed["key"])
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    client.log_in(sealed["people"].president.email, factories.PASSWORD)
    assert client.get(f"{sealed['jury']}/enregistrement").status_code == 409


def test_the_files_that_a_pdf_carries_are_read_after_its_pages(client, send):
    document = pypdfium2.PdfDocument(samples.pdf(2, "Dossier"))
    document.new_attachment("annexe.txt").set_data(b"Annexe un")
    saved = io.BytesIO()
    document.save(saved)
    url = send("dossier.pdf", saved.getvalue())
    page = client.page(f"{url}/lire?page=3")
    assert "annexe.txt" in page.text
    assert "Annexe un" in page.text
    assert client.get(f"{url}/pages/3").mimetype == "image/webp"
    assert client.get(f"{url}/pages/4").status_code == 404
    assert "Pages préparées" not in page.text
