"""The published version that a CASE export writes, in one query."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certification.rules.case_package import Framework


def framework_of(session: Session, version_id: UUID, address: str) -> Framework | None:
    """Return a published version as the rules export it, its parts named under an address; None for a
    draft.
    """
    version = session.scalar(
        select(CertificationVersion)
        .where(CertificationVersion.id == version_id)
        .options(joinedload(CertificationVersion.certification).joinedload(Certification.body))
    )
    if version is None or version.published_at is None:
        return None
    certification = version.certification
    return Framework(
        certification_id=certification.id,
        code=certification.code,
        number=version.number,
        creator=certification.body.name,
        published_at=version.published_at,
        address=address,
        entry=version.to_entry(),
    )
