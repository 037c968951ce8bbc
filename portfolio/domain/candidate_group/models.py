"""Groups of candidates of one employer, and who is in them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import care, no_fact
from portfolio.db.engine import Base, UuidPrimaryKey
from portfolio.domain.candidate_group.rules import MAX_CODE, MAX_NAME

_IN_IT = text("left_at IS NULL")


class CandidateGroup(UuidPrimaryKey, Base):
    """A group of a body; its code lets a candidate in, its link shows presence to the employer."""

    __tablename__ = "candidate_group"
    __care__ = no_fact("who pays for whom; no decision rests on it")

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), index=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    employer: Mapped[str] = mapped_column(String(300))
    # Empty once it was withdrawn.
    code: Mapped[str | None] = mapped_column(String(MAX_CODE), unique=True)
    link_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True, info=care(secret=True))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class GroupMembership(UuidPrimaryKey, Base):
    """A candidacy in a group, from the moment its candidate joined until they left."""

    __tablename__ = "group_membership"
    __care__ = no_fact("what a candidate shows to an employer, and takes back")
    __table_args__ = (
        Index(
            "uq_group_membership_in_it",
            *("group_id", "candidacy_id"),
            unique=True,
            sqlite_where=_IN_IT,
            postgresql_where=_IN_IT,
        ),
    )

    group_id: Mapped[UUID] = mapped_column(ForeignKey("candidate_group.id"), index=True)
    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), index=True)
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
