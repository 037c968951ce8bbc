"""Mail waiting to leave, or kept here when no mail server is set; what a body says of itself in it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, and_, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.care import care, no_fact
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.email.rules import DeliveryFacts, DeliveryFailure, Recipient


class OutgoingEmail(UuidPrimaryKey, Base):
    """A letter to one person, with an account or without; its row is the order to send it."""

    __tablename__ = "outgoing_email"
    __care__ = no_fact("a letter to deliver; `result_notification` holds what it says")
    __table_args__ = (CheckConstraint("person_id IS NOT NULL OR to_email <> ''", name="has_an_address"),)

    body_id: Mapped[UUID | None] = mapped_column(ForeignKey("certifying_body.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    # As the writer knows them; the address of someone without an account.
    to_name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    to_email: Mapped[str] = mapped_column(String(254), default="", server_default="", index=True)
    # What it says opens something: once it has left, its text is not kept.
    is_sensitive: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Which letter it is (`Letter`); of those written before it was kept, only the ones that tell of an
    # account.
    kind: Mapped[str | None] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    # Where its reader stops letters of this kind, when they may: a path of this site.
    unsubscribe: Mapped[str | None] = mapped_column(String(200), info=care(secret=True))
    # The last refusal of the mail server; None once the letter has left.
    failure: Mapped[DeliveryFailure | None] = mapped_column(enum_column(DeliveryFailure, "failure"))
    failed_at: Mapped[datetime | None]
    # A person of the body gave the letter to its reader: it is not sent any more.
    handed_over_at: Mapped[datetime | None]
    handed_over_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    # The name and the address of the reader, without case and accents: what a search looks at.
    search_words: Mapped[str] = mapped_column(String(500), default="", server_default="", info=care(secret=True))
    person: Mapped[Recipient | None] = relationship("Person", foreign_keys=[person_id])
    attachments: Mapped[list[EmailAttachment]] = relationship(order_by="EmailAttachment.name", passive_deletes=True)

    @property
    def name(self) -> str:
        """Return whom it is written to."""
        return self.to_name or (self.person.name if self.person else "")

    @property
    def email(self) -> str:
        """Return where it goes."""
        return self.person.email if self.person else self.to_email

    def delivery(self) -> DeliveryFacts:
        """Hand what the row records of its delivery to the rules."""
        return DeliveryFacts(self.sent_at, self.handed_over_at, self.attempts, self.failure)


_HANDED = OutgoingEmail.handed_over_at.is_not(None)
Index(
    "ix_outgoing_email_search",
    OutgoingEmail.body_id,
    OutgoingEmail.created_at,
    OutgoingEmail.search_words,
    OutgoingEmail.id,
)
Index(
    "ix_outgoing_email_handed_over",
    OutgoingEmail.body_id,
    OutgoingEmail.handed_over_at,
    sqlite_where=_HANDED,
    postgresql_where=_HANDED,
)
_UNDELIVERED = and_(OutgoingEmail.sent_at.is_(None), OutgoingEmail.handed_over_at.is_(None))
Index(
    "ix_outgoing_email_undelivered",
    OutgoingEmail.body_id,
    OutgoingEmail.unsubscribe,
    OutgoingEmail.created_at,
    # With these, the letters that wait for a person are counted without reading them.
    OutgoingEmail.kind,
    OutgoingEmail.person_id,
    OutgoingEmail.attempts,
    OutgoingEmail.failure,
    sqlite_where=_UNDELIVERED,
    postgresql_where=_UNDELIVERED,
)


class EmailAttachment(UuidPrimaryKey, Base):
    """A small text file that goes with a letter."""

    __tablename__ = "email_attachment"
    __care__ = no_fact("a file of a letter to deliver", not_exported="told by the letter")

    email_id: Mapped[UUID] = mapped_column(ForeignKey("outgoing_email.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    # Without one, plain text. A calendar file says its method here: "text/calendar; method=REQUEST".
    media_type: Mapped[str | None] = mapped_column(String(100))


class CertifyingBodySettings(Base):
    """Texts of a certifying body about itself on its documents; what is signed or sent keeps its own copy."""

    __tablename__ = "certifying_body_settings"
    __care__ = no_fact("settings of a body; signatures and letters copy what they say")

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), primary_key=True)
    legal_name: Mapped[str] = mapped_column(String(300), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    city: Mapped[str] = mapped_column(String(200), default="")
    # The one member of the body whose named click signs its documents, and in which quality.
    signatory_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    signatory_quality: Mapped[str] = mapped_column(String(300), default="")
    # The text on remedies of each kind of decision, as the body adopted it: that of its juries first.
    remedies: Mapped[str] = mapped_column(Text, default="")
    remedies_admissibility: Mapped[str | None] = mapped_column(Text)
    remedies_annulment: Mapped[str | None] = mapped_column(Text)
    remedies_complaint: Mapped[str | None] = mapped_column(Text)
    contact: Mapped[str] = mapped_column(Text, default="")
    # The delay in which the body promises to answer a complaint; None: the usual one.
    complaint_days: Mapped[int | None]
    revision: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime | None]
    signatory: Mapped[Recipient | None] = relationship("Person")
