"""The advisor's marks and notes, and the remarks exchanged under each competency.

Never sealed, never seen by a jury.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.care import care, no_fact
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.account.models import Person
from portfolio.domain.dossier.models.dossier import ADVICE
from portfolio.domain.dossier.rules.assessment import SelfAssessment
from portfolio.domain.dossier.rules.rehearsal import DEFAULT_HOUR
from portfolio.domain.review.rules.messages import Frequency


class Message(UuidPrimaryKey, Base):
    """A sentence of the conversation between candidate and advisor about one competency."""

    __tablename__ = "message"
    __care__ = ADVICE
    __table_args__ = (
        Index("ix_message_candidacy_competency", "candidacy_id", "competency_id"),
        Index("ix_message_evidence", "evidence_id"),
    )

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    competency_id: Mapped[UUID] = mapped_column(ForeignKey("competency.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # Empty once its author has taken it back: nothing of it is kept, only its place.
    text: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    # The piece that it is about, and the place in it (`evidence.rules.anchors`), when it was written beside a
    # page.
    evidence_id: Mapped[UUID | None] = mapped_column(ForeignKey("evidence.id", ondelete="SET NULL"))
    anchor: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    author: Mapped[Person] = relationship()


class ThreadReadMarker(Base):
    """Up to which moment a person has read the conversation about one competency."""

    __tablename__ = "thread_read_marker"
    __care__ = replace(ADVICE, not_exported="a moment")

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), primary_key=True)
    competency_id: Mapped[UUID] = mapped_column(ForeignKey("competency.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    read_until: Mapped[datetime]


class PrivateNote(UuidPrimaryKey, Base):
    """Note of an advisor to themselves about one competency: nobody else ever reads it, not even the next advisor."""

    __tablename__ = "private_note"
    __care__ = replace(ADVICE, not_exported="an advisor's notes to themselves")
    __table_args__ = (UniqueConstraint("candidacy_id", "competency_id", "author_id"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    competency_id: Mapped[UUID] = mapped_column(ForeignKey("competency.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]


class OwnAssessment(Base):
    """Opinion of a candidate on their own mastery of a competency.

    Read by them and by their advisor, never sealed.
    """

    __tablename__ = "self_assessment"
    __care__ = ADVICE

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), primary_key=True)
    competency_id: Mapped[UUID] = mapped_column(ForeignKey("competency.id"), primary_key=True)
    value: Mapped[SelfAssessment] = mapped_column(enum_column(SelfAssessment, "value"))
    changed_at: Mapped[datetime]


class RehearsalAnswer(UuidPrimaryKey, Base):
    """The voice of a candidate who rehearses: theirs, and their advisor's once shared. No jury hears it."""

    __tablename__ = "rehearsal_answer"
    __care__ = ADVICE
    __table_args__ = (UniqueConstraint("candidacy_id", "question"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"))
    # Which question (`RehearsalQuestion.code`), and its words as they were asked.
    question: Mapped[str] = mapped_column(String(80))
    asked: Mapped[str] = mapped_column(Text)
    sound: Mapped[bytes] = mapped_column(LargeBinary)
    media_type: Mapped[str] = mapped_column(String(40))
    answered_at: Mapped[datetime]
    shared_at: Mapped[datetime | None]


class NotificationPreference(Base):
    """Frequency of the letters that a person wants about their conversations, and the key that signs the link which
    stops them.
    """

    __tablename__ = "notification_preference"
    __care__ = no_fact("a preference")

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    frequency: Mapped[Frequency] = mapped_column(enum_column(Frequency, "frequency"))
    unsubscribe_key: Mapped[bytes] = mapped_column(LargeBinary(32), info=care(secret=True))
    changed_at: Mapped[datetime]
    # Whether a candidate wants letters about a silence, and at which hour in Paris.
    silence_letters: Mapped[bool] = mapped_column(default=True, server_default=true())
    silence_hour: Mapped[int] = mapped_column(default=DEFAULT_HOUR, server_default=text(str(DEFAULT_HOUR)))


class DigestEmail(Base):
    """That a person was told, on a day, of what waited for them until a moment: once a day at most."""

    __tablename__ = "digest_email"
    __care__ = no_fact("a summary that was mailed", not_exported="told by the letters")

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    written_at: Mapped[datetime]
