"""The second look of a certifier at a closed hearing that was drawn for it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.jury.rules.quality_sample import ReviewConclusion


class HearingReview(UuidPrimaryKey, Base):
    """What a second look at a hearing concludes; it changes nothing of what the jury decided."""

    __tablename__ = "hearing_review"

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"), unique=True)
    conclusion: Mapped[ReviewConclusion] = mapped_column(enum_column(ReviewConclusion, "conclusion"))
    text: Mapped[str] = mapped_column(Text)
    reviewed_at: Mapped[datetime]
    reviewed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
