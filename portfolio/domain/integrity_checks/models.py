"""The outcome of the checks that run every night, and the files that a check found damaged."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, String, true
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import no_fact
from portfolio.db.engine import REPEATED_KEY, Base, UuidPrimaryKey


class IntegrityCheck(UuidPrimaryKey, Base):
    """One run of all checks: True where nothing differs, None where the check could not be run to its end."""

    __tablename__ = "integrity_check"
    __care__ = no_fact("the outcome of the checks themselves")

    started_at: Mapped[datetime]
    ended_at: Mapped[datetime] = mapped_column(index=True)
    # False also when the database could not be read to its end: that is how damage shows.
    database: Mapped[bool] = mapped_column(default=True, server_default=true())
    ledger: Mapped[bool | None]
    # The first day of the audit log that no longer gives its digest, when that is the ledger's difference.
    audit_day: Mapped[date | None]
    # Up to which signed head the ledger was read, and how far the nights have read what is before it; None
    # before the ledger was read in parts.
    ledger_head: Mapped[int | None] = mapped_column(BigInteger)
    ledger_old: Mapped[int | None] = mapped_column(BigInteger)
    grants: Mapped[bool | None]
    files: Mapped[bool | None]
    # The last key that was read when the store was too large for one night; empty once it is read to its end.
    files_until: Mapped[str] = mapped_column(String(200), default="")
    # What contradicts closed minutes (`AuditedAct.to_record`): no difference of the database, a decision to
    # mend by an act. None where the minutes could not be read to their end.
    decisions: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)

    @property
    def ok(self) -> bool:
        """Return whether every check was run and found no difference."""
        return bool(self.database and self.ledger and self.grants and self.files)


class DamagedFile(Base):
    """A file of the store that is not what its row says, until a check finds it restored."""

    __tablename__ = "damaged_file"
    __care__ = no_fact("damaged files, until they are restored", not_exported="told by the body")

    # A row here does not keep the file: it repeats the key of another row, and ends when no other row has it.
    key: Mapped[str] = mapped_column(String(200), primary_key=True, info={REPEATED_KEY: True})
    found_at: Mapped[datetime]
    # Whose file it is, where a row says it.
    body_id: Mapped[UUID | None] = mapped_column(ForeignKey("certifying_body.id"))
    candidacy_id: Mapped[UUID | None] = mapped_column(ForeignKey("candidacy.id"), index=True)
