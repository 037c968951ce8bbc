"""The ledger: recording acts as they are closed, checking that none was bent, keeping its heads elsewhere."""

from portfolio.domain.ledger.backfill import backfill
from portfolio.domain.ledger.checkpoints import (
    HEADS_FILE,
    checkpoint_covering,
    latest_checkpoint,
    write_checkpoints,
)
from portfolio.domain.ledger.recording import SIGNER, append, erase
from portfolio.domain.ledger.use_cases.closings import record_closing
from portfolio.domain.ledger.verification import check

__all__ = [
    "HEADS_FILE",
    "SIGNER",
    "append",
    "backfill",
    "check",
    "checkpoint_covering",
    "erase",
    "latest_checkpoint",
    "record_closing",
    "write_checkpoints",
]
