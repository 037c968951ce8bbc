"""Opening a candidacy: who, by which route, for which blocks; and what stops it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portfolio.candidacy.rules.clocks import Regime
from portfolio.certification.rules import Route

# Routes whose candidacies begin with a training: its first day is theirs, as the admissibility is that of the others (R9).
TRAINING = frozenset({Route.INITIAL_TRAINING, Route.APPRENTICESHIP, Route.CONTINUING_TRAINING, Route.PROFESSIONALISATION})


class Scope(StrEnum):
    """The whole certification, or chosen blocks."""

    WHOLE = "whole"
    BLOCKS = "blocks"


@dataclass(frozen=True)
class Someone:
    """A person named in a form."""

    email: str
    name: str


@dataclass(frozen=True)
class Opening:
    """What the certifier decides when a candidacy is opened."""

    version_id: UUID
    candidate: Someone
    route: Route
    regime: Regime
    scope: Scope
    block_ids: tuple[UUID, ...]
    admissible_on: date
    advisor: Someone | None = None
    expiry_override: str = ""


class CandidacyRefusal(StrEnum):
    """Why a candidacy is not opened or changed."""

    ENTRY_EXPIRED = "entry_expired"
    VERSION_NOT_PUBLISHED = "version_not_published"
    FOREIGN_BLOCK = "foreign_block"
    NO_BLOCK = "no_block"
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
    BIRTH_PRINTED = "birth_printed"
    BIRTH_USELESS = "birth_useless"
    BORN_TOMORROW = "born_tomorrow"
