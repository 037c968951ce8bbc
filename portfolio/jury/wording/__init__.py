"""What the jury says in French."""

from portfolio.jury.rules import INTERNAL_SEATS
from portfolio.jury.wording.awaited import awaited_as_json
from portfolio.jury.wording.deliberation import (
    REFUSALS,
    consistency_sentence,
    fault_sentence,
    rule_sentence,
    vote_question,
    votes_sentence,
)
from portfolio.jury.wording.labels import (
    ATTENDANCES,
    COLLEGES,
    FINDINGS,
    GENDERS,
    GROUNDS,
    OF_SEAT,
    OUTCOMES,
    SEATS,
    SHORT_ATTENDANCES,
    SHORT_STATEMENTS,
    STATEMENTS,
    STEPS,
    TIE_KINDS,
    TIE_WITHS,
    ties_answers,
    ties_sentence,
    ties_words,
)
from portfolio.jury.wording.predicates import QUESTIONS, listed, mend_sentence, predicate_sentence, reasons, source_sentence
from portfolio.jury.wording.stating import stated_words, statement_words

__all__ = [
    "ATTENDANCES",
    "COLLEGES",
    "FINDINGS",
    "GENDERS",
    "GROUNDS",
    "INTERNAL_SEATS",
    "OF_SEAT",
    "OUTCOMES",
    "QUESTIONS",
    "REFUSALS",
    "SEATS",
    "SHORT_ATTENDANCES",
    "SHORT_STATEMENTS",
    "STATEMENTS",
    "STEPS",
    "TIE_KINDS",
    "TIE_WITHS",
    "awaited_as_json",
    "consistency_sentence",
    "fault_sentence",
    "listed",
    "mend_sentence",
    "predicate_sentence",
    "reasons",
    "rule_sentence",
    "source_sentence",
    "stated_words",
    "statement_words",
    "ties_answers",
    "ties_sentence",
    "ties_words",
    "vote_question",
    "votes_sentence",
]
