"""Compare a new reading of the register with the last one: the changes to notify to a certifier, each
once.

The equivalences of blocks that an entry suggests: its correspondences, and blocks of one title in a
successor.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from portfolio.domain.certification.rules.entry import Entry, HabilitationState

WARNING_MONTHS = (3, 6, 12)  # the nearest one that is reached is notified
# Deduced by the reader, or followed by notices of their own: a new version is not drafted for them.
NOT_CONTENT = frozenset({"doubts", "jury", "registered_until"})
NOT_CONTENT_DETAILS = frozenset({"partners", "statistics", "page_state", "is_active"})


class RegisterNoticeKind(StrEnum):
    """What happened to an entry at the register."""

    CHANGED = "entry_changed"
    ENDS_SOON = "ends_soon"
    SUCCESSOR = "successor_published"
    ROUTE_CLOSED = "route_closed"
    HABILITATION_LOST = "habilitation_lost"


@dataclass(frozen=True, slots=True)
class RegisterFact:
    """One fact about an entry: `key` names it, so that it is notified once; `facts` are what its sentence
    quotes.
    """

    kind: RegisterNoticeKind
    key: str
    facts: tuple[str, ...] = ()


def content_digest(stored: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what an entry itself says, from its stored form.

    The reader's doubts and the rule it deduced are left out, so that a better reader makes no entry look
    changed; partners, statistics and the state of the page are left out too, because they change without the
    certification changing.
    """
    content = {key: value for key, value in stored.items() if key not in NOT_CONTENT}
    details = content.get("details") or {}
    content["details"] = {key: value for key, value in details.items() if key not in NOT_CONTENT_DETAILS}
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def facts_between(
    known: Entry, version: int, read: Entry, today: date, *, successor: str | None
) -> list[RegisterFact]:
    """Return the facts of an entry just read, against the version that the certifier works with.

    `successor` is the entry that the certifier already named. A route is closed when the version says that it
    is open and the register now says that it is not; unknown is never "closed".
    """
    return [*_end(read, today), *_successors(known, read, successor), *_closed_routes(known, version, read)]


def _end(read: Entry, today: date) -> Iterator[RegisterFact]:
    until = read.registered_until
    if until is None or until < today:
        return
    reached = next((months for months in WARNING_MONTHS if until <= _months_after(today, months)), None)
    if reached is not None:
        yield RegisterFact(
            RegisterNoticeKind.ENDS_SOON, f"{until.isoformat()}/{reached}", (until.isoformat(), str(reached))
        )


def _months_after(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of that month when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _successors(known: Entry, read: Entry, named: str | None) -> Iterator[RegisterFact]:
    before = set(known.details.successors) if known.details else set()
    for code in read.details.successors if read.details else ():
        if code != named and (code not in before or named is None):
            yield RegisterFact(RegisterNoticeKind.SUCCESSOR, code, (code,))


def _closed_routes(known: Entry, version: int, read: Entry) -> Iterator[RegisterFact]:
    was_open = {route.route for route in known.routes if route.open}
    for route in read.routes:
        if route.open is False and route.route in was_open:
            yield RegisterFact(
                RegisterNoticeKind.ROUTE_CLOSED, f"{version}/{route.route}", (str(route.route),)
            )


EXPORT_DAY = re.compile(r"(20\d{2})[-_](\d{2})[-_](\d{2})")
FRESH_DAYS = 30


def export_age(filename: str, today: date) -> int | None:
    """Return how many days ago an export was made, from the day in its name; None when its name has no
    day.
    """
    match = EXPORT_DAY.search(filename)
    try:
        return (today - date(*map(int, match.groups()))).days if match else None
    except ValueError:
        return None


def is_old_export(filename: str, today: date) -> bool:
    """Return whether the name of an export says that it is older than a month: the register may have changed
    since.
    """
    age = export_age(filename, today)
    return age is not None and age > FRESH_DAYS


@dataclass(frozen=True, slots=True)
class KnownPartner:
    """A partner as it was last known: its key, its name, whether its habilitation held."""

    key: str
    name: str
    state: HabilitationState | None


def partner_key(name: str, siret: str | None) -> str:
    """Return what a partner is recognised by: its SIRET, else its name in small letters."""
    return "".join((siret or "").split()) or " ".join(name.casefold().split())[:300]


def lost_habilitations(
    known: Iterable[KnownPartner], read: Mapping[str, HabilitationState | None], today: date
) -> Iterator[RegisterFact]:
    """Return the partners whose habilitation held, and that the register now says inactive or removed, or
    names no more.
    """
    for known_partner in known:
        if known_partner.state is not HabilitationState.ACTIVE:
            continue
        state = read.get(known_partner.key, HabilitationState.REMOVED)
        if state in (HabilitationState.INACTIVE, HabilitationState.REMOVED):
            key = f"{known_partner.key}/{today.isoformat()}"
            yield RegisterFact(RegisterNoticeKind.HABILITATION_LOST, key, (known_partner.name, str(state)))


class ProposalOrigin(StrEnum):
    """Why an equivalence is proposed."""

    CORRESPONDENCE = "correspondence"
    SUCCESSOR = "successor"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A block of this entry, by its number, and a block of another entry, by its code or its title."""

    block: int
    origin: ProposalOrigin
    other_code: str
    other_block: str
    group_size: int = 1


def proposals_of(entry: Entry, successor: str | None = None) -> list[Proposal]:
    """Return what an entry suggests, each once; a correspondence of the whole entry suggests no block.

    `successor` is the entry that the certifier named after this one, beside those that the register names.

    A correspondence of several blocks together keeps its size: holding one of them alone is not what the
    register compares.
    """
    suggested = [*_by_title(entry, successor), *_correspondences(entry)]
    found = {(proposal.block, proposal.other_code, proposal.other_block): proposal for proposal in suggested}
    return sorted(
        found.values(), key=lambda proposal: (proposal.block, proposal.other_code, proposal.other_block)
    )


def _correspondences(entry: Entry) -> Iterator[Proposal]:
    numbers = {block.code: block.number for block in entry.blocks if block.code}
    for correspondence in entry.details.correspondences if entry.details else ():
        blocks = [numbers[code] for code in correspondence.blocks if code in numbers]
        for number in blocks:
            for other in correspondence.other_blocks:
                yield Proposal(
                    number,
                    ProposalOrigin.CORRESPONDENCE,
                    correspondence.entry[:40],
                    other[:300],
                    len(correspondence.blocks),
                )


def _by_title(entry: Entry, successor: str | None) -> Iterator[Proposal]:
    named = entry.details.successors if entry.details else ()
    for code in dict.fromkeys([*named, *([successor] if successor else [])]):
        for block in entry.blocks:
            yield Proposal(block.number, ProposalOrigin.SUCCESSOR, code[:40], block.title[:300])
