"""A suspended sitting and an absence, as each person reads them, and the letters that say so."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.documents.minutes import minutes_pdf
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.rules.deliberation import ClosingErrorCode
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.jury_session.use_cases import suspension
from portfolio.domain.jury_session.use_cases.closing import preview_closing
from portfolio.domain.notification.use_cases.document_data import find_minutes_data
from portfolio.french_text import NBSP, date_fr
from portfolio.web.clock import now, today
from portfolio.wording.documents.minutes import minutes_value
from tests import factories
from tests.assessment import builders
from tests.documents.reading import words_of
from tests.jury.builders import Scene, check, close, deliberate
from tests.jury.pages import SIGNED, as_certifier, as_member, hearing, staged
from tests.page import CheckedClient, page_of

LATER = today() + timedelta(days=7)
LATER_FR = date_fr(LATER).replace(NBSP, " ")
REASON = "Une pièce illisible est à relire."


@pytest.fixture
def made(store: Database) -> Scene:
    made = staged(store)
    deliberate(store, made)
    return made


def leave(client: CheckedClient) -> None:
    """End the session, so that another person can log in."""
    client.delete_cookie("acquis")


def suspend(store: Database, made: Scene, resumes_on=LATER) -> None:
    with store.transaction() as session:
        suspension.adjourn(session, made.hearing_id, REASON, resumes_on, by=made.president.id, at=now())


def resume(store: Database, made: Scene) -> None:
    people = [member.id for member in made.members.values()]
    with store.transaction() as session:
        suspension.resume(session, made.hearing_id, people, by=made.president.id, at=now())


def letters(store: Database, kind: EmailTemplate) -> list[OutgoingEmail]:
    with store.reader() as session:
        return list(session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == kind)))


@pytest.mark.slow
def test_everybody_reads_the_day_of_the_resumption(client: CheckedClient, store: Database, made: Scene):
    suspend(store, made)
    planned = f"Reprise prévue le {LATER_FR}"
    for seat in made.members:
        leave(client)
        as_member(client, made, seat)
        for url in ("/jurys", hearing(made), hearing(made, "/deliberation")):
            assert planned in client.page(url).text, (seat, url)
    leave(client)
    as_certifier(client, made)
    assert planned in client.page(f"/sessions/{made.session_id}").text
    assert "séance suspendue" in client.page("/sessions").text
    assert LATER_FR in client.page(f"/candidatures/{made.candidacy_id}").text
    assert planned in page_of(client.get("/", follow_redirects=True).text).text
    leave(client)
    client.log_in(made.candidate.email, factories.PASSWORD)
    home = f"/dossiers/{made.candidacy_id}"
    for url in (home, f"{home}/resultats", f"/depots/{made.submission_id}"):
        page = client.page(url)
        assert "La séance du jury est suspendue" in page.text
        assert LATER_FR in page.text


def test_no_jury_is_said_able_to_deliberate_while_its_sitting_is_suspended(
    client: CheckedClient, store: Database, made: Scene
):
    suspend(store, made)
    as_member(client, made, Seat.PRESIDENT)
    page = client.page(hearing(made, "/presence"))
    assert "Le jury peut délibérer" not in page.text
    assert f"Reprise prévue le {LATER_FR}" in page.text


def test_a_person_of_another_route_and_their_certifier_read_the_suspension(client: CheckedClient, store: Database):
    with store.transaction() as session:
        ground = builders.ground(session)
        opened = builders.candidacy(session, ground, Route.APPRENTICESHIP)
        opened.candidate.password_hash = factories._hash
        builders.all_results(session, ground, opened.id)
        record = builders.sealed_record(session, ground, opened.id, now() - timedelta(days=2))
        day = {"held_on": today(), "at": now() - timedelta(days=1)}
        planned, people = builders.session_of(session, ground, **day)
        heard = builders.hearing_of(session, ground, record, planned, people, now())
        suspension.adjourn(session, heard, REASON, LATER, by=people[0].id, at=now())
        candidacy_id, email = opened.id, opened.candidate.email
    for reader, url in ((email, f"/dossiers/{candidacy_id}/parcours"),
                        (ground.certifier.email, f"/candidatures/{candidacy_id}/evaluations")):  # fmt: skip
        leave(client)
        client.log_in(reader, factories.PASSWORD)
        page = client.page(url)
        assert "La séance du jury est suspendue" in page.text
        assert f"Reprise prévue le {LATER_FR}" in page.text


def test_no_day_of_resumption_is_said_before_it_is_known(client: CheckedClient, store: Database, made: Scene):
    suspend(store, made, None)
    client.log_in(made.candidate.email, factories.PASSWORD)
    page = client.page(f"/dossiers/{made.candidacy_id}")
    assert "Le jour de la reprise vous sera écrit" in page.text
    assert "Le jury reprend" not in page.text


def test_the_first_page_and_that_of_the_hearing_ask_the_same_of_a_member(
    client: CheckedClient, store: Database, made: Scene
):
    as_member(client, made, Seat.EMPLOYEE_REPRESENTATIVE)
    for url in ("/jurys", hearing(made)):
        assert "Donnez vos avis" in client.page(url).text, url
    leave(client)
    as_member(client, made)
    assert "et il est là" not in client.page("/jurys").text


def test_a_suspended_sitting_is_not_closed(client: CheckedClient, store: Database, made: Scene):
    suspend(store, made)
    with store.reader() as session:
        faults = preview_closing(session, made.hearing_id, today()).faults
    assert [fault.code for fault in faults] == [ClosingErrorCode.SUSPENDED]
    leave(client)
    as_member(client, made)
    assert client.send(hearing(made, "/cloture"), SIGNED).status_code == 409
    assert "La séance est suspendue" in client.page(hearing(made, "/apercu")).text


@pytest.mark.records("resumption_written")
def test_the_resumption_is_written_once_to_the_candidate_and_to_the_jury(
    client: CheckedClient, store: Database, made: Scene
):
    suspend(store, made)
    leave(client)
    as_certifier(client, made)
    page, url = client.page(f"/sessions/{made.session_id}"), f"/sessions/{made.session_id}"
    assert "Écrire la reprise" in page.text
    sent = f"{url}/auditions/{made.hearing_id}/reprise"
    assert client.send(sent, form=url).status_code == 303
    found = letters(store, EmailTemplate.HEARING_RESUMES)
    assert len(found) == 6
    assert all(LATER_FR in letter.subject.replace(NBSP, " ") for letter in found)
    page = client.page(url)
    assert f"Reprise écrite pour le {LATER_FR}" in page.text
    assert "Écrire la reprise" not in page.text


@pytest.mark.records("resumption_set")
def test_the_day_of_the_resumption_is_set_later_and_written_anew(client: CheckedClient, store: Database, made: Scene):
    suspend(store, made, None)
    leave(client)
    as_certifier(client, made)
    page = client.page(f"/sessions/{made.session_id}")
    assert "Le jour de la reprise n’est pas encore fixé" in page.text
    assert "Écrire la reprise" not in page.text
    leave(client)
    as_member(client, made)
    typed = {"resumes_on": f"{LATER:%d/%m/%Y}"}
    form = hearing(made, "/suspension")
    assert client.send(hearing(made, "/suspension/reprise"), typed, form=form).status_code == 303
    assert f"Reprise prévue le {LATER_FR}" in client.page(hearing(made)).text
    past = {"resumes_on": f"{today() - timedelta(days=1):%d/%m/%Y}"}
    assert client.send(hearing(made, "/suspension/reprise"), past, form=form).status_code == 422


def test_minutes_hold_the_suspension_its_reason_and_the_resumption(client: CheckedClient, store: Database, made: Scene):
    suspend(store, made)
    resume(store, made)
    close(store, made, now())
    with store.reader() as session:
        (stop,) = session.scalars(select(Minutes)).one().composition["course"]["adjournments"]
        assert (stop["reason"], stop["resumes_on"], "resumed_at" in stop) == (REASON, LATER.isoformat(), True)
        data = find_minutes_data(session, made.hearing_id)
        assert data is not None
        said = words_of(minutes_pdf(minutes_value(data)))
    assert "Séance suspendue le" in said
    assert "Une pièce illisible est à relire" in said
    assert "Séance reprise le" in said
    leave(client)
    as_member(client, made)
    page = client.page(hearing(made, "/resultat"))
    assert "Séance suspendue le" in page.text
    assert "Séance reprise le" in page.text


@pytest.fixture
def absent(store: Database) -> Scene:
    made = staged(store)
    check(store, made, [member.id for member in made.members.values()], Attendance.ABSENT)
    return made


def test_an_absence_asks_for_no_decision_and_for_the_minutes(client: CheckedClient, absent: Scene):
    as_member(client, absent)
    page = client.page(hearing(absent, "/apercu"))
    assert "il manque la décision" not in page.text
    assert "Bloc par bloc" not in page.text
    for url in ("/jurys", hearing(absent), hearing(absent, "/presence")):
        assert client.page(url).all("a", href=hearing(absent, "/cloture")), url


def test_the_person_reads_their_absence_and_can_be_written(client: CheckedClient, store: Database, absent: Scene):
    close(store, absent, now())
    leave(client)
    client.log_in(absent.candidate.email, factories.PASSWORD)
    assert "L’entretien n’a pas eu lieu" in client.page(f"/dossiers/{absent.candidacy_id}").text
    assert "votre absence" in client.page(f"/dossiers/{absent.candidacy_id}/resultats").text
    leave(client)
    as_certifier(client, absent)
    assert "Écrire à la personne" in client.page(f"/sessions/{absent.session_id}").text
    sent = f"/sessions/{absent.session_id}/auditions/{absent.hearing_id}/absence"
    assert client.send(sent, form=f"/sessions/{absent.session_id}").status_code == 303
    (letter,) = letters(store, EmailTemplate.HEARING_MISSED)
    assert "vous ne perdez rien" in letter.text
    # Kept, as the other letters are: written once, read by the person and by the body.
    assert client.post(sent).status_code in (303, 400)
    session_page = client.page(f"/sessions/{absent.session_id}")
    assert "Écrire à la personne" not in session_page.text
    paper = f"/dossiers/{absent.candidacy_id}/absence/{absent.hearing_id}.pdf"
    assert session_page.all("a", href=paper)
    assert client.page(f"/candidatures/{absent.candidacy_id}").all("a", href=paper)
    leave(client)
    client.log_in(absent.candidate.email, factories.PASSWORD)
    assert client.page(f"/dossiers/{absent.candidacy_id}/resultats").all("a", href=paper)
    said = words_of(client.get(paper).data)
    assert "Votre absence devant le jury" in said
    assert "Votre dossier déposé attend un autre jury" in said
    assert absent.certifier.name in said


def test_minutes_of_an_absence_promise_no_certificate(client: CheckedClient, store: Database, absent: Scene):
    close(store, absent, at=now())
    as_member(client, absent)
    page = client.page(hearing(absent))
    assert "Il indique l’absence de la personne, sans décision" in page.text
    leave(client)
    as_certifier(client, absent)
    for text in (page.text, client.page(f"/sessions/{absent.session_id}").text):
        assert "certificats qui en découlent" not in text
