"""The hints about a piece that its candidate set aside."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.engine import Base


class DismissedHint(Base):
    """One hint that the candidate does not want to see about a piece, and why in a word.

    A hint that no longer exists stays.
    """

    __tablename__ = "dismissed_hint"

    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"), primary_key=True)
    hint: Mapped[str] = mapped_column(String(20), primary_key=True)
    reason: Mapped[str] = mapped_column(String(200), default="")
    dismissed_at: Mapped[datetime]
