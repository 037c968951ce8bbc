"""French sentences of the jury."""

from portfolio.wording.jury.deliberation import (
    REFUSALS,
    ballot_message,
    closing_error_message,
    consistency_message,
    grid_conflict_message,
    rule_message,
    superseded_message,
    tie_rule_message,
    vote_question,
    votes_message,
)
from portfolio.wording.jury.labels import (
    ATTENDANCES,
    COLLEGES,
    DRAFTS_HIDDEN,
    FINDINGS,
    GENDERS,
    GROUNDS,
    OF_SEAT,
    OUTCOMES,
    RELATIONS,
    SEATS,
    SHORT_ATTENDANCES,
    SHORT_STATEMENTS,
    SIGNING_METHODS,
    STATEMENTS,
    STEPS,
    TIE_KINDS,
    TIE_WITHS,
    affiliations_message,
    affiliations_short_message,
    of_seat,
    seat_name,
    seat_terms_sentence,
    ties_answers,
)
from portfolio.wording.jury.opinions import short_words, statement_messages, statement_words, vacancy_message
from portfolio.wording.jury.predicates import QUESTIONS, predicate_message, reasons, remedy_message, source_message
from portfolio.wording.jury.schedule import (
    awaited_to_json,
    course_messages,
    day_to_fix,
    former_hours_message,
    listed_message,
    obstacle_message,
    suspension_message,
    vote_messages,
    waiting_label,
    waiting_message,
)
from portfolio.wording.jury.sittings import former_sittings
