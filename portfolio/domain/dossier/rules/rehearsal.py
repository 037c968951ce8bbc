"""Five questions for a rehearsal, drawn from what the candidate wrote: templates in a fixed order (design)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from portfolio.calendar import PARIS, day_of
from portfolio.domain.dossier.rules.description import YEARS_CURRENT, says_we

QUESTIONS = 5
# A sound of three minutes, as a browser records a voice.
MAX_SOUND_BYTES = 2 * 1024 * 1024
_FIGURE = re.compile(r"\d")
# How a sound begins, and how browsers are told of it.
_SOUNDS = ((b"\x1aE\xdf\xa3", 0, "audio/webm"), (b"OggS", 0, "audio/ogg"), (b"ftyp", 4, "audio/mp4"))


class RehearsalRefusal(StrEnum):
    """Reasons why an answer is not kept."""

    NO_SOUND = "rehearsal_no_sound"
    TOO_LONG = "rehearsal_too_long"


class RehearsalKind(StrEnum):
    """Reasons for a question, the most telling first."""

    SAYS_WE = "says_we"
    NO_FIGURE = "no_figure"
    OLD_PIECE = "old_piece"
    NO_CHOICE = "no_choice"
    TELL = "tell"


@dataclass(frozen=True, slots=True)
class ClaimedCompetency:
    """A competency that a piece is claimed for: its place, its words, and what its narrative says."""

    id: UUID
    label: str
    text: str
    told: str
    choices: str
    result: str


@dataclass(frozen=True, slots=True)
class ClaimedPiece:
    """A piece that is claimed, and the last day that it is about."""

    id: UUID
    number: int
    title: str
    last_on: date | None


@dataclass(frozen=True, slots=True)
class RehearsalQuestion:
    """One question and what it is about: a competency (« 2.1 », its words) or a piece (« 4 », its title)."""

    kind: RehearsalKind
    about: UUID
    label: str
    text: str

    @property
    def code(self) -> str:
        """Return what names the question among those of a dossier."""
        return f"{self.kind}:{self.about}"


def rehearsal_questions(
    competencies: Sequence[ClaimedCompetency], pieces: Sequence[ClaimedPiece], today: date
) -> list[RehearsalQuestion]:
    """Return five questions, or as many as the claims allow: one of each reason first, then others, no subject twice
    while another is left.
    """
    found = [list(_asked(kind, competencies, pieces, today)) for kind in RehearsalKind]
    turns = [each[turn] for turn in range(max(map(len, found), default=0)) for each in found if turn < len(each)]
    fresh: list[RehearsalQuestion] = []
    for question in turns:
        if question.about not in {each.about for each in fresh}:
            fresh.append(question)
    return [*fresh, *(question for question in turns if question not in fresh)][:QUESTIONS]


def _asked(
    kind: RehearsalKind, competencies: Sequence[ClaimedCompetency], pieces: Sequence[ClaimedPiece], today: date
) -> Iterator[RehearsalQuestion]:
    if kind is RehearsalKind.OLD_PIECE:
        for piece in pieces:
            if piece.last_on and (today - piece.last_on).days > YEARS_CURRENT * 365.25:
                yield RehearsalQuestion(kind, piece.id, str(piece.number), piece.title)
        return
    for one in competencies:
        is_asked = {
            RehearsalKind.SAYS_WE: says_we(one.told),
            RehearsalKind.NO_FIGURE: bool(one.told) and not _FIGURE.search(one.told),
            RehearsalKind.NO_CHOICE: bool(one.told) and not one.choices,
            RehearsalKind.TELL: True,
        }[kind]
        if is_asked:
            yield RehearsalQuestion(kind, one.id, one.label, one.text)


def sound_type(content: bytes) -> str | None:
    """Return the media type of a recorded voice, by its first bytes; None for anything else."""
    return next((mime for mark, at, mime in _SOUNDS if content[at : at + len(mark)] == mark), None)


STEP_MINUTES = 20
SILENCE = timedelta(days=14)
MAX_LETTERS = 3
# When people write their dossier: after work (design).
DEFAULT_HOUR = 18
HOURS = range(6, 23)
# A dossier is deposited so long before its session (design): the body checks it, and the jury reads it.
BEFORE_SESSION = timedelta(days=30)


def step_days(count: int, today: date, until: date) -> list[date]:
    """Return the day of each step: spread from tomorrow to the chosen day, the last step on it."""
    days = max(1, (until - today).days)
    return [today + timedelta(days=-(-(place + 1) * days // count)) for place in range(count)]


def steps_a_week(count: int, today: date, until: date) -> int:
    """Return how many steps a week lead to the chosen day, rounded up."""
    return -(-count * 7 // max(7, (until - today).days))


def silence_letter_due(last_done: datetime, reminded_at: datetime | None, reminders: int, hour: int) -> datetime | None:
    """Return when the next letter about a silence is due, at the chosen hour in Paris; None after the last one.

    The first comes once nothing moved for fourteen days, the others each fourteen days after the letter before.
    """
    if reminded_at is None or reminded_at <= last_done:
        moment = datetime.combine(day_of(last_done + SILENCE), time(hour), PARIS)
        return moment if moment >= last_done + SILENCE else moment + timedelta(days=1)
    if reminders >= MAX_LETTERS:
        return None
    return datetime.combine(day_of(reminded_at) + SILENCE, time(hour), PARIS)
