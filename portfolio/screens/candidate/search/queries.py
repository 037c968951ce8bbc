"""Whose dossiers the matches of a search are in."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name


def load_candidates(session: Session, candidacies: Collection[UUID]) -> dict[UUID, str]:
    """Return the name of the candidate of each candidacy, by its id."""
    query = select(Candidacy.id, candidate_display_name(Person)).join(
        Person, Person.id == Candidacy.candidate_id
    )
    return {key: name for key, name in session.execute(query.where(Candidacy.id.in_(candidacies)))}  # noqa: C416
