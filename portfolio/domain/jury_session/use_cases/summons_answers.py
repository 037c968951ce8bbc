"""Answers to a summons, and the letter to the substitute who sits when the holder of the seat does not come."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.models.statements import Summons
from portfolio.domain.jury.rules.passage import CalendarMethod, SummonedAs, SummonsAnswer, is_outdated
from portfolio.domain.jury_session.use_cases.declarations import load_member_states_by_hearing
from portfolio.domain.jury_session.use_cases.letters import notify_standing_in
from portfolio.domain.jury_session.use_cases.summons import event_of


def answer_summons(session: Session, row: Summons, answer: SummonsAnswer, *, by: UUID | None, at: datetime) -> None:
    """Record what a person answers, by their link or to the body; the same answer twice is one.

    A cancelled summons has none. The substitute who sits from now on is written to, and one who no longer does.
    """
    if row.method is CalendarMethod.CANCEL or row.answer is answer:
        return
    before = row.answer
    row.answer, row.answered_at, row.answered_by, row.run_after = answer, at, by, None
    session.flush()
    if row.summoned_as is SummonedAs.JUROR:
        _write_to_substitutes(session, row, before, at=at)
    record_event(session, "summons_answered", ("summons", row.id), by=by or row.person_id, at=at, answer=answer)


def _write_to_substitutes(session: Session, row: Summons, before: SummonsAnswer | None, *, at: datetime) -> None:
    jury = session.get_one(JurySession, row.session_id)
    seat = _seat_of(jury, row.person_id)
    if len(seat) < 2 or seat[0].rank or is_outdated(row.to_value(), event_of(jury)):
        return
    excluded = _excluded(session, jury)
    answers = {member.person_id: _answer(member, jury) for member in seat}
    former = _called(seat, answers | {row.person_id: before}, excluded)
    called = _called(seat, answers, excluded)
    if called is former:
        return
    if called is not None:
        notify_standing_in(session, called, jury, seat[0], sits=True, at=at)
    if former is not None and former.person_id != row.person_id:
        notify_standing_in(session, former, jury, seat[0], sits=False, at=at)


def _seat_of(jury: JurySession, person_id: UUID) -> list[JuryMember]:
    """Return the holder and the substitutes of the seat of a person, in the order in which they are called."""
    own = next((member for member in jury.members if member.person_id == person_id), None)
    if own is None:
        return []
    shared = (member for member in jury.members if (member.seat, member.place) == (own.seat, own.place))
    return sorted(shared, key=lambda member: member.rank)


def _answer(member: JuryMember, jury: JurySession) -> SummonsAnswer | None:
    """Return what a member answered about the day as it stands."""
    row = member.summons
    return None if row is None or is_outdated(row.to_value(), event_of(jury)) else row.answer


def _called(
    seat: Sequence[JuryMember], answers: Mapping[UUID, SummonsAnswer | None], excluded: frozenset[UUID]
) -> JuryMember | None:
    """Return the substitute called to a seat whose holder does not come: the first who comes, else the first who
    has not answered.
    """
    holder, *substitutes = seat
    if answers[holder.person_id] is not SummonsAnswer.CANNOT_COME:
        return None
    able = [member for member in substitutes if member.person_id not in excluded]
    coming = [member for member in able if answers[member.person_id] is SummonsAnswer.RECEIVED]
    silent = [member for member in able if answers[member.person_id] is None]
    return next(iter([*coming, *silent]), None)


def _excluded(session: Session, jury: JurySession) -> frozenset[UUID]:
    """Return who is recused or barred before each candidate who is not decided."""
    query = select(Hearing).where(Hearing.session_id == jury.id, Hearing.closed_at.is_(None))
    sittings = load_member_states_by_hearing(session, session.scalars(query).all(), [jury]).values()
    excluded = [frozenset(state.person for state in sitting if state.is_excluded) for sitting in sittings]
    return frozenset.intersection(*excluded) if excluded else frozenset()
