"""The law of the dossier: its states, and what the coverage of a competency is."""

from __future__ import annotations

from enum import StrEnum


class DossierState(StrEnum):
    """Whether the candidate may still write."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
