"""The register entry as frozen values: what a reader answers with, and what a version is made from.

The code of a certification: a number of the register, or a code that the certifier gives.

The rest of a register entry in its published data: organisations, acts, texts, statistics, correspondences.

Whether an entry opens a route: an entry that does not mention a route neither opens it nor closes it.

Source of each condition of a jury rule, after a correction by a person.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from msgspec import Struct

from portfolio.domain.certification.rules.book_frame import FrameSection
from portfolio.domain.certification.rules.doubts import Doubt
from portfolio.domain.certification.rules.jury_rule import TERM_SEATS, DecisionRule, JuryRule, JuryTerm, TermSource

OWN_CODE = re.compile(r"(?!RNCP|RS\d)(?=.*[A-Z])[A-Z0-9](?:[A-Z0-9._-]{0,28}[A-Z0-9])?")


class CodeKind(StrEnum):
    """Issuers of the code."""

    REGISTER = "register"
    OWN = "own"


def is_own_code(code: str) -> bool:
    """Return whether a code is one that a certifier may give; none of them can be taken for a number of
    the register.
    """
    return OWN_CODE.fullmatch(code) is not None


def normalised_code(typed: str, kind: CodeKind) -> str:
    """Return a typed code as it is stored: capitals, no space inside a number of the register, hyphens in
    an own code.
    """
    words = typed.upper().split()
    if kind is CodeKind.OWN:
        return "-".join(words)
    joined = "".join(words)
    return f"RNCP{joined}" if joined.isascii() and joined.isdecimal() else joined


class ActKind(StrEnum):
    """The three lists of acts of an entry: PUBLICATION_DECRET_GENERAL, _CREATION, _AUTRE."""

    GENERAL = "general"
    CREATION = "creation"
    OTHER = "other"


class Habilitation(StrEnum):
    """Acts that a partner may do for the certifier."""

    TRAIN = "train"
    ORGANISE = "organise"
    BOTH = "train_and_organise"


class HabilitationState(StrEnum):
    """States of a partner's habilitation, as the register last wrote it."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    REMOVED = "removed"


class CutRule(StrEnum):
    """Rules by which the text of a block was cut into competencies, from the surest rule to the loosest."""

    CODES = "codes"
    NUMBERS = "numbers"
    BULLETS = "bullets"
    LINES = "lines"
    SEMICOLONS = "semicolons"
    CAPITALS = "capitals"
    WHOLE = "whole"


class DetailValue(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A frozen value that is its own JSON schema: a field without a default has to be there, an empty one is
    not written.
    """


class Labelled(DetailValue, frozen=True):
    """A code of a nomenclature with its label."""

    code: str
    label: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.code, self.label)))


class RegisteredCertifier(DetailValue, frozen=True):
    """A certifier of the entry; `is_active` is None when the entry does not say."""

    name: str
    siret: str | None = None
    is_active: bool | None = None
    trade_name: str | None = None
    website: str | None = None


class Partner(DetailValue, frozen=True):
    """A partner of the certifier; None where the entry does not say, or writes a word that is not known."""

    name: str
    siret: str | None = None
    habilitation: Habilitation | None = None
    state: HabilitationState | None = None
    active_since: date | None = None


class Act(DetailValue, frozen=True):
    """An act that the entry cites, with the day of its publication."""

    kind: ActKind
    title: str
    published_on: date | None = None


class Correspondence(DetailValue, frozen=True):
    """Blocks of this entry (by code) that the register declares equivalent to blocks of another: a proposal,
    not a grant.
    """

    blocks: tuple[str, ...]
    entry: str
    other_blocks: tuple[str, ...]


class CohortStatistics(DetailValue, frozen=True):
    """Statistics that the entry gives of one year's holders; rates as they are written."""

    year: str
    holders: int | None = None
    holders_vae: int | None = None
    rates: tuple[Labelled, ...] = ()


class Passage(DetailValue, frozen=True):
    """A free text of the entry under the name of its element (ACTIVITES_VISEES); line ends kept."""

    name: str
    text: str


class EntryDetails(DetailValue, frozen=True):
    """Everything the published data says beside blocks, routes and registrations.

    An absent answer is None, never « no ».
    """

    award: Labelled | None = None
    page_state: str | None = None
    is_active: bool | None = None
    registration_kind: str | None = None
    delivery_until: date | None = None
    web_address: str | None = None
    new_caledonia: bool | None = None
    french_polynesia: bool | None = None
    predecessors: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()
    nsf: tuple[Labelled, ...] = ()
    rome: tuple[Labelled, ...] = ()
    formacodes: tuple[Labelled, ...] = ()
    agreements: tuple[Labelled, ...] = ()
    certifiers: tuple[RegisteredCertifier, ...] = ()
    partners: tuple[Partner, ...] = ()
    acts: tuple[Act, ...] = ()
    passages: tuple[Passage, ...] = ()
    statistics: tuple[CohortStatistics, ...] = ()
    correspondences: tuple[Correspondence, ...] = ()


class Route(StrEnum):
    """The six ways to a certification, in the order of an entry's table."""

    INITIAL_TRAINING = "initial_training"
    APPRENTICESHIP = "apprenticeship"
    CONTINUING_TRAINING = "continuing_training"
    PROFESSIONALISATION = "professionalisation_contract"
    INDIVIDUAL = "individual"
    VAE = "vae"


class SiteKind(StrEnum):
    """Uses of a site."""

    CERTIFICATION = "certification"
    PREPARATION = "preparation"


class Permanence(StrEnum):
    """Durations for which a granted block is valid (R6)."""

    UNLIMITED = "unlimited"
    LIMITED = "limited"


@dataclass(frozen=True, slots=True)
class Registration:
    """One act of registration; both days belong to it.

    A date that could not be read is None, and prevents publication.
    """

    title: str
    act: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class RouteEntry:
    """One way in: open is None when the entry does not tell; unknown is not "no".

    `rule` is the rule of this route's own jury; None takes the rule of the entry. An empty one waits for the certifier.
    """

    route: Route
    open: bool | None
    jury: str | None = None
    rule: JuryRule | None = None


@dataclass(frozen=True, slots=True)
class EntryCompetency:
    """A competency as its block words it; alias is the general list's wording when it really differs."""

    number: int
    text: str
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class CompetencySource:
    """The text that the competencies of a block were cut out of, and the rule that cut it."""

    text: str
    cut: CutRule


@dataclass(frozen=True, slots=True)
class EntryBlock:
    """A competency block: the only unit that can be granted (R1).

    `code` is the register's, unique within its entry only.
    """

    number: int
    title: str
    competencies: tuple[EntryCompetency, ...]
    assessments: tuple[str, ...] = ()
    certificate_stated: bool = False
    code: str | None = None
    source: CompetencySource | None = None
    # How this block is decided (R4) when it is not as the version says, and how long it stays acquired when
    # that is limited (R6).
    decision_rule: DecisionRule | None = None
    decision_threshold: int | None = None
    validity_months: int | None = None
    # The option that this block belongs to; empty for a block that the whole always asks for (R7).
    option: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """A place, on one line as the entry writes it, and the body that declared it where the entry says so."""

    kind: SiteKind
    site: str
    declared_by: str | None = None


@dataclass(frozen=True, slots=True)
class Holders:
    """Number of people who obtain the certification in a year at one site, on average."""

    site: str
    holders: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A register entry as read: facts of the entry, and the reader's doubts about them."""

    code: str
    title: str
    blocks: tuple[EntryBlock, ...]
    titles_seen: tuple[str, ...] = ()
    level: str | None = None
    level_1969: str | None = None
    nsf: tuple[str, ...] = ()
    rome: tuple[str, ...] = ()
    certifiers: tuple[str, ...] = ()
    signatory: str | None = None
    predecessor: str | None = None
    registrations: tuple[Registration, ...] = ()
    routes: tuple[RouteEntry, ...] = ()
    jury: JuryRule | None = None
    deliverables: tuple[str, ...] = ()
    defence: str | None = None
    permanence: Permanence | None = None
    sites: tuple[Site, ...] = ()
    holders_per_year: tuple[Holders, ...] = ()
    details: EntryDetails | None = None
    # How the livret 2 is laid out, as the certifier asks; empty for the usual outline. The register says
    # nothing of it.
    frame: tuple[FrameSection, ...] = ()
    # By which title the body certifies it, when the entry names other certifiers: delegation, habilitation,
    # merger, and the document that says so.
    certifying_title: str = ""
    # How many of its options the whole asks for beside the common blocks, and where that is written (R7).
    options_needed: int = 1
    whole_source: str = ""
    doubts: tuple[Doubt, ...] = field(default=())

    @property
    def options(self) -> dict[str, tuple[int, ...]]:
        """Return the numbers of the blocks of each option, in their order; empty when all are asked for."""
        names = dict.fromkeys(block.option for block in self.blocks if block.option)
        return {name: tuple(block.number for block in self.blocks if block.option == name) for name in names}

    @property
    def registered_until(self) -> date | None:
        """Return the last day of the latest registration; None when no end is known."""
        return max((r.until for r in self.registrations if r.until is not None), default=None)


class RouteStatus(StrEnum):
    """Answers of an entry about a route."""

    OPEN = "open"
    CLOSED = "closed"
    NOT_MENTIONED = "not_mentioned"


def route_status(routes: Sequence[Mapping[str, Any]], route: Route) -> RouteStatus:
    """Return what the routes of an entry, in their JSON form, say of one route; no answer is « unknown »,
    never « no ».
    """
    answer = next((row.get("open") for row in routes if row.get("route") == route.value), None)
    if answer is None:
        return RouteStatus.NOT_MENTIONED
    return RouteStatus.OPEN if answer else RouteStatus.CLOSED


Sources = tuple[tuple[JuryTerm, TermSource], ...]


def sources_after(before: JuryRule, after: JuryRule, typed: Mapping[str, TermSource]) -> Sources:
    """Return the sources of a corrected rule: a value that a person changed is theirs, unless they name another source.

    `typed` holds the sources on the form. J3 to J6 are asked by default when a seat is added (design).
    """
    found = {term: _after(term, before, after, typed.get(term)) for term in JuryTerm if after.asks(term)}
    return tuple((term, source) for term, source in found.items() if source is not None)


def _after(term: JuryTerm, before: JuryRule, after: JuryRule, typed: TermSource | None) -> TermSource | None:
    known = before.source_of(term)
    if before.value_of(term) == after.value_of(term):
        return typed or known
    if typed is not None and typed is not known:
        return typed
    return TermSource.DESIGN if term in TERM_SEATS else TermSource.CERTIFIER
