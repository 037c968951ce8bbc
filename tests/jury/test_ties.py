"""The question of each member's ties: asked on the seat, told wherever the jury is, kept with the minutes (J7)."""

import json

import pytest
from sqlalchemy import select, text, update

from portfolio.calendar import day_of
from portfolio.db.engine import Database
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import JuryMember
from portfolio.domain.jury.rules.composition import PredicateId
from portfolio.domain.jury.rules.enums import TiesAnswer
from portfolio.french_text import NBSP
from portfolio.screens.certifier.sessions import listing_queries, page_queries
from portfolio.web.clock import now
from tests.jury import builders as stage
from tests.jury.builders import DIRECTOR, EMPLOYEE, Scene, deliberate, name, scene
from tests.jury.pages import as_certifier, as_member, hearing, staged
from tests.jury.test_session_pages import member_typed
from tests.page import CheckedClient, Page

SILENT = "Liens avec l’organisme sans réponse pour Luc Roux : on ne sait pas si cette personne est extérieure."
MEND = "Il reste à répondre pour Luc Roux, au siège de la direction."


def silence(db: Database, *names: str) -> None:
    """Take the answers away, as in a session planned before the question was asked."""
    with db.transaction() as session:
        session.execute(text("DELETE FROM jury_member_affiliation"))
        session.execute(
            update(JuryMember).values(ties_answer=TiesAnswer.UNANSWERED).where(JuryMember.display_name.in_(names))
        )


@pytest.fixture
def made(store: Database) -> Scene:
    return staged(store)


def test_the_session_names_who_has_not_answered_and_leads_to_the_seat(
    client: CheckedClient, made: Scene, store: Database
):
    name(store, made, DIRECTOR, ties=(), seen=1)
    as_certifier(client, made)
    page = client.page(f"/sessions/{made.session_id}")
    assert "Composition irrégulière" in page.text
    assert SILENT in page.text
    assert MEND in page.text
    assert "liens sans réponse" in page.text
    assert page.all("a", href=f"/sessions/{made.session_id}/sieges/director_or_delegate#ties_answer")
    assert "Aucun lien avec l’organisme depuis 24 mois" in page.text


def test_the_preview_and_the_closing_name_who_has_not_answered(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made)
    name(store, made, DIRECTOR, ties=(), seen=1)
    as_member(client, made)
    page = client.page(hearing(made, "/apercu"))
    assert SILENT in page.text
    assert MEND in page.text
    assert "J7" not in page.text
    assert "Luc Roux" in client.page(hearing(made, "/cloture")).text
    assert SILENT in client.page(hearing(made, "/presence")).text


def test_the_command_line_says_what_prevents_the_awaited_jury(app, made: Scene, store: Database):
    name(store, made, DIRECTOR, ties=(), seen=1)
    run = app.test_cli_runner()
    answer = json.loads(run.invoke(args=["explain-grants", str(made.candidacy_id), "--json"]).stdout)
    (jury,) = answer["juries"]
    assert jury["regular"] is False
    (wrong,) = (one for one in jury["prevented_by"] if one["id"] == "J7")
    assert SILENT in wrong["sentence"].replace(NBSP, " ")
    assert MEND in wrong["mend"]
    assert SILENT in run.invoke(args=["explain-grants", str(made.candidacy_id)]).stdout.replace(NBSP, " ")


def test_the_three_states_are_asked_on_the_seat(client: CheckedClient, made: Scene, store: Database):
    as_certifier(client, made)
    url = f"/sessions/{made.session_id}/sieges"
    page = client.page(f"{url}/employee_representative")
    assert page.all("input", name="ties_answer", value="none", checked="")
    assert "Aucun lien avec l’organisme depuis 24 mois" in page.text
    page = client.page(f"{url}/director_or_delegate")
    assert page.all("input", name="ties_answer", value="listed", checked="")
    assert "ne sont jamais comptées comme extérieures" in page.text


LISTED = {"ties-0-kind": "employment", "ties-0-with_whom": "certifier", "ties-0-organisation": "Institut des rives"}


@pytest.mark.parametrize(("answer", "lines"), [("none", LISTED), ("listed", {})])
def test_an_answer_that_contradicts_the_ties_is_refused_and_nothing_typed_is_lost(
    client: CheckedClient, store: Database, answer: str, lines: dict[str, str]
):
    made = staged(store, members=(EMPLOYEE,), heard=False)
    as_certifier(client, made)
    url = f"/sessions/{made.session_id}/sieges/president"
    response = client.send(url, member_typed(ties_answer=answer, quality="Gérante de l’agence des rives", **lines))
    assert response.status_code == 422
    page = Page(response.text)
    assert "La réponse sur les liens et les liens décrits se contredisent." in page.text
    assert page.all("input", name="ties_answer", value=answer, checked="")
    assert page.all("input", value="Gérante de l’agence des rives")
    assert bool(page.all("input", value="Institut des rives")) is bool(lines)


def test_ties_described_without_an_answer_are_the_answer(client: CheckedClient, store: Database):
    made = staged(store, members=(EMPLOYEE,), heard=False)
    as_certifier(client, made)
    url = f"/sessions/{made.session_id}/sieges/president"
    assert client.send(url, member_typed(ties_answer="unanswered", **LISTED)).status_code == 303
    assert client.page(url).all("input", name="ties_answer", value="listed", checked="")


def test_minutes_record_the_answer_of_each_member(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made)
    stage.close(store, made, now())
    with store.reader() as session:
        record = session.scalars(select(Minutes)).one().composition
    assert [(one["ties"], one["external"]) for one in record["members"]] == [("none", True)] * 2 + [
        ("listed", False)
    ] * 3
    assert record["external_months"] == 24
    as_member(client, made)
    page = client.page(hearing(made, "/resultat"))
    assert "membre extérieur : aucun lien avec l’organisme depuis 24 mois" in page.text


def test_closed_minutes_stay_as_they_were_closed_when_nobody_had_answered(
    client: CheckedClient, made: Scene, store: Database, app
):
    deliberate(store, made)
    stage.close(store, made, now())
    silence(store, *(member.name for member in made.members.values()))

    with store.reader() as session:
        assert recompute(session).ok
        page = page_queries.load_session_page(session, made.session_id)
        assert page.regular
        assert listing_queries.load_sessions_page(session, made.body_id, day_of(now())).rows[0].regular
    done = app.test_cli_runner().invoke(args=["recompute-grants", "--check"])
    assert done.exit_code == 0


@pytest.mark.parametrize("person", [as_certifier, as_member])
def test_pages_of_a_closed_hearing_tell_what_its_minutes_record(
    client: CheckedClient, made: Scene, store: Database, person
):
    deliberate(store, made)
    stage.close(store, made, now())
    silence(store, *(member.name for member in made.members.values()))

    person(client, made)
    session, own = f"/sessions/{made.session_id}", hearing(made, "/apercu")
    for url in (hearing(made, "/presence"), session if person is as_certifier else own):
        page = client.page(url)
        assert "Composition irrégulière" not in page.text
        assert "ne peut pas encore délibérer" not in page.text


def test_a_candidate_still_to_be_heard_asks_the_question_again(db: Database):
    made = scene(db)
    silence(db, "Paul Marin")
    with db.reader() as session:
        wrong = [
            answer.id for answer in page_queries.load_session_page(session, made.session_id).answers if answer.prevents
        ]
    assert PredicateId.J7 in wrong
