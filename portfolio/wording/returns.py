"""What is said in French of a dossier returned for completion, to its candidate and to its certifier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from portfolio.domain.submission.models import DossierReturn
from portfolio.domain.submission.rules.returns import ReturnEnding, ReturnState
from portfolio.french_text import NBSP, count, date_fr

STATES: Mapping[ReturnState, str] = {
    ReturnState.AWAITED: "Attendu",
    ReturnState.OVERDUE: "Date dépassée",
    ReturnState.ENDED: "Terminé",
}
TONES: Mapping[ReturnState, str] = {
    ReturnState.AWAITED: "plain",
    ReturnState.OVERDUE: "bad",
    ReturnState.ENDED: "good",
}
_ENDINGS: Mapping[ReturnEnding, Callable[[date], str]] = {
    ReturnEnding.SUBMITTED: lambda day: f"Nouvelle version déposée le {date_fr(day)}",
    ReturnEnding.LIFTED: lambda day: f"Demande retirée par le certificateur le {date_fr(day)}",
}


def candidate_sentence(row: DossierReturn, state: ReturnState) -> str:
    """Tell the candidate where the return is, and what follows from it."""
    left = sum(request.done_at is None for request in row.requests)
    if state is ReturnState.OVERDUE:
        return (
            f"La date du {date_fr(row.due_on)} est passée. Vous pouvez encore compléter votre dossier et le "
            "déposer. Prévenez aussi votre certificateur : il peut vous donner plus de temps, ou "
            "transmettre au jury la version déjà déposée."
        )
    if not left:
        return (
            "Tous les points sont cochés. Déposez de nouveau votre dossier, au plus tard le "
            f"{date_fr(row.due_on)}."
        )
    return (
        f"{count(left, 'point')} à compléter. Déposez ensuite de nouveau votre dossier, au plus tard le "
        f"{date_fr(row.due_on)}."
    )


def certifier_sentence(row: DossierReturn, state: ReturnState) -> str:
    """Tell the certifier where the return is."""
    done = sum(request.done_at is not None for request in row.requests)
    ticked = (
        f"La personne a coché {done or 'aucun'} des {len(row.requests)} points."
        if len(row.requests) > 1
        else ("La personne a coché ce point." if done else "La personne n’a pas encore coché ce point.")
    )
    if state is ReturnState.OVERDUE:
        return (
            f"La date du {date_fr(row.due_on)} est passée sans nouveau dépôt. {ticked} Donnez une autre "
            "date, ou laissez le jury lire la version déjà déposée."
        )
    return f"À compléter au plus tard le {date_fr(row.due_on)}. {ticked}"


def ending_sentence(row: DossierReturn) -> str:
    """Tell how a return ended."""
    return (
        _ENDINGS[row.ending](row.ended_at.date())
        if row.ending and row.ended_at
        else f"En cours{NBSP}: {date_fr(row.due_on)}"
    )
