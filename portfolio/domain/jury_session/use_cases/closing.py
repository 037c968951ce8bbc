"""Closing the minutes of a hearing: everything checked again, copied once, and what follows granted.

Recording what a closing wrote, last in its transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, literal, or_, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portfolio.calendar import day_of
from portfolio.db.engine import fetch_rows
from portfolio.domain.account.models import Person
from portfolio.domain.admissibility.use_cases.deadline_rulings import load_lapse_state
from portfolio.domain.assessment.rules import DefenceMinutes
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.facts import Lapse
from portfolio.domain.holdings.use_cases.facts import Noted
from portfolio.domain.holdings.use_cases.granting import GrantPreview as GrantPreview
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes, load_preview
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision, RecordedFinding
from portfolio.domain.jury.models.sessions import Hearing, HearingMember, JurySession
from portfolio.domain.jury.models.sittings import Sitting
from portfolio.domain.jury.rules.closing import closing_errors
from portfolio.domain.jury.rules.composition import PredicateAnswer
from portfolio.domain.jury.rules.deliberation import BlockValue, ClosingError, ClosingErrorCode
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal
from portfolio.domain.jury.rules.member_status import MemberState, deliberating
from portfolio.domain.jury.rules.sitting import DecisionDay, SittingEnding
from portfolio.domain.jury_session.use_cases.deliberation import check_president
from portfolio.domain.jury_session.use_cases.hearing_page import HearingPageData, hearing_page_data
from portfolio.domain.jury_session.use_cases.hearing_state import HearingState, load_hearing_state
from portfolio.domain.jury_session.use_cases.interview import defence_of
from portfolio.domain.jury_session.use_cases.loaders import require_not_adjourned, require_open
from portfolio.domain.jury_session.use_cases.minutes import find_recorded_answers
from portfolio.domain.jury_session.use_cases.new_version import require_not_returned
from portfolio.domain.jury_session.use_cases.sitting_record import noted_in, record_of
from portfolio.domain.jury_session.use_cases.sittings import EndingAct, add_sitting, sittings_to_record
from portfolio.domain.ledger.recording import MOMENT
from portfolio.domain.ledger.rules.acts import record_type_of
from portfolio.domain.ledger.tracking import record_with
from portfolio.errors import Refusal


def record_minutes(session: Session, minutes_id: UUID, *, at: datetime) -> None:
    """Record everything one closing wrote: the sitting, then minutes, decisions, findings, grants, the whole,
    certificates.

    One head covers all of it, and is the last one until something else happens. To be called last in the
    transaction: from here to the commit, every other closing waits.
    """
    session.flush()
    acts = fetch_rows(session, _ACTS, {"minutes": minutes_id})
    session.info[MOMENT] = at
    record_with(session, [(act, row.hex) for act, row in sorted(acts, key=lambda pair: _ORDER.index(pair[0]))])
    session.info[MOMENT] = at  # of what the same transaction may still write


_MINUTES = bindparam("minutes", type_=Uuid())
_OWN_GRANTS = select(Grant.id).where(Grant.minutes_id == _MINUTES)
_OWN_AWARDS = select(Award.id).where(Award.completed_by.in_(_OWN_GRANTS))
_OF_HEARING = select(Minutes.hearing_id).where(Minutes.id == _MINUTES).scalar_subquery()
_LAST = (SittingEnding.DECIDED, SittingEnding.ABSENT, SittingEnding.VOID)
_WRITTEN: tuple[tuple[Any, ColumnElement[bool]], ...] = (
    (Sitting, and_(Sitting.hearing_id == _OF_HEARING, Sitting.ending.in_(_LAST))),
    (Minutes, Minutes.id == _MINUTES),
    (RecordedDecision, RecordedDecision.minutes_id == _MINUTES),
    (RecordedFinding, RecordedFinding.minutes_id == _MINUTES),
    (Grant, Grant.minutes_id == _MINUTES),
    (Award, Award.completed_by.in_(_OWN_GRANTS)),
    (Certificate, or_(Certificate.grant_id.in_(_OWN_GRANTS), Certificate.award_id.in_(_OWN_AWARDS))),
)
_ORDER = [record_type_of(table.__tablename__) for table, _ in _WRITTEN]
_ACTS = union_all(
    *(select(literal(record_type_of(table.__tablename__)), table.id).where(own) for table, own in _WRITTEN)
)


def close(session: Session, hearing_id: UUID, deliberated_on: date | None = None, *, by: UUID, at: datetime) -> Minutes:
    """Close the minutes of a hearing, and grant what they make (R1, R3–R7, R13), in one transaction.

    `deliberated_on`: the day of the deliberation as the presidency states it, where no vote gives it and the sitting
    was on another day (domain §10). Raises Refusal: already closed, not the president, the dossier was returned for
    completion, or not ready (its facts carry the faults): the day, the composition, a finding, a ground, a decision or
    a reason is missing. Closing is signing: the caller has asked for the president's password again. For a candidate
    who did not come, the minutes say so, decide nothing, and leave the sealed dossier to another session.
    """
    hearing = lock_hearing(session, hearing_id)
    require_open(hearing)
    require_not_adjourned(session, hearing_id)
    require_not_returned(session, hearing)
    state = load_hearing_state(session, hearing_id, day_of(at), deliberated_on)
    check_president(state.sitting, by)
    faults = closing_errors(state.value, day_of(at))
    if faults:
        raise Refusal(JuryRefusal.NOT_READY, faults=faults)
    heard = hearing.attendance is Attendance.HEARD
    ending = SittingEnding.DECIDED if heard else SittingEnding.ABSENT
    minutes = write_minutes(session, state, EndingAct(ending, "", by, at), state.day.day if heard else state.day.sat_on)
    hearing.closed_at = at
    if not heard:
        hearing.is_current = None
    session.flush()
    if heard:
        grant_from_minutes(session, minutes.id, by=by, at=at, held=state.held)
    record_event(session, "hearing_closed", ("hearing", hearing_id), by=by, at=at, minutes=minutes.number)
    record_minutes(session, minutes.id, at=at)  # last: it takes the ledger's lock, which comes after every other one
    return minutes


@dataclass(frozen=True)
class ClosingPreview:
    """Preview of a closing: what prevents it; what would be granted, and why."""

    reading: HearingPageData
    answers: tuple[PredicateAnswer, ...]
    faults: tuple[ClosingError, ...]
    grants: GrantPreview
    attendance: Attendance
    sitting: tuple[MemberState, ...]
    checked: bool
    day: DecisionDay
    defence: DefenceMinutes | None = None

    @property
    def asks_day(self) -> bool:
        """Return whether the day of the deliberation alone is still to state, or to state otherwise."""
        codes = {fault.code for fault in self.faults}
        return bool(codes) and codes <= {ClosingErrorCode.DAY_MISSING, ClosingErrorCode.DAY_OUTSIDE}

    @property
    def deliberates(self) -> tuple[MemberState, ...]:
        """Return who deliberates, seat by seat."""
        return deliberating(self.sitting)


def preview_closing(
    session: Session, hearing_id: UUID, today: date, deliberated_on: date | None = None
) -> ClosingPreview:
    """Return what would be granted if the hearing were closed now, from the president's notes; nothing is written."""
    state = load_hearing_state(session, hearing_id, today, deliberated_on)
    closed = state.hearing.closed_at is not None
    answers = (find_recorded_answers(session, hearing_id) if closed else None) or state.value.answers
    irregular = [str(answer.id) for answer in answers if answer.prevents]
    faults = () if closed else closing_errors(state.value, today)
    checked = any(member_state.present is not None for member_state in state.sitting)
    noted = Noted(
        {
            block.id: decision.outcome
            for block in state.presented
            if (decision := state.value.decision_on(block.id)) is not None
        },
        {competency: finding.value for competency, finding in state.value.findings.items()},
    )
    lapse = _lapse(session, state, today)
    grants = load_preview(session, hearing_id, noted, irregular, lapse, on=state.day.day)
    jury = (state.value.attendance, state.sitting, checked, state.day)
    shown = (hearing_page_data(state), answers, faults, grants, *jury)
    return ClosingPreview(*shown, defence_of(session, hearing_id))


def _lapse(session: Session, state: HearingState, today: date) -> Lapse:
    """Return what R3 asks of the admissibility: kept in the minutes, so that no later reading of the delays changes
    a grant.
    """
    return Lapse(load_lapse_state(session, state.candidacy.id, today))


def lock_hearing(session: Session, hearing_id: UUID) -> Hearing:
    """Hold the session, the hearing, the candidacy and the candidate: nobody joins, saves, advises or grants meanwhile.

    The candidate is held before what they hold is read: once, for the jury and for the grants. The session is shared: a
    person who names a member waits, and another candidate's closing does not.
    """
    session_id = session.scalar(_SESSION_ID, {"hearing": hearing_id})
    jury = session.scalars(_SESSION, {"session": session_id}).one()
    hearing = session.scalars(_HEARING, {"hearing": hearing_id}).one()
    if hearing.session_id != session_id:  # moved meanwhile
        jury = session.scalars(_SESSION, {"session": hearing.session_id}).one()
    set_committed_value(hearing, "session", jury)
    candidacy = session.scalars(_CANDIDACY, {"submission": hearing.submission_id}).one()
    session.scalars(_CANDIDATE, {"person": candidacy.candidate_id}).one()
    return hearing


# The locks of a closing, in their order; built once.
_SESSION_ID = select(Hearing.session_id).where(Hearing.id == bindparam("hearing"))
_SESSION = select(JurySession).where(JurySession.id == bindparam("session")).with_for_update(read=True)
_HEARING = (
    select(Hearing)
    .where(Hearing.id == bindparam("hearing"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_CANDIDACY = (
    select(Candidacy)
    .join(Submission, Submission.candidacy_id == Candidacy.id)
    .where(Submission.id == bindparam("submission"))
    .with_for_update(read=True, of=Candidacy)
)
_CANDIDATE = select(Person).where(Person.id == bindparam("person")).with_for_update(key_share=True)


def write_minutes(session: Session, state: HearingState, act: EndingAct, decided_on: date) -> Minutes:
    """Copy a sitting into its minutes, behind those that ended before it, with what was decided unless it is void."""
    hearing, is_void = state.hearing, act.ending is SittingEnding.VOID
    blocks = [] if is_void else _blocks_to_write(state)
    former = sittings_to_record(session, hearing.id)
    minutes = Minutes(
        hearing_id=hearing.id,
        number=f"PV-{decided_on:%Y%m%d}-{hearing.id.hex[:10].upper()}",
        decided_on=decided_on,
        closed_at=act.at,
        closed_by=act.by,
        signed_at=act.at,
        attendance=hearing.attendance,
        root=hearing.submission.root,
        composition=record_of(session, state)
        | {"lapse": str(_lapse(session, state, day_of(act.at)))}
        | ({"stated_on": state.day.stated.isoformat()} if state.day.stated else {})
        | ({"sittings": former} if former else {})
        | _noted(session, state, act.ending),
        void_reason=act.reason if is_void else None,
        decisions=_decisions(state, blocks),
        findings=_findings(state, blocks),
    )
    session.add_all([minutes, *_members(state)])
    add_sitting(session, hearing, act, {})
    return minutes


def _noted(session: Session, state: HearingState, ending: SittingEnding) -> dict[str, Any]:
    """Return what was noted in a sitting that decides nothing: nothing disappears with it (domain §10)."""
    if ending is SittingEnding.DECIDED:
        return {}
    noted = noted_in(session, state)
    is_bare = ending is SittingEnding.ABSENT and set(noted) <= {"voters", "interview"}
    return {} if is_bare else noted | {"ending": str(ending)}


def _blocks_to_write(state: HearingState) -> list[BlockValue]:
    """Return the blocks the minutes tell: those decided, and one decided here but granted elsewhere meanwhile (R6).

    Such a decision grants nothing twice, yet it is a fact: were the other act annulled, this one would stand.
    """
    value = state.value
    if value.attendance is not Attendance.HEARD:
        return []
    decided = {block.id for block in value.blocks}
    return [block for block in state.presented if block.id in decided or not value.faults_of(block)]


def _decisions(state: HearingState, blocks: Sequence[BlockValue]) -> list[RecordedDecision]:
    decided = [(block.id, state.value.decision_on(block.id)) for block in blocks]
    return [
        RecordedDecision(
            block_id=block_id,
            outcome=decision.outcome,
            reason=decision.reason,
            override_reason=decision.override_reason,
            recommendation=decision.recommendation,
            no_recommendation=decision.no_recommendation or None,
            votes_for=decision.votes.in_favour,
            votes_against=decision.votes.against,
            votes_abstained=decision.votes.abstentions(state.value.voters),
            votes_presidency=decision.votes.presidency,
        )
        for block_id, decision in decided
        if decision is not None
    ]


def _findings(state: HearingState, blocks: Sequence[BlockValue]) -> list[RecordedFinding]:
    findings = [state.findings[competency.id] for block in blocks for competency in block.competencies]
    return [
        RecordedFinding(
            competency_id=finding.competency_id,
            value=finding.value,
            reason=finding.reason,
            ground=finding.ground,
            ground_text=finding.ground_text,
        )
        for finding in findings
    ]


def _members(state: HearingState) -> list[HearingMember]:
    """Record who belongs to the jury of this hearing, so that the session's seats can change for the hearings
    still open.
    """
    sat = {deliberate.person for deliberate in state.deliberates}
    return [
        HearingMember(
            hearing_id=state.hearing.id,
            person_id=member_state.person,
            seat=member_state.member.seat,
            place=member_state.member.place if member_state.member.place > 1 else None,
            rank=member_state.rank,
            display_name=member_state.member.name,
            deliberated=member_state.person in sat,
        )
        for member_state in state.sitting
    ]
