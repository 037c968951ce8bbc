"""The information pages that a certifying body writes for the people it serves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.engine import Base, enum_column
from portfolio.domain.certifying_body.rules import InformationKind


class InformationPage(Base):
    """A body's own text for one information page; empty until it writes one."""

    __tablename__ = "information_page"

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), primary_key=True)
    kind: Mapped[InformationKind] = mapped_column(enum_column(InformationKind, "kind"), primary_key=True)
    text: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]
