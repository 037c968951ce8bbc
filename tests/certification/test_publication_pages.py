"""Publishing a version, correcting it by another, and who may see it."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from portfolio.domain.certification.models import Block, Certification
from portfolio.domain.certification.use_cases.drafting import open_correction
from tests import factories
from tests.certification.answered import answer as answer_doubts
from tests.certification.answered import publish
from tests.certification.draft_pages import INDEX, draft_url, filled, the_draft
from tests.page import Page


@pytest.fixture
def published_id(store, draft_id) -> UUID:
    with store.transaction() as session:
        publish(session, draft_id, by=None, at=factories.AT)
    return draft_id


def test_a_draft_is_not_published_before_its_doubts_about_rights_are_answered(browser, draft_id):
    page = browser.page(f"/certifications/versions/{draft_id}/publier")
    assert page.headings == ["Pas encore publiable"]
    assert "il change des droits" in page.text


def test_a_draft_is_read_again_then_published_and_read_for_ever(browser, store, draft_id):
    with store.transaction() as session:
        answer_doubts(session, draft_id)
    answer = browser.post(
        draft_url(draft_id), data=filled(browser, draft_id).with_changes(do="publish"), follow_redirects=True
    )
    page = Page(answer.text)
    assert page.headings == ["Publier cette version"]
    assert "4 blocs, 11 compétences" in page.text
    assert "ne sont pas cochés comme vérifiés" in page.text
    url = f"/certifications/versions/{draft_id}/publier"
    page = Page(browser.send(url, follow_redirects=True).text)
    assert "La version est publiée." in page.text
    assert "Définir une stratégie d’offre" in page.text
    assert "40 % au moins de membres extérieurs" in page.text
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(Block)) == 4


def test_a_second_click_on_publish_finds_the_version_published(browser, published_id):
    page = browser.page(INDEX)
    data = {"csrf_token": page.hidden("csrf_token"), "revision": "1"}
    answer = browser.post(f"/certifications/versions/{published_id}/publier", data=data)
    assert (answer.status_code, answer.location) == (303, f"/certifications/versions/{published_id}")


def test_a_draft_changed_since_it_was_read_is_not_published(browser, store, draft_id):
    with store.transaction() as session:
        answer_doubts(session, draft_id)
    page = browser.page(f"/certifications/versions/{draft_id}/publier")
    data = {"csrf_token": page.hidden("csrf_token"), "revision": page.hidden("revision")}
    browser.post(draft_url(draft_id), data=filled(browser, draft_id).with_changes(signatory="La directrice"))
    answer = browser.post(f"/certifications/versions/{draft_id}/publier", data=data)
    assert answer.status_code == 409
    assert "Le brouillon a changé depuis que vous l’avez relu." in Page(answer.text).text
    assert the_draft(store, draft_id) is not None


def test_a_published_version_is_shown_never_edited(browser, published_id):
    for step in ("corriger", "publier", "abandonner"):
        answer = browser.get(f"/certifications/versions/{published_id}/{step}")
        assert (answer.status_code, answer.location) == (303, f"/certifications/versions/{published_id}")
    token = browser.page(INDEX).hidden("csrf_token")
    for step in ("corriger", "abandonner"):
        answer = browser.post(f"/certifications/versions/{published_id}/{step}", data={"csrf_token": token})
        assert answer.status_code == 409
        assert "elle ne change plus" in Page(answer.text).text


def test_a_correction_is_a_new_draft_whose_changes_are_shown_before_publication(browser, store, published_id):
    page = browser.page(f"/certifications/versions/{published_id}")
    answer = browser.post(
        f"/certifications/versions/{published_id}/correction", data={"csrf_token": page.hidden("csrf_token")}
    )
    assert answer.status_code == 303
    second = UUID(answer.location.split("/")[3])
    browser.post(
        draft_url(second), data=filled(browser, second).with_changes(blocks__0__competencies__1__text="Organiser")
    )
    page = browser.page(f"/certifications/versions/{second}/publier")
    assert "Ce qui change depuis la version 1" in page.text
    assert "Bloc 1, compétence 2 : rédaction Votre" not in page.text
    assert "Organiser et suivre les opérations d’un projet" in page.text
    browser.send(f"/certifications/versions/{second}/publier")
    assert (
        "Organiser et suivre les opérations d’un projet"
        in browser.page(f"/certifications/versions/{published_id}").text
    )
    assert "Cette version n’est plus la dernière" in browser.page(f"/certifications/versions/{published_id}").text


def test_a_draft_is_given_up_after_a_question(browser, store, draft_id):
    url = f"/certifications/versions/{draft_id}/abandonner"
    page = Page(browser.send(url, follow_redirects=True).text)
    assert "Le brouillon est abandonné." in page.text
    with store.reader() as session:
        assert session.scalars(select(Certification)).all() == []
    browser.page(draft_url(draft_id), 404)


def test_the_successor_is_named_on_the_page_of_the_version(browser, store, published_id):
    url = f"/certifications/versions/{published_id}"
    assert "Indiquez la fiche qui la remplace" in browser.page(url).text
    answer = browser.send(f"{url}/suite", {"successor": "rncp 36000"}, form=url, follow_redirects=True)
    assert "La suite de la fiche est enregistrée." in Page(answer.text).text
    with store.reader() as session:
        assert session.scalars(select(Certification)).one().successor_code == "RNCP36000"
    wrong = browser.send(f"{url}/suite", {"successor": "bientôt"}, form=url)
    assert wrong.status_code == 422
    assert "n’est pas un code de fiche" in Page(wrong.text).text


def test_the_list_puts_the_draft_to_finish_first(browser, store, published_id):
    with store.transaction() as session:
        open_correction(session, published_id, by=None, at=factories.AT)
    page = browser.page(INDEX)
    assert "Relisez et publiez le brouillon de RNCP16959" in page.text
    assert "Expirée le 4 janvier 2022" in page.text


PAGES = ["", "/corriger", "/publier", "/abandonner"]


ACTS = ["/corriger", "/publier", "/abandonner", "/correction", "/suite"]


@pytest.mark.parametrize("who", ["certifier of another body", "candidate", "anonymous"])
def test_the_certifications_of_a_body_do_not_exist_for_anyone_else(client, store, draft_id, who):
    with store.transaction() as session:
        other = factories.certifier(session, factories.body(session, "Un autre organisme").id).email
        candidate = factories.person(session).email
    if who != "anonymous":
        client.log_in(other if who.startswith("certifier") else candidate, factories.PASSWORD)
    for version_id in (draft_id, uuid4()):
        for path in PAGES:
            answer = client.get(f"/certifications/versions/{version_id}{path}")
            assert answer.status_code == (303 if who == "anonymous" else 404)
    token = client.page("/connexion" if who == "anonymous" else "/mes-dossiers").hidden("csrf_token")
    for path in ACTS:
        assert client.post(f"/certifications/versions/{draft_id}{path}", data={"csrf_token": token}).status_code in (
            400,
            404,
        )
    assert the_draft(store, draft_id).revision == 1


def test_a_certifier_sees_only_the_certifications_of_their_body(client, store, draft_id):
    with store.transaction() as session:
        other = factories.certifier(session, factories.body(session, "Un autre organisme").id).email
    client.log_in(other, factories.PASSWORD)
    assert "RNCP16959" not in client.page(INDEX).text
