"""A jury is made ready from three letters: a juror fills in their card, answers a summons, and is replaced on
the day.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portfolio.calendar import PARIS
from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.models.sessions import JuryMember
from portfolio.domain.jury.rules.enums import TiesAnswer
from portfolio.domain.jury.rules.juror_card import JurorCard
from portfolio.domain.jury.rules.passage import SendingReason
from portfolio.domain.jury_session.use_cases import letters, pool
from portfolio.on_commit import open_database
from tests import factories
from tests.journeys.conftest import Server, Window, own_server
from tests.jury.builders import TEACHER, Scene, scene

pytestmark = [pytest.mark.journey, pytest.mark.slow]
server = own_server
# How many times a certifier presses, ticks, chooses or types to replace a member on the day, from the home of
# the body.
MAX_ACTIONS = 15


@dataclass
class CountedWindow:
    """A window that counts what its person does."""

    window: Window
    actions: int = 0

    def press(self, target) -> None:  # type: ignore[no-untyped-def]  # a locator
        self.actions += 1
        self.window.press(target)
        self.window.check()


@pytest.fixture(scope="module")
def store(server: Server) -> Iterator[Database]:
    opened = open_database(server.env["DATABASE_URL"])
    yield opened
    opened.engine.dispose()


@pytest.fixture(scope="module")
def made(store: Database) -> Scene:
    """A jury of five who meet today; another teacher is in the pool."""
    today = datetime.now(PARIS)
    found = scene(store, held_on=today.date(), sealed_at=datetime.now(UTC) - timedelta(days=1))
    with store.transaction() as session:
        card = JurorCard("Nina Roy", "roy@exemple.fr", seats=(Seat.TEACHER_TRAINER,), ties_answer=TiesAnswer.NONE)
        factories.person(session, card.name, card.email)
        pool.add_juror(session, found.body_id, card, by=found.certifier.id, at=datetime.now(UTC))
    return found


def link_in_letter(store: Database, kind: EmailTemplate, path: str) -> str:
    """Return the path of the link in the last letter of a kind."""
    with store.reader() as session:
        query = select(OutgoingEmail).where(OutgoingEmail.kind == kind).order_by(OutgoingEmail.created_at.desc())
        letter = session.scalars(query).first()
        assert letter is not None
        found = re.search(rf"/{path}/[\w-]+", letter.text)
        assert found, letter.text
        return found.group()


def test_a_juror_fills_in_their_card_on_a_phone_by_the_link_of_a_letter(
    made: Scene, store: Database, window: Callable[..., Window]
) -> None:
    with store.transaction() as session:
        juror = session.scalars(select(Juror).where(Juror.email == "roy@exemple.fr")).one()
        pool.send_card_link(session, juror, by=made.certifier.id, at=datetime.now(UTC))
    who = window(390)
    page = who.open(link_in_letter(store, EmailTemplate.JUROR_CARD, "fiche-jure"))
    who.check()
    who.write(page.get_by_role("textbox", name=re.compile("^Fonction")), "Formatrice")
    who.write(page.get_by_role("textbox", name=re.compile("^Employeur")), "Atelier du Nord")
    who.press(page.get_by_text("Ajouter des jours"))
    # A day that ends before it begins: nothing typed is lost.
    who.write(page.get_by_label("Du", exact=True).first, "2030-05-04")
    who.write(page.get_by_label("Au (vide pour un seul jour)").first, "2030-05-02")
    who.press(page.get_by_role("button", name="Enregistrer mes réponses"))
    who.check()
    expect(page.get_by_role("textbox", name=re.compile("^Employeur"))).to_have_value("Atelier du Nord")
    who.write(page.get_by_label("Au (vide pour un seul jour)").first, "2030-05-06")
    who.press(page.get_by_role("button", name="Enregistrer mes réponses"))
    expect(page.get_by_text("Vos réponses sont enregistrées").first).to_be_visible()
    who.check()
    with store.reader() as session:
        card = session.scalars(select(Juror).where(Juror.email == "roy@exemple.fr")).one()
        assert (card.employer, card.quality, len(card.periods)) == ("Atelier du Nord", "Formatrice", 1)
        assert card.filled_at is not None


def test_a_summons_is_acknowledged_by_the_link_of_the_letter(
    made: Scene, store: Database, window: Callable[..., Window]
) -> None:
    with store.transaction() as session:
        here = JuryMember.session_id == made.session_id, JuryMember.seat == Seat.TEACHER_TRAINER
        member = session.scalars(select(JuryMember).where(*here)).one()
        letters.summon_member(session, member, member.session, at=datetime.now(UTC), reason=SendingReason.CHANGED)
    who = window(390)
    page = who.open(link_in_letter(store, EmailTemplate.SUMMONS, "convocation"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Votre convocation au jury du")
    who.check()
    who.press(page.get_by_role("button", name="Je viens"))
    expect(page.get_by_text("Vous venez", exact=True)).to_be_visible()
    who.check()
    certifier = window(1280)
    certifier.log_in(made.certifier.email)
    line = certifier.open(f"/sessions/{made.session_id}").locator("#convocations li").filter(has_text=TEACHER.name)
    expect(line).to_contain_text("vient")


def test_a_member_who_cannot_come_is_replaced_on_the_day_in_few_actions(
    made: Scene, store: Database, window: Callable[..., Window]
) -> None:
    with store.transaction() as session:
        here = JuryMember.session_id == made.session_id, JuryMember.seat == Seat.TEACHER_TRAINER
        member = session.scalars(select(JuryMember).where(*here)).one()
        withdrawn = member.name
        letters.summon_member(session, member, member.session, at=datetime.now(UTC), reason=SendingReason.CHANGED)
    who = window(390)
    page = who.open(link_in_letter(store, EmailTemplate.SUMMONS, "convocation"))
    who.press(page.get_by_role("button", name="Je ne peux pas venir"))
    expect(page.get_by_text("Vous ne pouvez pas venir").first).to_be_visible()
    certifier = window(390)
    certifier.log_in(made.certifier.email)
    hands = CountedWindow(certifier)
    page = certifier.open("/sessions")
    hands.press(page.locator(f'a[href="/sessions/{made.session_id}"]').first)
    line = page.locator("#convocations li").filter(has_text=withdrawn)
    expect(line).to_contain_text("ne peut pas venir")
    hands.press(line.get_by_role("link", name=re.compile("^Remplacer")))
    expect(page.get_by_text("jury régulier pour tous").first).to_be_visible()
    # Presences were checked: the jury has begun.
    why = page.get_by_label("Pourquoi la séance commencée s’arrête")
    hands.press(why)
    why.fill("Train supprimé.")
    hands.press(
        page.get_by_role("listitem").filter(has_text="Nina Roy").get_by_role("button", name="Nommer à sa place")
    )
    expect(page.get_by_text("Nina Roy").first).to_be_visible()
    assert hands.actions <= MAX_ACTIONS
    # Everything is asked again of the new composition: only what the newcomer has still to sign is missing.
    page = certifier.open(f"/jurys/{made.hearing_id}/presence")
    certifier.check()
    expect(page.get_by_role("heading", level=2).first).to_be_visible()
    expect(page.get_by_text("Nina Roy").first).to_be_visible()
    newcomer = window(390)
    newcomer.log_in("roy@exemple.fr")
    page = newcomer.open("/jurys")
    newcomer.check()
    expect(page.get_by_role("heading", name=re.compile("^Déclarez si un lien existe"))).to_be_visible()
    former = window(390)
    former.log_in(TEACHER.email)
    former.open("/jurys")
    assert former.page.request.get(f"{former.address}/jurys/{made.hearing_id}/parcours").status == 404
