"""The way back from JSON to an entry, checked field by field so that a corrected draft says what is wrong and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from portfolio.certification.rules.deciding import DecisionRule
from portfolio.certification.rules.details import CutRule, EntryDetails
from portfolio.certification.rules.entry import (
    CompetencySource,
    Doubt,
    DoubtCode,
    Entry,
    EntryBlock,
    EntryCompetency,
    Holders,
    JuryCondition,
    JuryRule,
    JuryTerm,
    Permanence,
    Registration,
    Route,
    RouteEntry,
    Seat,
    SeatCollege,
    SeatTerms,
    Site,
    SiteKind,
    TermSource,
)
from portfolio.certification.rules.value_json import WrongValue, from_json

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class MalformedCode(StrEnum):
    """What is wrong with one field of a JSON entry."""

    NOT_AN_OBJECT = "not_an_object"
    NOT_A_LIST = "not_a_list"
    MISSING = "missing"
    UNKNOWN_KEY = "unknown_key"
    NOT_TEXT = "not_text"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_BOOLEAN = "not_a_boolean"
    NOT_A_DATE = "not_a_date"
    UNKNOWN_VALUE = "unknown_value"


class MalformedEntry(ValueError):  # noqa: N818 - the name says what the entry is
    """Raised when a JSON entry cannot be read: the path of the field ("blocks[0].title") and what is wrong with it."""

    def __init__(self, path: str, code: MalformedCode) -> None:
        super().__init__(f"{path}: {code.value}")
        self.path = path
        self.code = code


class Node:
    """A JSON object being read: it knows its path, and which of its keys nobody asked for."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, Mapping):
            raise MalformedEntry(path or ".", MalformedCode.NOT_AN_OBJECT)
        self._value: Mapping[Any, object] = value
        self._path = path
        self._asked: set[str] = set()

    def at(self, key: str) -> str:
        """Name the path of a key, to blame it."""
        return f"{self._path}.{key}" if self._path else key

    def take(self, key: str) -> object:
        """Give the raw value of a key that must be there."""
        self._asked.add(key)
        if key not in self._value:
            raise MalformedEntry(self.at(key), MalformedCode.MISSING)
        return self._value[key]

    def read(self, key: str, read: Callable[[object, str], T]) -> T:
        """Read the value of a key that must be there."""
        return read(self.take(key), self.at(key))

    def read_or_none(self, key: str, read: Callable[[object, str], T]) -> T | None:
        """Read the value of a key that must be there and may be null."""
        return None if self.take(key) is None else self.read(key, read)

    def has(self, key: str) -> bool:
        """Say whether a key is there."""
        return key in self._value

    def each(self, key: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
        """Read every item of a list."""
        items = self.take(key)
        if not isinstance(items, (list, tuple)):
            raise MalformedEntry(self.at(key), MalformedCode.NOT_A_LIST)
        return tuple(read(item, f"{self.at(key)}[{index}]") for index, item in enumerate(items))

    def done(self) -> None:
        """Refuse keys that were not read: a misspelt key would lose what was typed."""
        for key in self._value:
            if key not in self._asked:
                raise MalformedEntry(self.at(str(key)), MalformedCode.UNKNOWN_KEY)


def _text(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise MalformedEntry(path, MalformedCode.NOT_TEXT)
    return value


def _number(value: object, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedEntry(path, MalformedCode.NOT_A_NUMBER)
    return value


def _share(value: object, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise MalformedEntry(path, MalformedCode.NOT_A_NUMBER)
    # Neither infinity, nor what is no number, nor an integer that no float holds.
    if not -1e9 < value < 1e9:
        raise MalformedEntry(path, MalformedCode.NOT_A_NUMBER)
    return float(value)


def _boolean(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise MalformedEntry(path, MalformedCode.NOT_A_BOOLEAN)
    return value


def _day(value: object, path: str) -> date:
    text = _text(value, path)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise MalformedEntry(path, MalformedCode.NOT_A_DATE) from error


def _one_of(kind: type[E]) -> Callable[[object, str], E]:
    def read(value: object, path: str) -> E:
        text = _text(value, path)
        try:
            return kind(text)
        except ValueError as error:
            raise MalformedEntry(path, MalformedCode.UNKNOWN_VALUE) from error

    return read


def entry_from_json(value: object) -> Entry:
    """Give the entry that a JSON object describes, as `entry_as_json` writes it.

    "registered_until" follows from the registrations and is ignored. A doubt told as a sentence keeps that sentence.
    Raises MalformedEntry with the path of the first field that is missing, unknown or of the wrong kind.
    """
    node = Node(value, "")
    if node.has("registered_until"):
        node.take("registered_until")
    entry = Entry(
        code=node.read("code", _text),
        title=node.read("title", _text),
        titles_seen=node.each("titles_seen", _text),
        level=node.read_or_none("level", _text),
        level_1969=node.read_or_none("level_1969", _text),
        nsf=node.each("nsf", _text),
        rome=node.each("rome", _text),
        certifiers=node.each("certifiers", _text),
        signatory=node.read_or_none("signatory", _text),
        predecessor=node.read_or_none("predecessor", _text),
        registrations=node.each("registrations", _registration),
        routes=node.each("routes", _route),
        jury=node.read_or_none("jury", _jury),
        blocks=node.each("blocks", _block),
        deliverables=node.each("deliverables", _text),
        defence=node.read_or_none("defence", _text),
        permanence=node.read_or_none("permanence", _one_of(Permanence)),
        sites=node.each("sites", _site),
        holders_per_year=node.each("holders_per_year", _holders),
        details=node.read("details", _details) if node.has("details") else None,
        doubts=node.each("doubts", _doubt),
    )
    node.done()
    return entry


def _registration(value: object, path: str) -> Registration:
    node = Node(value, path)
    one = Registration(
        title=node.read("title", _text),
        act=node.read("act", _text),
        since=node.read_or_none("from", _day),
        until=node.read_or_none("until", _day),
    )
    node.done()
    return one


def _route(value: object, path: str) -> RouteEntry:
    node = Node(value, path)
    one = RouteEntry(
        route=node.read("route", _one_of(Route)),
        open=node.read_or_none("open", _boolean),
        jury=node.read_or_none("jury", _text),
        rule=node.read("rule", _jury) if node.has("rule") else None,
    )
    node.done()
    return one


def _jury(value: object, path: str) -> JuryRule:
    node = Node(value, path)
    rule = JuryRule(
        size=node.read_or_none("size", _number),
        seats=node.each("seats", _one_of(Seat)),
        external_min=node.read_or_none("external_min", _share),
        representatives_min=node.read_or_none("representatives_min", _share),
        quorum=node.read_or_none("quorum", _number) if node.has("quorum") else None,
        half_external=node.read("half_external", _boolean) if node.has("half_external") else False,
        sources=node.read("sources", _sources) if node.has("sources") else (),
        seat_terms=node.each("seat_terms", _seat_terms) if node.has("seat_terms") else (),
        conditions=node.each("conditions", _condition) if node.has("conditions") else (),
        left_out=frozenset(node.each("left_out", _one_of(JuryTerm))) if node.has("left_out") else frozenset(),
        casting_vote=node.read("casting_vote", _boolean) if node.has("casting_vote") else True,
    )
    node.done()
    return rule


def _seat_terms(value: object, path: str) -> SeatTerms:
    node = Node(value, path)
    terms = SeatTerms(
        college=node.read_or_none("college", _one_of(SeatCollege)),
        quality=node.read("quality", _text),
        appointed_by=node.read("appointed_by", _text),
    )
    node.done()
    return terms


def _condition(value: object, path: str) -> JuryCondition:
    node = Node(value, path)
    condition = JuryCondition(
        term=node.read("term", _one_of(JuryTerm)), count=node.read("count", _number), text=node.read("text", _text)
    )
    node.done()
    return condition


def _sources(value: object, path: str) -> tuple[tuple[JuryTerm, TermSource], ...]:
    node = Node(value, path)
    found = tuple((term, node.read(str(term), _one_of(TermSource))) for term in JuryTerm if node.has(str(term)))
    node.done()
    return found


def _block(value: object, path: str) -> EntryBlock:
    node = Node(value, path)
    block = EntryBlock(
        number=node.read("number", _number),
        title=node.read("title", _text),
        assessments=node.each("assessments", _text),
        certificate_stated=node.read("certificate_stated", _boolean),
        competencies=node.each("competencies", _competency),
        code=node.read("code", _text) if node.has("code") else None,
        source=node.read("source", _source) if node.has("source") else None,
        decision_rule=node.read("decision_rule", _one_of(DecisionRule)) if node.has("decision_rule") else None,
        decision_threshold=_optional(node, "decision_threshold"),
        validity_months=_optional(node, "validity_months"),
    )
    node.done()
    return block


def _optional(node: Node, key: str) -> int | None:
    return node.read_or_none(key, _number) if node.has(key) else None


def _source(value: object, path: str) -> CompetencySource:
    node = Node(value, path)
    source = CompetencySource(text=node.read("text", _text), cut=node.read("cut", _one_of(CutRule)))
    node.done()
    return source


def _details(value: object, path: str) -> EntryDetails:
    try:
        return from_json(EntryDetails, value, path)
    except WrongValue as error:
        raise MalformedEntry(error.path, MalformedCode(error.expected)) from error


def _competency(value: object, path: str) -> EntryCompetency:
    node = Node(value, path)
    one = EntryCompetency(
        number=node.read("number", _number),
        text=node.read("text", _text),
        alias=node.read_or_none("alias", _text),
    )
    node.done()
    return one


def _site(value: object, path: str) -> Site:
    node = Node(value, path)
    site = Site(
        kind=node.read("kind", _one_of(SiteKind)),
        site=node.read("site", _text),
        declared_by=node.read_or_none("declared_by", _text),
    )
    node.done()
    return site


def _holders(value: object, path: str) -> Holders:
    node = Node(value, path)
    one = Holders(site=node.read("site", _text), holders=node.read("holders", _number))
    node.done()
    return one


def _doubt(value: object, path: str) -> Doubt:
    node = Node(value, path)
    where, what = node.read("where", _text), node.read("what", _text)
    facts = node.each("facts", _text) if node.has("facts") else ()
    node.done()
    if what in set(DoubtCode):
        return Doubt(where, DoubtCode(what), facts)
    return Doubt(where, DoubtCode.STATED, (what,))
