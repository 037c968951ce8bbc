"""The law of a candidacy: regime, scope, what stops its opening, its clocks and what is ruled of them (domain §2)."""

from portfolio.candidacy.rules.birth import Birth, birth_refusal
from portfolio.candidacy.rules.clocks import Clock, ClockKind, Regime, clocks_for, months_after
from portfolio.candidacy.rules.opening import (
    TRAINING,
    CandidacyRefusal,
    Opening,
    Scope,
    Someone,
    has_livret2,
    regime_for,
    route_refusal,
)
from portfolio.candidacy.rules.overruns import (
    NEAR,
    LapseOutcome,
    LapseState,
    Overrun,
    PathDays,
    Ruling,
    lapse_of,
    overruns_of,
    ruling_refusal,
    running_of,
)
from portfolio.candidacy.rules.stage import Stage, stage_of
from portfolio.certification.rules import Route

__all__ = [
    "NEAR",
    "TRAINING",
    "Birth",
    "CandidacyRefusal",
    "Clock",
    "ClockKind",
    "LapseOutcome",
    "LapseState",
    "Opening",
    "Overrun",
    "PathDays",
    "Regime",
    "Route",
    "Ruling",
    "Scope",
    "Someone",
    "Stage",
    "birth_refusal",
    "clocks_for",
    "has_livret2",
    "lapse_of",
    "months_after",
    "overruns_of",
    "regime_for",
    "route_refusal",
    "ruling_refusal",
    "running_of",
    "stage_of",
]
