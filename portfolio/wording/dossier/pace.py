"""The rhythm of a candidate, said plainly."""

from collections.abc import Mapping
from datetime import date

from portfolio.domain.candidacy.rules.funnel import LeavingReason
from portfolio.domain.dossier.rules.next_action import NextAction, NextStep
from portfolio.domain.dossier.rules.pace import STEP_MINUTES, steps_a_week
from portfolio.french_text import NBSP, count, date_fr
from portfolio.wording.dossier.next_action import next_title

LEAVING: Mapping[LeavingReason, str] = {
    LeavingReason.TIME: "Je n’ai pas le temps",
    LeavingReason.WORDS: "Je n’arrive pas à écrire",
    LeavingReason.EVIDENCE: "Je n’ai pas les preuves",
    LeavingReason.MONEY: "Cela coûte trop cher",
    LeavingReason.ALONE: "Je manque d’aide",
    LeavingReason.OTHER_PROJECT: "J’ai un autre projet",
    LeavingReason.OTHER: "Autre raison",
}
_OTHERS: Mapping[NextStep, tuple[str, str]] = {
    NextStep.DESCRIBE_PIECE: ("autre pièce", "autres pièces"),
    NextStep.CLAIM_PIECE: ("autre pièce", "autres pièces"),
    NextStep.ANONYMISE: ("autre pièce", "autres pièces"),
    NextStep.COMMENT_CLAIMS: ("autre compétence", "autres compétences"),
}


def step_message(step: NextAction) -> str:
    """Return what a step of about twenty minutes is about, and how many like things it holds."""
    others = step.left - 1
    more = f", et {count(others, *_OTHERS[step.step])}" if others > 0 and step.step in _OTHERS else ""
    return next_title(step) + more


def pace_message(steps: int, until: date | None, today: date) -> str:
    """Return how long the next step takes, how many are left, and how many a week lead to the chosen day."""
    left = f"{STEP_MINUTES}{NBSP}min, {count(steps, 'étape')} jusqu’au dépôt"
    if until is None or until <= today:
        return left
    return f"{left}{NBSP}: {steps_a_week(steps, today, until)} par semaine, pour le {date_fr(until)}"
