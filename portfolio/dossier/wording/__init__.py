"""What is said, in French, about the draft of the livret 2."""

from portfolio.dossier.wording.coaching import PLAINLY, SERVING
from portfolio.dossier.wording.gaps import misplaced_sentence, missing_item_sentence
from portfolio.dossier.wording.names import (
    COVERAGE,
    LACKS,
    PROMPT_HELP,
    PROMPTS,
    TEXT_HELP,
    TEXT_OBJECT,
    TEXTS,
    hint_of,
    path_steps,
    summary_of,
)
from portfolio.dossier.wording.refusals import REFUSALS
from portfolio.dossier.wording.steps import JURY_LABEL, NEXT_LABELS, jury_over, jury_text, jury_title, next_text, next_title

__all__ = [
    "COVERAGE",
    "JURY_LABEL",
    "LACKS",
    "NEXT_LABELS",
    "PLAINLY",
    "PROMPTS",
    "PROMPT_HELP",
    "REFUSALS",
    "SERVING",
    "TEXTS",
    "TEXT_HELP",
    "TEXT_OBJECT",
    "hint_of",
    "jury_over",
    "jury_text",
    "jury_title",
    "misplaced_sentence",
    "missing_item_sentence",
    "next_text",
    "next_title",
    "path_steps",
    "summary_of",
]
