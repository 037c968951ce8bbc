"""The days between which a member signs a form on paper about a candidate (J10, J13)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portfolio.domain.jury.rules.enums import StatementKind


class PaperRefusal(StrEnum):
    """Reasons why a signed document, or the day of its signature, is refused."""

    NOT_A_SCAN = "paper_not_a_scan"
    SIGNED_LATER = "paper_signed_later"
    BEFORE_SEALING = "paper_signed_before_sealing"
    BEFORE_NAMING = "paper_signed_before_naming"
    BEFORE_LISTING = "paper_signed_before_listing"


# The refusals that are about the day typed.
ABOUT_THE_DAY = frozenset(PaperRefusal) - {PaperRefusal.NOT_A_SCAN}


@dataclass(frozen=True, slots=True)
class PaperDays:
    """The days on which the dossier was sealed, the member was named to the jury, and the candidate was listed."""

    sealed_on: date
    named_on: date
    listed_on: date


def signed_day_refusal(
    kind: StatementKind, signed_on: date, days: PaperDays, today: date
) -> tuple[PaperRefusal, date] | None:
    """Return why a form cannot have been signed on a day, with the day that says so; None when it can.

    A reading is attested of a dossier that is sealed; whoever declares, or recuses, knows the jury and the candidate.
    """
    asked = [
        (PaperRefusal.SIGNED_LATER, today, signed_on > today),
        (PaperRefusal.BEFORE_SEALING, days.sealed_on, kind is StatementKind.READ and signed_on < days.sealed_on),
        (PaperRefusal.BEFORE_NAMING, days.named_on, signed_on < days.named_on),
        (PaperRefusal.BEFORE_LISTING, days.listed_on, signed_on < days.listed_on),
    ]
    return next(((code, day) for code, day, applies in asked if applies), None)
