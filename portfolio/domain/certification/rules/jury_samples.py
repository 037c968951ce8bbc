"""Rules of a jury to begin from: what the law alone asks for, and two usual ones."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from portfolio.domain.certification.rules.entry import JuryCondition, JuryRule, JuryTerm, Seat

_PRESIDENT_FREE = frozenset({JuryTerm.PRESIDENT_COLLEGE, JuryTerm.PRESIDENT_APPOINTED})


class JurySample(StrEnum):
    """The rules that a certifier may begin from."""

    TWO = "two_members"
    PARITY = "parity"
    PROFESSIONALS = "professionals"


def _with_members(size: int, *conditions: JuryCondition) -> JuryRule:
    seats = (Seat.PRESIDENT, *(Seat.MEMBER for _ in range(size - 1)))
    return JuryRule(size, seats, conditions=conditions, left_out=_PRESIDENT_FREE)


SAMPLES: Mapping[JurySample, JuryRule] = {
    JurySample.TWO: _with_members(2),
    JurySample.PARITY: _with_members(4, JuryCondition(JuryTerm.COLLEGE_PARITY)),
    JurySample.PROFESSIONALS: _with_members(
        7, JuryCondition(JuryTerm.PROFESSIONALS_MIN, 6), JuryCondition(JuryTerm.TRADE_MAX, 4)
    ),
}
