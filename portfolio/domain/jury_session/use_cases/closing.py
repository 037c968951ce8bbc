"""Closing the minutes of a hearing: everything checked again, copied once, and what follows granted.

Recording what a closing wrote, last in its transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, literal, or_, select, union_all
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
from portfolio.domain.jury.rules.closing import closing_errors
from portfolio.domain.jury.rules.composition import CandidateValue, Composition, PredicateAnswer, is_external, place_in
from portfolio.domain.jury.rules.conditions import record_of
from portfolio.domain.jury.rules.deliberation import BlockValue, ClosingError
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal, RelationAsked, StatementKind
from portfolio.domain.jury.rules.member_status import MemberState, deliberating
from portfolio.domain.jury_session.use_cases.ballots import course_to_record
from portfolio.domain.jury_session.use_cases.deliberation import check_president
from portfolio.domain.jury_session.use_cases.hearing_page import HearingPageData, hearing_page_data
from portfolio.domain.jury_session.use_cases.hearing_state import HearingState, load_hearing_state
from portfolio.domain.jury_session.use_cases.interview import defence_of, entries_to_record
from portfolio.domain.jury_session.use_cases.loaders import (
    ballots_to_record,
    composition_of,
    require_not_adjourned,
    rule_of_hearing,
)
from portfolio.domain.jury_session.use_cases.minutes import find_recorded_answers
from portfolio.domain.jury_session.use_cases.new_version import require_not_returned
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
_WRITTEN: tuple[tuple[Any, ColumnElement[bool]], ...] = (
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


def close(session: Session, hearing_id: UUID, *, by: UUID, at: datetime) -> Minutes:
    """Close the minutes of a hearing, and grant what they make (R1, R3–R7, R13), in one transaction.

    Raises Refusal: already closed, not the president, the dossier was returned for completion, or not ready
    (its facts carry the faults): the day, the composition, a finding, a ground, a decision or a reason is
    missing. Closing is signing: the caller has asked for the president's password again. For a candidate who
    did not come, the minutes say so, decide nothing, and leave the sealed dossier to another session.
    """
    hearing = lock_hearing(session, hearing_id)
    if hearing.closed_at is not None:
        raise Refusal(JuryRefusal.ALREADY_CLOSED)
    if hearing.session.cancelled_at is not None:
        raise Refusal(JuryRefusal.SESSION_CANCELLED, day=hearing.session.held_on.isoformat())
    require_not_adjourned(session, hearing_id)
    require_not_returned(session, hearing)
    state = load_hearing_state(session, hearing_id)
    check_president(state.sitting, by)
    faults = closing_errors(state.value, day_of(at))
    if faults:
        raise Refusal(JuryRefusal.NOT_READY, faults=faults)
    minutes = write_minutes(session, state, decided_on=hearing.session.held_on, by=by, at=at)
    hearing.closed_at = at
    if hearing.attendance is not Attendance.HEARD:
        hearing.is_current = None
    session.flush()
    if hearing.attendance is Attendance.HEARD:
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
    defence: DefenceMinutes | None = None

    @property
    def deliberates(self) -> tuple[MemberState, ...]:
        """Return who deliberates, seat by seat."""
        return deliberating(self.sitting)


def preview_closing(session: Session, hearing_id: UUID, today: date) -> ClosingPreview:
    """Return what would be granted if the hearing were closed now, from the president's notes; nothing is written."""
    state = load_hearing_state(session, hearing_id)
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
    grants = load_preview(session, hearing_id, noted, irregular, _lapse(session, state, today))
    shown = (hearing_page_data(state), answers, faults, grants, state.value.attendance, state.sitting, checked)
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


def write_minutes(
    session: Session, state: HearingState, *, decided_on: date, by: UUID, at: datetime, void_reason: str | None = None
) -> Minutes:
    """Copy a sitting into its minutes, with what was decided unless it has no effect."""
    hearing = state.hearing
    blocks = [] if void_reason else _blocks_to_write(state)
    minutes = Minutes(
        hearing_id=hearing.id,
        number=f"PV-{hearing.session.held_on:%Y%m%d}-{hearing.id.hex[:10].upper()}",
        decided_on=decided_on,
        closed_at=at,
        closed_by=by,
        signed_at=at,
        attendance=hearing.attendance,
        root=hearing.submission.root,
        composition=_composition(state)
        | {"lapse": str(_lapse(session, state, day_of(at)))}
        | _defence(session, state)
        | _course(session, state),
        void_reason=void_reason,
        decisions=_decisions(state, blocks),
        findings=_findings(state, blocks),
    )
    session.add_all([minutes, *_members(state)])
    session.flush()
    return minutes


def _defence(session: Session, standing: HearingState) -> dict[str, Any]:
    """Copy how long the defence lasted; nothing for a candidate who was not heard, or defended nothing."""
    lasted = defence_of(session, standing.hearing.id) if standing.value.attendance is Attendance.HEARD else None
    return {"defence": {"presentation": lasted.presentation, "questions": lasted.questions}} if lasted else {}


def _course(session: Session, standing: HearingState) -> dict[str, Any]:
    """Copy the interview sheet, the ballots and the course of the deliberation, where there are any."""
    entries = entries_to_record(session, standing.hearing, standing.sitting)
    course = course_to_record(session, standing.hearing, standing.sitting)
    numbers = {block.id: block.number for block in standing.blocks}
    if ballots := ballots_to_record(session, standing.hearing.id, numbers):
        course["ballots"] = ballots
    return ({"interview": entries} if entries else {}) | ({"course": course} if course else {})


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


def _composition(state: HearingState) -> dict[str, Any]:
    """Return the snapshot that a court would ask for: who sat, as what, what each declared, and what each predicate
    answered.
    """
    jury = state.hearing.session
    rule = rule_of_hearing(state.hearing)
    seated = sorted(state.deliberates, key=lambda member_state: place_in(rule, member_state.member))
    sat = {member_state.person for member_state in seated}
    composition = composition_of(jury, CandidateValue(state.candidacy.candidate_id, state.candidacy.candidate_name))
    qualities = {member.person_id: member.quality for member in jury.members}
    members = [_member(member, composition, qualities[member.person]) for member in seated]
    others = [
        _member(member, composition, qualities[member.person]) for member in state.sitting if member.person not in sat
    ]
    return {
        "held_on": jury.held_on.isoformat(),
        "place": jury.place,
        "candidate": str(state.value.attendance),
        "parity_reason": jury.parity_reason,
        "quorum": rule.quorum,
        **({} if rule.casting_vote else {"casting_vote": False}),
        "external_months": jury.external_months,
        "members": members,
        "others": others,
        "predicates": [record_of(answer) for answer in state.value.answers],
    }


def _member(member_state: MemberState, composition: Composition, quality: str) -> dict[str, Any]:
    return {
        "person": str(member_state.person),
        "name": member_state.member.name,
        "seat": str(member_state.member.seat),
        **({"place": member_state.member.place} if member_state.member.place > 1 else {}),
        **({"trade": member_state.member.trade} if member_state.member.is_professional else {}),
        **({"seat_proof": proof} if (proof := _seat_proof(member_state)) else {}),
        "substitute": member_state.rank > 0,
        "quality": quality,
        "college": str(member_state.member.college),
        "external": is_external(member_state.member, composition),
        **({"directs": True} if member_state.member.directs_body else {}),
        "ties": str(member_state.member.settled_ties),
        "qualified": member_state.member.qualified,
        "present": bool(member_state.present),
        "statements": {
            str(kind): {"at": statement.at.isoformat(), "on_paper": statement.on_paper}
            | ({"signed_on": statement.signed_on.isoformat()} if statement.signed_on else {})
            | ({} if statement.relation is RelationAsked.ANY else {"relation": str(statement.relation)})
            | (
                {"opened": statement.opened_exhibits, "of": statement.sealed_exhibits}
                if statement.opened_exhibits is not None
                else {}
            )
            for kind in _kinds_of(member_state)
            if (statement := member_state.said(kind)) is not None
        },
    }


def _seat_proof(member_state: MemberState) -> dict[str, str]:
    """Return what shows that a member is who their seat asks for: who appointed them and when, what shows
    their quality.
    """
    proof = member_state.member.seat_proof
    if proof is None:
        return {}
    day = proof.appointed_on.isoformat() if proof.appointed_on else ""
    told = {"appointed_by": proof.appointed_by, "appointed_on": day, "quality_basis": proof.quality_basis}
    return {name: value for name, value in told.items() if value}


def _kinds_of(member_state: MemberState) -> list[StatementKind]:
    """List what the minutes tell of a member: a recusal withdrawn and made again is a recusal."""
    again = member_state.said(StatementKind.RECUSAL) is not None
    return [kind for kind in StatementKind if kind is not StatementKind.RECUSAL_WITHDRAWN or not again]
