"""Events that certifiers record: acquisitions, equivalences, status changes.

Append-only; a change is another row.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
    exists,
    or_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.care import ERASED, care, no_fact, recorded
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block
from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import (
    AppealKind,
    AppealOutcome,
    ObservationManner,
    StatusChangeKind,
)
from portfolio.domain.jury.models.deliberation import Minutes


class Acquisition(UuidPrimaryKey, Base):
    """A block acquired by another route, with the proof that someone of the certifier verified (R2 b)."""

    __tablename__ = "acquisition"
    __care__ = recorded("acquisition par une autre voie")

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    block_id: Mapped[UUID] = mapped_column(ForeignKey("block.id"))
    acquired_on: Mapped[date]
    # Where it was acquired and how: « évaluation de la formation de Lyon, promotion 2019 ».
    obtained_at: Mapped[str] = mapped_column(Text, info=care(erased_as=""))
    verified_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    verified_at: Mapped[datetime]
    file_key: Mapped[str] = mapped_column(String(80), unique=True)
    file_name: Mapped[str] = mapped_column(Text, info=care(erased_as=""))
    file_mime: Mapped[str] = mapped_column(String(200))
    file_size: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str] = mapped_column(String(64))
    block: Mapped[Block] = relationship()
    candidacy: Mapped[Candidacy] = relationship()

    @property
    def reference(self) -> str:
        """Return how documents and sentences name it."""
        return acquisition_reference(self.id, self.acquired_on)


def acquisition_reference(acquisition_id: UUID, acquired_on: date) -> str:
    """Return how documents and sentences name an acquisition."""
    return f"ACQ-{acquired_on:%Y%m%d}-{acquisition_id.hex[:10].upper()}"


def equivalence_reference(ruling_id: UUID, declared_on: date) -> str:
    """Return how sentences name a ruling between blocks."""
    return f"EQ-{declared_on:%Y%m%d}-{ruling_id.hex[:10].upper()}"


class Equivalence(UuidPrimaryKey, Base):
    """The certifier rules what holding one block is worth for another one (R2 c); a later ruling refers to this one."""

    __tablename__ = "equivalence"
    __care__ = recorded("équivalence entre deux blocs")
    __table_args__ = (
        # One first ruling between two blocks, and one that replaces each: the rulings of a pair are a single
        # line.
        Index(
            "uq_equivalence_first",
            "held_block_id",
            "granted_block_id",
            unique=True,
            sqlite_where=text("replaces_id IS NULL"),
            postgresql_where=text("replaces_id IS NULL"),
        ),
        UniqueConstraint("replaces_id"),
        CheckConstraint("held_block_id <> granted_block_id", name="two_blocks"),
        Index("ix_equivalence_held_block_id", "held_block_id"),
    )

    held_block_id: Mapped[UUID] = mapped_column(ForeignKey("block.id"))
    granted_block_id: Mapped[UUID] = mapped_column(ForeignKey("block.id"), index=True)
    kind: Mapped[EquivalenceKind] = mapped_column(enum_column(EquivalenceKind, "kind"))
    reason: Mapped[str] = mapped_column(Text)
    declared_on: Mapped[date]
    declared_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    declared_at: Mapped[datetime]
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("equivalence.id"))
    # The second member of the body, for a ruling that takes an equivalence back; empty for any other one.
    confirmed_by: Mapped[UUID | None]

    @property
    def reference(self) -> str:
        """Return how sentences name it."""
        return equivalence_reference(self.id, self.declared_on)


class EquivalenceSide(StrEnum):
    """Sides of an equivalence of several blocks."""

    HELD = "held"
    COUNTS_FOR = "counts_for"


class GroupEquivalence(UuidPrimaryKey, Base):
    """The certifier rules what several blocks held together are worth for one or several others (R2 c);
    never edited.
    """

    __tablename__ = "group_equivalence"
    __care__ = recorded("équivalence de plusieurs blocs ensemble")
    __table_args__ = (UniqueConstraint("replaces_id"), CheckConstraint("trim(reason) <> ''", name="has_reason"))

    kind: Mapped[EquivalenceKind] = mapped_column(enum_column(EquivalenceKind, "kind"))
    reason: Mapped[str] = mapped_column(Text)
    declared_on: Mapped[date]
    declared_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    declared_at: Mapped[datetime]
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("group_equivalence.id"))
    # The second member of the body, for a ruling that takes an equivalence back; empty for any other one.
    confirmed_by: Mapped[UUID | None]
    blocks: Mapped[list[GroupEquivalenceBlock]] = relationship(order_by="GroupEquivalenceBlock.id")

    @property
    def reference(self) -> str:
        """Return how sentences name it."""
        return equivalence_reference(self.id, self.declared_on)


class GroupEquivalenceBlock(UuidPrimaryKey, Base):
    """A block of an equivalence of several blocks, and its side."""

    __tablename__ = "group_equivalence_block"
    __care__ = recorded("bloc d’une équivalence de plusieurs blocs")
    __table_args__ = (
        UniqueConstraint("equivalence_id", "block_id"),
        Index("ix_group_equivalence_block_block_id", "block_id", "side"),
    )

    equivalence_id: Mapped[UUID] = mapped_column(ForeignKey("group_equivalence.id"))
    block_id: Mapped[UUID] = mapped_column(ForeignKey("block.id"))
    side: Mapped[EquivalenceSide] = mapped_column(enum_column(EquivalenceSide, "side"))


class GrantStatusChange(UuidPrimaryKey, Base):
    """Suspension, confirmation, annulment, withdrawal or rectification; it refers to what it changes and
    edits nothing.
    """

    __tablename__ = "grant_status_change"
    __care__ = recorded("acte postérieur", not_exported="told by a letter", kept="unlimited")
    __table_args__ = (
        UniqueConstraint("minutes_id", "sequence"),
        UniqueConstraint("grant_id", "sequence"),
        CheckConstraint("(minutes_id IS NULL) <> (grant_id IS NULL)", name="one_target"),
        CheckConstraint("trim(reason) <> ''", name="has_reason"),
        CheckConstraint("block_id IS NULL OR minutes_id IS NOT NULL", name="block_of_minutes"),
        CheckConstraint("kind <> 'withdrawal' OR heard_on IS NOT NULL", name="withdrawal_hears"),
    )

    kind: Mapped[StatusChangeKind] = mapped_column(enum_column(StatusChangeKind, "kind"))
    # A suspension, its end, or an annulment bears on everything one jury decided for a candidate; the rest on
    # one grant.
    minutes_id: Mapped[UUID | None] = mapped_column(ForeignKey("minutes.id"), index=True)
    grant_id: Mapped[UUID | None] = mapped_column(ForeignKey("block_grant.id"), index=True)
    # An annulment that an appeal asked for may bear on what that jury decided for one block alone.
    block_id: Mapped[UUID | None] = mapped_column(ForeignKey("block.id"))
    # The appeal that was granted, whatever it annuls.
    appeal_id: Mapped[UUID | None] = mapped_column(ForeignKey("appeal.id"), index=True)
    # Its place among the acts on the same target: they are read in this order.
    sequence: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    heard_on: Mapped[date | None]
    # Annulled because a member was biased: no member of that jury judges the person again.
    is_for_bias: Mapped[bool | None]
    decided_on: Mapped[date]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # The second member of the body, for an annulment or a withdrawal; empty in acts recorded before two were
    # asked.
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
    # The proof that came with the act; acts recorded before proofs were asked have none. Acts of one decision
    # share a file.
    file_key: Mapped[str | None] = mapped_column(String(80))
    file_name: Mapped[str | None] = mapped_column(Text)
    file_mime: Mapped[str | None] = mapped_column(String(200))
    file_size: Mapped[int | None] = mapped_column(BigInteger)
    file_sha256: Mapped[str | None] = mapped_column(String(64))


def is_annulled(minutes_id: Any) -> ColumnElement[bool]:
    """Return the SQL condition: everything that these minutes decided was annulled (R12)."""
    return exists().where(
        GrantStatusChange.minutes_id == minutes_id,
        GrantStatusChange.block_id.is_(None),
        GrantStatusChange.kind == StatusChangeKind.ANNULMENT,
    )


def bears_on(act: type[GrantStatusChange], minutes_id: Any, block_id: Any) -> ColumnElement[bool]:
    """Return the SQL condition: the act bears on what these minutes decided for a block, alone or with the rest."""
    of_block = or_(act.block_id.is_(None), act.block_id == block_id)
    return and_(act.minutes_id == minutes_id, of_block)


class ResultNotification(UuidPrimaryKey, Base):
    """The letter that told a candidate the result of one submission, as it left. Written once."""

    __tablename__ = "result_notification"
    __care__ = recorded("notification d’un résultat", is_late=True, kept="how and when the decision was told")
    __table_args__ = (UniqueConstraint("candidacy_id", "number"),)

    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"), unique=True)
    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    # The number of the submission that was judged.
    number: Mapped[int]
    letter: Mapped[dict[str, Any]]
    notified_at: Mapped[datetime]
    notified_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    minutes: Mapped[Minutes] = relationship()


class NotificationReceipt(UuidPrimaryKey, Base):
    """A proof that the letter of a result was received: opened on line by the candidate, or delivered under
    a registered number. Written once; delays of remedies run from the first.
    """

    __tablename__ = "notification_receipt"
    __care__ = no_fact("told by the audit log", is_append_only=True, kept="when the decision was received")
    __table_args__ = (UniqueConstraint("notification_id", "registered_number"),)

    notification_id: Mapped[UUID] = mapped_column(ForeignKey("result_notification.id"))
    # Empty when the candidate opened the letter on line.
    registered_number: Mapped[str] = mapped_column(String(40), info=care(kept="the proof of a delivery"))
    received_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


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
