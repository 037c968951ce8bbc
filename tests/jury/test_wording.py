"""Every code of the jury has its French sentence, and each sentence can be said of every composition."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given

from portfolio.domain.certification.rules.jury_rule import CONDITION_TERMS, DecisionRule, Seat
from portfolio.domain.jury.rules.composition import (
    PredicateAnswer,
    PredicateId,
    Remedy,
    Source,
    SourceKind,
    jury_rule_of,
)
from portfolio.domain.jury.rules.deliberation import (
    ClosingError,
    ClosingErrorCode,
    ConsistencyAnswer,
    DecidingValue,
    Votes,
)
from portfolio.domain.jury.rules.enums import (
    AffiliationKind,
    Attendance,
    College,
    Demonstration,
    FindingValue,
    Gender,
    JuryRefusal,
    OrganisationKind,
    Outcome,
    StatementKind,
)
from portfolio.domain.jury.rules.member_status import JurorStep, SignedStatement
from portfolio.domain.jury.rules.opinions import BallotResult, TieBreak
from portfolio.domain.jury.rules.predicates import composition_answers
from portfolio.domain.jury.rules.quorum import attendance_answers
from portfolio.wording import jury as jury_wording
from portfolio.wording.jury.deliberation import FAULTS
from portfolio.wording.jury.predicates import MENDS, SENTENCES, percent
from tests.jury.test_attendance_predicates import ALONE as ALONE_ON_THE_DAY
from tests.jury.test_attendance_predicates import READY
from tests.jury.test_composition import ALONE, FIVE, jury, members_given

FACTS = {
    "who": ("Inès Faure", "Zoé Petit"),
    "limit": 200,
    "number": 2,
    "in_favour": 2,
    "against": 3,
    "outcome": "validated",
    "total": 6,
    "voters": 5,
    "name": "Paul Marin",
    "candidate": "Samia Benali",
    "day": "2020-06-18",
    "faults": (ClosingError(ClosingErrorCode.DECISION_MISSING, {"block": 2}),),
    "block": 2,
    "competency": "2.3",
    "predicate": "J5",
    "expected": "validated",
    "short": "2.3",
    "due_on": "2020-07-18",
    "earliest": "2020-06-18",
    "latest": "2020-06-20",
    "presidency": "against",
    "asked": True,
    "seat": "employee_representative",
    "unfit": ("Aya Diallo",),
    "ballot": BallotResult(Votes(1, 1, 3), Outcome.NOT_VALIDATED, TieBreak.ABSTENTION),
}


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (Seat, jury_wording.SEATS),
        (Seat, jury_wording.OF_SEAT),
        (College, jury_wording.COLLEGES),
        (Attendance, jury_wording.ATTENDANCES),
        (Attendance, jury_wording.SHORT_ATTENDANCES),
        (Gender, jury_wording.GENDERS),
        (JurorStep, jury_wording.STEPS),
        (StatementKind, jury_wording.STATEMENTS),
        (StatementKind, jury_wording.SHORT_STATEMENTS),
        (AffiliationKind, jury_wording.TIE_KINDS),
        (OrganisationKind, jury_wording.TIE_WITHS),
        (FindingValue, jury_wording.FINDINGS),
        (Demonstration, jury_wording.GROUNDS),
        (Outcome, jury_wording.OUTCOMES),
        ([*PredicateId, *CONDITION_TERMS], jury_wording.QUESTIONS),
        ([*PredicateId, *CONDITION_TERMS], SENTENCES),
        (Remedy, MENDS),
        (ClosingErrorCode, FAULTS),
        (JuryRefusal, jury_wording.REFUSALS),
    ],
)
def test_every_code_has_its_words(codes, words: Mapping):
    assert set(words) == set(codes)


@pytest.mark.parametrize("code", JuryRefusal)
def test_every_refusal_is_a_sentence(code: JuryRefusal):
    assert jury_wording.REFUSALS[code](FACTS).endswith(".")


@pytest.mark.parametrize("code", ClosingErrorCode)
def test_every_fault_is_a_sentence(code: ClosingErrorCode):
    assert jury_wording.closing_error_message(ClosingError(code, FACTS)).endswith(".")


@pytest.mark.parametrize("kind", SourceKind)
def test_every_source_is_named(kind: SourceKind):
    said = jury_wording.source_message(Source(kind, "D6412-6"))
    assert said
    # A signed paper cites no program as the source of a rule.
    assert "Acquis" not in said


def said(answer: PredicateAnswer) -> str:
    return jury_wording.predicate_message(answer).replace("\u00a0", " ")


@given(members_given)
def test_each_answer_of_each_composition_can_be_said(members):
    for rule in (jury().rule, jury_rule_of(None)):
        for answer in composition_answers(jury(*members, rule=rule)):
            assert said(answer).endswith(".")
            assert bool(jury_wording.remedy_message(answer)) is not answer.holds
            assert jury_wording.source_message(answer.source)


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
    answer = next(
        predicate_answer
        for predicate_answer in composition_answers(ALONE[predicate])
        if predicate_answer.id is predicate
    )

    assert words in said(answer)


def test_a_regular_jury_reads_as_plain_facts():
    assert [said(answer) for answer in composition_answers(jury(*FIVE))] == [
        "5 membres sont nommés ; il en faut exactement 5.",
        "Chaque siège a son membre.",
        "Paul Marin représente les employeurs.",
        "Aya Diallo représente les salariés, en activité à la date de la session.",
        "Luc Roux siège pour la direction.",
        "Membres extérieurs : 2 sur 5 (Aya Diallo et Paul Marin) ; il en faut au moins 2 (40 % du jury).",
        "Représentants des employeurs et des salariés : 2 sur 5 (Aya Diallo et Paul Marin) ; il en faut au moins 2 (40 % du jury).",
        "1 membre qualifié : Paul Marin.",
        "Ni Samia Benali ni une personne qui accompagne ou a accompagné sa démarche ne siège.",
        "Paul Marin préside ; en cas de partage des voix, la sienne décide si elle a été donnée.",
    ]


def test_a_legal_rule_says_which_paths_it_binds():
    article = composition_answers(jury(*FIVE))[7].source

    assert "D6412-6" in jury_wording.source_message(article)
    assert "13" in jury_wording.source_message(article)


@pytest.mark.parametrize(("share", "words"), [("2/5", "40 %"), ("1/3", "33,3 %"), ("1/2", "50 %"), ("1", "100 %")])
def test_shares_are_written_in_percent(share: str, words: str):
    assert percent(share) == words


@pytest.mark.parametrize("rule", DecisionRule)
def test_each_rule_of_a_block_is_told(rule: DecisionRule):
    assert jury_wording.rule_message(DecidingValue(rule, 60)).startswith("Un bloc est validé si")


def test_what_the_findings_make_is_told():
    deciding = DecidingValue()

    def told(expected, short=(), missing=()):
        return jury_wording.consistency_message(ConsistencyAnswer(expected, deciding, (), short, missing)).replace(
            "\u00a0", " "
        )

    assert told(None, missing=("2.1", "2.3")) == "Il reste à constater 2.1 et 2.3."
    assert told(Outcome.VALIDATED) == "Les constats conduisent à valider ce bloc."
    assert told(Outcome.NOT_VALIDATED, ("2.3",)).endswith("2.3 n’est pas acquise.")
    assert told(Outcome.NOT_VALIDATED, ("2.1", "2.3")).endswith("2.1 et 2.3 ne sont pas acquises.")


@pytest.mark.parametrize("predicate", ALONE_ON_THE_DAY)
def test_what_is_asked_on_the_day_can_be_said(predicate: PredicateId):
    for day in (READY, ALONE_ON_THE_DAY[predicate]):
        for answer in attendance_answers(day):
            assert said(answer).endswith(".")
            assert bool(jury_wording.remedy_message(answer)) is not answer.holds


def test_high_punctuation_stays_with_its_word():
    sentence = jury_wording.predicate_message(composition_answers(jury(*FIVE))[5])
    assert "extérieurs\u00a0: 2" in sentence
    assert "40\u00a0%" in sentence


def test_why_a_composition_is_irregular_is_said_in_a_line():
    assert (
        jury_wording.reasons(composition_answers(ALONE[PredicateId.J5]))
        == "l’activité de la personne qui représente les salariés"
    )


MORNING, EVENING = datetime(2026, 6, 3, 9, 0, tzinfo=UTC), datetime(2026, 6, 3, 18, 0, tzinfo=UTC)
NEXT_DAY = datetime(2026, 6, 4, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        (
            [("no_relation", MORNING, False), ("read", EVENING, False)],
            ["Aucun lien déclaré, lecture attestée, le 3\u00a0juin 2026"],
        ),
        (
            [("no_relation", MORNING, True), ("read", MORNING, True)],
            ["Aucun lien déclaré, lecture attestée, le 3\u00a0juin 2026, sur papier"],
        ),
        (
            [("no_relation", MORNING, False), ("read", NEXT_DAY, False)],
            ["Aucun lien déclaré, le 3\u00a0juin 2026", "Lecture attestée, le 4\u00a0juin 2026"],
        ),
        (
            [("no_relation", MORNING, True), ("read", MORNING, False)],
            ["Aucun lien déclaré, le 3\u00a0juin 2026, sur papier", "Lecture attestée, le 3\u00a0juin 2026"],
        ),
        ([("recusal", MORNING, False)], ["Récusation, le 3\u00a0juin 2026"]),
        ([], []),
    ],
)
def test_what_a_member_stated_the_same_day_is_told_in_one_line(said, lines):
    assert (
        jury_wording.statement_messages([SignedStatement(StatementKind(kind), at, paper) for kind, at, paper in said])
        == lines
    )


@pytest.mark.parametrize("predicate", [*ALONE, *ALONE_ON_THE_DAY])
def test_what_prevents_the_closing_is_said_without_a_code(predicate: PredicateId):
    answers = (
        composition_answers(ALONE[predicate]) if predicate in ALONE else attendance_answers(ALONE_ON_THE_DAY[predicate])
    )
    answer = next(each for each in answers if each.id is predicate)
    facts = {"predicate": str(answer.id)} | dict(answer.facts)
    sentence = jury_wording.closing_error_message(ClosingError(ClosingErrorCode.IRREGULAR, facts))
    assert not re.search(r"\bJ\d", sentence)
    assert jury_wording.predicate_message(answer) in sentence
