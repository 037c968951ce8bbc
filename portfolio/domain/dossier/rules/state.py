"""Whether the candidate may still write, and what writing can be refused for."""

from __future__ import annotations

from enum import StrEnum


class DossierState(StrEnum):
    """Whether the candidate may still write."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


class Stage(StrEnum):
    """Where a submitted dossier is."""

    AWAITS_SESSION = "awaits_session"
    AWAITS_JURY = "awaits_jury"
    AWAITS_NOTIFICATION = "awaits_notification"
    NOT_HEARD = "not_heard"
    DECIDED = "decided"


class DossierRefusal(StrEnum):
    """Why a write into the dossier is refused."""

    SEALED = "dossier_sealed"
    NOT_IN_SCOPE = "competency_not_in_scope"
    HELD = "block_held"
    SUSPENDED = "block_not_to_prove"
    ATTACHED = "experience_of_suspended_block"
    NOT_YOURS = "not_of_this_dossier"
    REMOVED = "item_removed"
    ALREADY_CLAIMED = "already_claimed"
    NOTHING_DECIDED = "no_decision_yet"
    ONE_BLOCK_LEFT = "one_block_must_stay"
    MEETING_BEFORE_JURY = "meeting_before_jury"
    MEETING_TOMORROW = "meeting_tomorrow"
