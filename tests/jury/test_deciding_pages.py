"""The president’s pages: findings, decisions, preview, minutes."""

import re
from datetime import timedelta

import pytest

from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.models.grants import Certificate
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft
from portfolio.web.clock import now, today
from tests.jury import builders as stage
from tests.jury.builders import EMPLOYEE, NOT_VALIDATED, Scene, deliberate, name
from tests.jury.pages import SIGNED, as_certifier, as_member, block, competency, count, hearing, staged
from tests.page import CheckedClient, Page


@pytest.fixture
def made(store: Database) -> Scene:
    return staged(store)


def test_the_president_goes_from_finding_to_finding_to_the_decision(client: CheckedClient, made: Scene):
    as_member(client, made)
    response = client.send(competency(made), {"value": "acquired"})
    assert response.headers["Location"] == competency(made, 1)
    response = client.send(competency(made, 1), {"value": "partially", "reason": "Peu d’exemples."})
    assert response.headers["Location"] == block(made)
    assert "1.2 n’est pas acquise" in client.page(block(made)).text


def test_what_a_finding_lacks_is_said_at_once_and_stays_on_the_page(client: CheckedClient, made: Scene):
    as_member(client, made)
    response = client.send(competency(made), {"value": "not_acquired"}, follow_redirects=True)
    page = Page(response.text)
    assert "1.1 : dites ce qui a été vu et ce qui manque" in page.text


def test_a_competency_without_any_exhibit_asks_where_it_was_shown(client: CheckedClient, store: Database):
    made = staged(store, filled=False)
    as_member(client, made)
    response = client.send(competency(made, 3), {"value": "acquired"}, follow_redirects=True)
    assert "rien n’est rattaché à cette compétence" in Page(response.text).text
    response = client.send(competency(made, 3), {"value": "acquired", "ground": "demonstrated_at_interview"})
    assert response.headers["Location"] == competency(made, 4)


def test_a_decision_that_departs_from_the_findings_asks_why(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made, refused=(1,))
    as_member(client, made)
    response = client.send(block(made), {"outcome": "validated"}, follow_redirects=True)
    assert "Dites pourquoi le jury s’en écarte" in Page(response.text).text
    client.send(block(made), {"outcome": "validated", "override_reason": "L’entretien l’a montré."})
    assert "Dites pourquoi" not in client.page(block(made)).text


@pytest.mark.parametrize(
    ("where", "typed", "sentence"),
    [
        (competency, {"value": ""}, "Choisissez un constat."),
        (competency, {"value": "peut-être"}, "Choisissez une des réponses proposées."),
        (competency, {"value": "acquired", "reason": "x" * 20_001}, "20 000 caractères au plus"),
        (block, {"outcome": ""}, "Choisissez une décision."),
        (block, {"outcome": "validated", "recommendation": "x" * 20_001}, "20 000 caractères au plus"),
    ],
)
def test_an_answer_that_cannot_be_kept_is_told_and_not_lost(
    client: CheckedClient, made: Scene, store, where, typed, sentence
):
    response = as_member(client, made).send(where(made), typed | {"reason": typed.get("reason", "Ce que j’ai écrit.")})
    assert response.status_code == 422
    assert sentence in Page(response.text).text.replace("\u202f", " ")
    assert typed.get("reason", "Ce que j’ai écrit.") in response.text
    assert count(store, FindingDraft) == count(store, DecisionDraft) == 0


def test_strange_characters_are_replaced_visibly_and_html_is_shown_as_typed(client: CheckedClient, made: Scene):
    as_member(client, made)
    client.send(block(made), {"outcome": "not_validated", "reason": "a\x00b <script>alert(1)</script>"})
    response = client.get(block(made))
    assert "a\ufffdb &lt;script&gt;alert(1)&lt;/script&gt;" in response.text


@pytest.mark.parametrize("which", [competency, block])
def test_two_tabs_see_both_texts_and_the_author_chooses(client: CheckedClient, made: Scene, store: Database, which):
    as_member(client, made)
    field, value, other = (
        ("value", "not_acquired", "partially") if which is competency else ("outcome", "not_validated", "validated")
    )
    page = client.page(which(made))
    old = {one["name"]: one.get("value", "") for one in page.all("input", type="hidden") if "name" in one}
    client.send(which(made), {field: value, "reason": "Écrit dans le premier onglet."})

    response = client.post(which(made), data=old | {field: other, "reason": "Écrit dans le second."})
    assert response.status_code == 409
    assert "Écrit dans le premier onglet." in response.text
    assert "Écrit dans le second." in response.text
    again = Page(response.text)
    # The form of the finding is the first of the page.
    found = [(one["name"], one.get("value", "")) for one in again.all("input", type="hidden") if "name" in one]
    hidden = dict(reversed(found))
    assert client.post(which(made), data=hidden | {field: other, "reason": "Écrit dans le second."}).status_code == 303
    assert "Écrit dans le second." in client.get(which(made)).text


@pytest.mark.parametrize("which", [competency, block])
def test_a_save_after_the_closing_shows_that_it_is_closed_and_gives_the_text_back(
    client: CheckedClient, made: Scene, store: Database, which
):
    deliberate(store, made)
    as_member(client, made)
    page = client.page(which(made))
    old = {one["name"]: one.get("value", "") for one in page.all("input", type="hidden") if "name" in one}
    stage.close(store, made, now())
    typed = {"value": "not_acquired", "outcome": "not_validated", "reason": "Trop tard, mais pas perdu."}
    response = client.post(which(made), data=old | typed)
    assert response.status_code == 409
    assert "Le procès-verbal est déjà clos" in Page(response.text).text
    assert "Trop tard, mais pas perdu." in response.text


def test_the_preview_leads_to_what_is_missing_then_to_the_closing(client: CheckedClient, made: Scene, store: Database):
    as_member(client, made)
    page = client.page(hearing(made, "/apercu"))
    assert "Il reste 15 points à régler avant de clore" in page.text
    assert page.all("a", href=competency(made))
    deliberate(store, made, refused=(2,))
    page = client.page(hearing(made, "/apercu"))
    assert "Tout est prêt" in page.text
    assert "sera acquis définitivement" in page.text
    assert page.all("a", href=hearing(made, "/cloture"))


def test_an_irregular_jury_is_told_on_the_preview_and_cannot_close(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made)
    name(store, made, EMPLOYEE, in_activity=False, seen=1)
    as_member(client, made)
    assert "Composition irrégulière" in client.page(hearing(made, "/apercu")).text
    page = client.page(hearing(made, "/cloture"))
    assert "Le procès-verbal ne peut pas encore être clos" in page.text
    response = client.post(hearing(made, "/cloture"), data=SIGNED | {"csrf_token": page.hidden("csrf_token")})
    assert response.status_code == 409
    assert "Composition irrégulière. Aya Diallo n’est pas déclaré" in Page(response.text).text
    assert count(store, Minutes) == 0


def test_the_preview_of_what_is_decided_before_the_day_says_the_day(client: CheckedClient, store: Database):
    made = staged(store, held_on=today() + timedelta(days=3), refused=())
    as_member(client, made)
    assert "la clôture attend" in client.page(hearing(made, "/apercu")).text


def test_closing_before_the_day_is_refused_with_the_day(client: CheckedClient, store: Database):
    made = staged(store, held_on=today() + timedelta(days=1))
    deliberate(store, made)
    as_member(client, made)
    page = client.page(hearing(made, "/cloture"))
    response = client.post(hearing(made, "/cloture"), data=SIGNED | {"csrf_token": page.hidden("csrf_token")})
    assert response.status_code == 409
    assert "se clôt ce jour-là ou après" in Page(response.text).text


def test_closing_asks_for_the_last_word(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made)
    response = as_member(client, made).send(hearing(made, "/cloture"))
    assert response.status_code == 422
    assert "Cochez cette case pour clore le procès-verbal." in Page(response.text).text
    assert count(store, Minutes) == 0


def test_closing_grants_once_however_many_clicks_and_tabs(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made, refused=(2,))
    as_member(client, made)
    page, other = client.page(hearing(made, "/cloture")), client.page(hearing(made, "/cloture"))
    typed = {one["name"]: one.get("value", "") for one in page.all("input", type="hidden") if "name" in one} | SIGNED
    for _click in range(2):
        response = client.post(hearing(made, "/cloture"), data=typed)
        assert response.headers["Location"] == hearing(made, "/resultat")
    elsewhere = {one["name"]: one.get("value", "") for one in other.all("input", type="hidden") if "name" in one}
    response = client.post(hearing(made, "/cloture"), data=elsewhere | SIGNED)
    assert response.status_code == 409
    assert "déjà clos" in Page(response.text).text
    assert "Acquis définitivement" in Page(response.text).text
    assert count(store, Minutes) == 1
    assert count(store, Certificate) == 3


def test_the_minutes_tell_decisions_findings_reasons_and_who_sat(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made, refused=(2,))
    stage.close(store, made, now())
    page = as_member(client, made, Seat.TEACHER_TRAINER).page(hearing(made, "/resultat"))
    assert "3 blocs accordés" in page.text
    assert NOT_VALIDATED.reason in page.text
    assert NOT_VALIDATED.recommendation in page.text
    assert "Paul Marin, présidence du jury" in page.text
    links = [one["href"] for one in page.all("a") if one.get("href", "").startswith("/certificats/")]
    assert len(links) == 3
    assert all(client.get(link).status_code == 200 for link in links)


def test_pages_of_an_open_hearing_lead_to_the_preview_and_of_a_closed_one_to_the_minutes(
    client: CheckedClient, made: Scene, store: Database
):
    deliberate(store, made)
    as_member(client, made)
    assert client.get(hearing(made, "/resultat")).headers["Location"] == hearing(made, "/apercu")
    stage.close(store, made, now())
    assert client.get(hearing(made, "/cloture")).headers["Location"] == hearing(made, "/resultat")
    assert "Le procès-verbal est clos" in client.page(hearing(made, "/apercu")).text
    assert not client.page(competency(made)).all("textarea")


def test_a_second_jury_sees_the_held_blocks_locked_with_their_seal(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made, refused=(2, 4))
    stage.close(store, made, now())
    again = stage.next_scene(store, made, held_on=today(), at=now())
    as_member(client, again)
    page = client.page(hearing(again))
    assert page.text.count("Acquis définitivement") == 2
    assert client.get(hearing(again, f"/blocs/{made.blocks[0].id}")).status_code == 404
    assert client.get(hearing(again, f"/competences/{made.competencies[0].id}")).status_code == 404
    assert re.search(r"Commencez par 2\.1", page.text)


def test_an_advisor_given_later_makes_the_jury_irregular_for_that_candidate(
    client: CheckedClient, made: Scene, store: Database
):
    with store.transaction() as session:
        session.get_one(Candidacy, made.candidacy_id).advisor_id = made.members[Seat.TEACHER_TRAINER].id
    page = as_certifier(client, made).page(f"/sessions/{made.session_id}")
    assert f"Composition irrégulière pour {made.candidate.name}" in page.text
    assert "Remplacez cette personne, ou présentez le candidat à une autre session." in page.text
