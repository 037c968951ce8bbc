"""The ledger: what was recorded of each act, and apart from it the salts that may be erased."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import no_fact, recorded
from portfolio.db.engine import Base, UuidPrimaryKey
from portfolio.domain.ledger.rules.encoding import SALT_BYTES

# On SQLite only INTEGER is the row's own number, which nothing but a whole number can be.
_Rank = BigInteger().with_variant(Integer, "sqlite")


class LedgerEntry(Base):
    """One act: where it stands, and a salted digest of each of its columns.

    No personal data; written once.
    """

    __tablename__ = "ledger_entry"
    __care__ = no_fact("the ledger itself", is_append_only=True, name="entrée du registre des actes")
    __table_args__ = (UniqueConstraint("record_type", "row_id"),)

    seq: Mapped[int] = mapped_column(_Rank, primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime]
    record_type: Mapped[str] = mapped_column(String(60))
    row_id: Mapped[UUID]
    digests: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(String(64))
    entry_hash: Mapped[str] = mapped_column(String(64), unique=True)


class LedgerSalt(Base):
    """The secrets of an entry: without them its digests tell nothing.

    `words` is erased with the person's data.
    """

    __tablename__ = "ledger_salt"
    __care__ = no_fact("the ledger itself", name="sel d’une entrée")

    seq: Mapped[int] = mapped_column(ForeignKey("ledger_entry.seq"), primary_key=True, autoincrement=False)
    fact_salt: Mapped[bytes] = mapped_column(LargeBinary(SALT_BYTES))
    personal_salt: Mapped[bytes | None] = mapped_column(LargeBinary(SALT_BYTES))


class LedgerCheckpoint(Base):
    """The installation's signature under the entries one closing wrote; written once.

    Made in the transaction of the closing itself: what is added to the store by another way is under no signature.
    """

    __tablename__ = "ledger_checkpoint"
    __care__ = no_fact("the ledger itself", is_append_only=True, name="tête signée")

    seq: Mapped[int] = mapped_column(ForeignKey("ledger_entry.seq"), primary_key=True, autoincrement=False)
    first_seq: Mapped[int] = mapped_column(_Rank)
    hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    kid: Mapped[str] = mapped_column(String(60))
    signature: Mapped[str] = mapped_column(String(120))


class LedgerTreeHead(Base):
    """The root of the tree of all entries up to one, as a signed note for outside witnesses, and the time-stamp of an
    authority on it; written once.
    """

    __tablename__ = "ledger_tree_head"
    __care__ = no_fact("the ledger itself", is_append_only=True, name="empreinte du registre pour un témoin")

    size: Mapped[int] = mapped_column(_Rank, primary_key=True, autoincrement=False)
    root: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    # The answer of the authority as it came, and the time that it says; None without an authority.
    stamp: Mapped[bytes | None] = mapped_column(LargeBinary)
    stamped_at: Mapped[datetime | None]


class LedgerErasure(UuidPrimaryKey, Base):
    """A lawful erasure: the personal data behind an entry can no longer be checked.

    Recorded as an act, like the others.
    """

    __tablename__ = "ledger_erasure"
    __care__ = recorded("effacement")

    seq: Mapped[int] = mapped_column(ForeignKey("ledger_entry.seq"), unique=True)
    erased_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    erased_at: Mapped[datetime]
