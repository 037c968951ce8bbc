"""Every code about the draft has its French sentence; the next action always has a title."""

import pytest
from hypothesis import given

from portfolio.domain.dossier.rules.completeness import Gap, missing_for_submission
from portfolio.domain.dossier.rules.draft import CoverageState, DossierRefusal, Draft, GeneralText, MissingPart
from portfolio.domain.dossier.rules.next_action import NextStep, next_action
from portfolio.domain.dossier.rules.rehearsal import RehearsalRefusal
from portfolio.domain.dossier.rules.texts import Theme
from portfolio.wording import dossier
from portfolio.wording.dossier.next_action import GAPS, TITLES
from tests.dossier.test_next_action import FINISHED, drafts


@pytest.mark.parametrize(
    ("codes", "sentences"),
    [
        (CoverageState, dossier.COVERAGE),
        (MissingPart, dossier.MISSING_PARTS),
        (GeneralText, dossier.TEXTS),
        (GeneralText, dossier.TEXT_HELP),
        (GeneralText, dossier.TEXT_OBJECT),
        (Theme, dossier.SERVING),
        (Theme, dossier.PLAINLY),
        ([*DossierRefusal, *RehearsalRefusal], dossier.REFUSALS),
        (NextStep, TITLES),
        (Gap, GAPS),
    ],
)
def test_every_code_has_its_sentence(codes, sentences):
    assert set(codes) == set(sentences)


@given(drafts)
def test_the_next_action_is_said_with_its_reason_whatever_the_draft(draft: Draft):
    action = next_action(draft)
    assert dossier.next_title(action)
    assert dossier.next_text(action).endswith((".", "?"))


@given(drafts)
def test_each_thing_missing_is_one_sentence_that_names_it(draft: Draft):
    for item in missing_for_submission(draft):
        sentence = dossier.missing_item_message(item)
        assert sentence.endswith(".")
        if item.competency:
            assert item.competency.label in sentence
        if item.piece:
            assert f"Pièce {item.piece.number}" in sentence


def test_the_finished_draft_is_led_to_the_submission():
    assert dossier.next_title(next_action(FINISHED)) == "Relisez et déposez votre dossier"
