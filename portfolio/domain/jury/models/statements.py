"""Statements that members sign about one candidate, their signed documents, and attendance on the day."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    exists,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.jury.models.sessions import Hearing, Who
from portfolio.domain.jury.rules.enums import RelationAsked, StatementKind
from portfolio.domain.jury.rules.member_status import SignedStatement

_DECLARED, _READ = text("kind = 'no_relation'"), text("kind = 'read'")


class SignedDocument(UuidPrimaryKey, Base):
    """A signed document that the certifier recorded: the appointment of a president (J4), the form of a
    member.
    """

    __tablename__ = "signed_document"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("jury_session.id"), index=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(Text)
    mime: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]
    received_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


class Statement(UuidPrimaryKey, Base):
    """What a member states about one candidate (J10, J13): written once, by themselves or from their signed
    form.
    """

    __tablename__ = "juror_statement"
    __table_args__ = (
        # Declared once, each sealed version read once; a recusal may be withdrawn, and made again.
        Index(
            *("uq_juror_statement_declared", "hearing_id", "person_id"),
            unique=True,
            sqlite_where=_DECLARED,
            postgresql_where=_DECLARED,
        ),
        Index(
            *("uq_juror_statement_read", "hearing_id", "person_id", "submission_id"),
            unique=True,
            sqlite_where=_READ,
            postgresql_where=_READ,
        ),
        UniqueConstraint("withdraws_id"),
    )

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[StatementKind] = mapped_column(enum_column(StatementKind, "kind"))
    reason: Mapped[str] = mapped_column(Text, default="")
    # On paper: the day of the signature, and the scan.
    signed_on: Mapped[date | None]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("signed_document.id"))
    created_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # The recusal that this statement withdraws.
    withdraws_id: Mapped[UUID | None] = mapped_column(ForeignKey("juror_statement.id"))
    # The exhibits opened here when the reading was attested, of how many; empty on paper and in other
    # statements.
    opened_exhibits: Mapped[int | None]
    sealed_exhibits: Mapped[int | None]
    # The sealed version that was read; empty in other statements, and in those made before a dossier could be
    # returned.
    submission_id: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id"))
    # Which relations the signed sentence denies; empty where it denies any, and in other statements.
    relation: Mapped[RelationAsked | None] = mapped_column(enum_column(RelationAsked, "relation"))

    def is_of_earlier_version(self, hearing: Hearing) -> bool:
        """Return whether it attests the reading of a version that the hearing no longer reads (J13)."""
        if self.kind is not StatementKind.READ or self.submission_id == hearing.submission_id:
            return False
        return self.submission_id is not None or self.created_at < hearing.submission.submitted_at

    def to_value(self, *, withdrawn: bool = False) -> SignedStatement:
        """Hand the statement to the rules; `withdrawn` when it no longer counts.

        A later statement withdraws this recusal, or the reading is that of an earlier sealed version.
        """
        shown = (
            self.kind,
            self.created_at,
            self.document_id is not None,
            self.reason,
            self.signed_on,
            withdrawn,
        )
        return SignedStatement(
            *shown, self.opened_exhibits, self.sealed_exhibits, self.relation or RelationAsked.ANY
        )


def stated_by(person: Who, kind: StatementKind) -> ColumnElement[bool]:
    """Whether the person signed that for the hearing of the row, and did not withdraw it."""
    later = aliased(Statement)
    # In the text of the query: SQLite plans it again at each execution when a value that is bound could
    # choose a partial index.
    wanted: ColumnElement[StatementKind] = literal_column(f"'{kind.value}'", Statement.kind.type)
    return exists().where(
        Statement.hearing_id == Hearing.id,
        Statement.person_id == person,
        Statement.kind == wanted,
        ~exists().where(later.withdraws_id == Statement.id),
    )


class MemberAttendance(UuidPrimaryKey, Base):
    """Whether a member is there for one candidate, as it was checked last; copied to the minutes at closing
    (J14).
    """

    __tablename__ = "member_attendance"
    __table_args__ = (UniqueConstraint("hearing_id", "person_id"),)

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    present: Mapped[bool]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
