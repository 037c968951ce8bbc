"""Keep what a text held at the end of each sitting, and restore an earlier version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.models import Dossier, Narrative, TextVersion
from portfolio.domain.dossier.rules.state import DossierRefusal
from portfolio.domain.dossier.rules.text_history import MAX_VERSIONS, begins_sitting, is_large_loss
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft, require_editable_competencies
from portfolio.domain.dossier.use_cases.review_snapshots import refresh_reviews
from portfolio.errors import Refusal


def keep_version(
    session: Session,
    candidacy_id: UUID,
    competency_id: UUID | None,
    former: tuple[Mapping[str, str], datetime] | None,
    texts: Mapping[str, str],
    *,
    at: datetime,
) -> None:
    """Keep a text that was just saved; `former` is what it held before, and since when, kept when no version
    is.

    The version that a large loss would overwrite is kept, whatever the sitting. The caller holds the draft.
    The last version always is what the text holds now.
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
            candidacy_id=candidacy_id,
            competency_id=competency_id,
            texts=dict(texts),
            saved_at=at,
            is_ended=False,
        )
    )
    session.flush()
    _forget_oldest(session, candidacy_id, competency_id)


def list_versions(session: Session, candidacy_id: UUID, competency_id: UUID | None) -> Sequence[TextVersion]:
    """List the versions of a narrative, or of the dossier's own texts, the last one first."""
    return session.scalars(_versions(candidacy_id, competency_id)).all()


def restore_version(
    session: Session, candidacy_id: UUID, version_id: UUID, *, by: UUID, at: datetime
) -> UUID | None:
    """Put an earlier version back and answer its competency; what the text held stays among its versions.

    Raises Refusal: SEALED, NOT_YOURS, and what a save of the competency refuses (HELD, SUSPENDED,
    NOT_IN_SCOPE).
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
    return session.scalar(
        select(Narrative).filter_by(candidacy_id=dossier.candidacy_id, competency_id=competency_id)
    )


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
