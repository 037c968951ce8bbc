"""The people who may have examined a candidate of a route without a livret 2: those of the body, and who
follows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import CertifyingBodyMember, Person
from portfolio.domain.account.rules import name_order
from portfolio.domain.assessment.models import AssessmentResult
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Certification, CertificationVersion

MAX_EXAMINERS = 100


@dataclass(frozen=True, slots=True)
class Examiner:
    """A person who may have examined a candidate."""

    id: UUID
    name: str


def list_examiners(session: Session, candidacy_id: UUID) -> list[Examiner]:
    """Return the members of the body, who follows the candidate, and who examined them before, by name."""
    body = (
        select(Certification.body_id)
        .join(CertificationVersion, CertificationVersion.certification_id == Certification.id)
        .join(Candidacy, Candidacy.version_id == CertificationVersion.id)
        .where(Candidacy.id == candidacy_id)
    )
    members = select(CertifyingBodyMember.person_id).where(CertifyingBodyMember.body_id.in_(body))
    follower = select(Candidacy.advisor_id).where(
        Candidacy.id == candidacy_id, Candidacy.advisor_id.is_not(None)
    )
    before = select(AssessmentResult.examiner_id).where(
        AssessmentResult.candidacy_id == candidacy_id, AssessmentResult.examiner_id.is_not(None)
    )
    query = select(Person.id, Person.name).where(
        or_(Person.id.in_(members), Person.id.in_(follower), Person.id.in_(before))
    )
    rows = session.execute(query.order_by(Person.name, Person.id).limit(MAX_EXAMINERS))
    return [Examiner(id_, name) for id_, name in sorted(rows, key=lambda row: name_order(row.name))]
