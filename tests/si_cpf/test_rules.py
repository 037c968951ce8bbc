"""Social security numbers, the three months, the answers of the Caisse des Dépôts: pure rules."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.si_cpf.rules import (
    Advice,
    NirError,
    Urgency,
    advice_of,
    exists_already,
    is_commune_code,
    read_nir,
    transmission_due_on,
    type_of_code,
    urgency_of,
)


def keyed(thirteen: str) -> str:
    """A number with its key, as INSEE defines it."""
    digits = thirteen.replace("2A", "19").replace("2B", "18") if thirteen[5:7] in ("2A", "2B") else thirteen
    return f"{thirteen}{97 - int(digits) % 97:02d}"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2 55 08 14 168 025 38", "2550814168025"),
        (keyed("184052A063012").lower(), "184052A063012"),
        (keyed("284052B063012"), "284052B063012"),
        ("255081416802539", NirError.KEY),
        ("2550814168025", NirError.FORM),
        ("25508141680253A", NirError.FORM),
        ("", NirError.FORM),
        ("٢٥٥٠٨١٤١٦٨٠٢٥٣٨", NirError.FORM),
        ("384052A06301288", NirError.TEMPORARY),
        ("7840599063012 12", NirError.TEMPORARY),
    ],
)
def test_a_number_is_taken_with_its_key_alone(typed: str, kept: str):
    assert read_nir(typed) == kept


@given(st.from_regex(r"[12][0-9]{4}(2[AB]|[0-9]{2})[0-9]{6}", fullmatch=True), st.integers(1, 96))
def test_every_other_key_is_refused(thirteen: str, shift: int):
    right = keyed(thirteen)
    assert read_nir(right) == thirteen
    wrong = (int(right[13:]) - 1 + shift) % 97 + 1
    assert read_nir(f"{thirteen}{wrong:02d}") is NirError.KEY


def test_three_months_run_from_the_award():
    day = date(2025, 11, 30)
    assert transmission_due_on(day) == date(2026, 2, 28)
    found = [urgency_of(day, day + timedelta(days=days)) for days in (0, 59, 60, 79, 80, 90, 91)]
    assert [each.value for each in found] == ["calm", "calm", "warned", "warned", "alarmed", "alarmed", "late"]
    assert urgency_of(day, day) is Urgency.CALM


def test_answers_codes_and_communes_are_recognised():
    assert exists_already(
        "Le passage certification avec le bcr émetteur X et l'id technique partenaire Y existe déjà en base"
    )
    assert not exists_already("Aucun titulaire ne correspond aux critères obligatoires")
    assert advice_of("Aucun titulaire ne correspond aux critères enrichis") is Advice.IDENTITY
    assert advice_of("Plusieurs titulaires ont été identifiés") is Advice.SEVERAL
    assert advice_of("Erreur interne") is Advice.OTHER
    assert [type_of_code(code) for code in ("RNCP16959", "RS5678", "RNCP", "PRO-1")] == ["RNCP", "RS", None, None]
    assert [is_commune_code(code) for code in ("2A004", "33063", "99352", "3306", "2C004")] == [True] * 3 + [False] * 2
