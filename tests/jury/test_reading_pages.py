"""A juror’s pages: what is read, and by whom it is not."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import SealedFile
from portfolio.domain.certification.rules.book_frame import BookPart, FrameSection, stored_frame
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.entry_schema import entry_as_json
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft
from portfolio.domain.jury.rules.enums import FindingValue
from portfolio.web.clock import now, today
from tests import factories
from tests.jury import builders as stage
from tests.jury.builders import REFUSED, Scene, deliberate, find
from tests.jury.pages import as_member, block, competency, count, hearing, staged
from tests.jury.test_opinions import opine
from tests.page import CheckedClient, Page


def told(page: Page) -> str:
    """Return what a page says, as it is heard."""
    return page.text.replace("\u00a0", " ").replace(" , ", ", ")


@pytest.fixture
def made(store: Database) -> Scene:
    return staged(store)


def test_a_juror_has_one_next_action_at_each_state(client: CheckedClient, made: Scene, store: Database):
    as_member(client, made)
    assert "Notez les constats" in client.page("/jurys").text
    assert "Commencez par 1.1" in client.page(hearing(made)).text
    deliberate(store, made, refused=(2,))
    assert "Relisez et clôturez" in client.page("/jurys").text
    assert "Tout est décidé" in client.page(hearing(made)).text
    stage.close(store, made, now())
    assert "Rien n’attend votre lecture" in client.page("/jurys").text
    assert "Le procès-verbal est clos" in client.page(hearing(made)).text


def test_a_president_sees_from_the_first_page_what_closing_still_asks(
    client: CheckedClient, made: Scene, store: Database
):
    as_member(client, made)
    total = len(made.competencies)
    page = client.page(hearing(made))
    for words in (
        "Avant de clore",
        "Présences notées, fait",
        f"Constats : 0 sur {total}, à faire",
        f"Décisions : 0 sur {len(made.blocks)}",
    ):
        assert words in told(page), words
    assert page.all("a", href=competency(made))
    deliberate(store, made, refused=(2,))
    page = client.page(hearing(made))
    assert f"Constats : {total} sur {total}, fait" in told(page)
    assert page.all("a", href=hearing(made, "/apercu"))
    stage.close(store, made, now())
    assert "Avant de clore" not in client.page(hearing(made)).text


def test_a_president_is_named_whoever_has_not_read(client: CheckedClient, store: Database):
    made = staged(store, ready=False)
    stage.get_ready(store, made, [one.id for seat, one in made.members.items() if seat is not Seat.TEACHER_TRAINER])
    as_member(client, made)
    text = told(client.page(hearing(made)))
    assert f"Manque encore : {made.members[Seat.TEACHER_TRAINER].name}" in text
    assert "Présences notées, fait" in text


def test_the_other_members_are_not_told_of_closing(client: CheckedClient, made: Scene):
    as_member(client, made, Seat.TEACHER_TRAINER)
    assert "Avant de clore" not in client.page(hearing(made)).text


def test_every_exhibit_is_one_link_away_from_every_page_of_the_dossier(client: CheckedClient, made: Scene):
    as_member(client, made)
    label = "B1-01"
    for path in (hearing(made), competency(made), hearing(made, "/parcours"), hearing(made, f"/pieces/{label}")):
        assert client.page(path).all("a", href=hearing(made, f"/pieces/{label}")), path


def test_the_number_that_is_explained_is_that_of_an_exhibit_of_this_dossier(client: CheckedClient, made: Scene):
    page = as_member(client, made).page(hearing(made, "/pieces")).text
    explained = re.search(r"(B\d+-\d+) est la pièce", page)
    assert explained
    assert page.count(explained[1]) > 1
    assert "première annexe" not in page, "no annex is among them"


def test_reading_is_attested_by_who_ticks_its_sentence(client: CheckedClient, store: Database):
    made = staged(store, ready=False)
    as_member(client, made, Seat.TEACHER_TRAINER)
    client.send(hearing(made, "/declaration"), {"kind": "no_relation"})
    refused = client.send(hearing(made, "/lecture"), form=hearing(made))
    assert refused.status_code == 422
    assert "Cochez la phrase que vous attestez" in refused.text
    assert "Lisez le dossier, puis attestez" in client.page(hearing(made)).text, "nothing was attested"


def test_a_juror_before_the_day_is_told_to_read(client: CheckedClient, store: Database):
    made = staged(store, held_on=today() + timedelta(days=12), ready=False)
    stage.summon(store, made)
    as_member(client, made, Seat.TEACHER_TRAINER)
    assert f"Déclarez si un lien existe avec {made.candidate.name}" in client.page("/jurys").text
    assert client.get(hearing(made)).headers["Location"] == hearing(made, "/declaration")
    assert client.send(hearing(made, "/declaration"), {"kind": "no_relation"}).headers["Location"] == hearing(made)
    assert f"Lisez le dossier de {made.candidate.name}" in client.page("/jurys").text
    page = client.page(hearing(made)).text
    assert "Lisez le dossier, puis attestez" in page
    # Before any exhibit is opened, there are no others.
    assert "J’ai lu les pièces autrement" in page
    assert "autres pièces" not in page
    assert (
        client.send(hearing(made, "/lecture"), {"sure": "y", "elsewhere": "y"}, form=hearing(made)).status_code == 303
    )
    assert "Répondez à votre convocation" in client.page("/jurys").text
    assert "Donnez vos avis" in client.page(hearing(made)).text


def test_someone_who_sits_nowhere_is_told_so(client: CheckedClient, made: Scene):
    client.log_in(made.candidate.email, factories.PASSWORD)
    assert "Aucun jury pour l’instant" in client.page("/jurys").text


def test_a_competency_shows_the_story_and_each_exhibit_one_click_away(client: CheckedClient, made: Scene):
    page = as_member(client, made).page(competency(made, 2))
    assert "L’agence perdait des clients." in page.text
    assert "À lire : pages 4 à 5" in " ".join(page.text.split())
    assert page.all("a", href=hearing(made, "/pieces/B2-01?page=4#page")), "the page cited is one click away"
    assert page.all("a", href=hearing(made, "/pieces/B2-01/fichier"))
    assert page.all("a", href=hearing(made, "/pieces/B2-01"))


def test_an_exhibit_is_two_clicks_from_the_front_page_and_comes_as_an_attachment(
    client: CheckedClient, made: Scene, store: Database, app: Flask
):
    with store.reader() as session:
        for sealed in session.scalars(select(SealedFile)):
            app.extensions["files"].save(sealed.key, BytesIO(factories.CONTENT))
    with store.transaction() as session:
        factories.drawn(session)
    as_member(client, made, Seat.PEDAGOGICAL_MANAGER)
    listing = client.page(hearing(made, "/pieces"))
    assert client.page(hearing(made)).all("a", href=hearing(made, "/pieces"))
    (link,) = listing.all("a", href=hearing(made, "/pieces/B3-02/fichier"))
    response = client.get(link["href"])
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert "B3-02" in response.headers["Content-Disposition"]
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert len(response.data) == response.content_length == 1000


def test_an_exhibit_says_what_it_is_and_what_it_is_claimed_for(client: CheckedClient, made: Scene):
    page = as_member(client, made).page(hearing(made, "/pieces/B1-02"))
    assert "Je l’ai conçu et rédigé seule." in page.text
    assert page.all("a", href=competency(made, 1))
    assert client.get(hearing(made, "/pieces/B9-99")).status_code == 404
    assert client.get(hearing(made, "/pieces/B9-99/fichier")).status_code == 404


def test_the_texts_of_the_dossier_are_read_as_typed(client: CheckedClient, made: Scene):
    page = as_member(client, made).page(hearing(made, "/parcours"))
    assert "Cheffe de projet" in page.text


def test_nothing_of_the_advisor_is_on_any_page_of_the_jury(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made)
    as_member(client, made)
    rests = ("", "/parcours", "/pieces", "/pieces/B1-01", "/apercu", "/cloture")
    urls = [hearing(made, rest) for rest in rests] + [competency(made), block(made), "/jurys"]
    for url in urls:
        response = client.get(url)
        assert response.status_code == 200
        assert made.advisor.name not in response.text


def test_foreign_ids_do_not_exist_inside_a_hearing(client: CheckedClient, made: Scene, store: Database):
    with store.transaction() as session:
        foreign = factories.published_version(session, made.body_id, "RNCP99999")
        other_block, other = foreign.blocks[0].id, foreign.blocks[0].competencies[0].id
    as_member(client, made)
    assert client.get(hearing(made, f"/competences/{other}")).status_code == 404
    assert client.get(hearing(made, f"/blocs/{other_block}")).status_code == 404


def test_everyone_else_finds_nothing(client: CheckedClient, made: Scene, store: Database, app: Flask):
    with store.transaction() as session:
        strangers = [
            factories.person(session, "Autre juré").email,
            made.candidate.email,
            made.advisor.email,
            made.certifier.email,
        ]
    for email in strangers:
        visitor = app.test_client()
        visitor.log_in(email, factories.PASSWORD)
        for url in (hearing(made), competency(made), hearing(made, "/pieces/B1-01/fichier"), hearing(made, "/apercu")):
            assert visitor.get(url).status_code == 404


def test_other_members_read_what_the_president_wrote_and_write_nothing(
    client: CheckedClient, made: Scene, store: Database
):
    find(store, made, made.competencies[0], REFUSED)
    opine(store, made, Seat.EMPLOYEE_REPRESENTATIVE)
    as_member(client, made, Seat.EMPLOYEE_REPRESENTATIVE)
    page = client.page(competency(made))
    assert REFUSED.reason in page.text
    assert not page.all("textarea", name="reason")
    token = page.hidden("csrf_token")
    typed = {"csrf_token": token, "value": "acquired", "outcome": "validated", "revision": "1", "sure": "y"}
    for url in (competency(made), block(made), hearing(made, "/cloture")):
        assert client.post(url, data=typed).status_code == 403
    assert client.get(hearing(made, "/cloture")).status_code == 403
    with store.reader() as session:
        assert session.scalars(select(FindingDraft)).one().value is FindingValue.NOT_ACQUIRED
    assert count(store, DecisionDraft) == count(store, Minutes) == 0


def test_an_exhibit_is_opened_at_the_page_that_its_claim_names(client: CheckedClient, made: Scene):
    database, files = (client.application.extensions[name] for name in ("database", "files"))
    with database.reader() as session:
        for key in set(session.scalars(select(SealedFile.key))):
            files.save(key, BytesIO(factories.CONTENT))
    page = as_member(client, made).page(hearing(made, "/pieces/B2-01"))
    assert page.all("a", href=hearing(made, "/pieces/B2-01?page=3#page")), "the page before the one claimed"


def test_a_juror_reads_the_parts_in_the_order_of_the_frame(client: CheckedClient, store: Database):
    own = (
        FrameSection(BookPart.CONCLUSION, title="Bilan réflexif"),
        FrameSection(BookPart.EXPERIENCES, title="Mes postes"),
    )
    frame = entry_as_json(Entry("RNCP1", "Titre", (), frame=stored_frame(own)))["frame"]
    framed = staged(store, jury={"frame": frame})
    as_member(client, framed)
    page = client.page(hearing(framed, "/parcours"))
    text = told(page)
    assert text.index("Bilan réflexif") < text.index("Mon parcours") < text.index("Ma motivation")
    assert "Mes postes" in text
    assert "Conclusion" not in text
