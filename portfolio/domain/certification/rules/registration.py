"""Apply the dates of a registration to a candidacy and to a document (R9).

Result of a reader whose input is not a register entry: what it understood, and what it did not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portfolio.domain.certification.rules.entry import Registration


class RegistrationStatusCode(StrEnum):
    """Phrases by which a document may speak of the register (R9)."""

    IN_FORCE = "in_force"
    PROTECTED = "protected_L6113_9"
    NO_CLAIM = "no_register_claim"


class RegistrationStatusReason(StrEnum):
    """The fact that gives a standing."""

    DELIVERED_WHILE_REGISTERED = "delivered_while_registered"
    ADMISSIBLE_WHILE_REGISTERED = "admissible_while_registered"
    TRAINING_BEGUN_WHILE_REGISTERED = "training_begun_while_registered"
    NOTHING_WHILE_REGISTERED = "nothing_while_registered"
    NO_REGISTRATION_KNOWN = "no_registration_known"


@dataclass(frozen=True, slots=True)
class RegistrationStatus:
    """A standing, its ground, the day that gives it and the registration that covers that day."""

    code: RegistrationStatusCode
    ground: RegistrationStatusReason
    day: date | None = None
    registration: Registration | None = None


class AdmissibilityGround(StrEnum):
    """Grounds on which a candidacy may, or may not, be opened on an entry at a date."""

    REGISTERED = "registered"
    EXPIRED = "expired"
    NOT_YET_REGISTERED = "not_yet_registered"
    NO_REGISTRATION_KNOWN = "no_registration_known"


@dataclass(frozen=True, slots=True)
class AdmissibilityAnswer:
    """Answer about a candidacy stopped because the entry had expired: when it had, and which entry follows it."""

    stopped: bool
    ground: AdmissibilityGround
    admissible_on: date
    registration: Registration | None = None
    expired_on: date | None = None
    successor: str | None = None


def is_valid_on(registration: Registration, day: date) -> bool:
    """Say whether a day belongs to a registration, its first and its last day included (R9).

    An entry says "avec effet au …, jusqu'au 4 janvier 2022": the last day is still registered, the next is not. A
    registration with a date that could not be read covers nothing; it must be corrected before publication.
    """
    since, until = registration.since, registration.until
    return since is not None and until is not None and since <= day <= until


def registration_covering(registrations: Sequence[Registration], day: date) -> Registration | None:
    """Find the registration a day belongs to (R9); on the day two acts meet, the later act, which
    replaces the other.
    """
    covering = [registration for registration in registrations if is_valid_on(registration, day)]
    return max(
        covering,
        key=lambda registration: (registration.since or date.min, registration.until or date.min),
        default=None,
    )


def registration_status(
    registrations: Sequence[Registration],
    admissible_on: date | None,
    delivered_on: date,
    *,
    training_begun_on: date | None = None,
) -> RegistrationStatus:
    """Say how a document delivered on a day may speak of the register, and why (R9; article L6113-9).

    Any registration of the entry counts. The answer words a document; it never blocks the grant of a block.
    """
    if not registrations:
        return RegistrationStatus(RegistrationStatusCode.NO_CLAIM, RegistrationStatusReason.NO_REGISTRATION_KNOWN)
    facts = (
        (delivered_on, RegistrationStatusCode.IN_FORCE, RegistrationStatusReason.DELIVERED_WHILE_REGISTERED),
        (admissible_on, RegistrationStatusCode.PROTECTED, RegistrationStatusReason.ADMISSIBLE_WHILE_REGISTERED),
        (training_begun_on, RegistrationStatusCode.PROTECTED, RegistrationStatusReason.TRAINING_BEGUN_WHILE_REGISTERED),
    )
    for day, code, ground in facts:
        registration = registration_covering(registrations, day) if day else None
        if registration is not None:
            return RegistrationStatus(code, ground, day, registration)
    return RegistrationStatus(
        RegistrationStatusCode.NO_CLAIM, RegistrationStatusReason.NOTHING_WHILE_REGISTERED, delivered_on
    )


def admissibility_answer(
    registrations: Sequence[Registration], admissible_on: date, *, successor: str | None = None
) -> AdmissibilityAnswer:
    """Say whether a candidacy found admissible on a day is stopped because the entry had expired (R9).

    Between two registrations the entry had expired too. A day before the first registration, or an entry
    whose registrations are unknown, does not stop: the ground says it and the certifier judges.
    """
    registration = registration_covering(registrations, admissible_on)
    if registration is not None:
        return AdmissibilityAnswer(False, AdmissibilityGround.REGISTERED, admissible_on, registration)
    if not any(known_registration.since and known_registration.until for known_registration in registrations):
        return AdmissibilityAnswer(False, AdmissibilityGround.NO_REGISTRATION_KNOWN, admissible_on)
    ended = [
        known_registration
        for known_registration in registrations
        if known_registration.until is not None and known_registration.until < admissible_on
    ]
    last = max(ended, key=lambda ended_registration: ended_registration.until or date.min, default=None)
    if last is None:
        return AdmissibilityAnswer(False, AdmissibilityGround.NOT_YET_REGISTERED, admissible_on)
    return AdmissibilityAnswer(True, AdmissibilityGround.EXPIRED, admissible_on, last, last.until, successor)


class RejectionReason(StrEnum):
    """Reasons why a file is not read as an entry."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    IS_PDF = "is_pdf"
    IS_OFFICE_FILE = "is_office_file"
    IS_LAYOUT_TEXT = "is_layout_text"
    IS_CSV_EXPORT = "is_csv_export"
    JSON_TOO_LARGE = "json_too_large"
    JSON_BROKEN = "json_broken"
    JSON_TOO_DEEP = "json_too_deep"
    JSON_DUPLICATE_KEY = "json_duplicate_key"
    JSON_NOT_FINITE = "json_not_finite"
    JSON_OF_ANOTHER_KIND = "json_of_another_kind"
    TOO_MANY_ITEMS = "too_many_items"
    NO_ENTRY_IN_ANSWER = "no_entry_in_answer"
    IDENTIFIER_TWICE = "identifier_twice"
    PARENT_MISSING = "parent_missing"
    CYCLE = "cycle"
    IS_ARCHIVE = "is_archive"
    IS_XML = "is_xml"
    IS_HTML = "is_html"
    IS_IMAGE = "is_image"
    IS_BINARY = "is_binary"
    NOT_AN_ENTRY = "not_an_entry"
    BLOCK_WITHOUT_COMPETENCY = "block_without_competency"
    EXPORT_TOO_LARGE = "export_too_large"
    SEVERAL_ENTRIES = "several_entries"
    NUMBER_ABSENT = "number_absent"
    NUMBER_TWICE = "number_twice"
    BLOCK_CODE_TWICE = "block_code_twice"
    UNKNOWN_ROUTE = "unknown_route"
    XML_BROKEN = "xml_broken"
    XML_DECLARES_TYPE = "xml_declares_type"
    XML_TOO_DEEP = "xml_too_deep"
    ENTRY_TOO_LARGE = "entry_too_large"
    ARCHIVE_BROKEN = "archive_broken"
    ARCHIVE_TOO_LARGE = "archive_too_large"
    ARCHIVE_SEVERAL = "archive_several"
    ARCHIVE_LOCKED = "archive_locked"


class Part(StrEnum):
    """A part of an entry that was found, or looked for in vain."""

    HEADING = "heading"
    CODE = "code"
    TITLE = "title"
    BLOCK_IDENTIFIER = "block_identifier"
    CSV_PART = "csv_part"
    CYCLE = "cycle"
    PARENT = "parent"
    BLOCKS = "blocks"
    BLOCK = "block"
    COMPETENCIES_OF_BLOCK = "competencies_of_block"
    REGISTRATIONS = "registrations"
    ENTRIES = "entries"
    NUMBER = "number"
    ELEMENT = "element"
    BLOCK_CODE = "block_code"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class IndexLine:
    """One entry of a file that holds several: its number and its title."""

    number: str
    title: str


@dataclass(frozen=True, slots=True)
class PartFinding:
    """A part, and the facts its sentence quotes."""

    part: Part
    facts: tuple[str, ...] = ()


class UnreadableEntry(Exception):  # noqa: N818 - the name says the answer, as a person would
    """Raised by a reader instead of guessing: the reason, what was understood, what was missing.

    Nothing is written.
    """

    def __init__(
        self,
        reason: RejectionReason,
        understood: Iterable[PartFinding] = (),
        missing: Iterable[PartFinding] = (),
        *,
        filename: str = "",
        index: Iterable[IndexLine] = (),
    ) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.understood = list(understood)
        self.missing = list(missing)
        self.filename = filename
        self.index = tuple(index)  # the entries to choose from, when the file holds several

    def about(self, filename: str) -> UnreadableEntry:
        """Give the same answer about a named file."""
        return UnreadableEntry(self.reason, self.understood, self.missing, filename=filename, index=self.index)


BEFOREHAND = timedelta(days=366)  # an act is published so long before its registration begins, at most


def act_covers(published: date | None, since: date | None, until: date | None) -> bool:
    """Return whether an act published on a day can be the one of a registration: not after its end, nor
    more than a year before it begins. An act without a day is not known to be.
    """
    if published is None:
        return False
    return (until is None or published <= until) and (since is None or since - published <= BEFOREHAND)
