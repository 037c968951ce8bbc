"""Opening a candidacy: who, by which route, for which blocks; and what stops it.

Birth date and place of a certificate holder, and until when they may be changed (domain §7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.certification.rules.entry import Route, RouteStatus

# Routes whose candidacies begin with a training: its first day is theirs, as the admissibility is that of the
# others (R9).
TRAINING = frozenset(
    {Route.INITIAL_TRAINING, Route.APPRENTICESHIP, Route.CONTINUING_TRAINING, Route.PROFESSIONALISATION}
)


def has_livret2(route: Route) -> bool:
    """Return whether candidates of this route write a livret 2: those of VAE only (domain §2)."""
    return route is Route.VAE


def regime_for(route: Route, regime: Regime) -> Regime:
    """Return the regime whose clocks bind a candidacy: those of France VAE and of Cerfa bind VAE only (domain §2)."""
    return regime if has_livret2(route) else Regime.OTHER


class Scope(StrEnum):
    """The whole certification, or chosen blocks."""

    WHOLE = "whole"
    BLOCKS = "blocks"


class AdvisorNews(StrEnum):
    """News that an advisor receives when a candidacy is given to them: of one, of several, or nothing when they
    know already.
    """

    ONE = "one"
    SEVERAL = "several"
    NONE = "none"


@dataclass(frozen=True)
class PersonInput:
    """A person named in a form."""

    email: str
    name: str


@dataclass(frozen=True)
class NewCandidacy:
    """Values that the certifier gives when a candidacy is opened."""

    version_id: UUID
    candidate: PersonInput
    route: Route
    regime: Regime
    scope: Scope
    block_ids: tuple[UUID, ...]
    admissible_on: date
    advisor: PersonInput | None = None
    expiry_override: str = ""
    # Why the candidacy is opened by a route that the entry closes; whether a route that it does not mention
    # is confirmed.
    route_override: str = ""
    route_confirmed: bool = False
    postal_address: str = ""
    phone: str = ""
    birth: Birth | None = None
    # The name of the group that comes together, of an employer or a class; the name that the body gives the candidacy.
    group: str = ""
    reference: str = ""


def route_refusal(status: RouteStatus, opening: NewCandidacy) -> CandidacyRefusal | None:
    """Return what stops an opening by its route, or None.

    A route that the entry closes needs a reason; one that it does not mention needs a confirmation (domain §2).
    """
    if status is RouteStatus.CLOSED and not opening.route_override.strip():
        return CandidacyRefusal.ROUTE_CLOSED
    if status is RouteStatus.NOT_MENTIONED and not opening.route_confirmed:
        return CandidacyRefusal.ROUTE_NOT_MENTIONED
    return None


class CandidacyRefusal(StrEnum):
    """Reasons why a candidacy is not opened or changed."""

    ENTRY_EXPIRED = "entry_expired"
    ROUTE_CLOSED = "route_closed"
    ROUTE_NOT_MENTIONED = "route_not_mentioned"
    VERSION_NOT_PUBLISHED = "version_not_published"
    FOREIGN_BLOCK = "foreign_block"
    NO_BLOCK = "no_block"
    OPTION_NEEDED = "option_needed"
    PARTNER_UNKNOWN = "partner_unknown"
    ADVISOR_IS_CANDIDATE = "advisor_is_candidate"
    ADVISOR_SITS = "advisor_sits"
    ADMISSIBLE_TOMORROW = "admissible_tomorrow"
    ALREADY_OPEN = "already_open"
    NO_OVERRUN = "no_overrun"
    LAPSED_AFTER_MINUTES = "lapsed_after_minutes"
    NOT_THE_CANDIDATES_DELAY = "not_the_candidates_delay"
    RULED_TOMORROW = "ruled_tomorrow"
    RULED_TOO_SOON = "ruled_too_soon"
    NO_REASON = "ruling_no_reason"
    BIRTH_AWAITS_LETTER = "birth_awaits_letter"
    BIRTH_PRINTED = "birth_printed"
    BIRTH_USELESS = "birth_useless"
    BORN_TOMORROW = "born_tomorrow"
    ADDRESS_IS_THEIRS = "address_is_theirs"
    SCOPE_IS_SEALED = "scope_is_sealed"
    CLOSED_ALREADY = "closed_already"
    NOT_CLOSED = "not_closed"
    JURY_IS_SET = "jury_is_set"
    REOPENED_ELSEWHERE = "reopened_elsewhere"
    NO_SUCH_COHORT = "no_such_cohort"
    REFERENCE_TAKEN = "reference_taken"


EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


@dataclass(frozen=True, slots=True)
class Birth:
    """Day and place of birth, and the name at birth when it is another one."""

    on: date
    place: str
    name: str = ""


def birth_refusal(birth: Birth | None, *, printed: bool, complete: bool, today: date) -> CandidacyRefusal | None:
    """Say why a birth cannot be written or taken away, or None.

    `printed`: a certificate already bears the one that stands, and two certificates of one person must say the same
    (design); `complete`: the whole certification is obtained, so nothing will print it any more.
    """
    if printed:
        return CandidacyRefusal.BIRTH_PRINTED
    if complete:
        return CandidacyRefusal.BIRTH_USELESS
    if birth is not None and birth.on > today:
        return CandidacyRefusal.BORN_TOMORROW
    return None


MAX_EXTRA_MINUTES = 240


class AccommodationOutcome(StrEnum):
    """Decisions on what is asked."""

    GRANTED = "granted"
    REFUSED = "refused"


class AccommodationRefusal(StrEnum):
    """Reasons why an arrangement is not asked or decided."""

    NOTHING_ARRANGED = "accommodation_nothing_arranged"
    NO_REASON = "accommodation_no_reason"
    DECIDED_ALREADY = "accommodation_decided_already"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A decision; those who organise and the jury read what it arranges, never its reason."""

    outcome: AccommodationOutcome
    text: str = ""
    extra_minutes: int = 0
    interpreter: bool = False
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is arranged."""
        return not (self.text or self.extra_minutes or self.interpreter)


def decision_refusal(decision: Arrangement) -> AccommodationRefusal | None:
    """Return why a decision is incomplete: a grant arranges something, a refusal says why."""
    if decision.outcome is AccommodationOutcome.GRANTED:
        return AccommodationRefusal.NOTHING_ARRANGED if decision.is_empty else None
    return None if decision.reason.strip() else AccommodationRefusal.NO_REASON
