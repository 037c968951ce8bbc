"""Compare a new reading of the register with the last one: the changes to notify to a certifier, each once; what the
body decided, carried over to it; what a version changes, for a person.

The equivalences of blocks that an entry suggests: its correspondences, and blocks of one title in a successor.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from portfolio.domain.certification.rules.entry import Entry, EntryBlock, HabilitationState, RouteEntry
from portfolio.domain.certification.rules.entry_schema import entry_as_json
from portfolio.domain.certification.rules.jury_rule import JuryRule
from portfolio.domain.certification.rules.versioning import detail_pairs

WARNING_MONTHS = (3, 6, 12)  # the nearest one that is reached is notified
# Deduced by the reader, or followed by notices of their own: a new version is not drafted for them.
NOT_CONTENT = frozenset({"doubts", "jury", "registered_until"})
NOT_CONTENT_DETAILS = frozenset({"partners", "statistics", "page_state", "is_active"})


class RegisterNoticeKind(StrEnum):
    """Events that happened to an entry at the register."""

    CHANGED = "entry_changed"
    ENDS_SOON = "ends_soon"
    SUCCESSOR = "successor_published"
    ROUTE_CLOSED = "route_closed"
    HABILITATION_LOST = "habilitation_lost"


@dataclass(frozen=True, slots=True)
class RegisterFact:
    """One fact about an entry: `key` names it, so that it is notified once; `facts` are what its sentence quotes."""

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


def facts_between(known: Entry, version: int, read: Entry, today: date, *, successor: str | None) -> list[RegisterFact]:
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
            yield RegisterFact(RegisterNoticeKind.ROUTE_CLOSED, f"{version}/{route.route}", (str(route.route),))


EXPORT_DAY = re.compile(r"(20\d{2})[-_](\d{2})[-_](\d{2})")
FRESH_DAYS = 30


def export_age(filename: str, today: date) -> int | None:
    """Return how many days ago an export was made, from the day in its name; None when its name has no day."""
    match = EXPORT_DAY.search(filename)
    try:
        return (today - date(*map(int, match.groups()))).days if match else None
    except ValueError:
        return None


def is_old_export(filename: str, today: date) -> bool:
    """Return whether the name of an export says that it is older than a month: the register may have changed since."""
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
    """Reasons why an equivalence is proposed."""

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
    return sorted(found.values(), key=lambda proposal: (proposal.block, proposal.other_code, proposal.other_block))


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


# What the certifier writes where a format of the register has no place for it.
OFTEN_TYPED = ("signatory", "defence", "deliverables", "level_1969", "predecessor", "sites", "holders_per_year")


def carry_over_decisions(before: Entry, read: Entry) -> Entry:
    """Return an entry read again with what the body decided on the version before (domain §3).

    The frame of the livret 2, by which title it certifies, the validity of blocks and what the reading has
    no word of are kept. The exact title, the rule of each route's jury, the decision and the text of each
    block are kept where the register did not change what they are about.
    """
    typed = {name: getattr(before, name) for name in OFTEN_TYPED if not getattr(read, name)}
    jury, routes = _kept_juries(before, read)
    return replace(
        read,
        title=before.title if before.titles_seen == read.titles_seen else read.title,
        frame=before.frame,
        certifying_title=before.certifying_title,
        options_needed=before.options_needed if before.options else read.options_needed,
        whole_source=before.whole_source or read.whole_source,
        jury=jury,
        routes=routes,
        permanence=before.permanence or read.permanence,
        blocks=_kept_blocks(before.blocks, read.blocks),
        **typed,
    )


def _kept_juries(before: Entry, read: Entry) -> tuple[JuryRule | None, tuple[RouteEntry, ...]]:
    """Return the common rule and the routes: a route whose text changed takes the rule that was read."""
    known = {route.route: route for route in before.routes}
    same = {route.route for route in read.routes if route.route in known and known[route.route].jury == route.jury}
    if read.routes and not same:
        return read.jury, read.routes
    routes = tuple(
        replace(route, rule=known[route.route].rule if route.route in same else route.rule or read.jury)
        for route in read.routes
    )
    return before.jury, routes


def _kept_blocks(before: Sequence[EntryBlock], read: Sequence[EntryBlock]) -> tuple[EntryBlock, ...]:
    """Return the blocks read, or those before as a person cut and corrected them when their texts at the
    register are the same.
    """
    if [*map(_source_text, before)] == [*map(_source_text, read)] and all(map(_source_text, read)):
        return tuple(
            replace(block, code=found.code, title=found.title, assessments=found.assessments)
            for block, found in zip(before, read, strict=True)
        )
    known = {_block_text(block): block for block in before}
    return tuple(
        replace(block, competencies=same.competencies, certificate_stated=same.certificate_stated,
            decision_rule=same.decision_rule, decision_threshold=same.decision_threshold,
            validity_months=same.validity_months,
            option=same.option)
        if (same := known.get(_block_text(block))) is not None else block
        for block in read
    )  # fmt: skip


def _source_text(block: EntryBlock) -> str | None:
    return block.source.text if block.source else None


def _block_text(block: EntryBlock) -> tuple[object, ...]:
    """Return what makes two blocks the same: title, competencies and assessments as they are written."""
    competencies = tuple((competency.number, competency.text) for competency in block.competencies)
    return block.number, block.title, competencies, block.assessments


def is_register_update(before: Entry, after: Entry) -> bool:
    """Return whether an entry differs from the one before by what touches no block, no route's rule and no
    document: the version published from it makes no block (domain §3).
    """
    return _without_register(before) == _without_register(after)


def _without_register(entry: Entry) -> Entry:
    """Return an entry without the register's own dates and answers, from which no right and no title follows."""
    return replace(
        entry,
        registrations=(),
        details=None,
        doubts=(),
        holders_per_year=(),
        sites=(),
        rome=(),
        predecessor=None,
        titles_seen=(),
        certifiers=(),
        certifying_title="",
        blocks=tuple(replace(block, source=None) for block in entry.blocks),
        routes=tuple(replace(route, open=None) for route in entry.routes),
    )


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between two entries, as values; None on a side where there is nothing."""

    where: str
    before: Any
    after: Any


NOT_COMPARED = frozenset({"doubts", "source", "details"})  # the reader's own; details are compared apart


def entry_changes(before: Entry, after: Entry) -> list[Change]:
    """List what differs between two entries, for a person to read, in the order of the entry.

    A line added or taken away is one change, and moves none of the others; a rule of a jury is one.
    """
    stored = ((entry_as_json(entry).get("details") or {}) for entry in (before, after))
    return [*_changes("", before, after), *(Change(*pair) for pair in detail_pairs(*stored))]


def _changes(where: str, old: Any, new: Any) -> Iterator[Change]:
    if old == new or (old or JuryRule(None)) == (new or JuryRule(None)):
        return
    if is_dataclass(old) and type(old) is type(new) and not isinstance(old, JuryRule):
        for name in (field.name for field in fields(old) if field.name not in NOT_COMPARED):
            yield from _changes(f"{where}.{name}".lstrip("."), getattr(old, name), getattr(new, name))
    elif isinstance(old, tuple) and any(map(is_dataclass, (*old, *new))):
        yield from _line_changes(where, old, new)
    elif isinstance(old, tuple):
        yield Change(where, tuple(i for i in old if i not in new), tuple(i for i in new if i not in old))
    else:
        yield Change(where, old, new)


def _line_changes(where: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    """Compare lines: the same ones wherever they stand, then those of one name, then those left."""
    same = [(i, j) for j, line in enumerate(new) for i, other in enumerate(old) if _bare(other) == _bare(line)]
    pairs = {j: i for i, j in reversed(same)}
    gone = [line for i, line in enumerate(old) if i not in pairs.values()]
    for rank, line in enumerate(new):
        place = f"{where}.{_name(line, rank)}"
        if rank in pairs:
            continue
        before = next((other for other in gone if _key(other) == _key(line)), None)
        if before is not None:
            gone.remove(before)
            yield from _changes(place, before, line)
        else:
            yield Change(place, None, line)
    yield from (Change(f"{where}.{_name(line, old.index(line))}", line, None) for line in gone)
    order = [i for _, i in sorted(pairs.items())]
    if order != sorted(order) and hasattr(new[0], "number"):
        yield Change(f"{where}.order", tuple(old), tuple(new))


def _bare(line: Any) -> Any:
    """Return a line without its rank and without what no person reads."""
    empty = {"number": 0, "source": None}
    return replace(line, **{name: value for name, value in empty.items() if hasattr(line, name)})


def _key(line: Any) -> Any:
    """Return what two readings of one line share: its code, its rank, its route, its first day, its place."""
    names = ("code", "number", "route", "part", "since", "site")
    return next((value for name in names if (value := getattr(line, name, None)) is not None), None)


def _name(line: Any, rank: int) -> str:
    return str(getattr(line, "number", None) or getattr(line, "route", None) or rank + 1)
