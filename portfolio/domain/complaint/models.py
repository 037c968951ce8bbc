"""Complaints that a body received, with its answers."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import care, no_fact
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.complaint.rules import Channel, Outcome, Subject

_COUNTED = care(kept="counted in the figures of complaints, without a name")


class Complaint(UuidPrimaryKey, Base):
    """Record a complaint of somebody to a body, and its answer: not the contest of a decision, an appeal."""

    __tablename__ = "complaint"
    __care__ = no_fact("no act on a candidacy rests on it", is_emptied=True)
    __table_args__ = (CheckConstraint("answered_at IS NOT NULL OR closed_at IS NULL", name="closed_once_answered"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), index=True)
    candidacy_id: Mapped[UUID | None] = mapped_column(ForeignKey("candidacy.id"), index=True)
    # Somebody without a candidacy, and where to answer.
    author: Mapped[str] = mapped_column(String(300), default="")
    contact: Mapped[str] = mapped_column(String(300), default="")
    channel: Mapped[Channel] = mapped_column(enum_column(Channel, "channel"), info=_COUNTED)
    subject: Mapped[Subject] = mapped_column(enum_column(Subject, "subject"), info=_COUNTED)
    message: Mapped[str] = mapped_column(Text)
    received_on: Mapped[date] = mapped_column(info=_COUNTED)
    recorded_at: Mapped[datetime]
    # None: the candidate wrote it.
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[Outcome | None] = mapped_column(enum_column(Outcome, "outcome"), info=_COUNTED)
    answer: Mapped[str] = mapped_column(Text, default="")
    measure: Mapped[str] = mapped_column(Text, default="", info=care(kept="what the body changes in its own ways"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
