"""Appointments of a candidate with who supports them, what funders pay, and the certificates of attendance."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import care, no_fact
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.funding.rules import (
    Commitment,
    FunderKind,
    Held,
    LeaveAnswer,
    LeaveInput,
    PaperKind,
    StepKind,
    attendance_number,
)

_PROOF = "owed to the funder for six years: no word of the dossier is in it"


class Appointment(UuidPrimaryKey, Base):
    """An appointment of a candidate, and whether it was held."""

    __tablename__ = "appointment"
    __care__ = no_fact("a diary, which changes until a certificate of attendance copies it")
    __table_args__ = (CheckConstraint("held = 'held' OR attended IS NULL", name="attended_when_held"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), index=True)
    kind: Mapped[StepKind] = mapped_column(enum_column(StepKind, "kind"))
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    place: Mapped[str] = mapped_column(String(300), default="")
    held: Mapped[Held] = mapped_column(enum_column(Held, "held"))
    attended: Mapped[int | None]
    # The candidate says by their own account that they were there.
    signed_at: Mapped[datetime | None]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]


class Funding(UuidPrimaryKey, Base):
    """Request to one funder for a candidate, and its answer; its link shows presence, without an account."""

    __tablename__ = "funding"
    __care__ = no_fact("an agreement between others, kept to follow it")

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), index=True)
    kind: Mapped[FunderKind] = mapped_column(enum_column(FunderKind, "kind"))
    name: Mapped[str] = mapped_column(String(300))
    commitment: Mapped[Commitment] = mapped_column(enum_column(Commitment, "commitment"))
    number: Mapped[str] = mapped_column(String(100), default="")
    decided_on: Mapped[date | None]
    valid_until: Mapped[date | None]
    minutes: Mapped[int | None]
    cents: Mapped[int | None]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
    link_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True, info=care(secret=True))


class FundingPaper(UuidPrimaryKey, Base):
    """A quote, a convention or an agreement, as its funder or the body signed it."""

    __tablename__ = "funding_paper"
    __care__ = no_fact("a paper between others, kept beside its funding")

    funding_id: Mapped[UUID] = mapped_column(ForeignKey("funding.id", ondelete="CASCADE"), index=True)
    kind: Mapped[PaperKind] = mapped_column(enum_column(PaperKind, "kind"))
    file_key: Mapped[str] = mapped_column(String(80), info=care(secret=True))
    file_name: Mapped[str] = mapped_column(String(300))
    file_mime: Mapped[str] = mapped_column(String(200))
    file_size: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str] = mapped_column(String(64))
    added_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]


class LeaveRequest(UuidPrimaryKey, Base):
    """A request of leave for VAE (congé VAE) to the employer of a candidate, and its answer."""

    __tablename__ = "leave_request"
    __care__ = no_fact("between a candidate and their employer")

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), index=True)
    employer: Mapped[str] = mapped_column(String(300))
    sent_on: Mapped[date]
    first_day: Mapped[date]
    minutes: Mapped[int]
    answer: Mapped[LeaveAnswer] = mapped_column(enum_column(LeaveAnswer, "answer"))
    answered_on: Mapped[date | None]
    deferred_to: Mapped[date | None]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]

    def to_value(self) -> LeaveInput:
        """Return the request as the rules read it."""
        return LeaveInput(*(getattr(self, name) for name in LeaveInput.__slots__))


class AttendanceCertificate(UuidPrimaryKey, Base):
    """A certificate of attendance (certificat de réalisation) as it was given: another one follows, none changes."""

    __tablename__ = "attendance_certificate"
    __care__ = no_fact("a proof for a funder, not an act on the candidacy", is_append_only=True, kept=_PROOF)
    __table_args__ = (UniqueConstraint("body_id", "year", "rank"), UniqueConstraint("candidacy_id", "version"))

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), index=True)
    # Numbers of a year follow each other without a hole.
    year: Mapped[int]
    rank: Mapped[int]
    version: Mapped[int]
    sheet_digest: Mapped[str] = mapped_column(String(64))
    minutes: Mapped[int]
    pdf: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    issued_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    issued_at: Mapped[datetime]

    @property
    def number(self) -> str:
        """Return the number as it is printed."""
        return attendance_number(self.year, self.rank)
