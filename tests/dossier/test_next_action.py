"""The one next action, and what a submission lacks."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.candidacy.rules.stage import PathStep
from portfolio.domain.dossier.rules.completeness import Gap, missing_for_submission
from portfolio.domain.dossier.rules.description import (
    Anonymity,
    Authorship,
    Confidentiality,
    EvidenceDescription,
    EvidenceKind,
    MissingFact,
)
from portfolio.domain.dossier.rules.draft import (
    AdvisorOpinion,
    ClaimFact,
    CompetencyFact,
    DossierState,
    Draft,
    EvidenceFact,
    GeneralText,
    NarrativeText,
    coverage_of,
)
from portfolio.domain.dossier.rules.next_action import NextStep, Reason, next_action
from portfolio.domain.dossier.rules.texts import Theme

NOTE = EvidenceDescription(
    "Plan de charge", EvidenceKind.PLAN, date(2021, 3, 1), None, True, "J’ai évalué.", Authorship.MINE, "",
    Confidentiality.OPEN, Anonymity.DONE,
)  # fmt: skip
PIECE = EvidenceFact(UUID(int=7), 7, NOTE, claimed=True)
TOLD = NarrativeText("a", "b", "c", "d")
GOOD = ClaimFact(PIECE.id, "1", "parce que")
WORDINGS = {
    (1, 1): "Accompagner la transition digitale",
    (2, 1): "Créer une offre de service",
    (2, 2): "Évaluer les ressources humaines nécessaires",
}


def competency(
    block: int, number: int, story: NarrativeText = TOLD, claims=(GOOD,), opinion: AdvisorOpinion | None = None
) -> CompetencyFact:
    coverage = coverage_of(story, claims, opinion)
    return CompetencyFact(UUID(int=block * 10 + number), block, number, WORDINGS[block, number], coverage)


FINISHED = Draft(
    DossierState.DRAFT, (competency(1, 1), competency(2, 1), competency(2, 2)), (PIECE,), 1, frozenset(GeneralText)
)


def steps(draft: Draft) -> tuple[NextStep, Reason]:
    answer = next_action(draft)
    return answer.step, answer.ground


def test_an_empty_dossier_begins_with_an_experience_then_a_first_piece():
    empty = Draft(DossierState.DRAFT, (competency(1, 1, NarrativeText(), ()),), (), 0, frozenset())
    assert steps(empty) == (NextStep.DESCRIBE_EXPERIENCE, Reason.NOTHING_YET)
    begun = next_action(replace(empty, experiences=1))
    assert (begun.step, begun.competency.label) == (NextStep.ADD_FIRST_PIECE, "1.1")


def test_a_piece_just_received_is_described_then_claimed_before_another_is_asked():
    bare = replace(PIECE, piece=EvidenceDescription(title="plan.pdf"), claimed=False)
    draft = replace(FINISHED, competencies=(competency(1, 1, TOLD, ()),), pieces=(bare,))
    assert next_action(draft).piece == bare
    assert steps(draft) == (NextStep.DESCRIBE_PIECE, Reason.UNFINISHED)
    assert steps(replace(draft, pieces=(replace(bare, piece=NOTE),))) == (NextStep.CLAIM_PIECE, Reason.UNFINISHED)


def test_the_next_action_names_the_competency_without_evidence_and_what_it_is_about():
    draft = replace(FINISHED, competencies=(competency(1, 1), competency(2, 1), competency(2, 2, TOLD, ())))
    answer = next_action(draft)
    assert (answer.step, answer.ground, answer.competency.label) == (NextStep.ADD_EVIDENCE, Reason.LAST_OF_ALL, "2.2")
    assert answer.theme is Theme.PEOPLE


def test_the_last_gap_of_a_block_is_said_to_be_the_last_of_its_block():
    gaps = (competency(1, 1, TOLD, ()), competency(2, 1, TOLD, ()), competency(2, 2, TOLD, ()))
    assert steps(replace(FINISHED, competencies=gaps)) == (NextStep.ADD_EVIDENCE, Reason.LAST_OF_BLOCK)
    assert steps(replace(FINISHED, competencies=gaps[1:])) == (NextStep.ADD_EVIDENCE, Reason.SEVERAL_LEFT)


def test_a_narrative_begun_is_finished_before_another_is_started():
    untold = (
        competency(1, 1, NarrativeText()),
        competency(2, 1, NarrativeText("seulement la situation")),
        competency(2, 2),
    )
    answer = next_action(replace(FINISHED, competencies=untold))
    assert (answer.step, answer.competency.label) == (NextStep.COMPLETE_NARRATIVE, "2.1")


def test_what_the_advisor_finds_weak_comes_once_everything_is_told_the_weakest_first():
    weak = (
        competency(1, 1, opinion=AdvisorOpinion.PARTLY),
        competency(2, 1),
        competency(2, 2, opinion=AdvisorOpinion.NOT_COVERED),
    )
    answer = next_action(replace(FINISHED, competencies=weak))
    assert (answer.step, answer.ground, answer.competency.label) == (
        NextStep.STRENGTHEN,
        Reason.ADVISOR_NOT_COVERED,
        "2.2",
    )


def test_the_dossiers_own_texts_come_before_the_submission():
    answer = next_action(replace(FINISHED, texts=frozenset({GeneralText.CAREER})))
    assert (answer.step, answer.text, answer.left) == (NextStep.WRITE_TEXT, GeneralText.MOTIVATION, 2)


def test_names_to_mask_come_last_and_then_the_submission():
    unmasked = replace(PIECE, piece=replace(NOTE, anonymity=Anonymity.NOT_YET))
    assert steps(replace(FINISHED, pieces=(unmasked,))) == (NextStep.ANONYMISE, Reason.UNFINISHED)
    assert steps(FINISHED) == (NextStep.SUBMIT, Reason.ALL_DONE)


def test_once_submitted_there_is_nothing_to_do_and_all_held_neither():
    submitted = replace(FINISHED, state=DossierState.SUBMITTED)
    assert steps(submitted) == (NextStep.WAIT, Reason.SUBMITTED)
    assert steps(replace(submitted, stage=PathStep.HEAR)) == (NextStep.WAIT, Reason.JURY_PLANNED)
    assert steps(replace(submitted, stage=PathStep.DECIDED)) == (NextStep.READ_RESULTS, Reason.DECIDED)
    assert steps(replace(FINISHED, competencies=())) == (NextStep.ALL_HELD, Reason.NOTHING_ASKED)


def gaps(draft: Draft) -> list[tuple[Gap, bool]]:
    return [(item.gap, item.blocks) for item in missing_for_submission(draft)]


def test_a_finished_dossier_lacks_nothing():
    assert gaps(FINISHED) == []


def test_a_competency_with_neither_claim_nor_text_prevents_the_submission():
    assert gaps(replace(FINISHED, competencies=(competency(1, 1, NarrativeText(), ()),))) == [
        (Gap.EMPTY_COMPETENCY, True)
    ]


def test_evidence_never_decides_a_competency_told_without_a_claim_is_only_advice():
    assert gaps(replace(FINISHED, competencies=(competency(1, 1, TOLD, ()),))) == [(Gap.NO_CLAIM, False)]


def test_what_the_sworn_statement_speaks_of_must_be_said_of_every_piece():
    unmasked = replace(PIECE, piece=replace(NOTE, anonymity=Anonymity.NOT_YET))
    (item,) = missing_for_submission(replace(FINISHED, pieces=(unmasked,)))
    assert (item.gap, item.blocks, item.facts) == (Gap.PIECE_NOT_SWORN, True, (MissingFact.ANONYMITY_TO_DO,))


def test_a_piece_that_serves_nothing_is_advice():
    assert gaps(replace(FINISHED, pieces=(replace(PIECE, claimed=False),))) == [(Gap.PIECE_UNUSED, False)]


def test_what_prevents_comes_before_what_is_advised():
    draft = replace(FINISHED, experiences=0, texts=frozenset(), competencies=(competency(1, 1, NarrativeText(), ()),))
    blocks = [blocking for _gap, blocking in gaps(draft)]
    assert blocks == sorted(blocks, reverse=True)
    assert (Gap.NO_EXPERIENCE, True) in gaps(draft)


stories = st.builds(NarrativeText, *[st.sampled_from(["", "dit"])] * 4)
claim_lists = st.lists(st.builds(ClaimFact, st.just(PIECE.id), comment=st.sampled_from(["", "oui"])), max_size=2)
opinions = st.none() | st.sampled_from(list(AdvisorOpinion))
competencies = st.tuples(
    *[st.builds(competency, st.just(b), st.just(n), stories, claim_lists, opinions) for b, n in WORDINGS]
)
piece_facts = st.builds(
    lambda piece, claimed: replace(PIECE, piece=piece, claimed=claimed),
    st.sampled_from(
        [
            NOTE,
            EvidenceDescription("x"),
            replace(NOTE, anonymity=Anonymity.NOT_YET),
            replace(NOTE, has_experience=False),
        ]
    ),
    st.booleans(),
)
drafts = st.builds(
    Draft,
    st.sampled_from(list(DossierState)),
    competencies | st.just(()),
    st.lists(piece_facts, max_size=3).map(tuple),
    st.integers(0, 2),
    st.frozensets(st.sampled_from(list(GeneralText))),
)


@given(drafts)
def test_there_is_always_one_next_action_and_it_says_what_it_is_about(draft):
    answer = next_action(draft)
    about = {
        NextStep.ADD_EVIDENCE: answer.competency,
        NextStep.WRITE_NARRATIVE: answer.competency,
        NextStep.STRENGTHEN: answer.competency,
        NextStep.DESCRIBE_PIECE: answer.piece,
        NextStep.CLAIM_PIECE: answer.piece,
        NextStep.WRITE_TEXT: answer.text,
    }
    assert about.get(answer.step, "nothing to name")


@given(drafts.filter(lambda draft: draft.state is DossierState.DRAFT))
def test_the_submission_is_the_next_action_only_when_nothing_prevents_it(draft):
    if next_action(draft).step is NextStep.SUBMIT:
        assert not any(item.blocks for item in missing_for_submission(draft))
