"""Settings that documents print, signatures of certificates, and the letters that notify a result."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.engine import Base, UuidPrimaryKey
from portfolio.domain.account.models import Person
from portfolio.domain.certifying_body.rules import BodySettingsValue
from portfolio.domain.holdings.models.grants import Certificate
from portfolio.domain.jury.models.deliberation import Minutes


class CertifyingBodySettings(Base):
    """What a certifying body says of itself on its documents; what is signed or sent keeps its own copy."""

    __tablename__ = "certifying_body_settings"

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), primary_key=True)
    legal_name: Mapped[str] = mapped_column(String(300), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    city: Mapped[str] = mapped_column(String(200), default="")
    # The one member of the body whose named click signs its documents, and in which quality.
    signatory_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    signatory_quality: Mapped[str] = mapped_column(String(300), default="")
    remedies: Mapped[str] = mapped_column(Text, default="")
    contact: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime | None]
    signatory: Mapped[Person | None] = relationship()

    def to_value(self) -> BodySettingsValue:
        """Hand the words to the rules."""
        return BodySettingsValue(
            self.legal_name,
            self.address,
            self.city,
            self.signatory_id,
            self.signatory_quality,
            self.remedies,
            self.contact,
        )


class CertificateSignature(UuidPrimaryKey, Base):
    """Who signed a certificate, in which quality, and how the body was named that day. Written once."""

    __tablename__ = "certificate_signature"

    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificate.id"), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(200))
    quality: Mapped[str] = mapped_column(String(300))
    legal_name: Mapped[str] = mapped_column(String(300))
    city: Mapped[str] = mapped_column(String(200))
    signed_at: Mapped[datetime]
    certificate: Mapped[Certificate] = relationship()


class ResultNotification(UuidPrimaryKey, Base):
    """The letter that told a candidate the result of one submission, as it left. Written once."""

    __tablename__ = "result_notification"
    __table_args__ = (UniqueConstraint("candidacy_id", "number"),)

    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"), unique=True)
    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    # The number of the submission that was judged.
    number: Mapped[int]
    letter: Mapped[dict[str, Any]]
    notified_at: Mapped[datetime]
    notified_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    minutes: Mapped[Minutes] = relationship()
