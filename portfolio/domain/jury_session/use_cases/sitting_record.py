"""A sitting as it is kept: who sat and as what, what each declared, what was noted, voted and heard."""

from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from portfolio.db.together import side_by_side
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing
from portfolio.domain.jury.rules.composition import CandidateValue, Composition, is_external, place_in
from portfolio.domain.jury.rules.conditions import record_of as record_of_answer
from portfolio.domain.jury.rules.deliberation import DecisionRecord, FindingRecord
from portfolio.domain.jury.rules.enums import Attendance, RelationAsked, StatementKind
from portfolio.domain.jury.rules.member_status import MemberState, voters_now
from portfolio.domain.jury_session.use_cases.course import course_to_record
from portfolio.domain.jury_session.use_cases.hearing_state import HearingState
from portfolio.domain.jury_session.use_cases.interview import defence_of, entries_to_record
from portfolio.domain.jury_session.use_cases.loaders import ballots_to_record, composition_of, rule_of_hearing

# Everything that a presidency saved in a sitting; asked when it ends, so built once.
_NOTED = side_by_side(
    Hearing,
    (FindingDraft, FindingDraft.hearing_id == Hearing.id),
    (DecisionDraft, DecisionDraft.hearing_id == Hearing.id),
).where(Hearing.id == bindparam("hearing"))


def record_of(session: Session, state: HearingState) -> dict[str, Any]:
    """Return a sitting as it stands: its composition, its interview, its ballots, its course."""
    return _composition(state) | _defence(session, state) | _course(session, state)


def noted_in(session: Session, state: HearingState) -> dict[str, Any]:
    """Return who could vote in a sitting, and all that was noted in it, by the labels of the certification: also by
    someone recused since, whose notes the jury that goes on does not read.
    """
    labels = {competency.id: competency.label for block in state.presented for competency in block.competencies}
    numbers = {block.id: block.number for block in state.presented}
    drafted = session.execute(_NOTED, {"hearing": state.hearing.id}).all()
    findings = {labels[row.competency_id]: row.to_value() for row, _ in drafted if row and row.competency_id in labels}
    decisions = {numbers[row.block_id]: row.to_value() for _, row in drafted if row and row.block_id in numbers}
    entries = entries_to_record(session, state.hearing, state.sitting, with_excluded=True)
    quorum = rule_of_hearing(state.hearing).quorum
    noted: dict[str, Any] = {"voters": sorted(str(person) for person in voters_now(state.sitting, quorum))}
    if findings:
        noted["findings"] = [_finding(label, findings[label]) for label in sorted(findings)]
    if decisions:
        noted["decisions"] = [_decision(number, decisions[number]) for number in sorted(decisions)]
    return noted | ({"interview": entries} if entries else {})


def _finding(label: str, record: FindingRecord) -> dict[str, Any]:
    texts = {"reason": record.reason, "ground": str(record.ground or ""), "ground_text": record.ground_text}
    return {"competency": label, "value": str(record.value)} | {name: text for name, text in texts.items() if text}


def _decision(number: int, record: DecisionRecord) -> dict[str, Any]:
    texts = {"reason": record.reason, "override_reason": record.override_reason}
    texts |= {"recommendation": record.recommendation, "presidency": str(record.votes.presidency or "")}
    counts = {
        "in_favour": record.votes.in_favour, "against": record.votes.against, "abstained": record.votes.abstained
    }  # fmt: skip
    told = {name: text for name, text in texts.items() if text}
    told_counts = {name: count for name, count in counts.items() if count is not None}
    return {"block": number, "outcome": str(record.outcome), **told, **told_counts}


def _defence(session: Session, state: HearingState) -> dict[str, Any]:
    """Copy how long the defence lasted; nothing for a candidate who was not heard, or defended nothing."""
    lasted = defence_of(session, state.hearing.id) if state.value.attendance is Attendance.HEARD else None
    return {"defence": {"presentation": lasted.presentation, "questions": lasted.questions}} if lasted else {}


def _course(session: Session, state: HearingState) -> dict[str, Any]:
    """Copy the interview sheet, the ballots and the course of the deliberation, where there are any."""
    entries = entries_to_record(session, state.hearing, state.sitting)
    course = course_to_record(session, state.hearing, state.sitting)
    numbers = {block.id: block.number for block in state.blocks}
    if ballots := ballots_to_record(session, state.hearing.id, numbers):
        course["ballots"] = ballots
    return ({"interview": entries} if entries else {}) | ({"course": course} if course else {})


def _composition(state: HearingState) -> dict[str, Any]:
    """Return the snapshot that a court would ask for: who sat, as what, what each declared, and what each predicate
    answered.
    """
    jury = state.hearing.session
    rule = rule_of_hearing(state.hearing)
    seated = sorted(state.deliberates, key=lambda member_state: place_in(rule, member_state.member))
    sat = {member_state.person for member_state in seated}
    composition = composition_of(
        jury, CandidateValue(state.candidacy.candidate_id, state.candidacy.candidate_name), state.hearing.sitting_day
    )
    qualities = {member.person_id: member.quality for member in jury.members}
    members = [_member(member, composition, qualities[member.person]) for member in seated]
    others = [
        _member(member, composition, qualities[member.person]) for member in state.sitting if member.person not in sat
    ]
    return {
        "held_on": state.hearing.sitting_day.isoformat(),
        "place": jury.place,
        "candidate": str(state.value.attendance),
        "parity_reason": jury.parity_reason,
        "quorum": rule.quorum,
        **({} if rule.casting_vote else {"casting_vote": False}),
        "external_months": jury.external_months,
        "members": members,
        "others": others,
        "predicates": [record_of_answer(answer) for answer in state.value.answers],
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
