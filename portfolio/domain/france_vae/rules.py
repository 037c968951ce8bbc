"""Words of France VAE for a candidacy: read into ours, and ours written into theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from unicodedata import category

from portfolio.calendar import PARIS
from portfolio.domain.candidacy.rules.deadlines import months_after
from portfolio.domain.holdings.rules.completion import Label, Result, ResultOf

# How often the worker reads, and how late it tries again what the network cut.
READ_EVERY, KEY_PAUSE = timedelta(minutes=15), timedelta(hours=1)
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))
MAX_COMMENT = 1000
# France VAE refuses a jury further ahead.
MAX_AHEAD = timedelta(days=730)


class Act(StrEnum):
    """Acts that are sent to France VAE; a decision on a validation file is told from that on a feasibility file by what
    it says.
    """

    FEASIBILITY = "feasibility"
    SESSION = "session"
    RESULT = "result"


class Decision(StrEnum):
    """Decisions on a feasibility file and, the last two, on a validation file, as France VAE names them."""

    ADMISSIBLE = "RECEVABLE"
    INADMISSIBLE = "IRRECEVABLE"
    INCOMPLETE = "INCOMPLET"
    VERIFIED = "VERIFIE"
    FLAGGED = "SIGNALE"


ON_VALIDATION = frozenset((Decision.VERIFIED, Decision.FLAGGED))


class PushState(StrEnum):
    """States of a sending."""

    QUEUED = "queued"
    # Read there after it was sent.
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    # What is read there is not what was sent.
    DIFFERS = "differs"
    # A person did it on the site of France VAE.
    DONE_THERE = "done_there"


class FranceVaeRefusal(StrEnum):
    """Reasons why nothing is taken or sent."""

    NO_CERTIFICATION = "france_vae_no_certification"
    TAKEN = "france_vae_taken"
    NOT_TAKEN = "france_vae_not_taken"
    QUEUED = "france_vae_queued"
    SENT = "france_vae_sent"
    NO_COMMENT = "france_vae_no_comment"
    NO_FILE = "france_vae_no_file"
    NO_SESSION = "france_vae_no_session"
    SESSION_PAST = "france_vae_session_past"
    SESSION_FAR = "france_vae_session_far"
    NOT_NOTIFIED = "france_vae_not_notified"
    NO_BLOCKS = "france_vae_no_blocks"
    NO_SECOND_FACTOR = "france_vae_no_second_factor"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A candidacy as France VAE gives it, to be opened here."""

    code: str
    name: str
    email: str
    postal_address: str
    is_partial: bool | None


def proposed_of(told: Mapping[str, Any]) -> Proposed:
    """Read a candidacy; what is missing is empty, for a person to complete."""
    person, certification = told.get("candidat") or {}, told.get("certification") or {}
    return Proposed(
        code=code_of(_text(certification, "codeRncp")),
        name=f"{_text(person, 'prenom')} {_text(person, 'nomUsage') or _text(person, 'nom')}".strip()[:200],
        email=_text(person, "email")[:254],
        postal_address=_address(person.get("adresse") or {})[:500],
        is_partial=certification.get("estViseePartiellement"),
    )


def code_of(code: str) -> str:
    """Return the code as the register writes it: France VAE gives its number alone."""
    return f"RNCP{code}" if code.isdigit() else code[:20]


def _text(values: Mapping[str, Any], name: str) -> str:
    """Return a text without the signs of format, not seen, that turn what follows around."""
    return "".join(sign for sign in str(values.get(name) or "") if category(sign) != "Cf").strip()


def _address(told: Mapping[str, Any]) -> str:
    town = f"{_text(told, 'codePostal')} {_text(told, 'ville')}".strip()
    country = _text(told, "pays")
    lines = [_text(told, "rue"), _text(told, "complementAdresse"), town, "" if country == "France" else country]
    return "\n".join(line for line in lines if line)


def moment_of(text: object) -> datetime | None:
    """Read a moment, or a day alone; None for what is neither."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


_RESULTS = {
    (Label.FULL, ResultOf.WHOLE): "SUCCES_TOTAL_CERTIFICATION_COMPLETE",
    (Label.FULL, ResultOf.REQUESTED): "SUCCES_TOTAL_CERTIFICATION_PARTIELLE",
    (Label.PARTIAL, ResultOf.WHOLE): "SUCCES_PARTIEL_CERTIFICATION_COMPLETE",
    (Label.PARTIAL, ResultOf.REQUESTED): "SUCCES_PARTIEL_CERTIFICATION_PARTIELLE",
}
_NOTHING = {Label.NONE: "ECHEC", Label.ABSENT: "CANDIDAT_ABSENT", Label.EXCUSED: "CANDIDAT_EXCUSE"}


def result_of(result: Result) -> str:
    """Return the result as France VAE names it (R8); « sous réserve » is never said by us."""
    return _NOTHING.get(result.label) or _RESULTS[result.label, result.of]


def comment_of(code: str, got: Sequence[int], not_got: Sequence[int], notified_on: date, address: str) -> str:
    """Return what is said of each block, for France VAE keeps no result by block."""
    parts = [
        f"{label}\u00a0: {', '.join(f'{code}BC{number:02d}' for number in numbers)}"
        for label, numbers in (("Blocs acquis", got), ("non acquis", not_got))
        if numbers
    ]
    parts.append(f"notification motivée envoyée le {notified_on:%d/%m/%Y}")
    parts.append(f"vérification\u00a0: {address.rstrip('/')}/verifier")
    return "\u00a0; ".join(parts)[:MAX_COMMENT]


def hours_of(day: date, minute: int | None) -> tuple[str, frozenset[str]]:
    """Return the hour to send, which France VAE reads in UTC, and the hours by which it may tell it again."""
    if minute is None:
        return "", frozenset()
    local = datetime.combine(day, time(minute // 60, minute % 60), PARIS)
    sent = f"{local.astimezone(UTC):%H:%M}"
    return f"{sent}:00Z", frozenset({f"{local:%H:%M}", sent})


def answer_due_on(sent_on: date) -> date:
    """Return the day by which a feasibility file is answered (R6412-4)."""
    return months_after(sent_on, 2)


def retry_after(tries: int) -> timedelta:
    """Return how long to wait after so many tries that the network cut."""
    return RETRIES[min(tries, len(RETRIES)) - 1]
