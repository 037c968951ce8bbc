"""Appointments, their presence, what funders pay, and the certificate of attendance that a funder reads."""

import io
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from portfolio.calendar import PARIS
from portfolio.domain.dossier.models.dossier import Claim, Narrative
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.funding import use_cases
from portfolio.domain.funding.models import Appointment, AttendanceCertificate, Funding
from portfolio.domain.funding.rules import AppointmentInput, Held, SheetLine, StepKind, minutes_over, presence_sheet
from portfolio.web.clock import now
from portfolio.wording.funding import attendance_value, duration
from tests import factories
from tests.documents.reading import words_of

WHEN = {"day": "2026-03-12", "hour": "9:30"}
WRITTEN = {**WHEN, "kind": "individual", "minutes": "90", "place": "Bordeaux", "held": "held", "attended": "75"}
GRANTED = {"kind": "opco", "name": "Opco Atlas", "commitment": "granted", "hours": "60", "euros": "1200"}


@pytest.fixture
def world(store):
    with store.transaction() as session:
        return factories.world(session)


@pytest.fixture
def enter(app):
    def open_for(email):
        client = app.test_client()
        client.log_in(email, factories.PASSWORD)
        return client

    return open_for


def only(store, model):
    with store.reader() as session:
        return session.scalars(select(model)).one()


@pytest.mark.records(
    "access_denied",
    "appointment_saved",
    "attendance_certified",
    "funder_link_closed",
    "funder_link_opened",
    "presence_signed",
)
def test_from_an_appointment_to_the_file_of_the_funder(enter, world, store, app):
    path = f"/candidatures/{world.candidacy.id}"
    certifier, candidate = enter(world.certifier.email), enter(world.candidate.email)
    assert certifier.send(f"{path}/rendez-vous", {**WRITTEN, "minutes": "beaucoup"}).status_code == 422
    assert certifier.send(f"{path}/rendez-vous", {**WRITTEN, "day": "2099-01-01"}).status_code == 409
    assert certifier.send(f"{path}/rendez-vous", WRITTEN).status_code == 303
    row = only(store, Appointment)
    assert row.starts_at.astimezone(PARIS).strftime("%d/%m %H:%M") == "12/03 09:30"
    assert candidate.send(f"{path}/rendez-vous/{row.id}/presence", form=f"{path}/rendez-vous").status_code == 303
    assert candidate.send(f"{path}/rendez-vous", WRITTEN).status_code == 403
    assert candidate.get(f"{path}/financement").status_code in (403, 404)
    # A promise is no agreement: an agreement has its number and its date.
    assert certifier.send(f"{path}/financement", GRANTED).status_code == 422
    agreed = {**GRANTED, "number": "A-17", "decided_on": "2026-02-01"}
    assert certifier.send(f"{path}/financement", agreed).status_code == 303
    assert "La présence dépasse de 15 min" in certifier.get(f"{path}/financement").text
    assert certifier.send(f"{path}/realisation", form=f"{path}/financement").status_code == 303
    assert certifier.send(f"{path}/realisation", form=f"{path}/financement").status_code == 409
    first = certifier.get(f"{path}/realisation/1.pdf").data
    printed = " ".join(words_of(first).split())
    for said in (world.candidate.name, "1 h 15", "L6313-1", "par son compte"):
        assert said in printed
    # What changes afterwards makes another version: the first stays as it was given.
    changed = {**WRITTEN, "attended": "60"}
    assert certifier.send(f"{path}/rendez-vous/{row.id}", changed).status_code == 303
    assert only(store, Appointment).signed_at is None
    assert certifier.send(f"{path}/realisation", form=f"{path}/financement").status_code == 303
    assert certifier.get(f"{path}/realisation/1.pdf").data == first
    with zipfile.ZipFile(io.BytesIO(certifier.get(f"{path}/dossier-du-financeur.zip").data)) as pack:
        assert sorted(pack.namelist())[-1] == "feuille-de-presence.csv"
        sheet = pack.read("feuille-de-presence.csv").decode("utf-8-sig").splitlines()
        assert sheet[1].split(";")[4] == "60"
        assert len(pack.namelist()) == 3
    second = " ".join(words_of(certifier.get(f"{path}/realisation/2.pdf").data).split())
    assert "version 2" in second
    assert "1 h" in second
    shown = certifier.send(f"{path}/financement/{only(store, Funding).id}/lien", form=f"{path}/financement").text
    link = re.search(r"(/financeur/[\w-]+)", shown)[1]
    stranger = app.test_client()
    page = stranger.get(link).text
    assert world.candidate.name in page
    assert "1 h de présence" in page
    assert stranger.get(f"{link}/certificat-de-realisation.pdf").status_code == 200
    closed = f"{path}/financement/{only(store, Funding).id}/lien/retrait"
    assert certifier.send(closed, form=f"{path}/financement").status_code == 303
    assert stranger.get(link).status_code == 404


def test_the_funder_reads_no_word_of_the_dossier(enter, world, store, app):
    path = f"/candidatures/{world.candidacy.id}"
    certifier = enter(world.certifier.email)
    certifier.send(f"{path}/rendez-vous", WRITTEN)
    certifier.send(f"{path}/financement", {**GRANTED, "commitment": "asked"})
    certifier.send(f"{path}/realisation", form=f"{path}/financement")
    shown = certifier.send(f"{path}/financement/{only(store, Funding).id}/lien", form=f"{path}/financement").text
    link = re.search(r"(/financeur/[\w-]+)", shown)[1]
    stranger = app.test_client()
    read = stranger.get(link).text + words_of(stranger.get(f"{link}/certificat-de-realisation.pdf").data)
    with store.reader() as session:
        words = [
            *session.scalars(select(Evidence.title)),
            *session.scalars(select(Claim.comment)),
            *session.scalars(select(Narrative.actions)),
        ]
    words = [word for word in words if word]
    assert len(words) > 20
    assert [each for each in words if each in read] == []


@pytest.mark.records("appointment_removed")
def test_the_advisor_keeps_the_diary_and_removes_a_mistake(enter, world, store):
    path = f"/candidatures/{world.candidacy.id}/rendez-vous"
    advisor = enter(world.advisor.email)
    assert advisor.send(path, {**WHEN, "kind": "group", "minutes": "60", "held": "planned"}).status_code == 303
    row = only(store, Appointment)
    assert advisor.send(f"{path}/{row.id}/retrait", form=path).status_code == 303
    with store.reader() as session:
        assert session.scalars(select(Appointment)).all() == []


def test_numbers_of_a_year_have_no_hole_under_ten_at_once(store):
    at = now()
    with store.transaction() as session:
        made = factories.world(session)
        people = [factories.person(session, f"Personne {n}", f"p{n}@exemple.fr") for n in range(10)]
        cases = [factories.candidacy(session, made.version, each) for each in people]
        ids = [each.id for each in cases]
        by, body_id = made.certifier.id, made.body.id
        for each in ids:
            past = AppointmentInput(StepKind.DIAGNOSTIC, at - timedelta(days=1), 60, "", Held.HELD)
            use_cases.save_appointment(session, each, None, past, by=by, at=at)

    def certify(candidacy_id):
        kept = None
        while kept is None:
            with store.reader() as session:
                facts = use_cases.next_attendance(session, candidacy_id, at)
            with store.transaction() as session:
                kept = use_cases.keep_attendance(session, body_id, candidacy_id, facts, b"%PDF", by=by)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(certify, ids))
    with store.reader() as session:
        assert sorted(session.scalars(select(AttendanceCertificate.rank))) == list(range(1, 11))


def test_the_sheet_and_what_exceeds_it():
    day = datetime(2026, 3, 12, 8, 30, tzinfo=UTC)
    lines = [
        SheetLine(day + timedelta(days=1), StepKind.GROUP, 120, Held.ABSENT, 0, None),
        SheetLine(day, StepKind.INDIVIDUAL, 90, Held.HELD, 75, day),
    ]
    sheet = presence_sheet(lines)
    assert [line.kind for line in sheet.lines] == [StepKind.INDIVIDUAL, StepKind.GROUP]
    assert (sheet.planned, sheet.attended) == (210, 75)
    assert sheet.digest() == presence_sheet(reversed(lines)).digest()
    assert (minutes_over(sheet, [60, None]), minutes_over(sheet, [None]), minutes_over(sheet, [90])) == (15, 0, 0)
    facts = use_cases.AttendanceFacts(2026, 1, 1, "Alma", "", "", "", "Inès", "", "Expert", "RNCP1", sheet, day)
    value = attendance_value(facts)
    assert (value.attended, value.planned, value.period) == ("1 h 15", "3 h 30", "12\u00a0mars 2026")
    assert [line.attended for line in value.lines] == ["1 h 15", "personne absente"]
    assert (duration(45), duration(120)) == ("45 min", "2 h")
