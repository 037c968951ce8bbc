"""What the certifier sees: sessions, one session with its seats, who waits for a jury."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.candidacy.models import Candidacy
from portfolio.certification.models import Block, Certification, CertificationVersion
from portfolio.jury.models import Hearing, JurySession, Member, hears
from portfolio.jury.rules import (
    MOST_SUBSTITUTES,
    Attendance,
    Composition,
    JurorStep,
    JuryRefusal,
    Naming,
    PredicateAnswer,
    PredicateId,
    Seat,
    SittingMember,
    day_of,
    is_external,
    is_regular,
    voting,
)
from portfolio.jury.services.loading import WITH_MEMBERS, answers_for, answers_of_the_day, composition_of, rule_of
from portfolio.jury.services.sitting import sittings_of
from portfolio.submission.models import Submission, SubmittedBlock


@dataclass(frozen=True)
class Waiting:
    """A sealed dossier that no session hears yet; `obstacle` says why a given session cannot hear it."""

    submission_id: UUID
    candidate: str
    number: int
    submitted_at: datetime
    certification: str
    blocks: tuple[int, ...]
    version_id: UUID
    candidate_id: UUID
    advisor_id: UUID | None
    obstacle: JuryRefusal | None = None
    who: str = ""


@dataclass(frozen=True)
class SessionRow:
    """A session in the certifier's list."""

    id: UUID
    held_on: date
    place: str
    certification: str
    named: int
    seats: int
    regular: bool
    candidates: int
    closed: int

    @property
    def open(self) -> bool:
        """Whether someone may still be heard there."""
        return not self.candidates or self.closed < self.candidates


@dataclass(frozen=True)
class SessionsPage:
    """Every session of a body, the next one first, and the dossiers that wait."""

    rows: tuple[SessionRow, ...]
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True)
class SeatView:
    """A seat, who sits there, and whether they are external (computed, J7)."""

    seat: Seat
    member_id: UUID | None = None
    named: Naming | None = None
    external: bool = False
    substitutes: tuple[SeatView, ...] = ()
    appointment_id: UUID | None = None

    @property
    def next_rank(self) -> int | None:
        """The place of the next substitute; None while nobody holds the seat, or when there are as many as can be."""
        taken = {one.named.rank for one in self.substitutes if one.named}
        free = (rank for rank in range(1, MOST_SUBSTITUTES + 1) if rank not in taken)
        return next(free, None) if self.named else None


@dataclass(frozen=True)
class HearingRow:
    """A candidate on a session's list, with what is irregular for them alone."""

    id: UUID
    candidate: str
    candidacy_id: UUID
    number: int
    submitted_at: datetime
    blocks: tuple[int, ...]
    closed_at: datetime | None
    irregular: tuple[PredicateAnswer, ...]
    attendance: Attendance = Attendance.HEARD
    declared: int = 0
    read: int = 0
    members: int = 0

    @property
    def all_read(self) -> bool:
        """Whether every member who deliberates has declared and read."""
        return self.read >= self.members


@dataclass(frozen=True)
class SessionPage:
    """A session, its seats in the order of the entry, the predicates, its candidates, and those it could hear."""

    id: UUID
    held_on: date
    place: str
    certification: str
    external_months: int
    seats: tuple[SeatView, ...]
    answers: tuple[PredicateAnswer, ...]
    hearings: tuple[HearingRow, ...]
    waiting: tuple[Waiting, ...]
    parity_reason: str = ""

    @property
    def regular(self) -> bool:
        """Whether nothing prevents this jury from sitting, for every candidate on its list."""
        return is_regular(self.answers) and not any(row.irregular for row in self.hearings)

    @property
    def fixed(self) -> bool:
        """Whether the composition can no longer change: minutes were closed."""
        return any(row.closed_at for row in self.hearings)

    @property
    def empty_seat(self) -> Seat | None:
        """The first seat without anyone."""
        return next((view.seat for view in self.seats if view.named is None), None)


def list_sessions(session: Session, body_id: UUID) -> SessionsPage:
    """Gather the certifier's list of sessions, the latest day first, in a constant number of queries."""
    query = select(JurySession).where(JurySession.body_id == body_id).order_by(JurySession.held_on.desc(), JurySession.id)
    found = session.scalars(query.options(*WITH_MEMBERS, _WITH_ENTRY, selectinload(JurySession.hearings)))
    return SessionsPage(tuple(_row(one) for one in found), tuple(_waiting(session, body_id)))


def session_page(session: Session, session_id: UUID) -> SessionPage:
    """Gather the certifier's page of one session."""
    query = select(JurySession).where(JurySession.id == session_id)
    heard = selectinload(JurySession.hearings).joinedload(Hearing.submission).joinedload(Submission.candidacy)
    jury = session.scalars(query.options(*WITH_MEMBERS, _WITH_ENTRY, heard.joinedload(Candidacy.candidate))).one()
    numbers = block_numbers(session, [hearing.submission_id for hearing in jury.hearings])
    answers = answers_for(jury)
    sittings = sittings_of(session, jury.hearings, jury)
    hearings = sorted(jury.hearings, key=lambda one: (one.submission.candidacy.candidate.name.casefold(), one.id))
    waiting = _waiting(session, jury.body_id, jury.version_id)
    return SessionPage(
        jury.id,
        jury.held_on,
        jury.place,
        _label(jury.version),
        jury.external_months,
        seat_views(jury),
        answers,
        tuple(_hearing_row(jury, one, answers, numbers.get(one.submission_id, ()), sittings[one.id]) for one in hearings),
        tuple(_with_obstacle(one, jury) for one in waiting),
        jury.parity_reason,
    )


_WITH_ENTRY = joinedload(JurySession.version).joinedload(CertificationVersion.certification)


def seat_views(jury: JurySession) -> tuple[SeatView, ...]:
    """List the seats in the order of the entry, then any that it does not know, with who sits there."""
    composition = composition_of(jury)
    ranked = sorted(jury.members, key=lambda member: member.rank)
    by_seat: dict[Seat, list[Member]] = {}
    for member in ranked:
        by_seat.setdefault(member.seat, []).append(member)
    seats = list(dict.fromkeys((*rule_of(jury.version).seats, *by_seat)))
    return tuple(_seat_view(seat, by_seat.get(seat, []), composition) for seat in seats)


def _seat_view(seat: Seat, ranked: list[Member], composition: Composition) -> SeatView:
    if not ranked:
        return SeatView(seat)
    member, *others = ranked
    substitutes = tuple(_seat_view(seat, [one], composition) for one in others)
    external = is_external(member.as_value(), composition)
    return SeatView(seat, member.id, member.as_naming(), external, substitutes, member.appointment_id)


def _row(jury: JurySession) -> SessionRow:
    closed = sum(1 for hearing in jury.hearings if hearing.closed_at)
    return SessionRow(
        jury.id,
        jury.held_on,
        jury.place,
        _label(jury.version),
        sum(1 for member in jury.members if member.rank == 0),
        len(rule_of(jury.version).seats),
        is_regular(answers_for(jury)),
        len(jury.hearings),
        closed,
    )


def _label(version: CertificationVersion) -> str:
    return f"{version.certification.code} · {version.title}"


def _hearing_row(
    jury: JurySession,
    hearing: Hearing,
    common: tuple[PredicateAnswer, ...],
    blocks: tuple[int, ...],
    sitting: tuple[SittingMember, ...],
) -> HearingRow:
    submission = hearing.submission
    wrong = {answer.id for answer in common if answer.prevents}
    asked = answers_of_the_day(jury, submission.candidacy, sitting)
    own = [answer for answer in asked if answer.prevents and answer.id not in wrong and not _only_awaited(answer)]
    seated = voting(sitting, rule_of(jury.version).quorum)
    return HearingRow(
        hearing.id,
        submission.candidacy.candidate.name,
        submission.candidacy_id,
        submission.number,
        submission.submitted_at,
        blocks,
        hearing.closed_at,
        tuple(own),
        hearing.attendance,
        sum(1 for one in seated if one.step in (JurorStep.READ, JurorStep.READY)),
        sum(1 for one in seated if one.step is JurorStep.READY),
        len(seated),
    )


def _only_awaited(answer: PredicateAnswer) -> bool:
    """Say whether nothing is wrong yet: members have still to declare, to read, to come."""
    silent = answer.id is PredicateId.J10 and not answer.facts["related"]
    return silent or answer.id in (PredicateId.J13, PredicateId.J14)


def _waiting(session: Session, body_id: UUID, version_id: UUID | None = None) -> list[Waiting]:
    """List the sealed dossiers of a body that no session hears, the oldest first: they wait the longest."""
    query = (
        select(Submission.id, Submission.number, Submission.submitted_at, Candidacy)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .outerjoin(Hearing, hears())
        .where(Certification.body_id == body_id, Hearing.id.is_(None))
        .options(joinedload(Candidacy.candidate), joinedload(Candidacy.version).joinedload(CertificationVersion.certification))
        .order_by(Submission.submitted_at, Submission.id)
    )
    if version_id is not None:
        query = query.where(Candidacy.version_id == version_id)
    rows = session.execute(query).all()
    numbers = block_numbers(session, [row[0] for row in rows])
    return [
        Waiting(
            submission_id,
            candidacy.candidate.name,
            number,
            submitted_at,
            _label(candidacy.version),
            numbers.get(submission_id, ()),
            candidacy.version_id,
            candidacy.candidate_id,
            candidacy.advisor_id,
        )
        for submission_id, number, submitted_at, candidacy in rows
    ]


def _with_obstacle(one: Waiting, jury: JurySession) -> Waiting:
    """Say beforehand what `add_hearing` would refuse, so that nobody has to try."""
    names = {member.person_id: member.person.name for member in jury.members}
    obstacle, who = None, ""
    if any(hearing.submission_id == one.submission_id for hearing in jury.hearings):
        return replace(one, obstacle=JuryRefusal.NOT_WAITING)
    if one.candidate_id in names:
        obstacle, who = JuryRefusal.MEMBER_IS_CANDIDATE, names[one.candidate_id]
    elif one.advisor_id in names:
        obstacle, who = JuryRefusal.MEMBER_IS_ADVISOR, names[one.advisor_id]
    elif day_of(one.submitted_at) > jury.held_on:
        obstacle = JuryRefusal.SEALED_AFTER_SESSION
    return replace(one, obstacle=obstacle, who=who)


def block_numbers(session: Session, submissions: Iterable[UUID]) -> dict[UUID, tuple[int, ...]]:
    """Give the numbers of the blocks that submissions present."""
    rows = session.execute(
        select(SubmittedBlock.submission_id, Block.number)
        .join(Block, Block.id == SubmittedBlock.block_id)
        .where(SubmittedBlock.submission_id.in_(list(submissions)))
        .order_by(Block.number)
    )
    found: dict[UUID, tuple[int, ...]] = {}
    for submission_id, number in rows:
        found[submission_id] = (*found.get(submission_id, ()), number)
    return found
