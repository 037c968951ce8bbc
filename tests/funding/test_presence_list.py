"""Presence of a spreadsheet: each line says an appointment or is named, and nothing is written before it is accepted."""

import io
from datetime import datetime

import pytest
from sqlalchemy import select

from portfolio.calendar import PARIS
from portfolio.db.engine import new_id
from portfolio.domain.funding.models import Appointment
from portfolio.domain.funding.rules import Held, PresenceColumn, PresenceFault, PresencePerson, StepKind, read_presence
from portfolio.wording.funding import STEPS, wrong_presence_message
from tests import factories

C = PresenceColumn
NOW = datetime(2026, 5, 1, 12, tzinfo=PARIS)
LEA = PresencePerson(new_id(), "Léa Roy", "lea@exemple.fr")
TWINS = [PresencePerson(new_id(), "Jo Li", f"{number}@exemple.fr") for number in range(2)]
FULL = {
    C.NAME: "ROY",
    C.FIRST_NAME: "Lea",
    C.DAY: "12/03/2026",
    C.START: "9 h 30",
    C.END: "11:00:00",
    C.KIND: "individuel",
}


def read(*lines):
    return read_presence([(rank, FULL | cells) for rank, cells in enumerate(lines, 2)], [LEA, *TWINS], STEPS, NOW)


def test_a_line_says_an_appointment():
    (line,) = read({})
    assert (line.person, line.fault) == (LEA, None)
    assert (line.written.kind, line.written.minutes, line.written.held) == (StepKind.INDIVIDUAL, 90, Held.HELD)
    assert line.written.starts_at == datetime(2026, 3, 12, 9, 30, tzinfo=PARIS)
    assert read({C.DAY: "2026-06-01"})[0].written.held is Held.PLANNED
    assert read({C.HELD: "Absente"})[0].written.held is Held.ABSENT


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({C.NAME: "Inconnue"}, PresenceFault.PERSON),
        ({C.NAME: "", C.FIRST_NAME: ""}, PresenceFault.PERSON),
        ({C.NAME: "Li", C.FIRST_NAME: "Jo"}, PresenceFault.SEVERAL),
        ({C.DAY: "hier"}, PresenceFault.DAY),
        ({C.START: "25:00"}, PresenceFault.START),
        ({C.END: "9:30"}, PresenceFault.END),
        ({C.KIND: "accompagnement"}, PresenceFault.KIND),
        ({C.HELD: "peut-être"}, PresenceFault.HELD),
        ({C.DAY: "01/06/2026", C.HELD: "présent"}, PresenceFault.TO_COME),
        ({C.PLACE: "p" * 301}, PresenceFault.PLACE),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(cells, fault):
    (line,) = read(cells)
    assert line.fault is fault
    assert wrong_presence_message(line).startswith("Ligne 2")


def test_two_lines_of_one_moment_are_wrong():
    assert [line.fault for line in read({}, {C.END: "12:00"})] == [PresenceFault.TWICE] * 2


def test_a_list_is_shown_then_written_once(store, client):
    with store.transaction() as session:
        world = factories.world(session)
    client.log_in(world.certifier.email, factories.PASSWORD)
    email = world.candidate.email
    lines = (
        f"Courriel;Date;Début;Fin;Type\n{email};12/03/2026;9:00;10:15;Jury\nx@exemple.fr;12/03/2026;9:00;10:00;Jury\n"
    )
    shown = client.send("/rendez-vous/liste", {"sheet": (io.BytesIO(lines.encode()), "presence.csv")})
    assert shown.status_code == 200
    assert "x@exemple.fr" in shown.text
    again = {"lines": lines, "step": "ouvrir"}
    assert client.send("/rendez-vous/liste", again).status_code == 422
    with store.reader() as session:
        assert not session.scalars(select(Appointment)).all()
    assert client.send("/rendez-vous/liste", {**again, "set_aside": "y"}).status_code == 303
    with store.reader() as session:
        row = session.scalars(select(Appointment)).one()
        assert (row.candidacy_id, row.minutes, row.attended) == (world.candidacy.id, 75, 75)
    assert "déjà été envoyé" in client.send("/rendez-vous/liste", {"lines": lines}).text
    assert client.send("/rendez-vous/liste", {**again, "set_aside": "y"}).status_code == 422
