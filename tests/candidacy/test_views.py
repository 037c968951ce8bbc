"""The certifier's pages of candidacies."""

import pytest
from sqlalchemy import func, select

from portfolio.domain.candidacy.models import Candidacy
from tests import factories
from tests.page import Page

URL = "/candidatures/nouvelle"


@pytest.fixture
def ground(store):
    with store.transaction() as session:
        body = factories.body(session)
        certifier = factories.certifier(session, body.id)
        return body, certifier, factories.published_version(session, body.id)


@pytest.fixture
def certifier(client, ground):
    client.log_in(ground[1].email, factories.PASSWORD)
    return client


def fields(ground, **changes):
    return {
        "version_id": str(ground[2].id),
        "candidate_name": "Samia Benali",
        "candidate_email": "samia@exemple.fr",
        "route": "vae",
        "regime": "france_vae",
        "scope": "whole",
        "admissible_on": "2021-11-12",
        "advisor_name": "Claire Morel",
        "advisor_email": "claire@exemple.fr",
    } | changes


def how_many(store):
    with store.reader() as session:
        return session.scalar(select(func.count()).select_from(Candidacy))


def test_a_candidacy_is_opened_and_its_letters_wait_in_the_outbox(certifier, ground):
    answer = certifier.send(URL, fields(ground))
    assert answer.status_code == 303
    page = certifier.page(answer.headers["Location"])
    assert "Samia Benali" in page.text
    assert "Claire Morel" in page.text
    outbox = certifier.page("/courriers").text
    assert outbox.count("/invitation/") == 2


def test_a_double_click_opens_one_candidacy(certifier, ground, store):
    page = certifier.page(URL)
    data = fields(ground, csrf_token=page.hidden("csrf_token"), nonce=page.hidden("nonce"))
    first, second = certifier.post(URL, data=data), certifier.post(URL, data=data)
    assert first.headers["Location"] == second.headers["Location"]
    assert how_many(store) == 1


def test_an_expired_entry_stops_with_the_reason_and_offers_the_override(certifier, ground, store):
    answer = certifier.send(URL, fields(ground, admissible_on="05/01/2022"))
    assert answer.status_code == 409
    page = Page(answer.text)
    assert "a pris fin le 4 janvier 2022" in page.text
    assert page.all("textarea", name="expiry_override")
    assert page.all("input", name="candidate_name")[0]["value"] == "Samia Benali"
    assert how_many(store) == 0
    again = fields(ground, admissible_on="2022-01-05", expiry_override="Motif.", csrf_token=page.hidden("csrf_token"))
    assert certifier.post(URL, data=again | {"nonce": page.hidden("nonce")}).status_code == 303


def test_what_is_wrong_is_said_beside_what_was_typed(certifier, ground, store):
    bad = fields(
        ground, candidate_name="", candidate_email="samia", admissible_on="hier", advisor_email="", route="bateau"
    )
    answer = certifier.send(URL, bad)
    assert answer.status_code == 422
    text = Page(answer.text).text
    for sentence in (
        "Donnez le nom de la candidate ou du candidat.",
        "Cette adresse n’est pas complète.",
        "Écrivez la date sous la forme jour/mois/année",
        "Donnez l’adresse de l’accompagnateur",
        "Choisissez une des réponses proposées.",
    ):
        assert sentence in text, sentence
    assert 'value="hier"' in answer.text
    assert how_many(store) == 0


def test_a_name_of_markup_is_shown_as_typed(certifier, ground):
    answer = certifier.send(URL, fields(ground, candidate_name="<script>alert(1)</script>\x00"))
    page = certifier.get(answer.headers["Location"])
    assert "<script>alert" not in page.text
    assert "<script>alert(1)</script>\ufffd" in Page(page.text).text


def test_a_name_far_too_long_is_refused_with_its_limit_and_ten_megabytes_before_they_are_read(certifier, ground):
    assert certifier.send(URL, fields(ground, candidate_name="x" * 10_000_000)).status_code == 413
    answer = certifier.send(URL, fields(ground, candidate_name="x" * 1_000_000))
    assert answer.status_code == 422
    assert "200 caractères au plus" in answer.text


def test_the_candidacy_of_another_body_does_not_exist(certifier, store):
    with store.transaction() as session:
        other = factories.world(session)
        url = f"/candidatures/{other.candidacy.id}"
    assert certifier.get(url).status_code == 404
    assert certifier.get("/candidatures/00000000-0000-4000-8000-000000000000").status_code == 404


def test_a_session_lost_in_the_middle_keeps_what_was_typed(certifier, ground, store, app):
    page = certifier.page(URL)
    data = fields(ground, csrf_token=page.hidden("csrf_token"), nonce=page.hidden("nonce"))
    other_tab = app.test_client()
    certifier.send("/deconnexion", form="/organisme")
    answer = certifier.post(URL, data=data)
    assert answer.status_code == 404
    login = Page(answer.text)
    kept = {name: login.hidden(name) for name in ("csrf_token", "suite", "kept", "kept_path")}
    resumed = certifier.post("/connexion", data=kept | {"email": ground[1].email, "password": factories.PASSWORD})
    again = Page(resumed.text)
    assert "Samia Benali" in again.text
    sent = {field["name"]: field["value"] for field in again.all("input", type="hidden")}
    assert certifier.post(URL, data=sent).status_code == 303
    assert how_many(store) == 1
    assert other_tab.get(URL).status_code == 303


def test_a_route_that_the_entry_does_not_mention_warns_and_is_opened_once_confirmed(certifier, ground, store):
    answer = certifier.send(URL, fields(ground, route="apprenticeship"))
    assert answer.status_code == 409
    page = Page(answer.text)
    assert "La fiche n’indique pas si la voie" in page.text
    assert page.all("input", name="candidate_name")[0]["value"] == "Samia Benali", "nothing typed is lost"
    assert how_many(store) == 0
    assert certifier.send(URL, fields(ground, route="apprenticeship", route_confirmed="y")).status_code == 303


def test_a_route_that_the_entry_closes_asks_for_a_reason_which_the_candidacy_keeps(certifier, ground, store):
    with store.transaction() as session:
        version = factories.published_version(session, ground[0].id, "RNCP40000", routes=[("apprenticeship", False)])
    sent = fields(ground, version_id=str(version.id), route="apprenticeship")
    answer = certifier.send(URL, sent)
    assert answer.status_code == 409
    assert "La fiche ferme la voie" in answer.text
    opened = certifier.send(URL, sent | {"route_override": "Accord du ministère."})
    assert opened.status_code == 303
    assert "Accord du ministère." in certifier.page(opened.headers["Location"]).text
