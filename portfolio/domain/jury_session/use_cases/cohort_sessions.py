"""A cohort goes before a jury in one act: its records are sealed, then put on the list of a session; who failed is
proposed the next one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portfolio.domain.assessment.models import Cohort
from portfolio.domain.assessment.rules import CohortValue, RetryRule, is_later_cohort
from portfolio.domain.assessment.use_cases.cohorts import assign_cohort
from portfolio.domain.assessment.use_cases.grids import CohortGrid
from portfolio.domain.assessment.use_cases.plans import retry_rule
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision
from portfolio.domain.jury.models.sessions import Hearing, JurySession, is_current_hearing
from portfolio.domain.jury.rules.enums import Outcome
from portfolio.domain.jury_session.use_cases.planning import ListStoppedError, add_hearings
from portfolio.domain.submission.use_cases.assessment_record import seal_record
from portfolio.errors import Refusal

# How many sessions to come a page offers.
MAX_SESSIONS = 50


@dataclass(frozen=True, slots=True)
class CohortMember:
    """A person of a cohort before its jury: what misses, and what their last record became."""

    candidacy_id: UUID
    name: str
    missing: int
    submission_id: UUID | None = None
    # Whether a result came after the record sealed last, or none is sealed.
    needs_record: bool = True
    heard_on: date | None = None
    is_decided: bool = False
    has_failed: bool = False

    @property
    def may_go(self) -> bool:
        """Tell whether they may be put on the list of a session."""
        return (not self.is_decided and self.heard_on is None) or (self.has_failed and self.needs_record)

    @property
    def is_ready(self) -> bool:
        """Tell whether nothing misses before a jury."""
        return self.may_go and not self.missing


@dataclass(frozen=True, slots=True)
class OfferedSession:
    """A session to come of the version of a cohort."""

    id: UUID
    held_on: date
    place: str


@dataclass(frozen=True)
class CohortJury:
    """Members of a cohort and their juries; `next_cohort` and `next_session` are for those who failed."""

    members: tuple[CohortMember, ...]
    sessions: tuple[OfferedSession, ...]
    retry: RetryRule
    next_cohort: CohortValue | None
    next_session: OfferedSession | None

    @property
    def failed(self) -> list[CohortMember]:
        """Return those whom a jury refused a block, and who have no later record."""
        return [member for member in self.members if member.has_failed]


def load_cohort_jury(session: Session, grid: CohortGrid, today: date) -> CohortJury:
    """Read what becomes of a cohort before its juries, in a constant number of queries."""
    line = grid.line
    sessions = _sessions_to_come(session, line.version_id, today)
    own = CohortValue(line.id, line.name, line.starts_on, line.ends_on)
    rule = retry_rule(session, line.version_id)
    following = select(Cohort).where(Cohort.version_id == line.version_id, Cohort.route == line.route)
    later = [row.to_value() for row in session.scalars(following.order_by(Cohort.ends_on, Cohort.starts_on))]
    next_cohort = next((cohort for cohort in later if is_later_cohort(cohort, own)), None)
    if rule is RetryRule.ANY_JURY:
        next_cohort = None
    first = next_cohort.starts_on if next_cohort else today
    able = sessions if rule is RetryRule.ANY_JURY or next_cohort else ()
    proposed = next((offered for offered in able if offered.held_on >= first), None)
    return CohortJury(_members(session, grid), sessions, rule, next_cohort, proposed)


def _members(session: Session, grid: CohortGrid) -> tuple[CohortMember, ...]:
    ids = [row.candidacy_id for row in grid.rows]
    refused = exists().where(
        RecordedDecision.minutes_id == Minutes.id, RecordedDecision.outcome == Outcome.NOT_VALIDATED
    )
    decided = Minutes.id.is_not(None) & Minutes.void_reason.is_(None)
    query = (
        select(Submission.candidacy_id, Submission.id, Submission.submitted_at, JurySession.held_on,
               decided.label("decided"), (decided & refused).label("refused"))
        .outerjoin(Hearing, is_current_hearing())
        .outerjoin(Hearing.session)
        .outerjoin(Minutes, Minutes.hearing_id == Hearing.id)
        .where(Submission.candidacy_id.in_(ids))
        .order_by(Submission.number)
    )  # fmt: skip
    last = {row.candidacy_id: row for row in session.execute(query)}
    members = []
    for row in grid.rows:
        cells = [grid.cells.get((row.candidacy_id, planned.id)) for planned in grid.planned if row.takes(planned)]
        member = CohortMember(row.candidacy_id, row.name, sum(cell is None for cell in cells))
        if (sealed := last.get(row.candidacy_id)) is not None:
            newer = any(cell is not None and cell.recorded_at > sealed.submitted_at for cell in cells)
            heard_on = None if sealed.decided else sealed.held_on
            outcome = (bool(sealed.decided), bool(sealed.refused))
            member = CohortMember(
                row.candidacy_id, row.name, member.missing, sealed.id, newer, heard_on, *outcome
            )  # fmt: skip
        members.append(member)
    return tuple(members)


def _sessions_to_come(session: Session, version_id: UUID, today: date) -> tuple[OfferedSession, ...]:
    query = (
        select(JurySession.id, JurySession.held_on, JurySession.place)
        .where(JurySession.version_id == version_id, JurySession.held_on >= today, JurySession.cancelled_at.is_(None))
        .order_by(JurySession.held_on, JurySession.id)
        .limit(MAX_SESSIONS)
    )
    return tuple(OfferedSession(*row) for row in session.execute(query))


def bring_to_session(
    session: Session, members: Sequence[CohortMember], session_id: UUID, *, by: UUID, at: datetime
) -> list[Hearing]:
    """Seal the records that these people need and put them on the list of a session.

    Raise ListStoppedError with everyone whom a rule stops.
    """
    names: dict[UUID, str] = {}
    refusals = []
    for member in members:
        try:
            submission_id = member.submission_id
            if submission_id is None or member.needs_record:
                submission_id = seal_record(session, member.candidacy_id, by=by, at=at).id
            names[submission_id] = member.name
        except Refusal as refusal:
            refusals.append((member.name, refusal))
    if refusals:
        raise ListStoppedError(refusals)
    return add_hearings(session, session_id, names, by=by, at=at)


def move_to_cohort(session: Session, candidacies: Collection[UUID], cohort_id: UUID, *, by: UUID, at: datetime) -> int:
    """Put those who failed in the cohort with which they go again; return how many."""
    for candidacy_id in candidacies:
        assign_cohort(session, candidacy_id, cohort_id, by=by, at=at)
    return len(candidacies)
