"""Everything that a commit does beside what the use case asked, in this order.

The facts that lists sort by, the texts that are searched, the events that programs are told of and the rows that the
ledger records are written by more than a hundred use cases: each would have to remember them, one list cannot forget.
Rows written by a statement that names no row are not seen: the nightly checks find them (decision 0086).
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine

from portfolio.db.engine import Database, Follower
from portfolio.domain.candidacy_listing import tracking as listings
from portfolio.domain.ledger import tracking as ledger
from portfolio.domain.ledger.recording import BEFORE_LOCK
from portfolio.domain.search.use_cases import indexing as search

FOLLOWERS = (
    Follower(after_flush=search.index_written),
    Follower(after_flush=listings.note_writes, before_commit=listings.follow_writes),
    # Last: from here to the end of the commit, every other act that is recorded waits.
    Follower(after_flush=ledger.note_facts, before_commit=ledger.record_written),
)


def open_database(
    url: str, info: dict[Any, Any] | None = None, *, engine: Callable[[str], Engine] | None = None
) -> Database:
    """Open a database whose transactions keep the search index, the lists and the ledger."""
    return Database(url, {BEFORE_LOCK: listings.refresh_listings, **(info or {})}, FOLLOWERS, engine=engine)
