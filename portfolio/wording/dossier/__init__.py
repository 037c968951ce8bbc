"""French sentences about the draft of the livret 2."""

from portfolio.wording.dossier.names import (
    COVERAGE,
    MISSING_PARTS,
    PROMPT_HELP,
    PROMPTS,
    REFUSALS,
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
    PLAINLY,
    RECEIPT_SENT,
    RECEIPT_STEPS,
    SERVING,
    SUSPENDED_TITLE,
    jury_over,
    jury_text,
    jury_title,
    misplaced_message,
    missing_item_message,
    next_text,
    next_title,
    own_step_message,
    suspended_text,
)
