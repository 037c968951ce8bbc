"""What the jury says in French."""

from portfolio.domain.jury.rules.composition import INTERNAL_SEATS
from portfolio.wording.jury.awaited import awaited_to_json
from portfolio.wording.jury.conditions import seat_terms_sentence
from portfolio.wording.jury.deliberation import (
    REFUSALS,
    closing_error_message,
    consistency_message,
    rule_message,
    vote_question,
    votes_message,
)
from portfolio.wording.jury.labels import (
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
    affiliations_message,
    affiliations_short_message,
    of_seat,
    seat_name,
    ties_answers,
)
from portfolio.wording.jury.predicates import QUESTIONS, predicate_message, reasons, remedy_message, source_message
from portfolio.wording.jury.statements import statement_messages, statement_words

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
    "affiliations_message",
    "affiliations_short_message",
    "awaited_to_json",
    "closing_error_message",
    "consistency_message",
    "of_seat",
    "predicate_message",
    "reasons",
    "remedy_message",
    "rule_message",
    "seat_name",
    "seat_terms_sentence",
    "source_message",
    "statement_messages",
    "statement_words",
    "ties_answers",
    "vote_question",
    "votes_message",
]
