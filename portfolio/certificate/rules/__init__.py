"""The law of grants: which blocks are held, why, and when they make the whole (R1–R3, R6–R9, R13)."""

from portfolio.certificate.rules.explaining import Explanation
from portfolio.certificate.rules.facts import (
    Acquisition,
    CertifiedBlock,
    CertifiedCompetency,
    Decision,
    Equivalence,
    EquivalenceKind,
    History,
    Lapse,
    Presence,
    Sitting,
    Source,
)
from portfolio.certificate.rules.granting import (
    Act,
    GrantAnswer,
    GrantGround,
    acts_in,
    grants_at,
    grants_for,
    with_equivalences,
)
from portfolio.certificate.rules.later import (
    CertificateRefusal,
    GrantStatus,
    LaterAct,
    LaterKind,
    refusal_of,
    status_after,
    status_of_whole,
)
from portfolio.certificate.rules.numbers import new_number, read_number
from portfolio.certificate.rules.whole import Label, Result, ResultOf, WholeAnswer, result_for, whole_for

__all__ = [
    "Acquisition",
    "Act",
    "CertificateRefusal",
    "CertifiedBlock",
    "CertifiedCompetency",
    "Decision",
    "Equivalence",
    "EquivalenceKind",
    "Explanation",
    "GrantAnswer",
    "GrantGround",
    "GrantStatus",
    "History",
    "Label",
    "Lapse",
    "LaterAct",
    "LaterKind",
    "Presence",
    "Result",
    "ResultOf",
    "Sitting",
    "Source",
    "WholeAnswer",
    "acts_in",
    "grants_at",
    "grants_for",
    "new_number",
    "read_number",
    "refusal_of",
    "result_for",
    "status_after",
    "status_of_whole",
    "whole_for",
    "with_equivalences",
]
