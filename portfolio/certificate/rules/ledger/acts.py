"""Which acts the ledger records: the one place that names them."""

from __future__ import annotations

# Tables whose rows are acts: a closing, a grant, and what is done to them later. Every column of each is recorded.
# A column added later to one of them is nullable: the entries made before say nothing of it, and it must stay empty there.
RECORDED = (
    "minutes",
    "block_decision",
    "competency_finding",
    "block_grant",
    "award",
    "certificate",
    "minutes_rectification",
    "acquisition",
    "equivalence",
    "later_act",
    "lapse_ruling",
    "ledger_erasure",
)
