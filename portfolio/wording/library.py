"""French words of the list of pieces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portfolio.domain.evidence.rules.description import LibraryOrder, LibraryState
from portfolio.domain.evidence.use_cases.evidence import SeveralAction, SeveralResult
from portfolio.errors import Refusal
from portfolio.wording.dossier.refusals import REFUSALS as DOSSIER_REFUSALS
from portfolio.wording.evidence import REFUSALS

STATES: Mapping[LibraryState, str] = {
    LibraryState.UNUSED: "Pas encore utilisées",
    LibraryState.INCOMPLETE: "À compléter",
    LibraryState.LEFT_OUT: "À ne pas joindre",
}
ORDERS: Mapping[LibraryOrder, str] = {
    LibraryOrder.NUMBER: "par numéro",
    LibraryOrder.NEWEST: "les plus récentes d’abord",
    LibraryOrder.DATE: "par date du document",
    LibraryOrder.TITLE: "par titre",
}
ACTIONS: Mapping[SeveralAction, str] = {
    SeveralAction.LEAVE_OUT: "Ne pas les joindre au dépôt",
    SeveralAction.JOIN: "Les joindre de nouveau",
    SeveralAction.KIND: "Choisir leur nature",
    SeveralAction.EXPERIENCE: "Choisir leur expérience",
    SeveralAction.REMOVE: "Les retirer du dossier",
}
_DONE: Mapping[SeveralAction, tuple[str, str]] = {
    SeveralAction.REMOVE: ("1 pièce est retirée", "{} pièces sont retirées"),
    SeveralAction.KIND: ("La nature de 1 pièce est enregistrée", "La nature de {} pièces est enregistrée"),
    SeveralAction.EXPERIENCE: (
        "L’expérience de 1 pièce est enregistrée",
        "L’expérience de {} pièces est enregistrée",
    ),
    SeveralAction.LEAVE_OUT: (
        "1 pièce ne sera pas jointe au dépôt",
        "{} pièces ne seront pas jointes au dépôt",
    ),
    SeveralAction.JOIN: ("1 pièce sera jointe au dépôt", "{} pièces seront jointes au dépôt"),
}


def several_message(action: SeveralAction, result: SeveralResult) -> str:
    """Return what happened to the chosen pieces, and why some did not change."""
    singular, plural = _DONE[action]
    done = (
        (singular if result.changed == 1 else plural.format(result.changed)) + "."
        if result.changed
        else "Aucune pièce n’a changé."
    )
    if action is SeveralAction.REMOVE and result.changed:
        done += " Pendant trente jours, vous pouvez les remettre : voyez « Pièces retirées »."
    return " ".join([done, *(f"Pièce {number} : {_sentence(refusal)}" for number, refusal in result.refused)])


def restored_message(lost: int) -> str:
    """Return that a piece is back, with the claims that could not come back."""
    if not lost:
        return "La pièce est de nouveau dans votre dossier, avec ce qu’elle montrait."
    claims = "Une compétence n’est" if lost == 1 else f"{lost} compétences ne sont"
    return f"La pièce est de nouveau dans votre dossier. {claims} plus à prouver : le lien n’est pas remis."


def _sentence(refusal: Refusal) -> str:
    table: dict[Any, Any] = {**REFUSALS, **DOSSIER_REFUSALS}
    return str(table[refusal.code](refusal.facts))
