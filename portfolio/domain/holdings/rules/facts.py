"""The facts that grants are derived from, as frozen values; none of them is ever changed, others are added.

Each says when the ledger recorded it: « before » and « after » are read there, the day says since when it counts. A
fact without that moment is not recorded yet: it comes after all the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from portfolio.domain.jury.rules.enums import Outcome


class Source(StrEnum):
    """Sources of an acquisition; all count equally (R2)."""

    JURY = "jury"
    ACQUISITION = "acquisition"
    EQUIVALENCE = "equivalence"
    # Held before this product was used, under a certificate that it did not issue.
    PRIOR = "prior"


class EquivalenceKind(StrEnum):
    """Rulings of the certifier between two blocks; only `identical` counts, `partial` never by itself (R2 c, domain
    §5).
    """

    IDENTICAL = "identical"
    PARTIAL = "partial"
    NONE = "none"


class Presence(StrEnum):
    """Presence of the candidate; an absence is no decision, and no loss."""

    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"


class Lapse(StrEnum):
    """State of the admissibility: whether it had lapsed before the submission, and whether the certifier ruled on
    it (R3, R6412-4).
    """

    NONE = "none"
    RULED = "ruled"
    NOT_RULED = "not_ruled"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class CertifiedCompetency:
    """A competency by its number, « 2.2 », and its words."""

    number: str
    text: str


@dataclass(frozen=True, slots=True)
class CertifiedBlock:
    """A block of one version: the only unit that is granted (R1)."""

    id: UUID
    number: int
    title: str
    competencies: tuple[CertifiedCompetency, ...] = ()
    # How long it stays acquired, where its version limits it (R6).
    validity_months: int | None = None
    # The option it belongs to, and how many options the whole asks for; none for a common block (R7).
    option: str | None = None
    options_needed: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Decision of a jury on one block, the competencies it did not find acquired, and how long the block stays
    acquired where its version limits it (R6).
    """

    block: UUID
    outcome: Outcome
    missing: tuple[CertifiedCompetency, ...] = ()
    validity_months: int | None = None


@dataclass(frozen=True, slots=True)
class JuryDecisionFacts:
    """One candidate before one jury: what R3 asks of it. `decisions` holds at most one of each block.

    `scope` holds the blocks presented; `faults` the blocking predicates that were false with the members who
    deliberated; `closed` says that the minutes are closed and signed by the president; `annulled` that all of it was
    annulled, `annulled_blocks` the blocks whose decision alone was (R12); `withdrawn` the blocks that a later act took
    back (R11); `suspended` that an irregularity found later waits for the certifier's word (R10).
    """

    reference: str
    decided_on: date
    submitted_on: date
    admissible_on: date | None
    scope: frozenset[UUID]
    decisions: tuple[Decision, ...] = ()
    faults: tuple[str, ...] = ()
    closed: bool = True
    presence: Presence = Presence.PRESENT
    lapse: Lapse = Lapse.NONE
    annulled: bool = False
    withdrawn: frozenset[UUID] = frozenset()
    suspended: bool = False
    annulled_blocks: frozenset[UUID] = frozenset()
    recorded_at: datetime | None = None

    def decision_on(self, block: UUID) -> Decision | None:
        """Find what was decided for a block, if anything was."""
        return next((decision for decision in self.decisions if decision.block == block), None)


@dataclass(frozen=True, slots=True)
class AcquisitionFact:
    """A block acquired by another route, which counts once the certifier has verified it (R2 b), until R11 or
    R12 ends it.

    `validity_months`: how long the block stays acquired, where its version limits it (R6).
    """

    block: UUID
    acquired_on: date
    verified: bool
    reference: str
    annulled: bool = False
    withdrawn: bool = False
    validity_months: int | None = None
    recorded_at: datetime | None = None

    @property
    def counts(self) -> bool:
        """Tell whether it makes the person hold the block."""
        return self.verified and not self.annulled and not self.withdrawn


@dataclass(frozen=True, slots=True)
class PriorHoldingFact:
    """A block held before this product was used, read on a proof by the certifier (R2 b), until a rectification ends it
    (R12).

    `valid_until`: the last day of validity, by its own certificate or by its version; None without a limit (R6).
    """

    block: UUID
    obtained_on: date
    reference: str
    valid_until: date | None = None
    ended: bool = False
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EquivalenceFact:
    """The certifier rules that holding one block, or several together, counts, not quite, or not at all, for
    another (R2 c).

    `with_held` are the other blocks that must be held too: none of them counts alone. A later ruling may
    replace it, at `replaced_at`: what it had made held stays so (R6), nothing recorded since is held through it.
    `validity_months`: how long the block that it counts for stays acquired, where its version limits it.
    """

    held: UUID
    counts_for: UUID
    kind: EquivalenceKind
    declared_on: date
    reference: str
    replaced_at: datetime | None = None
    with_held: frozenset[UUID] = frozenset()
    validity_months: int | None = None
    declared_at: datetime | None = None

    @property
    def asked(self) -> frozenset[UUID]:
        """Every block that must be held."""
        return self.with_held | {self.held}


@dataclass(frozen=True, slots=True, order=True)
class GrantingEvent:
    """Event that makes a person hold a block: the day, where it comes from, and the reference of minutes, proof or
    declaration.

    `until`: the last day of validity of what it gives, by the version of its block, by its own certificate,
    or by the blocks that an equivalence asks for, whichever ends first; None without a limit (R6). `origin`:
    of an equivalence, the block whose own act made it count last, and that act.
    """

    on: date
    source: Source
    reference: str
    until: date | None = field(default=None, compare=False)
    origin: tuple[UUID, GrantingEvent] | None = field(default=None, compare=False, repr=False)
    # Of an equivalence, every block whose acts led to it.
    through: frozenset[UUID] = field(default=frozenset(), compare=False, repr=False)
    recorded_at: datetime | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class History:
    """Everything that happened to one person, in no particular order."""

    sittings: tuple[JuryDecisionFacts, ...] = ()
    acquisitions: tuple[AcquisitionFact, ...] = ()
    equivalences: tuple[EquivalenceFact, ...] = ()
    prior: tuple[PriorHoldingFact, ...] = ()

    @property
    def without_suspensions(self) -> History:
        """Return the same history, had every suspension been lifted (R10)."""
        return replace(self, sittings=tuple(replace(sitting, suspended=False) for sitting in self.sittings))

    @property
    def without_endings(self) -> History:
        """Return the same history before any suspension, annulment or withdrawal: everything that was ever to be
        granted.
        """
        sittings = tuple(
            replace(sitting, suspended=False, annulled=False, annulled_blocks=frozenset(), withdrawn=frozenset())
            for sitting in self.sittings
        )
        acquired = tuple(replace(acquisition, annulled=False, withdrawn=False) for acquisition in self.acquisitions)
        prior = tuple(replace(holding, ended=False) for holding in self.prior)
        return replace(self, sittings=sittings, acquisitions=acquired, prior=prior)
