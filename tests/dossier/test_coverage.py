"""Check what covers a competency."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.dossier.rules.draft import (
    AdvisorOpinion,
    ClaimFact,
    CoverageState,
    MissingPart,
    NarrativeText,
    coverage_of,
)
from portfolio.domain.dossier.rules.texts import Theme, theme_of

TOLD = NarrativeText("Dans l’agence…", "J’ai évalué…", "J’ai préféré…", "Deux personnes recrutées.")
PIECE, OTHER = UUID(int=1), UUID(int=2)
GOOD = ClaimFact(PIECE, "4-5", "Le plan de charge est de moi.")


def test_a_competency_told_and_claimed_lacks_nothing():
    answer = coverage_of(TOLD, [GOOD])
    assert (answer.state, answer.pieces, answer.missing_parts) == (CoverageState.CLAIMED, (PIECE,), ())


def test_an_empty_competency_lacks_a_claim_and_its_narrative():
    assert coverage_of(NarrativeText(), []).missing_parts == (MissingPart.CLAIM, MissingPart.NARRATIVE)


def test_a_narrative_half_written_lacks_its_other_prompts():
    story = NarrativeText(situation="Dans l’agence…", result="  ")
    assert coverage_of(story, [GOOD]).missing_parts == (MissingPart.PROMPTS,)
    assert story.empty_prompts() == ("actions", "choices", "result")


def test_a_claim_without_comment_and_a_piece_without_note_are_lacks():
    bare = ClaimFact(OTHER, described=False)
    assert coverage_of(TOLD, [GOOD, bare]).missing_parts == (MissingPart.COMMENT, MissingPart.DESCRIPTION)


def test_without_a_claim_an_opinion_has_nothing_to_speak_of():
    assert coverage_of(TOLD, [], AdvisorOpinion.COVERED).state is CoverageState.NONE


@pytest.mark.parametrize("opinion", list(AdvisorOpinion))
def test_the_advisors_opinion_is_the_state_until_what_it_speaks_of_changes(opinion):
    assert coverage_of(TOLD, [GOOD], opinion).state == opinion.value
    assert coverage_of(TOLD, [GOOD], opinion, outdated=True).state is CoverageState.OUTDATED


claims = st.lists(
    st.builds(ClaimFact, st.sampled_from([PIECE, OTHER]), comment=st.sampled_from(["", "oui"]), described=st.booleans())
)


@given(claims, st.none() | st.sampled_from(list(AdvisorOpinion)), st.booleans())
def test_the_state_is_none_exactly_when_nothing_is_claimed(given_claims, opinion, outdated):
    answer = coverage_of(TOLD, given_claims, opinion, outdated=outdated)
    assert (answer.state is CoverageState.NONE) == (not given_claims) == (MissingPart.CLAIM in answer.missing_parts)
    assert len(set(answer.pieces)) == len(answer.pieces)


@pytest.mark.parametrize(
    ("wording", "theme"),
    [
        ("Évaluer les ressources humaines nécessaires", Theme.PEOPLE),
        ("Recueillir et utiliser les données d'usage pour son offre de service", Theme.DATA),
        ("Organiser sa veille et sa recherche, en français et en anglais", Theme.WATCH),
        ("Sélectionner et contracter avec les partenaires, prestataires", Theme.PARTNERS),
        ("Souder des pièces d’aluminium", Theme.ANY),
    ],
)
def test_the_words_of_the_register_say_what_could_serve(wording, theme):
    assert theme_of(wording) is theme
