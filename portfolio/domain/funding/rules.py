"""Support of a candidate as funders pay for it: appointments, presence, funding; minutes, and cents of euro."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from portfolio.calendar import PARIS
from portfolio.domain.candidacy.rules.deadlines import months_after
from portfolio.domain.certification.rules.case_package import folded, read_day

MAX_MINUTES = 24 * 60
MAX_PLACE = 300


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


class PresenceColumn(StrEnum):
    """Columns of a list of presence."""

    NAME = "name"
    FIRST_NAME = "first_name"
    EMAIL = "email"
    DAY = "day"
    START = "start"
    END = "end"
    KIND = "kind"
    HELD = "held"
    PLACE = "place"


PRESENCE_HEADINGS: Mapping[PresenceColumn, Sequence[str]] = {
    PresenceColumn.NAME: ("Nom", "Nom et prénom", "Prénom et nom", "Nom complet", "Candidat", "Personne", "Stagiaire"),
    PresenceColumn.FIRST_NAME: ("Prénom", "Prénoms"),
    PresenceColumn.EMAIL: ("Courriel", "E-mail", "Email", "Mail", "Adresse électronique", "Mél"),
    PresenceColumn.DAY: ("Date", "Jour", "Date du rendez-vous", "Séance du"),
    PresenceColumn.START: ("Début", "Heure de début", "Arrivée", "Heure"),
    PresenceColumn.END: ("Fin", "Heure de fin", "Départ"),
    PresenceColumn.KIND: ("Rendez-vous", "Nature", "Type", "Étape", "Prestation"),
    PresenceColumn.HELD: ("Présence", "Présent", "Présente", "État", "Émargement"),
    PresenceColumn.PLACE: ("Lieu", "Salle", "Lien"),
}
_HELD_WORDS = {
    **dict.fromkeys(("present", "presente", "oui", "o", "x", "p", "1", "tenu", "vrai"), Held.HELD),
    **dict.fromkeys(("absent", "absente", "non", "n", "a", "0", "abs", "personne absente", "faux"), Held.ABSENT),
    **dict.fromkeys(("excuse", "excusee", "e", "personne excusee"), Held.EXCUSED),
    **dict.fromkeys(("prevu", "prevue"), Held.PLANNED),
}
_HOUR = re.compile(r"(?:.* )?([01]?\d|2[0-3])\s*[hH:]\s*([0-5]\d)?(?::\d\d)?")


class PresenceFault(StrEnum):
    """Faults of a line of presence."""

    PERSON = "person"
    SEVERAL = "several"
    DAY = "day"
    START = "start"
    END = "end"
    KIND = "kind"
    HELD = "held"
    TO_COME = "to_come"
    PLACE = "place"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class PresencePerson:
    """A candidacy of the body, and how a list may name its candidate."""

    candidacy_id: UUID
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class PresenceLine:
    """The appointment that a line says, or the cell that stops it."""

    number: int
    who: str
    person: PresencePerson | None = None
    written: AppointmentInput | None = None
    fault: PresenceFault | None = None
    cell: str = ""

    @property
    def place(self) -> tuple[UUID, datetime] | None:
        """Return what no two appointments share: who, and when it starts."""
        return (self.person.candidacy_id, self.written.starts_at) if self.person and self.written else None


def read_presence(
    rows: Iterable[tuple[int, Mapping[PresenceColumn, str]]],
    people: Sequence[PresencePerson],
    kinds: Mapping[StepKind, str],
    now: datetime,
) -> list[PresenceLine]:
    """Read the lines of a list; `kinds` by their names. Without a word on presence, what is past was held."""
    named: dict[object, list[PresencePerson]] = {}
    for person in people:
        for key in (person.email, _name_key(person.name)):
            named.setdefault(key, []).append(person)
    lines = [_presence_line(number, cells, named, kinds, now) for number, cells in rows]
    counts = Counter(line.place for line in lines if line.place)
    twice = {place for place, count in counts.items() if count > 1}
    return [replace(line, fault=PresenceFault.TWICE) if line.place in twice else line for line in lines]


def _presence_line(
    number: int,
    cells: Mapping[PresenceColumn, str],
    named: Mapping[object, list[PresencePerson]],
    kinds: Mapping[StepKind, str],
    now: datetime,
) -> PresenceLine:
    said = {column: " ".join(cells.get(column, "").split()) for column in PresenceColumn}
    name = " ".join(filter(None, (said[PresenceColumn.FIRST_NAME], said[PresenceColumn.NAME])))
    found = named.get(said[PresenceColumn.EMAIL].casefold() or _name_key(name), [])
    day = read_day(said[PresenceColumn.DAY])
    start, end = _hour(said[PresenceColumn.START]), _hour(said[PresenceColumn.END])
    kind = _kind(folded(said[PresenceColumn.KIND]), kinds)
    starts_at = datetime.combine(day, start, PARIS) if day and start else now
    word = folded(said[PresenceColumn.HELD])
    held = _HELD_WORDS.get(word) if word else Held.PLANNED if starts_at > now else Held.HELD
    checks = (
        (PresenceFault.PERSON, not found, ""),
        (PresenceFault.SEVERAL, len(found) > 1, ""),
        (PresenceFault.DAY, day is None, said[PresenceColumn.DAY]),
        (PresenceFault.START, start is None, said[PresenceColumn.START]),
        (PresenceFault.END, end is None or (start is not None and end <= start), said[PresenceColumn.END]),
        (PresenceFault.KIND, kind is None, said[PresenceColumn.KIND]),
        (PresenceFault.HELD, held is None, said[PresenceColumn.HELD]),
        (PresenceFault.TO_COME, held is not Held.PLANNED and starts_at > now, ""),
        (PresenceFault.PLACE, len(said[PresenceColumn.PLACE]) > MAX_PLACE, ""),
    )
    who = name or said[PresenceColumn.EMAIL]
    fault, cell = next(((fault, cell) for fault, is_wrong, cell in checks if is_wrong), (None, ""))
    if fault or not (start and end and kind and held):
        return PresenceLine(number, who, None, None, fault, cell)
    minutes = (end.hour - start.hour) * 60 + end.minute - start.minute
    written = AppointmentInput(kind, starts_at, minutes, said[PresenceColumn.PLACE], held)
    return PresenceLine(number, found[0].name, found[0], written)


def _name_key(name: str) -> tuple[str, ...]:
    return tuple(sorted(folded(name).split()))


def _kind(word: str, kinds: Mapping[StepKind, str]) -> StepKind | None:
    """Return the kind that a cell names by its words, or by one of them that no other kind has."""
    names = {folded(name): kind for kind, name in kinds.items()}
    alike = [kind for name, kind in names.items() if word and f" {word}" in f" {name}"]
    return names.get(word) or (alike[0] if len(alike) == 1 else None)


def _hour(text: str) -> time | None:
    found = _HOUR.fullmatch(text)
    return time(int(found[1]), int(found[2] or 0)) if found else None
