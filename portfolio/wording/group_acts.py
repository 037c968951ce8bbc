"""Acts on many candidacies at once, in French: what is asked, what was done, and why not."""

from collections.abc import Mapping, Sequence
from typing import Any

from portfolio.domain.candidacy.rules.opening import CandidacyRefusal
from portfolio.domain.group_acts.rules import MAX_CANDIDACIES, GroupActKind, LineOutcome
from portfolio.french_text import NBSP, count
from portfolio.wording.candidacy import REFUSALS

SLUGS: Mapping[str, GroupActKind] = {
    "inviter": GroupActKind.INVITE,
    "confier": GroupActKind.ASSIGN,
    "ecrire": GroupActKind.WRITE,
}
BUTTONS: Mapping[str, str] = {
    "inviter": "Renvoyer l’invitation",
    "confier": "Confier l’accompagnement",
    "ecrire": "Leur écrire",
}
TITLES: Mapping[GroupActKind, str] = {
    GroupActKind.INVITE: "Renvoyer l’invitation",
    GroupActKind.ASSIGN: "Confier l’accompagnement",
    GroupActKind.WRITE: "Écrire à un groupe",
}
LEADS: Mapping[GroupActKind, str] = {
    GroupActKind.INVITE: "Chaque personne reçoit un nouveau lien. Le lien d’avant ne sert plus.",
    GroupActKind.ASSIGN: (
        "La personne désignée suit chacune de ces candidatures, à la place de celle qui les suivait. "
        "Elle reçoit un seul courrier pour toutes."
    ),
    GroupActKind.WRITE: (
        "Chaque personne reçoit son propre courrier : personne ne voit le nom ni l’adresse des autres."
    ),
}
RESULTS: Mapping[GroupActKind, tuple[str, str]] = {
    GroupActKind.INVITE: ("invitation est écrite", "invitations sont écrites"),
    GroupActKind.ASSIGN: ("candidature est confiée", "candidatures sont confiées"),
    GroupActKind.WRITE: ("courrier est écrit", "courriers sont écrits"),
}
_REASONS: Mapping[LineOutcome, str] = {
    LineOutcome.ERASED: "Le dossier est effacé.",
    LineOutcome.CLOSED: (
        f"La candidature est fermée. Rouvrez-la d’abord si c’est une erreur{NBSP}: sa page le permet."
    ),
    LineOutcome.HAS_COME: "Une première connexion a déjà eu lieu. Une invitation ne servirait plus.",
    LineOutcome.SAME_ADVISOR: "Déjà confiée à la personne choisie.",
    LineOutcome.SAME_PERSON: "Le même courrier part déjà pour une autre candidature de la même personne.",
    LineOutcome.REFUSED: "Une règle l’empêche.",
    LineOutcome.FAILED: "Une panne l’a empêché, après trois essais. Recommencez pour cette personne.",
}
NOTHING_CHOSEN = "Cochez au moins une personne, ou choisissez toutes celles de la liste."
TOO_MANY = (
    f"Cette liste a plus de {MAX_CANDIDACIES} candidatures. Filtrez-la d’abord (étape, session, "
    "certification), puis recommencez pour chaque partie."
)
CHOICE_LOST = "Le choix des personnes n’est pas lisible. Revenez à la liste et choisissez de nouveau."


def reason_message(outcome: LineOutcome, refusal: str | None = None) -> str:
    """Say why the act is not done for a candidacy."""
    if refusal in set(CandidacyRefusal):
        return REFUSALS[CandidacyRefusal(refusal)]({})
    return _REASONS[outcome]


def by_reason(rows: Sequence[Any], refusal: str = "refusal") -> Mapping[str, list[Any]]:
    """Group candidacies by the sentence that says why the act is not done for them."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        outcome = getattr(row, "reason", None) or row.outcome
        found.setdefault(reason_message(outcome, getattr(row, refusal, None)), []).append(row)
    return found


def order_label(kind: GroupActKind, number: int) -> str:
    """Return what the button says: exactly how many."""
    words = {
        GroupActKind.INVITE: ("Renvoyer l’invitation", f"Renvoyer {number} invitations"),
        GroupActKind.ASSIGN: ("Confier cette candidature", f"Confier ces {number} candidatures"),
        GroupActKind.WRITE: ("Écrire à cette personne", f"Écrire à ces {number} personnes"),
    }
    return words[kind][number != 1]


def result_title(kind: GroupActKind, number: int) -> str:
    """Say how many were done."""
    return count(number, *RESULTS[kind])
