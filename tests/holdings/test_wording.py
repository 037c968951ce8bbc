"""Check what is said of a grant: every ground has its sentence, and names what it speaks of."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.certification.rules.registration import RegistrationStatusCode, RegistrationStatusReason
from portfolio.domain.holdings.rules.completion import Label, Result, ResultOf, completion_for, result_for
from portfolio.domain.holdings.rules.facts import History, Source
from portfolio.domain.holdings.rules.granting import Explanation, GrantAnswer, GrantGround, GrantingEvent, grants_for
from portfolio.domain.jury.rules.enums import FindingValue
from portfolio.wording.holdings.grants import (
    FINDINGS,
    completion_message,
    explanation_as_json,
    grant_message,
    permanence_message,
    registration_message,
    result_message,
)
from tests.holdings.histories import FIRST, JUNE, NOVEMBER, sitting

TWO = FIRST[1]
ACT = GrantingEvent(JUNE, Source.JURY, "2020-14")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("ground", GrantGround)
@pytest.mark.parametrize("before_closing", [True, False])
def test_every_ground_has_its_sentence_that_names_the_block(ground: GrantGround, before_closing: bool) -> None:
    lapsed = replace(ACT, until=NOVEMBER) if ground is GrantGround.VALIDITY_ENDED else None
    said = plain(grant_message(GrantAnswer(TWO, (ground,), ACT, lapsed=lapsed), before_closing=before_closing))
    assert said.startswith("Bloc 2")
    assert said.endswith(".")
    assert "'" not in said
    assert not said.removeprefix("Bloc 2 ").startswith(("le ", "la ", "un ")), "where the block stands comes first"


def test_a_block_refused_for_one_competency_names_it_and_says_what_follows() -> None:
    answer = GrantAnswer(TWO, (GrantGround.NOT_VALIDATED,), missing=TWO.competencies[1:2])
    assert plain(grant_message(answer)) == (
        "Bloc 2 non acquis : la compétence 2.2 « Compétence 2.2 » n’est pas acquise. Seul un bloc entier s’acquiert : le résultat "
        "est gardé comme préconisation, et le bloc peut être présenté de nouveau."
    )


def test_a_lapsed_block_that_a_jury_refuses_says_until_when_it_was_valid() -> None:
    lapsed = replace(ACT, until=NOVEMBER)
    said = plain(grant_message(GrantAnswer(TWO, (GrantGround.NOT_VALIDATED,), reference="X", lapsed=lapsed)))
    assert said.endswith("Il avait été acquis le 18 juin 2020, et sa validité a pris fin le 5 novembre 2020.")


def test_a_block_refused_for_two_competencies_names_both() -> None:
    said = plain(grant_message(GrantAnswer(TWO, (GrantGround.NOT_VALIDATED,), missing=TWO.competencies[:2])))
    assert "les compétences 2.1 « Compétence 2.1 » et 2.2 « Compétence 2.2 » ne sont pas acquises" in said


def test_a_granted_block_says_when_and_by_which_minutes() -> None:
    assert plain(grant_message(GrantAnswer(TWO, (GrantGround.GRANTED,), ACT))) == (
        "Bloc 2 acquis définitivement le 18 juin 2020, par décision du jury (procès-verbal 2020-14)."
    )


@pytest.mark.parametrize("source", Source)
def test_every_source_has_its_words(source: Source) -> None:
    assert grant_message(GrantAnswer(TWO, (GrantGround.GRANTED,), GrantingEvent(JUNE, source, "D-3"))).endswith("D-3).")


def test_an_irregular_composition_names_its_predicates_and_is_no_failure() -> None:
    said = plain(grant_message(GrantAnswer(TWO, (GrantGround.IRREGULAR,), faults=("J7", "J8"))))
    assert "(les membres extérieurs ; les représentants des deux collèges)" in said
    assert "J7" not in said
    assert "Ce n’est pas un échec" in said


def test_before_closing_what_would_be_granted_is_said_in_the_future() -> None:
    assert "sera acquis définitivement à la clôture" in grant_message(
        GrantAnswer(TWO, (GrantGround.GRANTED,), ACT), before_closing=True
    )
    whole = completion_for(FIRST, dict.fromkeys([block.id for block in FIRST], (ACT,)))
    assert "sera obtenue" in completion_message(whole, before_closing=True)


def test_the_whole_names_its_date_or_the_missing_blocks() -> None:
    held = dict.fromkeys([block.id for block in FIRST], (ACT,))
    assert "18 juin 2020" in plain(completion_message(completion_for(FIRST, held)))
    del held[FIRST[1].id]
    assert plain(completion_message(completion_for(FIRST, held))).endswith("il manque le bloc 2.")
    del held[FIRST[2].id]
    assert plain(completion_message(completion_for(FIRST, held))).endswith("il manque les blocs 2 et 3.")
    assert completion_message(completion_for([], {})).endswith("n’est pas obtenue.")


@given(st.builds(Result, st.sampled_from(Label), st.sampled_from(ResultOf)))
def test_every_result_has_a_name(result: Result) -> None:
    assert result_message(result)


def test_every_finding_has_its_word() -> None:
    assert set(FINDINGS) == set(FindingValue)


@pytest.mark.parametrize("code", RegistrationStatusCode)
@pytest.mark.parametrize("ground", RegistrationStatusReason)
def test_every_standing_at_the_register_is_told(code: RegistrationStatusCode, ground: RegistrationStatusReason) -> None:
    registration = {"act": "Arrêté du 27 décembre 2018", "from": "2018-10-04", "until": "2022-01-04"}
    standing = {"code": code.value, "ground": ground.value, "registration": registration}
    full = registration_message(standing)
    assert full.endswith(".")
    assert registration_message(standing | {"registration": None}).endswith(".")
    assert ("27 décembre 2018" in full) == (code is not RegistrationStatusCode.NO_CLAIM)


def test_permanence_is_told_as_the_entry_states_it() -> None:
    assert "illimitée" in permanence_message("unlimited")
    assert permanence_message(None) == "Acquis définitivement."
    assert "Acquis" not in permanence_message("limited")


def test_an_explanation_is_an_object_with_a_sentence_a_block_and_the_whole() -> None:
    history = History((sitting(FIRST[0], refused=[TWO]),))
    answers = grants_for(FIRST, history, requested={block.id for block in FIRST})
    held = {answer.block.id: (answer.act,) for answer in answers if answer.act}
    ids = frozenset(block.id for block in FIRST)
    told = explanation_as_json(
        Explanation(answers, completion_for(FIRST, held), result_for(Scope.WHOLE, ids, held.keys()), ids)
    )
    assert [(one["block"], one["granted"], one["ground"]) for one in told["blocks"]] == [
        (1, True, "granted"),
        (2, False, "not_validated"),
        (3, False, "not_presented"),
        (4, False, "not_presented"),
    ]
    assert (told["blocks"][0]["on"], told["blocks"][1]["on"]) == (date(2020, 6, 18).isoformat(), None)
    assert (told["whole"]["granted"], told["whole"]["ground"]) == (False, "blocks_missing")
    assert told["result"] == {"label": "partial", "of": "whole", "sentence": "Validation partielle de la certification"}
