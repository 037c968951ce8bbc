"""The minutes: what a jury decided, copied once at closing; these rows refuse any change."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.deliberation import Votes
from portfolio.domain.jury.rules.enums import Attendance, Demonstration, FindingValue, Outcome


class Minutes(UuidPrimaryKey, Base):
    """The closed minutes of one hearing, with the composition that decided."""

    __tablename__ = "minutes"

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"), unique=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    decided_on: Mapped[date]
    closed_at: Mapped[datetime]
    closed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # When the president signed, with their password again; a candidate who did not come has minutes without
    # decisions.
    signed_at: Mapped[datetime | None]
    attendance: Mapped[Attendance | None] = mapped_column(
        enum_column(Attendance, "attendance"), default=Attendance.HEARD
    )
    root: Mapped[str] = mapped_column(String(64))
    # Seats, names, qualities and the answers of the predicates at the moment of closing.
    composition: Mapped[dict[str, Any]]
    # Why this sitting has no effect, found before a decision (R10); such minutes decide nothing and count as
    # no failure.
    void_reason: Mapped[str | None] = mapped_column(Text)
    hearing: Mapped[Hearing] = relationship()
    decisions: Mapped[list[RecordedDecision]] = relationship()
    findings: Mapped[list[RecordedFinding]] = relationship()
    rectifications: Mapped[list[MinutesRectification]] = relationship(
        order_by="MinutesRectification.written_at"
    )


class RecordedDecision(UuidPrimaryKey, Base):
    """What a jury decided for one block; the database itself refuses a mute refusal."""

    __tablename__ = "recorded_decision"
    __table_args__ = (
        UniqueConstraint("minutes_id", "block_id"),
        CheckConstraint("outcome <> 'not_validated' OR trim(reason) <> ''", name="refusal_has_reason"),
    )

    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"))
    block_id: Mapped[UUID] = mapped_column(ForeignKey("block.id"))
    outcome: Mapped[Outcome] = mapped_column(enum_column(Outcome, "outcome"))
    reason: Mapped[str] = mapped_column(Text)
    override_reason: Mapped[str] = mapped_column(Text)
    recommendation: Mapped[str] = mapped_column(Text)
    # Why nothing is recommended for a block that is not validated.
    no_recommendation: Mapped[str | None] = mapped_column(Text)
    votes_for: Mapped[int | None]
    votes_against: Mapped[int | None]
    # Empty in minutes closed before abstentions were recorded.
    votes_abstained: Mapped[int | None]

    @property
    def votes(self) -> Votes:
        """How the members voted, if a vote was counted (J11)."""
        return Votes(self.votes_for, self.votes_against, self.votes_abstained)


class RecordedFinding(UuidPrimaryKey, Base):
    """What a jury found on one competency, with its reason and, without a claim, its ground (R5)."""

    __tablename__ = "recorded_finding"
    __table_args__ = (UniqueConstraint("minutes_id", "competency_id"),)

    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"))
    competency_id: Mapped[UUID] = mapped_column(ForeignKey("competency.id"))
    value: Mapped[FindingValue] = mapped_column(enum_column(FindingValue, "value"))
    reason: Mapped[str] = mapped_column(Text)
    ground: Mapped[Demonstration | None] = mapped_column(enum_column(Demonstration, "ground"))
    ground_text: Mapped[str] = mapped_column(Text)


class MinutesRectification(UuidPrimaryKey, Base):
    """A later entry that refers to minutes and says what is wrong there; the minutes themselves never change
    (R12).
    """

    __tablename__ = "minutes_rectification"

    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


class AbsenceLetter(UuidPrimaryKey, Base):
    """The letter that says to a person that the jury met without them; written once."""

    __tablename__ = "absence_letter"

    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"), unique=True)
    # How the body named itself, and who signed.
    words: Mapped[dict[str, Any]] = mapped_column(JSON)
    written_at: Mapped[datetime]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
