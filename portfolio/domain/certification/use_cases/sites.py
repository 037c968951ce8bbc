"""The sites of a certifying body: its own places and those of its partners."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Certification
from portfolio.domain.certification.organisations import CertificationSite, Partner
from portfolio.domain.certification.rules.versioning import CertificationRefusal
from portfolio.errors import Conflict, Refusal

MAX_SITES = 500


def list_sites(session: Session, body_id: UUID, *, with_retired: bool = False) -> list[CertificationSite]:
    """Return the sites of a body by name, with the partner of each; those in use only, unless asked."""
    query = (
        select(CertificationSite)
        .where(CertificationSite.body_id == body_id)
        .options(joinedload(CertificationSite.partner))
    )
    if not with_retired:
        query = query.where(CertificationSite.is_retired.is_(False))
    return list(
        session.scalars(query.order_by(CertificationSite.name, CertificationSite.id).limit(MAX_SITES))
    )


def site_choices(sites: Iterable[CertificationSite]) -> list[tuple[str, str]]:
    """Return the sites as a form offers them: the name, then whose place it is."""
    return [
        (str(site.id), f"{site.name} ({site.partner.name})" if site.partner else site.name) for site in sites
    ]


def find_site(session: Session, body_id: UUID, site_id: UUID) -> CertificationSite | None:
    """Return a site of a body; None when it is another's."""
    found = session.get(CertificationSite, site_id)
    return found if found is not None and found.body_id == body_id else None


def find_body_partner(session: Session, body_id: UUID, partner_id: UUID | None) -> Partner | None:
    """Return a partner of one of the body's certifications."""
    if partner_id is None:
        return None
    query = select(Partner).join(Certification, Certification.id == Partner.certification_id)
    return session.scalar(query.where(Partner.id == partner_id, Certification.body_id == body_id))


def add_site(
    session: Session,
    body_id: UUID,
    name: str,
    address: str,
    partner_id: UUID | None,
    *,
    by: UUID,
    at: datetime,
) -> CertificationSite:
    """Add a site of the body, or of one of its partners.

    Raise Refusal when the partner is not one of the body's.
    """
    if partner_id is not None and find_body_partner(session, body_id, partner_id) is None:
        raise Refusal(CertificationRefusal.PARTNER_GONE)
    row = CertificationSite(body_id=body_id, name=name, address=address, partner_id=partner_id)
    session.add(row)
    session.flush()
    record_event(session, "site_added", ("site", row.id), by=by, at=at)
    return row


def correct_site(
    session: Session,
    site: CertificationSite,
    name: str,
    address: str,
    *,
    is_retired: bool,
    revision: int,
    by: UUID,
    at: datetime,
) -> None:
    """Correct a site. Sessions keep the place written when they were planned.

    Raise Conflict when it changed since `revision`.
    """
    session.refresh(site, with_for_update=True)
    if site.revision != revision:
        raise Conflict({"name": site.name, "address": site.address}, site.revision)
    site.name, site.address, site.is_retired, site.revision = name, address, is_retired, revision + 1
    record_event(session, "site_corrected", ("site", site.id), by=by, at=at, revision=site.revision)
