"""Rules of a jury to begin from: what the law alone asks for, and two usual ones."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from portfolio.domain.certification.rules.jury_rule import (
    PARITIES,
    JuryCondition,
    JuryRule,
    JuryTerm,
    ParityBasis,
    Seat,
)

_PRESIDENT_FREE = frozenset({JuryTerm.PRESIDENT_COLLEGE, JuryTerm.PRESIDENT_APPOINTED})


class JurySample(StrEnum):
    """The rules that a certifier may begin from."""

    TWO = "two_members"
    PARITY = "parity"
    SCHOOL = "school"
    PROFESSIONALS = "professionals"


def _with_members(size: int, *conditions: JuryCondition) -> JuryRule:
    seats = (Seat.PRESIDENT, *(Seat.MEMBER for _ in range(size - 1)))
    return JuryRule(size, seats, conditions=conditions, left_out=_PRESIDENT_FREE)


def _school() -> JuryRule:
    """Return the jury of the diplomas of the ministries: teachers and members of the profession, even if
    somebody is absent.
    """
    seats = (Seat.PRESIDENT, Seat.MEMBER, Seat.TEACHER_TRAINER, Seat.TEACHER_TRAINER)
    parities = tuple(JuryCondition(term, basis=ParityBasis.NAMED) for term in PARITIES)
    return JuryRule(4, seats, quorum=2, conditions=parities, left_out=_PRESIDENT_FREE)


SAMPLES: Mapping[JurySample, JuryRule] = {
    JurySample.TWO: _with_members(2),
    JurySample.PARITY: _with_members(4, JuryCondition(JuryTerm.COLLEGE_PARITY)),
    JurySample.SCHOOL: _school(),
    JurySample.PROFESSIONALS: _with_members(
        7, JuryCondition(JuryTerm.PROFESSIONALS_MIN, 6), JuryCondition(JuryTerm.TRADE_MAX, 4)
    ),
}
