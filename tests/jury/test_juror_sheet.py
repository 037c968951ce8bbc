"""Forty jurors of a spreadsheet: each line makes a card or is named, and nobody is added before it is accepted."""

import io
from datetime import date

import pytest
from sqlalchemy import func, select

from portfolio.db.engine import Database, new_id
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.rules.enums import AffiliationKind, College, Gender, TiesAnswer
from portfolio.domain.jury.rules.juror_sheet import JurorColumn, JurorFault, college_of, read_jurors
from portfolio.wording.jury import SEATS as SEAT_NAMES
from tests import factories
from tests.page import CheckedClient

C = JurorColumn
SEATS = {Seat.PRESIDENT: "Présidence", Seat.MEMBER: "Membre du jury"}
CODE = new_id()
FULL = {C.NAME: "Roy", C.FIRST_NAME: "Léa", C.EMAIL: "lea@exemple.fr", C.PHONE: "612345678", C.QUALITY: "Directrice",
        C.EMPLOYER: "Atelier", C.COLLEGE: "Collège employeurs", C.GENDER: "Mme", C.IN_ACTIVITY: "Oui", C.SEATS: "présidence / membre",
        C.QUALIFIED: "rncp 123", C.DISTANCE: "45 km", C.POSTCODE: "1000", C.TOWN: "Bourg"}  # fmt: skip


def test_a_line_makes_a_card():
    (line,) = read_jurors([(2, FULL)], SEATS, {"RNCP123": CODE})
    card = line.card
    assert line.fault is None
    assert (card.name, card.phone, card.college, card.gender) == (
        "Léa Roy",
        "0612345678",
        College.EMPLOYERS,
        Gender.WOMAN,
    )
    assert (card.seats, card.qualified_for) == ((Seat.PRESIDENT, Seat.MEMBER), {CODE})
    assert (card.distance_km, card.in_activity, card.postal_address) == (45, True, "01000 Bourg")


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({C.EMAIL: ""}, JurorFault.NO_EMAIL),
        ({C.NAME: "", C.FIRST_NAME: ""}, JurorFault.NO_NAME),
        ({C.EMPLOYER: "e" * 300}, JurorFault.TOO_LONG),
        ({C.COLLEGE: "autre"}, JurorFault.COLLEGE),
        ({C.SEATS: "trésorier"}, JurorFault.SEAT),
        ({C.IN_ACTIVITY: "peut-être"}, JurorFault.YES_OR_NO),
        ({C.DISTANCE: "loin"}, JurorFault.DISTANCE),
        ({C.QUALIFIED: "RNCP9"}, JurorFault.CODE),
        ({C.DIRECTION: "adjoint"}, JurorFault.DIRECTION),
        ({C.PROFESSIONAL: "un peu"}, JurorFault.YES_OR_NO),
        ({C.DELEGATED_FROM: "oui"}, JurorFault.DELEGATION),
        ({C.DELEGATED_UNTIL: "31/12/2026"}, JurorFault.DELEGATION),
        ({C.DELEGATED_FROM: "01/03/2026", C.DELEGATED_UNTIL: "01/02/2026"}, JurorFault.DELEGATION),
        ({C.DELEGATED_FROM: "32/03/2026"}, JurorFault.DELEGATION),
        ({C.TIES: "oui"}, JurorFault.TIES),
        ({C.TIES: "salariée jusqu’au 31/02/2026"}, JurorFault.TIES),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(cells, fault):
    assert [line.fault for line in read_jurors([(2, FULL | cells)], SEATS, {"RNCP123": CODE})] == [fault]


@pytest.mark.parametrize(
    ("cell", "answer", "kind", "ended"),
    [
        ("", TiesAnswer.UNANSWERED, None, None),
        ("Aucun lien", TiesAnswer.NONE, None, None),
        ("Formatrice vacataire", TiesAnswer.LISTED, AffiliationKind.TEACHING, None),
        ("Salarié jusqu’au 31/12/2025", TiesAnswer.LISTED, AffiliationKind.EMPLOYMENT, date(2025, 12, 31)),
    ],
)
def test_a_cell_answers_about_the_ties_and_silence_is_no_answer(cell, answer, kind, ended):
    (line,) = read_jurors([(2, FULL | {C.TIES: cell})], SEATS, {"RNCP123": CODE})
    assert (line.fault, line.card.settled_ties, line.card.contradicts_ties) == (None, answer, False)
    assert [(tie.kind, tie.ended_on) for tie in line.card.ties] == ([(kind, ended)] if kind else [])


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        ({C.DELEGATED_FROM: "du 01/01/2026 au 31/12/2026"}, (date(2026, 1, 1), date(2026, 12, 31))),
        ({C.DELEGATED_FROM: "2026-01-01", C.DELEGATED_UNTIL: "31/12/2026"}, (date(2026, 1, 1), date(2026, 12, 31))),
        ({C.DELEGATED_FROM: "1/1/2026"}, (date(2026, 1, 1), None)),
        ({C.DIRECTION: "Directrice"}, (None, None)),
    ],
)
def test_a_line_says_who_directs_or_holds_a_delegation(cells, days):
    (line,) = read_jurors([(2, FULL | cells)], SEATS, {"RNCP123": CODE})
    assert (line.fault, line.card.is_director) == (None, C.DIRECTION in cells)
    assert (line.card.delegated_from, line.card.delegated_until) == days


@pytest.mark.parametrize("seat", list(Seat))
def test_each_seat_is_read_by_its_own_name(seat):
    (line,) = read_jurors([(2, FULL | {C.SEATS: f"{SEAT_NAMES[seat]} ; Membre"})], SEAT_NAMES, {"RNCP123": CODE})
    assert (line.fault, line.card.seats) == (None, (seat, Seat.MEMBER))


def test_two_lines_of_one_person_are_wrong_and_a_college_is_said_in_many_ways():
    assert [line.fault for line in read_jurors([(2, FULL), (3, FULL)], SEATS, {"RNCP123": CODE})] == [
        JurorFault.TWICE
    ] * 2
    assert (college_of("salariés"), college_of(""), college_of("employeurs et salariés")) == (
        College.EMPLOYEES, College.NONE, None,
    )  # fmt: skip


def test_a_list_is_read_then_added_once_and_said_when_it_comes_again(client: CheckedClient, store: Database):
    with store.transaction() as session:
        world = factories.world(session, filled=False)
    client.log_in(world.certifier.email, factories.PASSWORD)
    lines = "Nom;E-mail;Fonction;Collège\n" + "".join(
        f"Juré {n};jure{n}@exemple.fr;Cadre;salariés\n" for n in range(40)
    )
    sent = client.send("/jures/liste", {"sheet": (io.BytesIO(f"{lines}Sans;;;\n".encode("cp1252")), "jures.csv")})
    text = sent.get_data(as_text=True)
    assert (sent.status_code, "Ajouter les 40 personnes" in text, "Ligne 42" in text) == (200, True, True)
    again = {"lines": f"{lines}Sans;;;\n", "step": "ouvrir", "links": "y"}
    assert client.send("/jures/liste", again).status_code == 422
    assert client.send("/jures/liste", {**again, "set_aside": "y"}).status_code == 303
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(Juror).where(Juror.quality == "Cadre")) == 40
        assert len([row for row in session.scalars(select(OutgoingEmail)) if row.email.startswith("jure")]) == 40
    text = client.send("/jures/liste", {"lines": lines}).get_data(as_text=True)
    assert "ce fichier a sans doute déjà été envoyé" in text
    assert "Ajouter une ligne de titres" not in text
    assert client.send("/jures/liste", {"lines": "Léa;lea@exemple.fr"}).status_code == 422
