"""Reads of the pages of declaration and presence, about a jury before one candidate; nothing of the dossier itself.

The recorded site of a session.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.db.engine import read_once
from portfolio.domain.assessment.rules import DefenceMinutes
from portfolio.domain.assessment.use_cases.plans import defence_planned
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.models.statements import Statement
from portfolio.domain.jury.rules.composition import PredicateAnswer
from portfolio.domain.jury.rules.enums import Attendance, RelationAsked
from portfolio.domain.jury.rules.member_status import MemberState, deliberating, vacated, voting
from portfolio.domain.jury_session.use_cases.declarations import load_member_states, relation_of
from portfolio.domain.jury_session.use_cases.interview import defence_of
from portfolio.domain.jury_session.use_cases.loaders import WITH_MEMBERS, answers_while_open, in_order, rule_of_hearing
from portfolio.domain.jury_session.use_cases.minutes import find_recorded_answers
from portfolio.domain.jury_session.use_cases.seats import seat_details


@dataclass(frozen=True)
class AttendancePageData:
    """A jury before one candidate: who declared, read, is there; who deliberates; what the predicates answer."""

    hearing_id: UUID
    session_id: UUID
    held_on: date
    place: str
    certification: str
    candidate: str
    closed_at: datetime | None
    attendance: Attendance
    sitting: tuple[MemberState, ...]
    answers: tuple[PredicateAnswer, ...]
    documents: dict[UUID, UUID]
    quorum: int | None = None
    substitutes: tuple[tuple[Seat, int, int | None], ...] = ()
    # Whether the jury reads an assessment record; how long the defence lasted, and how long the version plans
    # it.
    is_record: bool = False
    defence: DefenceMinutes | None = None
    defence_planned: DefenceMinutes | None = None
    # Which relations with the candidate its members deny (J10).
    relation: RelationAsked = RelationAsked.ANY

    @property
    def vacant(self) -> tuple[MemberState, ...]:
        """Return the holders, recused or barred, whose seat no substitute can take; none once the minutes
        are closed.
        """
        return vacated(self.sitting) if self.closed_at is None else ()

    def next_substitute(self, seat: Seat, place: int = 1) -> int | None:
        """Return the rank of the next substitute of a seat; None when there are as many as can be."""
        return next((rank for kind, number, rank in self.substitutes if (kind, number) == (seat, place)), None)

    def seated(self, seat: Seat, place: int = 1) -> MemberState | None:
        """Find who deliberates in a seat."""
        found = (
            member_state
            for member_state in deliberating(self.sitting)
            if (member_state.member.seat, member_state.member.place) == (seat, place)
        )
        return next(found, None)

    @property
    def deliberates(self) -> frozenset[UUID]:
        """Return who deliberates."""
        return frozenset(member_state.person for member_state in voting(self.sitting, self.quorum))

    @property
    def checked(self) -> bool:
        """Return whether presence was checked."""
        return any(member_state.present is not None for member_state in self.sitting)

    def member(self, person_id: UUID) -> MemberState | None:
        """Find a member."""
        return next((member_state for member_state in self.sitting if member_state.person == person_id), None)


@read_once
def load_attendance_page(session: Session, hearing_id: UUID) -> AttendancePageData:
    """Gather a jury before one candidate, in a constant number of queries."""
    jury = joinedload(Hearing.session)
    candidacy = joinedload(Hearing.submission).joinedload(Submission.candidacy)
    query = select(Hearing).where(Hearing.id == hearing_id)
    hearing = session.scalars(
        query.options(
            *(jury.options(member) for member in WITH_MEMBERS),
            jury.joinedload(JurySession.version).joinedload(CertificationVersion.certification),
            candidacy.joinedload(Candidacy.candidate),
        )
    ).one()
    rule = rule_of_hearing(hearing)
    sitting = load_member_states(session, hearing, hearing.session)
    version = hearing.session.version
    rows = select(Statement.person_id, Statement.document_id).where(Statement.hearing_id == hearing_id)
    return AttendancePageData(
        hearing.id,
        hearing.session_id,
        hearing.session.held_on,
        hearing.session.place,
        f"{version.certification.code} · {version.title}",
        hearing.submission.candidacy.candidate_name,
        hearing.closed_at,
        hearing.attendance,
        in_order(rule, sitting),
        find_recorded_answers(session, hearing.id) or answers_while_open(session, hearing, sitting),
        {person: document for person, document in session.execute(rows) if document is not None},
        rule.quorum,
        tuple((view.seat, view.place, view.next_rank) for view in seat_details(hearing.session)),
        hearing.submission.kind is not None,
        *_defences(session, hearing),
        relation_of(hearing),
    )


def _defences(session: Session, hearing: Hearing) -> tuple[DefenceMinutes | None, DefenceMinutes | None]:
    """Return how long the defence lasted and how long it is planned; a livret 2 has none."""
    if hearing.submission.kind is None:
        return None, None
    return defence_of(session, hearing.id), defence_planned(session, hearing.session.version_id)
