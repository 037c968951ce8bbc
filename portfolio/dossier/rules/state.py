"""Whether the candidate may still write, and what writing can be refused for."""

from __future__ import annotations

from enum import StrEnum


class DossierState(StrEnum):
    """Whether the candidate may still write."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


class DossierRefusal(StrEnum):
    """Why a write into the dossier is refused."""

    SEALED = "dossier_sealed"
    NOT_IN_SCOPE = "competency_not_in_scope"
    HELD = "block_held"
    NOT_YOURS = "not_of_this_dossier"
    REMOVED = "removed"
    ALREADY_CLAIMED = "already_claimed"
    IN_USE = "experience_in_use"
