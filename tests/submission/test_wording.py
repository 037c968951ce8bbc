"""Check what is said when a dossier is sealed."""

from datetime import date

import pytest

from portfolio.domain.dossier.rules.completeness import Gap
from portfolio.domain.holdings.rules.facts import Source
from portfolio.domain.holdings.rules.granting import GrantingEvent
from portfolio.domain.submission.rules.returns import SubmissionRefusal
from portfolio.wording.submission import GAPS, REFUSALS, statement_of


@pytest.mark.parametrize("code", SubmissionRefusal)
def test_every_refusal_says_what_to_do_in_french(code: SubmissionRefusal) -> None:
    said = REFUSALS[code](
        {
            "missing": 3,
            "block": 2,
            "act": GrantingEvent(date(2026, 6, 18), Source.JURY, "2026-01"),
            "held_on": "2026-06-18",
            "piece": 3,
        }
    )
    assert said.endswith(".")
    assert "'" not in said


def test_the_number_of_things_left_to_do_is_told() -> None:
    refusal = REFUSALS[SubmissionRefusal.NOT_READY]
    assert "1\u00a0point " in refusal({"missing": 1})
    assert "3\u00a0points " in refusal({"missing": 3})


def test_the_sworn_statement_names_the_person_and_speaks_of_what_the_law_asks() -> None:
    said = statement_of("Samia Benali", "Expert en stratégie digitale", "RNCP16959")
    for words in ("Samia Benali", "RNCP16959", "moi-même", "exact", "plagié", "anonymes", "R6412-7"):
        assert words in said


def test_every_kind_of_missing_thing_has_its_sentence() -> None:
    assert set(GAPS) == set(Gap)
