"""End a sitting: what it did is kept with its reason, and the next one begins with nothing (domain §10).

The rows of a hearing are those of the sitting under way; a suspension alone lets the same members go on with them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, false, func, or_, select, true, union, update
from sqlalchemy.orm import Session

from portfolio.domain.assessment.models import Defence
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.jury.models.deliberation import (
    Adjournment,
    AttendanceChange,
    Ballot,
    InterviewEntry,
    JurorOpinion,
    MemberVote,
    OpinionsGiven,
    OpinionsOpened,
    is_suspended,
)
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing, JuryMember, JurySession
from portfolio.domain.jury.models.sittings import Sitting
from portfolio.domain.jury.models.statements import MemberAttendance, Statement
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal
from portfolio.domain.jury.rules.member_status import SeatChange, voters_now
from portfolio.domain.jury.rules.sitting import SittingEnding, goes_on
from portfolio.domain.jury_session.use_cases.declarations import load_member_states, load_member_states_by_hearing
from portfolio.domain.jury_session.use_cases.hearing_state import load_hearing_state
from portfolio.domain.jury_session.use_cases.loaders import find_adjournment, list_sittings, quorum_of
from portfolio.domain.jury_session.use_cases.sitting_record import noted_in, record_of
from portfolio.errors import Refusal

# What a jury makes in a sitting: it belongs to those who sat, on that day. An opinion that is not given yet is its
# member's own.
MADE_IN_A_SITTING = (
    *(MemberAttendance, AttendanceChange, FindingDraft, DecisionDraft, OpinionsGiven, OpinionsOpened, InterviewEntry),
    *(Ballot, Adjournment),
)
_OF_THE_DEFENCE = (
    Defence.hearing_id == Hearing.id,
    Defence.recorded_at >= func.coalesce(Hearing.sits_since, Defence.recorded_at),
)


def is_begun() -> ColumnElement[bool]:
    """Return the condition of a hearing whose sitting under way has made something."""
    return or_(
        *(exists().where(table.hearing_id == Hearing.id).correlate(Hearing) for table in MADE_IN_A_SITTING),
        exists().where(*_OF_THE_DEFENCE).correlate_except(Defence),
    )


def begun_among(session: Session, hearings: Collection[UUID]) -> set[UUID]:
    """Return which of these hearings have a sitting under way that has made something, in one statement."""
    return begun_and_acted_on(session, hearings)[0]


def begun_and_acted_on(session: Session, hearings: Collection[UUID]) -> tuple[set[UUID], set[UUID]]:
    """Return the hearings whose sitting under way has made something, and those for which a jury stated, checked or
    made something, now or in a sitting that ended: these are not taken off the list. In one statement.
    """
    made = [select(table.hearing_id, true()).where(table.hearing_id.in_(hearings)) for table in MADE_IN_A_SITTING]
    defended = select(Hearing.id, true()).where(Hearing.id.in_(hearings), exists().where(*_OF_THE_DEFENCE))
    others = (Statement, Sitting, JurorOpinion)
    said = [select(table.hearing_id, false()).where(table.hearing_id.in_(hearings)) for table in others]
    rows = session.execute(union(*made, defended, *said)).all()
    return {hearing for hearing, is_made in rows if is_made}, {hearing for hearing, _ in rows}


@dataclass(frozen=True, slots=True)
class EndingAct:
    """An act that ends sittings: how they end, why, by whom and when."""

    ending: SittingEnding
    reason: str
    by: UUID
    at: datetime


def end_sittings(
    session: Session, hearings: Collection[Hearing], act: EndingAct, *, is_resumable: bool
) -> list[Sitting]:
    """End the sittings under way of these hearings that have made something, and begin the next ones empty; return what
    the caller records last in the ledger, once `require_reason` accepts it.

    `is_resumable`: a suspended sitting has ended already, and waits as it is for who resumes it.
    """
    session.flush()
    begun = begun_among(session, [hearing.id for hearing in hearings])
    chosen = [
        hearing
        for hearing in hearings
        if hearing.id in begun
        and hearing.closed_at is None
        and not (is_resumable and find_adjournment(session, hearing.id) is not None)
    ]
    return [end_sitting(session, hearing, act) for hearing in sorted(chosen, key=lambda row: row.id)]


def end_under_way(
    session: Session, jury: JurySession, act: EndingAct, change: SeatChange | None = None
) -> list[Sitting]:
    """End the sittings under way of a session whose day changes, or those whose members a seat changes; return what
    is recorded last.
    """
    hearings = session.scalars(select(Hearing).where(Hearing.session_id == jury.id, Hearing.closed_at.is_(None))).all()
    if change is not None and change.rank:
        sittings = load_member_states_by_hearing(session, hearings, [jury])
        hearings = [hearing for hearing in hearings if change.changes(sittings[hearing.id])]
    return end_sittings(session, hearings, act, is_resumable=True)


def require_reason(session: Session, ended: Collection[Sitting], reason: str) -> None:
    """Raise Refusal when sittings end without a reason: it names the candidates whose jury has begun.

    The last check of an act: nobody is asked why they do what is refused for another cause.
    """
    if ended and not reason.strip():
        raise Refusal(JuryRefusal.SITTING_ENDS, who=candidates_of(session, [sitting.hearing_id for sitting in ended]))


def candidates_under_way(session: Session, session_id: UUID) -> tuple[str, ...]:
    """Return the names of the candidates whose sitting another day or another member would end, in one query."""
    query = select(Candidacy).join(Submission).join(Hearing).where(Hearing.session_id == session_id)
    under_way = query.where(Hearing.closed_at.is_(None), is_begun(), ~is_suspended())
    return tuple(sorted(candidacy.candidate_name for candidacy in session.scalars(under_way)))


def candidates_of(session: Session, hearings: Collection[UUID]) -> tuple[str, ...]:
    """Return the names of the candidates of these hearings, in alphabetical order."""
    query = select(Candidacy).join(Submission).join(Hearing).where(Hearing.id.in_(hearings))
    return tuple(sorted(candidacy.candidate_name for candidacy in session.scalars(query)))


def end_sitting(session: Session, hearing: Hearing, act: EndingAct) -> Sitting:
    """End the sitting under way of a hearing, and begin the next one empty."""
    row = keep_sitting(session, hearing, act)
    _empty(session, hearing, act.at)
    return row


def keep_sitting(session: Session, hearing: Hearing, act: EndingAct) -> Sitting:
    """Keep what the sitting under way did, and how it ended; what a suspended one did is kept with its suspension."""
    session.flush()
    suspended = act.ending is not SittingEnding.SUSPENDED and find_adjournment(session, hearing.id) is not None
    record = {} if suspended else _record(session, hearing.id)
    row = add_sitting(session, hearing, act, record)
    facts = {"ending": act.ending, "number": row.number}
    record_event(session, "sitting_ended", ("hearing", hearing.id), by=act.by, at=act.at, **facts)
    return row


def add_sitting(session: Session, hearing: Hearing, act: EndingAct, record: dict[str, Any]) -> Sitting:
    """Write the row of a sitting that ends."""
    number = session.scalars(select(func.count()).select_from(Sitting).where(Sitting.hearing_id == hearing.id)).one()
    row = Sitting(
        hearing_id=hearing.id,
        number=number + 1,
        session_id=hearing.session_id,
        held_on=hearing.sitting_day,
        ended_at=act.at,
        ended_by=act.by,
        ending=act.ending,
        reason=act.reason.strip(),
        record=record,
    )
    session.add(row)
    session.flush()
    return row


def _record(session: Session, hearing_id: UUID) -> dict[str, Any]:
    state = load_hearing_state(session, hearing_id)
    return record_of(session, state) | noted_in(session, state)


def _empty(session: Session, hearing: Hearing, at: datetime) -> None:
    """Take away what belongs to the sitting that ended; each member keeps their own opinions, to give again."""
    for attendance in session.scalars(select(MemberAttendance).where(MemberAttendance.hearing_id == hearing.id)):
        session.delete(attendance)
    _delete_ballots(session, hearing.id)
    for table in (FindingDraft, DecisionDraft, OpinionsGiven, OpinionsOpened, InterviewEntry, Adjournment):
        session.execute(delete(table).where(table.hearing_id == hearing.id))
    session.execute(delete(AttendanceChange).where(AttendanceChange.hearing_id == hearing.id))
    hearing.attendance, hearing.sits_on, hearing.sits_since = Attendance.HEARD, None, at
    session.flush()


def forget_opinions_of_others(session: Session, jury: JurySession) -> None:
    """Delete the opinions on the candidates still to decide of those who do not sit in this session any more."""
    session.flush()
    still = select(Hearing.id).where(Hearing.session_id == jury.id, Hearing.closed_at.is_(None))
    seated = select(JuryMember.person_id).where(JuryMember.session_id == jury.id)
    for table in (JurorOpinion, OpinionsGiven):
        session.execute(delete(table).where(table.hearing_id.in_(still), table.person_id.not_in(seated)))


def _delete_ballots(session: Session, hearing_id: UUID) -> None:
    ballots = select(Ballot.id).where(Ballot.hearing_id == hearing_id)
    session.execute(delete(MemberVote).where(MemberVote.ballot_id.in_(ballots)))
    session.execute(delete(Ballot).where(Ballot.hearing_id == hearing_id))


def go_on(session: Session, hearing: Hearing, at: datetime) -> bool:
    """Go on with what a suspended sitting had, and return whether the same members do.

    With others, each draft is to confirm, each ballot to take again, and the interview and the opinions given stay with
    the sitting that ended: each member keeps their own opinions, to give again.
    """
    members = load_member_states(session, hearing)
    now = {str(person) for person in voters_now(members, quorum_of(session, hearing))}
    former = _voters_of(_last(session, hearing.id))
    if former is None or goes_on(former, now):
        return True
    _delete_ballots(session, hearing.id)
    for table in (FindingDraft, DecisionDraft):
        own = table.hearing_id == hearing.id
        session.execute(update(table).where(own, table.voters.is_(None)).values(voters=""))
    counts = dict.fromkeys(("votes_for", "votes_against", "votes_abstained", "votes_presidency"))
    session.execute(update(DecisionDraft).where(DecisionDraft.hearing_id == hearing.id).values(counts))
    for made in (OpinionsGiven, OpinionsOpened, InterviewEntry):
        session.execute(delete(made).where(made.hearing_id == hearing.id))
    hearing.sits_since = at
    session.flush()
    session.expire_all()
    return False


def _voters_of(sitting: Sitting | None) -> set[str] | None:
    """Return who could vote in a sitting that ended; None where it was not recorded."""
    if sitting is None or "voters" not in sitting.record:
        return None
    return set(sitting.record["voters"])


def _last(session: Session, hearing_id: UUID) -> Sitting | None:
    rows = list_sittings(session, hearing_id)
    return next((row for row in reversed(rows) if row.record), None)


def sittings_to_record(session: Session, hearing_id: UUID) -> list[dict[str, Any]]:
    """Return the sittings that ended as the minutes record them: the day, the place, how and why each ended, and what
    it did.
    """
    rows = session.execute(
        select(Sitting, JurySession.place).join(JurySession, JurySession.id == Sitting.session_id)
        .where(Sitting.hearing_id == hearing_id).order_by(Sitting.number)
    )  # fmt: skip
    return [
        {"held_on": row.held_on.isoformat(), "place": place, "ended_at": row.ended_at.isoformat()}
        | {"ending": str(row.ending), "reason": row.reason, "record": row.record}
        for row, place in rows
    ]
