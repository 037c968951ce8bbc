"""Every code about the draft has its French sentence; the next action always has a title."""

from __future__ import annotations

import pytest
from hypothesis import given

from portfolio.dossier import wording
from portfolio.dossier.rules import (
    CoverageState,
    DossierRefusal,
    Draft,
    Gap,
    Lack,
    OwnText,
    Step,
    Theme,
    missing_for_submission,
    next_action,
)
from portfolio.dossier.wording.gaps import GAPS
from portfolio.dossier.wording.steps import TITLES
from tests.dossier.test_steps import FINISHED, drafts


@pytest.mark.parametrize(
    ("codes", "sentences"),
    [
        (CoverageState, wording.COVERAGE),
        (Lack, wording.LACKS),
        (OwnText, wording.TEXTS),
        (OwnText, wording.TEXT_HELP),
        (OwnText, wording.TEXT_OBJECT),
        (Theme, wording.SERVING),
        (Theme, wording.PLAINLY),
        (DossierRefusal, wording.REFUSALS),
        (Step, TITLES),
        (Gap, GAPS),
    ],
)
def test_every_code_has_its_sentence(codes, sentences):
    assert set(codes) == set(sentences)


@given(drafts)
def test_the_next_action_is_said_with_its_reason_whatever_the_draft(draft: Draft):
    action = next_action(draft)
    assert wording.next_title(action)
    assert wording.next_text(action).endswith((".", "?"))


@given(drafts)
def test_each_thing_missing_is_one_sentence_that_names_it(draft: Draft):
    for item in missing_for_submission(draft):
        sentence = wording.missing_item_sentence(item)
        assert sentence.endswith(".")
        if item.competency:
            assert item.competency.label in sentence
        if item.piece:
            assert f"Pièce {item.piece.number}" in sentence


def test_the_finished_draft_is_led_to_the_submission():
    assert wording.next_title(next_action(FINISHED)) == "Relisez et déposez votre dossier"
