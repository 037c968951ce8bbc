"""A sealed dossier returned by the certifier for completion: what is asked, by when, and until when it may be asked.

The regulations fix no procedure for it [design]: the certifier asks before the jury begins its work, gives a reason and
a day, and what was sealed stays sealed. A day that passes decides nothing by itself: the certifier gives another one,
or lets the jury read the version that it has.

Refusal codes of a submission, and of opening the next draft.

The editions of a dossier: what is made of it, in which state, and when a failed attempt is tried again [design].
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID


class SubmissionRefusal(StrEnum):
    """Reasons why a dossier is not sealed, or a draft not opened again."""

    STATEMENT_NOT_SIGNED = "statement_not_signed"
    NOT_READY = "dossier_not_ready"
    MASKING = "masking_not_applied"
    NOT_SCANNED = "file_not_scanned"
    LAPSED = "admissibility_lapsed"
    BLOCK_HELD = "block_held_already"
    BLOCK_SUSPENDED = "block_suspended"
    SCOPE_CHANGED = "scope_changed"
    BEFORE_A_JURY = "blocks_before_a_jury"
    NEVER_SUBMITTED = "never_submitted"
    NOT_DECIDED = "submission_not_decided"
    NOT_NOTIFIED = "submission_not_notified"
    NOTHING_LEFT = "no_block_left"
    ONLY_SUSPENDED_LEFT = "only_suspended_left"
    NOT_RETURNABLE = "dossier_not_returnable"
    RETURNED_ALREADY = "dossier_returned_already"
    JURY_HAS_BEGUN = "returned_jury_has_begun"
    DUE_DAY_PASSED = "return_day_passed"
    DUE_DAY_AFTER_JURY = "return_day_after_jury"
    NOT_RETURNED = "dossier_not_returned"
    REQUEST_GONE = "return_request_gone"


# As many things as a person can hold in one list; more is another dossier.
MAX_REQUESTS = 12
MAX_REQUEST_CHARS = 500
_NUMBER = re.compile(r"(\d+\.\d+)\b[\s.:,–-]*(?=\S)")


class ReturnEnding(StrEnum):
    """Ends of a return."""

    SUBMITTED = "submitted"  # the candidate sealed a new version
    LIFTED = "lifted"  # the certifier asks for nothing more: the last sealed version is read


class ReturnState(StrEnum):
    """States of a return on a day."""

    AWAITED = "awaited"
    OVERDUE = "overdue"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class RequestInput:
    """One thing that is asked, of one competency or of the dossier as a whole."""

    text: str
    competency_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReturnInput:
    """Request of the certifier for a completed dossier, why, and by which day."""

    reason: str
    due_on: date
    requests: tuple[RequestInput, ...]


@dataclass(frozen=True, slots=True)
class ReturnableValue:
    """Facts that decide whether a dossier is returned: the last sealed version of a candidacy, and what its jury
    did with it.
    """

    is_sealed: bool
    is_record: bool = False
    is_draft: bool = False
    is_closed: bool = False
    jury_has_begun: bool = False
    held_on: date | None = None


def requests_of(text: str, competencies: Mapping[str, UUID]) -> tuple[RequestInput, ...]:
    """Read what is asked, one thing a line; a line that begins with the number of a competency (« 2.1 »)
    is about it.
    """
    lines = (line.strip().lstrip("-–•* \t") for line in text.splitlines())
    return tuple(_request(line, competencies) for line in lines if line)


def _request(line: str, competencies: Mapping[str, UUID]) -> RequestInput:
    found = _NUMBER.match(line)
    competency_id = competencies.get(found.group(1)) if found else None
    return RequestInput(line[found.end() :] if found and competency_id else line, competency_id)


def return_refusal(value: ReturnableValue, today: date) -> SubmissionRefusal | None:
    """Return what prevents a return, or None.

    A livret 2 is returned while it is sealed, and until its jury begins: from the day of the session, a presence that
    was checked, an opinion, a finding or a decision on, the jury works on the version that it read.
    """
    if not value.is_sealed or value.is_record or value.is_closed:
        return SubmissionRefusal.NOT_RETURNABLE
    if value.is_draft:
        return SubmissionRefusal.RETURNED_ALREADY
    if value.jury_has_begun or (value.held_on is not None and value.held_on <= today):
        return SubmissionRefusal.JURY_HAS_BEGUN
    return None


def return_state(due_on: date, ending: ReturnEnding | None, today: date) -> ReturnState:
    """Return where a return is; the day that was given is still in time."""
    if ending is not None:
        return ReturnState.ENDED
    return ReturnState.OVERDUE if today > due_on else ReturnState.AWAITED


def due_day_refusal(due_on: date, today: date, held_on: date | None) -> SubmissionRefusal | None:
    """Return why a day cannot be given: it has passed, or the jury sits on it or before it."""
    if due_on < today:
        return SubmissionRefusal.DUE_DAY_PASSED
    if held_on is not None and due_on >= held_on:
        return SubmissionRefusal.DUE_DAY_AFTER_JURY
    return None


# Longer than a worker may be silent: it writes its progress every half second.
LEASE = timedelta(minutes=2)
# A control pack holds what is known of many people: it is not kept longer.
PACK_KEPT = timedelta(days=30)
MAX_ATTEMPTS = 3
RETRY_AFTER = timedelta(seconds=30)


class EditionKind(StrEnum):
    """Editions of a dossier."""

    READING = "reading"
    ARCHIVAL = "archival"
    BOOKLET = "booklet"
    ZIP = "zip"
    FRANCE_VAE = "francevae"
    # The reading edition of a dossier that is not sealed.
    DRAFT = "draft"
    # The texts of a dossier, sealed or not, in the DOCX template of the certifier.
    WORD = "word"


class PackKind(StrEnum):
    """Kinds of documents made for a body, from more dossiers than one."""

    # What an inspection reads of its sessions, as a ZIP.
    CONTROL = "control"


class EditionState(StrEnum):
    """States of an edition."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (EditionState.WAITING, EditionState.MAKING)


class EditionRefusal(StrEnum):
    """Reasons why no edition is made."""

    NO_BOOK = "edition_no_book"
    NOT_READY = "edition_not_ready"
    NO_TEMPLATE = "edition_no_template"


def next_attempt(attempts: int, at: datetime) -> datetime | None:
    """Return when an edition that failed so many times is tried again; None when it is given up."""
    return None if attempts >= MAX_ATTEMPTS else at + RETRY_AFTER * attempts


class ImportRefusal(StrEnum):
    """Reasons why an archive does not become a dossier here."""

    HERE_ALREADY = "import_here_already"
    OTHER_CERTIFICATION = "import_other_certification"
    NOT_AN_ARCHIVE = "import_not_an_archive"
    FILE_CHANGED = "import_file_changed"
