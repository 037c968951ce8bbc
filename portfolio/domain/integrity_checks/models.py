"""The outcome of the checks that run every night, and the files that a check found damaged."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.engine import REPEATED_KEY, Base, UuidPrimaryKey


class IntegrityCheck(UuidPrimaryKey, Base):
    """One run of all checks: True where nothing differs, None where the check could not be run to its end."""

    __tablename__ = "integrity_check"

    started_at: Mapped[datetime]
    ended_at: Mapped[datetime] = mapped_column(index=True)
    ledger: Mapped[bool | None]
    grants: Mapped[bool | None]
    files: Mapped[bool | None]
    # The last key that was read when the store was too large for one night; empty once it is read to its end.
    files_until: Mapped[str] = mapped_column(String(200), default="")

    @property
    def ok(self) -> bool:
        """Return whether every check was run and found no difference."""
        return bool(self.ledger and self.grants and self.files)


class DamagedFile(Base):
    """A file of the store that is not what its row says, until a check finds it restored."""

    __tablename__ = "damaged_file"

    # A row here does not keep the file: it repeats the key of another row, and ends when no other row has it.
    key: Mapped[str] = mapped_column(String(200), primary_key=True, info={REPEATED_KEY: True})
    found_at: Mapped[datetime]
    # Whose file it is, where a row says it.
    body_id: Mapped[UUID | None] = mapped_column(ForeignKey("certifying_body.id"))
    candidacy_id: Mapped[UUID | None] = mapped_column(ForeignKey("candidacy.id"))
