"""What members sign about one candidate, the papers that prove it, and who is there on the day."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db import Base, Identified, codes
from portfolio.jury.rules import SignedStatement, StatementKind


class Paper(Identified, Base):
    """A signed document that the certifier recorded: the appointment of a president (J4), the form of a member."""

    __tablename__ = "jury_paper"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("jury_session.id"), index=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(Text)
    mime: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]
    received_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


class Statement(Identified, Base):
    """What a member states about one candidate (J10, J13): written once, by themselves or from their signed form."""

    __tablename__ = "juror_statement"
    __table_args__ = (UniqueConstraint("hearing_id", "person_id", "kind"),)

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[StatementKind] = mapped_column(codes(StatementKind, "kind"))
    reason: Mapped[str] = mapped_column(Text, default="")
    # On paper: the day of the signature, and the scan.
    signed_on: Mapped[date | None]
    paper_id: Mapped[UUID | None] = mapped_column(ForeignKey("jury_paper.id"))
    made_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))

    def as_value(self) -> SignedStatement:
        """Hand the statement to the rules."""
        return SignedStatement(self.kind, self.made_at, self.paper_id is not None, self.reason, self.signed_on)


class Presence(Identified, Base):
    """Whether a member is there for one candidate, as it was checked last; copied to the minutes at closing (J14)."""

    __tablename__ = "presence"
    __table_args__ = (UniqueConstraint("hearing_id", "person_id"),)

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    present: Mapped[bool]
    checked_at: Mapped[datetime]
    checked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
