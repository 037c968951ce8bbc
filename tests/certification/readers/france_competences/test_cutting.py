"""Check where the prose of a block is cut, and when the cut is certain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.certification.readers.france_competences.blocks import cut
from portfolio.domain.certification.rules.entry import CutRule


@pytest.mark.parametrize(
    ("text", "rule", "items"),
    [
        (
            "A1C1. Évaluer un contexte    A1C2.Apprécier un choix",
            CutRule.CODES,
            ["A1C1. Évaluer un contexte", "A1C2.Apprécier un choix"],
        ),
        ("C.1. Conduire    C.2. Analyser", CutRule.CODES, ["C.1. Conduire", "C.2. Analyser"]),
        ("C1.1 - Conduire  C1.2 - Analyser", CutRule.CODES, ["C1.1 - Conduire", "C1.2 - Analyser"]),
        ("2.1.1 Conduire\n2.1.2 Analyser", CutRule.CODES, ["2.1.1 Conduire", "2.1.2 Analyser"]),
        ("1. Conduire\n2. Analyser", CutRule.NUMBERS, ["Conduire", "Analyser"]),
        ("1 - Conduire    2 - Analyser", CutRule.NUMBERS, ["Conduire", "Analyser"]),
        ("- Conduire une équipe  - Analyser", CutRule.BULLETS, ["Conduire une équipe", "Analyser"]),
        ("* Coder          * Maintenir", CutRule.BULLETS, ["Coder", "Maintenir"]),
        ("• Coder • Maintenir", CutRule.BULLETS, ["Coder", "Maintenir"]),
        ("Conduire\n\nAnalyser", CutRule.LINES, ["Conduire", "Analyser"]),
        ("Conduire    Analyser", CutRule.LINES, ["Conduire", "Analyser"]),
        ("Conduire ; analyser ; décider", CutRule.SEMICOLONS, ["Conduire", "analyser", "décider"]),
        ("Conduire une équipe Analyser un marché", CutRule.CAPITALS, ["Conduire une équipe", "Analyser un marché"]),
        ("Conduire une équipe", CutRule.WHOLE, ["Conduire une équipe"]),
        ("BLOC DE COMPÉTENCES n°1 :\n- Conduire\n- Analyser", CutRule.BULLETS, ["Conduire", "Analyser"]),
        ("", CutRule.WHOLE, []),
    ],
)
def test_a_text_is_cut_where_its_marks_are(text, rule, items):
    found = cut(text)
    assert (found.rule, list(found.items)) == (rule, items)
    assert found.is_certain is (rule in (CutRule.CODES, CutRule.NUMBERS, CutRule.BULLETS))


def test_a_word_with_a_hyphen_or_spaces_of_a_page_does_not_cut():
    found = cut("- Suivre l’auto-évaluation   technique de l’équipe  - Valider un savoir-faire")
    assert list(found.items) == ["Suivre l’auto-évaluation technique de l’équipe", "Valider un savoir-faire"]


def test_codes_that_skip_a_number_are_not_certain():
    assert not cut("C1. Conduire    C2. Analyser    C4. Décider").is_certain


def test_a_lead_and_an_inner_heading_are_set_aside_and_two_in_a_line_are_doubted():
    found = cut("En équipe :    - Conduire    Pilotage :  - Analyser le budget Réaliser un bilan")
    assert found.aside == ("En équipe :", "Pilotage :")
    assert found.items == ("Conduire", "Analyser le budget Réaliser un bilan")
    assert found.merged == (2,)


def test_an_assessment_after_the_last_bullet_is_no_competency():
    found = cut("- Analyser les données\n- Déployer un modèle\nÉvaluation : étude de cas")
    assert found.items == ("Analyser les données", "Déployer un modèle")
    assert found.aside == ("Évaluation : étude de cas",)


@pytest.mark.parametrize(
    ("text", "rule", "items"),
    [
        ("A1 – Compter A2 – Ranger", CutRule.CODES, ("A1 – Compter", "A2 – Ranger")),
        ("A1C1. Compter A1C2. Ranger", CutRule.CODES, ("A1C1. Compter", "A1C2. Ranger")),
        ("C1.1 Compter C1.2 Ranger", CutRule.CODES, ("C1.1 Compter", "C1.2 Ranger")),
        ("1 - Compter 2 - Ranger", CutRule.NUMBERS, ("Compter", "Ranger")),
        ("1. Compter 2. Ranger 3. Peser", CutRule.NUMBERS, ("Compter", "Ranger", "Peser")),
        ("- Compter - Ranger", CutRule.BULLETS, ("Compter", "Ranger")),
    ],
)
def test_a_text_whose_line_breaks_are_lost_is_cut_at_its_marks(text, rule, items):
    found = cut(text)
    assert (found.rule, found.items) == (rule, items)


@pytest.mark.parametrize(
    "text",
    [
        "Appliquer la norme C1.1 puis la norme C1.2",
        "1. Compter les stocks de 2023 et 4. Ranger",
        "Suivre l’avant - Noël et l’après - Noël",
    ],
)
def test_marks_that_do_not_begin_the_text_or_do_not_follow_one_another_cut_nothing_for_certain(text):
    found = cut(text)
    assert not found.is_certain


@given(st.text(alphabet="AbcdéÉ 1234.-*;:•\n()C", max_size=300))
def test_no_letter_is_ever_lost(text):
    found = cut(text)
    kept = "".join([*found.aside, *found.items])
    marks = set("-*•;:.()0123456789 \n")
    assert sorted(c for c in kept if c not in marks) == sorted(c for c in text if c not in marks)
