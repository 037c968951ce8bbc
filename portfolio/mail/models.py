"""Mail waiting to leave, or kept here when no mail server is set."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.account.models import Person
from portfolio.db import Base, Identified


class Mail(Identified, Base):
    """A letter to one person, with an account or without; its row is the order to send it."""

    __tablename__ = "mail"
    __table_args__ = (CheckConstraint("person_id IS NOT NULL OR to_email <> ''", name="has_an_address"),)

    body_id: Mapped[UUID | None] = mapped_column(ForeignKey("certifying_body.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    # As whoever wrote knows them; the address of someone without an account.
    to_name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    to_email: Mapped[str] = mapped_column(String(254), default="", server_default="", index=True)
    # What it says opens something: once it has left, its text is not kept.
    secret: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Which letter it is (`Letter`); of those written before it was kept, only the ones that tell of an account.
    kind: Mapped[str | None] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    # Where its reader stops letters of this kind, when they may: a path of this site.
    unsubscribe: Mapped[str | None] = mapped_column(String(200))
    person: Mapped[Person | None] = relationship()

    @property
    def name(self) -> str:
        """Whom it is written to."""
        return self.to_name or (self.person.name if self.person else "")

    @property
    def email(self) -> str:
        """Where it goes."""
        return self.person.email if self.person else self.to_email
