"""Sentences about the groups of an employer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from portfolio.domain.candidate_group.models import CandidateGroup
from portfolio.domain.candidate_group.rules import GroupRefusal
from portfolio.french_text import NBSP, count

REFUSALS: dict[GroupRefusal, Callable[[dict[str, Any]], str]] = {
    GroupRefusal.IN_IT_ALREADY: lambda _: "Vous êtes déjà dans ce groupe. Rien n’a changé.",
    GroupRefusal.NOT_IN_IT: lambda _: "Vous n’êtes plus dans ce groupe. Rien n’a changé.",
    GroupRefusal.CLOSED_CANDIDACY: lambda _: "Cette candidature est close. Elle n’entre dans aucun groupe.",
}
WRONG_CODE = (
    "Aucun groupe de votre organisme n’a ce code. Vérifiez-le, ou demandez-le à nouveau\u00a0: il a pu changer."
)


def who_sees_message(group: CandidateGroup) -> str:
    """Say in one sentence who sees what of a candidate who is in a group."""
    return (
        f"{group.employer} verra votre nom, les dates et les heures de vos rendez-vous et votre présence. Rien de "
        "votre dossier, de vos preuves ni de votre résultat ne lui est montré."
    )


def wait_message(wait: timedelta) -> str:
    """Say that too many codes were tried, and how long to wait."""
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    return f"Trop de codes faux. Réessayez dans {count(minutes, 'minute')}."


def members_message(number: int) -> str:
    """Say how many candidates are in a group."""
    return count(number, "personne", "personnes") if number else "personne pour l’instant"


def shown_code(code: str) -> str:
    """Cut a code in two, as it is read aloud."""
    return f"{code[: len(code) // 2]}{NBSP}{code[len(code) // 2 :]}"
