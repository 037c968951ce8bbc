"""What prevents an entry from being published: a published version never changes, so it is checked before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from portfolio.certification.rules.codes import is_own_code
from portfolio.certification.rules.entry import Entry, EntryBlock, JuryRule, Registration, Seat

CODE = re.compile(r"RNCP\d{1,6}")


class FaultCode(StrEnum):
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
class PublicationFault:
    """One reason not to publish: where it stands, its code, and the facts its sentence quotes."""

    where: str
    what: FaultCode
    facts: tuple[str, ...] = ()


def publication_faults(entry: Entry) -> list[PublicationFault]:
    """List what prevents an entry from being published, in the order of its screen; an empty list lets it be."""
    return [
        *_heading_faults(entry),
        *_registration_faults(entry.registrations),
        *_jury_faults(entry.jury),
        *_block_faults(entry.blocks),
    ]


def _heading_faults(entry: Entry) -> Iterator[PublicationFault]:
    if not entry.code.strip():
        yield PublicationFault("code", FaultCode.NO_CODE)
    elif not CODE.fullmatch(entry.code) and not is_own_code(entry.code):
        yield PublicationFault("code", FaultCode.CODE_FORM, (entry.code,))
    if not entry.title.strip():
        yield PublicationFault("title", FaultCode.NO_TITLE)


def _registration_faults(registrations: Iterable[Registration]) -> Iterator[PublicationFault]:
    for number, one in enumerate(registrations, 1):
        where = f"registrations.{number}"
        if one.since is None or one.until is None:
            yield PublicationFault(where, FaultCode.REGISTRATION_DATES_UNKNOWN)
        elif one.until < one.since:
            yield PublicationFault(where, FaultCode.REGISTRATION_ENDS_BEFORE_IT_STARTS)


def _jury_faults(jury: JuryRule | None) -> Iterator[PublicationFault]:
    """A jury has at least two members (J9), one per seat (J1, J2), one president (J11), a quorum that it can reach (J14)."""
    if jury is None:
        yield PublicationFault("jury", FaultCode.NO_JURY_RULE)
        return
    if jury.size is None or jury.size < 2:
        yield PublicationFault("jury.size", FaultCode.JURY_SIZE)
    elif len(jury.seats) != jury.size:
        yield PublicationFault("jury.seats", FaultCode.JURY_SEATS_DIFFER, (str(jury.size), str(len(jury.seats))))
    if jury.seats.count(Seat.PRESIDENT) != 1:
        yield PublicationFault("jury.seats", FaultCode.JURY_PRESIDENT)
    if jury.quorum is not None and not 2 <= jury.quorum <= (jury.size or jury.quorum):
        yield PublicationFault("jury.quorum", FaultCode.JURY_QUORUM, (str(jury.quorum),))
    for name, share in (("external_min", jury.external_min), ("representatives_min", jury.representatives_min)):
        if share is not None and not 0 <= share <= 1:
            yield PublicationFault(f"jury.{name}", FaultCode.JURY_RATIO, (str(share),))


def _block_faults(blocks: tuple[EntryBlock, ...]) -> Iterator[PublicationFault]:
    if not blocks:
        yield PublicationFault("blocks", FaultCode.NO_BLOCK)
    for number in _repeated(block.number for block in blocks):
        yield PublicationFault(f"blocks.{number}", FaultCode.BLOCK_TWICE, (str(number),))
    for block in blocks:
        yield from _faults_of(block)


def _faults_of(block: EntryBlock) -> Iterator[PublicationFault]:
    where, name = f"blocks.{block.number}", str(block.number)
    if block.number < 1:
        yield PublicationFault(where, FaultCode.BLOCK_NUMBER, (name,))
    if not block.title.strip():
        yield PublicationFault(where, FaultCode.BLOCK_WITHOUT_TITLE, (name,))
    if not block.competencies:
        yield PublicationFault(where, FaultCode.BLOCK_WITHOUT_COMPETENCY, (name,))
    for number in _repeated(one.number for one in block.competencies):
        yield PublicationFault(f"{where}.competencies.{number}", FaultCode.COMPETENCY_TWICE, (f"{name}.{number}",))
    for one in block.competencies:
        label = (f"{name}.{one.number}",)
        if one.number < 1:
            yield PublicationFault(f"{where}.competencies.{one.number}", FaultCode.COMPETENCY_NUMBER, label)
        if not one.text.strip():
            yield PublicationFault(f"{where}.competencies.{one.number}", FaultCode.COMPETENCY_WITHOUT_TEXT, label)


def _repeated(numbers: Iterable[int]) -> list[int]:
    return [number for number, times in Counter(numbers).items() if times > 1]
