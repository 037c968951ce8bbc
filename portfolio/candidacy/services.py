"""Use cases of a candidacy: opening it, giving it an advisor; what the certifier and the candidate see of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Exists, Select, exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portfolio.account.models import Person
from portfolio.account.services import invite
from portfolio.candidacy.models import Candidacy
from portfolio.candidacy.rules import CandidacyRefusal, Clock, Opening, Scope, Someone, clocks_for
from portfolio.certification.models import Block, Certification, CertificationVersion
from portfolio.certification.rules import Registration, admissibility_answer
from portfolio.dossier.models import Dossier
from portfolio.dossier.rules import DossierState
from portfolio.journal.services import note
from portfolio.jury.minutes import Minutes
from portfolio.jury.models import Hearing, JurySession, Member, hears
from portfolio.refusal import Refusal
from portfolio.submission.models import Submission


def open_candidacy(session: Session, body_id: UUID, opening: Opening, *, by: UUID, at: datetime) -> Candidacy:
    """Open a candidacy and invite its people. Past dates are allowed; the journal keeps the real moment.

    Raises Refusal: the entry had expired at the admissibility date and no reason overrides it (R9), the blocks
    are not of this version, the advisor is the candidate, or the person already has an open candidacy.
    """
    version = _published(session, body_id, opening.version_id)
    _check_admissibility(version, opening, at)
    blocks = _blocks_asked(version, opening)
    candidate = invite(session, opening.candidate.email, opening.candidate.name, body_id, by=by, at=at, why="candidate")
    session.get(Person, candidate.id, with_for_update=True)
    if session.scalar(select(_open_candidacy(candidate.id, version.id))):
        raise Refusal(CandidacyRefusal.ALREADY_OPEN)
    candidacy = Candidacy(
        candidate_id=candidate.id,
        version_id=version.id,
        route=opening.route,
        regime=opening.regime,
        scope=opening.scope,
        admissible_on=opening.admissible_on,
        expiry_override=opening.expiry_override or None,
        opened_at=at,
        blocks=blocks,
    )
    session.add(candidacy)
    session.flush()
    session.add(Dossier(candidacy_id=candidacy.id, state=DossierState.DRAFT, changed_at=at))
    note(session, "candidacy_opened", ("candidacy", candidacy.id), by=by, at=at, admissible_on=opening.admissible_on,
         route=opening.route, regime=opening.regime, scope=opening.scope, override=bool(opening.expiry_override))  # fmt: skip
    if opening.advisor:
        _give_advisor(session, candidacy, opening.advisor, body_id, by=by, at=at)
    return candidacy


def assign_advisor(session: Session, candidacy_id: UUID, advisor: Someone, *, by: UUID, at: datetime) -> None:
    """Give the candidacy to an advisor, in place of the one it had; the former one stops seeing it at once."""
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True)
    body_id = candidacy.version.certification.body_id
    _give_advisor(session, candidacy, advisor, body_id, by=by, at=at)
    note(session, "advisor_assigned", ("candidacy", candidacy.id), by=by, at=at, advisor=candidacy.advisor_id)


def _give_advisor(session: Session, candidacy: Candidacy, advisor: Someone, body_id: UUID, *, by: UUID, at: datetime) -> None:
    person = invite(session, advisor.email, advisor.name, body_id, by=by, at=at, why="advisor")
    if person.id == candidacy.candidate_id:
        raise Refusal(CandidacyRefusal.ADVISOR_IS_CANDIDATE)
    sits = (
        exists()
        .where(Member.person_id == person.id, Member.session_id == Hearing.session_id)
        .where(Hearing.submission_id == Submission.id, Submission.candidacy_id == candidacy.id)
    )
    if session.scalar(select(sits)):
        raise Refusal(CandidacyRefusal.ADVISOR_SITS)
    candidacy.advisor_id = person.id


def _published(session: Session, body_id: UUID, version_id: UUID) -> CertificationVersion:
    version = session.scalar(
        select(CertificationVersion)
        .join(Certification)
        .where(CertificationVersion.id == version_id, Certification.body_id == body_id)
        .options(selectinload(CertificationVersion.blocks), selectinload(CertificationVersion.registrations))
    )
    if version is None or version.published_at is None:
        raise Refusal(CandidacyRefusal.VERSION_NOT_PUBLISHED)
    return version


def _check_admissibility(version: CertificationVersion, opening: Opening, at: datetime) -> None:
    if opening.admissible_on > at.date():
        raise Refusal(CandidacyRefusal.ADMISSIBLE_TOMORROW)
    registrations = [Registration(row.title, row.act, row.starts_on, row.ends_on) for row in version.registrations]
    answer = admissibility_answer(registrations, opening.admissible_on, successor=version.certification.successor_code)
    if answer.stopped and not opening.expiry_override.strip():
        raise Refusal(
            CandidacyRefusal.ENTRY_EXPIRED,
            until=str(answer.expired_on),
            admissible_on=str(opening.admissible_on),
            successor=answer.successor,
        )


def _blocks_asked(version: CertificationVersion, opening: Opening) -> list[Block]:
    if opening.scope is Scope.WHOLE:
        return list(version.blocks)
    known = {block.id: block for block in version.blocks}
    if not opening.block_ids:
        raise Refusal(CandidacyRefusal.NO_BLOCK)
    if not set(opening.block_ids) <= set(known):
        raise Refusal(CandidacyRefusal.FOREIGN_BLOCK)
    return [block for block in version.blocks if block.id in opening.block_ids]


def _open_candidacy(person_id: UUID, version_id: UUID) -> Exists:
    """A candidacy of this person on this version whose path is not over: no result yet for its last submission."""
    judged = exists().where(Minutes.hearing_id == Hearing.id, hears(), Submission.candidacy_id == Candidacy.id)
    return exists().where(Candidacy.candidate_id == person_id, Candidacy.version_id == version_id, ~judged)


@dataclass(frozen=True)
class CandidacyRow:
    """One candidacy in a list."""

    id: UUID
    candidate: str
    email: str
    has_account: bool
    advisor: str | None
    title: str
    code: str
    version: int
    state: DossierState
    admissible_on: date
    submitted_at: datetime | None
    heard_on: date | None
    closed_at: datetime | None


def _rows() -> Select[*tuple[Any, ...]]:
    candidate, advisor = aliased(Person), aliased(Person)
    last = (
        select(Submission.candidacy_id, func.max(Submission.number).label("number")).group_by(Submission.candidacy_id).subquery()
    )
    return (
        select(
            Candidacy.id,
            candidate.name,
            candidate.email,
            candidate.password_hash.is_not(None),
            advisor.name,
            CertificationVersion.title,
            Certification.code,
            CertificationVersion.number,
            Dossier.state,
            Candidacy.admissible_on,
            Submission.submitted_at,
            JurySession.held_on,
            Hearing.closed_at,
        )
        .join(candidate, candidate.id == Candidacy.candidate_id)
        .outerjoin(advisor, advisor.id == Candidacy.advisor_id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .join(Dossier, Dossier.candidacy_id == Candidacy.id)
        .outerjoin(last, last.c.candidacy_id == Candidacy.id)
        .outerjoin(Submission, (Submission.candidacy_id == Candidacy.id) & (Submission.number == last.c.number))
        .outerjoin(Hearing, hears())
        .outerjoin(JurySession, JurySession.id == Hearing.session_id)
        .order_by(Candidacy.opened_at.desc(), Candidacy.id)
    )


def list_candidacies(session: Session, body_id: UUID) -> list[CandidacyRow]:
    """Every candidacy of a certifying body, the latest first, in one query."""
    query = _rows().where(Certification.body_id == body_id)
    return [CandidacyRow(*row) for row in session.execute(query)]


def own_candidacies(session: Session, person_id: UUID) -> list[CandidacyRow]:
    """Every candidacy of one candidate, the latest first."""
    query = _rows().where(Candidacy.candidate_id == person_id)
    return [CandidacyRow(*row) for row in session.execute(query)]


@dataclass(frozen=True)
class CertifierHome:
    """What a certifier sees first."""

    candidacies: list[CandidacyRow]
    to_plan: int
    drafts: int
    has_published: bool
    has_imported: bool

    @property
    def waiting(self) -> list[CandidacyRow]:
        """Submitted dossiers that no session hears yet."""
        return [row for row in self.candidacies if row.submitted_at and row.heard_on is None]


def certifier_home(session: Session, body_id: UUID, _today: date) -> CertifierHome:
    """Gather the certifier's home: candidacies, what waits for a jury, entries left in draft."""
    rows = list_candidacies(session, body_id)
    published, drafts = session.execute(
        select(
            func.count(CertificationVersion.published_at),
            func.count().filter(CertificationVersion.published_at.is_(None)),
        )
        .join(Certification)
        .where(Certification.body_id == body_id)
    ).one()
    waiting = sum(1 for row in rows if row.submitted_at and row.heard_on is None)
    return CertifierHome(rows, waiting, drafts, published > 0, published + drafts > 0)


@dataclass(frozen=True)
class VersionChoice:
    """A published version offered when a candidacy is opened."""

    id: UUID
    label: str
    blocks: tuple[tuple[UUID, str], ...]


def published_versions(session: Session, body_id: UUID) -> list[VersionChoice]:
    """The published versions of a body with their blocks, the latest of each certification first."""
    versions = session.scalars(
        select(CertificationVersion)
        .join(Certification)
        .where(Certification.body_id == body_id, CertificationVersion.published_at.is_not(None))
        .options(selectinload(CertificationVersion.blocks), joinedload(CertificationVersion.certification))
        .order_by(Certification.code, CertificationVersion.number.desc())
    )
    return [
        VersionChoice(
            version.id,
            f"{version.certification.code} · {version.title} (version {version.number})",
            tuple((block.id, f"Bloc {block.number} : {block.title}") for block in version.blocks),
        )
        for version in versions
    ]


@dataclass(frozen=True)
class CandidacyPage:
    """What the certifier sees of one candidacy: no draft, no conversation."""

    candidacy: Candidacy
    row: CandidacyRow
    blocks: Sequence[Block]
    clocks: list[Clock]


def candidacy_page(session: Session, candidacy_id: UUID) -> CandidacyPage:
    """Gather the certifier's page of one candidacy."""
    query = _rows().where(Candidacy.id == candidacy_id)
    row = CandidacyRow(*session.execute(query).one())
    candidacy = session.scalars(
        select(Candidacy)
        .where(Candidacy.id == candidacy_id)
        .options(
            selectinload(Candidacy.blocks),
            joinedload(Candidacy.candidate),
            joinedload(Candidacy.advisor),
            joinedload(Candidacy.version).joinedload(CertificationVersion.certification),
        )
    ).one()
    submitted = row.submitted_at.date() if row.submitted_at else None
    clocks = clocks_for(candidacy.regime, candidacy.admissible_on, submitted, row.heard_on if row.closed_at else None)
    return CandidacyPage(candidacy, row, candidacy.blocks, clocks)
