"""The names under which people speak of a dossier: those that its body typed, whatever their accounts bear."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import CompoundSelect, and_, case, func, select, union
from sqlalchemy.orm import Session

from portfolio.account.models import Person
from portfolio.candidacy.models import Accompaniment, Candidacy, named_advisor, named_candidate


def speakers_of(session: Session, candidacy_id: UUID) -> Mapping[UUID, str]:
    """Map the candidate of a candidacy, its advisor and those it had before to their names, in one query."""
    here = Candidacy.id == candidacy_id
    everyone: CompoundSelect[UUID] = union(
        select(Candidacy.candidate_id).where(here),
        select(Candidacy.advisor_id).where(here),
        select(Accompaniment.person_id).where(Accompaniment.candidacy_id == candidacy_id),
    )
    name = case(
        (Person.id == Candidacy.candidate_id, named_candidate(Person)),
        (Person.id == Candidacy.advisor_id, named_advisor(Person)),
        else_=func.coalesce(Accompaniment.named, Person.name),
    ).label("name")
    kept = and_(Accompaniment.candidacy_id == Candidacy.id, Accompaniment.person_id == Person.id)
    rows = select(Person.id, name).join(Candidacy, here).outerjoin(Accompaniment, kept).where(Person.id.in_(everyone))
    return {row.id: row.name for row in session.execute(rows)}
