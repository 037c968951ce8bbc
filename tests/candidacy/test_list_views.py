"""The certifier finds one candidacy among many, and takes away what the list shows."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from portfolio.db.engine import Database
from tests import factories
from tests.page import CheckedClient
from tests.thoroughness import one_in


@pytest.fixture
def body(client: CheckedClient, store: Database) -> str:
    """A body with 120 candidacies, of whom ten are followed by Paul; its member is connected."""
    with store.transaction() as session:
        made = factories.body(session)
        version = factories.published_version(session, made.id)
        paul = factories.person(session, "Paul Adam")
        for number in range(120):
            who = factories.person(session, f"Élodie N{number:03}", f"elodie{number:03}@exemple.fr")
            found = factories.candidacy(session, version, who, paul if number < 10 else None)
            found.opened_at += timedelta(minutes=number)
        email = factories.certifier(session, made.id).email
    client.log_in(email, factories.PASSWORD)
    return email


def _names(text: str) -> list[str]:
    return [word[:4] for word in text.replace("\u00a0", " ").split("Élodie ")[1:]]


@pytest.mark.usefixtures("body")
def test_pages_of_fifty_follow_each_other_and_come_back(client: CheckedClient):
    first = client.page("/candidatures")
    assert _names(first.text)[:2] == ["N119", "N118"]
    assert len(_names(first.text)) == 50
    assert "120 candidatures, page 1" in first.text.replace("\u00a0", " ")
    second = client.page(next(one["href"] for one in first.all("a") if one.get("rel") == "next"))
    assert (_names(second.text)[0], _names(second.text)[-1]) == ("N069", "N020")
    third = client.page(next(one["href"] for one in second.all("a") if one.get("rel") == "next"))
    assert len(_names(third.text)) == 20
    assert not any(one.get("rel") == "next" for one in third.all("a"))
    back = client.page(next(one["href"] for one in third.all("a") if one.get("rel") == "prev"))
    assert _names(back.text) == _names(second.text)
    assert _names(client.page("/candidatures?page=3").text) == _names(third.text)


@pytest.mark.usefixtures("body")
def test_words_filters_and_sort_are_in_the_address_and_in_the_export(client: CheckedClient):
    assert _names(client.page("/candidatures?cherche=elodie007").text) == ["N007"]
    assert _names(client.page("/candidatures?cherche=ELODIE+n007").text) == ["N007"]
    paul = re.search(r'<option value="(\w{32})">Paul Adam \(10\)', client.get("/candidatures").text)
    assert paul
    assert len(_names(client.page(f"/candidatures?suivi={paul[1]}&tri=nom").text)) == 10
    assert len(_names(client.page("/candidatures?etape=invitations&tri=nom").text)) == 50
    assert "Rien ne correspond" in client.page("/candidatures?etape=resultats").text
    answer = client.get("/candidatures?cherche=n00&tri=nom&format=csv")
    lines = answer.get_data(as_text=True).split("\r\n")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert len(lines) == 12
    assert lines[1].startswith("Élodie N000;elodie000@exemple.fr;Première connexion attendue;Paul Adam;")
    assert client.get("/candidatures?format=ods").data[:2] == b"PK"


@pytest.mark.usefixtures("body")
@pytest.mark.parametrize(
    "query", one_in(3, ["apres=%00", "apres=W10", "page=0", "page=99999999", "etape=x", "suivi=" + "f" * 32, "tri=1"])
)
def test_an_odd_address_is_a_page_all_the_same(client: CheckedClient, query: str):
    assert client.get(f"/candidatures?{query}").status_code == 200


@pytest.mark.usefixtures("body")
def test_a_page_asks_ten_queries_at_most_and_is_light(client: CheckedClient, store: Database):
    asked: list[str] = []
    event.listen(
        client.application.extensions["database"].engine, "before_cursor_execute", lambda *one: asked.append(one[2])
    )
    answer = client.get("/candidatures?cherche=elodie&voie=vae")
    assert answer.status_code == 200
    assert len([one for one in asked if "SELECT" in one]) <= 10
    assert len(answer.data) <= 90_000
