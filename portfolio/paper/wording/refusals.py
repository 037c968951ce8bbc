"""Why a document is not signed or a letter does not leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from portfolio.paper.rules import PaperRefusal

_SETTINGS = "Complétez les réglages de l’organisme, puis revenez ici."


def complete_sentence(numbers: Sequence[str]) -> str:
    """Say which competencies the letter leaves unexplained."""
    which = f"la compétence {numbers[0]}" if len(numbers) == 1 else f"les compétences {', '.join(numbers)}"
    return (
        f"La lettre n’explique pas encore {which} : écrivez ce que le jury a vu, ce qui manquait, "
        "ce qui est attendu et par où passer."
    )


REFUSALS: dict[PaperRefusal, Callable[[dict[str, Any]], str]] = {
    PaperRefusal.NO_REMEDIES: lambda _: (
        "Aucune notification ne part sans le texte sur les voies et délais de recours, "
        "que l’organisme écrit lui-même. " + _SETTINGS
    ),
    PaperRefusal.NO_SIGNATORY: lambda _: (
        "Personne n’est encore désigné pour signer les documents de l’organisme, ou sa qualité n’est pas dite. " + _SETTINGS
    ),
    PaperRefusal.NOT_SIGNATORY: lambda facts: (
        f"Seule la personne désignée pour signer, {facts['name']}, peut le faire : chaque personne signe avec son propre compte. "
        "Demandez-lui de se connecter, ou changez les réglages de l’organisme."
    ),
    PaperRefusal.FOREIGN_SIGNATORY: lambda _: (
        "La personne qui signe doit être membre de l’organisme. Choisissez-la dans la liste."
    ),
    PaperRefusal.NOT_DECIDED: lambda _: "Le jury n’a pas encore décidé : il n’y a pas de résultat à notifier.",
    PaperRefusal.ALREADY_NOTIFIED: lambda _: (
        "Ce résultat est déjà notifié : la lettre est signée telle qu’elle est et ne change plus."
    ),
    PaperRefusal.INCOMPLETE: lambda facts: complete_sentence(facts["numbers"]),
}
