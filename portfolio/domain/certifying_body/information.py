"""Read and change the information pages of a body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import CertifyingBody, CertifyingBodyMember
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certifying_body.models import InformationPage
from portfolio.domain.certifying_body.rules import InformationKind
from portfolio.domain.certifying_body.settings import load_body_settings
from portfolio.domain.jury.models.sessions import JuryMember, JurySession
from portfolio.errors import Conflict


@dataclass(frozen=True)
class BodyInformation:
    """A body's own words on one page, and how it is reached."""

    body_id: UUID
    name: str
    contact: str
    text: str


def load_information_pages(session: Session, body_id: UUID) -> Mapping[InformationKind, InformationPage]:
    """Return the pages that a body has written, by kind."""
    rows = session.scalars(select(InformationPage).where(InformationPage.body_id == body_id))
    return {row.kind: row for row in rows}


def save_information_page(
    session: Session,
    body_id: UUID,
    kind: InformationKind,
    text: str,
    *,
    revision: int,
    by: UUID,
    at: datetime,
) -> None:
    """Change the text of a page. Raise Conflict when someone saved since `revision`."""
    session.get_one(CertifyingBody, body_id, with_for_update=True)
    page = session.get(InformationPage, (body_id, kind), with_for_update=True)
    if (page.revision if page else 0) != revision:
        raise Conflict({"text": page.text if page else ""}, page.revision if page else 0)
    if page is None:
        page = InformationPage(body_id=body_id, kind=kind, revision=0)
        session.add(page)
    page.text, page.revision, page.changed_at = text, revision + 1, at
    record_event(
        session, "information_page_saved", ("certifying_body", body_id), by=by, at=at, page=kind.value
    )


def list_bodies_of(session: Session, person_id: UUID | None) -> Sequence[UUID]:
    """Return the bodies that a person deals with as candidate, advisor, juror or member.

    Without an account, the body of the installation when there is only one: which bodies share an
    installation is not public.
    """
    if person_id is None:
        found = session.scalars(select(CertifyingBody.id).limit(2)).all()
        return found if len(found) == 1 else ()
    by_candidacy = (
        select(Certification.body_id)
        .join(CertificationVersion, CertificationVersion.certification_id == Certification.id)
        .join(Candidacy, Candidacy.version_id == CertificationVersion.id)
        .where((Candidacy.candidate_id == person_id) | (Candidacy.advisor_id == person_id))
    )
    by_jury = (
        select(JurySession.body_id)
        .join(JuryMember, JuryMember.session_id == JurySession.id)
        .where(JuryMember.person_id == person_id)
    )
    as_member = select(CertifyingBodyMember.body_id).where(CertifyingBodyMember.person_id == person_id)
    concerned = by_candidacy.union(by_jury, as_member).subquery()
    query = (
        select(CertifyingBody.id)
        .where(CertifyingBody.id.in_(select(concerned)))
        .order_by(CertifyingBody.name)
    )
    return session.scalars(query).all()


def load_information(
    session: Session, body_ids: Sequence[UUID], kind: InformationKind
) -> Sequence[BodyInformation]:
    """Return the words of these bodies on one page, with their contact."""
    found = []
    for body_id in body_ids:
        settings = load_body_settings(session, body_id)
        page = session.get(InformationPage, (body_id, kind))
        found.append(
            BodyInformation(body_id, settings.legal_name, settings.contact, page.text if page else "")
        )
    return found
