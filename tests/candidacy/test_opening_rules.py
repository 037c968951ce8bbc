"""Check what stops an opening, how a birth may change, and how lines of a spreadsheet are read: the rules alone."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from portfolio.domain.candidacy.rules.candidate_sheet import (
    EMAIL_MAX_CHARS,
    MAX_LINES,
    NAME_MAX_CHARS,
    CandidateLine,
    LineFault,
    WrongLine,
    read_lines,
)
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import (
    TRAINING,
    Birth,
    CandidacyRefusal,
    NewCandidacy,
    PersonInput,
    Scope,
    birth_refusal,
    has_livret2,
    regime_for,
    route_refusal,
)
from portfolio.domain.candidacy.rules.stage import ClosureKind, is_closed
from portfolio.domain.certification.rules.entry import Route, RouteStatus

TODAY = date(2026, 3, 4)
OPENING = NewCandidacy(
    version_id=uuid4(),
    candidate=PersonInput("ines@exemple.fr", "Inès Duval"),
    route=Route.VAE,
    regime=Regime.FRANCE_VAE,
    scope=Scope.WHOLE,
    block_ids=(),
    admissible_on=TODAY,
)


def test_only_vae_has_a_livret_2_and_clocks_of_its_own():
    assert [route for route in Route if has_livret2(route)] == [Route.VAE]
    for regime in Regime:
        assert regime_for(Route.VAE, regime) is regime
        assert {regime_for(route, regime) for route in Route if route is not Route.VAE} == {Regime.OTHER}
    assert Route.VAE not in TRAINING


@pytest.mark.parametrize(
    ("status", "changes", "refusal"),
    [
        (RouteStatus.OPEN, {}, None),
        (RouteStatus.CLOSED, {}, CandidacyRefusal.ROUTE_CLOSED),
        (RouteStatus.CLOSED, {"route_override": "  \n"}, CandidacyRefusal.ROUTE_CLOSED),
        (RouteStatus.CLOSED, {"route_confirmed": True}, CandidacyRefusal.ROUTE_CLOSED),
        (RouteStatus.CLOSED, {"route_override": "Convention signée"}, None),
        (RouteStatus.NOT_MENTIONED, {}, CandidacyRefusal.ROUTE_NOT_MENTIONED),
        (RouteStatus.NOT_MENTIONED, {"route_override": "Convention signée"}, CandidacyRefusal.ROUTE_NOT_MENTIONED),
        (RouteStatus.NOT_MENTIONED, {"route_confirmed": True}, None),
    ],
)
def test_a_closed_route_needs_a_reason_and_one_that_is_not_mentioned_a_confirmation(status, changes, refusal):
    assert route_refusal(status, replace(OPENING, **changes)) is refusal


def test_a_candidacy_is_closed_until_it_is_opened_again():
    assert not is_closed(None)
    assert is_closed(ClosureKind.ABANDONED)
    assert is_closed(ClosureKind.CLOSED)
    assert not is_closed(ClosureKind.REOPENED)


@pytest.mark.parametrize(
    ("born", "printed", "complete", "refusal"),
    [
        (TODAY, False, False, None),
        (TODAY + timedelta(days=1), False, False, CandidacyRefusal.BORN_TOMORROW),
        (None, False, False, None),
        (TODAY, True, False, CandidacyRefusal.BIRTH_PRINTED),
        (TODAY, True, True, CandidacyRefusal.BIRTH_PRINTED),
        (TODAY, False, True, CandidacyRefusal.BIRTH_USELESS),
        (None, False, True, CandidacyRefusal.BIRTH_USELESS),
    ],
)
def test_a_birth_is_written_until_a_certificate_bears_it_or_none_will(born, printed, complete, refusal):
    birth = Birth(born, "Rouen") if born else None
    assert birth_refusal(birth, printed=printed, complete=complete, today=TODAY) is refusal


def test_cells_are_trimmed_and_put_together_and_the_address_may_come_first():
    found = read_lines('Nom;Prénom;Adresse\n  Duval ;"Inès"; ines@exemple.fr \n;;\npaul@exemple.fr\tAdam\tPaul')
    assert found.lines == (
        CandidateLine(2, "Duval Inès", "ines@exemple.fr"),
        CandidateLine(4, "Adam Paul", "paul@exemple.fr"),
    )


def test_a_postal_address_begins_at_the_first_cell_that_is_one():
    found = read_lines(
        "Inès;Duval;ines@exemple.fr;12 rue des Lilas;69003;Lyon\n"
        "Paul Adam\tLe Bourg 24200 Sarlat\tpaul@exemple.fr\n"
        "N7;n7@exemple.fr"
    )
    assert found.lines == (
        CandidateLine(1, "Inès Duval", "ines@exemple.fr", "12 rue des Lilas\n69003 Lyon"),
        CandidateLine(2, "Paul Adam", "paul@exemple.fr", "Le Bourg 24200 Sarlat"),
        CandidateLine(3, "N7", "n7@exemple.fr"),
    )
    assert found.wrong == ()


def test_a_first_line_with_an_address_is_no_header_and_a_later_one_without_is_wrong():
    found = read_lines("Inès;ines@exemple.fr\nPaul Adam;sans adresse")
    assert found.lines == (CandidateLine(1, "Inès", "ines@exemple.fr"),)
    assert found.wrong == (WrongLine(2, "Paul Adam;sans adresse", LineFault.NO_EMAIL),)


@pytest.mark.parametrize(
    "address", ["ines@", "@exemple.fr", "ines@exemple", "i nes@exemple.fr", "ines@exemple.", "a@b@exemple.fr"]
)
def test_what_is_no_address_is_told(address: str):
    assert [one.fault for one in read_lines(f"Inès;{address}").wrong] == [LineFault.NO_EMAIL]


def test_an_address_alone_lacks_a_name_and_an_empty_text_says_nothing():
    assert read_lines("ines@exemple.fr").wrong == (WrongLine(1, "ines@exemple.fr", LineFault.NO_NAME),)
    assert read_lines("") == read_lines("\n \n;\t;\n")


def test_names_and_addresses_have_a_longest_length():
    longest = "a" * (EMAIL_MAX_CHARS - len("@exemple.fr")) + "@exemple.fr"
    assert not read_lines(f"{'N' * NAME_MAX_CHARS};{longest}").wrong
    (wrong,) = read_lines(f"{'N' * (NAME_MAX_CHARS + 1)};ines@exemple.fr").wrong
    assert (wrong.fault, len(wrong.text)) == (LineFault.TOO_LONG, 200)
    assert [one.fault for one in read_lines(f"Inès;a{longest}").wrong] == [LineFault.TOO_LONG]


def test_five_hundred_lines_are_read_and_the_others_are_told():
    rows = [f"N{number};n{number}@exemple.fr" for number in range(MAX_LINES + 2)]
    found = read_lines("\n".join(rows))
    assert len(found.lines) == MAX_LINES == 500
    assert [(one.number, one.fault) for one in found.wrong] == [(501, LineFault.TOO_MANY), (502, LineFault.TOO_MANY)]


def test_an_address_that_stands_twice_is_told_at_each_of_its_lines_in_their_order():
    found = read_lines("Inès;ines@exemple.fr\nPaul;paul@exemple.fr\nLéa;Ines@Exemple.FR\nsans adresse")
    assert found.wrong == (
        WrongLine(1, "Inès ines@exemple.fr", LineFault.TWICE),
        WrongLine(3, "Léa Ines@Exemple.FR", LineFault.TWICE),
        WrongLine(4, "sans adresse", LineFault.NO_EMAIL),
    )
