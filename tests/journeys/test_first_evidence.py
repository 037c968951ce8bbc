"""From the invitation to the first claim on a telephone: every tap is counted, those of the camera too."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.account.rules import TokenPurpose
from portfolio.domain.account.use_cases import issue_token
from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.models.evidence import Evidence
from tests import factories
from tests.axe import violations
from tests.journeys.conftest import Server
from tests.wait_until import open_settled, settle

pytestmark = pytest.mark.journey
MOST_TAPS = 10
# What a telephone asks in its own camera: to take the picture, then to keep it.
CAMERA_TAPS = 2


@pytest.fixture
def world(database: Database) -> factories.World:
    return factories.begin_world(database, filled=False)


class Thumb:
    """A thumb on a telephone, which counts its taps. To write in a field, it taps the field first."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, target: Locator) -> None:
        target.tap()
        self.taps += 1

    def write(self, target: Locator, text: str) -> None:
        self.tap(target)
        self.page.keyboard.type(text)

    def photograph(self, content: bytes, name: str = "image.jpg") -> None:
        """Tap « Prendre une photo », then what the camera itself asks."""
        self.page.wait_for_url(re.compile("/preuves/ajouter"))
        settle(self.page)
        with self.page.expect_file_chooser() as opened:
            self.tap(self.page.get_by_text("Prendre une photo"))
        opened.value.set_files({"name": name, "mimeType": "image/jpeg", "buffer": content})
        self.taps += CAMERA_TAPS


def photo(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1200, 900), colour).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def thumb(browser: Browser, server: Server) -> Iterator[Thumb]:
    context = browser.new_context(
        locale="fr-FR", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, base_url=server.address
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield Thumb(page)
    context.close()


def test_the_first_claim_takes_few_taps_from_the_invitation(thumb: Thumb, world, database):
    with database.transaction() as session:
        token = issue_token(session, world.candidate.id, TokenPurpose.INVITATION, at=datetime.now(UTC))
    page = thumb.page
    open_settled(page, f"/invitation/{token}")
    thumb.taps += 1  # the link in the letter
    thumb.write(page.get_by_label("Mot de passe choisi"), "une phrase facile à retenir")
    thumb.write(page.get_by_label("Le même, une seconde fois"), "une phrase facile à retenir")
    thumb.tap(page.get_by_role("button", name="Enregistrer et entrer"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon livret 2")
    thumb.tap(page.locator(f"a[href$='/competences/{world.competencies[0].id}']").first)
    thumb.tap(
        page.get_by_role("link", name=re.compile("Ajouter une preuve|Envoyer un fichier|Ajouter un fichier")).first
    )
    thumb.photograph(photo("teal"))
    thumb.tap(page.get_by_role("button", name="Envoyer", exact=True))
    expect(page).to_have_url(re.compile("/decrire/1$"))
    with database.reader() as session:
        [claim] = session.scalars(select(Claim).where(Claim.candidacy_id == world.candidacy.id))
        assert claim.competency_id == world.competencies[0].id
    assert thumb.taps <= MOST_TAPS, thumb.taps
    picture, title = page.locator(".step__picture img"), page.get_by_label("Titre")
    expect(picture).not_to_have_js_property("naturalWidth", 0, timeout=60_000)
    place = title.bounding_box()
    picture.evaluate("picture => picture.removeAttribute('src')")
    assert title.bounding_box() == place, "the picture that comes moves no question"


def test_several_photographs_are_one_piece_and_the_list_says_what_leaves(thumb: Thumb, world, database):
    page = thumb.page
    open_settled(page, "/connexion")
    page.get_by_label("Adresse électronique").fill(world.candidate.email)
    page.get_by_label("Mot de passe", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Se connecter").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon livret 2")
    open_settled(page, f"/dossiers/{world.candidacy.id}/preuves/ajouter")
    files = page.get_by_role("list", name="Fichiers choisis").get_by_role("listitem")
    for number, colour in enumerate(("teal", "navy", "gold"), 1):
        thumb.photograph(photo(colour), f"photo-{number}.jpg")
        expect(files).to_have_count(number)
    thumb.tap(files.nth(1).get_by_role("button", name="Retirer photo-2.jpg"))
    expect(files).to_have_count(2)
    thumb.tap(page.get_by_label("Réunir les photos en une seule pièce"))
    assert not violations(page)
    thumb.tap(page.get_by_role("button", name="Envoyer", exact=True))
    expect(page).to_have_url(re.compile("/decrire/1$"))
    assert not violations(page)
    with database.reader() as session:
        [piece] = session.scalars(select(Evidence).where(Evidence.candidacy_id == world.candidacy.id))
        assert (piece.file.mime, piece.file.pages) == ("application/pdf", 2)
    open_settled(page, f"/dossiers/{world.candidacy.id}/preuves/ajouter")
    thumb.photograph(photo("teal"))
    expect(files).to_have_count(1)


def paste(page: Page, text: str) -> None:
    """Paste a picture, once the page listens."""
    settle(page)
    page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.items.add(new File([text], "image.png", { type: "image/png" }));
            document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }""",
        text,
    )


def log_in(page: Page, world) -> None:
    open_settled(page, "/connexion")
    page.get_by_label("Adresse électronique").fill(world.candidate.email)
    page.get_by_label("Mot de passe", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon livret 2")


@pytest.mark.slow
def test_what_is_pasted_is_in_the_list_on_the_page_of_evidence_too(thumb: Thumb, world, database):
    page = thumb.page
    log_in(page, world)
    open_settled(page, f"/dossiers/{world.candidacy.id}/preuves")
    form = page.get_by_role("form", name="Ajouter des preuves")
    expect(form).to_be_hidden()
    paste(page, "a")
    expect(form).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text=re.compile("^Collé le ")).first).to_be_visible()


@pytest.mark.slow
def test_a_file_that_the_dossier_has_is_told_before_it_is_sent(thumb: Thumb, world, database):
    page = thumb.page
    log_in(page, world)
    add = f"/dossiers/{world.candidacy.id}/preuves/ajouter"
    open_settled(page, add)
    thumb.photograph(photo("teal"), "atelier.jpg")
    thumb.tap(page.get_by_role("button", name="Envoyer", exact=True))
    expect(page).to_have_url(re.compile("/decrire/1$"))
    open_settled(page, add)
    thumb.photograph(photo("teal"), "copie.jpg")
    expect(page.get_by_role("link", name="C’est déjà la pièce 1 : « atelier ».")).to_be_visible()
    assert not violations(page)
    thumb.tap(page.get_by_role("button", name="Envoyer", exact=True))
    expect(page.get_by_text("Ce que vous avez choisi est déjà dans votre dossier.")).to_be_visible()
    thumb.tap(page.get_by_role("button", name="L’ajouter quand même"))
    thumb.tap(page.get_by_role("button", name="Envoyer", exact=True))
    expect(page).to_have_url(re.compile("/decrire/1$"))
    with database.reader() as session:
        assert len(list(session.scalars(select(Evidence).where(Evidence.candidacy_id == world.candidacy.id)))) == 2


@pytest.mark.slow
def test_a_microphone_that_is_refused_says_what_to_do_instead(thumb: Thumb, world):
    page = thumb.page
    log_in(page, world)
    open_settled(page, f"/dossiers/{world.candidacy.id}/preuves/ajouter")
    thumb.tap(page.get_by_role("button", name="Enregistrer ma voix"))
    expect(page.get_by_text(re.compile("dictaphone de votre téléphone"))).to_be_visible()
    assert not violations(page)
