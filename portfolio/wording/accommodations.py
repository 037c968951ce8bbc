"""French sentences about arrangements for a disability."""

from collections.abc import Callable, Sequence
from typing import Any

from portfolio.domain.candidacy.rules.accommodation import AccommodationOutcome, AccommodationRefusal, Arrangement
from portfolio.french_text import NBSP, count

OUTCOMES = {AccommodationOutcome.GRANTED: "Aménagement accordé", AccommodationOutcome.REFUSED: "Aménagement refusé"}
REFUSALS: dict[AccommodationRefusal, Callable[[dict[str, Any]], str]] = {
    AccommodationRefusal.NOTHING_ARRANGED: lambda _: (
        "Dites ce qui est prévu : du temps en plus, un interprète, ou un autre aménagement."
    ),
    AccommodationRefusal.NO_REASON: lambda _: "Écrivez le motif du refus : la personne le lira.",
    AccommodationRefusal.DECIDED_ALREADY: lambda _: (
        "Cette demande a déjà sa décision. Pour la changer, inscrivez une nouvelle demande."
    ),
}


def arrangement_message(arrangement: Arrangement) -> str:
    """Say what is arranged for the day, and nothing of why."""
    said = [arrangement.text.strip().rstrip(".")] if arrangement.text.strip() else []
    if arrangement.extra_minutes:
        said.append(f"{count(arrangement.extra_minutes, 'minute')} de plus")
    if arrangement.interpreter:
        said.append("un interprète est présent")
    return f"{NBSP}; ".join(said)


def arrangements_message(arrangements: Sequence[Arrangement]) -> str:
    """Say everything that is arranged for one person."""
    return f"{NBSP}; ".join(map(arrangement_message, arrangements))
