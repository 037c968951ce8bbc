"""Every code of the jury has its French sentence, and each sentence can be said of every composition."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given

from portfolio.jury import wording
from portfolio.jury.rules import (
    Attendance,
    ClosingFault,
    ClosingFaultCode,
    College,
    ConsistencyAnswer,
    DecidingValue,
    DecisionRule,
    FindingValue,
    Gender,
    Ground,
    JurorStep,
    JuryRefusal,
    Mend,
    Outcome,
    PredicateAnswer,
    PredicateId,
    Seat,
    SignedStatement,
    Source,
    SourceKind,
    StatementKind,
    TieKind,
    TieWith,
    composition_answers,
    day_answers,
    jury_rule_of,
)
from portfolio.jury.wording.deliberation import FAULTS
from portfolio.jury.wording.predicates import MENDS, SENTENCES, percent
from tests.jury.test_composition import ALONE, FIVE, jury, members_given
from tests.jury.test_day import ALONE as ALONE_ON_THE_DAY
from tests.jury.test_day import READY

FACTS = {
    "who": ("Inès Faure", "Zoé Petit"),
    "in_favour": 2,
    "against": 3,
    "outcome": "validated",
    "total": 6,
    "voters": 5,
    "name": "Paul Marin",
    "candidate": "Samia Benali",
    "day": "2020-06-18",
    "faults": (ClosingFault(ClosingFaultCode.DECISION_MISSING, {"block": 2}),),
    "block": 2,
    "competency": "2.3",
    "predicate": "J5",
    "expected": "validated",
    "short": "2.3",
}


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (Seat, wording.SEATS),
        (Seat, wording.OF_SEAT),
        (College, wording.COLLEGES),
        (Attendance, wording.ATTENDANCES),
        (Attendance, wording.SHORT_ATTENDANCES),
        (Gender, wording.GENDERS),
        (JurorStep, wording.STEPS),
        (StatementKind, wording.STATEMENTS),
        (StatementKind, wording.SHORT_STATEMENTS),
        (TieKind, wording.TIE_KINDS),
        (TieWith, wording.TIE_WITHS),
        (FindingValue, wording.FINDINGS),
        (Ground, wording.GROUNDS),
        (Outcome, wording.OUTCOMES),
        (PredicateId, wording.QUESTIONS),
        (PredicateId, SENTENCES),
        (Mend, MENDS),
        (ClosingFaultCode, FAULTS),
        (JuryRefusal, wording.REFUSALS),
    ],
)
def test_every_code_has_its_words(codes, words: Mapping):
    assert set(words) == set(codes)


@pytest.mark.parametrize("code", JuryRefusal)
def test_every_refusal_is_a_sentence(code: JuryRefusal):
    assert wording.REFUSALS[code](FACTS).endswith(".")


@pytest.mark.parametrize("code", ClosingFaultCode)
def test_every_fault_is_a_sentence(code: ClosingFaultCode):
    assert wording.fault_sentence(ClosingFault(code, FACTS)).endswith(".")


@pytest.mark.parametrize("kind", SourceKind)
def test_every_source_is_named(kind: SourceKind):
    assert wording.source_sentence(Source(kind, "D6412-6"))


def said(answer: PredicateAnswer) -> str:
    return wording.predicate_sentence(answer).replace("\u00a0", " ")


@given(members_given)
def test_each_answer_of_each_composition_can_be_said(members):
    for rule in (jury().rule, jury_rule_of(None)):
        for answer in composition_answers(jury(*members, rule=rule)):
            assert said(answer).endswith(".")
            assert bool(wording.mend_sentence(answer)) is not answer.holds
            assert wording.source_sentence(answer.source)


@pytest.mark.parametrize(
    ("predicate", "words"),
    [
        (PredicateId.J1, "Inès Faure occupe deux sièges"),
        (PredicateId.J2, "Siège à pourvoir : celui de responsable pédagogique."),
        (PredicateId.J3, "Paul Marin préside sans représenter les employeurs."),
        (PredicateId.J5, "Aya Diallo n’est pas déclaré"),
        (PredicateId.J6, "Luc Roux n’est pas la direction"),
        (PredicateId.J7, "Membres extérieurs : 1 sur 5 (Aya Diallo) ; il en faut au moins 2 (40 % du jury)."),
        (PredicateId.J8, "2 sur 5 (Aya Diallo et Paul Marin) ; il en faut au moins 3 (60 % du jury)."),
        (PredicateId.J9, "Aucun membre n’est déclaré qualifié"),
        (PredicateId.J10_KNOWN, "Inès Faure ne peut pas juger Samia Benali"),
        (PredicateId.J11, "Personne ne préside."),
    ],
)
def test_a_refusal_names_the_person_or_the_count(predicate: PredicateId, words: str):
    answer = next(one for one in composition_answers(ALONE[predicate]) if one.id is predicate)

    assert words in said(answer)


def test_a_regular_jury_reads_as_plain_facts():
    assert [said(answer) for answer in composition_answers(jury(*FIVE))] == [
        "5 membres sont nommés ; il en faut exactement 5.",
        "Chaque siège a son membre.",
        "Paul Marin représente les employeurs.",
        "Aya Diallo représente les salariés et sera en activité à la date de la session.",
        "Luc Roux siège pour la direction.",
        "Membres extérieurs : 2 sur 5 (Aya Diallo et Paul Marin) ; il en faut au moins 2 (40 % du jury).",
        "Représentants des employeurs et des salariés : 2 sur 5 (Aya Diallo et Paul Marin) ; il en faut au moins 2 (40 % du jury).",
        "1 membre qualifié : Paul Marin.",
        "Ni Samia Benali ni une personne qui l’accompagne ou l’a accompagnée ne siège.",
        "Paul Marin préside ; en cas de partage des voix, la sienne décide.",
    ]


def test_a_legal_rule_says_which_paths_it_binds():
    article = composition_answers(jury(*FIVE))[7].source

    assert "D6412-6" in wording.source_sentence(article)
    assert "13" in wording.source_sentence(article)


@pytest.mark.parametrize(("share", "words"), [("2/5", "40 %"), ("1/3", "33,3 %"), ("1/2", "50 %"), ("1", "100 %")])
def test_shares_are_written_in_percent(share: str, words: str):
    assert percent(share) == words


@pytest.mark.parametrize("rule", DecisionRule)
def test_each_rule_of_a_block_is_told(rule: DecisionRule):
    assert wording.rule_sentence(DecidingValue(rule, 60)).startswith("Un bloc est validé si")


def test_what_the_findings_make_is_told():
    deciding = DecidingValue()

    def told(expected, short=(), missing=()):
        return wording.consistency_sentence(ConsistencyAnswer(expected, deciding, (), short, missing)).replace("\u00a0", " ")

    assert told(None, missing=("2.1", "2.3")) == "Il reste à constater 2.1 et 2.3."
    assert told(Outcome.VALIDATED) == "Les constats conduisent à valider ce bloc."
    assert told(Outcome.NOT_VALIDATED, ("2.3",)).endswith("2.3 n’est pas acquise.")
    assert told(Outcome.NOT_VALIDATED, ("2.1", "2.3")).endswith("2.1 et 2.3 ne sont pas acquises.")


@pytest.mark.parametrize("predicate", ALONE_ON_THE_DAY)
def test_what_is_asked_on_the_day_can_be_said(predicate: PredicateId):
    for day in (READY, ALONE_ON_THE_DAY[predicate]):
        for answer in day_answers(day):
            assert said(answer).endswith(".")
            assert bool(wording.mend_sentence(answer)) is not answer.holds


def test_high_punctuation_stays_with_its_word():
    sentence = wording.predicate_sentence(composition_answers(jury(*FIVE))[5])
    assert "extérieurs\u00a0: 2" in sentence
    assert "40\u00a0%" in sentence


def test_why_a_composition_is_irregular_is_said_in_a_line():
    assert wording.reasons(composition_answers(ALONE[PredicateId.J5])) == "le représentant des salariés est en activité"


MORNING, EVENING = datetime(2026, 6, 3, 9, 0, tzinfo=UTC), datetime(2026, 6, 3, 18, 0, tzinfo=UTC)
NEXT_DAY = datetime(2026, 6, 4, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ([("no_relation", MORNING, False), ("read", EVENING, False)], ["Aucun lien déclaré, dossier lu, le 3\u00a0juin 2026"]),
        (
            [("no_relation", MORNING, True), ("read", MORNING, True)],
            ["Aucun lien déclaré, dossier lu, le 3\u00a0juin 2026, sur papier"],
        ),
        (
            [("no_relation", MORNING, False), ("read", NEXT_DAY, False)],
            ["Aucun lien avec la personne candidate, le 3\u00a0juin 2026", "Lecture du dossier scellé, le 4\u00a0juin 2026"],
        ),
        (
            [("no_relation", MORNING, True), ("read", MORNING, False)],
            [
                "Aucun lien avec la personne candidate, le 3\u00a0juin 2026, sur papier",
                "Lecture du dossier scellé, le 3\u00a0juin 2026",
            ],
        ),
        ([("recusal", MORNING, False)], ["Récusation, le 3\u00a0juin 2026"]),
        ([], []),
    ],
)
def test_what_a_member_stated_the_same_day_is_told_in_one_line(said, lines):
    assert wording.stated_words([SignedStatement(StatementKind(kind), at, paper) for kind, at, paper in said]) == lines
