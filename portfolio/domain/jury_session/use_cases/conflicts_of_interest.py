"""Find the people who may never judge a candidate, from recorded facts (J10).

The candidates whom a juror of the pool cannot judge, as the body recorded it before any declaration (J10).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Select,
    bindparam,
    exists,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows, insert_if_absent, new_id, read_once
from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import name_order
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import AdvisorAssignment, Candidacy, Submission
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.holdings.models.events import GrantStatusChange
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.pool import Juror, JurorConflict
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.composition import CandidateValue
from portfolio.domain.jury.rules.juror_card import ConflictKind, PoolRefusal
from portfolio.domain.jury_session.use_cases.pool import compare_juror
from portfolio.errors import Refusal

NOBODY: frozenset[UUID] = frozenset()


# Asked at every page of a jury, so built once.
_CANDIDATES: BindParameter[Any] = bindparam("candidates", expanding=True)
_BODIES: BindParameter[Any] = bindparam("bodies", expanding=True)


def _of_bodies(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.join(Candidacy.version)
        .join(CertificationVersion.certification)
        # Out of reach of the index of bodies: the candidates asked for are read, never every candidacy of the
        # body.
        .where(func.coalesce(Certification.body_id, Certification.body_id).in_(_BODIES))
    )


# First of the three, for PostgreSQL takes the types of the columns from the first two.
_ANNULLED_FOR_BIAS = _of_bodies(
    select(
        Certification.body_id,
        Candidacy.candidate_id,
        type_coerce(null(), Candidacy.candidate_id.type).label("person_id"),
        Minutes.composition,
        literal(False).label("is_recorded"),
    )
    .select_from(Candidacy)
    .join(Submission, Submission.candidacy_id == Candidacy.id)
    .join(Hearing, Hearing.submission_id == Submission.id)
    .join(Minutes, Minutes.hearing_id == Hearing.id)
    .join(GrantStatusChange, GrantStatusChange.minutes_id == Minutes.id)
    .where(
        GrantStatusChange.kind == StatusChangeKind.ANNULMENT,
        GrantStatusChange.is_for_bias.is_(True),
        Candidacy.candidate_id.in_(_CANDIDATES),
    )
)
_ACCOMPANIED = _of_bodies(
    select(Certification.body_id, Candidacy.candidate_id, AdvisorAssignment.person_id, null(), literal(False))
    .select_from(Candidacy)
    .join(AdvisorAssignment, AdvisorAssignment.candidacy_id == Candidacy.id)
    .where(Candidacy.candidate_id.in_(_CANDIDATES))
)
_RECORDED = (
    select(Juror.body_id, JurorConflict.candidate_id, Person.id, null(), literal(True))
    .select_from(JurorConflict)
    .join(Juror, Juror.id == JurorConflict.juror_id)
    .join(Person, Person.email == Juror.email)
    .where(Juror.body_id.in_(_BODIES), JurorConflict.candidate_id.in_(_CANDIDATES), JurorConflict.lifted_at.is_(None))
)
_FACTS = union_all(_ANNULLED_FOR_BIAS, _ACCOMPANIED, _RECORDED)


@dataclass(frozen=True, slots=True)
class Incompatibilities:
    """For each candidate, who accompanies or accompanied them, and who judged them in a decision annulled for bias."""

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
            advisors | self.judged.get(candidate_id, NOBODY) | self.related.get(candidate_id, NOBODY) | {candidate_id}
        )

    def value_of(self, candidacy: Candidacy) -> CandidateValue:
        """Hand to the rules whom a jury must be independent of."""
        person = candidacy.candidate_id
        advisors = self.accompanied.get(person, NOBODY) | ({candidacy.advisor_id} if candidacy.advisor_id else NOBODY)
        judged, related = self.judged.get(person, NOBODY), self.related.get(person, NOBODY)
        return CandidateValue(person, candidacy.candidate_name, advisors, judged, related=related)


def load_incompatibilities(session: Session, candidates: Collection[UUID], body_id: UUID) -> Incompatibilities:
    """Read who may not judge these people, in one query: from what happened or was recorded at this body.

    It learns nothing of another one this way. Who accompanied a candidate elsewhere knows it, and cannot
    declare otherwise.
    """
    return _load_by_body(session, frozenset(candidates), frozenset({body_id}))[body_id]


@read_once
def _load_by_body(
    session: Session, candidates: frozenset[UUID], bodies: frozenset[UUID]
) -> dict[UUID, Incompatibilities]:
    """Read the same for several bodies, in one query."""
    accompanied: dict[UUID, dict[UUID, frozenset[UUID]]] = {body: {} for body in bodies}
    judged: dict[UUID, dict[UUID, frozenset[UUID]]] = {body: {} for body in bodies}
    related: dict[UUID, dict[UUID, frozenset[UUID]]] = {body: {} for body in bodies}
    asked = {"candidates": list(candidates), "bodies": list(bodies)}
    for body, candidate, person, composition, is_recorded in fetch_rows(session, _FACTS, asked):
        kind = judged if composition is not None else related if is_recorded else accompanied
        people = {person} if composition is None else {UUID(member["person"]) for member in composition["members"]}
        kind[body][candidate] = kind[body].get(candidate, NOBODY) | people
    return {body: Incompatibilities(accompanied[body], judged[body], related[body]) for body in bodies}


@dataclass(frozen=True, slots=True)
class HeardCandidate:
    """The candidate of a hearing, who accompanies them, and the body that convenes the jury."""

    hearing_id: UUID
    body_id: UUID
    candidate_id: UUID
    advisor_id: UUID | None


def heard_candidate(hearing: Hearing, body_id: UUID) -> HeardCandidate:
    """Return the candidate of a hearing that was read with its candidacy."""
    candidacy = hearing.submission.candidacy
    return HeardCandidate(hearing.id, body_id, candidacy.candidate_id, candidacy.advisor_id)


def load_barred(session: Session, hearings: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return, for each hearing, who may not judge its candidate whatever they declare, in two queries."""
    if not hearings:
        return {}
    query = (
        select(Hearing.id, Certification.body_id, Candidacy.candidate_id, Candidacy.advisor_id)
        .join(Hearing.submission)
        .join(Submission.candidacy)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(Hearing.id.in_(hearings))
    )
    return load_barred_among(session, [HeardCandidate(*row) for row in session.execute(query)])


def load_barred_among(session: Session, heard: Collection[HeardCandidate]) -> dict[UUID, frozenset[UUID]]:
    """Return the same of candidates already read, in one query."""
    if not heard:
        return {}
    candidates, bodies = frozenset(row.candidate_id for row in heard), frozenset(row.body_id for row in heard)
    by_body = _load_by_body(session, candidates, bodies)
    return {row.hearing_id: by_body[row.body_id].barred_from(row.candidate_id, row.advisor_id) for row in heard}


def has_advised(session: Session, person_id: UUID, candidate_id: UUID) -> bool:
    """Tell whether a person accompanies or accompanied a candidate, at whatever body; for their own eyes only."""
    assigned = exists().where(AdvisorAssignment.candidacy_id == Candidacy.id, AdvisorAssignment.person_id == person_id)
    mine = select(Candidacy.id).where(
        Candidacy.candidate_id == candidate_id, (Candidacy.advisor_id == person_id) | assigned
    )
    return session.scalar(mine.limit(1)) is not None


# How many candidates the form of a card offers: those whose candidacies are the latest.
MAX_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class RecordedConflict:
    """A candidate whom a juror cannot judge, and why."""

    id: UUID
    candidate: str
    kind: ConflictKind
    is_pinned: bool
    organisation: str
    lifted_at: datetime | None
    lift_reason: str


def list_conflicts(session: Session, juror_id: UUID) -> tuple[RecordedConflict, ...]:
    """List the candidates whom a juror cannot judge, by name."""
    query = (
        select(
            *(JurorConflict.id, Person.name, JurorConflict.kind, JurorConflict.is_pinned, JurorConflict.organisation),
            *(JurorConflict.lifted_at, JurorConflict.lift_reason),
        )
        .join(Person, Person.id == JurorConflict.candidate_id)
        .where(JurorConflict.juror_id == juror_id)
        .order_by(Person.name, JurorConflict.id)
    )
    return tuple(RecordedConflict(*row) for row in session.execute(query))


def list_candidates(session: Session, body_id: UUID) -> list[tuple[UUID, str]]:
    """List the candidates of a body that a conflict may name, the latest candidacies only."""
    latest = _of_body(body_id).order_by(Candidacy.admissible_on.desc(), Candidacy.id).limit(MAX_CANDIDATES)
    rows = {row.candidate_id: row.candidate_name for row in session.scalars(latest)}
    return sorted(rows.items(), key=lambda row: name_order(row[1]))


def record_conflict(
    session: Session, juror: Juror, candidate_id: UUID, kind: ConflictKind, *, by: UUID, at: datetime
) -> None:
    """Record that a juror cannot judge a candidate; twice is once.

    Raise Refusal for another body's candidate. What the body records stays until the body removes it, over
    what the comparison of employers found or the body set aside.
    """
    if not session.scalar(select(exists(_of_body(juror.body_id).where(Candidacy.candidate_id == candidate_id)))):
        raise Refusal(PoolRefusal.UNKNOWN_CANDIDATE)
    values = {"juror_id": juror.id, "candidate_id": candidate_id, "kind": kind, "is_pinned": True}
    key = ("juror_id", "candidate_id")
    if not insert_if_absent(session, JurorConflict, key, id=new_id(), recorded_at=at, recorded_by=by, **values):
        pair = (JurorConflict.juror_id == juror.id, JurorConflict.candidate_id == candidate_id)
        pinned = {"is_pinned": True, "kind": kind, "recorded_at": at, "recorded_by": by}
        lifted = {"organisation": "", "lifted_at": None, "lifted_by": None, "lift_reason": ""}
        found = update(JurorConflict).where(*pair, JurorConflict.is_pinned.is_(False))
        session.execute(found.values(**pinned, **lifted).execution_options(synchronize_session="fetch"))
    record_event(session, "pool_conflict_recorded", ("juror", juror.id), by=by, at=at, candidate=candidate_id)


def remove_conflict(session: Session, juror: Juror, conflict_id: UUID, *, by: UUID, at: datetime) -> None:
    """Remove a conflict that the body recorded by mistake; the audit log keeps both.

    A shared employer is then found again.
    """
    row = _find(session, juror, conflict_id)
    if row is not None and row.is_pinned:
        candidate = row.candidate_id
        session.delete(row)
        record_event(session, "pool_conflict_removed", ("juror", juror.id), by=by, at=at, candidate=candidate)
        compare_juror(session, juror, at=at)


def lift_conflict(session: Session, juror: Juror, conflict_id: UUID, reason: str, *, by: UUID, at: datetime) -> None:
    """Set aside a conflict that the comparison found, with the reason why it is no relation.

    It counts again when another organisation is found. One that the body recorded is removed, not set aside.
    """
    row = _find(session, juror, conflict_id)
    if row is not None and not row.is_pinned and row.lifted_at is None:
        row.lifted_at, row.lifted_by, row.lift_reason = at, by, reason
        record_event(session, "pool_conflict_lifted", ("juror", juror.id), by=by, at=at, candidate=row.candidate_id)


def _find(session: Session, juror: Juror, conflict_id: UUID) -> JurorConflict | None:
    return session.scalar(
        select(JurorConflict).where(JurorConflict.id == conflict_id, JurorConflict.juror_id == juror.id)
    )


def _of_body(body_id: UUID) -> Select[Candidacy]:
    return (
        select(Candidacy)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(Certification.body_id == body_id)
    )
