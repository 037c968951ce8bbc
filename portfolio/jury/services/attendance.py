"""What the declaration and presence pages show of a jury before one candidate; nothing of the dossier itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.assessment.rules import DefenceMinutes
from portfolio.assessment.services.plans import defence_planned
from portfolio.candidacy.models import Candidacy
from portfolio.certification.models import CertificationVersion
from portfolio.jury.models import Hearing, JurySession
from portfolio.jury.rules import Attendance, PredicateAnswer, Seat, SittingMember, deliberating, place_in, vacated, voting
from portfolio.jury.services.defence import defence_of
from portfolio.jury.services.loading import WITH_MEMBERS, answers_while_open, rule_of_hearing
from portfolio.jury.services.recorded import recorded_answers
from portfolio.jury.services.seats import seat_views
from portfolio.jury.services.sitting import sitting_of
from portfolio.jury.statements import Statement
from portfolio.submission.models import Submission


@dataclass(frozen=True)
class SittingPage:
    """A jury before one candidate: who declared, read, is there; who deliberates; what the predicates answer."""

    hearing_id: UUID
    session_id: UUID
    held_on: date
    place: str
    certification: str
    candidate: str
    closed_at: datetime | None
    attendance: Attendance
    sitting: tuple[SittingMember, ...]
    answers: tuple[PredicateAnswer, ...]
    papers: dict[UUID, UUID]
    quorum: int | None = None
    substitutes: tuple[tuple[Seat, int, int | None], ...] = ()
    # Whether the jury reads an assessment record; how long the defence lasted, and how long the version plans it.
    is_record: bool = False
    defence: DefenceMinutes | None = None
    defence_planned: DefenceMinutes | None = None

    @property
    def vacant(self) -> tuple[SittingMember, ...]:
        """The recused holders whose seat no substitute can take; none once the minutes are closed."""
        return vacated(self.sitting) if self.closed_at is None else ()

    def next_substitute(self, seat: Seat, place: int = 1) -> int | None:
        """The rank of the next substitute of a seat; None when there are as many as can be."""
        return next((rank for kind, number, rank in self.substitutes if (kind, number) == (seat, place)), None)

    def seated(self, seat: Seat, place: int = 1) -> SittingMember | None:
        """Find who deliberates in a seat."""
        found = (one for one in deliberating(self.sitting) if (one.member.seat, one.member.place) == (seat, place))
        return next(found, None)

    @property
    def deliberates(self) -> frozenset[UUID]:
        """Who deliberates."""
        return frozenset(one.person for one in voting(self.sitting, self.quorum))

    @property
    def checked(self) -> bool:
        """Whether presence was checked."""
        return any(one.present is not None for one in self.sitting)

    def member(self, person_id: UUID) -> SittingMember | None:
        """Find a member."""
        return next((one for one in self.sitting if one.person == person_id), None)


def sitting_page(session: Session, hearing_id: UUID) -> SittingPage:
    """Gather a jury before one candidate, in a constant number of queries."""
    jury = joinedload(Hearing.session)
    candidacy = joinedload(Hearing.submission).joinedload(Submission.candidacy)
    query = select(Hearing).where(Hearing.id == hearing_id)
    hearing = session.scalars(
        query.options(
            *(jury.options(one) for one in WITH_MEMBERS),
            jury.joinedload(JurySession.version).joinedload(CertificationVersion.certification),
            candidacy.joinedload(Candidacy.candidate),
        )
    ).one()
    rule = rule_of_hearing(hearing)
    sitting = sitting_of(session, hearing, hearing.session)
    version = hearing.session.version
    rows = select(Statement.person_id, Statement.paper_id).where(Statement.hearing_id == hearing_id)
    return SittingPage(
        hearing.id,
        hearing.session_id,
        hearing.session.held_on,
        hearing.session.place,
        f"{version.certification.code} · {version.title}",
        hearing.submission.candidacy.candidate_name,
        hearing.closed_at,
        hearing.attendance,
        tuple(sorted(sitting, key=lambda one: (place_in(rule, one.member), one.rank))),
        recorded_answers(session, hearing.id) or answers_while_open(session, hearing, sitting),
        {person: paper for person, paper in session.execute(rows) if paper is not None},
        rule.quorum,
        tuple((view.seat, view.place, view.next_rank) for view in seat_views(hearing.session)),
        hearing.submission.kind is not None,
        *_defences(session, hearing),
    )


def _defences(session: Session, hearing: Hearing) -> tuple[DefenceMinutes | None, DefenceMinutes | None]:
    """Return how long the defence lasted and how long it is planned; a livret 2 has none."""
    if hearing.submission.kind is None:
        return None, None
    return defence_of(session, hearing.id), defence_planned(session, hearing.session.version_id)
