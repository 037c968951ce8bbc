"""The names under which people speak of a dossier: those that its body typed, whatever their accounts bear."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import CompoundSelect, and_, case, func, select, union
from sqlalchemy.orm import Session

from portfolio.db.engine import read_once
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import AdvisorAssignment, Candidacy, advisor_display_name, candidate_display_name


@read_once
def load_display_names(session: Session, candidacy_id: UUID) -> Mapping[UUID, str]:
    """Map the candidate of a candidacy, its advisor and those it had before to their names, in one query."""
    here = Candidacy.id == candidacy_id
    everyone: CompoundSelect[UUID] = union(
        select(Candidacy.candidate_id).where(here),
        select(Candidacy.advisor_id).where(here),
        select(AdvisorAssignment.person_id).where(AdvisorAssignment.candidacy_id == candidacy_id),
    )
    name = case(
        (Person.id == Candidacy.candidate_id, candidate_display_name(Person)),
        (Person.id == Candidacy.advisor_id, advisor_display_name(Person)),
        else_=func.coalesce(AdvisorAssignment.display_name, Person.name),
    ).label("name")
    assigned = and_(AdvisorAssignment.candidacy_id == Candidacy.id, AdvisorAssignment.person_id == Person.id)
    rows = (
        select(Person.id, name)
        .join(Candidacy, here)
        .outerjoin(AdvisorAssignment, assigned)
        .where(Person.id.in_(everyone))
    )
    return {row.id: row.name for row in session.execute(rows)}
