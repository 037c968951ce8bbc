"""The law of documents: what a notification must say, what may be signed or sent, and by whom."""

from portfolio.paper.rules.agenda import NEAR, Task, TaskKind, in_order
from portfolio.paper.rules.body import BodyWords
from portfolio.paper.rules.letter import (
    Letter,
    LetterAcquired,
    LetterBlock,
    LetterCompetency,
    LetterGranted,
    LetterHeld,
    LetterOther,
    LetterSession,
    Said,
    completed,
    is_complete,
    letter_from_json,
    letter_to_json,
    prefilled,
)
from portfolio.paper.rules.refusals import PaperRefusal

__all__ = [
    "NEAR",
    "BodyWords",
    "Letter",
    "LetterAcquired",
    "LetterBlock",
    "LetterCompetency",
    "LetterGranted",
    "LetterHeld",
    "LetterOther",
    "LetterSession",
    "PaperRefusal",
    "Said",
    "Task",
    "TaskKind",
    "completed",
    "in_order",
    "is_complete",
    "letter_from_json",
    "letter_to_json",
    "prefilled",
]
