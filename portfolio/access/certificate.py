"""A certificate, and what one person is to it: one query."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.access.body import MEMBER, is_member_of
from portfolio.access.candidacy import roles_in
from portfolio.access.policy import Relation, Role, member_roles
from portfolio.domain.account.models import CertifyingBodyMember
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant


@dataclass(frozen=True)
class CertificateAccess:
    """A certificate, of a block or of the whole."""

    number: str
    candidate_id: UUID
    body_id: UUID
    standing: Relation

    @property
    def is_certifier(self) -> bool:
        """Tell whether the person looking acts for the certifying body."""
        return Role.CERTIFIER in self.standing.roles


def find_certificate_access(session: Session, number: str, person_id: UUID) -> CertificateAccess | None:
    """A certificate, with what the person is to it: its holder, or someone who acts for the body that gives it."""
    row = session.execute(
        select(
            func.coalesce(Grant.person_id, Award.person_id).label("holder_id"),
            *(Certification.body_id, Certification.id.label("certification_id"), *MEMBER),
        )
        .select_from(Certificate)
        .outerjoin(Certificate.grant)
        .outerjoin(Grant.block)
        .outerjoin(Certificate.award)
        .join(CertificationVersion, CertificationVersion.id == func.coalesce(Block.version_id, Award.version_id))
        .join(CertificationVersion.certification)
        .outerjoin(CertifyingBodyMember, is_member_of(Certification.body_id, person_id))
        .where(Certificate.number == number)
    ).first()
    if row is None:
        return None
    roles = roles_in(row.holder_id, None, person_id, member_roles(row, row.certification_id))
    return CertificateAccess(number, row.holder_id, row.body_id, Relation(roles))
