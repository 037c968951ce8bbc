"""French sentences that refuse a signed document, or the day of its signature."""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from portfolio.domain.jury.rules.paper import PaperRefusal
from portfolio.french_text import NBSP, date_fr, elide_de


def _day(facts: dict[str, Any]) -> str:
    return date_fr(date.fromisoformat(facts["day"]))


REFUSALS: Mapping[StrEnum, Callable[[dict[str, Any]], str]] = {
    PaperRefusal.NOT_A_SCAN: lambda _: (
        f"Ce fichier ne peut pas porter de signature{NBSP}: joignez le document signé, en PDF ou en image."
    ),
    PaperRefusal.SIGNED_LATER: lambda _: "Cette date est à venir. Donnez celle de la signature.",
    PaperRefusal.BEFORE_SEALING: lambda facts: (
        f"Ce que le jury lit {elide_de(facts['candidate'])} a été scellé le {_day(facts)}{NBSP}: personne n’a pu "
        "attester sa lecture avant. Vérifiez la date de la signature."
    ),
    PaperRefusal.BEFORE_NAMING: lambda facts: (
        f"La nomination {elide_de(facts['name'])} à ce jury est du {_day(facts)}{NBSP}: ce formulaire n’a pas "
        "pu être signé avant. Vérifiez la date de la signature."
    ),
    PaperRefusal.BEFORE_LISTING: lambda facts: (
        f"L’inscription {elide_de(facts['candidate'])} à ce jury est du {_day(facts)}{NBSP}: ce formulaire n’a pas "
        "pu être signé avant. Vérifiez la date de la signature."
    ),
}
