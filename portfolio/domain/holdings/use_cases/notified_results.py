"""Results that no notification has given yet: the candidate and the advisor read a result with its letter, not before.

Findings of juries on a competency of a candidacy, after notification of the result.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, exists, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from portfolio.db.engine import fetch_rows, read_once
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.candidacy.rules.deadlines import DeadlineKind, Regime, deadlines_for
from portfolio.domain.candidacy.rules.opening import regime_for
from portfolio.domain.certification.models import Block, CertificationVersion, Competency
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.holdings.models.events import (
    Equivalence,
    EquivalenceSide,
    GrantStatusChange,
    GroupEquivalenceBlock,
    ResultNotification,
    bears_on,
)
from portfolio.domain.holdings.models.grants import Award, Grant
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.jury.models.deliberation import (
    AbsenceLetter,
    Minutes,
    MinutesRectification,
    RecordedDecision,
    RecordedFinding,
)
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import FindingValue


def awaits_notification(minutes_id: Any) -> ColumnElement[bool]:
    """Return the SQL condition: these minutes hold decisions, and no notification gave them to the candidate."""
    decided = exists().where(RecordedDecision.minutes_id == minutes_id)
    return decided & ~exists().where(ResultNotification.minutes_id == minutes_id)


@dataclass(frozen=True, slots=True)
class AwaitedNotification:
    """A decision that waits for its notification: the day of the jury, and the last day of the letter if the
    law sets one.
    """

    decided_on: date
    until: date | None


def find_awaited_notification(session: Session, candidacy_id: UUID) -> AwaitedNotification | None:
    """Return the first decision of a candidacy that waits for its notification (R6412-7); None when there is none."""
    query = _minutes_of_candidacies().where(Candidacy.id == candidacy_id, awaits_notification(Minutes.id))
    row = session.execute(query.order_by(Minutes.decided_on, Minutes.closed_at).limit(1)).first()
    if row is None:
        return None
    return awaited_notification(*row)


def awaited_notification(route: Route, regime: Regime, admissible_on: date, decided_on: date) -> AwaitedNotification:
    """Return what waits when the decisions of a day were not notified."""
    clocks = deadlines_for(regime_for(route, regime), admissible_on, decided_on=decided_on)
    return AwaitedNotification(
        decided_on, next((clock.until for clock in clocks if clock.kind is DeadlineKind.NOTIFICATION), None)
    )


class ClosedMinutes(NamedTuple):
    """Closed minutes of a candidacy: the number of the deposit, theirs, when they closed, why they have no effect if
    so, whether they decided on a block; and the letters that told their result or an absence, if they left.
    """

    number: int
    minutes: str
    minutes_id: UUID
    hearing_id: UUID
    decided_on: date
    closed_at: datetime
    void_reason: str | None
    has_decided: bool
    is_rectified: bool
    # Whether a later act bears on what they decided.
    is_followed: bool
    notified_at: datetime | None
    absence_written_at: datetime | None

    @property
    def awaits_notification(self) -> bool:
        """Return whether they hold decisions, and no notification gave them to the candidate."""
        return self.has_decided and self.notified_at is None


def is_followed() -> ColumnElement[bool]:
    """Return whether a later act bears on what the minutes of the row decided (R10–R12)."""
    granted = select(Grant.id).where(Grant.minutes_id == Minutes.id).correlate(Minutes)
    act = or_(GrantStatusChange.minutes_id == Minutes.id, GrantStatusChange.grant_id.in_(granted))
    return exists().where(act).correlate(Minutes)


_CLOSED = (
    select(Submission.number, Minutes.number, Minutes.id, Minutes.hearing_id, Minutes.decided_on, Minutes.closed_at)
    .add_columns(Minutes.void_reason, exists().where(RecordedDecision.minutes_id == Minutes.id))
    .add_columns(exists().where(MinutesRectification.minutes_id == Minutes.id))
    .add_columns(is_followed())
    .add_columns(ResultNotification.notified_at, AbsenceLetter.written_at)
    .join(Hearing, Hearing.submission_id == Submission.id)
    .join(Minutes, Minutes.hearing_id == Hearing.id)
    .outerjoin(ResultNotification, ResultNotification.minutes_id == Minutes.id)
    .outerjoin(AbsenceLetter, AbsenceLetter.minutes_id == Minutes.id)
    .where(Submission.candidacy_id == bindparam("candidacy"))
    .order_by(Submission.number, Minutes.closed_at)
)


@read_once
def list_closed_minutes(session: Session, candidacy_id: UUID) -> list[ClosedMinutes]:
    """List the closed minutes of a candidacy, the first deposit first."""
    return [ClosedMinutes(*row) for row in fetch_rows(session, _CLOSED, {"candidacy": candidacy_id})]


@dataclass(frozen=True, slots=True)
class EarlierDecision:
    """A decision that waits for its notification while a later one is to be told: its minutes, and the
    deposit that they decided.
    """

    minutes: str
    decided_on: date
    candidacy_id: UUID
    number: int


def find_earlier_decision(session: Session, minutes: Minutes) -> EarlierDecision | None:
    """Return the first decision on the same person that was closed before these minutes and waits for its notification,
    on the same certification or on one that an equivalence links to it: a letter says where every block stands.
    """
    candidacy = minutes.hearing.submission.candidacy
    own = candidacy.version.certification_id
    row = session.execute(
        select(Minutes.number, Minutes.decided_on, Candidacy.id, Submission.number)
        .join(Minutes.hearing)
        .join(Hearing.submission)
        .join(Submission.candidacy)
        .join(Candidacy.version)
        .where(
            Candidacy.candidate_id == candidacy.candidate_id,
            or_(CertificationVersion.certification_id == own, _is_linked(CertificationVersion.certification_id, own)),
            Minutes.closed_at < minutes.closed_at,
            awaits_notification(Minutes.id),
        )
        .order_by(Minutes.closed_at)
        .limit(1)
    ).first()
    return None if row is None else EarlierDecision(*row)


def _is_linked(one: Any, other: UUID) -> ColumnElement[bool]:
    """Return the SQL condition: some equivalence was ever ruled between blocks of these two certifications."""
    held, aim = aliased(GroupEquivalenceBlock), aliased(GroupEquivalenceBlock)
    groups = (
        select(held.block_id, aim.block_id)
        .join(aim, aim.equivalence_id == held.equivalence_id)
        .where(held.side == EquivalenceSide.HELD, aim.side == EquivalenceSide.COUNTS_FOR)
    )
    ruled = union_all(select(Equivalence.held_block_id, Equivalence.granted_block_id), groups).subquery()
    first, second = aliased(Block), aliased(Block)
    of_first, of_second = aliased(CertificationVersion), aliased(CertificationVersion)
    pair = (of_first.certification_id, of_second.certification_id)
    return (
        exists()
        .select_from(ruled)
        .where(
            *(first.id == ruled.c[0], of_first.id == first.version_id),
            *(second.id == ruled.c[1], of_second.id == second.version_id),
            or_((pair[0] == one) & (pair[1] == other), (pair[0] == other) & (pair[1] == one)),
        )
    )


def _minutes_of_candidacies() -> Select[Any, Any, Any, date]:
    return (
        select(Candidacy.route, Candidacy.regime, Candidacy.admissible_on, Minutes.decided_on)
        .join(Submission, Submission.candidacy_id == Candidacy.id)
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
    )


def grants_unnotified(session: Session, person_id: UUID) -> bool:
    """Return whether a block was granted to this person by minutes that wait for their notification."""
    query = select(Grant.id).where(Grant.person_id == person_id, awaits_notification(Grant.minutes_id))
    return session.scalar(query.limit(1)) is not None


def award_is_notified(telling: UUID | None = None) -> ColumnElement[bool]:
    """Return the SQL condition: the holder may read the award of the row; every grant recorded before it was notified,
    or needs no letter. The grants of the minutes that a letter is `telling` count as notified.
    """
    earlier = (Grant.person_id == Award.person_id, Grant.recorded_at <= Award.recorded_at)
    waits = awaits_notification(Grant.minutes_id)
    if telling is not None:
        waits = waits & (Grant.minutes_id != telling)
    return ~exists().where(*earlier, waits).correlate(Award)


def certificate_is_notified(session: Session, grant_id: UUID | None, award_id: UUID | None) -> bool:
    """Return whether the holder of a certificate may read it: the result that it certifies was notified."""
    if award_id is not None:
        return session.scalar(select(Award.id).where(Award.id == award_id, award_is_notified())) is not None
    waits = select(Grant.id).where(Grant.id == grant_id, awaits_notification(Grant.minutes_id))
    return session.scalar(waits) is None


def last_notified_finding(
    candidacy_id: ColumnElement[UUID], competency_id: ColumnElement[UUID]
) -> ScalarSelect[FindingValue]:
    """Return the SQL value: what the last jury of a candidacy found on a competency, NULL when none spoke of it.

    A decision that waits for its notification, or that was annulled, says nothing.
    """
    found_on = aliased(Competency)
    annulled = exists().where(
        bears_on(GrantStatusChange, Minutes.id, found_on.block_id), GrantStatusChange.kind == StatusChangeKind.ANNULMENT
    )
    return (
        select(RecordedFinding.value)
        .join(found_on, found_on.id == RecordedFinding.competency_id)
        .join(Minutes, Minutes.id == RecordedFinding.minutes_id)
        .join(Minutes.hearing)
        .join(Hearing.submission)
        .where(Submission.candidacy_id == candidacy_id, RecordedFinding.competency_id == competency_id)
        .where(~awaits_notification(Minutes.id), ~annulled)
        .order_by(Minutes.decided_on.desc(), Minutes.closed_at.desc())
        .limit(1)
        .correlate(candidacy_id.table, competency_id.table)
        .scalar_subquery()
    )
