"""Birth date and place of a certificate holder, and until when they may be changed (domain §7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portfolio.domain.candidacy.rules.opening import CandidacyRefusal


@dataclass(frozen=True, slots=True)
class Birth:
    """Day and place of birth, and the name at birth when it is another one."""

    on: date
    place: str
    name: str = ""


def birth_refusal(
    birth: Birth | None, *, printed: bool, complete: bool, today: date
) -> CandidacyRefusal | None:
    """Say why a birth cannot be written or taken away, or None.

    `printed`: a certificate already bears the one that stands, and two certificates of one person must say
    the same (design);
    `complete`: the whole certification is obtained, so nothing will print it any more.
    """
    if printed:
        return CandidacyRefusal.BIRTH_PRINTED
    if complete:
        return CandidacyRefusal.BIRTH_USELESS
    if birth is not None and birth.on > today:
        return CandidacyRefusal.BORN_TOMORROW
    return None
