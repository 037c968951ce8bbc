"""The summons on the page of a session, and on the own pages of who is summoned."""

from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.domain.jury.models.statements import Summons
from portfolio.domain.jury.rules.passage import ScheduleInput, SessionHours, SummonsAnswer
from portfolio.domain.jury_session.use_cases import schedule
from portfolio.french_text import NBSP
from portfolio.web.clock import now, today
from tests import factories
from tests.assessment import builders as assessed
from tests.jury import builders as stage
from tests.jury.builders import Scene
from tests.jury.pages import as_certifier, staged
from tests.jury.panels import candidate_before
from tests.page import CheckedClient

HELD_ON = today() + timedelta(days=20)
HOURS = SessionHours(9 * 60, 17 * 60, 60, 0, None, None)


@pytest.fixture
def made(store: Database) -> Scene:
    """A jury in twenty days, without hours and without any letter."""
    return staged(store, held_on=HELD_ON, ready=False)


def fix_hours(store: Database, session_id, by, held_on=HELD_ON) -> None:
    with store.transaction() as session:
        revision = session.get_one(JurySession, session_id).schedule_revision or 0
        day = ScheduleInput(held_on, "12 rue de l’Église, Bordeaux", hours=HOURS)
        schedule.set_schedule(session, session_id, day, revision=revision, by=by, at=now())


def letters(store: Database) -> int:
    with store.reader() as session:
        kinds = ("summons", "hearing_scheduled")
        return len(session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind.in_(kinds))).all())


def words(page) -> str:
    return page.text.replace(NBSP, " ")


def test_the_summons_are_offered_once_the_hours_stand_and_leave_by_one_button(
    client: CheckedClient, store: Database, made: Scene
):
    as_certifier(client, made)
    here = f"/sessions/{made.session_id}"
    page = client.page(here)
    assert "fixez d’abord les heures" in words(page)
    told = "Aucune convocation n’est encore écrite pour Paul Marin, Aya Diallo, Luc Roux, Inès Faure, Zoé Petit et "
    assert told in words(page), "the presidency first, then the seats"
    assert "Écrire les 6 convocations" not in words(page)
    assert client.send(f"{here}/convocations", form=here).status_code == 409
    assert letters(store) == 0
    fix_hours(store, made.session_id, made.certifier.id)
    assert "Écrire les 6 convocations" in words(client.page(here))
    assert client.send(f"{here}/convocations", form=here).status_code == 303
    assert letters(store) == 6
    assert "Écrire les" not in words(client.page(here))


def test_an_irregular_jury_is_said_before_its_summons(client: CheckedClient, store: Database):
    made = staged(store, held_on=HELD_ON, ready=False, members=stage.FIVE[:4])
    fix_hours(store, made.session_id, made.certifier.id)
    as_certifier(client, made)
    text = words(client.page(f"/sessions/{made.session_id}"))
    assert "La composition du jury n’est pas régulière" in text
    assert text.index("La composition du jury n’est pas régulière") < text.index("Écrire les 5 convocations")


@pytest.mark.records("passage_ordered")
def test_a_new_order_shows_at_once_who_holds_a_wrong_hour(client: CheckedClient, store: Database, made: Scene):
    with store.transaction() as session:
        candidate_before(session, made, "Yanis Cordier", made.session_id)
    fix_hours(store, made.session_id, made.certifier.id)
    as_certifier(client, made)
    here = f"/sessions/{made.session_id}"
    client.send(f"{here}/convocations", form=here)
    client.send(f"{here}/passage", form=here)  # the first one passes after the second
    text = words(client.page(here))
    assert text.count("convocation à mettre à jour") == 2
    assert "de 9 h à 10 h" in text
    assert "Écrire les 2 mises à jour" in text
    before = letters(store)
    client.send(f"{here}/convocations", form=here)
    assert letters(store) == before + 2
    assert "convocation à mettre à jour" not in words(client.page(here))


@pytest.mark.records("summons_answered")
def test_a_candidate_finds_hour_place_calendar_and_answer_at_home(client: CheckedClient, store: Database, made: Scene):
    client.log_in(made.candidate.email, factories.PASSWORD)
    home = f"/dossiers/{made.candidacy_id}"
    assert "Votre convocation" not in words(client.page(home))
    fix_hours(store, made.session_id, made.certifier.id)
    write(store, made)
    page = client.page(home)
    for needed in ("Votre convocation", "De 9 h à 10 h", "12 rue de l’Église, Bordeaux", "Je viens"):
        assert needed in words(page)
    link = next(each["href"] for each in page.all("a") if each.get("href", "").endswith("/agenda"))
    sent = client.get(link)
    assert sent.headers["Content-Type"].startswith("text/calendar")
    assert str(Calendar.from_ical(sent.text)["METHOD"]) == "REQUEST"
    client.send(link.removesuffix("/agenda"), {"answer": "received"}, form=home)
    with store.reader() as session:
        row = session.scalars(select(Summons).where(Summons.hearing_id == made.hearing_id)).one()
        assert row.answer is SummonsAnswer.RECEIVED
    assert "vous venez" in words(client.page(home))
    fix_hours(store, made.session_id, made.certifier.id, HELD_ON + timedelta(days=1))
    assert "Cette convocation va être remplacée" in words(client.page(home))


def write(store: Database, made: Scene) -> None:
    with store.transaction() as session:
        jury = session.get_one(JurySession, made.session_id)
        schedule.write_due_summons(session, jury, by=made.certifier.id, at=now())


def test_an_apprentice_finds_the_summons_and_the_day_itself_at_home(client: CheckedClient, store: Database):
    with store.transaction() as session:
        made = assessed.ground(session)
        candidacy = assessed.candidacy(session, made, Route.APPRENTICESHIP)
        candidacy.candidate.password_hash = factories._hash
        assessed.all_results(session, made, candidacy.id)
        submission = assessed.sealed_record(session, made, candidacy.id, at=now() - timedelta(days=1))
        jury, people = assessed.session_of(session, made, held_on=today(), at=now() - timedelta(days=1))
        assessed.hearing_of(session, made, submission, jury, people)
        stage.summon_session(session, jury, now())
        email, home = candidacy.candidate.email, f"/dossiers/{candidacy.id}/parcours"
    client.log_in(email, factories.PASSWORD)
    text = words(client.page(home))
    assert "Le jury se réunit aujourd’hui" in text
    assert "Votre convocation" in text
    assert "Je viens" in text
