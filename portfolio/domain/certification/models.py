"""A certification, its versions, and the blocks and competencies of what was published.

The partners of a certification and the sites of a certifying body.

The register as it was last read, the notices it gave, and the equivalences it proposes.
"""

from __future__ import annotations

from datetime import date, datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, ForeignKey, String, Text, UniqueConstraint, and_
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.care import no_fact, tracked
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.certification.rules.book_frame import Frame
from portfolio.domain.certification.rules.entry import Entry, Habilitation, HabilitationState, Registration, Route
from portfolio.domain.certification.rules.entry_schema import entry_from_json, frame_from_json
from portfolio.domain.certification.rules.juries import ConditionLine, HabilitationPeriod, SeatLine, rule_from_lines
from portfolio.domain.certification.rules.jury_rule import (
    DecisionRule,
    JuryRule,
    JuryTerm,
    ParityBasis,
    Seat,
    SeatCollege,
    SeatTerms,
    TermSource,
)
from portfolio.domain.certification.rules.watching import ProposalOrigin, RegisterNoticeKind


class Certification(UuidPrimaryKey, Base):
    """An entry of the register, owned by one certifying body."""

    __tablename__ = "certification"
    __care__ = tracked("certification")
    __table_args__ = (UniqueConstraint("body_id", "code"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    code: Mapped[str] = mapped_column(String(40))
    # The entry that follows this one once it has expired (R9); named by the certifier, at any time.
    successor_code: Mapped[str | None] = mapped_column(String(40))
    body: Mapped[CertifyingBody] = relationship()
    versions: Mapped[list[CertificationVersion]] = relationship(
        back_populates="certification", order_by="CertificationVersion.number"
    )
    # Of every published version, in the order of the versions: drafts have none.
    registrations: Mapped[list[RegistrationPeriod]] = relationship(
        secondary="certification_version",
        primaryjoin="Certification.id == CertificationVersion.certification_id",
        secondaryjoin="CertificationVersion.id == RegistrationPeriod.version_id",
        order_by="(CertificationVersion.number, RegistrationPeriod.starts_on)",
        viewonly=True,
    )

    def known_registrations(self) -> list[Registration]:
        """Return the registrations of the entry, whichever version told them (R9); of two that begin on one
        day, the later version tells the end.
        """
        by_start = {row.starts_on: row for row in self.registrations}
        return [Registration(row.title, row.act, row.starts_on, row.ends_on) for _, row in sorted(by_start.items())]

    @property
    def offered(self) -> CertificationVersion | None:
        """Return the latest version that candidacies are opened on."""
        return next((version for version in reversed(self.versions) if version.is_offered), None)


class CertificationVersion(UuidPrimaryKey, Base):
    """One state of the entry. A draft holds only `entry`; published, it never changes again."""

    __tablename__ = "certification_version"
    __care__ = tracked("version publiée d’une certification")
    __table_args__ = (UniqueConstraint("certification_id", "number"),)

    certification_id: Mapped[UUID] = mapped_column(ForeignKey("certification.id"))
    number: Mapped[int]
    # The whole entry as read and corrected, in the form of `entry_as_json`.
    entry: Mapped[dict[str, Any]]
    # The fingerprint of the entry as it was read: the same file given again is recognised, whatever was
    # corrected since.
    source_sha256: Mapped[str] = mapped_column(String(64), default="")
    # The keys of the doubts that a person has looked at (`doubt_key`).
    resolved_doubts: Mapped[list[str]] = mapped_column(default=list)
    # The published version that this one corrects.
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("certification_version.id"))
    title: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(String(20), default="")
    decision_rule: Mapped[DecisionRule] = mapped_column(
        enum_column(DecisionRule, "decision_rule"), default=DecisionRule.EVERY
    )
    decision_threshold: Mapped[int | None]
    imported_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)
    certification: Mapped[Certification] = relationship(back_populates="versions")
    blocks: Mapped[list[Block]] = relationship(back_populates="version", order_by="Block.number")
    registrations: Mapped[list[RegistrationPeriod]] = relationship(order_by="RegistrationPeriod.starts_on")
    # Once published: the rule of its juries, route by route. A draft has none, its entry holds what is typed.
    jury_routes: Mapped[list[JuryRuleRoute]] = relationship(back_populates="version")

    def to_entry(self) -> Entry:
        """Return the entry this version holds, as the rules read it."""
        return entry_from_json(self.entry)

    @hybrid_property
    def is_offered(self) -> bool:
        """Return whether candidacies are opened on it: it is published with blocks of its own.

        One published without blocks only brings the version before it up to date with the register.
        """
        return self.published_at is not None and bool(self.blocks)

    @is_offered.inplace.expression
    @classmethod
    def _is_offered(cls) -> ColumnElement[bool]:
        return and_(cls.published_at.is_not(None), cls.blocks.any())

    def entry_now(self) -> dict[str, Any]:
        """Return its stored entry as the versions published since that touched no block left it."""
        later = [row for row in self.certification.versions if row.number > self.number and row.published_at]
        updates = list(takewhile(lambda row: not row.is_offered, later))
        return updates[-1].entry if updates and self.is_offered else self.entry

    @property
    def frame(self) -> Frame:
        """Return how the livret 2 is laid out; empty for the usual outline."""
        return frame_from_json(self.entry.get("frame"))

    @property
    def is_by_hand(self) -> bool:
        """Return whether it was typed, copied or taken from a spreadsheet: no text of the register was read."""
        return not self.source_sha256


class WordTemplate(Base):
    """The DOCX template of a published version, which the livret 2 of its candidates can fill.

    It may be replaced.
    """

    __tablename__ = "word_template"
    __care__ = no_fact("a form of the livret 2, on which nothing that is sealed depends")

    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int] = mapped_column(default=1)
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    version: Mapped[CertificationVersion] = relationship()


class RegistrationPeriod(UuidPrimaryKey, Base):
    """A time during which the register held the entry, by one act."""

    __tablename__ = "registration_period"
    __care__ = tracked("période d’enregistrement publiée", "version_id", is_append_only=True)
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="in_order"),)

    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    act: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class Block(UuidPrimaryKey, Base):
    """A competency block: the only unit that can be granted (R1)."""

    __tablename__ = "block"
    __care__ = tracked("bloc de compétences publié", "version_id", is_append_only=True)
    __table_args__ = (UniqueConstraint("version_id", "number"),)

    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    assessments: Mapped[list[str]]
    # Empty when the block is decided as its version says (R4), and when it stays acquired without a limit of
    # its own (R6).
    decision_rule: Mapped[DecisionRule | None] = mapped_column(enum_column(DecisionRule, "decision_rule"))
    decision_threshold: Mapped[int | None]
    validity_months: Mapped[int | None]
    # The option that the block belongs to, and how many options the whole of its version asks for beside the
    # common blocks (R7); both empty for a common block.
    option: Mapped[str | None] = mapped_column(String(80))
    options_needed: Mapped[int | None]
    version: Mapped[CertificationVersion] = relationship(back_populates="blocks")
    competencies: Mapped[list[Competency]] = relationship(back_populates="block", order_by="Competency.number")


class Competency(UuidPrimaryKey, Base):
    """Competency, for which evidence is claimed and which a jury assesses."""

    __tablename__ = "competency"
    __care__ = tracked("compétence publiée", "block_id", is_append_only=True)
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


class JuryRuleRecord(UuidPrimaryKey, Base):
    """A rule of a published version's juries: each of its lines is a row. Several routes may share it."""

    __tablename__ = "jury_rule"
    __care__ = tracked("règle de jury publiée", "version_id", is_append_only=True, is_late=True)

    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"), index=True)
    # Warn, and no more, when fewer than half of the members are external (J15).
    half_external: Mapped[bool]
    lines: Mapped[list[JuryRuleLine]] = relationship(order_by="JuryRuleLine.position")

    def to_value(self) -> JuryRule:
        """Return the rule as the predicates read it."""
        lines = [line.values() for line in self.lines]
        seats = (seat for seat, _ in lines if seat is not None)
        return rule_from_lines(seats, (condition for _, condition in lines), half_external=self.half_external)


class JuryRuleRoute(UuidPrimaryKey, Base):
    """The rule that the juries of one route take, and the route whose text it was read in when that is another one."""

    __tablename__ = "jury_rule_route"
    __care__ = tracked("règle de jury d’une voie d’accès", "version_id", is_append_only=True, is_late=True)

    # Publication writes one row a route, and the database then refuses any more.
    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"), index=True)
    rule_id: Mapped[UUID] = mapped_column(ForeignKey("jury_rule.id"), index=True)
    route: Mapped[Route] = mapped_column(enum_column(Route, "route"))
    taken_from: Mapped[Route | None] = mapped_column(enum_column(Route, "taken_from"))
    version: Mapped[CertificationVersion] = relationship(back_populates="jury_routes")
    rule: Mapped[JuryRuleRecord] = relationship()


class JuryRuleLine(UuidPrimaryKey, Base):
    """One sentence of a rule, and who asks for it: seats of one kind and what they ask, or a condition on the
    whole jury.

    Without a source, nobody recorded who asks for it.
    """

    __tablename__ = "jury_rule_line"
    __care__ = tracked("ligne d’une règle de jury", "rule_id", is_append_only=True, is_late=True)
    __table_args__ = (
        UniqueConstraint("rule_id", "position"),
        CheckConstraint("(seat IS NULL) = (term <> 'seats')", name="seats_have_kind"),
    )

    rule_id: Mapped[UUID] = mapped_column(ForeignKey("jury_rule.id"))
    position: Mapped[int]
    term: Mapped[JuryTerm] = mapped_column(enum_column(JuryTerm, "term"))
    count: Mapped[int | None]
    # As exact decimals between 0 and 1.
    share: Mapped[str | None] = mapped_column(String(30))
    # The trade that a condition is about, or the quality that seats ask for.
    text: Mapped[str] = mapped_column(Text, default="")
    seat: Mapped[Seat | None] = mapped_column(enum_column(Seat, "seat"))
    college: Mapped[SeatCollege | None] = mapped_column(enum_column(SeatCollege, "college"))
    appointed_by: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[TermSource | None] = mapped_column(enum_column(TermSource, "source"))
    # Among whom a parity is counted; empty for the members named and those who deliberate.
    basis: Mapped[ParityBasis | None] = mapped_column(enum_column(ParityBasis, "basis"))

    def values(self) -> tuple[SeatLine | None, ConditionLine]:
        """Return the line as the rules read it."""
        condition = (self.term, self.count, self.share, self.text)
        return lines_of(*condition, self.seat, self.college, self.appointed_by, self.source, self.basis)


def lines_of(
    term: JuryTerm,
    count: int | None,
    share: str | None,
    text: str,
    seat: Seat | None,
    college: SeatCollege | None,
    appointed_by: str,
    source: TermSource | None,
    basis: ParityBasis | None = None,
) -> tuple[SeatLine | None, ConditionLine]:
    """Return the seats that the columns of a line hold, if it is about seats, and its condition with who
    asks for it.
    """
    if seat is not None:
        return SeatLine(seat, count or 0, SeatTerms(college, text, appointed_by)), ConditionLine(term, source=source)
    return None, ConditionLine(term, count, None if share is None else float(share), text, source, basis)


class Partner(UuidPrimaryKey, Base):
    """A body that trains or assesses for the certifier, with the days of its habilitation."""

    __tablename__ = "partner"
    __care__ = no_fact("a partner, who changes; a candidacy records the partner it names")
    __table_args__ = (UniqueConstraint("certification_id", "identity"),)

    certification_id: Mapped[UUID] = mapped_column(ForeignKey("certification.id", ondelete="CASCADE"))
    identity: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(300))
    siret: Mapped[str | None] = mapped_column(String(20))
    habilitation: Mapped[Habilitation | None] = mapped_column(enum_column(Habilitation, "habilitation"))
    state: Mapped[HabilitationState | None] = mapped_column(enum_column(HabilitationState, "state"))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    # Typed or corrected by the certifier: a new reading of the register does not change it.
    is_by_hand: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)

    def as_period(self) -> HabilitationPeriod:
        """Hand the habilitation to the rules."""
        return HabilitationPeriod(self.habilitation, self.state, self.starts_on, self.ends_on)


class CertificationSite(UuidPrimaryKey, Base):
    """A place where juries meet: the certifier's own, or a partner's."""

    __tablename__ = "site"
    __care__ = no_fact("a place, which changes; a session copies the place where it is held")

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(300), default="")
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"), index=True)
    is_retired: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)
    partner: Mapped[Partner | None] = relationship()


class RegisterState(UuidPrimaryKey, Base):
    """The content of an entry as it was last imported or watched."""

    __tablename__ = "register_state"
    __care__ = no_fact("the fingerprint of an entry as last read at the register")

    certification_id: Mapped[UUID] = mapped_column(ForeignKey("certification.id", ondelete="CASCADE"), unique=True)
    # `content_digest` of the entry as read; SHA-256 of its XML, empty until a watch has seen it.
    content_digest: Mapped[str] = mapped_column(String(64), default="")
    source_digest: Mapped[str] = mapped_column(String(64), default="")
    # The last day on which a watch found the entry in an export.
    read_on: Mapped[date | None]


class RegisterNotice(UuidPrimaryKey, Base):
    """One fact about an entry, notified once and dismissed by a person."""

    __tablename__ = "register_notice"
    __care__ = no_fact("a notice on what changed at the register, dismissed by a person")
    __table_args__ = (UniqueConstraint("certification_id", "kind", "fact"),)

    certification_id: Mapped[UUID] = mapped_column(ForeignKey("certification.id", ondelete="CASCADE"))
    kind: Mapped[RegisterNoticeKind] = mapped_column(enum_column(RegisterNoticeKind, "kind"))
    fact: Mapped[str] = mapped_column(String(400))
    facts: Mapped[list[str]]
    # The draft made from the changed entry, while it exists.
    version_id: Mapped[UUID | None] = mapped_column(ForeignKey("certification_version.id", ondelete="SET NULL"))
    noticed_on: Mapped[date]
    dismissed_at: Mapped[datetime | None]
    dismissed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))


class EquivalenceProposal(UuidPrimaryKey, Base):
    """An equivalence of blocks that the register suggests: it counts for nothing until a person confirms it (R2 c)."""

    __tablename__ = "equivalence_proposal"
    __care__ = no_fact("what the register suggests; the ruling of a person is in `equivalence`")
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
    equivalence_id: Mapped[UUID | None] = mapped_column(ForeignKey("equivalence.id"), index=True)
    # The ruling on several blocks together that settled it.
    group_equivalence_id: Mapped[UUID | None] = mapped_column(ForeignKey("group_equivalence.id"), index=True)
