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
    "jury_paper",
    "juror_statement",
    "certificate_signature",
    "notification",
    "ledger_erasure",
)
# Those that the first installations kept without recording them: what they hold is recorded once, when they learn to.
RECORDED_SINCE = ("jury_paper", "juror_statement", "certificate_signature", "notification")
