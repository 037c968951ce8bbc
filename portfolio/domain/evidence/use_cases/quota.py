"""Compare the evidence of a person and of a body with the limits of the installation."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import ColumnElement

from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.evidence.models.evidence import Evidence, EvidenceFile, Upload
from portfolio.domain.evidence.rules.quota import Quota, Quotas
from portfolio.errors import Refusal


def load_quotas(session: Session, candidacy_id: UUID, person_limit: int, body_limit: int) -> Quotas:
    """Return the two quotas that files of this candidacy count against; what has no limit is not counted."""
    person = _used(session, _of_person(candidacy_id)) if person_limit else 0
    body = _used(session, _of_body(candidacy_id)) if body_limit else 0
    return Quotas(Quota(person_limit, person), Quota(body_limit, body))


def check_quotas(session: Session, candidacy_id: UUID, size: int, person_limit: int, body_limit: int) -> None:
    """Raise Refusal (PERSON, BODY) when so many more bytes pass a quota; two candidacies of one person are
    counted in turn.
    """
    if person_limit:
        candidate_id = select(Candidacy.candidate_id).where(Candidacy.id == candidacy_id).scalar_subquery()
        session.execute(select(Person.id).where(Person.id == candidate_id).with_for_update())
    session.flush()
    quotas = load_quotas(session, candidacy_id, person_limit, body_limit)
    if refusal := quotas.refusal(size):
        raise Refusal(refusal, room=quotas.room or 0)


def _used(session: Session, of: ColumnElement[bool]) -> int:
    """Return the bytes of all versions of the pieces, those removed too while their files are kept, and of
    the uploads.
    """
    kept = (
        select(func.coalesce(func.sum(EvidenceFile.size), 0))
        .join(Evidence, Evidence.id == EvidenceFile.evidence_id)
        .join(Candidacy, Candidacy.id == Evidence.candidacy_id)
        .where(of)
    )
    coming = (
        select(func.coalesce(func.sum(Upload.size), 0))
        .join(Candidacy, Candidacy.id == Upload.candidacy_id)
        .where(of)
    )
    return int(session.scalar(select(kept.scalar_subquery() + coming.scalar_subquery())) or 0)


def _of_person(candidacy_id: UUID) -> ColumnElement[bool]:
    """Return the condition that a candidacy is of the same person as this one."""
    own = aliased(Candidacy)
    return Candidacy.candidate_id == select(own.candidate_id).where(own.id == candidacy_id).scalar_subquery()


def _of_body(candidacy_id: UUID) -> ColumnElement[bool]:
    """Return the condition that a candidacy is of the same body as this one."""
    own, own_version, own_certification = (
        aliased(Candidacy),
        aliased(CertificationVersion),
        aliased(Certification),
    )
    body = (
        select(own_certification.body_id)
        .join(own_version, own_version.certification_id == own_certification.id)
        .join(own, own.version_id == own_version.id)
        .where(own.id == candidacy_id)
        .scalar_subquery()
    )
    versions = (
        select(CertificationVersion.id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Certification.body_id == body)
    )
    return Candidacy.version_id.in_(versions)
