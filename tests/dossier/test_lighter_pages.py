"""Pages that ask less of their reader: one open block, choices with pictures and states, dates by month."""

from datetime import date

from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.dossier.models.dossier import Dossier, Experience
from portfolio.domain.dossier.rules.draft import CoverageState, DossierState
from portfolio.wording.dossier import tally_message
from portfolio.wording.dossier.names import COVERAGE
from tests import factories
from tests.factories import PASSWORD
from tests.page import CheckedClient


def test_the_first_page_opens_the_block_of_the_next_action_alone(client: CheckedClient, store: Database) -> None:
    made = factories.begin_world(store)
    client.log_in(made.candidate.email, PASSWORD)
    page = client.page(f"/dossiers/{made.candidacy.id}")
    blocks = len(made.version.blocks)
    folds = [fold for fold in page.all("details") if "open" not in fold]
    assert len(folds) == blocks - 1 + 1  # every block but one, and the pages of the dossier
    assert len(page.all("section", **{"aria-labelledby": "suite"})) == 1


def test_the_first_page_of_a_deposited_dossier_folds_every_block(client: CheckedClient, store: Database) -> None:
    made = factories.begin_world(store)
    with store.transaction() as session:
        session.get_one(Dossier, made.candidacy.id).state = DossierState.SUBMITTED
    client.log_in(made.candidate.email, PASSWORD)
    folds = [fold for fold in client.page(f"/dossiers/{made.candidacy.id}").all("details") if "open" not in fold]
    assert len(folds) == len(made.version.blocks) + 1  # every block, and the pages of the dossier


def test_states_are_counted_in_words() -> None:
    assert tally_message(COVERAGE[CoverageState.COVERED], 2) == "2 couvertes"
    assert tally_message(COVERAGE[CoverageState.CLAIMED], 3) == "3 preuves proposées"
    assert tally_message(COVERAGE[CoverageState.NONE], 2) == "2 sans preuve"


def test_a_choice_says_the_block_and_the_state_of_each_competency(client: CheckedClient, store: Database) -> None:
    made = factories.begin_world(store, filled=False)
    with store.transaction() as session:
        piece = factories.evidence(session, made.candidacy.id)
        key = piece.id
    client.log_in(made.candidate.email, PASSWORD)
    assert "Bloc 4, sans preuve" in client.page(f"/dossiers/{made.candidacy.id}/preuves/{key}/competences").text
    choice = client.page(f"/dossiers/{made.candidacy.id}/competences/{made.competencies[0].id}/preuves")
    assert len(choice.all("span", **{"class": "thumbnail thumbnail--none"})) == 1


def test_an_experience_is_dated_by_month_and_keeps_its_days(client: CheckedClient, store: Database) -> None:
    made = factories.begin_world(store, filled=False)
    client.log_in(made.candidate.email, PASSWORD)
    address = f"/dossiers/{made.candidacy.id}/experiences/ajouter"
    said = {"post": "Chargée de projet", "structure": "Escales", "began_on": "mars 2019", "ended_on": "2020-11"}
    assert client.send(address, said).status_code == 303
    with store.transaction() as session:
        row = session.scalars(select(Experience)).one()
        assert (row.began_on, row.ended_on) == (date(2019, 3, 1), date(2020, 11, 1))
        row.began_on, key = date(2019, 3, 18), row.id
    address = f"/dossiers/{made.candidacy.id}/experiences/{key}"
    assert client.send(address, said | {"began_on": "2019-03"}).status_code == 303
    with store.reader() as session:
        assert session.get_one(Experience, key).began_on == date(2019, 3, 18)
    assert client.send(address, said | {"began_on": "13/2019"}).status_code == 422


def test_what_lacks_of_a_title_is_said_once_beside_its_dossier(client: CheckedClient, store: Database) -> None:
    made = factories.begin_world(store, filled=False)
    with store.transaction() as session:
        case = session.get_one(Candidacy, made.candidacy.id)
        factories.held(session, case, made.version.blocks[0].id, date(2026, 3, 1))
        factories.candidacy(session, made.version, session.get_one(Person, made.candidate.id))
    client.log_in(made.candidate.email, PASSWORD)
    page = client.page("/mes-dossiers")
    lacking = len(made.version.blocks) - 1
    assert len(page.all("li", **{"class": "card"})) == 2, "a title that has a dossier is not shown again as a near one"
    assert page.text.count(f"1 bloc acquis. Il en manque {lacking} pour ce titre") == 2
    assert "Validation des acquis" not in page.text, "the same route of every dossier tells nothing"


def test_the_page_of_a_title_obtained_says_it_once(client: CheckedClient, store: Database) -> None:
    made = factories.begin_world(store, filled=False)
    with store.transaction() as session:
        case = session.get_one(Candidacy, made.candidacy.id)
        for number, block in enumerate(made.version.blocks):
            factories.held(session, case, block.id, date(2026, 3, 1), f"AAAA-BBBB-CCC{number}")
    client.log_in(made.candidate.email, PASSWORD)
    page = client.page(f"/dossiers/{made.candidacy.id}")
    assert "Vous avez obtenu toute la certification" in page.text
    results = f"/dossiers/{made.candidacy.id}/resultats"
    assert len([link for link in page.all("a") if link.get("href") == results]) == 1
