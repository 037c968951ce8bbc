"""Signatures of presence at a session, and the door that is open while a device is handed round."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.calendar import day_of
from portfolio.db.care import care, no_fact, recorded
from portfolio.db.credentials import Credential
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.jury.rules.passage import SummonedAs
from portfolio.domain.presence.rules import PresenceMeans


class PresenceSignature(UuidPrimaryKey, Base):
    """Signature of a person who came to a session on its day: once, by their own code or on a sheet; written once."""

    __tablename__ = "presence_signature"
    __care__ = recorded("signature de présence à un jury", kept="who came before a jury: an id and a moment")
    __table_args__ = (UniqueConstraint("session_id", "person_id", "signed_for"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("jury_session.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[SummonedAs] = mapped_column(enum_column(SummonedAs, "role"))
    # The day of the session when it was signed; those of before migration 0152 do not say it.
    signed_for: Mapped[date | None]
    # The hearing of a candidate; a member signs once for the day.
    hearing_id: Mapped[UUID | None] = mapped_column(ForeignKey("hearing.id"), index=True)
    means: Mapped[PresenceMeans] = mapped_column(enum_column(PresenceMeans, "means"))
    # The scan of the sheet.
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("signed_document.id"), index=True)
    signed_at: Mapped[datetime]
    # Who opened the device, or recorded the sheet.
    received_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))

    def stands_on(self, held_on: date) -> bool:
        """Tell whether this is the presence of this day: a session that changes day is signed again (domain §10)."""
        if self.signed_for is None:
            return self.means is PresenceMeans.PAPER_SHEET or day_of(self.signed_at) == held_on
        return self.signed_for == held_on


class PresenceOpening(UuidPrimaryKey, Base):
    """The page of a session where people sign, opened by a code for some hours: one at a time."""

    __tablename__ = "presence_opening"
    __care__ = no_fact("a door for some hours; each signature is in `presence_signature`")
    __credential__ = Credential(person=("opened_by",), body=("session_id", "body_id"))

    session_id: Mapped[UUID] = mapped_column(ForeignKey("jury_session.id"), unique=True)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, info=care(secret=True))
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
