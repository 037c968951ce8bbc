"""Every sentence of refusal, gathered from the wording of each noun."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from typing import Any

NOUNS = (
    "account",
    "certification",
    "candidacy",
    "evidence",
    "attestation",
    "dossier",
    "review",
    "assessment",
    "submission",
    "jury",
    "certificate",
    "paper",
)


def refusals() -> dict[StrEnum, Callable[[dict[str, Any]], str]]:
    """The French sentence of each code that a use case can refuse with.

    Codes are members of distinct enumerations, and the table keeps them apart by type as well as value.
    """
    table: dict[Any, Callable[[dict[str, Any]], str]] = {}
    for noun in NOUNS:
        module = import_module(f"portfolio.{noun}.wording")
        for code, sentence in getattr(module, "REFUSALS", {}).items():
            if code in table:
                raise ValueError(f"two nouns refuse with the same code: {code}")
            table[code] = sentence
    return table
