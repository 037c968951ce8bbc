"""Why a write into the draft is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from portfolio.domain.dossier.rules.draft import DossierRefusal
from portfolio.french_text import date_fr

REFUSALS: dict[DossierRefusal, Callable[[dict[str, Any]], str]] = {
    DossierRefusal.SEALED: lambda _: "Votre dossier est déposé : il se lit encore, mais ne se modifie plus.",
    DossierRefusal.NOT_IN_SCOPE: lambda _: (
        "Cette compétence ne fait pas partie de votre candidature. Choisissez-en une dans votre dossier."
    ),
    DossierRefusal.HELD: lambda facts: (
        f"Le bloc {facts.get('block', '')} est acquis : il n’y a rien à prouver pour lui."
    ),
    DossierRefusal.SUSPENDED: lambda facts: (
        f"Le bloc {facts.get('block', '')} est suspendu : ni acquis ni perdu. Il n’est pas à présenter "
        "avant la décision de l’organisme certificateur ; d’ici là, ses textes et ses preuves restent en "
        "place, sans se modifier."
    ),
    DossierRefusal.ATTACHED: lambda facts: (
        f"Une pièce de cette expérience montre une compétence du bloc {facts.get('block', '')}, suspendu : "
        "l’expérience reste en place jusqu’à la décision de l’organisme certificateur."
    ),
    DossierRefusal.NOT_YOURS: lambda _: (
        "Cet élément ne fait pas partie de votre dossier. Revenez à la liste et choisissez de nouveau."
    ),
    DossierRefusal.REMOVED: lambda _: (
        "Cet élément a été retiré entre-temps. Revenez à la liste : le reste est intact."
    ),
    DossierRefusal.ALREADY_CLAIMED: lambda facts: (
        f"Cette pièce est déjà proposée pour la compétence {facts.get('competency', '')}. Modifiez son "
        "commentaire au lieu de l’ajouter de nouveau."
    ),
    DossierRefusal.NOTHING_DECIDED: lambda _: (
        "Aucun jury n’a encore décidé : le premier dépôt présente tous les blocs que vous demandez."
    ),
    DossierRefusal.ONE_BLOCK_LEFT: lambda _: (
        "Gardez au moins un bloc à présenter. Choisissez lequel, puis remettez les autres."
    ),
    DossierRefusal.MEETING_BEFORE_JURY: lambda facts: (
        f"Le jury a décidé le {date_fr(date.fromisoformat(facts['day']))} : l’entretien a lieu ce jour-là "
        "ou après."
    ),
    DossierRefusal.MEETING_TOMORROW: lambda _: (
        "Cette date est à venir. Notez l’entretien quand il a eu lieu."
    ),
}
