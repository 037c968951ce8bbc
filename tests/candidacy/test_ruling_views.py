"""The page on which a certifier decides of a delay that passed, and what the candidate reads of it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portfolio.domain.candidacy.models import Candidacy, LapseRuling
from portfolio.web.clock import now, today
from tests import factories

WHY = "Hospitalisation de mars à septembre, justifiée."


@pytest.fixture
def world(store):
    """A candidacy open for eight months, in which nothing was recorded."""
    with store.transaction() as session:
        made = factories.world(session)
        candidacy = session.get_one(Candidacy, made.candidacy.id)
        candidacy.opened_at = now() - timedelta(days=240)
        candidacy.admissible_on = candidacy.opened_at.date()
    return made


@pytest.fixture
def certifier(client, world):
    client.log_in(world.certifier.email, factories.PASSWORD)
    return client


def url(world) -> str:
    return f"/candidatures/{world.candidacy.id}/delais"


def said(**changes):
    day = today().isoformat()
    return {"kind": "first_step", "outcome": "legitimate", "reason": WHY, "decided_on": day, "sure": "y"} | changes


def rulings(store) -> int:
    with store.reader() as session:
        return session.scalar(select(func.count()).select_from(LapseRuling))


def as_candidate(client, world):
    client.send("/deconnexion", form="/candidatures/nouvelle")
    client.log_in(world.candidate.email, factories.PASSWORD)
    return client


def test_an_overrun_is_shown_ruled_and_read_by_the_candidate_with_its_reason(certifier, world, store):
    seen = certifier.page(f"/candidatures/{world.candidacy.id}")
    assert "Décider de ce dépassement" in seen.text
    page = certifier.page(url(world))
    assert "rien n’est refusé à la personne" in page.text
    response = certifier.send(url(world), said())
    assert (response.status_code, response.location) == (303, url(world))
    page = certifier.page(url(world))
    assert "la recevabilité est maintenue" in page.text
    assert WHY in page.text
    assert "Voir la décision" in certifier.page(f"/candidatures/{world.candidacy.id}").text
    results = as_candidate(certifier, world).page(f"/dossiers/{world.candidacy.id}/resultats")
    assert "Décisions sur les délais" in results.text
    assert WHY in results.text
    assert world.certifier.name not in results.text


def test_a_candidate_whose_admissibility_lapsed_is_told_on_the_page_of_the_submission(certifier, world, store):
    certifier.send(url(world), said(outcome="lapsed", reason="Aucune nouvelle depuis mars."))
    page = as_candidate(certifier, world).page(f"/dossiers/{world.candidacy.id}/depot")
    assert "ne peut pas être déposé" in page.text
    assert not page.all("input", name="sworn")
    token = page.hidden("csrf_token")
    sent = certifier.post(
        f"/dossiers/{world.candidacy.id}/depot/signature", data={"csrf_token": token, "sworn": "y", "nonce": "a" * 32}
    )
    assert sent.status_code == 409
    assert "caduque" in sent.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": ""}, "Choisissez le délai."),
        ({"kind": "jury"}, "Choisissez une des réponses proposées"),
        ({"outcome": ""}, "Choisissez la décision."),
        ({"reason": "  "}, "Écrivez le motif"),
        ({"decided_on": "32/13/2026"}, "date"),
        ({"decided_on": ""}, "Donnez la date de la décision."),
    ],
)
def test_a_ruling_that_lacks_something_comes_back_as_it_was_typed(certifier, world, store, changes, words):
    response = certifier.send(url(world), said(**changes))
    assert response.status_code == 422
    assert words in response.text
    if "reason" not in changes:
        assert WHY in response.text
    assert rulings(store) == 0


@pytest.mark.parametrize(
    ("days", "words"), [(1, "Cette date est à venir"), (-200, "le délai n’était pas encore passé")]
)
def test_a_day_that_cannot_be_is_said_and_what_was_typed_stays(certifier, world, store, days, words):
    on = (today() + timedelta(days=days)).isoformat()
    response = certifier.send(url(world), said(decided_on=on))
    assert response.status_code == 409
    assert words in response.text
    assert WHY in response.text
    assert rulings(store) == 0


def test_a_double_click_rules_once(certifier, world, store):
    page = certifier.page(url(world))
    data = said(csrf_token=page.hidden("csrf_token"), nonce=page.hidden("nonce"))
    for _ in range(2):
        assert certifier.post(url(world), data=data).status_code == 303
    assert rulings(store) == 1


def test_a_candidacy_within_its_delays_has_nothing_to_decide(client, store):
    with store.transaction() as session:
        made = factories.world(session)
        candidacy = session.get_one(Candidacy, made.candidacy.id)
        candidacy.opened_at, candidacy.admissible_on = now(), today()
    client.log_in(made.certifier.email, factories.PASSWORD)
    page = client.page(url(made))
    assert "Aucun délai n’est dépassé" in page.text
    assert not page.all("textarea")


def test_a_candidacy_opened_here_after_its_delay_is_shown_and_asks_for_nothing(client, store):
    with store.transaction() as session:
        made = factories.world(session)
    client.log_in(made.certifier.email, factories.PASSWORD)
    assert "ce qui s’est passé avant n’est pas enregistré ici" in client.page(url(made)).text
