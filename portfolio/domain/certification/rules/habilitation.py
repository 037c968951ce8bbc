"""Rights of a partner to train, or to hold an assessment, on a day: what the register or the certifier recorded
(design).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portfolio.domain.certification.rules.entry import Habilitation, HabilitationState


class Purpose(StrEnum):
    """Purposes for which a partner is asked: prepare candidates, or hold the assessment and the jury."""

    TRAIN = "train"
    ORGANISE = "organise"


class HabilitationGround(StrEnum):
    """Grounds of the answer about a habilitation."""

    HELD = "held"
    OTHER_PURPOSE = "other_purpose"
    NOT_YET = "not_yet"
    ENDED = "ended"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"
    NOT_PARTNER = "not_partner"


COVERED = {
    Purpose.TRAIN: {Habilitation.TRAIN, Habilitation.BOTH},
    Purpose.ORGANISE: {Habilitation.ORGANISE, Habilitation.BOTH},
}


@dataclass(frozen=True, slots=True)
class HabilitationPeriod:
    """The habilitation of a partner and the days between which it holds; both belong to it, None is not known."""

    habilitation: Habilitation | None
    state: HabilitationState | None
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class HabilitationAnswer:
    """Answer about the right of a partner to do something on a day, and the ground."""

    purpose: Purpose
    on: date
    ground: HabilitationGround
    since: date | None = None
    until: date | None = None

    @property
    def holds(self) -> bool:
        """Return whether the habilitation covers the purpose on the day."""
        return self.ground is HabilitationGround.HELD


def habilitation_on(period: HabilitationPeriod, purpose: Purpose, on: date) -> HabilitationAnswer:
    """Return whether a partner's habilitation covers a purpose on a day.

    What is not known does not hold, and says so.
    """
    return HabilitationAnswer(purpose, on, _ground(period, purpose, on), period.starts_on, period.ends_on)


def _ground(period: HabilitationPeriod, purpose: Purpose, on: date) -> HabilitationGround:
    if period.habilitation is not None and period.habilitation not in COVERED[purpose]:
        return HabilitationGround.OTHER_PURPOSE
    if period.starts_on is not None and on < period.starts_on:
        return HabilitationGround.NOT_YET
    if period.ends_on is not None:
        if on > period.ends_on:
            return HabilitationGround.ENDED
    elif period.state in (HabilitationState.INACTIVE, HabilitationState.REMOVED):
        return HabilitationGround.INACTIVE
    if period.habilitation is None or period.state is None:
        return HabilitationGround.UNKNOWN
    return HabilitationGround.HELD
