"""Check what a piece must say about itself, and the four questions."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.dossier.rules.description import (
    Anonymity,
    Authorship,
    Confidentiality,
    EvidenceDescription,
    EvidenceKind,
    Hint,
    MissingFact,
    PeriodError,
    PieceClaim,
    Question,
    hints_for,
    is_described,
    missing_facts,
    period_error,
    says_we,
    sworn_missing_facts,
)

TODAY = date(2022, 1, 10)
FULL = EvidenceDescription(
    title="Plan de charge de l’équipe web",
    kind=EvidenceKind.PLAN,
    dated_from=date(2021, 3, 1),
    dated_to=date(2021, 6, 30),
    has_experience=True,
    own_role="J’ai évalué la charge et proposé deux recrutements.",
    authorship=Authorship.MINE,
    confidentiality=Confidentiality.OPEN,
    anonymity=Anonymity.DONE,
    pages=3,
)


def test_a_piece_just_received_lacks_everything_but_its_title():
    assert missing_facts(EvidenceDescription(title="plan.pdf")) == (
        MissingFact.KIND,
        MissingFact.DATE,
        MissingFact.EXPERIENCE,
        MissingFact.OWN_ROLE,
        MissingFact.AUTHORSHIP,
        MissingFact.CONFIDENTIALITY,
        MissingFact.ANONYMITY,
    )


def test_a_piece_described_lacks_nothing():
    assert missing_facts(FULL) == ()


def test_a_shared_piece_says_which_part_is_the_candidates_own():
    assert missing_facts(replace(FULL, authorship=Authorship.SHARED, own_part="  ")) == (MissingFact.OWN_PART,)
    assert missing_facts(replace(FULL, authorship=Authorship.SHARED, own_part="Le budget")) == ()


def test_a_web_address_needs_the_candidates_own_dated_capture():
    page = replace(FULL, kind=EvidenceKind.WEB_ADDRESS)
    assert missing_facts(page) == (MissingFact.WEB_ADDRESS, MissingFact.CAPTURED_ON)
    assert missing_facts(replace(page, web_address="https://exemple.fr", captured_on=date(2021, 5, 2))) == ()


def test_a_training_certificate_is_asked_neither_role_nor_experience():
    diploma = replace(FULL, kind=EvidenceKind.TRAINING_CERTIFICATE, own_role="", has_experience=False)
    assert missing_facts(diploma) == ()


def test_names_still_to_mask_prevent_a_seal_but_do_not_hold_the_person_back():
    unmasked = replace(FULL, anonymity=Anonymity.NOT_YET)
    assert sworn_missing_facts(unmasked) == (MissingFact.ANONYMITY_TO_DO,)
    assert is_described(unmasked)


def test_a_piece_that_belongs_to_no_post_is_described_and_may_be_sealed():
    alone = replace(FULL, has_experience=False)
    assert missing_facts(alone) == (MissingFact.EXPERIENCE,)
    assert is_described(alone)
    assert sworn_missing_facts(alone) == ()


@pytest.mark.parametrize(
    ("began", "ended", "fault"),
    [
        (None, None, None),
        (date(2021, 3, 1), None, None),
        (date(2021, 3, 1), date(2021, 3, 1), None),
        (None, date(2021, 3, 1), PeriodError.END_ALONE),
        (date(2021, 3, 2), date(2021, 3, 1), PeriodError.BACKWARDS),
        (TODAY + timedelta(days=1), None, PeriodError.FUTURE),
        (date(2021, 3, 1), TODAY + timedelta(days=1), PeriodError.FUTURE),
    ],
)
def test_a_period_runs_forward_and_is_not_in_the_future(began, ended, fault):
    assert period_error(began, ended, TODAY) is fault


def hints(piece: EvidenceDescription, *claims: PieceClaim) -> set[tuple[Question, Hint]]:
    return {(advice.question, advice.hint) for advice in hints_for(piece, claims, TODAY)}


def test_a_good_piece_with_a_commented_claim_calls_for_no_remark():
    assert hints(FULL, PieceClaim("", "Le plan montre l’évaluation des effectifs.")) == set()


def test_valid_a_piece_must_serve_some_competency_and_say_why():
    assert hints(FULL) == {(Question.VALID, Hint.NO_CLAIM)}
    assert hints(FULL, PieceClaim("1", " ")) == {(Question.VALID, Hint.NO_COMMENT)}


def test_valid_the_same_proof_for_everything_convinces_nobody():
    assert hints(FULL, *[PieceClaim("1", "parce que")] * 5) == {(Question.VALID, Hint.EVERYWHERE)}


def test_authentic_a_document_by_others_does_not_speak_for_the_candidate_alone():
    claim = PieceClaim("1", "parce que")
    assert hints(replace(FULL, authorship=Authorship.OTHER), claim) == {(Question.AUTHENTIC, Hint.NOT_ALONE)}
    attestation = replace(FULL, authorship=Authorship.OTHER, kind=EvidenceKind.EMPLOYER_ATTESTATION)
    assert hints(attestation, claim) == set()


def test_current_a_proof_older_than_five_years_is_remarked_and_an_undated_one_too():
    claim = PieceClaim("1", "parce que")
    old = replace(FULL, dated_from=date(2015, 1, 1), dated_to=date(2016, 1, 1))
    assert hints(old, claim) == {(Question.CURRENT, Hint.OLD)}
    assert hints(replace(FULL, dated_from=None, dated_to=None), claim) == {(Question.CURRENT, Hint.UNDATED)}


def test_sufficient_a_long_document_says_where_to_look():
    assert hints(replace(FULL, pages=40), PieceClaim("", "parce que")) == {(Question.SUFFICIENT, Hint.NO_PASSAGE)}
    assert hints(replace(FULL, pages=40), PieceClaim("4-5", "parce que")) == set()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Nous avons préparé le budget.", True),
        ("On a préparé le budget avec notre direction.", True),
        ("Nous étions trois ; j’ai préparé le budget.", False),
        ("Je préparais le budget.", False),
        ("Préparation du budget.", False),
        ("", False),
    ],
)
def test_a_text_that_only_says_we_hides_the_persons_own_part(text, answer):
    assert says_we(text) is answer


pieces = st.builds(
    EvidenceDescription,
    title=st.sampled_from(["", "Plan"]),
    kind=st.none() | st.sampled_from(list(EvidenceKind)),
    dated_from=st.none() | st.just(date(2021, 1, 1)),
    has_experience=st.booleans(),
    own_role=st.sampled_from(["", "J’ai conduit."]),
    authorship=st.none() | st.sampled_from(list(Authorship)),
    own_part=st.sampled_from(["", "Le budget"]),
    confidentiality=st.none() | st.sampled_from(list(Confidentiality)),
    anonymity=st.none() | st.sampled_from(list(Anonymity)),
)


@given(pieces)
def test_what_prevents_a_seal_is_always_among_what_is_missing(piece):
    assert set(sworn_missing_facts(piece)) <= set(missing_facts(piece))


@given(pieces, st.sampled_from(["title", "own_role", "own_part"]))
def test_saying_more_never_makes_a_piece_lack_more(piece, field):
    said = replace(piece, **{field: "dit"})
    assert set(missing_facts(said)) <= set(missing_facts(piece))
