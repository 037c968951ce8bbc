"""The JSON form of an entry as a schema: its keys in their order, what each holds, and which may be absent.

msgspec reads it: the optional fields of cattrs accept missing keys. A key without a default has to be there, null only
where its type says so. A key whose default is UNSET may be absent, and is written only when the value differs from its
own default. `details` is a schema of its own (`rules/details.py`).

An entry as plain JSON values: the contract of the command line, and the draft that a screen corrects.

The way back from JSON to an entry, checked by the schema, so that a corrected draft says what is wrong and where.
"""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar, Self

from msgspec import UNSET, Meta, Struct, UnsetType, ValidationError, convert, structs, to_builtins

from portfolio.domain.certification.rules.book_frame import BookPart, Frame, FrameSection
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import (
    CompetencySource,
    CutRule,
    Entry,
    EntryBlock,
    EntryCompetency,
    EntryDetails,
    Holders,
    Permanence,
    Registration,
    Route,
    RouteEntry,
    Site,
    SiteKind,
)
from portfolio.domain.certification.rules.jury_rule import (
    DecisionRule,
    JuryCondition,
    JuryRule,
    JuryTerm,
    ParityBasis,
    Seat,
    SeatCollege,
    SeatTerms,
    TermSource,
)

# Neither infinity nor what is no number.
Share = Annotated[float, Meta(gt=-1e9, lt=1e9)]


@cache
def _optional_fields(form: type[Struct]) -> tuple[str, ...]:
    """Return the fields that a form omits at their usual value; reading the annotations of a class is what costs."""
    return tuple(field.name for field in structs.fields(form) if field.default is UNSET)


class Form(Struct, forbid_unknown_fields=True):
    """The JSON form of one type of value: fields of the same names."""

    value_type: ClassVar[type]

    @classmethod
    def of(cls, value: Any) -> Self:
        """Return the form of a value."""
        usual = {field.name: field.default for field in fields(value)}
        given = {name: getattr(value, name) for name in cls.__struct_fields__}
        silent = {name for name in _optional_fields(cls) if given[name] == usual[name]}
        return cls(**{name: _to_form(inner) for name, inner in given.items() if name not in silent})

    def to_value(self) -> Any:
        """Return the value that this form describes; a key that only repeats other keys is ignored."""
        names = {field.name for field in fields(self.value_type)}
        given = {name: getattr(self, name) for name in self.__struct_fields__ if name in names}
        return self.value_type(**{name: _from_form(inner) for name, inner in given.items() if inner is not UNSET})


class RegistrationForm(Form, rename={"since": "from"}):
    """One act of registration."""

    value_type = Registration
    title: str
    act: str
    since: date | None
    until: date | None


class SeatTermsForm(Form):
    """Terms that one seat adds to its kind."""

    value_type = SeatTerms
    college: SeatCollege | None
    quality: str
    appointed_by: str


class ConditionForm(Form):
    """A condition on the whole jury."""

    value_type = JuryCondition
    term: JuryTerm
    count: int
    text: str
    basis: ParityBasis | UnsetType | None = UNSET


class JuryForm(Form):
    """Composition of a jury; the contract of the command line has the first four keys, and the certifier's own ones."""

    value_type = JuryRule
    size: int | None
    seats: list[Seat]
    external_min: Share | None
    representatives_min: Share | None
    quorum: int | UnsetType | None = UNSET
    half_external: bool | UnsetType = UNSET
    seat_terms: list[SeatTermsForm] | UnsetType = UNSET
    conditions: list[ConditionForm] | UnsetType = UNSET
    left_out: set[JuryTerm] | UnsetType = UNSET
    casting_vote: bool | UnsetType = UNSET
    sources: dict[JuryTerm, TermSource] | UnsetType = UNSET

    @classmethod
    def of(cls, value: JuryRule) -> Self:
        """Return the form of a rule: the sources by their term."""
        if all(terms == SeatTerms() for terms in value.seat_terms):
            value = replace(value, seat_terms=())
        form = super().of(value)
        return structs.replace(form, sources=dict(value.sources)) if value.sources else form

    def to_value(self) -> JuryRule:
        """Return the rule: the sources in the order of the terms."""
        known = self.sources or {}
        sources = [(term, known[term]) for term in JuryTerm if term in known]
        rule: JuryRule = Form.to_value(structs.replace(self, sources=sources))
        return rule


class RouteForm(Form):
    """One way in."""

    value_type = RouteEntry
    route: Route
    open: bool | None
    jury: str | None
    rule: JuryForm | UnsetType = UNSET


class CompetencyForm(Form):
    """A competency of a block."""

    value_type = EntryCompetency
    number: int
    text: str
    alias: str | None


class SourceForm(Form):
    """The text that competencies were cut out of."""

    value_type = CompetencySource
    text: str
    cut: CutRule


class BlockForm(Form):
    """A competency block."""

    value_type = EntryBlock
    number: int
    title: str
    assessments: list[str]
    certificate_stated: bool
    competencies: list[CompetencyForm]
    code: str | UnsetType = UNSET
    source: SourceForm | UnsetType = UNSET
    decision_rule: DecisionRule | UnsetType = UNSET
    decision_threshold: int | UnsetType | None = UNSET
    validity_months: int | UnsetType | None = UNSET
    option: str | UnsetType = UNSET


class SiteForm(Form):
    """A place."""

    value_type = Site
    kind: SiteKind
    site: str
    declared_by: str | None


class HoldersForm(Form):
    """Number of people who obtain the certification at one site."""

    value_type = Holders
    site: str
    holders: int


class DoubtForm(Form):
    """One thing to look at: its code and the facts that its sentence quotes, or the sentence itself."""

    value_type = Doubt
    where: str
    what: str
    facts: list[str] = []

    def to_value(self) -> Doubt:
        """Return the doubt; a sentence is kept as it is."""
        if self.what in set(DoubtCode):
            return Doubt(self.where, DoubtCode(self.what), tuple(self.facts))
        return Doubt(self.where, DoubtCode.STATED, (self.what,))


class FrameSectionForm(Form):
    """A part of the livret 2, as the certifier asks for it."""

    value_type = FrameSection
    part: BookPart
    title: str | UnsetType = UNSET
    guidance: str | UnsetType = UNSET
    max_pages: int | UnsetType | None = UNSET
    is_required: bool | UnsetType = UNSET


class EntryForm(Form, kw_only=True):
    """A whole entry, with exactly the keys of `flask import-certification --json`, in their order."""

    value_type = Entry
    code: str
    title: str
    titles_seen: list[str]
    level: str | None
    level_1969: str | None
    nsf: list[str]
    rome: list[str]
    certifiers: list[str]
    signatory: str | None
    predecessor: str | None
    registrations: list[RegistrationForm]
    registered_until: Any = None  # follows from the registrations
    routes: list[RouteForm]
    jury: JuryForm | None
    blocks: list[BlockForm]
    deliverables: list[str]
    defence: str | None
    permanence: Permanence | None
    sites: list[SiteForm]
    holders_per_year: list[HoldersForm]
    doubts: list[DoubtForm]
    details: EntryDetails | UnsetType = UNSET
    frame: list[FrameSectionForm] | UnsetType = UNSET
    certifying_title: str | UnsetType = UNSET
    options_needed: int | UnsetType = UNSET
    whole_source: str | UnsetType = UNSET


_FORMS: dict[type, type[Form]] = {form.value_type: form for form in Form.__subclasses__()}


def _to_form(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_to_form(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(value)
    form = _FORMS.get(type(value))
    return form.of(value) if form else value


def _from_form(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_from_form(item) for item in value)
    if isinstance(value, set):
        return frozenset(value)
    return value.to_value() if isinstance(value, Form) else value


def entry_as_json(entry: Entry, *, sentence: Callable[[Doubt], str] | None = None) -> dict[str, Any]:
    """Give an entry as JSON values, with exactly the keys of `flask import-certification --json`.

    With `sentence` (wording.doubt_sentence) a doubt's "what" is its French sentence, as the command line prints it.
    Without it a doubt keeps its code and "facts": the form to store, from which `entry_from_json` gives the same entry.
    """
    written: dict[str, Any] = _plain(to_builtins(EntryForm.of(entry)))
    if (
        sentence is not None
    ):  # the contract of the command line, where a jury has no sources and a route no rule of its own
        written["doubts"] = [{"where": doubt.where, "what": sentence(doubt)} for doubt in entry.doubts]
        (written["jury"] or {}).pop("sources", None)
        for route in written["routes"]:
            route.pop("rule", None)
    return written


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


class MalformedCode(StrEnum):
    """Faults of one field of a JSON entry."""

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


# How the messages of msgspec begin: its only word on what is wrong. A date is a text to begin with.
_CODES = (
    ("Object missing required field `", MalformedCode.MISSING),
    ("Object contains unknown field `", MalformedCode.UNKNOWN_KEY),
    ("Expected `object", MalformedCode.NOT_AN_OBJECT),
    ("Expected `array", MalformedCode.NOT_A_LIST),
    ("Expected `int", MalformedCode.NOT_A_NUMBER),
    ("Expected `float", MalformedCode.NOT_A_NUMBER),
    ("Number out of range", MalformedCode.NOT_A_NUMBER),
    ("Expected `bool", MalformedCode.NOT_A_BOOLEAN),
    ("Expected `", MalformedCode.NOT_TEXT),
    ("Invalid RFC3339 encoded date", MalformedCode.NOT_A_DATE),
    ("Invalid enum value", MalformedCode.UNKNOWN_VALUE),
)
_PLACE = re.compile(r" - at (?P<key>`key` in )?`\$(?P<path>[^`]*)`\Z")


def entry_from_json(value: object) -> Entry:
    """Give the entry that a JSON object describes, as `entry_as_json` writes it.

    "registered_until" follows from the registrations and is ignored. A doubt told as a sentence keeps that sentence.
    Raises MalformedEntry with the path of the first field that is missing, unknown or of the wrong kind.
    """
    try:
        entry: Entry = convert(value, EntryForm).to_value()
    except ValidationError as error:
        raise _malformed(str(error)) from error
    except UnicodeEncodeError as error:  # half of a character, where a key, a date or a code is expected
        raise MalformedEntry(".", MalformedCode.UNKNOWN_VALUE) from error
    return entry


def frame_from_json(value: object) -> Frame:
    """Give the frame of the livret 2 that a stored entry holds under "frame", without reading the rest of it."""
    return tuple(form.to_value() for form in convert(value or [], list[FrameSectionForm]))


def _malformed(message: str) -> MalformedEntry:
    place = _PLACE.search(message)
    path = place["path"].removeprefix(".").removesuffix("[...]") if place else ""
    what = message[: place.start()] if place else message
    if place and place["key"]:
        return MalformedEntry(path or ".", MalformedCode.UNKNOWN_KEY)
    start, code = next(pair for pair in _CODES if what.startswith(pair[0]))
    if start.startswith("Object "):
        path = f"{path}.{what.removeprefix(start).removesuffix('`')}".removeprefix(".")
    return MalformedEntry(path or ".", code)
