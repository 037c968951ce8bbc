"""Save the president's drafts until closing: findings on competencies, decisions on blocks."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portfolio.db.engine import insert_if_absent
from portfolio.domain.account.rules import name_order
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission, SubmittedBlock
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from portfolio.domain.jury.models.deliberation import JurorOpinion, OpinionsGiven, OpinionsOpened
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing
from portfolio.domain.jury.rules.deliberation import DecisionRecord, FindingRecord
from portfolio.domain.jury.rules.enums import Declaration, JuryRefusal
from portfolio.domain.jury.rules.member_status import MemberState, deliberating, voters_digest, voters_now, voting
from portfolio.domain.jury.rules.opinions import (
    ComparedOpinions,
    MemberOpinion,
    OpinionInput,
    all_given,
    divergences_first,
    missing_competencies,
)
from portfolio.domain.jury_session.use_cases.declarations import load_member_states
from portfolio.domain.jury_session.use_cases.exclusions import Draft, is_excluded
from portfolio.domain.jury_session.use_cases.hearing_page import lock_open, require_ready_member
from portfolio.domain.jury_session.use_cases.loaders import (
    lock_to_write,
    quorum_of,
    require_not_adjourned,
    require_sitting_day,
    with_ballot_votes,
)
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
    "votes_presidency",
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

    Raises Refusal: already closed, before the day, not the president, who has not attested having read (J13), a
    competency not presented or of a block held since. Raises Conflict when another save came between, unless it
    says the same thing.
    """
    hearing, sitting = _open_for(session, hearing_id, by, at)
    digest = voters_digest(voters_now(sitting, quorum_of(session, hearing)))
    competency = session.get(Competency, competency_id)
    if competency is None:
        raise Refusal(JuryRefusal.OUT_OF_SCOPE)
    check_scope(session, hearing, competency.block_id)
    query = select(FindingDraft).where(
        FindingDraft.hearing_id == hearing_id, FindingDraft.competency_id == competency_id
    )
    draft = session.scalar(query)
    shown = _shown_draft(session, hearing, draft, by)
    if shown is not None and shown.voters in (None, digest) and shown.to_value() == record:
        return shown.revision
    _check_revision(shown, revision, ("value", "reason", "ground", "ground_text"))
    if draft is None:
        draft = FindingDraft(hearing_id=hearing_id, competency_id=competency_id, revision=0)
        session.add(draft)
    draft.value, draft.reason = record.value, record.reason
    draft.ground, draft.ground_text, draft.voters = record.ground, record.ground_text, digest
    draft.revision, draft.changed_at, draft.written_by = draft.revision + 1, at, by
    record_event(
        session, "finding_recorded", ("hearing", hearing_id), by=by, at=at, competency=competency_id, value=record.value
    )
    return draft.revision


def record_decision(
    session: Session, hearing_id: UUID, block_id: UUID, record: DecisionRecord, *, revision: int, by: UUID, at: datetime
) -> int:
    """Keep what is intended for one block; incomplete is allowed until closing. Answers the new revision.

    Raises Refusal: already closed, before the day, not the president, a member who has not declared or read
    (J10, J13), a block not presented or held since, a vote that is open or that gave the other outcome (J11). Raises
    Conflict when another save came between, unless it says the same thing.
    """
    hearing, sitting = _open_for(session, hearing_id, by, at)
    quorum = quorum_of(session, hearing)
    digest = voters_digest(voters_now(sitting, quorum))
    _check_ready(sitting, quorum)
    check_scope(session, hearing, block_id)
    record = with_ballot_votes(session, hearing, block_id, record, sitting, quorum)
    draft = session.scalar(
        select(DecisionDraft).where(DecisionDraft.hearing_id == hearing_id, DecisionDraft.block_id == block_id)
    )
    shown = _shown_draft(session, hearing, draft, by)
    if shown is not None and shown.voters in (None, digest) and shown.to_value() == record:
        return shown.revision
    _check_revision(shown, revision, DECIDED)
    if draft is None:
        draft = DecisionDraft(hearing_id=hearing_id, block_id=block_id, revision=0)
        session.add(draft)
    draft.outcome, draft.reason = record.outcome, record.reason
    draft.override_reason, draft.recommendation = record.override_reason, record.recommendation
    draft.no_recommendation, draft.voters = record.no_recommendation or None, digest
    draft.votes_for, draft.votes_against = record.votes.in_favour, record.votes.against
    draft.votes_abstained, draft.votes_presidency = record.votes.abstained, record.votes.presidency
    draft.revision, draft.changed_at, draft.written_by = draft.revision + 1, at, by
    record_event(
        session, "decision_recorded", ("hearing", hearing_id), by=by, at=at, block=block_id, outcome=record.outcome
    )
    return draft.revision


def _open_for(
    session: Session, hearing_id: UUID, person_id: UUID, at: datetime
) -> tuple[Hearing, tuple[MemberState, ...]]:
    """Take the hearing's row: saves and the closing wait for one another there, and see what the first one left."""
    hearing = lock_to_write(session, hearing_id)
    require_not_adjourned(session, hearing_id)
    require_sitting_day(hearing, at)
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
    if block_id in held_blocks(session, candidate_id, version_id, on=hearing.sitting_day):
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


# Asked at every page and closing of a hearing, so built once.
_OPENED = select(OpinionsOpened).where(OpinionsOpened.hearing_id == bindparam("hearing"))


def record_opinion(
    session: Session,
    hearing_id: UUID,
    competency_id: UUID,
    opinion: OpinionInput,
    *,
    revision: int,
    by: UUID,
    at: datetime,
) -> int:
    """Record a member's own opinion on a competency; return the new revision.

    Raise Refusal: not a member who read, already given, a competency that is not presented. Raise Conflict
    when another save of the same member came between.
    """
    hearing = lock_open(session, hearing_id)
    require_ready_member(session, hearing, by)
    if has_given(session, hearing_id, by):
        raise Refusal(JuryRefusal.OPINIONS_GIVEN)
    if competency_id not in presented_competencies(session, hearing):
        raise Refusal(JuryRefusal.OUT_OF_SCOPE)
    row = own_opinions(session, hearing_id, by).get(competency_id)
    if row is not None and row.to_value() == opinion:
        return row.revision
    if row is not None and row.revision != revision:
        raise Conflict({"value": str(row.value), "comment": row.comment}, row.revision)
    if row is None:
        row = JurorOpinion(hearing_id=hearing_id, person_id=by, competency_id=competency_id, revision=0)
        session.add(row)
    row.value, row.comment, row.revision, row.changed_at = (opinion.value, opinion.comment, row.revision + 1, at)
    session.flush()
    record_event(session, "juror_opinion_recorded", ("hearing", hearing_id), by=by, at=at, competency=competency_id)
    return row.revision


def give_opinions(session: Session, hearing_id: UUID, *, by: UUID, at: datetime) -> bool:
    """Give one's opinions, which then do not change; return whether the opinions of the jury are open now.

    Raise Refusal: not a member who read, or a competency without an opinion.
    """
    hearing = lock_open(session, hearing_id)
    require_ready_member(session, hearing, by)
    missing = missing_competencies(
        tuple(presented_competencies(session, hearing)), own_opinions(session, hearing_id, by)
    )
    if missing:
        raise Refusal(JuryRefusal.OPINIONS_MISSING, number=len(missing))
    if insert_if_absent(
        session, OpinionsGiven, ("hearing_id", "person_id"), hearing_id=hearing_id, person_id=by, given_at=at
    ):
        record_event(session, "juror_opinions_given", ("hearing", hearing_id), by=by, at=at)
    return open_when_complete(session, hearing, at=at)


def open_when_complete(session: Session, hearing: Hearing, *, at: datetime) -> bool:
    """Open the opinions when presence was checked and every member present gave theirs; return whether
    they are open.
    """
    if find_opened(session, hearing.id) is not None:
        return True
    sitting = load_member_states(session, hearing)
    checked = any(member.present is not None for member in sitting)
    voters = {member.person for member in _voters(session, hearing, sitting)}
    if not checked or not all_given(voters, members_who_gave(session, hearing.id)):
        return False
    session.add(OpinionsOpened(hearing_id=hearing.id, opened_at=at, opened_by=None))
    session.flush()
    record_event(session, "juror_opinions_opened", ("hearing", hearing.id), by=None, at=at, missing=0)
    return True


def open_opinions(session: Session, hearing_id: UUID, *, by: UUID, at: datetime) -> None:
    """Open the opinions before all are given: the president, on the day, after giving their own.

    Raise Refusal: not the president, before the day, or the president's own opinions are not given.
    """
    hearing = lock_open(session, hearing_id)
    sitting = load_member_states(session, hearing)
    check_president(sitting, by)
    require_sitting_day(hearing, at)
    given = members_who_gave(session, hearing_id)
    if by not in given:
        raise Refusal(JuryRefusal.OPINIONS_YOURS_FIRST)
    if find_opened(session, hearing_id) is not None:
        return
    missing = [member for member in _voters(session, hearing, sitting) if member.person not in given]
    session.add(OpinionsOpened(hearing_id=hearing_id, opened_at=at, opened_by=by))
    session.flush()
    record_event(session, "juror_opinions_opened", ("hearing", hearing_id), by=by, at=at, missing=len(missing))


def compared_opinions(
    session: Session, hearing: Hearing, sitting: Collection[MemberState]
) -> tuple[ComparedOpinions, ...]:
    """Return the opinions given by the members who vote, widest divergence first; nothing before they are opened."""
    if find_opened(session, hearing.id) is None:
        return ()
    given = members_who_gave(session, hearing.id)
    names = {member.person: member.member.name for member in sitting}
    excluded = {member.person for member in sitting if member.is_excluded}
    rows = session.scalars(select(JurorOpinion).where(JurorOpinion.hearing_id == hearing.id)).all()
    shown = [row for row in rows if row.person_id in given and row.person_id in names and row.person_id not in excluded]
    by_competency: dict[UUID, list[MemberOpinion]] = {}
    for row in sorted(shown, key=lambda row: name_order(names[row.person_id])):
        opinion = MemberOpinion(row.person_id, names[row.person_id], row.value, row.comment)
        by_competency.setdefault(row.competency_id, []).append(opinion)
    compared = [
        ComparedOpinions(id, label, text, tuple(by_competency.get(id, ())))
        for id, (label, text) in presented_competencies(session, hearing).items()
    ]
    return divergences_first([opinions for opinions in compared if opinions.opinions])


def presented_competencies(session: Session, hearing: Hearing) -> dict[UUID, tuple[str, str]]:
    """Return the label and the text of each competency that the dossier presents, in the order of the certification."""
    query = (
        select(Competency.id, Block.number, Competency.number, Competency.text)
        .join(Competency.block)
        .join(SubmittedBlock, SubmittedBlock.block_id == Block.id)
        .where(SubmittedBlock.submission_id == hearing.submission_id)
        .order_by(Block.number, Competency.number)
    )
    return {id: (f"{block}.{number}", text) for id, block, number, text in session.execute(query)}


def own_opinions(session: Session, hearing_id: UUID, person_id: UUID) -> dict[UUID, JurorOpinion]:
    """Return the opinions of one member, by competency."""
    query = select(JurorOpinion).where(JurorOpinion.hearing_id == hearing_id, JurorOpinion.person_id == person_id)
    return {row.competency_id: row for row in session.scalars(query)}


def has_given(session: Session, hearing_id: UUID, person_id: UUID) -> bool:
    """Return whether a member gave their opinions."""
    return person_id in members_who_gave(session, hearing_id)


def members_who_gave(session: Session, hearing_id: UUID) -> frozenset[UUID]:
    """Return the members who gave their opinions; it says nothing of what they are."""
    return frozenset(session.scalars(select(OpinionsGiven.person_id).where(OpinionsGiven.hearing_id == hearing_id)))


def find_opened(session: Session, hearing_id: UUID) -> OpinionsOpened | None:
    """Find when the opinions were opened, and by whom; None while they are hidden."""
    return session.scalar(_OPENED, {"hearing": hearing_id})


def _voters(session: Session, hearing: Hearing, sitting: Collection[MemberState]) -> tuple[MemberState, ...]:
    voters = voting(sitting, quorum_of(session, hearing))
    return tuple(member for member in voters if member.present is not False and not member.is_excluded)
