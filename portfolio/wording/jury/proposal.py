"""The French sentences about a jury proposed from the pool."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from portfolio.domain.jury.rules.day_proposal import Impossible, ImpossibleReason, Place
from portfolio.french_text import NBSP, enumeration
from portfolio.wording.jury.labels import OF_SEAT
from portfolio.wording.jury.predicates import QUESTIONS


def seat_of(place: Place | None) -> str:
    """Name a seat after « siège »."""
    if place is None:
        return ""
    return OF_SEAT[place[0]] + (f" n°{NBSP}{place[1]}" if place[1] > 1 else "")


def impossible_message(answer: Impossible, names: Mapping[UUID, str]) -> tuple[str, str]:
    """Return why no jury can be proposed, and what to do about it."""
    who = enumeration([names[candidate] for candidate in answer.candidates if candidate in names])
    seat = seat_of(answer.place)
    asked = enumeration([QUESTIONS[predicate].lower() for predicate in answer.predicates])
    messages = {
        ImpossibleReason.NO_SEATS: (
            "La certification ne dit pas quels sièges a le jury.",
            "Complétez la règle de jury de la certification.",
        ),
        ImpossibleReason.NOBODY_FITS: (
            f"Personne, dans la liste des jurés, ne peut tenir le siège {seat}.",
            "Ajoutez une personne pour ce siège, ou complétez les fiches.",
        ),
        ImpossibleReason.NOBODY_FREE: (
            (
                f"Personne ne peut tenir le siège {seat} pour {who}{NBSP}: lien avec cette personne, ou pas "
                "disponible ce jour-là."
            ),
            f"Ajoutez une personne pour ce siège, ou reportez l’audition de {who}.",
        ),
        ImpossibleReason.TOO_FEW: (
            f"Il n’y a pas assez de personnes différentes pour remplir tous les sièges pour {who}.",
            "Ajoutez des jurés.",
        ),
        ImpossibleReason.PREDICATES: (
            (
                f"Aucune composition n’est régulière pour {who}. Une condition n’est jamais remplie{NBSP}: "
                f"{asked}."
            ),
            "Complétez les fiches, par exemple les liens et les qualifications, ou ajoutez des jurés.",
        ),
        ImpossibleReason.LEAVE_OUT: (
            f"Chaque candidat a un jury possible, mais pas le même jour avec {who}.",
            f"Reportez l’audition de {who} à une autre session{NBSP}: un jury existe pour les autres.",
        ),
        ImpossibleReason.NO_COMMON_JURY: (
            "Chaque candidat a un jury possible, mais aucun jury ne convient à tous.",
            "Répartissez les candidats sur deux sessions.",
        ),
        ImpossibleReason.SEARCH_STOPPED: (
            "La recherche a été arrêtée avant de trouver un jury.",
            "Nommez d’abord une ou deux personnes, puis demandez la suite.",
        ),
    }
    return messages[answer.reason]
