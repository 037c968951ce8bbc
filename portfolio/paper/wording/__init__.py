"""What documents say in French: refusals, and the values of each document."""

from portfolio.certificate.later_wording import STATUSES
from portfolio.jury.wording import listed
from portfolio.paper.wording.certificate import certificate_pdf, subject_words
from portfolio.paper.wording.letter import FINDINGS, GRANTED, letter_pdf, result_words, way_words
from portfolio.paper.wording.minutes import minutes_value
from portfolio.paper.wording.receipt import receipt_value
from portfolio.paper.wording.refusals import REFUSALS, complete_sentence

__all__ = [
    "FINDINGS",
    "GRANTED",
    "REFUSALS",
    "STATUSES",
    "certificate_pdf",
    "complete_sentence",
    "letter_pdf",
    "listed",
    "minutes_value",
    "receipt_value",
    "result_words",
    "subject_words",
    "way_words",
]
