"""Statements that members sign about one candidate, their signed documents, and attendance on the day.

The summons of candidates and members: one row a person and a session, one row a letter; what juries are paid.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    and_,
    exists,
    inspect,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, aliased, foreign, mapped_column, relationship

from portfolio.db.care import care, no_fact, recorded, tracked
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.account.models import Person
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession, Who
from portfolio.domain.jury.rules.enums import RelationAsked, StatementKind
from portfolio.domain.jury.rules.member_status import SignedStatement
from portfolio.domain.jury.rules.passage import (
    CalendarMethod,
    SendingReason,
    SentSummons,
    SummonedAs,
    SummonsAnswer,
    SummonsEvent,
)

_DECLARED, _READ = text("kind = 'no_relation'"), text("kind = 'read'")


class SignedDocument(UuidPrimaryKey, Base):
    """A signed document that the certifier recorded: the appointment of a president (J4), the form of a member."""

    __tablename__ = "signed_document"
    __care__ = recorded("pièce signée d’un jury", is_late=True)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("jury_session.id"), index=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(Text)
    mime: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]
    received_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


class Statement(UuidPrimaryKey, Base):
    """Statement of a member about one candidate (J10, J13): written once, by themselves or from their signed form."""

    __tablename__ = "juror_statement"
    __care__ = recorded("déclaration d’un membre du jury", is_late=True, not_exported="of jurors", kept="who sat")
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

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[StatementKind] = mapped_column(enum_column(StatementKind, "kind"))
    reason: Mapped[str] = mapped_column(Text, default="")
    # On paper: the day of the signature, and the scan.
    signed_on: Mapped[date | None]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("signed_document.id"), index=True)
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
    submission_id: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id"), index=True)
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
        shown = (self.kind, self.created_at, self.document_id is not None, self.reason, self.signed_on, withdrawn)
        return SignedStatement(*shown, self.opened_exhibits, self.sealed_exhibits, self.relation or RelationAsked.ANY)


def stated_by(person: Who, kind: StatementKind) -> ColumnElement[bool]:
    """Tell whether the person signed that for the hearing of the row, and did not withdraw it."""
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
    """Presence of a member for one candidate, as it was checked last; copied to the minutes at closing (J14)."""

    __tablename__ = "member_attendance"
    __care__ = tracked("présence d’un membre du jury", "hearing_id", not_exported="of jurors", kept="who sat")
    __table_args__ = (UniqueConstraint("hearing_id", "person_id"),)

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    present: Mapped[bool]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


class Summons(UuidPrimaryKey, Base):
    """One person summoned to one session.

    Its identity is the UID of the calendar entry, which follows a moved hearing.
    """

    __tablename__ = "summons"
    __care__ = no_fact("letters and answers; the day and the place are in `jury_session`")
    __table_args__ = (UniqueConstraint("session_id", "person_id", "summoned_as"), UniqueConstraint("hearing_id"))

    session_id: Mapped[UUID] = mapped_column(ForeignKey("jury_session.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    summoned_as: Mapped[SummonedAs] = mapped_column(enum_column(SummonedAs, "summoned_as"))
    hearing_id: Mapped[UUID | None] = mapped_column(ForeignKey("hearing.id", ondelete="SET NULL"))
    # What the last letter says.
    method: Mapped[CalendarMethod] = mapped_column(
        enum_column(CalendarMethod, "method"), default=CalendarMethod.REQUEST
    )
    sequence: Mapped[int] = mapped_column(default=0)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    is_whole_day: Mapped[bool] = mapped_column(default=False)
    place: Mapped[str] = mapped_column(String(300), default="")
    video_link: Mapped[str] = mapped_column(String(500), default="")
    # What signs the link by which the person answers.
    answer_key: Mapped[bytes] = mapped_column(LargeBinary(32), info=care(secret=True))
    answer: Mapped[SummonsAnswer | None] = mapped_column(enum_column(SummonsAnswer, "answer"))
    answered_at: Mapped[datetime | None]
    # Who recorded an answer given by telephone or in person; empty when it came by the link.
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    # When a reminder is due if there is no answer; empty when none is.
    run_after: Mapped[datetime | None] = mapped_column(index=True)
    session: Mapped[JurySession] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    emails: Mapped[list[SummonsEmail]] = relationship(order_by="SummonsEmail.written_at", cascade="all, delete-orphan")

    def to_value(self) -> SentSummons:
        """Hand what was written last to the rules."""
        event = SummonsEvent(self.starts_at, self.ends_at, self.place, self.video_link, self.is_whole_day)
        return SentSummons(event, self.method, self.sequence)


class SummonsEmail(UuidPrimaryKey, Base):
    """A letter of a summons; whether it has left is in the row of the letter."""

    __tablename__ = "summons_email"
    __care__ = no_fact("a letter of a summons to deliver", not_exported="the letter is exported")

    summons_id: Mapped[UUID] = mapped_column(ForeignKey("summons.id", ondelete="CASCADE"), index=True)
    email_id: Mapped[UUID | None] = mapped_column(ForeignKey("outgoing_email.id", ondelete="SET NULL"), index=True)
    reason: Mapped[SendingReason] = mapped_column(enum_column(SendingReason, "reason"))
    sequence: Mapped[int]
    written_at: Mapped[datetime]
    email: Mapped[OutgoingEmail | None] = relationship()


class JurorFees(UuidPrimaryKey, Base):
    """Fees of the jurors of a body: an amount a session, an amount a candidate heard, an amount a kilometre."""

    __tablename__ = "juror_fees"
    __care__ = no_fact("a setting of a body, which changes")

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), unique=True)
    session_cents: Mapped[int] = mapped_column(default=0)
    hearing_cents: Mapped[int] = mapped_column(default=0)
    km_cents: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=1)


class JurorFeesSince(UuidPrimaryKey, Base):
    """Fees of the jurors of a body for the sessions from a day on; before the first of them, `JurorFees` holds."""

    __tablename__ = "juror_fees_since"
    __care__ = no_fact("a setting of a body, which changes")
    __table_args__ = (UniqueConstraint("body_id", "since"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    since: Mapped[date]
    session_cents: Mapped[int]
    hearing_cents: Mapped[int]
    km_cents: Mapped[int]


# The summons of a member to their session, once it is written.
inspect(JuryMember).add_property(
    "summons",
    relationship(
        Summons,
        primaryjoin=and_(
            foreign(Summons.session_id) == JuryMember.session_id,
            foreign(Summons.person_id) == JuryMember.person_id,
            Summons.summoned_as == SummonedAs.JUROR,
        ),
        viewonly=True,
        uselist=False,
    ),
)
