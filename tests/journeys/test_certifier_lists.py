"""The certifier's lists and their acts, and the pages of retention, with a keyboard alone on a phone, in both lights."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portfolio.db.engine import Database
from portfolio.domain.retention.use_cases.clocks import compute_all
from portfolio.domain.retention.use_cases.requests import ask_erasure
from portfolio.web.clock import now
from tests import factories
from tests.certificate.edges import jury
from tests.journeys import shared_server
from tests.journeys.conftest import ON_A_PHONE, Manner, Window

pytestmark = pytest.mark.journey

folder, database_url, server = shared_server.folder, shared_server.database_url, shared_server.server
database = shared_server.database


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


def test_certificates_are_found_and_opened(certifier: Window):
    page = certifier.open("/organisme")
    certifier.press(page.get_by_role("link", name="Certificats délivrés"))
    certifier.check()
    certifier.write(page.get_by_role("searchbox"), "benali")
    certifier.press(_button(page, "Chercher"))
    certifier.check()
    certifier.press(page.locator("tbody").get_by_role("link").first)
    certifier.check()


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
