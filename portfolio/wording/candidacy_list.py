"""The candidacies of a body as a spreadsheet: one line each, in the words of the list."""

from __future__ import annotations

from datetime import date
from typing import Any

from portfolio.wording.candidacy import REGIMES, ROUTES_SHORT, STAGES
from portfolio.wording.holdings.grants import outcome_message

EXPORT_HEADER = (
    "Personne",
    "Adresse électronique",
    "Étape",
    "Suivi par",
    "Certification",
    "Version",
    "Voie",
    "Procédure",
    "Ouverte le",
    "Recevable ou commencée le",
    "Dernier dépôt le",
    "Jury le",
    "Résultat",
    "Délai le plus proche",
)


def export_row(each: Any) -> tuple[str | int | date | None, ...]:
    """Return one candidacy of the list as a line of the file."""
    row = each.row
    return (
        row.candidate,
        row.email,
        STAGES[each.stage],
        row.advisor,
        f"{row.code} · {row.title}",
        row.version,
        ROUTES_SHORT[row.route],
        REGIMES[row.regime],
        row.opened_at,
        row.admissible_on,
        row.submitted_at,
        row.heard_on,
        outcome_message(each.outcome) if each.outcome else "",
        each.deadline_on,
    )
