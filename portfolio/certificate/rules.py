"""The law of grants: which blocks are held, why, and when they make the whole (R1–R9, R13)."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """Where an acquisition comes from; all count equally (R2)."""

    JURY = "jury"
    ACQUISITION = "acquisition"
    EQUIVALENCE = "equivalence"
