"""Decisions that end a right otherwise than on a grant, while they wait for a second member of the body."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import no_fact
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.holdings.rules.facts import EquivalenceKind

_WAITS = text("closed_at IS NULL")


def _one_waits(column: str) -> Index:
    name = f"uq_ending_proposal_{column}"
    return Index(name, column, unique=True, sqlite_where=_WAITS, postgresql_where=_WAITS)


class EndingProposal(UuidPrimaryKey, Base):
    """A holding of before that would be rectified, or an equivalence that would be taken back: one member proposes
    it, and another one has to confirm it; it changes nothing by itself.
    """

    __tablename__ = "ending_proposal"
    __care__ = no_fact(
        "the act that is confirmed is in `prior_holding_end`, `equivalence` or `group_equivalence`",
        not_exported="not decided yet",
        kept="goes with the account unless it was confirmed",
    )
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN holding_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN equivalence_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN group_equivalence_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_subject",
        ),
        CheckConstraint("trim(reason) <> ''", name="has_reason"),
        # One decision at a time waits for a second member.
        *(_one_waits(column) for column in ("holding_id", "equivalence_id", "group_equivalence_id")),
    )

    holding_id: Mapped[UUID | None] = mapped_column(ForeignKey("prior_holding.id"), index=True)
    # The ruling in force that another one would replace, and what the blocks would then be worth.
    equivalence_id: Mapped[UUID | None] = mapped_column(ForeignKey("equivalence.id"), index=True)
    group_equivalence_id: Mapped[UUID | None] = mapped_column(ForeignKey("group_equivalence.id"), index=True)
    ruling: Mapped[EquivalenceKind | None] = mapped_column(enum_column(EquivalenceKind, "ruling"))
    reason: Mapped[str] = mapped_column(Text)
    decided_on: Mapped[date]
    # The proof of a rectification; the act that the confirmation records names the same file.
    file_key: Mapped[str | None] = mapped_column(String(80))
    file_name: Mapped[str | None] = mapped_column(Text)
    file_mime: Mapped[str | None] = mapped_column(String(200))
    file_size: Mapped[int | None] = mapped_column(BigInteger)
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # Confirmed or dropped, and by whom.
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    is_confirmed: Mapped[bool | None]
