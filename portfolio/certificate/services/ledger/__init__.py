"""The ledger: recording acts as they are closed, checking that none was bent, keeping its heads elsewhere."""

from portfolio.certificate.services.ledger.checking import check
from portfolio.certificate.services.ledger.closings import record_closing
from portfolio.certificate.services.ledger.earlier import record_earlier
from portfolio.certificate.services.ledger.heads import HEADS_FILE, head_covering, latest_head, write_heads
from portfolio.certificate.services.ledger.recording import SIGNER, append, erase

__all__ = [
    "HEADS_FILE",
    "SIGNER",
    "append",
    "check",
    "erase",
    "head_covering",
    "latest_head",
    "record_closing",
    "record_earlier",
    "write_heads",
]
