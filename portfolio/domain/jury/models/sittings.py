"""Sittings that ended: one composition, on one day, for one candidate, what it did and how it ended (domain §10)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.care import recorded
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.domain.jury.rules.sitting import SittingEnding


class Sitting(UuidPrimaryKey, Base):
    """A sitting of a hearing, written once, when it ends.

    The drafts, opinions and ballots of a hearing are always those of the sitting under way: nothing of an ended one is
    among them.
    """

    __tablename__ = "sitting"
    __care__ = recorded(
        "séance d’un jury",
        is_late=True,
        written_in="0149",
        not_exported="told by the letters",
        kept="part of the minutes",
    )
    __table_args__ = (UniqueConstraint("hearing_id", "number"),)

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    number: Mapped[int]
    session_id: Mapped[UUID] = mapped_column(ForeignKey("jury_session.id"), index=True)
    held_on: Mapped[date]
    ended_at: Mapped[datetime]
    # Empty for a sitting that ended before sittings were recorded.
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    ending: Mapped[SittingEnding] = mapped_column(enum_column(SittingEnding, "ending"))
    reason: Mapped[str] = mapped_column(Text, default="")
    # What it did: composition, presences, findings, drafts, ballots, interview; empty when its minutes hold it, or when
    # nothing was done since the sitting before.
    record: Mapped[dict[str, Any]] = mapped_column(JSON)
    session: Mapped[JurySession] = relationship()
