"""Messages and private notes as their authors meet them; canaries that a private note is never shown outside
its author's page.
"""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from portfolio.all_models import metadata
from portfolio.db.engine import Database
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.review.models import Message, PrivateNote, ThreadReadMarker
from portfolio.domain.review.use_cases.messages import post_message
from portfolio.domain.review.use_cases.thread import save_note
from tests import factories
from tests.factories import AT, PASSWORD, World
from tests.jury.builders import scene
from tests.page import CheckedClient, Page

NOTE = "canari-note-51d2"
# The scene stores no files: their pages have nothing to send.
FILES = re.compile(r"/preuves|/pieces|/fichier|/actes/")


@pytest.fixture
def made(store: Database) -> World:
    return factories.begin_world(store)


def told(store: Database, made: World, by: UUID, text: str = "Un mot", hours: int = 0) -> UUID:
    with store.transaction() as session:
        said = post_message(
            session, made.candidacy.id, made.competencies[0].id, text, by=by, at=AT + timedelta(hours=hours)
        )
        session.flush()
        return said.id


def url_of(made: World, remark_id: UUID, more: str = "") -> str:
    return f"/dossiers/{made.candidacy.id}/messages/{remark_id}{more}"


def marking_url(made: World, more: str = "") -> str:
    return f"/accompagnement/{made.candidacy.id}/competences/{made.competencies[0].id}{more}"


def test_the_candidate_corrects_a_message(client: CheckedClient, store: Database, made: World) -> None:
    remark = told(store, made, made.candidate.id, "Faute de frape")
    client.log_in(made.candidate.email, PASSWORD)
    thread = f"/dossiers/{made.candidacy.id}/competences/{made.competencies[0].id}"
    assert client.page(thread).all("a", href=url_of(made, remark))
    response = client.send(url_of(made, remark), {"text": "Faute de frappe"})
    assert (response.status_code, response.location) == (303, f"{thread}#echanges")
    page = client.page(thread)
    assert "Faute de frappe" in page.text
    assert "Modifié le" in page.text


@pytest.mark.records("remark_changed")
def test_two_tabs_show_both_texts(client: CheckedClient, store: Database, made: World) -> None:
    remark = told(store, made, made.candidate.id)
    client.log_in(made.candidate.email, PASSWORD)
    client.send(url_of(made, remark), {"text": "Premier onglet"})
    response = client.send(url_of(made, remark), {"text": "Second onglet", "revision": "1"})
    assert response.status_code == 409
    page = Page(response.text)
    assert "Premier onglet" in page.text
    assert "Second onglet" in page.text
    assert page.hidden("revision") == "2"


def test_a_message_that_was_answered_comes_back_with_what_was_typed(
    client: CheckedClient, store: Database, made: World
) -> None:
    remark = told(store, made, made.candidate.id)
    client.log_in(made.candidate.email, PASSWORD)
    opened = client.page(url_of(made, remark))
    told(store, made, made.advisor.id, "Réponse", hours=1)
    data = {name: opened.hidden(name) for name in ("csrf_token", "revision")} | {"text": "Trop tard"}
    response = client.post(url_of(made, remark), data=data)
    assert response.status_code == 409
    assert "On vous a répondu depuis" in Page(response.text).text
    assert "Trop tard" in Page(response.text).text
    assert "Retirer ce message" in client.page(url_of(made, remark)).text


def test_a_message_is_taken_back_and_its_place_stays(client: CheckedClient, store: Database, made: World) -> None:
    remark = told(store, made, made.candidate.id, "canari-retiré")
    client.log_in(made.candidate.email, PASSWORD)
    response = client.send(url_of(made, remark, "/retirer"), form=url_of(made, remark))
    assert response.status_code == 303
    page = client.page(response.location.split("#")[0])
    assert "Message retiré par son auteur." in page.text
    assert "canari-retiré" not in page.text
    assert "déjà retiré" in Page(client.send(url_of(made, remark), {"text": "x"}).text).text
    with store.reader() as session:
        for table in metadata.tables.values():
            assert "canari-retiré" not in str(session.execute(select(table)).all()), table.name


def test_the_message_of_the_other_is_readable_but_not_ones_to_change(
    client: CheckedClient, store: Database, made: World
) -> None:
    remark = told(store, made, made.advisor.id)
    client.log_in(made.candidate.email, PASSWORD)
    token = {
        "csrf_token": client.page(f"/dossiers/{made.candidacy.id}").hidden("csrf_token"),
        "text": "Volé",
        "revision": "1",
    }
    assert client.get(url_of(made, remark)).status_code == 403
    assert client.post(url_of(made, remark), data=token).status_code == 403
    assert client.post(url_of(made, remark, "/retirer"), data=token).status_code == 403
    assert client.get(url_of(made, uuid4())).status_code == 404
    with store.reader() as session:
        assert session.scalar(select(Message.text)) == "Un mot"


def test_opening_a_page_reads_nothing_and_saying_so_does(client: CheckedClient, store: Database, made: World) -> None:
    told(store, made, made.candidate.id)
    client.log_in(made.advisor.email, PASSWORD)
    page = client.page(marking_url(made))
    assert "Accompagnement 1 à voir" in page.text
    assert "Accompagnement 1 à voir" in client.page(marking_url(made)).text
    told(store, made, made.candidate.id, "Encore un mot", hours=1)
    url = f"/dossiers/{made.candidacy.id}/competences/{made.competencies[0].id}/lu"
    data = {"csrf_token": page.hidden("csrf_token"), "until": page.hidden("until")}
    assert client.post(url, data=data, headers={"X-Requested-With": "autosave"}).status_code == 204
    assert "Accompagnement 1 à voir" in client.page(marking_url(made)).text, "the second message came after the page"
    for wrong in ("", "hier", "2026-01-01T00:00:00", "9999-12-31T23:59:59+00:00"):
        assert client.post(url, data=data | {"until": wrong}).status_code == 303
    assert "à voir" not in client.page(marking_url(made)).text
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(ThreadReadMarker)) == 1


def test_a_note_saves_itself_and_comes_back(client: CheckedClient, made: World) -> None:
    client.log_in(made.advisor.email, PASSWORD)
    page = client.page(marking_url(made))
    data = {"csrf_token": page.hidden("csrf_token"), "revision": "0", "note": NOTE}
    saved = client.post(marking_url(made, "/note"), data=data, headers={"X-Requested-With": "autosave"})
    assert (saved.status_code, saved.headers["X-Revision"]) == (204, "1")
    conflict = client.post(marking_url(made, "/note"), data=data | {"note": "Second onglet"})
    assert conflict.status_code == 409
    assert NOTE in Page(conflict.text).text
    assert "Second onglet" in Page(conflict.text).text
    assert NOTE in client.page(marking_url(made)).text
    long = client.post(marking_url(made, "/note"), data=data | {"note": "x" * 20_001})
    assert long.status_code == 422
    foreign = f"/accompagnement/{made.candidacy.id}/competences/{uuid4()}/note"
    assert client.post(foreign, data=data).status_code == 404


@pytest.mark.slow
def test_a_private_note_is_on_no_page_of_anybody_else_and_in_no_letter_or_seal(
    client: CheckedClient, store: Database
) -> None:
    made = scene(store)
    with store.transaction() as session:
        after = factories.person(session, "Accompagnatrice suivante")
        for competency in made.competencies:
            save_note(session, made.candidacy_id, competency.id, NOTE, 0, by=made.advisor.id, at=AT)
    everyone = {
        made.candidate.email: "/mes-dossiers",
        made.certifier.email: "/organisme",
        made.president.email: "/jurys",
        after.email: "/accompagnement",
    }
    with store.transaction() as session:
        session.execute(update(metadata.tables["candidacy"]).values(advisor_id=after.id))
    for email, start in everyone.items():
        visitor: CheckedClient = client.application.test_client()  # type: ignore[assignment]
        visitor.log_in(email, PASSWORD)
        seen = crawled(visitor, start)
        assert len(seen) > 5, email
        assert not [url for url, text in seen.items() if NOTE in text], email
    with store.reader() as session:
        kept = {name for name, table in metadata.tables.items() if NOTE in str(session.execute(select(table)).all())}
        assert session.scalar(select(func.count()).select_from(PrivateNote)) == len(made.competencies)
        assert session.scalar(select(func.count()).select_from(OutgoingEmail)) > 0
    assert kept == {"private_note"}


def crawled(client: CheckedClient, start: str) -> dict[str, str]:
    """Every page of this person that links lead to, their text; files are read as they come."""
    pages: dict[str, str] = {}
    waiting = [start]
    while waiting and len(pages) < 150:
        url = waiting.pop()
        if url in pages:
            continue
        response = client.get(url, follow_redirects=True)
        pages[url] = response.get_data(as_text=True) if response.mimetype.startswith("text/") else str(response.data)
        if response.mimetype == "text/html":
            links = (link.get("href", "").split("#")[0] for link in Page(response.text).all("a"))
            waiting += [link for link in links if link.startswith("/") and not FILES.search(link)]
    return pages
