"""The spreadsheet of a stranger: its headings are recognised, each wrong cell is named, nothing is opened before."""

import io
from datetime import date

import pytest
from sqlalchemy import func, select

from portfolio.db.engine import Database
from portfolio.domain.api_access.models import CandidacyReference
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.candidate_sheet import (
    CANDIDATE_HEADINGS,
    CandidateColumn,
    LineFault,
    phone_of,
    read_candidates,
    route_of,
)
from portfolio.domain.candidacy.rules.opening import Birth, PersonInput
from portfolio.domain.certification.rules.case_package import guess_columns, read_day
from portfolio.domain.certification.rules.entry import Route
from portfolio.web.exports import write_ods
from tests import factories
from tests.factories import AT
from tests.page import CheckedClient

C = CandidateColumn
HEADING = ("NOM", "Prénom ", "Adresse e-mail", "Tél.", "Né(e) le", "Né(e) à", "CP", "Ville", "Statut", "Groupe", "Réf")
ROW = ("Duval", "Inès", "ines@exemple.fr", 612345678, date(1988, 2, 3), "Rouen", 1000, "Bourg", "VAE", "Mairie", "A-7")


def test_headings_of_strangers_are_recognised_and_each_column_once():
    found = guess_columns((*HEADING, "Date de naissance du candidat", "Remarques"), CANDIDATE_HEADINGS)
    assert found == [
        C.NAME, C.FIRST_NAME, C.EMAIL, C.PHONE, C.BORN_ON, C.BIRTH_PLACE, C.POSTCODE, C.TOWN, C.ROUTE, C.GROUP,
        C.REFERENCE, None, None,
    ]  # fmt: skip
    assert guess_columns(("Date de naissance du candidat", "Nom du candidat"), CANDIDATE_HEADINGS) == [
        C.BORN_ON,
        C.NAME,
    ]


@pytest.mark.parametrize("heading", ["Candidat(e)", "Candidat·e", "Candidat(e)s", "Apprenti·e·s"])
def test_what_makes_a_heading_inclusive_is_not_read(heading):
    assert guess_columns((heading,), CANDIDATE_HEADINGS) == [C.NAME]


@pytest.mark.parametrize(
    ("text", "day"),
    [("03/02/1988", date(1988, 2, 3)), ("1988-02-03", date(1988, 2, 3)), ("3.2.1988", date(1988, 2, 3)),
     ("03/02/88", date(1988, 2, 3)), ("01/09/25", date(2025, 9, 1)), ("31/02/2020", None), ("hier", None)],
)  # fmt: skip
def test_a_day_is_read_as_people_write_it(text, day):
    assert read_day(text) == day


def test_what_a_spreadsheet_takes_from_numbers_comes_back():
    assert phone_of("612345678") == "0612345678"
    assert phone_of("+33 6 12 34 56 78") == "+33 6 12 34 56 78"
    assert (route_of("Apprenti"), route_of("formation continue"), route_of("autre")) == (
        Route.APPRENTICESHIP, Route.CONTINUING_TRAINING, None,
    )  # fmt: skip


def test_a_line_says_everything_of_a_candidate():
    cells = {C.NAME: "Duval", C.FIRST_NAME: "Inès", C.EMAIL: "ines@exemple.fr", C.PHONE: "612345678", C.ADDRESS: "2 rue Haute",
             C.POSTCODE: "1000", C.TOWN: "Bourg", C.BORN_ON: "03/02/1988", C.BIRTH_PLACE: "Rouen", C.ROUTE: "VAE",
             C.ADMISSIBLE_ON: "01/09/2026", C.ADVISOR: "Paul Adam <paul@exemple.fr>", C.GROUP: "Mairie", C.REFERENCE: "A-7"}  # fmt: skip
    (line,) = read_candidates([(2, cells)], AT.date()).lines
    assert (line.name, line.email, line.phone) == ("Inès Duval", "ines@exemple.fr", "0612345678")
    assert line.postal_address == "2 rue Haute\n01000 Bourg"
    assert line.birth == Birth(date(1988, 2, 3), "Rouen")
    assert (line.route, line.admissible_on, line.group) == (Route.VAE, date(2026, 9, 1), "Mairie")
    assert (line.advisor, line.reference) == (PersonInput("paul@exemple.fr", "Paul Adam"), "A-7")


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({C.BORN_ON: "31/02/1988"}, LineFault.DAY),
        ({C.BORN_ON: "01/01/2100", C.BIRTH_PLACE: "Rouen"}, LineFault.BORN_TOMORROW),
        ({C.ROUTE: "autre"}, LineFault.ROUTE),
        ({C.ADVISOR: "Paul Adam"}, LineFault.ADVISOR),
        ({C.REFERENCE: "r" * 101}, LineFault.TOO_LONG),
        ({C.EMAIL: "ines@"}, LineFault.NO_EMAIL),
        ({C.NAME: ""}, LineFault.NO_NAME),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(cells, fault):
    found = read_candidates([(2, {C.NAME: "Inès", C.EMAIL: "ines@exemple.fr"} | cells)], AT.date())
    assert [(line.number, line.fault) for line in found.wrong] == [(2, fault)]
    assert found.right == ()


def test_two_lines_with_one_reference_are_wrong_and_a_birth_without_a_place_is_dropped():
    rows = [(n, {C.NAME: "N", C.EMAIL: f"n{n}@exemple.fr", C.REFERENCE: "A", C.BORN_ON: "03/02/1988"}) for n in (2, 3)]
    found = read_candidates(rows, AT.date())
    assert [line.fault for line in found.wrong] == [LineFault.REFERENCE_TWICE] * 2
    assert all(line.birth is None and line.drops_birth for line in found.lines)


def test_a_file_is_read_shown_and_opened_once_it_is_accepted(client: CheckedClient, store: Database):
    with store.transaction() as session:
        world = factories.world(session, filled=False)
    client.log_in(world.certifier.email, factories.PASSWORD)
    shared = {"version_id": str(world.version.id), "route": "vae", "regime": "france_vae", "scope": "whole",
              "admissible_on": "2021-11-12"}  # fmt: skip
    file = io.BytesIO()
    write_ods(file, "Candidats", HEADING, [ROW, ("Adam", "Paul", "paul@", *ROW[3:])])
    url = "/candidatures/plusieurs"
    sent = client.send(url, {**shared, "sheet": (io.BytesIO(file.getvalue()), "liste.ods")})
    text = sent.get_data(as_text=True)
    assert sent.status_code == 200
    assert "Ouvrir la candidature" in text
    assert "Ligne 3" in text
    assert "naissance le 3\xa0février 1988 à Rouen" in text
    lines = "\t".join(map(str, (*HEADING[:4], "Autre", *HEADING[5:]))) + "\n"
    lines += (
        "Duval\tInès\tines@exemple.fr\t612345678\t03/02/1988\tRouen\t1000\tBourg\tVAE\tMairie\tA-7\nAdam\tPaul\tpaul@\n"
    )
    columns = [
        "name",
        "first_name",
        "email",
        "phone",
        "born_on",
        "birth_place",
        "postcode",
        "town",
        "route",
        "group",
        "reference",
    ]
    again = {**shared, "lines": lines, "column": columns, "step": "ouvrir"}
    assert client.send(url, again).status_code == 422, "a wrong line is set aside by nobody"
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(Candidacy)) == 1
    assert client.send(url, {**again, "set_aside": "y"}).status_code == 303
    with store.reader() as session:
        row = session.scalars(select(Candidacy).where(Candidacy.phone == "0612345678")).one()
        assert (row.group_name, row.birth, row.postal_address) == (
            "Mairie",
            Birth(date(1988, 2, 3), "Rouen"),
            "01000 Bourg",
        )
        assert session.scalars(select(CandidacyReference.reference)).all() == ["A-7"]


def test_a_class_joins_its_cohort_and_an_unknown_one_is_refused(client: CheckedClient, store: Database):
    with store.transaction() as session:
        world = factories.world(session, filled=False)
    client.log_in(world.certifier.email, factories.PASSWORD)
    shared = {"version_id": str(world.version.id), "route": "apprenticeship", "regime": "other", "scope": "whole",
              "admissible_on": "2021-11-12", "group": "2A", "route_confirmed": "y"}  # fmt: skip
    answer = client.send("/candidatures/plusieurs", {**shared, "lines": "Inès;ines@exemple.fr", "step": "ouvrir"})
    assert answer.status_code == 409
    assert "La promotion «\xa02A\xa0» n’existe pas" in answer.get_data(as_text=True)
