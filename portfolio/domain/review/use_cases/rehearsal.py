"""Rehearse the interview: questions on one's own claims, answered aloud, shared with the advisor or with nobody."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, defer

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.dossier.models.dossier import Claim, Narrative
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.rehearsal import (
    MAX_SOUND_BYTES,
    ClaimedCompetency,
    ClaimedPiece,
    RehearsalQuestion,
    RehearsalRefusal,
    rehearsal_questions,
    sound_type,
)
from portfolio.domain.review.models import RehearsalAnswer
from portfolio.errors import Refusal


def load_questions(session: Session, candidacy_id: UUID, today: date) -> list[RehearsalQuestion]:
    """Draw the questions from the claims of a dossier, in two queries."""
    claims = (Claim.candidacy_id == candidacy_id, Evidence.removed_at.is_(None))
    claimed = exists().where(Claim.competency_id == Competency.id, Claim.evidence_id == Evidence.id, *claims)
    told = (Narrative.competency_id == Competency.id) & (Narrative.candidacy_id == candidacy_id)
    rows = session.execute(
        select(Competency, Narrative).join(Competency.block).outerjoin(Narrative, told).where(claimed)
        .order_by(Block.number, Competency.number)
    )  # fmt: skip
    competencies = [_competency(competency, narrative) for competency, narrative in rows]
    serving = exists().where(Claim.evidence_id == Evidence.id)
    pieces = session.scalars(
        select(Evidence).where(Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_(None), serving)
        .order_by(Evidence.number)
    )  # fmt: skip
    dated = [ClaimedPiece(one.id, one.number, one.title, one.dated_to or one.dated_from) for one in pieces]
    return rehearsal_questions(competencies, dated, today)


def _competency(competency: Competency, narrative: Narrative | None) -> ClaimedCompetency:
    parts = (narrative.situation, narrative.actions, narrative.choices, narrative.result) if narrative else ("",) * 4
    told = "\n".join(part for part in parts if part.strip())
    return ClaimedCompetency(competency.id, competency.label, competency.text, told, parts[2].strip(), parts[3].strip())


def list_answers(session: Session, candidacy_id: UUID, *, shared_only: bool) -> Sequence[RehearsalAnswer]:
    """List the answers of a candidate without their sounds, the last first; an advisor reads those shared."""
    query = select(RehearsalAnswer).where(RehearsalAnswer.candidacy_id == candidacy_id)
    if shared_only:
        query = query.where(RehearsalAnswer.shared_at.is_not(None))
    return session.scalars(
        query.options(defer(RehearsalAnswer.sound)).order_by(RehearsalAnswer.answered_at.desc(), RehearsalAnswer.id)
    ).all()


def find_answer(session: Session, candidacy_id: UUID, answer_id: UUID, *, shared_only: bool) -> RehearsalAnswer | None:
    """Return an answer of this candidacy; None for one that its reader may not hear."""
    query = select(RehearsalAnswer).where(RehearsalAnswer.id == answer_id, RehearsalAnswer.candidacy_id == candidacy_id)
    row = session.scalar(query)
    return row if row and (row.shared_at or not shared_only) else None


def save_answer(
    session: Session, candidacy_id: UUID, code: str, asked: str, sound: bytes, *, by: UUID, at: datetime
) -> RehearsalAnswer:
    """Keep the sound of an answer in the place of the earlier one, shared with nobody. Raise Refusal for no sound."""
    kind = sound_type(sound)
    if kind is None:
        raise Refusal(RehearsalRefusal.NO_SOUND)
    if len(sound) > MAX_SOUND_BYTES:
        raise Refusal(RehearsalRefusal.TOO_LONG)
    of_question = (RehearsalAnswer.candidacy_id == candidacy_id, RehearsalAnswer.question == code)
    row = session.scalar(select(RehearsalAnswer).where(*of_question).with_for_update())
    if row is None:
        row = RehearsalAnswer(candidacy_id=candidacy_id, question=code)
        session.add(row)
    row.asked, row.sound, row.media_type, row.answered_at, row.shared_at = asked, sound, kind, at, None
    record_event(session, "rehearsal_answered", ("candidacy", candidacy_id), by=by, at=at)
    return row


def share_answer(session: Session, row: RehearsalAnswer, shared: bool, *, by: UUID, at: datetime) -> None:
    """Let the advisor hear an answer, or no longer."""
    row.shared_at = at if shared else None
    record_event(session, "rehearsal_shared", ("candidacy", row.candidacy_id), by=by, at=at, shared=shared)


def delete_answer(session: Session, row: RehearsalAnswer, *, by: UUID, at: datetime) -> None:
    """Delete an answer and its sound."""
    session.delete(row)
    record_event(session, "rehearsal_deleted", ("candidacy", row.candidacy_id), by=by, at=at)
