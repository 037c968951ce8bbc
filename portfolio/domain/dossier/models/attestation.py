"""A request for an attestation, what its third party is writing, and the attestation once signed."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.care import care, no_fact, tracked
from portfolio.db.engine import CARE, Base, UuidPrimaryKey, enum_column
from portfolio.domain.certification.models import Competency
from portfolio.domain.dossier.rules.attestation import (
    ClaimedRelationship,
    Relationship,
    RequestStatus,
    SentCode,
    Statement,
)

REQUEST = no_fact("what was signed is in `attestation`")


attestation_competency = Table(
    "attestation_competency",
    Base.metadata,
    Column("request_id", ForeignKey("attestation_request.id"), primary_key=True),
    Column("competency_id", ForeignKey("competency.id"), primary_key=True),
    info={CARE: replace(REQUEST, kept="goes with its request, unless it was signed")},
)


class AttestationRequest(UuidPrimaryKey, Base):
    """Request of a candidate to a third party, and what became of it; what was asked never changes."""

    __tablename__ = "attestation_request"
    __care__ = replace(REQUEST, is_emptied=True)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    # Forgotten some time after the end of the request: it is needed for nothing any more.
    email: Mapped[str] = mapped_column(String(254))
    relationship_claimed: Mapped[ClaimedRelationship] = mapped_column(
        enum_column(ClaimedRelationship, "relationship_claimed")
    )
    organisation: Mapped[str] = mapped_column(String(300))
    experience_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("experience.id"), info=care(erased_as=None), index=True
    )
    # As it was when it was asked: the post may be described anew, or taken away.
    experience: Mapped[str] = mapped_column(String(700))
    began_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    request_text: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime]
    emailed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    reminders: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    withdrawn_at: Mapped[datetime | None]
    competencies: Mapped[list[Competency]] = relationship(
        secondary=attestation_competency, order_by="Competency.number"
    )

    @property
    def status(self) -> RequestStatus:
        """Its life so far, for the rules."""
        return RequestStatus(
            self.emailed_at,
            self.expires_at,
            self.reminders,
            self.opened_at,
            self.signed_at,
            self.declined_at,
            self.withdrawn_at,
        )

    def take(self, course: RequestStatus) -> None:
        """Write down what an act made of it."""
        self.emailed_at, self.reminders, self.opened_at = (course.written_at, course.reminders, course.opened_at)
        self.signed_at, self.declined_at, self.withdrawn_at = (
            course.signed_at,
            course.declined_at,
            course.withdrawn_at,
        )


class AttestationLink(Base):
    """A link of the third party, known by the digest of its random token: to answer, or later to fetch
    their own copy.
    """

    __tablename__ = "attestation_link"
    __care__ = replace(REQUEST, not_exported="opens the page of a third party")

    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("attestation_request.id"), index=True)
    is_download_link: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    request: Mapped[AttestationRequest] = relationship()


class AttestationDraft(Base):
    """Draft of the third party: read by them alone, gone once the request has ended."""

    __tablename__ = "attestation_draft"
    __care__ = replace(REQUEST, not_exported="of a third party who has not signed yet")

    request_id: Mapped[UUID] = mapped_column(ForeignKey("attestation_request.id"), primary_key=True)
    quality: Mapped[ClaimedRelationship | None] = mapped_column(enum_column(ClaimedRelationship, "quality"))
    organisation: Mapped[str] = mapped_column(String(300), default="")
    began_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    capacity: Mapped[str] = mapped_column(Text, default="")
    seen: Mapped[str] = mapped_column(Text, default="")
    often: Mapped[str] = mapped_column(Text, default="")
    more: Mapped[str] = mapped_column(Text, default="")
    tie: Mapped[Relationship | None] = mapped_column(enum_column(Relationship, "tie"))
    # The file they join, kept in the store already; no key when there is none.
    attachment_key: Mapped[str] = mapped_column(String(200), default="")
    attachment_name: Mapped[str] = mapped_column(Text, default="")
    attachment_mime: Mapped[str] = mapped_column(String(200), default="")
    attachment_family: Mapped[str] = mapped_column(String(40), default="")
    attachment_pages: Mapped[int | None]
    attachment_size: Mapped[int | None] = mapped_column(BigInteger)
    attachment_sha256: Mapped[str] = mapped_column(String(64), default="")
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]

    @property
    def words(self) -> Statement:
        """Return what is written, for the rules."""
        return Statement(
            self.quality, self.organisation, self.began_on, self.ended_on, self.capacity, self.seen,
            self.often, self.more, self.tie,
        )  # fmt: skip


class AttestationOtp(UuidPrimaryKey, Base):
    """A code sent to the third party's address, known by its digest, and how many wrong ones were typed against it."""

    __tablename__ = "attestation_otp"
    __care__ = replace(REQUEST, not_exported="opens the page of a third party")

    request_id: Mapped[UUID] = mapped_column(ForeignKey("attestation_request.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    failed_attempts: Mapped[int] = mapped_column(default=0)

    def to_value(self) -> SentCode:
        """Hand itself to the rules."""
        return SentCode(self.created_at, self.expires_at, self.failed_attempts)


class Attestation(UuidPrimaryKey, Base):
    """A signed attestation: written once.

    Its PDF, and its annex, are the files of two pieces that nobody replaces.
    """

    __tablename__ = "attestation"
    __care__ = tracked("attestation d’un tiers", is_append_only=True)
    __table_args__ = (
        UniqueConstraint("request_id"),
        UniqueConstraint("evidence_id"),
        UniqueConstraint("attachment_id"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("attestation_request.id"))
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"))
    attachment_id: Mapped[UUID | None] = mapped_column(ForeignKey("evidence.id"))
    # Canonical JSON, its SHA-256, and the signature over both and over the digest of the PDF.
    record: Mapped[bytes] = mapped_column(LargeBinary, info=care(erased_as=b""))
    record_sha256: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(Text, info=care(erased_as="", secret=True))
    pdf_sha256: Mapped[str] = mapped_column(String(64), index=True)
    signed_at: Mapped[datetime]
