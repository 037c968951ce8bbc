"""Publish a draft whose open questions are answered, where a test is about something else."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.doubts import ABOUT_RIGHTS
from portfolio.domain.certification.rules.publication import asks_title
from portfolio.domain.certification.rules.versioning import doubt_key
from portfolio.domain.certification.use_cases import publishing


def answer(session: Session, version_id: UUID) -> None:
    """Tick the doubts about rights of a draft, and say by which title the body certifies it if asked."""
    version = session.get(CertificationVersion, version_id)
    if version is None or version.published_at is not None:
        return
    entry = version.to_entry()
    rights = {doubt_key(doubt) for doubt in entry.doubts if doubt.what in ABOUT_RIGHTS}
    version.resolved_doubts = sorted(rights | set(version.resolved_doubts))
    if asks_title(entry, publishing.certifier_of(session, version.certification.body_id)):
        version.entry = {**version.entry, "certifying_title": "Délégation du certificateur."}
    session.flush()


def publish(session: Session, version_id: UUID, *, at: datetime, **more: Any) -> CertificationVersion:
    """Answer what a draft asks, then publish it."""
    answer(session, version_id)
    return publishing.publish(session, version_id, at=at, **more)
