"""The candidate describes the posts they held, and writes the texts of the draft."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Select, Uuid, delete, func, select, update
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.models.attestation import AttestationRequest
from portfolio.domain.dossier.models.dossier import Claim, Dossier, Experience, Narrative, TextVersion
from portfolio.domain.dossier.models.evidence import Evidence, RemovedClaims
from portfolio.domain.dossier.rules.description import EvidenceChange, EvidenceRefusal
from portfolio.domain.dossier.rules.draft import DossierRefusal, GeneralText, NarrativeText, WritingHelp
from portfolio.domain.dossier.rules.texts import MAX_VERSIONS, ExperienceText, begins_sitting, is_large_loss
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft, require_editable_competencies, suspended_block
from portfolio.domain.dossier.use_cases.draft_rows import refresh_reviews, write_content_digests
from portfolio.errors import Conflict, Refusal


def keep_version(
    session: Session,
    candidacy_id: UUID,
    competency_id: UUID | None,
    former: tuple[Mapping[str, str], datetime] | None,
    texts: Mapping[str, str],
    *,
    at: datetime,
) -> None:
    """Keep a text that was just saved; `former` is what it held before, and since when, kept when no version is.

    The version that a large loss would overwrite is kept, whatever the sitting. The caller holds the draft. The last
    version always is what the text holds now.
    """
    last = _last(session, candidacy_id, competency_id)
    if last is None and former is not None and any(former[0].values()):
        last = TextVersion(
            candidacy_id=candidacy_id,
            competency_id=competency_id,
            texts=dict(former[0]),
            saved_at=former[1],
            is_ended=True,
        )
        session.add(last)
        session.flush()
    if last is not None and is_large_loss(last.texts, texts):
        last.is_ended = True
    if last is not None and not begins_sitting(last.saved_at, at, is_ended=last.is_ended):
        last.texts, last.saved_at = dict(texts), at
        return
    session.add(
        TextVersion(
            candidacy_id=candidacy_id, competency_id=competency_id, texts=dict(texts), saved_at=at, is_ended=False
        )
    )
    session.flush()
    _forget_oldest(session, candidacy_id, competency_id)


def list_versions(session: Session, candidacy_id: UUID, competency_id: UUID | None) -> Sequence[TextVersion]:
    """List the versions of a narrative, or of the dossier's own texts, the last one first."""
    return session.scalars(_versions(candidacy_id, competency_id)).all()


def restore_version(session: Session, candidacy_id: UUID, version_id: UUID, *, by: UUID, at: datetime) -> UUID | None:
    """Put an earlier version back and answer its competency; what the text held stays among its versions.

    Raises Refusal: SEALED, NOT_YOURS, and what a save of the competency refuses (HELD, SUSPENDED, NOT_IN_SCOPE).
    """
    dossier = lock_draft(session, candidacy_id)
    version = session.get(TextVersion, version_id)
    if version is None or version.candidacy_id != candidacy_id:
        raise Refusal(DossierRefusal.NOT_YOURS)
    row = _row(session, dossier, version.competency_id)
    if row is None:
        raise Refusal(DossierRefusal.NOT_YOURS)
    present = {name: getattr(row, name) for name in version.texts}
    if present == version.texts:
        return version.competency_id
    last = _last(session, candidacy_id, version.competency_id)
    if last is not None:
        last.is_ended = True
    for name, value in version.texts.items():
        setattr(row, name, value)
    row.revision, row.changed_at = row.revision + 1, at
    keep_version(session, candidacy_id, version.competency_id, None, version.texts, at=at)
    if version.competency_id is not None:
        refresh_reviews(session, candidacy_id, [version.competency_id])
    record_event(session, "text_restored", ("candidacy", candidacy_id), by=by, at=at, version=version_id)
    return version.competency_id


def _row(session: Session, dossier: Dossier, competency_id: UUID | None) -> Dossier | Narrative | None:
    if competency_id is None:
        return dossier
    require_editable_competencies(session, dossier.candidacy_id, [competency_id])
    return session.scalar(select(Narrative).filter_by(candidacy_id=dossier.candidacy_id, competency_id=competency_id))


def _versions(candidacy_id: UUID, competency_id: UUID | None) -> Select[TextVersion]:
    query = select(TextVersion).where(
        TextVersion.candidacy_id == candidacy_id, TextVersion.competency_id == competency_id
    )
    return query.order_by(TextVersion.saved_at.desc(), TextVersion.is_ended, TextVersion.id)


def _last(session: Session, candidacy_id: UUID, competency_id: UUID | None) -> TextVersion | None:
    return session.scalar(_versions(candidacy_id, competency_id).limit(1))


def _forget_oldest(session: Session, candidacy_id: UUID, competency_id: UUID | None) -> None:
    old = [row.id for row in session.scalars(_versions(candidacy_id, competency_id).offset(MAX_VERSIONS))]
    if old:
        session.execute(delete(TextVersion).where(TextVersion.id.in_(old)))


PROMPTS = ("situation", "actions", "choices", "result")


def save_narrative(
    session: Session,
    candidacy_id: UUID,
    competency_id: UUID,
    story: NarrativeText,
    revision: int,
    *,
    by: UUID,
    at: datetime,
) -> int:
    """Keep the narrative of a competency and answer its new revision; saving the same texts changes nothing.

    `revision` is the one the author had before them, 0 when nothing was written yet. Raises Conflict when another was
    saved since, Refusal when the dossier is submitted or the competency is out of scope, held or suspended.
    """
    lock_draft(session, candidacy_id)
    require_editable_competencies(session, candidacy_id, [competency_id])
    texts = {name: getattr(story, name) for name in PROMPTS}
    narrative = session.scalar(
        select(Narrative).where(Narrative.candidacy_id == candidacy_id, Narrative.competency_id == competency_id)
    )
    if narrative is None:
        if not any(texts.values()):
            return 0
        narrative = Narrative(
            candidacy_id=candidacy_id, competency_id=competency_id, **texts, revision=1, changed_at=at
        )
        session.add(narrative)
        session.flush()
        former = None
    else:
        former = ({name: getattr(narrative, name) for name in PROMPTS}, narrative.changed_at)
        if not apply_changes(narrative, texts, revision, at):
            return narrative.revision
    keep_version(session, candidacy_id, competency_id, former, texts, at=at)
    refresh_reviews(session, candidacy_id, [competency_id])
    record_event(session, "narrative_saved", ("narrative", narrative.id), by=by, at=at, competency=competency_id)
    return narrative.revision


def record_helps(session: Session, candidacy_id: UUID, helps: Collection[str], *, by: UUID, at: datetime) -> None:
    """Remember which helps a candidate uses to write; one that is known already changes nothing."""
    new = [help_ for help_ in WritingHelp if help_ in helps]
    if not new:
        return
    lock_draft(session, candidacy_id)
    dossier = session.get_one(Dossier, candidacy_id)
    for help_ in new:
        if help_ not in dossier.helps:
            dossier.helps = [*dossier.helps, help_.value]
            record_event(session, "writing_help_used", ("candidacy", candidacy_id), by=by, at=at, help=help_.value)


def save_texts(
    session: Session, candidacy_id: UUID, texts: Mapping[GeneralText, str], revision: int, *, by: UUID, at: datetime
) -> int:
    """Keep the dossier's own texts (career, motivation, conclusion) and answer its new revision.

    Raises Conflict when another revision was saved since, Refusal(SEALED) when the dossier is submitted.
    """
    dossier: Dossier = lock_draft(session, candidacy_id)
    values = {text.value: value for text, value in texts.items()}
    former = ({name: getattr(dossier, name) for name in values}, dossier.changed_at)
    if apply_changes(dossier, values, revision, at):
        keep_version(session, candidacy_id, None, former, values, at=at)
        record_event(session, "texts_saved", ("candidacy", candidacy_id), by=by, at=at)
    return dossier.revision


def apply_changes(row: Any, values: Mapping[str, Any], revision: int, at: datetime) -> bool:
    """Write these values into a row that carries a revision; False when they are there already.

    Raises Conflict with what is stored when the author had another revision before them (lost update).
    """
    present = {name: getattr(row, name) for name in values}
    if present == dict(values):
        return False
    if row.revision != revision:
        raise Conflict({name: "" if value is None else str(value) for name, value in present.items()}, row.revision)
    for name, value in values.items():
        setattr(row, name, value)
    row.revision += 1
    row.changed_at = at
    return True


def remove_claims(session: Session, evidence_id: UUID) -> Sequence[UUID]:
    """Delete the claims of a piece that is removed, keep them for its return, and return their competencies."""
    claims = session.scalars(select(Claim).where(Claim.evidence_id == evidence_id)).all()
    session.merge(RemovedClaims(evidence_id=evidence_id, claims={"claims": [_to_json(claim) for claim in claims]}))
    session.execute(delete(Claim).where(Claim.evidence_id == evidence_id))
    return [claim.competency_id for claim in claims]


def restore_evidence(session: Session, candidacy_id: UUID, evidence_id: UUID, *, by: UUID, at: datetime) -> int:
    """Bring a removed piece back, and return how many of its claims could not come back: their block is closed since.

    Bringing it back twice changes nothing more. Raises Refusal: SEALED, NOT_YOURS, ERASED (its files are gone).
    """
    lock_draft(session, candidacy_id)
    piece = session.get(Evidence, evidence_id)
    if piece is None or piece.candidacy_id != candidacy_id:
        raise Refusal(DossierRefusal.NOT_YOURS)
    if piece.removed_at is None:
        return 0
    if not piece.files:
        raise Refusal(EvidenceRefusal.ERASED)
    piece.removed_at, piece.changed_at = None, at
    removed = session.get(RemovedClaims, evidence_id)
    claims = [_from_json(values) for values in removed.claims["claims"]] if removed else []
    restored = [claim for claim in claims if _is_open(session, candidacy_id, claim.competency_id)]
    session.add_all(restored)
    if removed is not None:
        session.delete(removed)
    session.flush()
    refresh_reviews(session, candidacy_id, [claim.competency_id for claim in restored])
    record_event(session, "evidence_restored", ("evidence", evidence_id), by=by, at=at, claims=len(restored))
    return len(claims) - len(restored)


def _is_open(session: Session, candidacy_id: UUID, competency_id: UUID) -> bool:
    try:
        require_editable_competencies(session, candidacy_id, [competency_id])
    except Refusal:
        return False
    return True


def _to_json(claim: Claim) -> dict[str, Any]:
    values = {column.name: getattr(claim, column.key) for column in Claim.__table__.columns}
    return {name: value if isinstance(value, int | list | None) else str(value) for name, value in values.items()}


def _from_json(values: dict[str, Any]) -> Claim:
    columns = {column.name: column for column in Claim.__table__.columns if column.name in values}
    return Claim(**{column.key: _python(column.type, values[name]) for name, column in columns.items()})


def _python(kind: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if isinstance(kind, Uuid):
        return UUID(value)
    is_moment = isinstance(kind, DateTime) or isinstance(getattr(kind, "impl", None), DateTime)
    return datetime.fromisoformat(value) if is_moment else value


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
