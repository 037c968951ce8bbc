"""Page images over HTTP: those who may read the original read its pages, in the draft, once sealed, before
the jury; nobody else.
"""

from io import BytesIO

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from portfolio.domain.candidacy.models import SealedFile
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.models.renditions import Page, PageRequest, Rendition
from portfolio.domain.dossier.rules.rendition import TEXT_NOT_READ, Priority, RenditionFailure, RenditionState
from portfolio.run.worker import rendition_worker
from portfolio.screens.evidence_files import page_images
from tests import factories, samples
from tests.jury import builders

TWELVE_PAGES = samples.pdf(12, "Veille <script>alert(1)</script>")


@pytest.fixture
def undrawn(app, store, monkeypatch, request) -> builders.Scene:
    """A sealed dossier before its jury, whose files are real PDFs of twelve pages; the round has ordered them."""
    content = getattr(request, "param", TWELVE_PAGES)
    monkeypatch.setattr(factories, "CONTENT", content)
    made = builders.scene(store)
    with store.reader() as session:
        for file in session.scalars(select(EvidenceFile)):
            app.extensions["files"].save(file.key, BytesIO(content))
    rendition_worker(app).due()
    return made


@pytest.fixture
def made(app, undrawn, store) -> builders.Scene:
    """Return the same, the first two pages of the first exhibit drawn."""
    with store.reader() as session:
        order = session.scalar(
            select(Rendition.id).join(EvidenceFile).where(EvidenceFile.key == first_exhibit(session, undrawn)[1])
        )
    for page in (1, 2):
        rendition_worker(app).make(order, page=page)
    return undrawn


def first_exhibit(session, made) -> tuple[str, str]:
    """Return the label of the first exhibit and where its file is."""
    query = select(SealedFile.exhibit, SealedFile.key).where(SealedFile.submission_id == made.submission_id)
    return session.execute(query.order_by(SealedFile.exhibit)).first()


@pytest.fixture
def urls(undrawn, store) -> dict[str, str]:
    with store.reader() as session:
        label, key = first_exhibit(session, undrawn)
        draft = session.execute(
            select(Evidence.id, EvidenceFile.number)
            .join(EvidenceFile, EvidenceFile.evidence_id == Evidence.id)
            .where(EvidenceFile.key == key)
        ).first()
    return {
        "jury": f"/jurys/{undrawn.hearing_id}/pieces/{label}",
        "sealed": f"/depots/{undrawn.submission_id}/pieces/{label}",
        "draft": f"/dossiers/{undrawn.candidacy_id}/preuves/{draft[0]}/versions/{draft[1]}",
    }


def shown_pages(page) -> list[dict[str, str]]:
    """Return the image of the page open, without the thumbnails of the others."""
    return [image for image in page.all("img") if image["alt"]]


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
        assert answer.headers["Cache-Control"] == "private, no-cache"
        again = client.get(f"{url}/pages/1?taille=vignette", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), "the right was asked again, the image stays"
        assert again.headers["Cache-Control"] == "private, no-cache"


def test_an_image_that_does_not_exist_is_not_found(client, made, urls):
    client.log_in(made.president.email, factories.PASSWORD)
    for wrong in ("/pages/0", "/pages/99999", "/pages/1?taille=9999"):
        assert client.get(urls["jury"] + wrong).status_code == 404


def requested(store) -> list[tuple[int, int]]:
    """Return the pages that somebody waits for, the most urgent first, each with its priority."""
    with store.reader() as session:
        query = select(PageRequest.number, PageRequest.priority).order_by(
            PageRequest.priority, PageRequest.requested_at
        )
        return [tuple(row) for row in session.execute(query)]


def test_a_page_that_is_not_drawn_yet_is_said_so_asked_for_first_and_comes_by_a_reload(app, client, made, urls, store):
    client.log_in(made.president.email, factories.PASSWORD)
    page = client.page(f"{urls['jury']}?page=3")
    assert "Page 3 de 12 en préparation." in page.text
    assert "2 pages sont prêtes" in page.text
    assert page.all("a", href=f"{urls['jury']}?page=3#page")
    assert not shown_pages(page)
    answer = client.get(f"{urls['jury']}/pages/3")
    assert (answer.status_code, answer.mimetype) == (202, "text/plain")
    assert int(answer.headers["Retry-After"]) > 0
    assert "Encore un instant" in answer.text
    assert requested(store) == [(3, Priority.HIGH)], "asked for once, however often the browser looks"
    rendition_worker(app).claim_page()()
    assert requested(store) == []
    assert shown_pages(client.page(f"{urls['jury']}?page=3"))
    assert client.get(f"{urls['jury']}/pages/3").status_code == 200


def test_a_page_whose_image_came_before_its_text_says_so_and_its_text_comes(app, client, made, urls, store):
    with store.transaction() as session:
        order = session.scalar(
            select(Rendition.id).join(EvidenceFile).where(EvidenceFile.key == first_exhibit(session, made)[1])
        )
        mine = Page.rendition_id == order, Page.number == 1
        session.execute(update(Page).where(*mine).values(hidden=TEXT_NOT_READ, text="", word_boxes=None))
    client.log_in(made.president.email, factories.PASSWORD)
    page = client.page(f"{urls['jury']}?page=1")
    assert shown_pages(page)
    assert "Le texte de cette page se prépare." in page.text
    assert "image sans texte" not in page.text
    assert "Veille" not in page.text.partition("Le texte de cette page")[2]
    assert requested(store) == [(1, Priority.HIGH)], "who drew the image did not come to its text"
    rendition_worker(app).claim_page()()
    page = client.page(f"{urls['jury']}?page=1")
    assert "Le texte de cette page se prépare." not in page.text
    assert "Texte de la page 1" in page.text


def test_what_is_written_on_a_page_is_there_for_whoever_does_not_see_it_and_is_never_run(client, made, urls):
    for who, place in (("president", "jury"), ("candidate", "sealed"), ("advisor", "draft")):
        client.log_in(getattr(made, who).email, factories.PASSWORD)
        url = urls[place] + {"jury": "", "sealed": "/lire", "draft": "/lire"}[place]
        page = client.page(f"{url}?page=1")
        [image] = shown_pages(page)
        assert image["aria-describedby"] == "texte-page"
        assert "Texte de la page 1" in page.text
        assert "Veille <script>alert(1)</script>" in page.text, "as words"
        assert not [one for one in page.all("script") if not one.get("src")]
        client.get("/deconnexion")
        client.delete_cookie("acquis")


def test_a_page_without_a_text_says_that_it_is_an_image(app, client, made, urls, store):
    with store.transaction() as session:
        for row in session.scalars(select(Page)):
            row.text = ""
    client.log_in(made.president.email, factories.PASSWORD)
    page = client.page(f"{urls['jury']}?page=1")
    assert "Cette page est une image sans texte." in page.text
    assert "aria-describedby" not in shown_pages(page)[0]


@pytest.mark.parametrize("undrawn", [b"%PDF-1.4 broken"], indirect=True)
def test_a_file_whose_pages_cannot_be_drawn_is_said_so_and_is_not_offered(app, client, undrawn, urls, store):
    with store.reader() as session:
        key = first_exhibit(session, undrawn)[1]
        order = session.scalar(select(Rendition.id).join(EvidenceFile).where(EvidenceFile.key == key))
    rendition_worker(app).run(order)
    client.log_in(undrawn.president.email, factories.PASSWORD)
    answer = client.get(f"{urls['jury']}/pages/1")
    assert answer.status_code == 422
    assert "Cette page ne peut pas être affichée" in answer.text
    page = client.page(f"{urls['jury']}?page=1")
    assert "Cette page ne peut pas être affichée" in page.text
    assert not page.all("a", href=f"{urls['jury']}/fichier")
    assert client.get(f"{urls['jury']}/fichier").status_code == 409


def test_an_order_that_was_refused_says_why_on_every_page_that_is_not_drawn(app, client, made, urls, store):
    with store.transaction() as session:
        for one in session.scalars(select(Rendition)):
            one.state, one.failure_reason, one.run_after = (RenditionState.REFUSED, RenditionFailure.NO_ORIGINAL, None)
    client.log_in(made.president.email, factories.PASSWORD)
    assert "ne se retrouve pas" in client.page(f"{urls['jury']}?page=5").text
    assert shown_pages(client.page(f"{urls['jury']}?page=2"))
    assert requested(store) == []


def test_a_page_that_is_read_goes_before_a_thumbnail_and_a_thumbnail_before_what_nobody_sees(
    app, client, made, urls, store
):
    client.log_in(made.president.email, factories.PASSWORD)
    for page, size in ((5, "vignette"), (4, "vignette"), (6, "page"), (4, "grande")):
        assert client.get(f"{urls['jury']}/pages/{page}?taille={size}").status_code == 202
    assert requested(store) == [(4, Priority.HIGH), (6, Priority.HIGH), (5, Priority.NORMAL)]
    for page in (4, 6, 5):
        rendition_worker(app).claim_page()()
        assert client.get(f"{urls['jury']}/pages/{page}").status_code == 200
    assert rendition_worker(app).claim_page() is None


def test_a_reader_gets_the_answer_though_the_request_cannot_be_written(client, made, urls, monkeypatch, capfd):
    def busy(*_args: object, **_more: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(page_images, "request_page", busy)
    client.log_in(made.president.email, factories.PASSWORD)
    assert client.get(f"{urls['jury']}/pages/3").status_code == 202
    assert "request_not_recorded" in "".join(capfd.readouterr())


def test_a_file_that_nothing_opens_here_says_so_and_offers_the_attachment(client, made, urls, store):
    with store.transaction() as session:
        session.execute(update(EvidenceFile).values(mime="application/x-unknown", pages=None))
    client.log_in(made.candidate.email, factories.PASSWORD)
    page = client.page(urls["draft"] + "/lire")
    assert "ne s’affiche pas ici" in page.text
    assert "télécharge" in page.text.lower()
    assert client.get(urls["draft"] + "/pages/1").status_code == 404


def test_the_reader_turns_pages_by_plain_links(client, made, urls):
    client.log_in(made.president.email, factories.PASSWORD)
    page = client.page(f"{urls['jury']}?page=2")
    assert page.all("a", href=f"{urls['jury']}?page=1#page")
    assert [one["src"] for one in shown_pages(page)] == [f"{urls['jury']}/pages/2"]
    assert "Il n’y a pas de page « 99999 »" in client.page(f"{urls['jury']}?page=99999").text
