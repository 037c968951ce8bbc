"""Save the president's drafts until closing: findings on competencies, decisions on blocks."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission, SubmittedBlock
from portfolio.domain.certification.models import Competency
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing
from portfolio.domain.jury.rules.deliberation import DecisionRecord, FindingRecord
from portfolio.domain.jury.rules.enums import Declaration, JuryRefusal
from portfolio.domain.jury.rules.member_status import MemberState, deliberating, voting
from portfolio.domain.jury_session.use_cases.declarations import load_member_states
from portfolio.domain.jury_session.use_cases.exclusions import Draft, is_excluded
from portfolio.domain.jury_session.use_cases.loaders import quorum_of, require_not_adjourned, with_ballot_votes
from portfolio.errors import Conflict, Refusal

# What a decision is made of, as a conflict shows it.
DECIDED = (
    "outcome",
    "reason",
    "override_reason",
    "recommendation",
    "no_recommendation",
    "votes_for",
    "votes_against",
    "votes_abstained",
)


def record_finding(
    session: Session,
    hearing_id: UUID,
    competency_id: UUID,
    record: FindingRecord,
    *,
    revision: int,
    by: UUID,
    at: datetime,
) -> int:
    """Keep what is found on one competency; incomplete is allowed until closing. Answers the new revision.

    Raises Refusal: already closed, not the president, who has not attested having read (J13), a competency not
    presented or of a block held since. Raises Conflict when another save came between, unless it says the same thing.
    """
    hearing, _sitting = _open_for(session, hearing_id, by)
    competency = session.get(Competency, competency_id)
    if competency is None:
        raise Refusal(JuryRefusal.OUT_OF_SCOPE)
    check_scope(session, hearing, competency.block_id)
    query = select(FindingDraft).where(
        FindingDraft.hearing_id == hearing_id, FindingDraft.competency_id == competency_id
    )
    draft = session.scalar(query)
    shown = _shown_draft(session, hearing, draft, by)
    if shown is not None and shown.to_value() == record:
        return shown.revision
    _check_revision(shown, revision, ("value", "reason", "ground", "ground_text"))
    if draft is None:
        draft = FindingDraft(hearing_id=hearing_id, competency_id=competency_id, revision=0)
        session.add(draft)
    draft.value, draft.reason = record.value, record.reason
    draft.ground, draft.ground_text = record.ground, record.ground_text
    draft.revision, draft.changed_at, draft.written_by = draft.revision + 1, at, by
    record_event(
        session, "finding_recorded", ("hearing", hearing_id), by=by, at=at, competency=competency_id, value=record.value
    )
    return draft.revision


def record_decision(
    session: Session, hearing_id: UUID, block_id: UUID, record: DecisionRecord, *, revision: int, by: UUID, at: datetime
) -> int:
    """Keep what is intended for one block; incomplete is allowed until closing. Answers the new revision.

    Raises Refusal: already closed, not the president, a member who has not declared or read (J10, J13), a
    block not presented or held since, a vote that is open or that gave the other outcome (J11). Raises
    Conflict when another save came between, unless it says the same thing.
    """
    hearing, sitting = _open_for(session, hearing_id, by)
    quorum = quorum_of(session, hearing)
    _check_ready(sitting, quorum)
    check_scope(session, hearing, block_id)
    record = with_ballot_votes(session, hearing, block_id, record, sitting, quorum)
    draft = session.scalar(
        select(DecisionDraft).where(DecisionDraft.hearing_id == hearing_id, DecisionDraft.block_id == block_id)
    )
    shown = _shown_draft(session, hearing, draft, by)
    if shown is not None and shown.to_value() == record:
        return shown.revision
    _check_revision(shown, revision, DECIDED)
    if draft is None:
        draft = DecisionDraft(hearing_id=hearing_id, block_id=block_id, revision=0)
        session.add(draft)
    draft.outcome, draft.reason = record.outcome, record.reason
    draft.override_reason, draft.recommendation = record.override_reason, record.recommendation
    draft.no_recommendation = record.no_recommendation or None
    draft.votes_for, draft.votes_against = record.votes.in_favour, record.votes.against
    draft.votes_abstained = record.votes.abstained
    draft.revision, draft.changed_at, draft.written_by = draft.revision + 1, at, by
    record_event(
        session, "decision_recorded", ("hearing", hearing_id), by=by, at=at, block=block_id, outcome=record.outcome
    )
    return draft.revision


def _open_for(session: Session, hearing_id: UUID, person_id: UUID) -> tuple[Hearing, tuple[MemberState, ...]]:
    """Take the hearing's row: saves and the closing wait for one another there, and see what the first one left."""
    hearing = session.get_one(Hearing, hearing_id, with_for_update=True)
    if hearing.closed_at is not None:
        raise Refusal(JuryRefusal.ALREADY_CLOSED)
    require_not_adjourned(session, hearing_id)
    sitting = load_member_states(session, hearing)
    president = check_president(sitting, person_id)
    if not president.has_read:
        raise Refusal(JuryRefusal.NOT_READ)
    return hearing, sitting


def check_president(sitting: Iterable[MemberState], person_id: UUID) -> MemberState:
    """Refuse to write for a member who does not preside for this candidate, or no longer does (J11)."""
    seated = deliberating(member_state for member_state in sitting if member_state.member.seat is Seat.PRESIDENT)
    if not seated or seated[0].person != person_id:
        raise Refusal(JuryRefusal.NOT_PRESIDENT)
    return seated[0]


def _check_ready(sitting: Iterable[MemberState], quorum: int | None) -> None:
    """Refuse to decide before every member who deliberates has declared and read (J10, J13)."""
    unready = [
        member_state
        for member_state in voting(sitting, quorum)
        if member_state.declaration is not Declaration.FREE or not member_state.has_read
    ]
    if unready:
        raise Refusal(JuryRefusal.NOT_DELIBERATING, who=tuple(member_state.member.name for member_state in unready))


def check_scope(session: Session, hearing: Hearing, block_id: UUID) -> None:
    """Raise Refusal for a block that the dossier does not present, or that is held since."""
    if session.get(SubmittedBlock, (hearing.submission_id, block_id)) is None:
        raise Refusal(JuryRefusal.OUT_OF_SCOPE)
    query = (
        select(Candidacy.candidate_id, Candidacy.version_id)
        .join(Submission)
        .where(Submission.id == hearing.submission_id)
    )
    candidate_id, version_id = session.execute(query).one()
    if block_id in held_blocks(session, candidate_id, version_id, on=hearing.session.held_on):
        raise Refusal(JuryRefusal.BLOCK_HELD)


def _shown_draft(session: Session, hearing: Hearing, draft: Draft | None, by: UUID) -> Draft | None:
    """Return a stored draft as the president sees it: none when a member recused or barred since wrote it."""
    writer = draft.written_by if draft is not None else None
    if writer is None or writer == by:
        return draft
    hidden = session.scalar(select(Hearing.id).where(Hearing.id == hearing.id, is_excluded(writer)))
    return None if hidden else draft


def _check_revision(stored: FindingDraft | DecisionDraft | None, revision: int, fields: tuple[str, ...]) -> None:
    if stored is not None and stored.revision != revision:
        raise Conflict({field: str(getattr(stored, field) or "") for field in fields}, stored.revision)
