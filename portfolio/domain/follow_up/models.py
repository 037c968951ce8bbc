"""Surveys of holders and their answers, kept apart from the dossiers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import care, no_fact
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.follow_up.rules import Change, Contract, Situation, Wave

_FIGURE = care(kept="a figure of the promotion, without the person")


class FollowUpSettings(Base):
    """Choice of a body to ask its holders, and its moment."""

    __tablename__ = "follow_up_settings"
    __care__ = no_fact("a setting of a body")

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), primary_key=True)
    is_on: Mapped[bool]
    changed_at: Mapped[datetime]


class FollowUp(UuidPrimaryKey, Base):
    """A holder of a whole certification asked once for a wave; an erasure keeps the situation alone."""

    __tablename__ = "follow_up"
    __care__ = no_fact("a survey, which grants nothing", is_emptied=True)
    __table_args__ = (UniqueConstraint("award_id", "wave"), Index("ix_follow_up_body_id", "body_id", "wave"))

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), index=True)
    award_id: Mapped[UUID] = mapped_column(ForeignKey("award.id"))
    wave: Mapped[Wave] = mapped_column(enum_column(Wave, "wave"))
    asked_at: Mapped[datetime]
    reminders: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime | None]
    # Who typed the answers of a telephone call; empty when the holder did.
    typed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    refused_at: Mapped[datetime | None]
    situation: Mapped[Situation | None] = mapped_column(enum_column(Situation, "situation"), info=_FIGURE)
    in_target_job: Mapped[bool | None] = mapped_column(info=_FIGURE)
    contract: Mapped[Contract | None] = mapped_column(enum_column(Contract, "contract"), info=_FIGURE)
    gross_pay: Mapped[int | None]
    is_executive: Mapped[bool | None] = mapped_column(info=_FIGURE)
    job_title: Mapped[str] = mapped_column(String(200), default="")
    employer: Mapped[str] = mapped_column(String(200), default="")
    change: Mapped[Change | None] = mapped_column(enum_column(Change, "change"), info=_FIGURE)
