"""Tables of group acts and of bulk openings: a row a person is the task, and says what became of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import no_fact
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.group_acts.rules import GroupActKind, LineOutcome, OpeningOutcome


class GroupAct(UuidPrimaryKey, Base):
    """One act that a member of a body ordered for many candidacies."""

    __tablename__ = "group_act"
    __care__ = no_fact("an order for many candidacies, whose acts are recorded")
    __table_args__ = (Index("ix_group_act_ended_at", "ended_at", "ordered_at"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    kind: Mapped[GroupActKind] = mapped_column(enum_column(GroupActKind, "kind"))
    # What is written; the letters keep the text, which is blanked here once the act has ended.
    subject: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    # Who is to accompany; the address is blanked once the act has ended.
    advisor_name: Mapped[str] = mapped_column(String(200), default="")
    advisor_email: Mapped[str] = mapped_column(String(254), default="")
    ordered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    ordered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class GroupActLine(Base):
    """One candidacy of a group act: without an outcome, it waits for its turn."""

    __tablename__ = "group_act_line"
    __care__ = no_fact("the progress of such an order", not_exported="told by a letter", kept="ids and codes, no word")
    __table_args__ = (Index("ix_group_act_line_outcome", "act_id", "outcome", "rank"),)

    act_id: Mapped[UUID] = mapped_column(ForeignKey("group_act.id"), primary_key=True)
    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), primary_key=True, index=True)
    rank: Mapped[int]
    outcome: Mapped[LineOutcome | None] = mapped_column(enum_column(LineOutcome, "outcome"))
    # The rule that refused it, where one did.
    refusal: Mapped[str | None] = mapped_column(String(60))
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]


class BulkOpening(UuidPrimaryKey, Base):
    """Candidacies that a member of a body ordered together, with what they share."""

    __tablename__ = "bulk_opening"
    __care__ = no_fact("an order for many candidacies, which are recorded")
    __table_args__ = (Index("ix_bulk_opening_ended_at", "ended_at", "ordered_at"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    # The certification, the route, the advisor: blanked once every line has an outcome, since the candidacies
    # say it.
    shared: Mapped[dict[str, Any]]
    ordered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    ordered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class BulkOpeningLine(Base):
    """One person of a bulk opening: without an outcome, it waits for its turn."""

    __tablename__ = "bulk_opening_line"
    __care__ = no_fact(
        "the progress of such an order", not_exported="told by the candidacy", kept="blanked when the candidacy opens"
    )
    __table_args__ = (Index("ix_bulk_opening_line_outcome", "opening_id", "outcome", "rank"),)

    opening_id: Mapped[UUID] = mapped_column(ForeignKey("bulk_opening.id"), primary_key=True)
    # The number of the line in what was pasted.
    rank: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # As typed, until a candidacy is open under that name and address.
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    candidacy_id: Mapped[UUID | None] = mapped_column(ForeignKey("candidacy.id"), index=True)
    outcome: Mapped[OpeningOutcome | None] = mapped_column(enum_column(OpeningOutcome, "outcome"))
    # The rule that refused it, with its facts, where one did.
    refusal: Mapped[str | None] = mapped_column(String(60))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
