"""Check what is said when a dossier is sealed."""

from datetime import date

import pytest

from portfolio.domain.dossier.rules.completeness import Gap
from portfolio.domain.holdings.rules.facts import Source
from portfolio.domain.holdings.rules.granting import GrantingEvent
from portfolio.domain.submission.rules.returns import SubmissionRefusal
from portfolio.wording import editions
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


def test_an_edition_says_which_pieces_it_holds_otherwise():
    told = editions.laid_otherwise_messages(
        {"replaced": {"B2-01": [3], "A-01": [1, 2]}, "unprinted": {"B1-02": list(range(1, 12))}}
    )
    assert told == [
        "Ces pages n’ont pas pu être imprimées, et le livret le dit à leur place\u00a0: "
        "B1-02 (pages\u00a01, 2, 3, 4, 5, 6, 7 et 8…).",
        "Ces pages sont mises en image, pour que tout lecteur de PDF les montre\u00a0: "
        "A-01 (pages\u00a01 et 2) et B2-01 (page\u00a03).",
    ]
    assert editions.laid_otherwise_messages({"files": []}) == []
