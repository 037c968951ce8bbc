"""The summons of candidates and members: one row a person and a session, one row a letter; what juries are
paid.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, and_, inspect
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from portfolio.db.care import care
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.account.models import Person
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.jury.models.sessions import JuryMember, JurySession
from portfolio.domain.jury.rules.summons import (
    CalendarMethod,
    SendingReason,
    SentSummons,
    SummonedAs,
    SummonsAnswer,
    SummonsEvent,
)


class Summons(UuidPrimaryKey, Base):
    """One person summoned to one session.

    Its identity is the UID of the calendar entry, which follows a moved hearing.
    """

    __tablename__ = "summons"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id", "summoned_as"),
        UniqueConstraint("hearing_id"),
    )

    session_id: Mapped[UUID] = mapped_column(ForeignKey("jury_session.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    summoned_as: Mapped[SummonedAs] = mapped_column(enum_column(SummonedAs, "summoned_as"))
    hearing_id: Mapped[UUID | None] = mapped_column(ForeignKey("hearing.id", ondelete="SET NULL"))
    # What the last letter says.
    method: Mapped[CalendarMethod] = mapped_column(
        enum_column(CalendarMethod, "method"), default=CalendarMethod.REQUEST
    )
    sequence: Mapped[int] = mapped_column(default=0)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    is_whole_day: Mapped[bool] = mapped_column(default=False)
    place: Mapped[str] = mapped_column(String(300), default="")
    video_link: Mapped[str] = mapped_column(String(500), default="")
    # What signs the link by which the person answers.
    answer_key: Mapped[bytes] = mapped_column(LargeBinary(32), info=care(secret=True))
    answer: Mapped[SummonsAnswer | None] = mapped_column(enum_column(SummonsAnswer, "answer"))
    answered_at: Mapped[datetime | None]
    # Who recorded an answer given by telephone or in person; empty when it came by the link.
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    # When a reminder is due if there is no answer; empty when none is.
    run_after: Mapped[datetime | None] = mapped_column(index=True)
    session: Mapped[JurySession] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    emails: Mapped[list[SummonsEmail]] = relationship(
        order_by="SummonsEmail.written_at", cascade="all, delete-orphan"
    )

    def to_value(self) -> SentSummons:
        """Hand what was written last to the rules."""
        event = SummonsEvent(self.starts_at, self.ends_at, self.place, self.video_link, self.is_whole_day)
        return SentSummons(event, self.method, self.sequence)


class SummonsEmail(UuidPrimaryKey, Base):
    """A letter of a summons; whether it has left is in the row of the letter."""

    __tablename__ = "summons_email"

    summons_id: Mapped[UUID] = mapped_column(ForeignKey("summons.id", ondelete="CASCADE"), index=True)
    email_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("outgoing_email.id", ondelete="SET NULL"), index=True
    )
    reason: Mapped[SendingReason] = mapped_column(enum_column(SendingReason, "reason"))
    sequence: Mapped[int]
    written_at: Mapped[datetime]
    email: Mapped[OutgoingEmail | None] = relationship()


class JurorFees(UuidPrimaryKey, Base):
    """What a body pays its jurors: an amount a session, an amount a candidate heard, an amount a
    kilometre.
    """

    __tablename__ = "juror_fees"

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), unique=True)
    session_cents: Mapped[int] = mapped_column(default=0)
    hearing_cents: Mapped[int] = mapped_column(default=0)
    km_cents: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=1)


# The summons of a member to their session, once it is written.
inspect(JuryMember).add_property(
    "summons",
    relationship(
        Summons,
        primaryjoin=and_(
            foreign(Summons.session_id) == JuryMember.session_id,
            foreign(Summons.person_id) == JuryMember.person_id,
            Summons.summoned_as == SummonedAs.JUROR,
        ),
        viewonly=True,
        uselist=False,
    ),
)
