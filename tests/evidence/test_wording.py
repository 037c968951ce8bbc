"""Every code about evidence has its French sentence, and passages read well."""

from __future__ import annotations

import pytest

from portfolio.evidence import wording
from portfolio.evidence.rules import (
    Anonymity,
    Authorship,
    Confidentiality,
    EvidenceKind,
    Hint,
    Measure,
    MissingFact,
    PassageCode,
    PassageFault,
    PeriodFault,
    Question,
)


@pytest.mark.parametrize(
    ("codes", "sentences"),
    [
        (EvidenceKind, wording.KINDS),
        (Authorship, wording.AUTHORSHIP),
        (Confidentiality, wording.CONFIDENTIALITY),
        (Anonymity, wording.ANONYMITY),
        (MissingFact, wording.MISSING),
        (PeriodFault, wording.PERIODS),
        (Question, wording.QUESTIONS),
        (Hint, wording.HINTS),
        (Measure, wording.PASSAGE_LABELS),
        (Measure, wording.PASSAGE_HELP),
    ],
)
def test_every_code_has_its_sentence(codes, sentences):
    assert set(codes) == set(sentences)


@pytest.mark.parametrize("code", PassageCode)
@pytest.mark.parametrize("measure", Measure)
def test_every_fault_of_a_passage_says_what_to_do(code, measure):
    sentence = wording.passage_fault_sentence(PassageFault(code, "x" * 300, 12), measure)
    assert sentence.endswith(".")
    assert len(sentence) < 160


@pytest.mark.parametrize(
    ("passage", "measure", "shown"),
    [
        ("4-5, 9", Measure.PAGES, "pages 4 à 5 et 9"),
        ("4", Measure.PAGES, "page 4"),
        ("12:30-14:00, 20:00", Measure.MINUTES, "de 12:30 à 14:00 et à 20:00"),
        ("onglet Budget", Measure.FREE, "onglet Budget"),
        ("", Measure.PAGES, "toute la pièce"),
    ],
)
def test_a_passage_is_said_in_words(passage, measure, shown):
    assert wording.passage_shown(passage, measure).replace(wording.NBSP, " ") == shown


def test_what_a_piece_lacks_is_said_in_one_breath():
    lacks = (MissingFact.DATE, MissingFact.OWN_ROLE, MissingFact.CONFIDENTIALITY, MissingFact.ANONYMITY_TO_DO)
    assert wording.missing_sentence(lacks) == (
        "Il reste à indiquer la date, votre rôle et si la pièce est confidentielle. Il reste des noms à masquer."
    )
    assert wording.missing_sentence(()) == ""
