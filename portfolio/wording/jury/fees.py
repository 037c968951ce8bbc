"""The French words of the payment sheet of jurors."""

from __future__ import annotations

import re

COLUMNS = (
    "Date de la session",
    "Personne",
    "Adresse électronique",
    "Siège",
    "Candidats entendus",
    "Kilomètres aller et retour",
    "Vacation (euros)",
    "Déplacement (euros)",
    "Total (euros)",
)
_AMOUNT = re.compile(r"(\d{1,6})(?:[.,](\d{1,2}))?")


def euros(cents: int) -> str:
    """Return an amount as people write it in France: « 120,00 »."""
    return f"{cents // 100},{cents % 100:02d}"


def cents_of(text: str) -> int | None:
    """Return the cents of an amount typed in euros; 0 for nothing typed, None for what is no amount."""
    typed = "".join(text.replace("€", "").split())
    if not typed:
        return 0
    match = _AMOUNT.fullmatch(typed)
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0")) if match else None
