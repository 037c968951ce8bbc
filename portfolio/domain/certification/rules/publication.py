"""Errors that prevent the publication of an entry: a published version never changes, so it is checked before.

Position of registrations on a timeline, for drawing.

Rules of a jury to begin from: what the law alone asks for, and two usual ones.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portfolio.domain.certification.rules.doubts import ABOUT_RIGHTS
from portfolio.domain.certification.rules.entry import Entry, EntryBlock, Permanence, Registration, is_own_code
from portfolio.domain.certification.rules.jury_rule import (
    PARITIES,
    DecisionRule,
    JuryCondition,
    JuryRule,
    JuryTerm,
    ParityBasis,
    Seat,
)
from portfolio.domain.certification.rules.versioning import unresolved_doubts

CODE = re.compile(r"(?:RNCP|RS)\d{1,6}")


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
    JURY_OF_ROUTE_EMPTY = "jury_of_route_empty"
    JURY_COUNT = "jury_count"
    JURY_RANGE = "jury_range"
    BLOCK_THRESHOLD = "block_threshold"
    VALIDITY_WITHOUT_MONTHS = "validity_without_months"
    VALIDITY_CONTRADICTED = "validity_contradicted"
    OPTIONS_NEEDED = "options_needed"
    WHOLE_WITHOUT_SOURCE = "whole_without_source"
    DOUBT_UNANSWERED = "doubt_unanswered"
    OTHER_CERTIFIER = "other_certifier"


@dataclass(frozen=True, slots=True)
class PublicationError:
    """One reason not to publish: where it stands, its code, and the facts its sentence quotes."""

    where: str
    what: PublicationErrorCode
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CertifierIdentity:
    """A body as the register would name it; its SIRET is empty until it says it."""

    names: tuple[str, ...]
    siret: str = ""

    def is_among(self, entry: Entry) -> bool:
        """Return whether an entry names this body: the same legal unit (SIREN), or the same name."""
        named = entry.details.certifiers if entry.details else ()
        units = {_digits(certifier.siret)[:SIREN_DIGITS] for certifier in named if certifier.siret}
        if len(_digits(self.siret)) >= SIREN_DIGITS and _digits(self.siret)[:SIREN_DIGITS] in units:
            return True
        words = {_plain(name) for name in entry.certifiers}
        words |= {_plain(name) for each in named for name in (each.name, each.trade_name) if name}
        return bool(words & {_plain(name) for name in self.names if name.strip()})


SIREN_DIGITS = 9


def _digits(text: str | None) -> str:
    return "".join(character for character in text or "" if character.isdigit())


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(re.sub(r"[\W_]+", " ", letters).split())


def unanswered_errors(entry: Entry, settled: Collection[str], body: CertifierIdentity) -> list[PublicationError]:
    """List what a person must answer before publication: each doubt about rights, and by which title a body
    certifies an entry of the register that does not name it (domain §3).
    """
    found = [
        PublicationError(doubt.where, PublicationErrorCode.DOUBT_UNANSWERED, (doubt.what, *doubt.facts))
        for doubt in unresolved_doubts(entry, settled)
        if doubt.what in ABOUT_RIGHTS
    ]
    if asks_title(entry, body) and not entry.certifying_title.strip():
        facts = (body.names[0], "\n".join(entry.certifiers))
        found.append(PublicationError("certifying_title", PublicationErrorCode.OTHER_CERTIFIER, facts))
    return found


def asks_title(entry: Entry, body: CertifierIdentity) -> bool:
    """Return whether an entry of the register names certifiers, and not this body."""
    return bool(CODE.fullmatch(entry.code) and entry.certifiers) and not body.is_among(entry)


def publication_errors(entry: Entry) -> list[PublicationError]:
    """List what prevents an entry from being published, in the order of its screen; an empty list lets it be."""
    return [
        *_heading_faults(entry),
        *_registration_faults(entry.registrations),
        *_jury_faults(entry.jury),
        *_route_jury_faults(entry),
        *_block_faults(entry.blocks),
        *_validity_faults(entry),
        *_option_faults(entry),
    ]


def _option_faults(entry: Entry) -> Iterator[PublicationError]:
    """Yield the faults of the rule of the whole: where blocks are of options, it asks for some of them and says
    where it is written (R7).
    """
    number = len(entry.options)
    if number and not 1 <= entry.options_needed <= number:
        facts = (str(entry.options_needed), str(number))
        yield PublicationError("blocks", PublicationErrorCode.OPTIONS_NEEDED, facts)
    if number and not entry.whole_source.strip():
        yield PublicationError("blocks", PublicationErrorCode.WHOLE_WITHOUT_SOURCE)


def _heading_faults(entry: Entry) -> Iterator[PublicationError]:
    if not entry.code.strip():
        yield PublicationError("code", PublicationErrorCode.NO_CODE)
    elif not CODE.fullmatch(entry.code) and not is_own_code(entry.code):
        yield PublicationError("code", PublicationErrorCode.CODE_FORM, (entry.code,))
    if not entry.title.strip():
        yield PublicationError("title", PublicationErrorCode.NO_TITLE)


def _validity_faults(entry: Entry) -> Iterator[PublicationError]:
    """A limited validity has its months, block by block, without which a block would be granted for ever; an
    unlimited one has none (R6).
    """
    lasting = [str(block.number) for block in entry.blocks if block.validity_months is None]
    ending = [str(block.number) for block in entry.blocks if block.validity_months is not None]
    if entry.permanence is Permanence.LIMITED and lasting:
        yield PublicationError("permanence", PublicationErrorCode.VALIDITY_WITHOUT_MONTHS, tuple(lasting))
    elif entry.permanence is Permanence.UNLIMITED and ending:
        yield PublicationError("permanence", PublicationErrorCode.VALIDITY_CONTRADICTED, tuple(ending))


def _registration_faults(registrations: Iterable[Registration]) -> Iterator[PublicationError]:
    for number, registration in enumerate(registrations, 1):
        where = f"registrations.{number}"
        if registration.since is None or registration.until is None:
            yield PublicationError(where, PublicationErrorCode.REGISTRATION_DATES_UNKNOWN)
        elif registration.until < registration.since:
            yield PublicationError(where, PublicationErrorCode.REGISTRATION_ENDS_BEFORE_IT_STARTS)


def _jury_faults(jury: JuryRule | None, where: str = "jury") -> Iterator[PublicationError]:
    """A jury has at least two members (J9), one per seat (J1, J2), one president (J11), a quorum that it can
    reach (J14).
    """
    if jury is None:
        yield PublicationError(where, PublicationErrorCode.NO_JURY_RULE)
        return
    if jury.size is None or jury.size < 2:
        yield PublicationError(f"{where}.size", PublicationErrorCode.JURY_SIZE)
    elif len(jury.seats) != jury.size:
        yield PublicationError(
            f"{where}.seats", PublicationErrorCode.JURY_SEATS_DIFFER, (str(jury.size), str(len(jury.seats)))
        )
    if jury.seats.count(Seat.PRESIDENT) != 1:
        yield PublicationError(f"{where}.seats", PublicationErrorCode.JURY_PRESIDENT)
    if jury.quorum is not None and not 2 <= jury.quorum <= (jury.size or jury.quorum):
        yield PublicationError(f"{where}.quorum", PublicationErrorCode.JURY_QUORUM, (str(jury.quorum),))
    for name, share in (("external_min", jury.external_min), ("representatives_min", jury.representatives_min)):
        if share is not None and not 0 <= share <= 1:
            yield PublicationError(f"{where}.{name}", PublicationErrorCode.JURY_RATIO, (str(share),))
    yield from _condition_faults(jury, where)


# A minimum, and the maximum of the same members.
_RANGES = (
    (JuryTerm.EMPLOYERS_MIN, JuryTerm.EMPLOYERS_MAX),
    (JuryTerm.EMPLOYEES_MIN, JuryTerm.EMPLOYEES_MAX),
    (JuryTerm.TRADE_MIN, JuryTerm.TRADE_MAX),
)


def _condition_faults(jury: JuryRule, where: str) -> Iterator[PublicationError]:
    """No condition asks for more members than the jury has, nor for a minimum above the maximum beside it."""
    counts = {condition.term: condition.count for condition in jury.conditions if condition.term not in PARITIES}
    for term, count in counts.items():
        if jury.size is not None and not (0 if term in _MAXIMUMS else 1) <= count <= jury.size:
            yield PublicationError(
                f"{where}.{term}", PublicationErrorCode.JURY_COUNT, (str(count), str(jury.size), str(term))
            )
    for least, most in _RANGES:
        if least in counts and most in counts and counts[least] > counts[most]:
            yield PublicationError(
                f"{where}.{least}", PublicationErrorCode.JURY_RANGE, (str(counts[least]), str(counts[most]), str(least))
            )


_MAXIMUMS = {most for _least, most in _RANGES}


def _route_jury_faults(entry: Entry) -> Iterator[PublicationError]:
    """Yield what makes the rule of a route's own jury incomplete, unless the entry closes the route."""
    for route in (
        route_entry for route_entry in entry.routes if route_entry.rule is not None and route_entry.open is not False
    ):
        where = f"juries.{route.route}"
        if route.rule is not None and route.rule.is_empty:
            yield PublicationError(where, PublicationErrorCode.JURY_OF_ROUTE_EMPTY, (str(route.route),))
        elif route.rule is not None:
            yield from _jury_faults(route.rule, where)


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
    needs = block.decision_rule in (DecisionRule.THRESHOLD, DecisionRule.MEAN)
    if needs and not 1 <= (block.decision_threshold or 0) <= 100:
        yield PublicationError(where, PublicationErrorCode.BLOCK_THRESHOLD, (name,))
    for number in _repeated(competency.number for competency in block.competencies):
        yield PublicationError(
            f"{where}.competencies.{number}", PublicationErrorCode.COMPETENCY_TWICE, (f"{name}.{number}",)
        )
    for competency in block.competencies:
        label = (f"{name}.{competency.number}",)
        if competency.number < 1:
            yield PublicationError(
                f"{where}.competencies.{competency.number}", PublicationErrorCode.COMPETENCY_NUMBER, label
            )
        if not competency.text.strip():
            yield PublicationError(
                f"{where}.competencies.{competency.number}", PublicationErrorCode.COMPETENCY_WITHOUT_TEXT, label
            )


def _repeated(numbers: Iterable[int]) -> list[int]:
    return [number for number, times in Counter(numbers).items() if times > 1]


LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Span:
    """One registration on the line: where it begins and how long it is, in thousandths of the line."""

    registration: Registration
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The registrations of an entry in order, the years to write below, and where a day of reference stands."""

    spans: tuple[Span, ...]
    years: tuple[tuple[int, int], ...]
    today: int


def timeline_of(registrations: Sequence[Registration], today: date) -> Timeline | None:
    """Lay registrations out from the first day of the first one to its end or today, whichever is later.

    None when no registration has both its dates.
    """
    dated = sorted(
        (
            (registration.since, registration.until, registration)
            for registration in registrations
            if registration.since and registration.until
        ),
        key=lambda row: row[0],
    )
    if not dated:
        return None
    first, last = dated[0][0], max(today, *(until for _, until, _ in dated))
    length = max((last - first).days, 1)

    def at(day: date) -> int:
        return round((day - first).days * LENGTH / length)

    spans = tuple(Span(registration, at(since), max(at(until) - at(since), 4)) for since, until, registration in dated)
    step = max(1, (last.year - first.year) // 6)
    years = tuple((year, at(date(year, 1, 1))) for year in range(first.year + 1, last.year + 1, step))
    return Timeline(spans, years, at(today))


_PRESIDENT_FREE = frozenset({JuryTerm.PRESIDENT_COLLEGE, JuryTerm.PRESIDENT_APPOINTED})


class JurySample(StrEnum):
    """The rules that a certifier may begin from."""

    TWO = "two_members"
    PARITY = "parity"
    SCHOOL = "school"
    PROFESSIONALS = "professionals"


def _with_members(size: int, *conditions: JuryCondition) -> JuryRule:
    seats = (Seat.PRESIDENT, *(Seat.MEMBER for _ in range(size - 1)))
    return JuryRule(size, seats, conditions=conditions, left_out=_PRESIDENT_FREE)


def _school() -> JuryRule:
    """Return the jury of the diplomas of the ministries: teachers and members of the profession, even if
    somebody is absent.
    """
    seats = (Seat.PRESIDENT, Seat.MEMBER, Seat.TEACHER_TRAINER, Seat.TEACHER_TRAINER)
    parities = tuple(JuryCondition(term, basis=ParityBasis.NAMED) for term in PARITIES)
    return JuryRule(4, seats, quorum=2, conditions=parities, left_out=_PRESIDENT_FREE)


SAMPLES: Mapping[JurySample, JuryRule] = {
    JurySample.TWO: _with_members(2),
    JurySample.PARITY: _with_members(4, JuryCondition(JuryTerm.COLLEGE_PARITY)),
    JurySample.SCHOOL: _school(),
    JurySample.PROFESSIONALS: _with_members(
        7, JuryCondition(JuryTerm.PROFESSIONALS_MIN, 6), JuryCondition(JuryTerm.TRADE_MAX, 4)
    ),
}
