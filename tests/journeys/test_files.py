"""Files are chosen, dropped, taken out, sent and masked; forms wait for the network; choices come back with
the text.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import func, select

from portfolio.db.engine import Database
from portfolio.domain.dossier.models.dossier import Experience
from portfolio.domain.dossier.models.evidence import Evidence
from tests import factories, samples
from tests.journeys.conftest import Manner, Window
from tests.journeys.keyboard import Keyboard

pytestmark = pytest.mark.journey
HELD = "Rien n’est encore parti"
FOUND = "Un texte non enregistré a été retrouvé"
DROP = """(files) => {
    const data = new DataTransfer();
    for (const [name, text] of files) data.items.add(new File([text], name, { lastModified: 1 }));
    return data;
}"""


@pytest.fixture
def world(database: Database) -> factories.World:
    return factories.begin_world(database)


@pytest.fixture
def candidate(window: Callable[[], Window], world: factories.World) -> Window:
    made = window()
    made.log_in(world.candidate.email)
    expect(made.page.get_by_role("heading", level=1)).to_have_text("Mon livret 2")
    return made


def dossier(world: factories.World) -> str:
    return f"/dossiers/{world.candidacy.id}"


def pieces_of(database: Database, world: factories.World) -> int:
    with database.reader() as session:
        return (
            session.scalar(
                select(func.count()).select_from(Evidence).where(Evidence.candidacy_id == world.candidacy.id)
            )
            or 0
        )


def drop(page: Page, place: str, *names: str, text: str = "") -> None:
    """Drop files on this place of the page, as a hand does; each has eleven characters of its own without `text`."""
    data = page.evaluate_handle(DROP, [[name, text or name[:11].ljust(11)] for name in names])
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event(place, event, {"dataTransfer": data})


def listed(page: Page) -> Any:
    return page.get_by_role("list", name="Fichiers choisis").get_by_role("listitem")


def written(folder: Path, *names: str) -> list[Path]:
    """Small files of text, one that is called « vide » empty."""
    folder.mkdir(exist_ok=True)
    paths = [folder / name for name in names]
    for path in paths:
        path.write_text("" if "vide" in name_of(path) else f"La preuve {path.name}.")
    return paths


def name_of(path: Path) -> str:
    return path.stem


@pytest.mark.slow
def test_the_page_that_follows_a_replaced_file_has_its_style_sheets_and_its_message(candidate, world, tmp_path):
    page = candidate.open(f"{dossier(world)}/preuves/{world.pieces[0].id}/fichier")
    file = tmp_path / "neuf.pdf"
    file.write_bytes(samples.pdf(2))
    candidate.attach(page.locator("input[type=file]:not([capture])"), file)
    candidate.press(page.get_by_role("button", name="Envoyer"))
    expect(page.get_by_text("Le fichier est remplacé.")).to_be_visible()
    assert page.url.endswith(f"/preuves/{world.pieces[0].id}")
    assert page.locator("head link[href$='page-viewer.css']").count() == 1
    assert page.evaluate("performance.getEntriesByType('navigation')[0].name") == page.url, "the browser went there"
    gap = "() => document.querySelector('.main h1').closest('.head').getBoundingClientRect().top - document.querySelector('.notice').getBoundingClientRect().bottom"
    assert page.evaluate(gap) >= 16, "the message does not touch the title"


def test_a_mask_is_drawn_taken_back_kept_and_applied(candidate, world, tmp_path):
    piece = f"{dossier(world)}/preuves/{world.pieces[0].id}"
    file = tmp_path / "lettre.pdf"
    file.write_bytes(samples.pdf(1, "Bonjour Camille Dupont"))
    page = candidate.open(f"{piece}/fichier")
    candidate.attach(page.locator("input[type=file]:not([capture])"), file)
    candidate.press(page.get_by_role("button", name="Envoyer"))
    expect(page.get_by_text("Le fichier est remplacé.")).to_be_visible()
    drawn(candidate, f"{piece}/versions/2/pages/1")
    page = candidate.open(f"{piece}/masquer")
    sheet = page.locator("[data-mask-sheet]")
    drag(page, sheet, (0.1, 0.1), (0.5, 0.2))
    drag(page, sheet, (0.6, 0.6), (0.9, 0.7))
    expect(sheet.locator("rect")).to_have_count(2)
    candidate.press(page.get_by_role("button", name="Effacer le dernier cache dessiné"))
    expect(sheet.locator("rect")).to_have_count(1)
    candidate.check()
    page.get_by_text("Placer un cache sans dessiner").click()
    candidate.write(page.get_by_label("À gauche, en % de la largeur"), "trente")
    candidate.press(page.get_by_role("button", name="Enregistrer les caches de cette page"))
    expect(page.get_by_text("Écrivez un nombre de 0 à 100.")).to_have_count(4)
    expect(sheet.locator("rect")).to_have_count(1)
    page.get_by_label("À gauche, en % de la largeur").fill("")
    candidate.press(page.get_by_role("button", name="Enregistrer les caches de cette page"))
    expect(page.get_by_text("Caches à appliquer")).to_be_visible()
    candidate.check()
    candidate.press(page.get_by_role("button", name="Appliquer les caches"))
    expect(page.get_by_text("Le cache est appliqué.")).to_be_visible()


def drawn(window: Window, image: str) -> None:
    """Wait until the worker has drawn a page."""
    for _ in range(60):
        if window.page.request.get(window.address + image).status == 200:
            return
        window.page.wait_for_timeout(500)
    raise AssertionError(f"{image} is never drawn")


def drag(page: Page, sheet: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw from a point of the sheet to another, in parts of its width and height."""
    sheet.scroll_into_view_if_needed()
    page.wait_for_function("(one) => one.querySelector('img').complete", arg=sheet.element_handle())
    box = sheet.bounding_box()
    assert box is not None
    for step, (across, down) in enumerate((start, end)):
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=4)
        page.mouse.up() if step else page.mouse.down()


@pytest.mark.slow
def test_drops_add_up_wherever_they_fall_and_each_file_can_be_taken_out(candidate, world, database):
    page = candidate.open(f"{dossier(world)}/preuves/ajouter")
    drop(page, "h1", "bilan.txt", "budget.txt")
    drop(page, "footer", "planning.txt")
    drop(page, "input[type=file]:not([capture])", "contrat.txt")
    expect(listed(page)).to_have_count(4)
    drop(page, "body", "bilan.txt")
    expect(page.get_by_text("« bilan.txt » est déjà dans la liste.")).to_be_visible()
    expect(page.get_by_text("4 fichiers choisis, 44 octets en tout.")).to_be_visible()
    candidate.check()
    remove = listed(page).nth(1).get_by_role("button", name="Retirer budget.txt")
    Keyboard().press(remove)
    expect(listed(page)).to_have_count(3)
    before = pieces_of(database, world)
    candidate.press(page.get_by_role("button", name="Envoyer", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Répondre pour plusieurs pièces")
    assert pieces_of(database, world) == before + 3


@pytest.mark.slow
def test_the_page_shows_that_it_takes_what_is_dragged_and_never_gives_way(candidate, world):
    page = candidate.open(f"{dossier(world)}/preuves/ajouter")
    data = page.evaluate_handle(DROP, [["bilan.txt", "x"]])
    page.dispatch_event("h1", "dragover", {"dataTransfer": data})
    expect(page.get_by_text("Lâchez vos fichiers n’importe où sur la page")).to_be_visible()
    page.dispatch_event("body", "dragleave", {"dataTransfer": data})
    expect(page.get_by_text("Lâchez vos fichiers n’importe où sur la page")).to_be_hidden()
    refused = """(data) => {
        const event = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
        document.body.dispatchEvent(event);
        return event.defaultPrevented;
    }"""
    assert page.evaluate(refused, data), "else the browser would open the file"


@pytest.mark.slow
@pytest.mark.parametrize("manner", [Manner(), Manner(Keyboard(), width=390)], ids=["mouse", "keyboard on a phone"])
def test_an_empty_file_among_nine_is_set_apart_and_the_others_go(candidate, world, database, tmp_path):
    page = candidate.open(f"{dossier(world)}/preuves/ajouter")
    before = pieces_of(database, world)
    candidate.attach(
        page.locator("input[type=file]:not([capture])"),
        written(tmp_path / "n", *[f"p{n}.txt" for n in range(8)], "vide.txt"),
    )
    expect(page.get_by_text("« vide.txt » est vide. Ce fichier est mis à part")).to_be_visible()
    expect(listed(page)).to_have_count(8)
    candidate.press(page.get_by_role("button", name="Envoyer", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Répondre pour plusieurs pièces")
    assert pieces_of(database, world) == before + 8


@pytest.mark.slow
def test_a_file_that_vanished_is_set_apart_and_the_others_go(candidate, world, database, tmp_path):
    page = candidate.open(f"{dossier(world)}/preuves/ajouter")
    before = pieces_of(database, world)
    paths = written(tmp_path / "n", "reste.txt", "parti.txt")
    candidate.attach(page.locator("input[type=file]:not([capture])"), paths)
    expect(listed(page)).to_have_count(2)
    paths[1].unlink()
    candidate.press(page.get_by_role("button", name="Envoyer", exact=True))
    expect(page.get_by_text("« parti.txt » ne peut pas être lu sur votre appareil.")).to_be_visible()
    expect(listed(page)).to_have_count(1)
    candidate.press(page.get_by_role("button", name="Envoyer", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Qu’est-ce que cette pièce ?")
    assert pieces_of(database, world) == before + 1


def test_a_file_refused_by_the_server_is_told_once_beside_the_field_and_the_others_are_kept(
    candidate, world, database, tmp_path
):
    page = candidate.open(f"{dossier(world)}/preuves/ajouter")
    before = pieces_of(database, world)
    paths = written(tmp_path / "n", "un.txt", "deux.txt")
    program = tmp_path / "n" / "jeu.pdf"
    program.write_bytes(b"MZ" + bytes(3000))
    candidate.attach(page.locator("input[type=file]:not([capture])"), [*paths, program])
    candidate.press(page.get_by_role("button", name="Envoyer", exact=True))
    expect(page.get_by_text("2 fichiers sont déjà ajoutés")).to_be_visible()
    expect(page.get_by_text("« jeu.pdf » :")).to_have_count(1)
    expect(page.locator(".field .field__error").get_by_text("« jeu.pdf » :")).to_be_visible()
    expect(listed(page)).to_have_count(0)
    candidate.check()
    assert pieces_of(database, world) == before + 2


def describe(candidate: Window, world: factories.World) -> Page:
    return candidate.open(f"{dossier(world)}/preuves/{world.pieces[0].id}/description")


@pytest.mark.slow
def test_choices_and_lists_come_back_with_the_text_that_is_taken_again(candidate, world):
    page = describe(candidate, world)
    candidate.write(page.get_by_label("Titre"), "Le plan de communication")
    candidate.choose(page.get_by_label("Nature"), "Budget, devis chiffré")
    kept = page.locator("fieldset").filter(has_text="Est-ce confidentiel").get_by_role("radio").last
    candidate.tick(kept)
    words = page.locator(f"label[for={kept.get_attribute('id')}]").evaluate(
        "(label) => label.firstChild.textContent.trim()"
    )
    page.wait_for_timeout(600)
    page.on("dialog", lambda dialog: dialog.accept())
    page = describe(candidate, world)
    panel = page.get_by_role("region", name="Texte retrouvé")
    for text in ("Le plan de communication", "Budget, devis chiffré", words):
        expect(panel.get_by_text(text, exact=True)).to_be_visible()
    candidate.check()
    candidate.press(page.get_by_role("button", name="Reprendre ce texte"))
    expect(page.get_by_label("Titre")).to_have_value("Le plan de communication")
    expect(page.get_by_label("Nature")).to_have_value("budget")
    expect(page.locator("fieldset").filter(has_text="Est-ce confidentiel").get_by_role("radio").last).to_be_checked()
    candidate.press(page.get_by_role("button", name="Enregistrer"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Le plan de communication")


@pytest.mark.parametrize(
    "manner", [Manner(), Manner(Keyboard(), width=390, schemes=("light", "dark"))], ids=["mouse", "keyboard on a phone"]
)
def test_a_form_saved_offline_stays_and_leaves_when_the_network_is_back(candidate, world):
    page = describe(candidate, world)
    candidate.write(page.get_by_label("Titre"), "Écrit dans un tunnel")
    page.context.set_offline(True)
    candidate.press(page.get_by_role("button", name="Enregistrer"))
    expect(page.get_by_text(HELD)).to_be_visible()
    expect(page.get_by_label("Titre")).to_have_value("Écrit dans un tunnel")
    candidate.check()
    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text("Écrit dans un tunnel")


def experiences(database: Database, world: factories.World) -> int:
    with database.reader() as session:
        return (
            session.scalar(
                select(func.count()).select_from(Experience).where(Experience.candidacy_id == world.candidacy.id)
            )
            or 0
        )


def fill_experience(candidate: Window, page: Page) -> None:
    candidate.write(page.get_by_label("Votre fonction"), "Cheffe de gare")
    candidate.write(page.get_by_label("La structure"), "La gare")


@pytest.mark.slow
def test_a_button_pressed_again_while_a_form_waits_makes_one_record(candidate, world, database):
    page = candidate.open(f"{dossier(world)}/experiences/ajouter")
    before = experiences(database, world)
    fill_experience(candidate, page)
    page.context.set_offline(True)
    button = page.get_by_role("button", name="Enregistrer")
    candidate.press(button)
    candidate.press(button)
    expect(page.get_by_text(HELD)).to_have_count(1)
    # Pressed as the network comes back: a moment later the form has left by itself, with its button.
    button.evaluate("(button) => addEventListener('online', () => button.click())")
    page.context.set_offline(False)
    expect(page).not_to_have_url(re.compile("ajouter"))
    assert experiences(database, world) == before + 1


def test_a_text_sent_whose_answer_was_lost_and_taken_again_makes_one_record(candidate, world, database):
    page = candidate.open(f"{dossier(world)}/experiences/ajouter")
    before = experiences(database, world)
    fill_experience(candidate, page)

    def lose(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort()

    page.route(
        "**/experiences/ajouter", lambda route: lose(route) if route.request.method == "POST" else route.continue_()
    )
    page.get_by_role("button", name="Enregistrer").click()
    for _ in range(100):
        if experiences(database, world) > before:
            break
        page.wait_for_timeout(50)
    page.unroute_all()
    page.on("dialog", lambda dialog: dialog.accept())
    page = candidate.open(f"{dossier(world)}/experiences/ajouter")
    candidate.press(page.get_by_role("button", name="Reprendre ce texte"))
    candidate.press(page.get_by_role("button", name="Enregistrer"))
    expect(page).not_to_have_url(re.compile("ajouter"))
    assert experiences(database, world) == before + 1


@pytest.mark.slow
def test_a_form_waits_for_a_server_that_does_not_answer(candidate, world):
    page = describe(candidate, world)
    candidate.write(page.get_by_label("Titre"), "Le réseau est là, pas le serveur")
    page.route("**/*", lambda route: route.abort("internetdisconnected"))
    page.wait_for_timeout(10_500)  # a page that has just come does not ask
    candidate.press(page.get_by_role("button", name="Enregistrer"))
    expect(page.get_by_text(HELD)).to_be_visible()
    page.unroute_all()
    expect(page.get_by_role("heading", level=1)).to_have_text("Le réseau est là, pas le serveur", timeout=12_000)


@pytest.mark.slow
def test_small_files_sent_offline_go_when_the_network_is_back(candidate, world, database, tmp_path):
    page = candidate.open(f"{dossier(world)}/preuves/ajouter")
    before = pieces_of(database, world)
    candidate.attach(page.locator("input[type=file]:not([capture])"), written(tmp_path / "n", "un.txt", "deux.txt"))
    page.context.set_offline(True)
    candidate.press(page.get_by_role("button", name="Envoyer", exact=True))
    expect(page.locator(".upload__state").get_by_text("La connexion est coupée.")).to_be_visible()
    candidate.check()
    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text("Répondre pour plusieurs pièces")
    assert pieces_of(database, world) == before + 2
