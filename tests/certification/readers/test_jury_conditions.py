"""A jury in prose: parity, professionals and trades are read where the text is certain, else the rule is left empty."""

import pytest

from portfolio.domain.certification.readers.cncp_text.jury import jury_rule_of, sources_of
from portfolio.domain.certification.readers.france_competences.jury import certain_rule
from portfolio.domain.certification.rules.jury_rule import JuryCondition, JuryTerm, ParityBasis, Seat, TermSource

SEVEN = "Le jury est composé de 7 membres dont 6 professionnels, dont 4 au plus du même métier."
SIX, FOUR = JuryCondition(JuryTerm.PROFESSIONALS_MIN, 6), JuryCondition(JuryTerm.TRADE_MAX, 4)
PARITY = JuryCondition(JuryTerm.COLLEGE_PARITY)
OF_NAMED = JuryCondition(JuryTerm.COLLEGE_PARITY, basis=ParityBasis.NAMED)
OF_PRESENT = JuryCondition(JuryTerm.COLLEGE_PARITY, basis=ParityBasis.PRESENT)


@pytest.mark.parametrize(
    ("text", "size", "conditions", "share"),
    [
        (SEVEN, 7, (SIX, FOUR), None),
        ("Le jury est composé de sept personnes, dont au moins six professionnels du secteur, dont au maximum quatre d’un même métier",
         7, (SIX, FOUR), None),
        ("Le jury comprend 4 membres, à parité d’employeurs et de salariés.", 4, (PARITY,), None),
        ("Le jury comprend 4 membres, à parité d’employeurs et de salariés parmi les membres présents.", 4, (OF_PRESENT,), None),
        ("Le jury comprend 4 membres, à parité d’employeurs et de salariés. Si cette parité n’est pas atteinte en raison de "
         "l’absence d’un ou de plusieurs de ses membres, le jury peut néanmoins délibérer valablement.", 4, (OF_NAMED,), None),
        ("Le jury est composé de deux personnes.", 2, (), None),
        ("Le jury comprend 4 membres, dont 50 % d’extérieurs.", 4, (), 0.5),
    ],
)  # fmt: skip
def test_a_text_of_numbers_alone_gives_a_rule_whose_seats_are_proposed(text, size, conditions, share) -> None:
    rule, doubts = certain_rule(text)

    assert (rule.size, len(rule.seats), rule.seats[0], set(rule.seats[1:])) == (
        size,
        size,
        Seat.PRESIDENT,
        {Seat.MEMBER},
    )
    assert (rule.conditions, rule.external_min) == (conditions, share)
    assert {"jury_seats_proposed"} <= {str(doubt.what) for doubt in doubts}


def test_the_entry_is_credited_with_what_it_says_and_not_with_the_seats_proposed() -> None:
    rule, _doubts = jury_rule_of(SEVEN)
    sources = dict(sources_of(rule, SEVEN))

    assert sources == {
        JuryTerm.SIZE: TermSource.ENTRY,
        JuryTerm.SEATS: TermSource.DESIGN,
        JuryTerm.PROFESSIONALS_MIN: TermSource.ENTRY,
        JuryTerm.TRADE_MAX: TermSource.ENTRY,
    }


def test_a_parity_beside_seats_that_are_named_is_read_and_doubted() -> None:
    text = (
        "Le jury est composé de 4 membres, à parité d’employeurs et de salariés :\n• un président\n"
        "• un représentant des employeurs\n• deux représentants des salariés"
    )
    rule, doubts = certain_rule(text)

    assert rule.conditions == (PARITY,)
    assert ("jury_condition_read", ("college_parity", "0")) in [(str(doubt.what), doubt.facts) for doubt in doubts]


@pytest.mark.parametrize(
    "text",
    [
        "Le jury est composé de 4 membres, dont 50 % d’extérieurs au plus.",
        "Le jury est composé de 4 membres à parité.",
        "Le jury est composé à parité d’enseignants et de membres de la profession.",
        "Le jury est composé de 7 membres dont 6 professionnels ou experts.",
        "Le jury est composé de 3 à 5 membres.",
        "Le jury est composé de 7 membres dont 6 professionnels nommés par le recteur.",
    ],
)
def test_a_text_that_says_something_else_is_left_empty_with_a_doubt(text: str) -> None:
    rule, doubts = certain_rule(text)

    assert rule is None
    assert [str(doubt.what) for doubt in doubts] == ["jury_not_certain"]
