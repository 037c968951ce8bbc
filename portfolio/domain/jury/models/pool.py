"""The pool of jurors of a certifying body: cards, ties, qualified certifications, availability, conflicts
with one candidate.

The second look of a certifier at a closed hearing that was drawn for it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.care import no_fact
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.rules.composition import Affiliation
from portfolio.domain.jury.rules.enums import AffiliationKind, College, Gender, OrganisationKind, TiesAnswer
from portfolio.domain.jury.rules.juror_card import AvailabilityPeriod, ConflictKind, HalfDay, JurorCard
from portfolio.domain.jury.rules.quality_sample import ReviewConclusion

POOL = no_fact("what is declared of a member of a jury is copied into `jury_member`")


class Juror(UuidPrimaryKey, Base):
    """A person whom a body may name to a jury; what is declared of a named member is copied to the member's row."""

    __tablename__ = "juror"
    __care__ = POOL
    __table_args__ = (UniqueConstraint("body_id", "email"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    name: Mapped[str] = mapped_column(String(200))
    # Without capitals: it recognises the person, and the account when there is one.
    email: Mapped[str] = mapped_column(String(254))
    quality: Mapped[str] = mapped_column(String(300), default="")
    profession: Mapped[str] = mapped_column(String(200), default="")
    employer: Mapped[str] = mapped_column(String(300), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    postal_address: Mapped[str] = mapped_column(Text, default="", server_default="")
    college: Mapped[College] = mapped_column(enum_column(College, "college"), default=College.NONE)
    gender: Mapped[Gender] = mapped_column(enum_column(Gender, "gender"), default=Gender.UNSAID)
    in_activity: Mapped[bool] = mapped_column(default=False)
    is_professional: Mapped[bool] = mapped_column(default=False)
    is_director: Mapped[bool] = mapped_column(default=False)
    delegated_from: Mapped[date | None]
    delegated_until: Mapped[date | None]
    # The seats to which the person may be named; empty, any that fits.
    seats: Mapped[list[str]] = mapped_column(JSON, default=list)
    ties_answer: Mapped[TiesAnswer] = mapped_column(
        enum_column(TiesAnswer, "ties_answer"), default=TiesAnswer.UNANSWERED
    )
    distance_km: Mapped[int | None]
    attends_on_site: Mapped[bool] = mapped_column(default=True, server_default=true())
    attends_by_video: Mapped[bool] = mapped_column(default=False)
    # The name, the address, the profession and the employer, without case and accents: what a search looks
    # at.
    search_words: Mapped[str] = mapped_column(String(1000), default="")
    added_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    # When the person filled in their own card last, by their link.
    filled_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    # The link by which the person fills in their card: its digest, and when it ends.
    link_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    link_until: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)
    ties: Mapped[list[JurorAffiliation]] = relationship(
        cascade="all, delete-orphan", order_by="JurorAffiliation.organisation"
    )
    periods: Mapped[list[JurorAvailability]] = relationship(
        cascade="all, delete-orphan", order_by="(JurorAvailability.first_day, JurorAvailability.last_day)"
    )
    qualifications: Mapped[list[JurorQualification]] = relationship(cascade="all, delete-orphan")

    def to_value(self) -> JurorCard:
        """Hand the card to the rules."""
        return JurorCard(
            self.name,
            self.email,
            self.quality,
            self.profession,
            self.employer,
            self.phone,
            self.college,
            self.gender,
            self.in_activity,
            self.is_professional,
            self.is_director,
            self.delegated_from,
            self.delegated_until,
            tuple(Seat(seat) for seat in self.seats),
            frozenset(row.certification_id for row in self.qualifications),
            self.ties_answer,
            tuple(tie.to_value() for tie in self.ties),
            tuple(period.to_value() for period in self.periods),
            self.distance_km,
            self.attends_on_site,
            self.attends_by_video,
            self.postal_address,
        )


class JurorAffiliation(UuidPrimaryKey, Base):
    """A contract or mandate that a juror of the pool declares, with its end (J7)."""

    __tablename__ = "juror_affiliation"
    __care__ = POOL

    juror_id: Mapped[UUID] = mapped_column(ForeignKey("juror.id", ondelete="CASCADE"), index=True)
    kind: Mapped[AffiliationKind] = mapped_column(enum_column(AffiliationKind, "kind"))
    organisation_kind: Mapped[OrganisationKind] = mapped_column(enum_column(OrganisationKind, "organisation_kind"))
    organisation: Mapped[str] = mapped_column(String(300))
    ended_on: Mapped[date | None]

    def to_value(self) -> Affiliation:
        """Hand the tie to the rules."""
        return Affiliation(self.kind, self.organisation_kind, self.organisation, self.ended_on)


class JurorQualification(UuidPrimaryKey, Base):
    """A certification for which a juror is qualified (J9)."""

    __tablename__ = "juror_qualification"
    __care__ = POOL
    __table_args__ = (UniqueConstraint("juror_id", "certification_id"),)

    juror_id: Mapped[UUID] = mapped_column(ForeignKey("juror.id", ondelete="CASCADE"))
    certification_id: Mapped[UUID] = mapped_column(ForeignKey("certification.id", ondelete="CASCADE"), index=True)


class JurorAvailability(UuidPrimaryKey, Base):
    """Days during which a juror is free, or is not; without a half, the whole day."""

    __tablename__ = "juror_availability"
    __care__ = POOL

    juror_id: Mapped[UUID] = mapped_column(ForeignKey("juror.id", ondelete="CASCADE"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    half: Mapped[HalfDay | None] = mapped_column(enum_column(HalfDay, "half"))
    is_available: Mapped[bool] = mapped_column(default=True)

    def to_value(self) -> AvailabilityPeriod:
        """Hand the period to the rules."""
        return AvailabilityPeriod(self.first_day, self.last_day, self.half, self.is_available)


class JurorConflict(UuidPrimaryKey, Base):
    """Conflict known before any declaration: this juror cannot judge this candidate, and why; a pinned one stays."""

    __tablename__ = "juror_conflict"
    __care__ = replace(POOL, not_exported="of jurors")
    __table_args__ = (UniqueConstraint("juror_id", "candidate_id"),)

    juror_id: Mapped[UUID] = mapped_column(ForeignKey("juror.id", ondelete="CASCADE"))
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[ConflictKind] = mapped_column(enum_column(ConflictKind, "kind"))
    # Recorded by the body: what the juror declares, or a change of employer, does not remove it. One that is
    # not pinned was found by comparison, and is compared again when the card changes.
    is_pinned: Mapped[bool] = mapped_column(default=False)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    # Of a conflict that was found: the organisation that both name.
    organisation: Mapped[str] = mapped_column(String(300), default="", server_default="")
    # The body looked at it, and wrote why it is no relation; it then forbids nothing while the organisation
    # is the same.
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    lift_reason: Mapped[str] = mapped_column(Text, default="", server_default="")


class HearingReview(UuidPrimaryKey, Base):
    """Conclusion of a second look at a hearing; it changes nothing of what the jury decided."""

    __tablename__ = "hearing_review"
    __care__ = no_fact("a second look at a hearing, which changes no decision", not_exported="told by a letter")

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"), unique=True)
    conclusion: Mapped[ReviewConclusion] = mapped_column(enum_column(ReviewConclusion, "conclusion"))
    text: Mapped[str] = mapped_column(Text)
    reviewed_at: Mapped[datetime]
    reviewed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
