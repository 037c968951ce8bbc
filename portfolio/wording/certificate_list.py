"""The list of the certificates of a body, in French: its filters, its states, its lines in a spreadsheet."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.french_text import NBSP

STATES: Mapping[GrantStatus, str] = {
    GrantStatus.HELD: "valide",
    GrantStatus.SUSPENDED: "suspendu",
    GrantStatus.WITHDRAWN: "retiré",
    GrantStatus.ANNULLED: "annulé",
    GrantStatus.REPLACED: "remplacé",
}
LAPSED = "échu"
STATE_FILTERS: Mapping[str, tuple[GrantStatus, str]] = {
    "valides": (GrantStatus.HELD, "Valides ou échus"),
    "suspendus": (GrantStatus.SUSPENDED, "Suspendus"),
    "retires": (GrantStatus.WITHDRAWN, "Retirés"),
    "annules": (GrantStatus.ANNULLED, "Annulés"),
    "remplaces": (GrantStatus.REPLACED, "Remplacés"),
}
SCOPE_FILTERS: Mapping[str, tuple[bool, str]] = {
    "ensemble": (True, "Certification entière"),
    "bloc": (False, "Un bloc de compétences"),
}
SORT_LABELS: Mapping[str, str] = {
    "recent": "Le plus récent d’abord",
    "ancien": "Le plus ancien d’abord",
    "nom": "Par titulaire",
    "numero": "Par numéro",
}
EXPORT_HEADER = (
    "Numéro",
    "Titulaire",
    "Adresse électronique",
    "État",
    "Certification",
    "Version",
    "Ce qu’il certifie",
    "Obtenu le",
    "Délivré le",
    "Procès-verbal",
)


def scope_message(block_number: int | None, block_title: str | None) -> str:
    """Say what a certificate certifies: the whole, or a block by its number and title."""
    return "Certification entière" if block_number is None else f"Bloc{NBSP}{block_number}{NBSP}: {block_title}"


def state_message(each: Any, today: date) -> str:
    """Say the state of a certificate of the list; one whose validity has ended is not valid any more (R6)."""
    has_ended = each.valid_until is not None and each.valid_until < today
    return LAPSED if each.status is GrantStatus.HELD and has_ended else STATES[each.status]


def export_row(each: Any, today: date) -> tuple[str | int | date | datetime | None, ...]:
    """Return one certificate of the list as a line of the file."""
    return (
        each.number,
        each.holder,
        each.email,
        state_message(each, today),
        f"{each.code} · {each.title}",
        each.version,
        scope_message(each.block_number, each.block_title),
        each.obtained_on,
        each.issued_at,
        each.minutes,
    )
