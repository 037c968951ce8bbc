"""What documents say in French: refusals, and the values of each document."""

from portfolio.certificate.later_wording import STATUSES
from portfolio.certificate.wording import result_words
from portfolio.jury.wording import FINDINGS, listed
from portfolio.paper.wording.agenda import ACTS, due_words, task_words, tone_of
from portfolio.paper.wording.blocks import (
    RULE,
    TOLD,
    TOLD_HELP,
    acquired_words,
    granted_words,
    other_words,
    reminder_words,
    rule_words,
    told_of,
    way_words,
)
from portfolio.paper.wording.certificate import certificate_pdf, subject_words
from portfolio.paper.wording.letter import CLOSING, greeting_words, letter_pdf, proof_words, summary_words, warm_words
from portfolio.paper.wording.minutes import minutes_value
from portfolio.paper.wording.names import HOW
from portfolio.paper.wording.receipt import receipt_value
from portfolio.paper.wording.refusals import REFUSALS, complete_sentence
from portfolio.paper.wording.steps import contact_words, contest_words, next_words

__all__ = [
    "ACTS",
    "CLOSING",
    "FINDINGS",
    "HOW",
    "REFUSALS",
    "RULE",
    "STATUSES",
    "TOLD",
    "TOLD_HELP",
    "acquired_words",
    "certificate_pdf",
    "complete_sentence",
    "contact_words",
    "contest_words",
    "due_words",
    "granted_words",
    "greeting_words",
    "letter_pdf",
    "listed",
    "minutes_value",
    "next_words",
    "other_words",
    "proof_words",
    "receipt_value",
    "reminder_words",
    "result_words",
    "rule_words",
    "subject_words",
    "summary_words",
    "task_words",
    "told_of",
    "tone_of",
    "warm_words",
    "way_words",
]
