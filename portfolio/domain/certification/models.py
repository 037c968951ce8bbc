"""A certification, its versions, and the blocks and competencies of what was published."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.certification.rules.decision_rule import DecisionRule
from portfolio.domain.certification.rules.entry import Entry, JuryRule
from portfolio.domain.certification.rules.json_reading import entry_from_json


class Certification(UuidPrimaryKey, Base):
    """An entry of the register, owned by one certifying body."""

    __tablename__ = "certification"
    __table_args__ = (UniqueConstraint("body_id", "code"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    code: Mapped[str] = mapped_column(String(40))
    # The entry that follows this one once it has expired (R9); named by the certifier, at any time.
    successor_code: Mapped[str | None] = mapped_column(String(40))
    body: Mapped[CertifyingBody] = relationship()
    versions: Mapped[list[CertificationVersion]] = relationship(
        back_populates="certification", order_by="CertificationVersion.number"
    )


class CertificationVersion(UuidPrimaryKey, Base):
    """One state of the entry. A draft holds only `entry`; published, it never changes again."""

    __tablename__ = "certification_version"
    __table_args__ = (UniqueConstraint("certification_id", "number"),)

    certification_id: Mapped[UUID] = mapped_column(ForeignKey("certification.id"))
    number: Mapped[int]
    # The whole entry as read and corrected, in the form of `entry_as_json`.
    entry: Mapped[dict[str, Any]]
    # The fingerprint of the entry as it was read: the same file given again is recognised, whatever was corrected since.
    read_digest: Mapped[str] = mapped_column(String(64), default="")
    # The keys of the doubts that a person has looked at (`doubt_key`).
    settled_doubts: Mapped[list[str]] = mapped_column(default=list)
    # The published version that this one corrects.
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("certification_version.id"))
    title: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(String(20), default="")
    decision_rule: Mapped[DecisionRule] = mapped_column(enum_column(DecisionRule, "decision_rule"), default=DecisionRule.EVERY)
    decision_threshold: Mapped[int | None]
    imported_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)
    certification: Mapped[Certification] = relationship(back_populates="versions")
    blocks: Mapped[list[Block]] = relationship(back_populates="version", order_by="Block.number")
    registrations: Mapped[list[RegistrationPeriod]] = relationship(order_by="RegistrationPeriod.starts_on")

    def as_entry(self) -> Entry:
        """The entry this version holds, as the rules read it."""
        return entry_from_json(self.entry)

    @property
    def is_by_hand(self) -> bool:
        """Whether it was typed, copied or taken from a spreadsheet: no text of the register was read."""
        return not self.read_digest

    @property
    def jury_rule(self) -> JuryRule | None:
        """How its juries are composed; None only in a draft whose entry tells nothing of it."""
        return self.as_entry().jury


class RegistrationPeriod(UuidPrimaryKey, Base):
    """A time during which the register held the entry, by one act."""

    __tablename__ = "registration_period"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="in_order"),)

    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    act: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class Block(UuidPrimaryKey, Base):
    """A competency block: the only unit that can be granted (R1)."""

    __tablename__ = "block"
    __table_args__ = (UniqueConstraint("version_id", "number"),)

    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    assessments: Mapped[list[str]]
    version: Mapped[CertificationVersion] = relationship(back_populates="blocks")
    competencies: Mapped[list[Competency]] = relationship(back_populates="block", order_by="Competency.number")


class Competency(UuidPrimaryKey, Base):
    """What evidence is claimed for and what a jury assesses."""

    __tablename__ = "competency"
    __table_args__ = (UniqueConstraint("block_id", "number"),)

    block_id: Mapped[UUID] = mapped_column(ForeignKey("block.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    alias: Mapped[str | None] = mapped_column(Text)
    block: Mapped[Block] = relationship(back_populates="competencies")

    @property
    def label(self) -> str:
        """Its place in the certification, as people say it: « 2.3 »."""
        return f"{self.block.number}.{self.number}"
