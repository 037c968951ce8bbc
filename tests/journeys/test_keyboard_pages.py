"""The pages that help a candidate to finish, by keyboard alone, on a telephone and on a computer."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.description import Authorship
from tests import factories
from tests.journeys.conftest import Manner, Window
from tests.journeys.keyboard import IN_SIGHT, SHOWS_FOCUS, USABLE, Keyboard, unreached
from tests.journeys.test_capture import LIST, photo

pytestmark = [pytest.mark.journey, pytest.mark.slow]
HERE = "document.activeElement"
SILENT = ("Photo du marché", "Photo de l’étal")
DOSSIER = "/dossiers/{candidacy}"
PAGES = (
    "/capturer",
    "/compte/notifications",
    *(
        DOSSIER + path
        for path in (
            "",
            "?sans-preuve=1",
            "/rythme",
            "/entrainement",
            "/experiences",
            "/experiences/ajouter",
            "/textes",
            "/grille",
            "/preuves",
            "/preuves/ajouter",
            "/preuves/repondre",
            "/preuves/reprendre",
            "/preuves/{piece}",
            "/preuves/{piece}/description",
            "/preuves/{piece}/decrire/1",
            "/preuves/{piece}/competences",
            "/competences/{competency}",
            "/competences/{competency}/preuves",
            "/competences/{competency}/versions",
            "/depot",
            "/depot/lecture",
        )
    ),
)
ADVISOR_PAGES = (
    "/accompagnement",
    "/accompagnement/message",
    "/accompagnement/{candidacy}",
    "/accompagnement/{candidacy}/competences/{competency}",
    DOSSIER + "/entrainement",
)
CERTIFIER_PAGES = ("/organisme/chiffres",)


@pytest.fixture(params=[Manner(Keyboard(), width=320, schemes=("light", "dark")), Manner(Keyboard(), width=1280)])
def manner(request: pytest.FixtureRequest) -> Manner:
    return request.param


@pytest.fixture
def world(database: Database) -> factories.World:
    """A dossier with two pieces of which nothing is answered."""
    made = factories.begin_world(database)
    with database.transaction() as session:
        for number, title in enumerate(SILENT, 200):
            piece = factories.evidence(session, made.candidacy.id, number, title)
            piece.authorship = piece.confidentiality = piece.anonymity = None
    return made


def walk(page: Page) -> list[str]:
    """Return what is wrong with the stops of a page: the skip link first, each one drawn and in sight, none left out."""
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    page.keyboard.press("Tab")
    faults = [] if page.evaluate(f"{HERE}.textContent.trim()") == "Aller au contenu" else ["the skip link is not first"]
    for _ in range(page.evaluate(f"({USABLE})().length")):
        if page.evaluate(f"{HERE} === document.body"):
            break
        # A date and a month have stops of their own, which the browser draws inside them.
        if not page.evaluate(
            f"['date', 'month'].includes({HERE}.type) || ({SHOWS_FOCUS})({HERE}) && ({IN_SIGHT})({HERE})"
        ):
            faults.append(page.evaluate(f"{HERE}.outerHTML.slice(0, 100)"))
        page.keyboard.press("Tab")
    return [f"{page.url} : {fault}" for fault in faults + unreached(page)]


@pytest.mark.parametrize(
    ("who", "paths"), [("candidate", PAGES), ("advisor", ADVISOR_PAGES), ("certifier", CERTIFIER_PAGES)]
)
def test_every_stop_is_drawn_reached_and_left(window, world, who, paths):
    theirs: Window = window()
    theirs.log_in(getattr(world, who).email)
    ids = {"candidacy": world.candidacy.id, "competency": world.competencies[0].id, "piece": world.pieces[0].id}
    faults = []
    for path in paths:
        page = theirs.open(path.format(**ids))
        assert page.get_by_role("heading", level=1).count() == 1, page.url
        theirs.check()  # a page that still slides has not brought the stop in sight: it moves no more from here on
        faults += walk(page)
    assert not faults, "\n".join(faults)


def test_the_acts_of_a_rhythm_a_conversation_and_a_capture_need_no_mouse(window, world, tmp_path: Path):
    hers: Window = window()
    hers.log_in(world.candidate.email)
    page = hers.open(f"/dossiers/{world.candidacy.id}/competences/{world.competencies[0].id}")
    hers.press(page.get_by_role("button", name="Une question à la fois"))
    expect(page.locator("textarea:focus")).to_have_count(1)
    first = page.evaluate(f"{HERE}.name")
    hers.press(page.locator('[data-conversation] [data-part="next"]'))
    assert page.evaluate(f"{HERE}.name") != first

    page = hers.open("/capturer")
    hers.attach(page.locator("#pages"), photo(tmp_path, 1))
    expect(page.locator(LIST)).to_have_count(1)
    hers.attach(page.locator("[data-line=page]"), photo(tmp_path, 2))
    expect(page.locator(LIST)).to_contain_text("2 pages")
    assert page.evaluate(f"{HERE}.dataset.line") == "page", "the keyboard stays on what it used"
    hers.press(page.locator("[data-line=end]"))
    expect(page.locator(LIST)).to_have_count(0, timeout=30_000)
    assert page.evaluate(f"{HERE}.id") == "photo", "the keyboard does not fall off the page"

    page = hers.open(f"/dossiers/{world.candidacy.id}/rythme")
    hers.press(page.get_by_text("J’arrête mon parcours"))
    # In one go: the page may still scroll.
    drawn = "(buttons) => buttons.map((each) => each.getBoundingClientRect().toJSON())"
    boxes = page.locator("details[open] button").evaluate_all(drawn)
    apart = [
        max(two["y"] - one["y"] - one["height"], two["x"] - one["x"] - one["width"]) for one, two in pairwise(boxes)
    ]
    assert min(apart) >= 8, "a thumb that slips gives another reason"
    hers.press(page.get_by_role("button", name="Je n’ai pas le temps"))
    hers.press(page.get_by_role("button", name="Je reprends"))
    expect(page.get_by_text("J’arrête mon parcours")).to_be_visible()


def test_several_pieces_are_answered_at_once_without_a_mouse(window, world, database):
    hers: Window = window()
    hers.log_in(world.candidate.email)
    page = hers.open(f"/dossiers/{world.candidacy.id}/depot")
    hers.press(page.get_by_role("link", name="Répondre en une fois"))
    for answer in ("C’est mon travail", "Rien de confidentiel", re.compile("^La pièce ne cite aucune autre personne")):
        hers.tick(page.get_by_role("radio", name=answer))
    hers.press(page.get_by_text("Voir les pièces, en retirer").first)
    hers.press(page.get_by_role("button", name="Enregistrer ces réponses"))
    expect(page.get_by_text("Vos réponses sont enregistrées pour 2")).to_be_visible()
    with database.reader() as session:
        pieces = session.scalars(
            select(Evidence).where(Evidence.candidacy_id == world.candidacy.id, Evidence.title.in_(SILENT))
        ).all()
        assert [piece.authorship for piece in pieces] == [Authorship.MINE] * 2
