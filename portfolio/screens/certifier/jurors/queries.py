"""The pool of jurors as the certifier sees it: a page of fifty, with the workload of each."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, exists, func, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import name_order
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.email.rules import plain_words
from portfolio.domain.jury.models.pool import Juror, JurorAvailability, JurorQualification
from portfolio.domain.jury.models.sessions import JuryMember, JurySession
from portfolio.domain.jury.rules.enums import TiesAnswer
from portfolio.domain.jury.rules.juror_card import PAGE_SIZE, PoolQuery, Workload
from portfolio.domain.jury_session.use_cases.pool import count_former_members


@dataclass(frozen=True, slots=True)
class JurorSummary:
    """A juror in the list."""

    id: UUID
    name: str
    email: str
    quality: str
    employer: str
    college: str
    seats: tuple[str, ...]
    distance_km: int | None
    attends_by_video: bool
    has_answered_ties: bool
    workload: Workload


@dataclass(frozen=True, slots=True)
class PoolPageData:
    """A page of the pool: who is listed, how many in all, how many members of earlier juries are not there yet."""

    rows: tuple[JurorSummary, ...]
    found: int
    total: int
    removed: int
    page: int
    pages: int
    former: int


def load_pool_page(session: Session, body_id: UUID, asked: PoolQuery, today: date) -> PoolPageData:
    """Return one page of the pool of a body, by name, in a constant number of queries."""
    condition = _condition(body_id, asked)
    names = session.execute(select(Juror.id, Juror.name).where(condition)).all()
    found = len(names)
    pages = max(1, -(-found // PAGE_SIZE))
    page = min(max(asked.page, 1), pages)
    ids = [row.id for row in sorted(names, key=lambda row: (name_order(row.name), row.id))]
    shown = ids[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    found_rows = {row.id: row for row in session.scalars(select(Juror).where(Juror.id.in_(shown)))}
    rows = [found_rows[juror_id] for juror_id in shown]
    workloads = load_workloads(session, body_id, [row.email for row in rows], today)
    counted = select(
        func.count().filter(Juror.removed_at.is_(None)), func.count().filter(Juror.removed_at.is_not(None))
    )
    total, removed = session.execute(counted.where(Juror.body_id == body_id)).one()
    summaries = tuple(_summary(row, workloads.get(row.email, Workload())) for row in rows)
    return PoolPageData(summaries, found, total, removed, page, pages, count_former_members(session, body_id))


def load_workloads(session: Session, body_id: UUID, emails: Collection[str], today: date) -> Mapping[str, Workload]:
    """Return how many juries of a body these people sat in, and how many are to come, in one query."""
    is_past = JurySession.held_on < today
    query = (
        select(
            Person.email,
            func.count().filter(is_past),
            func.count().filter(~is_past),
            func.max(JurySession.held_on).filter(is_past),
        )
        .join(JuryMember, JuryMember.person_id == Person.id)
        .join(JuryMember.session)
        .where(Person.email.in_(emails), JurySession.body_id == body_id, JurySession.cancelled_at.is_(None))
        .group_by(Person.email)
    )
    return {email: Workload(past, coming, last) for email, past, coming, last in session.execute(query)}


@dataclass(frozen=True, slots=True)
class PastJury:
    """A jury in which a juror of the pool sits or sat."""

    session_id: UUID
    held_on: date
    certification: str
    seat: str


def list_juries_of(session: Session, body_id: UUID, email: str) -> tuple[PastJury, ...]:
    """Return the last fifty juries of a body that name a person, the latest first."""
    query: Select[*tuple[Any, ...]] = (
        select(JurySession.id, JurySession.held_on, CertificationVersion.title, JuryMember.seat)
        .join(JurySession.members)
        .join(JuryMember.person)
        .join(JurySession.version)
        .where(JurySession.body_id == body_id, Person.email == email)
        .order_by(JurySession.held_on.desc(), JurySession.id)
        .limit(PAGE_SIZE)
    )
    return tuple(PastJury(*row) for row in session.execute(query))


def certification_codes(session: Session, body_id: UUID) -> dict[str, UUID]:
    """Return the certifications of a body by their codes."""
    query = select(Certification.code, Certification.id).where(Certification.body_id == body_id)
    return {code.upper().replace(" ", ""): id_ for code, id_ in session.execute(query)}


def known_jurors(session: Session, body_id: UUID, emails: Collection[str]) -> set[str]:
    """Return which of these addresses are in the pool of a body, those that were removed from it included."""
    query = select(Juror.email).where(Juror.body_id == body_id, Juror.email.in_(email.casefold() for email in emails))
    return set(session.scalars(query))


def certification_choices(session: Session, body_id: UUID) -> list[tuple[UUID, str]]:
    """Return the published certifications of a body, by code."""
    latest = (
        select(CertificationVersion.certification_id, func.max(CertificationVersion.number).label("number"))
        .where(CertificationVersion.published_at.is_not(None))
        .group_by(CertificationVersion.certification_id)
        .subquery()
    )
    query = (
        select(Certification.id, Certification.code, CertificationVersion.title)
        .join(latest, latest.c.certification_id == Certification.id)
        .join(
            CertificationVersion,
            (CertificationVersion.certification_id == Certification.id)
            & (CertificationVersion.number == latest.c.number),
        )
        .where(Certification.body_id == body_id)
        .order_by(Certification.code)
    )
    return [(id, f"{code} · {title}") for id, code, title in session.execute(query)]


def _condition(body_id: UUID, asked: PoolQuery) -> ColumnElement[bool]:
    found = Juror.body_id == body_id
    found &= Juror.removed_at.is_not(None) if asked.is_removed else Juror.removed_at.is_(None)
    for word in plain_words(asked.words).split():
        found &= Juror.search_words.contains(word, autoescape=True)
    if asked.college is not None:
        found &= Juror.college == asked.college
    if asked.seat is not None:
        found &= cast(Juror.seats, String).contains(f'"{asked.seat}"')
    if asked.certification_id is not None:
        found &= exists().where(
            JurorQualification.juror_id == Juror.id, JurorQualification.certification_id == asked.certification_id
        )
    if asked.free_on is not None:
        found &= _covers(asked.free_on, is_available=True) & ~_covers(asked.free_on, is_available=False)
    return found


def _covers(day: date, *, is_available: bool) -> ColumnElement[bool]:
    return exists().where(
        JurorAvailability.juror_id == Juror.id,
        JurorAvailability.first_day <= day,
        JurorAvailability.last_day >= day,
        JurorAvailability.is_available.is_(is_available),
    )


def _summary(row: Juror, workload: Workload) -> JurorSummary:
    return JurorSummary(
        row.id,
        row.name,
        row.email,
        row.quality,
        row.employer,
        row.college,
        tuple(row.seats),
        row.distance_km,
        row.attends_by_video,
        row.ties_answer is not TiesAnswer.UNANSWERED,
        workload,
    )
