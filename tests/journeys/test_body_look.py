"""The manager gives the documents of the body a logo, a colour and a DOCX template, with a keyboard alone on
a phone.
"""

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Page, expect

from portfolio.db.engine import Database
from portfolio.wording.documents.word_template import example_template
from tests import factories
from tests.journeys.conftest import ON_A_PHONE, Manner, Window

pytestmark = pytest.mark.journey


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def manner() -> Manner:
    return ON_A_PHONE


@pytest.fixture
def world(database: Database) -> factories.World:
    with database.transaction() as session:
        return factories.world(session)


@pytest.fixture
def manager(world: factories.World, window: Callable[[], Window]) -> Window:
    made = window()
    made.log_in(world.certifier.email)
    return made


def _button(page: Page, name: str):
    return page.locator("main").get_by_role("button", name=name, exact=True)


def _picture(name: str, side: int = 600) -> FilePayload:
    sheet, out = Image.new("RGB", (side, side), "white"), io.BytesIO()
    ImageDraw.Draw(sheet).ellipse((4, 4, side - 4, side - 4), fill="#143ca0")
    sheet.save(out, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": out.getvalue()}


@pytest.mark.slow
def test_a_logo_is_refused_with_its_reason_then_taken_then_removed(manager: Window):
    page = manager.open("/organisme/apparence")
    manager.check()
    manager.attach(page.get_by_label("Ajouter un logo"), _picture("petit.png", 60))
    manager.tick(page.get_by_label("Ce logo est celui de l’organisme"))
    manager.press(_button(page, "Enregistrer le logo"))
    expect(page.get_by_text("Ce logo mesure 60 pixels").first).to_be_visible()
    manager.walked.clear()
    manager.check()
    manager.attach(page.get_by_label("Ajouter un logo"), _picture("logo.png"))
    manager.tick(page.get_by_label("Ce logo est celui de l’organisme"))
    manager.press(_button(page, "Enregistrer le logo"))
    expect(page.get_by_text("Le logo est enregistré.")).to_be_visible()
    manager.walked.clear()
    manager.check()
    manager.press(_button(page, "Retirer le logo"))
    expect(page.get_by_text("Le logo est retiré des prochains documents.")).to_be_visible()


@pytest.mark.slow
def test_a_pale_colour_is_refused_and_the_darker_one_is_taken(manager: Window):
    page = manager.open("/organisme/apparence")
    manager.tick(page.get_by_label("La couleur de l’organisme", exact=True).first)
    page.locator("input[type=color]").fill("#ffd400")  # the picker of the system is no part of the page
    manager.press(_button(page, "Enregistrer la couleur"))
    taken = page.locator("main").get_by_role("button", name="Prendre #")
    expect(taken).to_be_visible()
    manager.check()
    manager.press(taken)
    expect(page.get_by_text("La couleur est enregistrée.")).to_be_visible()


@pytest.mark.slow
def test_a_docx_template_is_tried_and_kept(manager: Window, world: factories.World):
    page = manager.open(f"/certifications/versions/{world.version.id}/modele")
    manager.check()
    file: FilePayload = {"name": "livret.docx", "mimeType": DOCX, "buffer": example_template()}
    manager.attach(page.get_by_label("Déposer un modèle"), file)
    manager.press(_button(page, "Essayer et enregistrer"))
    expect(page.get_by_role("link", name="livret.docx")).to_be_visible()
    manager.walked.clear()
    manager.check()
