"""The page of the birth: reached from both sides, its refusals beside the fields, nothing of it in public."""

from datetime import timedelta

import pytest

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.rules.entry import Route
from portfolio.french_text import date_fr
from portfolio.web.clock import today
from tests import factories
from tests.page import Page


@pytest.fixture
def world(store):
    return factories.begin_world(store)


def said(**changes):
    return {"born_on": "12/05/1984", "birth_place": "Le Havre", "birth_name": ""} | changes


def test_someone_with_several_candidacies_tells_them_apart(client, world, store):
    with store.transaction() as session:
        other = factories.published_version(session, world.body.id, "RNCP40000")
        later = factories.candidacy(session, other, session.merge(world.candidate))
        later.route, later.opened_at = Route.APPRENTICESHIP, factories.AT + timedelta(days=40)
    client.log_in(world.candidate.email, factories.PASSWORD)
    for url, words in (("/compte/notifications", "candidature ouverte le"), ("/mes-dossiers", "ouverte le")):
        seen = client.page(url).text.replace("\xa0", " ")
        assert seen.count(world.version.title) == 2
        for route, opened in (
            ("Validation des acquis de l’expérience (VAE)", factories.AT),
            ("Apprentissage", later.opened_at),
        ):
            assert f"{route} · {words} {date_fr(opened)}".replace("\xa0", " ") in seen
    assert "(candidature 1)" not in seen


def stands(store, world):
    with store.reader() as session:
        return session.get_one(Candidacy, world.candidacy.id).birth


@pytest.mark.records("birth_recorded", "birth_removed")
def test_the_candidate_writes_it_from_their_account_and_the_certifier_corrects_it(client, world, store):
    url = f"/candidatures/{world.candidacy.id}/naissance"
    client.log_in(world.candidate.email, factories.PASSWORD)
    assert client.page("/compte/notifications").all("a", href=url)
    assert client.page(f"/dossiers/{world.candidacy.id}").all("a", href=url)
    text = client.page(url).text.replace("\xa0", " ")
    assert "le parchemin de la certification entière ne se signe pas" in text
    assert "La page publique qui vérifie un certificat ne les montre jamais, et le jury ne les voit pas." in text
    assert client.send(url, said()).status_code == 303
    assert client.page(url).all("input", name="birth_place")[0]["value"] == "Le Havre"
    client.send("/deconnexion", form=url)
    client.log_in(world.certifier.email, factories.PASSWORD)
    seen = client.page(f"/candidatures/{world.candidacy.id}")
    assert "12 mai 1984, Le Havre" in seen.text
    assert seen.all("a", href=url)
    assert client.send(url, said(birth_name="Haddad")).status_code == 303
    assert stands(store, world).name == "Haddad"
    assert client.send(url, said(born_on="", birth_place="", birth_name="")).status_code == 303
    assert stands(store, world) is None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            {"born_on": (today() + timedelta(days=2)).isoformat()},
            "Cette date est à venir. Vérifiez l’année de naissance.",
        ),
        ({"born_on": "1899-12-31"}, "Cette date est avant 1900 ou après 2200. Vérifiez l’année."),
        ({"born_on": "en mai"}, "Écrivez la date sous la forme jour/mois/année"),
        ({"born_on": ""}, "Donnez la date de naissance, ou videz les trois champs."),
        ({"birth_place": ""}, "Donnez le lieu de naissance, ou videz les trois champs."),
        ({"birth_place": "x" * 201}, "Ce texte est trop long"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, world, store, wrong, sentence):
    client.log_in(world.candidate.email, factories.PASSWORD)
    typed = said(birth_name="Haddad") | wrong
    answer = client.send(f"/candidatures/{world.candidacy.id}/naissance", typed)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert sentence in page.text
    for name, value in typed.items():
        assert page.all("input", name=name)[0].get("value", "") == value or name == "born_on"
    assert stands(store, world) is None
