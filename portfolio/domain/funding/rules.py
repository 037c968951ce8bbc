"""Support of a candidate as funders pay for it: appointments, presence, funding; minutes, and cents of euro."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from portfolio.domain.candidacy.rules.deadlines import months_after

MAX_MINUTES = 24 * 60


class StepKind(StrEnum):
    """Steps of a supported VAE, as its funders name them (office practice, arrêté du 3 juillet 2025)."""

    DIAGNOSTIC = "diagnostic"
    FEASIBILITY = "feasibility"
    INDIVIDUAL = "individual"
    GROUP = "group"
    TRAINING = "training"
    MOCK_INTERVIEW = "mock_interview"
    JURY = "jury"
    POST_JURY = "post_jury"


class Held(StrEnum):
    """Outcomes of an appointment."""

    PLANNED = "planned"
    HELD = "held"
    EXCUSED = "excused"
    ABSENT = "absent"


class FunderKind(StrEnum):
    """Kinds of funders."""

    CPF = "cpf"
    TRANSITIONS_PRO = "transitions_pro"
    OPCO = "opco"
    EMPLOYER = "employer"
    REGION = "region"
    FRANCE_TRAVAIL = "france_travail"
    AGEFIPH = "agefiph"
    SELF = "self"
    OTHER = "other"


class Commitment(StrEnum):
    """Answers of a funder: a promise binds nobody, an agreement has a number and a paper."""

    ASKED = "asked"
    PROMISED = "promised"
    GRANTED = "granted"
    REFUSED = "refused"


class PaperKind(StrEnum):
    """Kinds of the papers of a funding."""

    QUOTE = "quote"
    CONVENTION = "convention"
    GRANT = "grant"
    OTHER = "other"


class LeaveAnswer(StrEnum):
    """Answers of an employer to a request of leave for VAE."""

    WAITING = "waiting"
    GRANTED = "granted"
    DEFERRED = "deferred"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class LeaveRule:
    """Law of the leave for VAE: hours for a session of assessment, delays in days and months, and its source."""

    minutes: int
    ask_days: int
    answer_days: int
    defer_months: int
    source: str


# By the day since which each holds (loi 2022-1598, décret 2023-1275).
LEAVE_RULES = (
    (date(2023, 12, 27), LeaveRule(48 * 60, 30, 15, 1, "L6422-2, R6422-3 et R6422-4")),
    (date(2008, 5, 1), LeaveRule(24 * 60, 60, 30, 6, "L6422-3, R6422-3 et R6422-4, avant 2024")),
)


@dataclass(frozen=True, slots=True)
class LeaveInput:
    """A request of leave as it was sent to the employer, and its answer."""

    employer: str
    sent_on: date
    first_day: date
    minutes: int
    answer: LeaveAnswer = LeaveAnswer.WAITING
    answered_on: date | None = None
    deferred_to: date | None = None

    @property
    def rule(self) -> LeaveRule:
        """Return the law of the day when it was sent."""
        return next((rule for since, rule in LEAVE_RULES if since <= self.sent_on), LEAVE_RULES[-1][1])

    @property
    def answer_until(self) -> date:
        """Return the last day of the answer: after it, silence is an agreement."""
        return self.sent_on + timedelta(days=self.rule.answer_days)

    @property
    def is_late(self) -> bool:
        """Tell whether it was sent too near the first day."""
        return self.sent_on + timedelta(days=self.rule.ask_days) > self.first_day

    @property
    def is_deferred_too_far(self) -> bool:
        """Tell whether the employer defers beyond what the law allows."""
        latest = months_after(self.first_day, self.rule.defer_months)
        return self.answer is LeaveAnswer.DEFERRED and self.deferred_to is not None and self.deferred_to > latest

    def is_agreed(self, today: date) -> bool:
        """Tell whether the leave is agreed: by an answer, by a deferral, or by silence."""
        if self.answer is LeaveAnswer.WAITING:
            return today > self.answer_until
        return self.answer is not LeaveAnswer.REFUSED


class FundingRefusal(StrEnum):
    """Reasons why an act on appointments and funding is refused."""

    NOT_HELD_YET = "appointment_not_held_yet"
    NOT_TO_SIGN = "appointment_not_to_sign"
    NOTHING_HELD = "attendance_nothing_held"
    NOTHING_CHANGED = "attendance_nothing_changed"


@dataclass(frozen=True, slots=True)
class AppointmentInput:
    """An appointment as it is written: minutes planned, and minutes attended once it was held."""

    kind: StepKind
    starts_at: datetime
    minutes: int
    place: str
    held: Held = Held.PLANNED
    attended: int | None = None


@dataclass(frozen=True, slots=True)
class FundingInput:
    """Request to a funder, and its answer."""

    kind: FunderKind
    name: str
    commitment: Commitment
    number: str = ""
    decided_on: date | None = None
    valid_until: date | None = None
    minutes: int | None = None
    cents: int | None = None


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line of a presence sheet."""

    starts_at: datetime
    kind: StepKind
    planned: int
    held: Held
    attended: int
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PresenceSheet:
    """The lines of a candidate in their order."""

    lines: tuple[SheetLine, ...]

    @property
    def planned(self) -> int:
        """Return the minutes planned."""
        return sum(line.planned for line in self.lines)

    @property
    def attended(self) -> int:
        """Return the minutes attended."""
        return sum(line.attended for line in self.lines)

    def digest(self) -> str:
        """Return what tells one state of the sheet from another."""
        told = [{name: str(value) for name, value in asdict(line).items()} for line in self.lines]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def attendance_number(year: int, rank: int) -> str:
    """Return the number of a certificate of attendance: its year, then its rank in the year."""
    return f"{year}-{rank:04d}"


def presence_sheet(lines: Iterable[SheetLine]) -> PresenceSheet:
    """Return the sheet of what was planned and what was attended; nothing is attended unless it was held."""
    ordered = sorted(lines, key=lambda line: (line.starts_at, line.kind))
    return PresenceSheet(tuple(ordered))


def minutes_over(sheet: PresenceSheet, granted: Sequence[int | None]) -> int:
    """Return by how many minutes those attended exceed those that funders granted; 0 when none set a number."""
    known = [each for each in granted if each is not None]
    return max(0, sheet.attended - sum(known)) if known else 0
