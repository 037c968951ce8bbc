"""Hyphens left inside words by the PDF are joined; those of French compounds stay."""

import pytest

from portfolio.domain.certification.readers.cncp_text import read
from portfolio.domain.certification.readers.cncp_text.cleaning import mend_hyphens
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from tests.certification.readers.entries import SAMPLE
from tests.certification.readers.writing import entry_text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("aux contraintes bud-gétaires", "aux contraintes budgétaires"),
        ("originale et perti-nente au regard", "originale et pertinente au regard"),
        ("des méca-nismes de reporting", "des mécanismes de reporting"),
        ("En-trée Hall B", "Entrée Hall B"),
        ("la communication numé-\nrique qui en est", "la communication numérique qui en est"),
        ("la communication numé-\n\n  rique, qui en est", "la communication numérique, qui en est"),
        ("le déve-loppe-ment du site", "le développement du site"),
        ("l’intero-pérabilité", "l’interopérabilité"),
    ],
)
def test_a_hyphen_that_cuts_a_word_is_removed_without_a_doubt(written: str, meant: str) -> None:
    mended, uncertain = mend_hyphens(written)
    assert " ".join(mended.split()) == meant
    assert uncertain == []


@pytest.mark.parametrize(
    "written",
    [
        "en mode start-up, soit",
        "la stratégie elle-même inscrite",
        "Responsable E-Commerce et e-commerce",
        "rue Lucien Faure- 33000 Bordeaux",
        "SEO/SEM Manager",
        "c'est-à-dire vis-à-vis de l'au-delà",
        "peut-être celui-ci a-t-il",
        "une auto-évaluation en co-construction",
        "la sous-traitance et les savoir-faire",
        "le back-office et la check-list",
        "les étudiant-e-s et la directeur-trice",
        "Rhône-Alpes, Saint-Denis, ESGCV-Digital",
        "www.digital-campus.fr et contact@mon-ecole.fr",
        "PME-PMI",
        "un porte-parole et des mots-clés",
        "75002-Paris",
    ],
)
def test_the_hyphen_of_a_compound_stays(written: str) -> None:
    assert mend_hyphens(written) == (written, [])


def test_the_text_itself_is_evidence_for_words_no_dictionary_has() -> None:
    mended, uncertain = mend_hyphens("Le webmarketing est au centre : le web-marketing et le webmar-keting.")
    assert mended == "Le webmarketing est au centre : le webmarketing et le webmarketing."
    assert uncertain == []


def test_a_compound_cut_at_its_hyphen_keeps_it() -> None:
    assert mend_hyphens("en mode start-\nup, soit")[0] == "en mode start-up,\n soit"
    assert mend_hyphens("en région Rhône-\nAlpes")[0] == "en région Rhône-Alpes\n"


@pytest.mark.parametrize(
    ("written", "kept_as", "code"),
    [
        ("le crowd-funding", "crowd-funding", DoubtCode.HYPHEN_KEPT),
        ("les pré-requis du poste", "pré-requis", DoubtCode.HYPHEN_KEPT),
        ("un travail de scénari-sation", "scénarisation", DoubtCode.HYPHEN_REMOVED),
    ],
)
def test_where_neither_is_sure_a_doubt_stands_beside_the_competency(
    written: str, kept_as: str, code: DoubtCode
) -> None:
    text = entry_text(SAMPLE).replace("• Vendre", f"• Vendre {written}")
    entry = read(text)
    assert kept_as in entry.blocks[1].competencies[1].text
    found = [doubt for doubt in entry.doubts if doubt.what in (DoubtCode.HYPHEN_KEPT, DoubtCode.HYPHEN_REMOVED)]
    assert [(doubt.where, doubt.what) for doubt in found] == [("blocks.2.competencies.2", code)]
    assert kept_as in found[0].facts


def test_soft_hyphens_and_invisible_signs_leave_no_trace() -> None:
    entry = read("\ufeff" + entry_text(SAMPLE).replace("• Accueillir", "• Ac\u00adcueil\u00ad\nlir\u200b"))
    assert entry.blocks[1].competencies[0].text == "Accueillir"


def test_a_doubt_about_a_word_nobody_keeps_is_not_told() -> None:
    text = entry_text(SAMPLE).replace("Toute entreprise de ce métier.", "Toute entreprise de scénari-sation.")
    assert not {doubt.what for doubt in read(text).doubts} & {DoubtCode.HYPHEN_KEPT, DoubtCode.HYPHEN_REMOVED}


def test_what_is_not_a_character_is_replaced_visibly_and_told() -> None:
    entry = read(entry_text(SAMPLE).replace("• Vendre", "• Ven\x00dre \ud800ici"))
    assert entry.blocks[1].competencies[1].text == "Ven\ufffddre \ufffdici"
    assert Doubt("file", DoubtCode.CHARACTERS_REPLACED, ("2",)) in entry.doubts
