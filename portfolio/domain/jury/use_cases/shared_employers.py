"""The conflicts found by comparison: a juror works where a candidate says that they worked (J10)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portfolio.db.engine import new_id
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.jury.models.pool import Juror, JurorConflict
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.rules.juror_card import ConflictKind
from portfolio.domain.jury.rules.shared_employer import same_organisation, shared_organisation
from portfolio.domain.submission.models import Submission
from portfolio.domain.submission.use_cases.sealed_reads import load_sealed_dossier

# A juror and a candidate.
Pair = tuple[UUID, UUID]


def compare_members(session: Session, session_id: UUID, *, at: datetime) -> None:
    """Compare the members of a session, as their cards are, with the candidates still to hear."""
    _compare(session, _members().where(JurySession.id == session_id), at)


def compare_juror(session: Session, juror: Juror, *, at: datetime) -> None:
    """Compare a juror again, whose card changed, with the candidates whom they are about to hear.

    A conflict found with an earlier employer ends; one that the body recorded stays.
    """
    found = select(JurorConflict).where(
        JurorConflict.juror_id == juror.id, JurorConflict.is_pinned.is_(False)
    )
    for row in session.scalars(found).all():
        if not same_organisation(row.organisation, juror.employer):
            _end(session, row, at)
    session.flush()
    _compare(session, _members().where(Juror.id == juror.id), at)


def shared_with(session: Session, jurors: Iterable[Juror], hearings: Collection[Hearing]) -> set[Pair]:
    """Return the jurors and hearings that share an employer, whether the conflict is recorded yet or not;
    none set aside.
    """
    structures = {row.id: structures_of(session, row.submission_id) for row in hearings}
    candidates = {row.id: row.submission.candidacy.candidate_id for row in hearings}
    pairs = {
        (juror.id, hearing): shared
        for juror in jurors
        if juror.employer
        for hearing, named in structures.items()
        if (shared := shared_organisation(juror.employer, named))
    }
    lifted = _stored(session, [(juror, candidates[hearing]) for juror, hearing in pairs])
    return {
        (juror, hearing)
        for (juror, hearing), shared in pairs.items()
        if not _is_lifted(lifted.get((juror, candidates[hearing])), shared)
    }


def structures_of(session: Session, submission_id: UUID) -> tuple[str, ...]:
    """Return where the candidate says that they worked, as it was sealed."""
    return tuple(
        experience.structure for experience in load_sealed_dossier(session, submission_id).experiences
    )


def _members() -> Select[Juror, UUID, UUID]:
    """List the members who are in the pool, each with the candidates that they are about to hear."""
    return (
        select(Juror, Candidacy.candidate_id, Hearing.submission_id)
        .select_from(JuryMember)
        .join(JurySession, JurySession.id == JuryMember.session_id)
        .join(Person, Person.id == JuryMember.person_id)
        .join(Juror, (Juror.email == Person.email) & (Juror.body_id == JurySession.body_id))
        .join(Hearing, (Hearing.session_id == JurySession.id) & Hearing.closed_at.is_(None))
        .join(Submission, Submission.id == Hearing.submission_id)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
    )


def _compare(session: Session, query: Select[Juror, UUID, UUID], at: datetime) -> None:
    rows = session.execute(query).all()
    sealed = {row: structures_of(session, row) for row in {submission_id for _, _, submission_id in rows}}
    pairs = {
        (juror.id, candidate_id): shared_organisation(juror.employer, sealed[submission_id])
        for juror, candidate_id, submission_id in rows
    }
    stored = _stored(session, pairs)
    for pair, shared in pairs.items():
        row = stored.get(pair)
        if row is None and shared:
            _find(session, pair, shared, at)
        elif row is not None and not row.is_pinned and not shared:
            _end(session, row, at)
        elif row is not None and not row.is_pinned and not same_organisation(row.organisation, shared):
            # What the body set aside was about another organisation.
            row.organisation, row.recorded_at = shared, at
            row.lifted_at, row.lifted_by, row.lift_reason = None, None, ""
            record_event(
                session, "pool_conflict_found", ("juror", pair[0]), by=None, at=at, candidate=pair[1]
            )
    session.flush()


def _stored(session: Session, pairs: Collection[Pair]) -> Mapping[Pair, JurorConflict]:
    query = select(JurorConflict).where(JurorConflict.juror_id.in_({juror for juror, _ in pairs}))
    rows = session.scalars(query.where(JurorConflict.candidate_id.in_({candidate for _, candidate in pairs})))
    return {(row.juror_id, row.candidate_id): row for row in rows}


def _is_lifted(row: JurorConflict | None, shared: str) -> bool:
    return row is not None and row.lifted_at is not None and same_organisation(row.organisation, shared)


def _find(session: Session, pair: Pair, shared: str, at: datetime) -> None:
    juror_id, candidate_id = pair
    row = JurorConflict(
        id=new_id(), juror_id=juror_id, candidate_id=candidate_id, kind=ConflictKind.INSTITUTION
    )
    row.is_pinned, row.organisation, row.recorded_at = False, shared, at
    session.add(row)
    record_event(session, "pool_conflict_found", ("juror", juror_id), by=None, at=at, candidate=candidate_id)


def _end(session: Session, row: JurorConflict, at: datetime) -> None:
    juror_id, candidate_id = row.juror_id, row.candidate_id
    session.delete(row)
    record_event(session, "pool_conflict_ended", ("juror", juror_id), by=None, at=at, candidate=candidate_id)
