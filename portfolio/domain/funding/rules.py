"""Support of a candidate as funders pay for it: appointments, presence, funding; minutes, and cents of euro."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum

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
