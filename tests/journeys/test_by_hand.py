"""A certification typed by hand, from « Nouvelle certification » to a published version, on a computer and on
a phone.
"""

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.wording.certification import SEAT_NAMES
from tests import factories
from tests.journeys.conftest import Manner, Window
from tests.journeys.keyboard import Keyboard

pytestmark = pytest.mark.journey

BLOCKS = {
    "Accueillir et conseiller": ("Accueillir une personne", "Reformuler une demande", "Proposer une solution"),
    "Vendre": ("Conclure une vente", "Encaisser un paiement", "Traiter une réclamation"),
    "Gérer un rayon": ("Préparer une commande", "Contrôler une livraison", "Mettre en valeur les produits"),
    "Animer une équipe": ("Répartir le travail", "Former une personne", "Rendre compte à la direction"),
}
SEATS = (SEAT_NAMES[Seat.PRESIDENT], SEAT_NAMES[Seat.EXTERNAL_PROFESSIONAL])


@pytest.fixture
def certifier(database: Database, window: Callable[[], Window]) -> Window:
    with database.transaction() as session:
        body: UUID = factories.body(session).id
        email = factories.certifier(session, body).email
    made = window()
    made.log_in(email)
    made.open("/certifications")
    return made


def button(page: Page, name: str, *, within: str = "main"):
    return page.locator(within).get_by_role("button", name=name, exact=True)


def start(who: Window, code: str, title: str) -> None:
    page = who.page
    who.check()
    who.press(page.get_by_role("link", name="Nouvelle certification"))
    who.check()
    who.tick(page.get_by_label("Un code propre à mon organisme"))
    who.write(page.get_by_label("Code", exact=True), code)
    who.write(page.get_by_label("Intitulé exact"), title)
    who.choose(page.get_by_label("Niveau européen"), "4 (baccalauréat)")
    who.press(button(page, "Créer le brouillon"))
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator("main")).to_contain_text("aucun texte du répertoire ne l’accompagne")


def fill_in(who: Window) -> None:
    page = who.page
    for rank, (title, texts) in enumerate(BLOCKS.items()):
        if rank:
            who.press(page.get_by_role("button", name="Ajouter un bloc", exact=True))
        block = page.locator(f'[data-line="blocks-{rank}"]')
        who.write(block.get_by_label("Titre du bloc"), title)
        for number, text in enumerate(texts, 1):
            who.write(block.get_by_role("textbox", name=f"Compétence {rank + 1}.{number}", exact=True), text)
    for rank, seat in enumerate(SEATS, 1):
        who.choose(page.get_by_label(f"Siège {rank}", exact=True), seat)
    who.tick(page.get_by_label("Illimitée"))


def publish(who: Window) -> None:
    page = who.page
    who.check()
    who.press(button(page, "Enregistrer et relire avant de publier"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Publier cette version")
    who.check()
    who.press(button(page, "Publier la version"))
    expect(page.locator("main")).to_contain_text("La version est publiée")
    expect(page.locator("main")).to_contain_text("Cette version est saisie à la main")
    who.check()


def last_typed(database: Database) -> CertificationVersion:
    with database.reader() as session:
        version = session.scalars(
            select(CertificationVersion).order_by(CertificationVersion.imported_at.desc())
        ).first()
        assert version is not None
        session.expunge(version)
        return version


def published(database: Database) -> CertificationVersion:
    version = last_typed(database)
    assert version.published_at is not None
    return version


def read(version: CertificationVersion) -> dict[str, tuple[str, ...]]:
    return {
        block.title: tuple(competency.text for competency in block.competencies) for block in version.to_entry().blocks
    }


def test_a_certification_of_four_blocks_and_twelve_competencies_is_typed_and_published(certifier, database):
    start(certifier, "TP-VENTE-1", "Conseil et vente en magasin")
    fill_in(certifier)
    publish(certifier)
    version = published(database)
    assert read(version) == BLOCKS
    assert version.to_entry().code == "TP-VENTE-1"
    assert (version.to_entry().jury.size, version.to_entry().permanence) == (2, "unlimited")


class TestOnAPhone:
    """The same by a keyboard alone, at 390 px."""

    @pytest.fixture
    def manner(self) -> Manner:
        return Manner(Keyboard(), width=390, schemes=("light", "dark"))

    @pytest.mark.slow
    def test_a_certification_is_typed_and_published_at_390_pixels(self, certifier, database):
        start(certifier, "TP-VENTE-1", "Conseil et vente en magasin")
        fill_in(certifier)
        publish(certifier)
        assert read(published(database)) == BLOCKS


@pytest.mark.slow
def test_lines_move_by_buttons_by_a_mouse_and_between_blocks_before_anything_is_saved(certifier, database):
    start(certifier, "TP-VENTE-1", "Conseil et vente en magasin")
    fill_in(certifier)
    page = certifier.page
    line = page.locator('[data-line="blocks-0-competencies-2"]')
    certifier.press(line.get_by_role("button", name="Monter"))
    expect(page.locator(":focus")).to_have_text("Monter la compétence 1.2")
    certifier.press(page.locator(":focus"))
    expect(page.get_by_role("textbox", name="Compétence 1.1", exact=True)).to_have_value("Proposer une solution")
    page.set_viewport_size({"width": 1280, "height": 4000})  # a drag starts where the page does not scroll meanwhile
    grip = page.locator('[data-line="blocks-1-competencies-0"] .line__grip')
    grip.drag_to(page.locator('[data-line="blocks-2-competencies-0"]'), target_position={"x": 30, "y": 4})
    expect(page.get_by_role("textbox", name="Compétence 3.1", exact=True)).to_have_value("Conclure une vente")
    expect(page.get_by_role("textbox", name="Compétence 2.1", exact=True)).to_have_value("Encaisser un paiement")
    more = page.locator('[data-line="blocks-3-competencies-0"]')
    text = more.get_by_role("textbox", name="Compétence 4.1", exact=True)
    text.evaluate("node => { node.focus(); node.setSelectionRange(8, 8); }")
    certifier.press(more.locator("summary"))
    certifier.press(more.get_by_role("button", name="Couper en deux"))
    expect(page.get_by_role("textbox", name="Compétence 4.1", exact=True)).to_have_value("Répartir")
    expect(page.get_by_role("textbox", name="Compétence 4.2", exact=True)).to_have_value("le travail")
    certifier.press(page.locator('[data-line="blocks-3-competencies-1"]').get_by_role("button", name="Retirer"))
    expect(page.locator(".line--removed")).to_contain_text("le travail")
    certifier.check()
    certifier.press(page.locator(".line--removed").get_by_role("button", name="Remettre"))
    expect(page.locator(".line--removed")).to_have_count(0)
    certifier.press(button(page, "Enregistrer", within=".entry__end"))
    blocks = read(last_typed(database))
    assert blocks["Accueillir et conseiller"][0] == "Proposer une solution"
    assert blocks["Gérer un rayon"][0] == "Conclure une vente"
    assert blocks["Animer une équipe"][:2] == ("Répartir", "le travail")
