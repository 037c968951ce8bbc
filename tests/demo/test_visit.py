"""A demonstration is entered by one button for each person; an installation that is none has no such button."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from demo import seed
from demo.people import marc, samia
from portfolio import create_app
from portfolio.domain.account.models import Person
from tests.applications import close_app, config_for
from tests.page import CheckedClient, Page
from tests.rights.visitors import browser, token

PATHS = ("/demonstration", f"/demonstration/{samia.LIFE.who.email}")


def served(on_sqlite: Flask, *, demo: bool) -> Flask:
    """Return the application on the told base, as a demonstration or not."""
    settings = on_sqlite.config["SETTINGS"]
    app = create_app(settings.with_changes(demo=demo))
    app.test_client_class = CheckedClient
    return app


@pytest.fixture
def demonstration(on_sqlite: Flask) -> Iterator[Flask]:
    app = served(on_sqlite, demo=True)
    yield app
    close_app(app)


@pytest.fixture
def production(on_sqlite: Flask) -> Iterator[Flask]:
    app = served(on_sqlite, demo=False)
    yield app
    close_app(app)


def press(client: CheckedClient, email: str):
    """Press the button of a person on the page that leads back."""
    return client.send(f"/demonstration/{email}", form="/demonstration")


def test_the_first_page_says_what_this_is_and_offers_each_person_in_the_order_of_the_story(demonstration):
    page = Page(demonstration.test_client().get("/connexion").get_data(as_text=True))
    assert "la validation des acquis de l’expérience" in page.text
    places = [page.text.index(f" {one.first_name}, {one.role}") for one in seed.VISITORS]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "visitor", [one for one in seed.VISITORS if one.who != marc.WHO], ids=lambda one: one.first_name
)
def test_one_button_enters_as_a_person_and_one_link_leads_back(demonstration, visitor):
    client = demonstration.test_client()
    entered = press(client, visitor.who.email)
    assert (entered.status_code, entered.location) == (303, "/")
    home = client.get("/", follow_redirects=True).get_data(as_text=True)
    assert visitor.who.name in Page(home).text
    assert 'href="/demonstration">Changer de personne</a>' in home
    assert "Entrer comme Samia, candidate" in client.get("/demonstration").get_data(as_text=True)


def test_a_button_begins_a_session_as_a_login_does_and_ends_the_one_before(demonstration):
    client = demonstration.test_client()
    press(client, samia.LIFE.who.email)
    first = client.get_cookie("acquis", domain="localhost").value
    press(client, seed.VISITORS[1].who.email)
    assert client.get_cookie("acquis", domain="localhost").value != first
    client.set_cookie("acquis", first, domain="localhost")
    assert client.get("/").location == "/connexion"


def test_a_button_without_its_token_or_from_another_site_is_refused(demonstration):
    client = demonstration.test_client()
    demonstration.config["WTF_CSRF_ENABLED"] = True
    assert client.post(PATHS[1]).status_code == 400
    assert client.post(PATHS[1], headers={"Origin": "https://ailleurs.example"}).status_code in {400, 403}


def test_marc_has_no_password_and_his_button_opens_his_invitation(demonstration):
    client = demonstration.test_client()
    assert "Ouvrir l’invitation de Marc, candidat" in client.get("/connexion").get_data(as_text=True)
    opened = press(client, marc.WHO.email)
    assert opened.location.startswith("/invitation/")
    assert marc.WHO.name in client.get(opened.location).get_data(as_text=True)


def test_somebody_who_is_not_of_the_story_has_no_button(demonstration):
    with demonstration.extensions["database"].reader() as session:
        others = session.scalars(
            select(Person.email).where(Person.email.not_in([one.who.email for one in seed.VISITORS]))
        ).all()
    assert others
    client = browser(demonstration, None, None)
    for email in (*others, "inconnu@exemple.fr"):
        sent = client.post(f"/demonstration/{email}", data={"csrf_token": token(demonstration)})
        assert sent.status_code == 404


def test_an_installation_that_is_no_demonstration_has_no_such_route(production, monkeypatch):
    assert not [rule for rule in production.url_map.iter_rules() if rule.rule.startswith("/demonstration")]
    monkeypatch.setenv("DEMO", "1")
    client = browser(production, None, None)
    client.set_cookie("demo", "1", domain="localhost")
    with client.session_transaction() as forged:
        forged["demo"] = True
    production.config["DEMO"] = "1"
    for path in PATHS:
        for headers in ({}, {"X-Demo": "1"}):
            asked = client.get(f"{path}?demo=1", headers=headers)
            sent = client.post(path, data={"csrf_token": token(production), "demo": "1"}, headers=headers)
            assert asked.status_code == sent.status_code == 404
    page = client.get("/connexion").get_data(as_text=True)
    assert "Entrer comme" not in page
    assert "demonstration" not in page


def test_a_base_that_others_filled_shows_no_button_even_as_a_demonstration(sqlite_template, tmp_path: Path):
    shutil.copy(sqlite_template, tmp_path / "acquis.db")
    app = create_app(config_for(f"sqlite:///{tmp_path / 'acquis.db'}", tmp_path).with_changes(demo=True))
    client = browser(app, None, None)
    assert "Entrer comme" not in client.get("/connexion").get_data(as_text=True)
    assert client.get("/demonstration").status_code == 404
    assert client.post(PATHS[1], data={"csrf_token": token(app)}).status_code == 404
    close_app(app)
