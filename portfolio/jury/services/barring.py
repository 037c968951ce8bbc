"""Who may never judge a candidate, whatever they declare (J10): read from what happened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portfolio.candidacy.models import Accompaniment, Candidacy
from portfolio.certificate.acts import GrantLaterAct
from portfolio.certificate.rules import LaterKind
from portfolio.jury.minutes import Minutes
from portfolio.jury.models import Hearing
from portfolio.jury.rules import CandidateValue
from portfolio.submission.models import Submission

NOBODY: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Barring:
    """For each candidate, who accompanies or accompanied them, and who judged them in a decision annulled for bias."""

    accompanied: Mapping[UUID, frozenset[UUID]]
    judged: Mapping[UUID, frozenset[UUID]]

    def value_of(self, candidacy: Candidacy) -> CandidateValue:
        """Hand to the rules whom a jury must be independent of."""
        person = candidacy.candidate_id
        advisors = self.accompanied.get(person, NOBODY) | ({candidacy.advisor_id} if candidacy.advisor_id else NOBODY)
        return CandidateValue(person, candidacy.candidate_name, advisors, self.judged.get(person, NOBODY))


def barring_of(session: Session, candidates: Collection[UUID]) -> Barring:
    """Read who may not judge these people, in two queries."""
    accompanied: dict[UUID, frozenset[UUID]] = {}
    query = select(Candidacy.candidate_id, Accompaniment.person_id).where(Accompaniment.candidacy_id == Candidacy.id)
    for candidate, person in session.execute(query.where(Candidacy.candidate_id.in_(candidates))):
        accompanied[candidate] = accompanied.get(candidate, NOBODY) | {person}
    judged: dict[UUID, frozenset[UUID]] = {}
    for candidate, composition in session.execute(_annulled_for_bias(candidates)):
        members = frozenset(UUID(one["person"]) for one in composition["members"])
        judged[candidate] = judged.get(candidate, NOBODY) | members
    return Barring(accompanied, judged)


def _annulled_for_bias(candidates: Collection[UUID]) -> Select[UUID, dict[str, Any]]:
    return (
        select(Candidacy.candidate_id, Minutes.composition)
        .join(Submission, Submission.candidacy_id == Candidacy.id)
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
        .join(GrantLaterAct, GrantLaterAct.minutes_id == Minutes.id)
        .where(GrantLaterAct.kind == LaterKind.ANNULMENT, GrantLaterAct.bias.is_(True), Candidacy.candidate_id.in_(candidates))
    )
