"""Rules of the survey of holders: when it is asked, and the insertion rates with their neutral cases (R6113-9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portfolio.domain.candidacy.rules.deadlines import months_after

# Reminders of a survey without answer, counted from its letter.
REMINDERS = (timedelta(days=14), timedelta(days=28))
# Below this share of answers, in percent, a rate is shown with a warning; below so many people it is not published.
LOW_RESPONSE, SMALL_CELL = 50, 5


class Wave(StrEnum):
    """Moments of the survey, in months after the award."""

    M6 = "m6"
    M12 = "m12"
    M24 = "m24"

    @property
    def months(self) -> int:
        """Return how many months after the award."""
        return int(self.value[1:])


class Situation(StrEnum):
    """Situation of a holder on the day of the answer."""

    EMPLOYED = "employed"
    SEEKING = "seeking"
    STUDYING = "studying"
    INCAPABLE = "incapable"
    OTHER = "other"


# They count for no rate: further study, incapacity for a time or for ever (France compétences).
NEUTRAL = frozenset({Situation.STUDYING, Situation.INCAPABLE})


class Contract(StrEnum):
    """Kinds of contract."""

    PERMANENT = "permanent"
    FIXED_TERM = "fixed_term"
    TEMPORARY = "temporary"
    APPRENTICE = "apprentice"
    PUBLIC = "public"
    SELF_EMPLOYED = "self_employed"


class Change(StrEnum):
    """Effects of the certification, as its holder sees them."""

    JOB = "job"
    PROMOTION = "promotion"
    PAY = "pay"
    SKILLS = "skills"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Answer:
    """Answers of a holder to the eight questions; only the situation is asked of everyone."""

    situation: Situation
    in_target_job: bool | None = None
    contract: Contract | None = None
    gross_pay: int | None = None
    is_executive: bool | None = None
    job_title: str = ""
    employer: str = ""
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates of a promotion, each by its numerator and its denominator."""

    holders: int
    respondents: int
    employed: int
    active: int
    in_target: int
    considered: int
    neutral: int

    @property
    def is_low(self) -> bool:
        """Tell whether too few answered for the rates to speak for all."""
        return self.respondents * 100 < self.holders * LOW_RESPONSE

    @property
    def is_small(self) -> bool:
        """Tell whether a public figure would show so few people that they are known."""
        return self.respondents < SMALL_CELL


def rates_of(holders: int, answers: Iterable[tuple[Situation, bool | None]]) -> Rates:
    """Return the rates of holders of a whole certification, from the situation of each respondent and whether they
    work in the target job.

    The global rate divides those in employment by those in employment or seeking; that of the target job divides those
    who work in it by every respondent who is not neutral.
    """
    told = list(answers)
    situations = [situation for situation, _ in told]
    employed, seeking = situations.count(Situation.EMPLOYED), situations.count(Situation.SEEKING)
    neutral = sum(situation in NEUTRAL for situation in situations)
    in_target = sum(situation is Situation.EMPLOYED and bool(is_target) for situation, is_target in told)
    return Rates(holders, len(told), employed, employed + seeking, in_target, len(told) - neutral, neutral)


def percent(numerator: int, denominator: int) -> float | None:
    """Return a share in percent, to one decimal; None without anybody to divide by."""
    return round(100 * numerator / denominator, 1) if denominator else None


def asked_on(obtained_on: date, wave: Wave) -> date:
    """Return the day from which a wave is asked."""
    return months_after(obtained_on, wave.months)


def wave_due(obtained_on: date, today: date) -> Wave | None:
    """Return the wave whose day came less than six months ago (design): a body that begins late asks no old one."""
    asked = (wave for wave in Wave if asked_on(obtained_on, wave) <= today < months_after(obtained_on, wave.months + 6))
    return next(asked, None)
