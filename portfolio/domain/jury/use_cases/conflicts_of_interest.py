"""Find the people who may never judge a candidate, from recorded facts (J10)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Select, bindparam, exists, func, literal, select, union_all
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import AdvisorAssignment, Candidacy
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.holdings.models.events import GrantStatusChange
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.jury.models.minutes import Minutes
from portfolio.domain.jury.models.pool import Juror, JurorConflict
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.composition import CandidateValue
from portfolio.domain.submission.models import Submission

NOBODY: frozenset[UUID] = frozenset()


# Asked at every page of a jury, so built once.
_CANDIDATES: BindParameter[Any] = bindparam("candidates", expanding=True)
_BODY: BindParameter[Any] = bindparam("body")


def _of_body(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        # Out of reach of the index of bodies: the candidates asked for are read, never every candidacy of the
        # body.
        .where(func.coalesce(Certification.body_id, Certification.body_id) == _BODY)
    )


_RECORDED = (
    select(JurorConflict.candidate_id, Person.id, literal(True))
    .join(Juror, Juror.id == JurorConflict.juror_id)
    .join(Person, Person.email == Juror.email)
    .where(
        Juror.body_id == _BODY, JurorConflict.candidate_id.in_(_CANDIDATES), JurorConflict.lifted_at.is_(None)
    )
)
_ACCOMPANIED = _of_body(
    select(Candidacy.candidate_id, AdvisorAssignment.person_id, literal(False))
    .select_from(Candidacy)
    .join(AdvisorAssignment, AdvisorAssignment.candidacy_id == Candidacy.id)
    .where(Candidacy.candidate_id.in_(_CANDIDATES))
)
_PEOPLE = union_all(_ACCOMPANIED, _RECORDED)
_ANNULLED_FOR_BIAS = _of_body(
    select(Candidacy.candidate_id, Minutes.composition)
    .join(Submission, Submission.candidacy_id == Candidacy.id)
    .join(Hearing, Hearing.submission_id == Submission.id)
    .join(Minutes, Minutes.hearing_id == Hearing.id)
    .join(GrantStatusChange, GrantStatusChange.minutes_id == Minutes.id)
    .where(
        GrantStatusChange.kind == StatusChangeKind.ANNULMENT,
        GrantStatusChange.bias.is_(True),
        Candidacy.candidate_id.in_(_CANDIDATES),
    )
)


@dataclass(frozen=True, slots=True)
class Incompatibilities:
    """For each candidate, who accompanies or accompanied them, and who judged them in a decision annulled for
    bias.
    """

    accompanied: Mapping[UUID, frozenset[UUID]]
    judged: Mapping[UUID, frozenset[UUID]]
    # Of whom the body recorded a relation in its pool of jurors, or whose employer the candidate names too.
    related: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)

    def barred_from(self, candidate_id: UUID, advisor_id: UUID | None) -> frozenset[UUID]:
        """Return who may not judge a candidate: themselves, who accompanies or accompanied them, who judged
        them with bias.
        """
        advisors = self.accompanied.get(candidate_id, NOBODY) | ({advisor_id} if advisor_id else NOBODY)
        return (
            advisors
            | self.judged.get(candidate_id, NOBODY)
            | self.related.get(candidate_id, NOBODY)
            | {candidate_id}
        )

    def value_of(self, candidacy: Candidacy) -> CandidateValue:
        """Hand to the rules whom a jury must be independent of."""
        person = candidacy.candidate_id
        advisors = self.accompanied.get(person, NOBODY) | (
            {candidacy.advisor_id} if candidacy.advisor_id else NOBODY
        )
        judged, related = self.judged.get(person, NOBODY), self.related.get(person, NOBODY)
        return CandidateValue(person, candidacy.candidate_name, advisors, judged, related=related)


def load_incompatibilities(
    session: Session, candidates: Collection[UUID], body_id: UUID
) -> Incompatibilities:
    """Read who may not judge these people, in two queries: from what happened or was recorded at this body.

    It learns nothing of another one this way. Who accompanied a candidate elsewhere knows it, and cannot
    declare otherwise.
    """
    accompanied: dict[UUID, frozenset[UUID]] = {}
    related: dict[UUID, frozenset[UUID]] = {}
    asked = {"candidates": list(candidates), "body": body_id}
    for candidate, person, is_recorded in fetch_rows(session, _PEOPLE, asked):
        known = related if is_recorded else accompanied
        known[candidate] = known.get(candidate, NOBODY) | {person}
    judged: dict[UUID, frozenset[UUID]] = {}
    for candidate, composition in fetch_rows(session, _ANNULLED_FOR_BIAS, asked):
        members = frozenset(UUID(one["person"]) for one in composition["members"])
        judged[candidate] = judged.get(candidate, NOBODY) | members
    return Incompatibilities(accompanied, judged, related)


def load_barred(session: Session, hearings: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return, for each hearing, who may not judge its candidate whatever they declare, in three queries at
    most for one body.
    """
    if not hearings:
        return {}
    query = (
        select(Hearing.id, Certification.body_id, Candidacy.candidate_id, Candidacy.advisor_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Hearing.id.in_(hearings))
    )
    rows = session.execute(query).all()
    by_body = {
        body: load_incompatibilities(session, {row.candidate_id for row in rows if row.body_id == body}, body)
        for body in {row.body_id for row in rows}
    }
    return {row.id: by_body[row.body_id].barred_from(row.candidate_id, row.advisor_id) for row in rows}


def has_advised(session: Session, person_id: UUID, candidate_id: UUID) -> bool:
    """Whether a person accompanies or accompanied a candidate, at whatever body; for their own eyes only."""
    assigned = exists().where(
        AdvisorAssignment.candidacy_id == Candidacy.id, AdvisorAssignment.person_id == person_id
    )
    mine = select(Candidacy.id).where(
        Candidacy.candidate_id == candidate_id, (Candidacy.advisor_id == person_id) | assigned
    )
    return session.scalar(mine.limit(1)) is not None
