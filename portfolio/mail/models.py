"""Mail waiting to leave, or kept here when no mail server is set."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.account.models import Person
from portfolio.db import Base, Identified


class Mail(Identified, Base):
    """A letter to one person; its row is the order to send it."""

    __tablename__ = "mail"

    body_id: Mapped[UUID | None] = mapped_column(ForeignKey("certifying_body.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()
