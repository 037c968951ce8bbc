"""A candidacy, and what one person is to it: one query."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portfolio.access.body import MEMBER, is_member_of
from portfolio.access.policy import Relation, Role, member_roles
from portfolio.db.engine import fetch_rows
from portfolio.domain.account.models import CertifyingBodyMember
from portfolio.domain.candidacy.models import Candidacy, is_closed_candidacy, is_erased
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.rules.draft import DossierState


@dataclass(frozen=True)
class CandidacyAccess:
    """A candidacy and its draft."""

    id: UUID
    candidate_id: UUID
    advisor_id: UUID | None
    version_id: UUID
    body_id: UUID
    dossier_state: DossierState
    standing: Relation
    route: Route = Route.VAE
    # Nothing but minutes, decisions and certificates is left of it.
    is_erased: bool = False

    @property
    def has_dossier(self) -> bool:
        """Tell whether the candidate writes a livret 2."""
        return self.standing.has_dossier

    @property
    def is_candidate(self) -> bool:
        """Tell whether the person looking is the candidate."""
        return Role.CANDIDATE in self.standing.roles

    @property
    def is_certifier(self) -> bool:
        """Tell whether the person looking acts for the certifying body."""
        return Role.CERTIFIER in self.standing.roles

    @property
    def is_editable(self) -> bool:
        """Tell whether the person looking may write in the draft now."""
        return self.is_candidate and self.standing.dossier_is_draft


_ACCESSES = (
    select(
        *(
            Candidacy.id,
            Candidacy.candidate_id,
            Candidacy.advisor_id,
            Candidacy.version_id,
            Certification.body_id,
            Dossier.state,
        ),
        *(Dossier.is_required, Candidacy.route),
        *(Certification.id.label("certification_id"), *MEMBER),
        is_closed_candidacy().label("is_closed"),
        is_erased().label("is_erased"),
    )
    .join(Candidacy.version)
    .join(CertificationVersion.certification)
    .join(Dossier, Dossier.candidacy_id == Candidacy.id)
    .outerjoin(CertifyingBodyMember, is_member_of(Certification.body_id, bindparam("person")))
)
_CANDIDACY = _ACCESSES.where(Candidacy.id == bindparam("candidacy"))
_OWN = _ACCESSES.where(Candidacy.candidate_id == bindparam("person"))


def find_candidacy_access(session: Session, candidacy_id: UUID, person_id: UUID) -> CandidacyAccess | None:
    """A candidacy, with what the person is to it."""
    rows = fetch_rows(session, _CANDIDACY, {"candidacy": candidacy_id, "person": person_id})
    return _access(rows[0], person_id) if rows else None


def list_own_access(session: Session, person_id: UUID) -> list[CandidacyAccess]:
    """List the candidacies of a person, with what they are to each; one query."""
    return [_access(row, person_id) for row in fetch_rows(session, _OWN, {"person": person_id})]


def _access(row: Any, person_id: UUID) -> CandidacyAccess:
    roles = roles_in(row.candidate_id, row.advisor_id, person_id, member_roles(row, row.certification_id))
    is_draft = row.state == DossierState.DRAFT and row.is_required and not row.is_closed
    relation = Relation(roles, dossier_is_draft=is_draft, has_dossier=row.is_required)
    return CandidacyAccess(
        *(row.id, row.candidate_id, row.advisor_id, row.version_id, row.body_id, row.state, relation, row.route),
        is_erased=row.is_erased,
    )


def roles_in(
    candidate_id: UUID, advisor_id: UUID | None, person_id: UUID, as_member: frozenset[Role]
) -> frozenset[Role]:
    roles = set(as_member)
    if candidate_id == person_id:
        roles.add(Role.CANDIDATE)
    if advisor_id == person_id:
        roles.add(Role.ADVISOR)
    return frozenset(roles)
