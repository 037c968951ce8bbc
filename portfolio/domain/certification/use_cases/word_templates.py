"""The DOCX template of a version of a certification: given, replaced, taken back, and found for a dossier."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import CertificationVersion, WordTemplate
from portfolio.files.storage.store import StoredFile


def find_template(session: Session, version_id: UUID) -> WordTemplate | None:
    """Find the template of a version: its own, or that of the nearest earlier version of its certification
    that has one.
    """
    version = session.execute(
        select(CertificationVersion.certification_id, CertificationVersion.number).where(
            CertificationVersion.id == version_id
        )
    ).one()
    row: WordTemplate | None = session.scalar(
        select(WordTemplate)
        .join(WordTemplate.version)
        .where(
            CertificationVersion.certification_id == version.certification_id,
            CertificationVersion.number <= version.number,
        )
        .order_by(CertificationVersion.number.desc())
        .limit(1)
    )
    return row


def set_template(
    session: Session, version_id: UUID, name: str, file: StoredFile, *, by: UUID, at: datetime
) -> str | None:
    """Give a version a template, in the place of its own; return the key of the file that no row names any more."""
    row = _lock(session, version_id)
    replaced = row.key if row is not None else None
    if row is None:
        row = WordTemplate(version_id=version_id, revision=0)
        session.add(row)
    row.key, row.name, row.size, row.sha256 = file.key, name, file.size, file.sha256
    row.revision, row.uploaded_at, row.uploaded_by = row.revision + 1, at, by
    record_event(session, "word_template_set", ("certification_version", version_id), by=by, at=at)
    return replaced


def remove_template(session: Session, version_id: UUID, *, by: UUID, at: datetime) -> str | None:
    """Take back the template of a version; return the key of the file that no row names any more."""
    row = _lock(session, version_id)
    if row is None:
        return None
    session.delete(row)
    record_event(session, "word_template_removed", ("certification_version", version_id), by=by, at=at)
    return row.key


def _lock(session: Session, version_id: UUID) -> WordTemplate | None:
    session.get_one(CertificationVersion, version_id, with_for_update=True)
    return session.get(WordTemplate, version_id)
