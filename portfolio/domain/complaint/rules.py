"""Complaints (réclamations): what is complained of, by when the body answers, and what a year of them shows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median

# Delay of answer that a body announces, until it chooses its own: no text sets one (design).
DEFAULT_DAYS = 30
DAYS = range(1, 121)


class Channel(StrEnum):
    """Ways by which a complaint comes."""

    ACCOUNT = "account"
    LETTER = "letter"
    EMAIL = "email"
    TELEPHONE = "telephone"
    IN_PERSON = "in_person"


class Subject(StrEnum):
    """Subjects of a complaint; a decision of a jury is contested by an appeal, not by a complaint."""

    INFORMATION = "information"
    DELAYS = "delays"
    SUPPORT = "support"
    SESSION = "session"
    ACCESSIBILITY = "accessibility"
    PERSONAL_DATA = "personal_data"
    COSTS = "costs"
    OTHER = "other"


class Outcome(StrEnum):
    """Findings of the body."""

    FOUNDED = "founded"
    PARTLY = "partly"
    UNFOUNDED = "unfounded"


class ComplaintState(StrEnum):
    """State of a complaint: a measure that was promised keeps it open after the answer."""

    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"


class ComplaintRefusal(StrEnum):
    """Reasons why an act on a complaint is refused."""

    ALREADY_ANSWERED = "complaint_already_answered"
    NOT_ANSWERED = "complaint_not_answered"
    ALREADY_CLOSED = "complaint_already_closed"
    TOO_MANY = "complaint_too_many"


@dataclass(frozen=True, slots=True)
class ComplaintInput:
    """A complaint as it was received; `author` and `contact` name somebody without a candidacy."""

    subject: Subject
    message: str
    received_on: date
    channel: Channel
    author: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class AnswerInput:
    """Answer of the body; a `measure` is what it changes, to be done before the complaint is closed."""

    outcome: Outcome
    answer: str
    measure: str = ""


@dataclass(frozen=True, slots=True)
class ComplaintFacts:
    """Facts of a complaint that figures read."""

    received_on: date
    subject: Subject
    answered_on: date | None = None
    outcome: Outcome | None = None
    has_measure: bool = False
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class ComplaintFigures:
    """One year of complaints, by the day of their receipt; `days` is the median of those answered."""

    year: int
    received: int
    answered: int
    in_time: int
    late: int
    days: float | None
    founded: int
    measures: int
    measures_done: int
    subjects: Mapping[Subject, int]


def answer_due_on(received_on: date, days: int) -> date:
    """Return the last day of the delay that the body announces."""
    return received_on + timedelta(days=days)


def state_of(answered_at: datetime | None, closed_at: datetime | None) -> ComplaintState:
    """Return where a complaint stands."""
    if closed_at is not None:
        return ComplaintState.CLOSED
    return ComplaintState.WAITING if answered_at is None else ComplaintState.ANSWERED


def figures_by_year(complaints: Sequence[ComplaintFacts], days: int, today: date) -> Sequence[ComplaintFigures]:
    """Return the figures of each year that has a complaint, the last one first."""
    years = sorted({each.received_on.year for each in complaints}, reverse=True)
    return [_figures_of([each for each in complaints if each.received_on.year == year], days, today) for year in years]


def _figures_of(complaints: Sequence[ComplaintFacts], days: int, today: date) -> ComplaintFigures:
    took = [(each.answered_on - each.received_on).days for each in complaints if each.answered_on]
    waits = [each for each in complaints if each.answered_on is None]
    measures = [each for each in complaints if each.has_measure]
    return ComplaintFigures(
        year=complaints[0].received_on.year,
        received=len(complaints),
        answered=len(took),
        in_time=sum(each <= days for each in took),
        late=sum(each > days for each in took) + sum(answer_due_on(each.received_on, days) < today for each in waits),
        days=median(took) if took else None,
        founded=sum(each.outcome in (Outcome.FOUNDED, Outcome.PARTLY) for each in complaints),
        measures=len(measures),
        measures_done=sum(each.is_closed for each in measures),
        subjects=Counter(each.subject for each in complaints),
    )
