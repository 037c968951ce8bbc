"""The deliberation as it goes: opinions, the interview sheet, ballots, adjournments, departures.

The minutes: what a jury decided, copied once at closing; these rows refuse any change.

The work of one juror before the deliberation: the exhibits opened, and private notes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    ScalarSelect,
    String,
    Text,
    UniqueConstraint,
    and_,
    case,
    exists,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, aliased, joinedload, mapped_column, relationship

from portfolio.db.care import no_fact, recorded
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.jury.models.sessions import Hearing, JurySession, sitting_day
from portfolio.domain.jury.rules.closing import Suspension
from portfolio.domain.jury.rules.deliberation import Votes
from portfolio.domain.jury.rules.enums import (
    Attendance,
    Demonstration,
    FindingValue,
    Outcome,
    PresidencyVote,
    SigningMethod,
)
from portfolio.domain.jury.rules.opinions import InterviewKind, NoteKind, OpinionInput, TieBreak, VoteChoice

READING = no_fact("the reading of one member, whose extent the attestation copies", not_exported="of jurors")
COURSE = no_fact("the course of a deliberation; the minutes copy what is of record", not_exported="told by the letters")


class JurorOpinion(UuidPrimaryKey, Base):
    """The opinion of one member on one competency; hidden from the others until the opinions are opened."""

    __tablename__ = "juror_opinion"
    __care__ = COURSE
    __table_args__ = (UniqueConstraint("hearing_id", "person_id", "competency_id"),)

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    competency_id: Mapped[UUID] = mapped_column(ForeignKey("competency.id"))
    value: Mapped[FindingValue] = mapped_column(enum_column(FindingValue, "value"))
    comment: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]

    def to_value(self) -> OpinionInput:
        """Return the opinion as the rules read it."""
        return OpinionInput(self.value, self.comment)


class OpinionsGiven(UuidPrimaryKey, Base):
    """A member gave their opinions: they do not change any more."""

    __tablename__ = "opinions_given"
    __care__ = replace(COURSE, kept="moments")
    __table_args__ = (UniqueConstraint("hearing_id", "person_id"),)

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime]


class OpinionsOpened(UuidPrimaryKey, Base):
    """The opinions of a hearing are shown to its jury: all were given, or the president opened them."""

    __tablename__ = "opinions_opened"
    __care__ = replace(COURSE, kept="moments")
    __table_args__ = (UniqueConstraint("hearing_id"),)

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    opened_at: Mapped[datetime]
    # Empty when the last opinion given opened them.
    opened_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))


class InterviewEntry(UuidPrimaryKey, Base):
    """One line of the interview sheet; the minutes copy it at closing."""

    __tablename__ = "interview_entry"
    __care__ = COURSE
    __table_args__ = (CheckConstraint("trim(heard) <> ''", name="has_answer"),)

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"), index=True)
    competency_id: Mapped[UUID | None] = mapped_column(ForeignKey("competency.id"))
    kind: Mapped[InterviewKind] = mapped_column(enum_column(InterviewKind, "kind"))
    question: Mapped[str] = mapped_column(Text)
    heard: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    written_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]


class Ballot(UuidPrimaryKey, Base):
    """A vote on validating one block; another ballot on the same block has the next round."""

    __tablename__ = "ballot"
    __care__ = COURSE
    __table_args__ = (UniqueConstraint("hearing_id", "block_id", "round"),)

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    block_id: Mapped[UUID] = mapped_column(ForeignKey("block.id"))
    round: Mapped[int]
    opened_at: Mapped[datetime]
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    # What the vote gave when it was closed (J11); empty while it is open, and for a vote closed before this
    # was recorded.
    outcome: Mapped[Outcome | None] = mapped_column(enum_column(Outcome, "outcome"))
    tie_break: Mapped[TieBreak | None] = mapped_column(enum_column(TieBreak, "tie_break"))


class MemberVote(UuidPrimaryKey, Base):
    """The vote of one member on one ballot.

    Once the ballot is closed there is one row for each member who could vote, and none for another.
    """

    __tablename__ = "member_vote"
    __care__ = replace(COURSE, not_exported="of jurors")
    __table_args__ = (UniqueConstraint("ballot_id", "person_id"),)

    ballot_id: Mapped[UUID] = mapped_column(ForeignKey("ballot.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    choice: Mapped[VoteChoice] = mapped_column(enum_column(VoteChoice, "choice"))
    cast_at: Mapped[datetime]


class Adjournment(UuidPrimaryKey, Base):
    """The deliberation stopped, to be resumed; nothing is decided meanwhile."""

    __tablename__ = "adjournment"
    __care__ = COURSE

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    resumes_on: Mapped[date | None]
    adjourned_at: Mapped[datetime]
    adjourned_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    resumed_at: Mapped[datetime | None]
    resumed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    # The day of resumption that was last written to the candidate and the jury, and how many times one was.
    written_for: Mapped[date | None]
    written_times: Mapped[int | None]


def suspends() -> ColumnElement[bool]:
    """Join a hearing to the adjournment that suspends it; none once it is resumed, or the minutes are closed."""
    return and_(*_SUSPENDED)


def is_suspended() -> ColumnElement[bool]:
    """Return whether the deliberation of the hearing of the row is suspended."""
    return exists().where(*_SUSPENDED).correlate_except(Adjournment)


def was_absent(submission_id: Any) -> ColumnElement[bool]:
    """Return whether a jury met for a sealed dossier without its candidate."""
    met, away = aliased(Hearing), Minutes.attendance.in_((Attendance.ABSENT, Attendance.EXCUSED))
    absent = exists().where(met.submission_id == submission_id, Minutes.hearing_id == met.id, away)
    return absent.correlate_except(met, Minutes)


def next_day_of_hearing() -> ColumnElement[date]:
    """Return the day on which the jury of the row deliberates: that of the resumption to come, of its sitting, or of
    the session; a hearing moved after its suspension goes on in its new session. None while its session is cancelled.
    """
    announced = JurySession.cancelled_at.is_(None) | Hearing.closed_at.is_not(None)
    return case((announced, func.coalesce(day_of_resumption(), sitting_day(), type_=Date())))


def day_of_resumption() -> ScalarSelect[date | None]:
    """Return the day on which the suspended hearing of the row resumes, once it is known."""
    stays = Hearing.moved_at.is_(None) | (Hearing.moved_at < Adjournment.adjourned_at)
    resumed = select(Adjournment.resumes_on).where(*_SUSPENDED, stays).correlate_except(Adjournment).limit(1)
    return resumed.scalar_subquery()


_SUSPENDED = (Adjournment.hearing_id == Hearing.id, Adjournment.resumed_at.is_(None), Hearing.closed_at.is_(None))


class AttendanceChange(UuidPrimaryKey, Base):
    """A member who was present left, or one who was absent arrived, after presence was first checked; or the candidate
    (`attendance`), once the jury had noted something.
    """

    __tablename__ = "attendance_change"
    __care__ = replace(COURSE, not_exported="of jurors", kept="moments")

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    present: Mapped[bool]
    noted_at: Mapped[datetime]
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # Why presence is corrected, once the jury has heard, noted or voted something.
    reason: Mapped[str | None] = mapped_column(Text)
    # What is said of the candidate; empty for a member.
    attendance: Mapped[Attendance | None] = mapped_column(enum_column(Attendance, "attendance"))


class Minutes(UuidPrimaryKey, Base):
    """The closed minutes of one hearing, with the composition that decided."""

    __tablename__ = "minutes"
    __care__ = recorded("procès-verbal", not_exported="told by the letters", kept="unlimited")

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"), unique=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    decided_on: Mapped[date]
    closed_at: Mapped[datetime]
    closed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # When the president signed, with their password again; a candidate who did not come has minutes without
    # decisions.
    signed_at: Mapped[datetime | None]
    attendance: Mapped[Attendance | None] = mapped_column(
        enum_column(Attendance, "attendance"), default=Attendance.HEARD
    )
    root: Mapped[str] = mapped_column(String(64))
    # Seats, names, qualities and the answers of the predicates at the moment of closing.
    composition: Mapped[dict[str, Any]]
    # Why this sitting has no effect, found before a decision (R10); such minutes decide nothing and count as
    # no failure.
    void_reason: Mapped[str | None] = mapped_column(Text)
    hearing: Mapped[Hearing] = relationship()
    decisions: Mapped[list[RecordedDecision]] = relationship()
    findings: Mapped[list[RecordedFinding]] = relationship()
    rectifications: Mapped[list[MinutesRectification]] = relationship(order_by="MinutesRectification.written_at")


class RecordedDecision(UuidPrimaryKey, Base):
    """Decision of a jury for one block; the database itself refuses a mute refusal."""

    __tablename__ = "recorded_decision"
    __care__ = recorded("décision sur un bloc", not_exported="told by the letters", kept="unlimited")
    __table_args__ = (
        UniqueConstraint("minutes_id", "block_id"),
        CheckConstraint("outcome <> 'not_validated' OR trim(reason) <> ''", name="refusal_has_reason"),
    )

    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"))
    block_id: Mapped[UUID] = mapped_column(ForeignKey("block.id"))
    outcome: Mapped[Outcome] = mapped_column(enum_column(Outcome, "outcome"))
    reason: Mapped[str] = mapped_column(Text)
    override_reason: Mapped[str] = mapped_column(Text)
    recommendation: Mapped[str] = mapped_column(Text)
    # Why nothing is recommended for a block that is not validated.
    no_recommendation: Mapped[str | None] = mapped_column(Text)
    votes_for: Mapped[int | None]
    votes_against: Mapped[int | None]
    # Empty in minutes closed before abstentions were recorded.
    votes_abstained: Mapped[int | None]
    # How the president voted, in counts typed by hand; empty for a ballot, and where it was not asked.
    votes_presidency: Mapped[PresidencyVote | None] = mapped_column(enum_column(PresidencyVote, "votes_presidency"))

    @property
    def votes(self) -> Votes:
        """Return how the members voted, if a vote was counted (J11)."""
        return Votes(self.votes_for, self.votes_against, self.votes_abstained, self.votes_presidency)


class RecordedFinding(UuidPrimaryKey, Base):
    """Finding of a jury on one competency, with its reason and, without a claim, its ground (R5)."""

    __tablename__ = "recorded_finding"
    __care__ = recorded("constat sur une compétence", not_exported="told by the letters", kept="part of the minutes")
    __table_args__ = (UniqueConstraint("minutes_id", "competency_id"),)

    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"))
    competency_id: Mapped[UUID] = mapped_column(ForeignKey("competency.id"))
    value: Mapped[FindingValue] = mapped_column(enum_column(FindingValue, "value"))
    reason: Mapped[str] = mapped_column(Text)
    ground: Mapped[Demonstration | None] = mapped_column(enum_column(Demonstration, "ground"))
    ground_text: Mapped[str] = mapped_column(Text)


class MinutesRectification(UuidPrimaryKey, Base):
    """A later entry that refers to minutes and says what is wrong there; the minutes themselves never change (R12)."""

    __tablename__ = "minutes_rectification"
    __care__ = recorded("rectification d’un procès-verbal", not_exported="told by a letter", kept="part of the minutes")

    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


class MinutesSignature(UuidPrimaryKey, Base):
    """The signature of a member under closed minutes, over the SHA-256 of their canonical form; written once.

    With a passkey, whoever has the parts checks it: the key signed a challenge that begins with the digest.
    """

    __tablename__ = "minutes_signature"
    __care__ = recorded("signature d’un procès-verbal", kept="part of the minutes")
    __table_args__ = (UniqueConstraint("minutes_id", "person_id"),)

    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    method: Mapped[SigningMethod] = mapped_column(enum_column(SigningMethod, "method"))
    digest: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime]
    credential_public: Mapped[bytes | None] = mapped_column(LargeBinary(2000))
    client_data: Mapped[bytes | None] = mapped_column(LargeBinary(4000))
    authenticator_data: Mapped[bytes | None] = mapped_column(LargeBinary(2000))
    signature: Mapped[bytes | None] = mapped_column(LargeBinary(2000))


class AbsenceLetter(UuidPrimaryKey, Base):
    """The letter that says to a person that the jury met without them; written once."""

    __tablename__ = "absence_letter"
    __care__ = recorded("lettre qui constate une absence", not_exported="told by a letter", kept="a moment")

    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"), unique=True)
    # How the body named itself, and who signed.
    words: Mapped[dict[str, Any]] = mapped_column(JSON)
    written_at: Mapped[datetime]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


class ExhibitOpening(UuidPrimaryKey, Base):
    """The first time that a member opened a page of an exhibit; page 0 is the file or the recording."""

    __tablename__ = "exhibit_opening"
    __care__ = READING
    __table_args__ = (UniqueConstraint("hearing_id", "person_id", "exhibit", "page"),)

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    exhibit: Mapped[str] = mapped_column(String(20))
    page: Mapped[int]
    opened_at: Mapped[datetime]


class JurorNote(UuidPrimaryKey, Base):
    """A note or a question of one member, read by nobody else and deleted when their reading ends."""

    __tablename__ = "juror_note"
    __care__ = READING
    __table_args__ = (
        CheckConstraint("trim(text) <> ''", name="has_text"),
        Index("ix_juror_note_hearing_id_person_id", "hearing_id", "person_id"),
    )

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[NoteKind] = mapped_column(enum_column(NoteKind, "kind"))
    # The place the note is about: a competency, or an exhibit with its page or its second; neither for the
    # whole dossier.
    competency_id: Mapped[UUID | None] = mapped_column(ForeignKey("competency.id"))
    exhibit: Mapped[str | None] = mapped_column(String(20))
    page: Mapped[int | None]
    second: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]


def load_suspensions(session: Session, hearings: Collection[UUID]) -> dict[UUID, Suspension]:
    """Return the suspensions of the hearings whose deliberation is suspended, in one query.

    A hearing moved since goes on in its new session, whose day its candidate and its jury are written.
    """
    if not hearings:
        return {}
    query = (
        select(Hearing, Adjournment)
        .join(Adjournment, suspends())
        .options(joinedload(Hearing.session))
        .where(Hearing.id.in_(hearings))
    )
    return {hearing.id: suspension_of(row, hearing) for hearing, row in session.execute(query)}


def suspension_of(row: Adjournment, hearing: Hearing) -> Suspension:
    """Return the suspension of a hearing that was read with its session."""
    if hearing.moved_at is not None and hearing.moved_at > row.adjourned_at:
        return Suspension(row.adjourned_at, hearing.session.held_on, hearing.session.held_on)
    return Suspension(row.adjourned_at, row.resumes_on, row.written_for)
