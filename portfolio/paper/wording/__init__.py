"""What documents say in French: refusals, and the values of each document."""

from portfolio.certificate.later_wording import STATUSES
from portfolio.jury.wording import listed
from portfolio.paper.wording.certificate import certificate_pdf, subject_words
from portfolio.paper.wording.letter import (
    FINDINGS,
    GRANTED,
    REMINDER,
    TOLD,
    acquired_words,
    letter_pdf,
    next_words,
    other_words,
    result_words,
    summary_words,
    told_of,
    way_words,
)
from portfolio.paper.wording.minutes import minutes_value
from portfolio.paper.wording.receipt import receipt_value
from portfolio.paper.wording.refusals import REFUSALS, complete_sentence

__all__ = [
    "FINDINGS",
    "GRANTED",
    "REFUSALS",
    "REMINDER",
    "STATUSES",
    "TOLD",
    "acquired_words",
    "certificate_pdf",
    "complete_sentence",
    "letter_pdf",
    "listed",
    "minutes_value",
    "next_words",
    "other_words",
    "receipt_value",
    "result_words",
    "subject_words",
    "summary_words",
    "told_of",
    "way_words",
]
