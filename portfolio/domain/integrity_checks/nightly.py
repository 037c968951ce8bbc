"""Part of a large ledger that one night reads: what is new, and a thirtieth of the old."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.domain.integrity_checks.verification import WHOLE, Part, Verifier
from portfolio.domain.ledger.checkpoints import last_head_seq
from portfolio.domain.ledger.models import LedgerCheckpoint
from portfolio.domain.ledger.raw_rows import checkpoint_at, entry_at

# A ledger of fewer entries is read whole every night, in a minute or so.
WHOLE_BELOW = 50_000
NIGHTS = 30


def nightly_parts(
    session: Session, keys: Verifier, head: int | None, old: int, whole_below: int = WHOLE_BELOW
) -> tuple[Part, ...]:
    """Return the part of the old that comes after entry `old`, and what follows the head checked last.

    Both begin on a signed head that is still true: without one the whole is read.
    """
    if head is None or head < whole_below or last_head_seq(session) < head:
        return WHOLE
    begin = _head_before(session, old) if old < head else 0
    end = _head_from(session, begin + -(-head // NIGHTS)) or head
    if not all(_is_true(session, keys, seq) for seq in (begin, head)):
        return WHOLE
    return ((begin, min(end, head)), (head, None))


def _head_before(session: Session, seq: int) -> int:
    return session.scalar(select(func.max(LedgerCheckpoint.seq)).where(LedgerCheckpoint.seq <= seq)) or 0


def _head_from(session: Session, seq: int) -> int | None:
    return session.scalar(select(func.min(LedgerCheckpoint.seq)).where(LedgerCheckpoint.seq >= seq))


def _is_true(session: Session, keys: Verifier, seq: int) -> bool:
    """Return whether the entry of this number is the one under a head of ours; the beginning is."""
    head, entry = checkpoint_at(session, seq), entry_at(session, seq)
    return seq == 0 or bool(head and entry and entry.hash == head.hash and keys.verify(head.token))
