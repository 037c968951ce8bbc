"""Data that restores a removed piece of evidence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.engine import Base


class RemovedClaims(Base):
    """The claims that a piece had when it was removed.

    Deleted when the piece comes back, or when it is erased.
    """

    __tablename__ = "removed_claims"

    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"), primary_key=True)
    # `{"claims": [...]}`: the columns of each claim.
    claims: Mapped[dict[str, Any]]
