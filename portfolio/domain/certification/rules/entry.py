"""The register entry as frozen values: what a reader answers with, and what a version is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from portfolio.domain.certification.rules.book_frame import FrameSection
from portfolio.domain.certification.rules.decision_rule import DecisionRule
from portfolio.domain.certification.rules.details import CutRule, EntryDetails
from portfolio.domain.certification.rules.doubts import Doubt
from portfolio.domain.certification.rules.jury_rule import JuryRule


class Route(StrEnum):
    """The six ways to a certification, in the order of an entry's table."""

    INITIAL_TRAINING = "initial_training"
    APPRENTICESHIP = "apprenticeship"
    CONTINUING_TRAINING = "continuing_training"
    PROFESSIONALISATION = "professionalisation_contract"
    INDIVIDUAL = "individual"
    VAE = "vae"


class SiteKind(StrEnum):
    """What happens at a site."""

    CERTIFICATION = "certification"
    PREPARATION = "preparation"


class Permanence(StrEnum):
    """How long a granted block stays valid (R6)."""

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

    `rule` is the rule of this route's own jury; None takes the rule of the entry. An empty one waits for the
    certifier.
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


@dataclass(frozen=True, slots=True)
class Site:
    """A place, on one line as the entry writes it, and the body that declared it where the entry says so."""

    kind: SiteKind
    site: str
    declared_by: str | None = None


@dataclass(frozen=True, slots=True)
class Holders:
    """How many people obtain the certification in a year at one site, on average."""

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
    doubts: tuple[Doubt, ...] = field(default=())

    @property
    def registered_until(self) -> date | None:
        """The last day of the latest registration; None when no end is known."""
        return max((r.until for r in self.registrations if r.until is not None), default=None)
