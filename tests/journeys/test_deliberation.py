"""Five members deliberate at once, each in their own browser, beside a projected screen."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portfolio.calendar import PARIS
from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.rules.enums import FindingValue
from portfolio.domain.jury.rules.opinions import OpinionInput
from portfolio.domain.jury_session.use_cases import deliberation
from portfolio.on_commit import open_database
from tests.journeys.conftest import Server, Window, serving
from tests.jury.builders import Scene, find, scene
from tests.thoroughness import DATABASES_OF_LONG_PATHS

pytestmark = [pytest.mark.journey, pytest.mark.slow]
SECRET = "Je doute de ce budget."
# A screen shows a change within two seconds; the machine of the tests is shared.
SHOWN_MS = 20_000
# Longer than the time between two reads of the page.
HELD_MS = 4_000


@pytest.fixture(params=DATABASES_OF_LONG_PATHS)
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    with serving(database_url, tmp_path) as found:
        yield found


@pytest.fixture
def store(server: Server) -> Iterator[Database]:
    opened = open_database(server.env["DATABASE_URL"])
    yield opened
    opened.engine.dispose()


def test_five_browsers_deliberate_at_once(server: Server, window: Callable[..., Window], store: Database) -> None:
    made = scene(store, held_on=datetime.now(PARIS).date())
    jurors = {seat: window(1280 if seat is Seat.PRESIDENT else 390) for seat in made.members}
    for seat, who in jurors.items():
        who.log_in(made.members[seat].email)
        who.open(f"/jurys/{made.hearing_id}/deliberation")
        who.check()
    shared = window(1280)
    shared.log_in(made.president.email)
    shared.open(f"/jurys/{made.hearing_id}/deliberation?ecran=partage")
    shared.check()
    everyone = [*jurors.values(), shared]

    _give_opinions(store, made, jurors, everyone)
    _vote(made, jurors, everyone)
    _lose_a_race(store, made, jurors[Seat.PRESIDENT], shared)


def _give_opinions(store: Database, made: Scene, jurors: dict[Seat, Window], everyone: list[Window]) -> None:
    """Opinions stay hidden until the fifth member gives theirs; then every screen shows them, the divergence first."""
    for number, (seat, who) in enumerate(jurors.items()):
        value = FindingValue.NOT_ACQUIRED if seat is Seat.TEACHER_TRAINER else FindingValue.ACQUIRED
        with store.transaction() as session:
            for index, competency in enumerate(made.competencies):
                opinion = OpinionInput(
                    value if index == 2 else FindingValue.ACQUIRED, SECRET if value is not FindingValue.ACQUIRED else ""
                )
                by, at = made.members[seat].id, datetime.now(UTC)
                deliberation.record_opinion(session, made.hearing_id, competency.id, opinion, revision=0, by=by, at=at)
        page = who.open(f"/jurys/{made.hearing_id}/avis")
        who.check()
        who.tick(page.get_by_label(re.compile("^Je remets mes avis")))
        if number == len(jurors) - 1:
            for other in everyone:
                if other is not who:
                    assert SECRET not in other.page.content()
                    assert "avis opposés" not in other.page.content()
        who.press(page.get_by_role("button", name="Remettre mes avis"))
        expect(page.get_by_role("heading", level=1)).to_contain_text("Délibération")
    for who in everyone:
        expect(who.page.get_by_text("Les avis sont ouverts.")).to_be_visible(timeout=SHOWN_MS)
        expect(who.page.locator(".opinion").first).to_contain_text("avis opposés")
        expect(who.page.locator(".opinion").first).to_contain_text(SECRET)
        who.check()


def _vote(made: Scene, jurors: dict[Seat, Window], everyone: list[Window]) -> None:
    """The president opens a vote; the buttons come to each phone; the count shows when the fifth has voted."""
    president = jurors[Seat.PRESIDENT]
    president.press(president.page.get_by_role("button", name="Faire voter le bloc 1"))
    buttons = {}
    for seat, who in jurors.items():
        block = _block(who.page, made)
        buttons[seat] = block.get_by_role(
            "button", name="Contre" if seat is Seat.TEACHER_TRAINER else "Pour", exact=True
        )
        expect(buttons[seat]).to_be_visible(timeout=SHOWN_MS)
        who.check()
        expect(block.get_by_text("voix pour")).to_have_count(0)
    *_, fourth, fifth = jurors
    for seat, who in jurors.items():
        if seat is fifth:
            who.page.wait_for_timeout(HELD_MS)
            who.page.mouse.up()
        else:
            if seat is fourth:
                # The fifth keeps a finger on the button meanwhile: the part read again loses no click.
                jurors[fifth].page.wait_for_timeout(HELD_MS)
                buttons[fifth].hover()
                jurors[fifth].page.mouse.down()
            who.press(buttons[seat])
        expect(who.page.get_by_text("Votre vote est enregistré.")).to_be_visible(timeout=SHOWN_MS)
    for who in everyone:
        expect(_block(who.page, made).get_by_text("4 voix pour, 1 voix contre")).to_be_visible(timeout=SHOWN_MS)


def _lose_a_race(store: Database, made: Scene, president: Window, shared: Window) -> None:
    """The same decision in two windows: the second to save reads the first one's choice beside their own text."""
    for competency in made.blocks[0].competencies:
        find(store, made, competency)
    path = f"/jurys/{made.hearing_id}/blocs/{made.blocks[0].id}"
    first, second = president.open(path), shared.open(path)
    shared.tick(second.get_by_label("Non validé", exact=True))
    shared.write(second.get_by_label("Motif de la décision"), "Un texte à ne pas perdre.")
    president.tick(first.get_by_label("Validé", exact=True))
    president.press(first.get_by_role("button", name="Enregistrer la décision"))
    expect(first.get_by_text("La décision est enregistrée").first).to_be_visible()
    shared.press(second.get_by_role("button", name="Enregistrer la décision"))
    expect(second.get_by_label("Motif de la décision")).to_have_value("Un texte à ne pas perdre.")
    expect(second.get_by_text("Validé").first).to_be_visible()
    shared.check()


def _block(page: Page, made: Scene):  # type: ignore[no-untyped-def]  # a locator
    return page.locator(f"#bloc-{made.blocks[0].id}")
