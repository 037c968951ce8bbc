"""Gather the sentence of every refusal from the wording of each noun."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from portfolio.wording import (
    account,
    admissibility,
    anchors,
    api,
    assessment,
    attestation,
    candidacy,
    certifying_body,
    complaints,
    editions,
    evidence,
    france_vae,
    funding,
    groups,
    retention,
    review,
    si_cpf,
    submission,
)
from portfolio.wording.certification import versions
from portfolio.wording.documents import names as documents
from portfolio.wording.dossier import names as dossier
from portfolio.wording.holdings import contests, grants, holders, status_changes
from portfolio.wording.jury import deliberation, paper, pool, schedule

_MODULES = (
    account,
    admissibility,
    versions,
    candidacy,
    evidence,
    france_vae,
    anchors,
    api,
    attestation,
    dossier,
    review,
    assessment,
    submission,
    editions,
    certifying_body,
    complaints,
    funding,
    groups,
    retention,
    deliberation,
    paper,
    pool,
    schedule,
    grants,
    status_changes,
    contests,
    holders,
    documents,
    si_cpf,
)


def refusals() -> dict[StrEnum, Callable[[dict[str, Any]], str]]:
    """Return the French sentence of each code that a use case can refuse with.

    Codes are members of distinct enumerations, and the table keeps them apart by type as well as value.
    Raise ValueError when two modules have a sentence for the same code.
    """
    table: dict[Any, Callable[[dict[str, Any]], str]] = {}
    for module in _MODULES:
        for code, sentence in getattr(module, "REFUSALS", {}).items():
            if code in table and table[code] is not sentence:
                raise ValueError(f"two modules refuse with the same code: {code}")
            table[code] = sentence
    return table
