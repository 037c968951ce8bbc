"""Every code about evidence has its French sentence, and passages read well."""

import pytest

from portfolio.domain.dossier.rules.citation import CitationError, CitationErrorCode, CitationUnit
from portfolio.domain.dossier.rules.description import (
    Anonymity,
    Authorship,
    Confidentiality,
    EvidenceKind,
    Hint,
    MissingFact,
    PeriodError,
    Question,
)
from portfolio.wording import evidence


@pytest.mark.parametrize(
    ("codes", "sentences"),
    [
        (EvidenceKind, evidence.KINDS),
        (Authorship, evidence.AUTHORSHIP),
        (Confidentiality, evidence.CONFIDENTIALITY),
        (Anonymity, evidence.ANONYMITY),
        (MissingFact, evidence.MISSING),
        (PeriodError, evidence.PERIODS),
        (Question, evidence.QUESTIONS),
        (Hint, evidence.HINTS),
        (CitationUnit, evidence.PASSAGE_LABELS),
        (CitationUnit, evidence.PASSAGE_HELP),
    ],
)
def test_every_code_has_its_sentence(codes, sentences):
    assert set(codes) == set(sentences)


@pytest.mark.parametrize("code", CitationErrorCode)
@pytest.mark.parametrize("measure", CitationUnit)
def test_every_fault_of_a_passage_says_what_to_do(code, measure):
    sentence = evidence.citation_error_message(CitationError(code, "x" * 300, 12), measure)
    assert sentence.endswith(".")
    assert len(sentence) < 160


@pytest.mark.parametrize(
    ("passage", "measure", "shown"),
    [
        ("4-5, 9", CitationUnit.PAGES, "pages 4 à 5 et 9"),
        ("4", CitationUnit.PAGES, "page 4"),
        ("12:30-14:00, 20:00", CitationUnit.MINUTES, "de 12:30 à 14:00 et à 20:00"),
        ("onglet Budget", CitationUnit.FREE, "onglet Budget"),
        ("", CitationUnit.PAGES, "toute la pièce"),
    ],
)
def test_a_passage_is_said_in_words(passage, measure, shown):
    assert evidence.citation_message(passage, measure).replace(evidence.NBSP, " ") == shown


def test_what_a_piece_lacks_is_said_in_one_breath():
    lacks = (MissingFact.DATE, MissingFact.OWN_ROLE, MissingFact.CONFIDENTIALITY, MissingFact.ANONYMITY_TO_DO)
    assert evidence.missing_message(lacks) == (
        "Il reste à indiquer la date, votre rôle et si la pièce est confidentielle. Il reste des noms à masquer."
    )
    assert evidence.missing_message(()) == ""
