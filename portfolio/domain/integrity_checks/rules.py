"""The outcome of one check of an installation."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Results of a check; `UNKNOWN` when something else must be mended first."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """The outcome of one check: its name, its state, why, and a figure or a path for the sentence."""

    check: str
    state: State
    reason: str = ""
    detail: str = ""
