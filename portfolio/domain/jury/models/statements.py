"""What members sign about one candidate, the papers that prove it, and who is there on the day."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, exists, text
from sqlalchemy.orm import Mapped, aliased, mapped_column

from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.jury.models.sessions import Hearing, Who
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury.rules.member_status import SignedStatement

_ONCE = text("kind IN ('no_relation', 'read')")


class SignedDocument(UuidPrimaryKey, Base):
    """A signed document that the certifier recorded: the appointment of a president (J4), the form of a member."""

    __tablename__ = "jury_paper"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("jury_session.id"), index=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(Text)
    mime: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]
    received_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


class Statement(UuidPrimaryKey, Base):
    """What a member states about one candidate (J10, J13): written once, by themselves or from their signed form."""

    __tablename__ = "juror_statement"
    __table_args__ = (
        # Declared and read once; a recusal may be withdrawn, and made again.
        Index(
            "uq_juror_statement_once", "hearing_id", "person_id", "kind", unique=True, sqlite_where=_ONCE, postgresql_where=_ONCE
        ),
        UniqueConstraint("withdraws_id"),
    )

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[StatementKind] = mapped_column(enum_column(StatementKind, "kind"))
    reason: Mapped[str] = mapped_column(Text, default="")
    # On paper: the day of the signature, and the scan.
    signed_on: Mapped[date | None]
    document_id: Mapped[UUID | None] = mapped_column("paper_id", ForeignKey("jury_paper.id"))
    made_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # The recusal that this statement withdraws.
    withdraws_id: Mapped[UUID | None] = mapped_column(ForeignKey("juror_statement.id"))
    # The exhibits opened here when the reading was attested, of how many; empty on paper and in other statements.
    opened_exhibits: Mapped[int | None]
    sealed_exhibits: Mapped[int | None]

    def to_value(self, *, withdrawn: bool = False) -> SignedStatement:
        """Hand the statement to the rules; `withdrawn` when a later statement withdraws this recusal."""
        shown = (self.kind, self.made_at, self.document_id is not None, self.reason, self.signed_on, withdrawn)
        return SignedStatement(*shown, self.opened_exhibits, self.sealed_exhibits)


def stated_by(person: Who, kind: StatementKind) -> ColumnElement[bool]:
    """Whether the person signed that for the hearing of the row, and did not withdraw it."""
    later = aliased(Statement)
    return exists().where(
        Statement.hearing_id == Hearing.id,
        Statement.person_id == person,
        Statement.kind == kind,
        ~exists().where(later.withdraws_id == Statement.id),
    )


class MemberAttendance(UuidPrimaryKey, Base):
    """Whether a member is there for one candidate, as it was checked last; copied to the minutes at closing (J14)."""

    __tablename__ = "presence"
    __table_args__ = (UniqueConstraint("hearing_id", "person_id"),)

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    present: Mapped[bool]
    checked_at: Mapped[datetime]
    checked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
