"""Rows of the adversarial stage, of decisions that wait for a second member, and of appeals."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import ERASED, care, no_fact, recorded
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.holdings.rules.contests import AppealKind, AppealOutcome, ObservationManner
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind


class ObservationInvitation(UuidPrimaryKey, Base):
    """The person was invited to present observations on facts that may end a grant; written once (R11)."""

    __tablename__ = "observation_invitation"
    __care__ = recorded("invitation à présenter des observations", not_exported="told by a letter")

    grant_id: Mapped[UUID] = mapped_column(ForeignKey("block_grant.id"), index=True)
    facts: Mapped[str] = mapped_column(Text, info=care(erased_as=ERASED))
    invited_on: Mapped[date]
    answer_by: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


class Observation(UuidPrimaryKey, Base):
    """Observations of the person: heard, in writing, or nothing before the last day; written once."""

    __tablename__ = "observation"
    __care__ = recorded("observations de la personne", not_exported="told by a letter")

    invitation_id: Mapped[UUID] = mapped_column(ForeignKey("observation_invitation.id"), index=True)
    manner: Mapped[ObservationManner] = mapped_column(enum_column(ObservationManner, "manner"))
    given_on: Mapped[date]
    text: Mapped[str] = mapped_column(Text, default="", info=care(erased_as=""))
    file_key: Mapped[str | None] = mapped_column(String(80))
    file_name: Mapped[str | None] = mapped_column(Text, info=care(erased_as=None))
    file_mime: Mapped[str | None] = mapped_column(String(200))
    file_size: Mapped[int | None] = mapped_column(BigInteger)
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


class StatusChangeProposal(UuidPrimaryKey, Base):
    """A decision that one member of the body proposes and another one has to confirm; it changes nothing by itself."""

    __tablename__ = "status_change_proposal"
    __care__ = no_fact(
        "the act that is confirmed is in `grant_status_change`",
        not_exported="not decided yet",
        kept="goes unless it was confirmed",
    )
    __table_args__ = (
        # One decision at a time waits for a second member.
        Index(
            "uq_status_change_proposal_pending",
            "grant_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    grant_id: Mapped[UUID] = mapped_column(ForeignKey("block_grant.id"), index=True)
    kind: Mapped[StatusChangeKind] = mapped_column(enum_column(StatusChangeKind, "kind"))
    reason: Mapped[str] = mapped_column(Text)
    heard_on: Mapped[date | None]
    bias: Mapped[bool]
    decided_on: Mapped[date]
    # The proof; the act that the confirmation records names the same file.
    file_key: Mapped[str] = mapped_column(String(80))
    file_name: Mapped[str] = mapped_column(Text)
    file_mime: Mapped[str] = mapped_column(String(200))
    file_size: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str] = mapped_column(String(64))
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # Confirmed or dropped, and by whom.
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    act_id: Mapped[UUID | None] = mapped_column(ForeignKey("grant_status_change.id"), index=True)


class Appeal(UuidPrimaryKey, Base):
    """An appeal against what a jury decided for a candidate; written once."""

    __tablename__ = "appeal"
    __care__ = recorded("recours", not_exported="told by a letter")
    __table_args__ = (CheckConstraint("trim(grounds) <> ''", name="has_grounds"),)

    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"), index=True)
    kind: Mapped[AppealKind] = mapped_column(enum_column(AppealKind, "kind"))
    filed_on: Mapped[date]
    received_on: Mapped[date]
    # The day on which silence becomes a refusal; a court has no such day.
    answer_by: Mapped[date]
    grounds: Mapped[str] = mapped_column(Text, info=care(erased_as=ERASED))
    # The blocks whose decision is contested; none: everything that the jury decided, or an absence.
    block_ids: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    # How the body named itself on the acknowledgement; appeals recorded before have none.
    words: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    file_key: Mapped[str | None] = mapped_column(String(80))
    file_name: Mapped[str | None] = mapped_column(Text, info=care(erased_as=None))
    file_mime: Mapped[str | None] = mapped_column(String(200))
    file_size: Mapped[int | None] = mapped_column(BigInteger)
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


class AppealAnswer(UuidPrimaryKey, Base):
    """End of an appeal; written once."""

    __tablename__ = "appeal_answer"
    __care__ = recorded("réponse à un recours", not_exported="told by a letter")
    __table_args__ = (UniqueConstraint("appeal_id"),)

    appeal_id: Mapped[UUID] = mapped_column(ForeignKey("appeal.id"))
    outcome: Mapped[AppealOutcome] = mapped_column(enum_column(AppealOutcome, "outcome"))
    answered_on: Mapped[date]
    text: Mapped[str] = mapped_column(Text, info=care(erased_as=ERASED))
    # Granted: the blocks whose decision it annuls, all of them without a list; and whether for bias.
    block_ids: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    is_for_bias: Mapped[bool | None]
    # The second member of the body, who confirmed that an appeal is granted.
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    # How the body named itself on the letter of answer; answers recorded before have none.
    words: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


class AppealGrantProposal(UuidPrimaryKey, Base):
    """One member of the body proposes to grant an appeal, another one has to confirm it; it changes
    nothing by itself.
    """

    __tablename__ = "appeal_grant_proposal"
    __care__ = no_fact(
        "the answer that is confirmed is in `appeal_answer`", not_exported="not decided yet", kept="part of the appeal"
    )
    __table_args__ = (
        Index(
            "uq_appeal_grant_proposal_pending",
            "appeal_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    appeal_id: Mapped[UUID] = mapped_column(ForeignKey("appeal.id"), index=True)
    answered_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    block_ids: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    is_for_bias: Mapped[bool]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # Confirmed or dropped, and by whom.
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
