"""What prevents an entry from being published: a published version never changes, so it is checked before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from portfolio.domain.certification.rules.codes import is_own_code
from portfolio.domain.certification.rules.entry import Entry, EntryBlock, JuryRule, Registration, Seat

CODE = re.compile(r"RNCP\d{1,6}")


class PublicationErrorCode(StrEnum):
    """A reason not to publish."""

    NO_CODE = "no_code"
    CODE_FORM = "code_form"
    NO_TITLE = "no_title"
    NO_BLOCK = "no_block"
    BLOCK_NUMBER = "block_number"
    BLOCK_TWICE = "block_twice"
    BLOCK_WITHOUT_TITLE = "block_without_title"
    BLOCK_WITHOUT_COMPETENCY = "block_without_competency"
    COMPETENCY_NUMBER = "competency_number"
    COMPETENCY_TWICE = "competency_twice"
    COMPETENCY_WITHOUT_TEXT = "competency_without_text"
    REGISTRATION_DATES_UNKNOWN = "registration_dates_unknown"
    REGISTRATION_ENDS_BEFORE_IT_STARTS = "registration_ends_before_it_starts"
    NO_JURY_RULE = "no_jury_rule"
    JURY_SIZE = "jury_size"
    JURY_SEATS_DIFFER = "jury_seats_differ"
    JURY_PRESIDENT = "jury_president"
    JURY_RATIO = "jury_ratio"
    JURY_QUORUM = "jury_quorum"


@dataclass(frozen=True, slots=True)
class PublicationError:
    """One reason not to publish: where it stands, its code, and the facts its sentence quotes."""

    where: str
    what: PublicationErrorCode
    facts: tuple[str, ...] = ()


def publication_errors(entry: Entry) -> list[PublicationError]:
    """List what prevents an entry from being published, in the order of its screen; an empty list lets it be."""
    return [
        *_heading_faults(entry),
        *_registration_faults(entry.registrations),
        *_jury_faults(entry.jury),
        *_block_faults(entry.blocks),
    ]


def _heading_faults(entry: Entry) -> Iterator[PublicationError]:
    if not entry.code.strip():
        yield PublicationError("code", PublicationErrorCode.NO_CODE)
    elif not CODE.fullmatch(entry.code) and not is_own_code(entry.code):
        yield PublicationError("code", PublicationErrorCode.CODE_FORM, (entry.code,))
    if not entry.title.strip():
        yield PublicationError("title", PublicationErrorCode.NO_TITLE)


def _registration_faults(registrations: Iterable[Registration]) -> Iterator[PublicationError]:
    for number, one in enumerate(registrations, 1):
        where = f"registrations.{number}"
        if one.since is None or one.until is None:
            yield PublicationError(where, PublicationErrorCode.REGISTRATION_DATES_UNKNOWN)
        elif one.until < one.since:
            yield PublicationError(where, PublicationErrorCode.REGISTRATION_ENDS_BEFORE_IT_STARTS)


def _jury_faults(jury: JuryRule | None) -> Iterator[PublicationError]:
    """A jury has at least two members (J9), one per seat (J1, J2), one president (J11), a quorum that it can reach (J14)."""
    if jury is None:
        yield PublicationError("jury", PublicationErrorCode.NO_JURY_RULE)
        return
    if jury.size is None or jury.size < 2:
        yield PublicationError("jury.size", PublicationErrorCode.JURY_SIZE)
    elif len(jury.seats) != jury.size:
        yield PublicationError("jury.seats", PublicationErrorCode.JURY_SEATS_DIFFER, (str(jury.size), str(len(jury.seats))))
    if jury.seats.count(Seat.PRESIDENT) != 1:
        yield PublicationError("jury.seats", PublicationErrorCode.JURY_PRESIDENT)
    if jury.quorum is not None and not 2 <= jury.quorum <= (jury.size or jury.quorum):
        yield PublicationError("jury.quorum", PublicationErrorCode.JURY_QUORUM, (str(jury.quorum),))
    for name, share in (("external_min", jury.external_min), ("representatives_min", jury.representatives_min)):
        if share is not None and not 0 <= share <= 1:
            yield PublicationError(f"jury.{name}", PublicationErrorCode.JURY_RATIO, (str(share),))


def _block_faults(blocks: tuple[EntryBlock, ...]) -> Iterator[PublicationError]:
    if not blocks:
        yield PublicationError("blocks", PublicationErrorCode.NO_BLOCK)
    for number in _repeated(block.number for block in blocks):
        yield PublicationError(f"blocks.{number}", PublicationErrorCode.BLOCK_TWICE, (str(number),))
    for block in blocks:
        yield from _faults_of(block)


def _faults_of(block: EntryBlock) -> Iterator[PublicationError]:
    where, name = f"blocks.{block.number}", str(block.number)
    if block.number < 1:
        yield PublicationError(where, PublicationErrorCode.BLOCK_NUMBER, (name,))
    if not block.title.strip():
        yield PublicationError(where, PublicationErrorCode.BLOCK_WITHOUT_TITLE, (name,))
    if not block.competencies:
        yield PublicationError(where, PublicationErrorCode.BLOCK_WITHOUT_COMPETENCY, (name,))
    for number in _repeated(one.number for one in block.competencies):
        yield PublicationError(f"{where}.competencies.{number}", PublicationErrorCode.COMPETENCY_TWICE, (f"{name}.{number}",))
    for one in block.competencies:
        label = (f"{name}.{one.number}",)
        if one.number < 1:
            yield PublicationError(f"{where}.competencies.{one.number}", PublicationErrorCode.COMPETENCY_NUMBER, label)
        if not one.text.strip():
            yield PublicationError(f"{where}.competencies.{one.number}", PublicationErrorCode.COMPETENCY_WITHOUT_TEXT, label)


def _repeated(numbers: Iterable[int]) -> list[int]:
    return [number for number, times in Counter(numbers).items() if times > 1]
