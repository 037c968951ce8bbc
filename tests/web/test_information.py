"""Every screen leads to help, legal notice, personal data and accessibility; each body writes its own words."""

import pytest

from portfolio.domain.certifying_body.rules import InformationKind
from portfolio.wording.certifying_body import ADDRESSES
from tests import factories

PAGES = ("/aide", "/mentions-legales", "/donnees-personnelles", "/accessibilite")


@pytest.fixture
def world(store):
    return factories.begin_world(store)


def text(answer):
    return answer.get_data(as_text=True)


def test_every_page_leads_to_the_four_pages_without_an_account(client):
    shown = text(client.get("/connexion"))
    for url in PAGES:
        assert f'href="{url}"' in shown
        assert client.get(url).status_code == 200
    assert set(ADDRESSES) == set(InformationKind)


def test_the_pages_name_both_cookies_the_readers_and_the_link_as_they_are(client):
    personal = text(client.get("/donnees-personnelles"))
    assert client.application.config["SESSION_COOKIE_NAME"] in personal
    assert "acquis-navigateur" in personal
    for url in ("/donnees-personnelles", "/aide"):
        shown = text(client.get(url))
        assert "ne lit pas le dossier à l’écran" in shown, "as the table of rights says"
        assert "hrase de passe" not in shown
    assert "J’ai oublié mon mot de passe" in text(client.get("/aide"))
    assert "J’ai oublié mon mot de passe" in text(client.get("/connexion"))


def test_a_body_writes_its_own_words_and_the_people_it_serves_read_them(app, client, world):
    client.log_in(world.certifier.email, factories.PASSWORD)
    assert "pas encore écrit" in text(client.get("/organisme/pages"))
    page = client.get("/organisme/pages/help")
    assert page.status_code == 200
    answer = client.send(
        "/organisme/pages/help", data={"text": "Appelez Inès, 05 00 00 00 00.\n- le matin", "revision": "0"}
    )
    assert answer.status_code == 303
    candidate = app.test_client()
    candidate.log_in(world.candidate.email, factories.PASSWORD)
    assert "Appelez Inès" in text(candidate.get("/aide"))
    assert "Appelez Inès" in text(app.test_client().get("/aide")), "the only body of the installation"


@pytest.mark.records("information_page_saved")
@pytest.mark.records("information_page_saved")
def test_the_words_of_a_body_are_not_shown_to_those_of_another(app, client, world, store):
    with store.transaction() as session:
        other = factories.body(session, "Autre organisme")
        stranger = factories.certifier(session, other.id, "Ava Autre")
    client.log_in(world.certifier.email, factories.PASSWORD)
    client.send("/organisme/pages/legal_notice", data={"text": "Mentions du premier", "revision": "0"})
    assert "Mentions du premier" not in text(app.test_client().get("/mentions-legales"))
    reader = app.test_client()
    reader.log_in(stranger.email, factories.PASSWORD)
    assert "Mentions du premier" not in text(reader.get("/mentions-legales"))


def test_two_members_who_write_at_once_both_see_both_texts(client, world):
    client.log_in(world.certifier.email, factories.PASSWORD)
    client.send("/organisme/pages/help", data={"text": "Le premier texte", "revision": "0"})
    late = client.send("/organisme/pages/help", data={"text": "Le second texte", "revision": "0"})
    assert late.status_code == 409
    assert "Le premier texte" in text(late)
    assert "Le second texte" in text(late)
    assert client.get("/organisme/pages/nothing").status_code == 404


def test_a_page_begins_from_a_model_that_is_published_once_its_brackets_are_replaced(client, world):
    client.log_in(world.certifier.email, factories.PASSWORD)
    page = client.page("/organisme/pages/legal_notice")
    assert "Un modèle à adopter" in page.text
    shown = next(iter(page.all("textarea")))
    assert shown["name"] == "text"
    left = {"text": "Éditeur : Institut de l’exemple, [forme juridique].", "revision": "0"}
    answer = client.send("/organisme/pages/legal_notice", left)
    assert answer.status_code == 422
    assert "entre crochets" in answer.text
    whole = left | {"text": "Éditeur : Institut de l’exemple, association."}
    assert client.send("/organisme/pages/legal_notice", whole).status_code == 303
    assert "Un modèle à adopter" in client.page("/organisme/reglages").text
