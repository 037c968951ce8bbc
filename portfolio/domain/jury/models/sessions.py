"""A session, its members, the hearing of each candidate, and what the president writes until closing."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
    exists,
    false,
    func,
    or_,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column, relationship

from portfolio.db.care import care, no_fact, tracked
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.db.sql_functions import appears_in
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.rules.composition import EXTERNAL_MONTHS, Affiliation, MemberValue, SeatProof
from portfolio.domain.jury.rules.deliberation import DecisionRecord, FindingRecord, Votes
from portfolio.domain.jury.rules.enums import (
    AffiliationKind,
    Attendance,
    College,
    Demonstration,
    FindingValue,
    Gender,
    OrganisationKind,
    Outcome,
    PresidencyVote,
    TiesAnswer,
)
from portfolio.domain.jury.rules.juror_card import MemberInput
from portfolio.domain.jury.rules.quorum import Appointment

if TYPE_CHECKING:
    from portfolio.domain.jury.models.statements import Summons


class JurySession(UuidPrimaryKey, Base):
    """A day on which a jury sits for one version of a certification."""

    __tablename__ = "jury_session"
    __care__ = tracked("session de jury")
    __table_args__ = (Index("ix_jury_session_held_on", "body_id", "held_on", "id"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"))
    held_on: Mapped[date]
    place: Mapped[str] = mapped_column(String(300))
    # The recorded site where it is held; sessions planned before have none.
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"), index=True)
    # How long a former tie still counts against "external" (J7), as the setting was on the day of planning.
    external_months: Mapped[int] = mapped_column(default=EXTERNAL_MONTHS)
    planned_at: Mapped[datetime]
    # The route whose rule seats this jury; without one, that of VAE.
    route: Mapped[Route | None] = mapped_column(enum_column(Route, "route"))
    # Why women and men do not both sit, when they do not (J12).
    parity_reason: Mapped[str] = mapped_column(Text, default="")
    # The hours, in minutes after midnight in Paris; empty while they are not fixed.
    start_minute: Mapped[int | None]
    end_minute: Mapped[int | None]
    # How long one candidate is before the jury, questions included, and the pause after each; the lunch
    # break, when there is one.
    interview_minutes: Mapped[int | None]
    pause_minutes: Mapped[int | None]
    lunch_start_minute: Mapped[int | None]
    lunch_end_minute: Mapped[int | None]
    video_link: Mapped[str | None] = mapped_column(String(500))
    # What candidates bring, and whom to call on the day: both are written in the summons.
    to_bring: Mapped[str | None] = mapped_column(Text)
    day_contact: Mapped[str | None] = mapped_column(String(300), info=care(personal=True))
    # Rises when the day, the hours or the place change; empty until they first do.
    schedule_revision: Mapped[int | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[CertificationVersion] = relationship()
    members: Mapped[list[JuryMember]] = relationship(back_populates="session")
    hearings: Mapped[list[Hearing]] = relationship(back_populates="session", foreign_keys="Hearing.session_id")


def _first_seat(table: str, parent: str) -> Index:
    """Return the index that keeps one person for the first seat of a kind, which has no number."""
    unnumbered = text("place IS NULL")
    columns = (parent, "seat", "rank")
    return Index(f"uq_{table}_first_seat", *columns, unique=True, sqlite_where=unnumbered, postgresql_where=unnumbered)


class JuryMember(UuidPrimaryKey, Base):
    """A person in a seat, with what was declared of them when they were named."""

    __tablename__ = "jury_member"
    __care__ = tracked("membre d’un jury", "session_id", not_exported="of jurors", kept="who sat")
    __table_args__ = (
        UniqueConstraint("session_id", "seat", "place", "rank"),
        UniqueConstraint("session_id", "person_id"),
        _first_seat("jury_member", "session_id"),
    )

    session_id: Mapped[UUID] = mapped_column(ForeignKey("jury_session.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    seat: Mapped[Seat] = mapped_column(enum_column(Seat, "seat"))
    # The number of the seat among those of its kind, from the second on: 2, 3…
    place: Mapped[int | None]
    # 0 holds the seat; 1 and more are its substitutes, in the order in which they are called.
    rank: Mapped[int] = mapped_column(default=0)
    # As the body typed it: an account may bear a name that another body gave. Members named before have none.
    display_name: Mapped[str | None] = mapped_column(String(200), info=care(personal=True))
    quality: Mapped[str] = mapped_column(String(300), default="", info=care(personal=True))
    gender: Mapped[Gender] = mapped_column(
        enum_column(Gender, "gender"), default=Gender.UNSAID, info=care(personal=True)
    )
    college: Mapped[College] = mapped_column(enum_column(College, "college"))
    in_activity: Mapped[bool]
    is_director: Mapped[bool]
    # The days between which the member holds the director's delegation (J6); without an end, until it is
    # revoked.
    delegated_from: Mapped[date | None]
    delegated_until: Mapped[date | None]
    is_qualified: Mapped[bool]
    # Whether the member practises a trade of the certification, and which; empty for members named before it
    # was asked.
    is_professional: Mapped[bool | None]
    trade: Mapped[str | None] = mapped_column(String(200), info=care(personal=True))
    # Whether the certifier confirmed the quality and the appointment that the seat asks for.
    meets_seat: Mapped[bool | None]
    # Whether the question of ties was answered (J7): silence is not "no tie".
    ties_answer: Mapped[TiesAnswer] = mapped_column(
        enum_column(TiesAnswer, "ties_answer"), default=TiesAnswer.UNANSWERED
    )
    # The act that named the president: its day, whether the director signed it, its document (J4).
    appointed_on: Mapped[date | None]
    appointed_by_director: Mapped[bool] = mapped_column(default=False)
    appointment_id: Mapped[UUID | None] = mapped_column(ForeignKey("signed_document.id"), index=True)
    # Who appointed the member, and what shows the quality that the seat asks for; NULL for members named
    # before it was asked.
    appointed_by: Mapped[str | None] = mapped_column(String(300), info=care(personal=True))
    quality_basis: Mapped[str | None] = mapped_column(String(500), info=care(personal=True))
    revision: Mapped[int] = mapped_column(default=1)
    # When the person was named to the seat; members named before it was kept have none.
    named_at: Mapped[datetime | None]
    session: Mapped[JurySession] = relationship(back_populates="members")
    person: Mapped[Person] = relationship()
    ties: Mapped[list[JuryMemberAffiliation]] = relationship(cascade="all, delete-orphan")
    if TYPE_CHECKING:  # mapped by the module of summons, which imports this one
        summons: Mapped[Summons | None]

    @property
    def name(self) -> str:
        """Return the member, as the body that named them knows them."""
        return self.display_name or self.person.name

    def to_value(self) -> MemberValue:
        """Hand the member, with their person and ties, to the rules."""
        return MemberValue(
            self.person_id,
            self.name,
            self.seat,
            self.college,
            self.in_activity,
            self.is_director,
            self.delegated_from,
            self.delegated_until,
            self.is_qualified,
            frozenset(tie.to_value() for tie in self.ties),
            self.ties_answer,
            self.place or 1,
            bool(self.is_professional),
            self.trade or "",
            bool(self.meets_seat),
            self.seat_proof,
        )

    @property
    def seat_proof(self) -> SeatProof | None:
        """Return what shows that the member is who the seat asks for; None for a member named before it was asked."""
        if self.appointed_by is None or self.quality_basis is None:
            return None
        return SeatProof(self.appointed_by, self.appointed_on, self.appointment_id is not None, self.quality_basis)

    def to_input(self) -> MemberInput:
        """Hand what was declared to the form that corrects it."""
        return MemberInput(
            self.seat,
            self.person.email,
            self.name,
            self.quality,
            self.college,
            self.in_activity,
            self.is_director,
            self.delegated_from,
            self.delegated_until,
            self.is_qualified,
            tuple(sorted((tie.to_value() for tie in self.ties), key=lambda tie: (tie.organisation, tie.kind))),
            self.revision,
            self.rank,
            self.gender,
            self.appointed_on,
            self.appointed_by_director,
            self.appointment_id is not None,
            self.ties_answer,
            self.place or 1,
            bool(self.is_professional),
            self.trade or "",
            bool(self.meets_seat),
            self.appointed_by or "",
            self.quality_basis or "",
        )

    def to_appointment(self) -> Appointment | None:
        """Hand the act that appointed the member to the rules (J4); None while its day is not known."""
        if self.appointed_on is None:
            return None
        return Appointment(self.appointed_on, self.appointed_by_director, self.appointment_id is not None)


class JuryMemberAffiliation(UuidPrimaryKey, Base):
    """A contract or mandate with the certifier or a training body, declared with its end (J7)."""

    __tablename__ = "jury_member_affiliation"
    __care__ = tracked("lien déclaré d’un membre du jury", "member_id", not_exported="of jurors", kept="who sat")

    member_id: Mapped[UUID] = mapped_column(ForeignKey("jury_member.id"), index=True)
    kind: Mapped[AffiliationKind] = mapped_column(enum_column(AffiliationKind, "kind"))
    organisation_kind: Mapped[OrganisationKind] = mapped_column(enum_column(OrganisationKind, "organisation_kind"))
    organisation: Mapped[str] = mapped_column(String(300), info=care(personal=True))
    ended_on: Mapped[date | None]

    def to_value(self) -> Affiliation:
        """Hand the tie to the rules."""
        return Affiliation(self.kind, self.organisation_kind, self.organisation, self.ended_on)


class Hearing(UuidPrimaryKey, Base):
    """One candidate before one jury, on one sealed dossier."""

    __tablename__ = "hearing"
    __care__ = tracked("passage devant un jury", not_exported="told by the summons", kept="ids and days")
    __table_args__ = (UniqueConstraint("session_id", "submission_id"), UniqueConstraint("submission_id", "is_current"))

    session_id: Mapped[UUID] = mapped_column(ForeignKey("jury_session.id"))
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"))
    # True, or NULL once closed without the candidate or without effect: their dossier waits for another jury.
    is_current: Mapped[bool | None] = mapped_column(default=True)
    attendance: Mapped[Attendance] = mapped_column(enum_column(Attendance, "attendance"), default=Attendance.HEARD)
    closed_at: Mapped[datetime | None]
    # Ended without effect, found irregular before any decision (R10): it counts as no failure.
    is_void: Mapped[bool | None]
    # The session that this hearing was last moved from, and when; the journal keeps every move.
    moved_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("jury_session.id"), index=True)
    moved_at: Mapped[datetime | None]
    # The day of the sitting under way, where a resumption gave it another than that of its session; and since when a
    # sitting is under way, once another one ended before it.
    sits_on: Mapped[date | None]
    sits_since: Mapped[datetime | None]
    # When the candidate is heard, in minutes after midnight in Paris; empty while the order of passage is not
    # fixed.
    start_minute: Mapped[int | None]
    end_minute: Mapped[int | None]
    # When the candidate joined the list of a jury; hearings of before it was kept have none.
    listed_at: Mapped[datetime | None]
    session: Mapped[JurySession] = relationship(back_populates="hearings", foreign_keys=[session_id])
    submission: Mapped[Submission] = relationship()

    @property
    def sitting_day(self) -> date:
        """Return the day of the sitting under way: that of its session, or of its resumption."""
        return self.sits_on or self.session.held_on

    @property
    def announced_day(self) -> date | None:
        """Return the day that people are told; None while the session is cancelled and another one is awaited."""
        return None if self.session.cancelled_at and not self.closed_at else self.sitting_day


def sitting_day() -> ColumnElement[date]:
    """Return the day of the sitting of the hearing of the row, joined with its session, as a column."""
    return func.coalesce(Hearing.sits_on, JurySession.held_on, type_=Date())


class HearingMember(UuidPrimaryKey, Base):
    """A member of the jury of one closed hearing: who, in which seat, whether they deliberated.

    Written once, at closing. Members of the session may change afterwards, for the hearings that are still
    open. What was declared of each member is in the composition of the minutes.
    """

    __tablename__ = "hearing_member"
    __care__ = tracked(
        "membre du jury qui a siégé", "hearing_id", is_append_only=True, not_exported="of jurors", kept="who sat"
    )
    __table_args__ = (
        UniqueConstraint("hearing_id", "person_id"),
        UniqueConstraint("hearing_id", "seat", "place", "rank"),
        _first_seat("hearing_member", "hearing_id"),
    )

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    seat: Mapped[Seat] = mapped_column(enum_column(Seat, "seat"))
    place: Mapped[int | None]
    rank: Mapped[int]
    display_name: Mapped[str] = mapped_column(String(200), info=care(personal=True))
    deliberated: Mapped[bool]

    def to_value(self) -> MemberValue:
        """Hand the member to the rules: the person and the seat.

        The minutes hold the answers of the predicates.
        """
        return MemberValue(self.person_id, self.display_name, self.seat, place=self.place or 1)


# A person: their id, or a column that holds it.
Who = UUID | ColumnElement[UUID] | InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None]


def sits_in_open_hearing(person: Who) -> ColumnElement[bool]:
    """Join the member of the hearing's session who is this person, while the minutes of the hearing are open."""
    return and_(
        Hearing.closed_at.is_(None), JuryMember.session_id == Hearing.session_id, JuryMember.person_id == person
    )


def sat_in_closed_hearing(person: Who) -> ColumnElement[bool]:
    """Join the member recorded at the closing of the hearing who is this person."""
    return and_(HearingMember.hearing_id == Hearing.id, HearingMember.person_id == person)


def belongs_to_jury(person: Who) -> ColumnElement[bool]:
    """Return whether this person is a member of the jury of the hearing of the row, open or closed, as a
    correlated condition.
    """
    now = exists().where(sits_in_open_hearing(person)).correlate_except(JuryMember)
    return or_(now, exists().where(sat_in_closed_hearing(person)).correlate_except(HearingMember))


def sits_somewhere(person: Who) -> ColumnElement[bool]:
    """Return whether this person is, or was at a closing, a member of a jury."""
    return or_(appears_in(JuryMember.person_id, person), appears_in(HearingMember.person_id, person))


def is_current_hearing() -> ColumnElement[bool]:
    """Join a submission to the one hearing that decides it; one closed for an absence is not it."""
    return and_(Hearing.submission_id == Submission.id, Hearing.is_current.is_(True))


def is_away() -> ColumnElement[bool]:
    """Return whether the jury of the row noted that its candidate did not come; false without a jury."""
    return func.coalesce(Hearing.attendance != Attendance.HEARD, false(), type_=Boolean())


class FindingDraft(UuidPrimaryKey, Base):
    """Finding that the president prepares for one competency, editable until closing."""

    __tablename__ = "finding_draft"
    __care__ = no_fact("copied by the minutes into `recorded_finding`", not_exported="told by the letters")
    __table_args__ = (UniqueConstraint("hearing_id", "competency_id"),)

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    competency_id: Mapped[UUID] = mapped_column(ForeignKey("competency.id"))
    value: Mapped[FindingValue] = mapped_column(enum_column(FindingValue, "value"))
    reason: Mapped[str] = mapped_column(Text, default="")
    ground: Mapped[Demonstration | None] = mapped_column(enum_column(Demonstration, "ground"))
    ground_text: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    # Who saved it last; empty when it was saved before this was recorded.
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    # Which members could vote when it was saved (`voters_digest`): others confirm it before they close (domain §10).
    # Empty when it was saved before this was recorded.
    voters: Mapped[str | None] = mapped_column(String(64))

    def to_value(self) -> FindingRecord:
        """Hand the finding to the rules."""
        return FindingRecord(self.value, self.reason, self.ground, self.ground_text)


class DecisionDraft(UuidPrimaryKey, Base):
    """Decision that the president prepares for one block, editable until closing."""

    __tablename__ = "decision_draft"
    __care__ = no_fact("copied by the minutes into `recorded_decision`", not_exported="told by the letters")
    __table_args__ = (UniqueConstraint("hearing_id", "block_id"),)

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    block_id: Mapped[UUID] = mapped_column(ForeignKey("block.id"))
    outcome: Mapped[Outcome] = mapped_column(enum_column(Outcome, "outcome"))
    reason: Mapped[str] = mapped_column(Text, default="")
    override_reason: Mapped[str] = mapped_column(Text, default="")
    recommendation: Mapped[str] = mapped_column(Text, default="")
    # Why the jury recommends nothing for a block that it does not validate.
    no_recommendation: Mapped[str | None] = mapped_column(Text)
    votes_for: Mapped[int | None]
    votes_against: Mapped[int | None]
    votes_abstained: Mapped[int | None]
    # How the president voted, in counts typed by hand.
    votes_presidency: Mapped[PresidencyVote | None] = mapped_column(enum_column(PresidencyVote, "votes_presidency"))
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    # Who saved it last; empty when it was saved before this was recorded.
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    # Which members could vote when it was saved (`voters_digest`): others confirm it before they close (domain §10).
    # Empty when it was saved before this was recorded.
    voters: Mapped[str | None] = mapped_column(String(64))

    def to_value(self) -> DecisionRecord:
        """Hand the decision to the rules."""
        votes = Votes(self.votes_for, self.votes_against, self.votes_abstained, self.votes_presidency)
        texts = (self.reason, self.override_reason, self.recommendation)
        return DecisionRecord(self.outcome, *texts, votes, self.no_recommendation or "")
