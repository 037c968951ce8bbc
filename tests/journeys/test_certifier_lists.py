"""The certifier's lists and their acts, and the pages of retention, with a keyboard alone on a phone, in both
lights.
"""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from portfolio.db.engine import Database
from portfolio.domain.candidacy.rules.candidate_sheet import CandidateLine
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import NewCandidacy, PersonInput, Scope
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.group_acts.use_cases import openings
from portfolio.domain.retention.use_cases.clocks import compute_all
from portfolio.domain.retention.use_cases.requests import ask_erasure
from portfolio.web.clock import now
from tests import factories
from tests.holdings.edges import jury
from tests.journeys.conftest import ON_A_PHONE, Manner, Window

pytestmark = pytest.mark.journey


@pytest.fixture
def manner() -> Manner:
    return ON_A_PHONE


@pytest.fixture
def world(database: Database) -> factories.World:
    """A body of its own, with a candidate who holds a whole certification and three who write."""
    with database.transaction() as session:
        made = factories.world(session)
        for name in ("Inès Duval", "Marc Lefort", "Aya Diallo"):
            factories.candidacy(session, made.version, factories.person(session, name))
    jury(database, made, wins=(1, 2, 3, 4))
    return made


@pytest.fixture
def certifier(world: factories.World, window: Callable[[], Window]) -> Window:
    made = window()
    made.log_in(world.certifier.email)
    return made


def _button(page: Page, name: str):
    return page.locator("main").get_by_role("button", name=name, exact=True)


def test_a_group_is_chosen_written_to_and_the_page_says_what_was_done(certifier: Window):
    page = certifier.open("/candidatures")
    certifier.check()
    for name in ("Inès Duval", "Marc Lefort"):
        certifier.tick(page.get_by_label(f"Choisir {name}"))
    certifier.press(_button(page, "Leur écrire"))
    certifier.check()
    certifier.press(_button(page, "Écrire à ces 2 personnes"))
    expect(page.get_by_text("Donnez un objet").first).to_be_visible()
    certifier.check()
    certifier.write(page.get_by_label("Objet"), "Réunion du 4 mai")
    certifier.write(page.get_by_label("Texte"), "Venez à 14 heures.")
    certifier.press(_button(page, "Écrire à ces 2 personnes"))
    expect(page.get_by_role("heading", name="2 courriers sont écrits")).to_be_visible()
    certifier.check()


@pytest.mark.slow
def test_many_candidacies_open_while_the_page_tells_how_far_it_is_then_who_was_opened(
    certifier: Window, world: factories.World, database: Database
):
    shared = NewCandidacy(
        version_id=world.version.id, candidate=PersonInput("", ""), route=Route.VAE, regime=Regime.FRANCE_VAE,
        scope=Scope.WHOLE, block_ids=(), admissible_on=date(2021, 11, 12), advisor=PersonInput("paul@exemple.fr", "Paul Adam"),
        route_confirmed=True,
    )  # fmt: skip
    lines = [CandidateLine(number, f"Personne {number}", f"ligne{number}@exemple.fr") for number in range(1, 9)]
    with database.transaction() as session:
        opening_id = openings.order_openings(session, world.body.id, shared, lines, by=world.certifier.id, at=now())
    # Nothing else is written while this transaction is open: the page is seen at work, and someone else opens
    # the last line.
    with database.transaction() as session:
        version = session.get_one(CertificationVersion, world.version.id)
        factories.candidacy(session, version, factories.person(session, "Personne 8", "ligne8@exemple.fr"))
        page = certifier.open(f"/candidatures/plusieurs/{opening_id}")
        expect(page.get_by_role("heading", name="Le travail continue")).to_be_visible()
        expect(page.get_by_role("status").filter(has_text="sur 8")).to_be_visible()
        certifier.check()
    # The page shows the end by itself.
    expect(page.get_by_role("heading", name="7 candidatures sont ouvertes")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("heading", name="1 ligne n’est pas ouverte")).to_be_visible()
    certifier.walked.clear()
    certifier.check()
    certifier.press(page.locator("main").get_by_role("link", name="Personne 3"))
    expect(page.get_by_role("heading", name="Personne 3")).to_be_visible()


@pytest.mark.slow
def test_a_whole_list_is_invited_again_and_given_to_an_advisor(certifier: Window):
    page = certifier.open("/candidatures?etape=invitations")
    certifier.tick(page.get_by_label("Toutes celles de cette liste"))
    certifier.press(_button(page, "Renvoyer l’invitation"))
    certifier.check()
    certifier.press(_button(page, "Renvoyer 3 invitations"))
    expect(page.get_by_role("heading", name="3 invitations sont écrites")).to_be_visible()
    page = certifier.open("/candidatures?etape=invitations")
    certifier.tick(page.get_by_label("Toutes celles de cette liste"))
    certifier.press(_button(page, "Confier l’accompagnement"))
    certifier.check()
    certifier.write(page.get_by_label("Prénom et nom"), "Claire Morel")
    certifier.write(page.get_by_label("Adresse électronique"), "claire@exemple.fr")
    certifier.press(_button(page, "Confier ces 3 candidatures"))
    expect(page.get_by_role("heading", name="3 candidatures sont confiées")).to_be_visible()
    certifier.check()


@pytest.mark.slow
def test_certificates_are_found_and_opened(certifier: Window):
    page = certifier.open("/organisme")
    certifier.press(page.get_by_role("link", name="Certificats délivrés"))
    certifier.check()
    certifier.write(page.get_by_role("searchbox"), "benali")
    certifier.press(_button(page, "Chercher"))
    certifier.check()
    certifier.press(page.locator("tbody").get_by_role("link").first)
    certifier.check()


@pytest.mark.slow
def test_the_pages_of_retention(certifier: Window, world: factories.World, database: Database):
    with database.transaction() as session:
        ask_erasure(session, world.candidacy.id, "Je ne continue pas.", by=world.candidate.id, at=now())
    compute_all(database, now().date())
    page = certifier.open("/organisme/donnees")
    certifier.check()
    certifier.press(page.get_by_role("link", name="Effacements décidés et faits"))
    certifier.check()
    certifier.open("/organisme/donnees/durees")
    certifier.check()
    certifier.write(page.get_by_label("Délai de prévenance de la personne"), "aucun")
    certifier.press(_button(page, "Enregistrer"))
    certifier.check()
    certifier.open(f"/candidatures/{world.candidacy.id}/effacement")
    certifier.check()
    certifier.open(f"/candidatures/{world.candidacy.id}/conservation")
    certifier.check()
    certifier.write(page.get_by_label("Motif"), "Un litige est en cours.")
    certifier.press(_button(page, "Retenir ce dossier"))
    expect(page.get_by_text("Un litige est en cours.").first).to_be_visible()
    certifier.check()
