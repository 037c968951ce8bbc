"""What is said, in French, about the draft of the livret 2."""

from portfolio.wording.dossier.coaching import PLAINLY, SERVING
from portfolio.wording.dossier.gaps import misplaced_message, missing_item_message
from portfolio.wording.dossier.names import (
    COVERAGE,
    MISSING_PARTS,
    PROMPT_HELP,
    PROMPTS,
    TEXT_HELP,
    TEXT_OBJECT,
    TEXTS,
    hint_of,
    progress_steps,
    summary_of,
)
from portfolio.wording.dossier.next_action import (
    JURY_LABEL,
    NEXT_LABELS,
    SUSPENDED_TITLE,
    jury_over,
    jury_text,
    jury_title,
    next_text,
    next_title,
    suspended_text,
)
from portfolio.wording.dossier.refusals import REFUSALS

__all__ = [
    "COVERAGE",
    "JURY_LABEL",
    "MISSING_PARTS",
    "NEXT_LABELS",
    "PLAINLY",
    "PROMPTS",
    "PROMPT_HELP",
    "REFUSALS",
    "SERVING",
    "SUSPENDED_TITLE",
    "TEXTS",
    "TEXT_HELP",
    "TEXT_OBJECT",
    "hint_of",
    "jury_over",
    "jury_text",
    "jury_title",
    "misplaced_message",
    "missing_item_message",
    "next_text",
    "next_title",
    "progress_steps",
    "summary_of",
    "suspended_text",
]
