"""The candidate describes the posts they held."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.models.attestation import AttestationRequest
from portfolio.domain.dossier.models.dossier import Claim, Experience
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.description import EvidenceChange
from portfolio.domain.dossier.rules.draft import DossierRefusal
from portfolio.domain.dossier.rules.texts import ExperienceText
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft, suspended_block
from portfolio.domain.dossier.use_cases.draft_rows import write_content_digests
from portfolio.domain.dossier.use_cases.texts import apply_changes
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class ExperienceDetails:
    """An experience as the pages show it, and how many pieces are attached to it."""

    id: UUID
    text: ExperienceText
    revision: int
    pieces: int


def add_experience(session: Session, candidacy_id: UUID, text: ExperienceText, *, by: UUID, at: datetime) -> UUID:
    """Keep a new experience and answer its id; raises Refusal(SEALED)."""
    lock_draft(session, candidacy_id)
    experience = Experience(candidacy_id=candidacy_id, **asdict(text), changed_at=at)
    session.add(experience)
    session.flush()
    record_event(session, "experience_added", ("experience", experience.id), by=by, at=at)
    return experience.id


def change_experience(
    session: Session,
    candidacy_id: UUID,
    experience_id: UUID,
    text: ExperienceText,
    revision: int,
    *,
    by: UUID,
    at: datetime,
) -> None:
    """Keep what is now said of an experience; raises Conflict, Refusal (SEALED, REMOVED)."""
    experience = _own(session, candidacy_id, experience_id)
    if apply_changes(experience, asdict(text), revision, at):
        record_event(session, "experience_changed", ("experience", experience_id), by=by, at=at)


def remove_experience(session: Session, candidacy_id: UUID, experience_id: UUID, *, by: UUID, at: datetime) -> None:
    """Forget an experience; its pieces stay, attached to none. Removing it twice changes nothing more.

    Raises Refusal (SEALED, NOT_YOURS, ATTACHED: one of its pieces stays as it is while a block is suspended).
    """
    lock_draft(session, candidacy_id)
    experience = session.get(Experience, experience_id)
    if experience is None:
        return
    if experience.candidacy_id != candidacy_id:
        raise Refusal(DossierRefusal.NOT_YOURS)
    pieces = session.scalars(select(Evidence).where(Evidence.experience_id == experience_id)).all()
    block = suspended_block(session, candidacy_id, [piece.id for piece in pieces], EvidenceChange.CHANGE)
    if block is not None:
        raise Refusal(DossierRefusal.ATTACHED, block=block)
    for piece in pieces:
        piece.experience_id = None
        piece.revision += 1
    shown = select(Claim.competency_id).where(Claim.evidence_id.in_([piece.id for piece in pieces])).distinct()
    write_content_digests(session, candidacy_id, session.scalars(shown).all())
    asked = update(AttestationRequest).where(AttestationRequest.experience_id == experience_id)
    session.execute(asked.values(experience_id=None))  # it keeps its own words of it
    session.flush()
    session.delete(experience)
    record_event(session, "experience_removed", ("experience", experience_id), by=by, at=at, pieces=len(pieces))


def list_experiences(session: Session, candidacy_id: UUID) -> list[ExperienceDetails]:
    """Return the experiences of a candidacy, the latest first, in one query."""
    attached = (
        select(func.count())
        .where(Evidence.experience_id == Experience.id, Evidence.removed_at.is_(None))
        .correlate(Experience)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Experience, attached)
        .where(Experience.candidacy_id == candidacy_id)
        .order_by(Experience.began_on.desc().nulls_last(), Experience.id)
    )
    return [_view(experience, pieces) for experience, pieces in rows]


def find_experience(session: Session, candidacy_id: UUID, experience_id: UUID) -> ExperienceDetails | None:
    """Return one experience of this candidacy; None for any other."""
    return next((view for view in list_experiences(session, candidacy_id) if view.id == experience_id), None)


def _own(session: Session, candidacy_id: UUID, experience_id: UUID) -> Experience:
    lock_draft(session, candidacy_id)
    experience = session.get(Experience, experience_id)
    if experience is None:
        raise Refusal(DossierRefusal.REMOVED)
    if experience.candidacy_id != candidacy_id:
        raise Refusal(DossierRefusal.NOT_YOURS)
    return experience


def _view(row: Experience, pieces: int) -> ExperienceDetails:
    text = ExperienceText(
        row.post, row.structure, row.began_on, row.ended_on, row.context, row.perimeter, row.responsibilities
    )
    return ExperienceDetails(row.id, text, row.revision, pieces)
