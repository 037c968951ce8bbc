"""The register as it was last read, the notices it gave, and the equivalences it proposes."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.certification.rules.proposing import ProposalOrigin
from portfolio.domain.certification.rules.watching import RegisterNoticeKind


class RegisterState(UuidPrimaryKey, Base):
    """The content of an entry as it was last imported or watched."""

    __tablename__ = "register_state"

    certification_id: Mapped[UUID] = mapped_column(
        ForeignKey("certification.id", ondelete="CASCADE"), unique=True
    )
    # `content_digest` of the entry as read; SHA-256 of its XML, empty until a watch has seen it.
    content_digest: Mapped[str] = mapped_column(String(64), default="")
    source_digest: Mapped[str] = mapped_column(String(64), default="")
    # The last day on which a watch found the entry in an export.
    read_on: Mapped[date | None]


class RegisterNotice(UuidPrimaryKey, Base):
    """One fact about an entry, notified once and dismissed by a person."""

    __tablename__ = "register_notice"
    __table_args__ = (UniqueConstraint("certification_id", "kind", "fact"),)

    certification_id: Mapped[UUID] = mapped_column(ForeignKey("certification.id", ondelete="CASCADE"))
    kind: Mapped[RegisterNoticeKind] = mapped_column(enum_column(RegisterNoticeKind, "kind"))
    fact: Mapped[str] = mapped_column(String(400))
    facts: Mapped[list[str]]
    # The draft made from the changed entry, while it exists.
    version_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("certification_version.id", ondelete="SET NULL")
    )
    noticed_on: Mapped[date]
    dismissed_at: Mapped[datetime | None]
    dismissed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))


class EquivalenceProposal(UuidPrimaryKey, Base):
    """An equivalence of blocks that the register suggests: it counts for nothing until a person confirms it
    (R2 c).
    """

    __tablename__ = "equivalence_proposal"
    __table_args__ = (UniqueConstraint("version_id", "block_id", "other_code", "other_block"),)

    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"))
    block_id: Mapped[UUID] = mapped_column(ForeignKey("block.id"))
    origin: Mapped[ProposalOrigin] = mapped_column(enum_column(ProposalOrigin, "origin"))
    other_code: Mapped[str] = mapped_column(String(40))
    # The register's code of the other block; its title, for a block of the same title in a successor.
    other_block: Mapped[str] = mapped_column(String(300))
    # How many blocks of this version the register takes together: more than one is not an equivalence of two
    # blocks.
    group_size: Mapped[int] = mapped_column(default=1)
    proposed_at: Mapped[datetime]
    dismissed_at: Mapped[datetime | None]
    dismissed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    equivalence_id: Mapped[UUID | None] = mapped_column(ForeignKey("equivalence.id"))
    # The ruling on several blocks together that settled it.
    group_equivalence_id: Mapped[UUID | None] = mapped_column(ForeignKey("group_equivalence.id"))
