"""The ledger: what an entry commits to, how entries hold each other, what a check can find (trust.md §5)."""

from portfolio.certificate.rules.ledger.acts import (
    COVERED,
    NOT_FACTS,
    PERSONAL,
    RECORDED,
    RECORDED_SINCE,
    TRACKED,
    act_of,
    rank_of,
    table_named,
)
from portfolio.certificate.rules.ledger.chain import (
    FACTS_SALT,
    GENESIS,
    WORDS_SALT,
    Column,
    Entry,
    Salts,
    chained,
    column,
    digests_of,
    entry_hash,
)
from portfolio.certificate.rules.ledger.comparing import SAME, Compared, compared, is_content_of, is_removal
from portfolio.certificate.rules.ledger.difference import Change, Checked, Difference
from portfolio.certificate.rules.ledger.encoding import SALT_BYTES, WORDS, Kind, canonical_json, encoded, plain_json, text_of
from portfolio.certificate.rules.ledger.head import HEAD_TYPE, Head, read_heads

__all__ = [
    "COVERED",
    "FACTS_SALT",
    "GENESIS",
    "HEAD_TYPE",
    "NOT_FACTS",
    "PERSONAL",
    "RECORDED",
    "RECORDED_SINCE",
    "SALT_BYTES",
    "SAME",
    "TRACKED",
    "WORDS",
    "WORDS_SALT",
    "Change",
    "Checked",
    "Column",
    "Compared",
    "Difference",
    "Entry",
    "Head",
    "Kind",
    "Salts",
    "act_of",
    "canonical_json",
    "chained",
    "column",
    "compared",
    "digests_of",
    "encoded",
    "entry_hash",
    "is_content_of",
    "is_removal",
    "plain_json",
    "rank_of",
    "read_heads",
    "table_named",
    "text_of",
]
