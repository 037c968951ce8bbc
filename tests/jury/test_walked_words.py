"""Sentences that a walk of three candidates found false: each person reads only what the rows bear."""

from datetime import timedelta

import pytest

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.french_text import NBSP
from portfolio.web.clock import now, today
from tests import factories
from tests.jury.builders import FIVE, Scene, check, close, deliberate
from tests.jury.pages import as_certifier, as_member, hearing, staged
from tests.jury.panels import candidate_before
from tests.jury.test_summons_pages import fix_hours, write
from tests.notification.builders import decided, speak, tell
from tests.page import CheckedClient, Page


@pytest.fixture
def made(store: Database) -> Scene:
    """A jury that sits today, ready to deliberate."""
    return staged(store)


def words(page: Page) -> str:
    return " ".join(page.text.replace(NBSP, " ").split())


def stop_before_names(text: str, after: str) -> list[str]:
    """Return the names of the five members in the order in which a part of a page says them."""
    part = text[text.index(after) :]
    return sorted((naming.name for naming in FIVE), key=part.index)


def test_the_result_is_not_done_before_its_letter(client: CheckedClient, store: Database):
    made = decided(store)
    speak(store, made)
    as_certifier(client, made)
    here = f"/candidatures/{made.candidacy_id}"
    before = words(client.page(here))
    assert "Notifier le résultat" in before
    assert "Résultat , étape en cours" in before
    minutes = hearing(made, "/resultat")
    assert "à partir du jour où l’organisme lui envoie la lettre" in words(client.page(minutes))
    tell(store, made)
    assert "La lettre de résultat est partie le" in words(client.page(minutes))
    after = words(client.page(here))
    assert "Notifier le résultat" not in after
    assert "Résultat , fait" in after
    assert "Toutes les étapes sont faites" not in after, "its certificates are not signed"


def test_the_presidency_comes_first_where_the_minutes_are_signed(client: CheckedClient, store: Database, made: Scene):
    deliberate(store, made, refused=(2,))
    as_member(client, made)
    told = words(client.page(hearing(made, "/cloture")))
    assert stop_before_names(told, "Ce qui entre au procès-verbal") == [naming.name for naming in FIVE]
    close(store, made, now())
    page = words(client.page(hearing(made, "/resultat")))
    assert stop_before_names(page, "Signatures des membres") == [naming.name for naming in FIVE]
    # Who signed the minutes by closing them is not said without signature.
    assert f"{made.president.name} : a signé à la clôture" in page
    assert page.count("pas encore de signature") == len(FIVE) - 1


def test_an_order_that_no_longer_changes_names_no_button(client: CheckedClient, store: Database, made: Scene):
    with store.transaction() as session:
        candidate_before(session, made, "Yanis Cordier", made.session_id)
        jury = session.get_one(JurySession, made.session_id)
        jury.start_minute, jury.end_minute, jury.interview_minutes = 540, 1020, 60
        for number, heard in enumerate(jury.hearings):
            heard.start_minute, heard.end_minute = 540 + 60 * number, 600 + 60 * number
    as_certifier(client, made)
    here = f"/sessions/{made.session_id}"
    assert "« Passer avant »" in words(client.page(here))
    deliberate(store, made)
    close(store, made, now())
    page = words(client.page(here))
    assert "Ordre de passage" in page
    assert "Passer avant" not in page


def test_who_is_noted_absent_is_no_longer_asked_whether_they_come(client: CheckedClient, store: Database):
    made = staged(store, held_on=today() + timedelta(days=1))
    fix_hours(store, made.session_id, made.certifier.id, today() + timedelta(days=1))
    write(store, made)
    client.log_in(made.candidate.email, factories.PASSWORD)
    home = f"/dossiers/{made.candidacy_id}"
    assert "Je ne peux pas venir" in words(client.page(home))
    check(store, made, [member.id for member in made.members.values()], Attendance.EXCUSED)
    assert "Je ne peux pas venir" not in words(client.page(home))


def test_an_absent_candidate_waits_and_the_jury_has_nothing_to_decide(
    client: CheckedClient, store: Database, made: Scene
):
    check(store, made, [member.id for member in made.members.values()], Attendance.ABSENT)
    as_member(client, made, Seat.TEACHER_TRAINER)
    page = words(client.page(hearing(made)))
    assert "n’est pas là" in page
    assert "affichée après vos avis" not in page
    close(store, made, now())
    client.log_in(made.candidate.email, factories.PASSWORD)
    home = words(client.page(f"/dossiers/{made.candidacy_id}"))
    assert "Votre dossier attend un autre jury" in home
    assert "ce que vous pouvez faire" not in home


def test_presence_that_is_not_noted_is_to_note_and_nobody_is_waited_for(client: CheckedClient, store: Database):
    made = staged(store, ready=False)
    as_certifier(client, made)
    page = words(client.page(hearing(made, "/presence")))
    assert "Les présences ne sont pas encore notées" in page
    assert "notez qui est là" in page
    assert "Attendez les membres absents" not in page
