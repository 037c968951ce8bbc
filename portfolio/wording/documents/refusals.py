"""Why a document is not signed or a letter does not leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from portfolio.domain.notification.rules.letter import DocumentRefusal

_SETTINGS = "Complétez les réglages de l’organisme, puis revenez ici."


def complete_message(numbers: Sequence[str]) -> str:
    """Return the sentence that names the competencies without an explanation in the letter."""
    which = f"la compétence {numbers[0]}" if len(numbers) == 1 else f"les compétences {', '.join(numbers)}"
    return (
        f"La lettre n’explique pas encore {which} : écrivez ce que le jury a vu, ce qui manquait, "
        "ce qui est attendu et par où passer."
    )


REFUSALS: dict[DocumentRefusal, Callable[[dict[str, Any]], str]] = {
    DocumentRefusal.NO_REMEDIES: lambda _: (
        "Aucune notification ne part sans le texte sur les voies et délais de recours, "
        "que l’organisme écrit lui-même. " + _SETTINGS
    ),
    DocumentRefusal.NO_SIGNATORY: lambda _: (
        (
            "Personne n’est encore désigné pour signer les documents de l’organisme, ou sa qualité n’est "
            "pas dite. "
        )
        + _SETTINGS
    ),
    DocumentRefusal.NOT_SIGNATORY: lambda facts: (
        f"Seule la personne désignée pour signer, {facts['name']}, peut le faire : chaque personne signe "
        "avec son propre compte. Demandez-lui de se connecter, ou changez les réglages de l’organisme."
    ),
    DocumentRefusal.FOREIGN_SIGNATORY: lambda _: (
        "La personne qui signe doit être membre de l’organisme. Choisissez-la dans la liste."
    ),
    DocumentRefusal.NOT_DECIDED: lambda _: (
        "Le jury n’a pas encore décidé : il n’y a pas de résultat à notifier."
    ),
    DocumentRefusal.ALREADY_NOTIFIED: lambda _: (
        "Ce résultat est déjà notifié : la lettre est signée telle qu’elle est et ne change plus."
    ),
    DocumentRefusal.INCOMPLETE: lambda facts: complete_message(facts["numbers"]),
}
