"""The advisor's pages as they meet them, and the candidate's answer."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from portfolio.db.engine import Database
from portfolio.domain.dossier.models.dossier import Claim, CoverageReview, Dossier
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.review.models import Message
from portfolio.domain.review.use_cases.assessments import assess_competency
from portfolio.domain.review.use_cases.messages import post_message
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.screens.advisor.dossier.queries import find_competency_page
from tests import factories
from tests.factories import AT, PASSWORD, World
from tests.moment import clock_from
from tests.page import CheckedClient, Page
from tests.review.actions import write_digests


@pytest.fixture
def made(store: Database) -> World:
    """A candidate, an advisor, a draft in which every competency has a piece and a story."""
    return factories.begin_world(store)


@pytest.fixture
def advisor(client: CheckedClient, made: World) -> CheckedClient:
    """Return the advisor's browser."""
    client.log_in(made.advisor.email, PASSWORD)
    return client


def url_of(made: World, place: int = 0, more: str = "") -> str:
    return f"/accompagnement/{made.candidacy.id}/competences/{made.competencies[place].id}{more}"


def give(store: Database, made: World, value: Assessment = Assessment.COVERED, comment: str = "") -> None:
    with store.transaction() as session:
        ids = made.candidacy.id, made.competencies[0].id
        basis = find_competency_page(session, *ids, made.advisor.id).basis
        assess_competency(session, *ids, value, comment, basis, by=made.advisor.id, at=AT)


def reword(store: Database, made: World, comment: str) -> None:
    with store.transaction() as session:
        claim = session.scalars(select(Claim).where(Claim.competency_id == made.competencies[0].id)).one()
        claim.comment, claim.revision = comment, claim.revision + 1
        write_digests(session, made)


def told(store: Database, made: World, text: str, by: UUID) -> None:
    with store.transaction() as session:
        post_message(session, made.candidacy.id, made.competencies[0].id, text, by=by, at=AT + timedelta(hours=1))


def counted(store: Database, table: type) -> int:
    with store.reader() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_the_board_of_an_advisor_without_a_dossier_says_what_will_come(client: CheckedClient, store: Database) -> None:
    with store.transaction() as session:
        alone = factories.person(session, "Paul Neuf")
    client.log_in(alone.email, PASSWORD)
    assert "Aucun dossier pour l’instant" in client.page("/accompagnement").text


@pytest.mark.parametrize(("hour", "passed"), [(21, False), (22, True)])
def test_a_delay_of_the_board_passes_at_midnight_in_paris(
    client: CheckedClient, store: Database, made: World, hour: int, *, passed: bool
) -> None:
    with store.transaction() as session:
        submit(session, made.candidacy.id, "J’atteste.", by=made.candidate.id, at=AT)
    with clock_from(datetime(2026, 6, 2, hour, 30, tzinfo=UTC)):
        client.log_in(made.advisor.email, PASSWORD)
        text = client.page("/accompagnement").text
    assert "2 juin 2026" in text.replace("\u00a0", " ")
    assert ("délai passé" in text) is passed


def test_the_board_leads_to_the_competency_that_waits_longest(
    advisor: CheckedClient, store: Database, made: World
) -> None:
    told(store, made, "Est-ce assez ?", made.candidate.id)
    page = advisor.page("/accompagnement")
    assert "Samia Benali" in page.text
    assert "Un message sur 1.1 attend votre réponse" in page.text
    assert page.all("a", href=url_of(made))


def test_the_page_of_a_dossier_shows_the_matrix_and_the_rest(
    advisor: CheckedClient, store: Database, made: World
) -> None:
    with store.transaction() as session:
        session.get_one(Dossier, made.candidacy.id).career = "Vingt ans de <b>marine</b>"
    page = advisor.page(f"/accompagnement/{made.candidacy.id}")
    assert page.headings == ["Samia Benali"]
    assert "11 compétences ont une preuve et attendent votre avis. La première est 1.1." in page.text
    assert "Cheffe de projet, Agence du Port" in page.text
    assert "Vingt ans de <b>marine</b>" in page.text
    assert all(page.all("a", href=url_of(made, place)) for place in range(11))


def test_a_block_held_is_shown_with_its_seal_and_takes_no_opinion(
    advisor: CheckedClient, store: Database, made: World
) -> None:
    with store.transaction() as session:
        factories.candidacy(session, made.version, factories.person(session, "Zoé Petit"), made.advisor)
        for block in made.version.blocks:
            factories.held(session, made.candidacy, block.id, AT.date())
    page = advisor.page("/accompagnement")
    assert (
        page.text.index("Zoé Petit") < page.text.index("Rien à faire pour l’instant") < page.text.index("Samia Benali")
    )
    page = advisor.page(url_of(made))
    assert "Ce bloc est acquis" in page.text
    assert not page.all("input", type="radio")


def test_a_submitted_dossier_leads_to_what_the_jury_reads(advisor: CheckedClient, store: Database, made: World) -> None:
    with store.transaction() as session:
        submission = submit(session, made.candidacy.id, "J’atteste.", by=made.candidate.id, at=AT)
    page = advisor.page(f"/accompagnement/{made.candidacy.id}")
    assert "un jury lira cette version, et elle seule" in page.text
    [link] = [link["href"] for link in page.all("a") if str(submission.id) in link["href"]]
    assert advisor.get(link).status_code == 200


def test_the_page_of_a_competency_puts_each_piece_beside_its_claim(advisor: CheckedClient, made: World) -> None:
    page = advisor.page(url_of(made))
    piece = made.pieces[0]
    for said in (
        "L’agence perdait des clients.",
        "Pièce sur 1.1",
        "pages 4 à 5",
        "J’ai choisi les sources",
        "Livrable, production",
    ):
        assert said in page.text
    assert page.all("a", href=f"/dossiers/{made.candidacy.id}/preuves/{piece.id}/fichier/1")


def test_a_mark_is_recorded_and_shown(advisor: CheckedClient, store: Database, made: World) -> None:
    response = advisor.send(url_of(made), {"value": "partly", "comment": "Il manque le budget."})
    assert (response.status_code, response.location) == (303, url_of(made))
    page = advisor.page(url_of(made))
    assert "Votre avis est enregistré" in page.text
    assert "En partie couverte" in page.text
    assert "Il manque le budget." in page.text
    assert "À voir ensuite" in page.text


def test_a_second_click_marks_once(advisor: CheckedClient, store: Database, made: World) -> None:
    page = advisor.page(url_of(made))
    data = {name: page.hidden(name) for name in ("csrf_token", "nonce", "basis")} | {"value": "covered"}
    for _ in range(2):
        assert advisor.post(url_of(made), data=data).status_code == 303
    assert counted(store, CoverageReview) == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Choisissez l’un des trois avis."),
        ({"value": "excellent"}, "Choisissez une des réponses proposées."),
        ({"value": "not_covered", "comment": "  "}, "Dites à la personne candidate ce qui manque"),
        ({"value": "covered", "comment": "x" * 20_001}, "20 000 caractères au plus"),
    ],
)
def test_a_mark_that_is_wrong_comes_back_with_what_to_do(
    advisor: CheckedClient, store: Database, made: World, data: dict[str, str], sentence: str
) -> None:
    response = advisor.send(url_of(made), data)
    assert response.status_code == 422
    page = Page(response.text)
    assert sentence in page.text
    assert page.title.strip().startswith("À corriger")
    assert counted(store, CoverageReview) == 0


def test_a_change_made_meanwhile_is_told_and_the_comment_is_kept(
    advisor: CheckedClient, store: Database, made: World
) -> None:
    opened = advisor.page(url_of(made))
    reword(store, made, "J’ai tout refait.")
    data = {name: opened.hidden(name) for name in ("csrf_token", "nonce", "basis")}
    response = advisor.post(url_of(made), data={**data, "value": "partly", "comment": "Il manque le budget."})
    assert response.status_code == 409
    page = Page(response.text)
    assert "Le dossier a changé pendant que vous le lisiez" in page.text
    assert "le commentaire sur la pièce 1 a été modifié" in page.text
    assert "J’ai tout refait." in page.text
    assert "Il manque le budget." in page.text
    assert counted(store, CoverageReview) == 0
    again = {name: page.hidden(name) for name in ("csrf_token", "nonce", "basis")}
    response = advisor.post(url_of(made), data={**again, "value": "partly", "comment": "Il manque le budget."})
    assert response.status_code == 303
    assert counted(store, CoverageReview) == 1


def test_a_comment_typed_while_the_dossier_was_submitted_is_kept_as_a_message(
    advisor: CheckedClient, store: Database, made: World
) -> None:
    opened = advisor.page(url_of(made))
    with store.transaction() as session:
        session.get_one(Dossier, made.candidacy.id).state = DossierState.SUBMITTED
    data = {name: opened.hidden(name) for name in ("csrf_token", "nonce", "basis")}
    response = advisor.post(url_of(made), data={**data, "value": "partly", "comment": "Il manque le budget."})
    assert response.status_code == 409
    page = Page(response.text)
    assert "Le dossier est déposé" in page.text
    assert "Il manque le budget." in page.text
    assert not page.all("input", type="radio")


def test_an_opinion_older_than_a_change_is_shown_as_such(advisor: CheckedClient, store: Database, made: World) -> None:
    give(store, made)
    reword(store, made, "Autre chose.")
    page = advisor.page(url_of(made))
    assert "Avis à revoir" in page.text
    assert "Depuis, le commentaire sur la pièce 1 a été modifié." in page.text
    assert "Ce qui a changé depuis votre avis" in page.text
    assert page.all("ins")
    assert page.all("del")
    assert "Votre avis sur 1.1 est à revoir" in advisor.page("/accompagnement").text


def test_a_message_of_the_advisor_is_added_to_the_conversation(advisor: CheckedClient, made: World) -> None:
    response = advisor.send(url_of(made, more="/messages"), {"text": "Bonjour <i>Samia</i>"}, form=url_of(made))
    assert response.status_code == 303
    assert response.location.endswith("#echanges")
    assert "Bonjour <i>Samia</i>" in advisor.page(url_of(made)).text


def test_an_empty_message_comes_back(advisor: CheckedClient, store: Database, made: World) -> None:
    response = advisor.send(url_of(made, more="/messages"), {"text": " "}, form=url_of(made))
    assert response.status_code == 422
    assert "Écrivez votre message" in Page(response.text).text
    assert counted(store, Message) == 0


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "\u202eabc", "<script>alert(1)</script>", "é" * 20_000])
def test_any_text_can_be_said_and_is_shown_as_typed(advisor: CheckedClient, made: World, text: str) -> None:
    encoded = text.encode("utf-8", "surrogatepass")
    page = advisor.page(url_of(made))
    data = {"csrf_token": page.hidden("csrf_token"), "nonce": uuid4().hex, "text": encoded}
    assert advisor.post(url_of(made, more="/messages"), data=data).status_code == 303
    assert advisor.get(url_of(made)).status_code == 200


def test_a_competency_of_elsewhere_does_not_exist(advisor: CheckedClient, store: Database, made: World) -> None:
    with store.transaction() as session:
        foreign = factories.published_version(session, made.body.id, "RNCP99999").blocks[0].competencies[0].id
    page = advisor.page(url_of(made))
    sound = {
        "csrf_token": page.hidden("csrf_token"),
        "basis": page.hidden("basis"),
        "value": "covered",
        "text": "Bonjour",
    }
    for competency_id in (foreign, uuid4()):
        url = f"/accompagnement/{made.candidacy.id}/competences/{competency_id}"
        assert advisor.get(url).status_code == 404
        assert advisor.post(url, data=sound).status_code == 404
        assert advisor.post(url, data={"csrf_token": sound["csrf_token"]}).status_code == 404
        assert advisor.post(f"{url}/messages", data=sound).status_code == 404
    assert counted(store, CoverageReview) == counted(store, Message) == 0


def test_nobody_else_opens_the_pages_of_the_advisor(client: CheckedClient, store: Database, made: World) -> None:
    with store.transaction() as session:
        other = factories.person(session, "Paul Autre")
        factories.candidacy(session, made.version, factories.person(session, "Zoé Petit"), other)
    urls = [f"/accompagnement/{made.candidacy.id}", url_of(made)]
    assert [client.get(url).status_code for url in urls] == [303, 303]
    for person, status in ((other, 404), (made.certifier, 404), (made.candidate, 403)):
        client = client.application.test_client()
        client.log_in(person.email, PASSWORD)
        assert [client.get(url).status_code for url in urls] == [status, status], person.name
        assert "Samia Benali" not in client.page("/accompagnement").text.replace(f"Connecté : {person.name}", "")
    assert counted(store, CoverageReview) == 0


def test_an_advisor_replaced_is_out_at_the_next_request(advisor: CheckedClient, store: Database, made: World) -> None:
    assert advisor.get(url_of(made)).status_code == 200
    with store.transaction() as session:
        session.get_one(type(made.candidacy), made.candidacy.id).advisor_id = factories.person(session, "Paul Autre").id
    assert advisor.get(url_of(made)).status_code == 404
    assert "Aucun dossier pour l’instant" in advisor.page("/accompagnement").text


def answers(made: World, place: int = 0) -> str:
    return f"/dossiers/{made.candidacy.id}/competences/{made.competencies[place].id}/reponses"


def test_the_candidate_answers(client: CheckedClient, store: Database, made: World) -> None:
    give(store, made, Assessment.PARTLY, "Il manque le budget.")
    client.log_in(made.candidate.email, PASSWORD)
    assert "Il manque le budget." in client.page(answers(made)).text
    response = client.send(answers(made), {"text": "Je l’ajoute demain."})
    assert response.status_code == 303
    assert response.location == f"/dossiers/{made.candidacy.id}/competences/{made.competencies[0].id}#echanges"
    assert "Je l’ajoute demain." in client.page(answers(made)).text


def test_an_empty_answer_comes_back_with_the_conversation(client: CheckedClient, store: Database, made: World) -> None:
    give(store, made, Assessment.PARTLY, "Il manque le budget.")
    client.log_in(made.candidate.email, PASSWORD)
    response = client.send(answers(made), {"text": ""})
    assert response.status_code == 422
    page = Page(response.text)
    assert "Écrivez votre message" in page.text
    assert "Il manque le budget." in page.text


def test_only_the_candidate_answers_there(client: CheckedClient, store: Database, made: World) -> None:
    with store.transaction() as session:
        stranger = factories.person(session, "Zoé Petit")
        factories.candidacy(session, made.version, stranger, made.advisor)
    for person, status in ((made.advisor, 403), (stranger, 404), (made.certifier, 404)):
        client = client.application.test_client()
        client.log_in(person.email, PASSWORD)
        token = client.page("/accompagnement").hidden("csrf_token")
        assert client.get(answers(made)).status_code == status
        assert client.post(answers(made), data={"csrf_token": token, "text": "Bonjour"}).status_code == status
    assert counted(store, Message) == 0
