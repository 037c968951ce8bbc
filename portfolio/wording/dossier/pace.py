"""The rhythm of a candidate, said plainly."""

from collections.abc import Mapping

from portfolio.domain.candidacy.rules.funnel import LeavingReason
from portfolio.domain.dossier.rules.next_action import NextAction, NextStep
from portfolio.french_text import count
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
