"""Figures of a body: presented, granted, refused, delays, drop-outs, agreement; counts and shares, never a name."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.candidacy_listing.models import CertificateListing
from portfolio.domain.certification.models import (
    Block,
    Certification,
    CertificationSite,
    CertificationVersion,
    Competency,
)
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.holdings.models.events import GrantStatusChange, ResultNotification, bears_on
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.status_changes import GrantStatus, StatusChangeKind
from portfolio.domain.jury.models.deliberation import (
    JurorOpinion,
    Minutes,
    OpinionsGiven,
    RecordedDecision,
    RecordedFinding,
)
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.rules.conditions import Agreement, Delays, agreement_of, delays_of
from portfolio.domain.jury.rules.enums import Attendance, FindingValue, Outcome
from portfolio.domain.notification.rules.letter import HELD_STATUSES

_ORDER = tuple(FindingValue)


@dataclass(frozen=True)
class FigureFilter:
    """The part of a body's activity that is counted; None counts all of it."""

    body_id: UUID
    certification_id: UUID | None = None
    year: int | None = None
    session_id: UUID | None = None
    site_id: UUID | None = None


@dataclass(frozen=True)
class BlockFigures:
    """One block: how many dossiers presented it, and what juries decided."""

    code: str
    number: int
    title: str
    presented: int
    granted: int
    refused: int


@dataclass(frozen=True)
class CompetencyFigures:
    """One competency: how often juries found it acquired, partially or not, and how far members agreed before
    deliberating.
    """

    label: str
    text: str
    found: dict[FindingValue, int]
    agreement: Agreement


@dataclass(frozen=True)
class StepFigures:
    """Number of candidacies that reached one step of the path."""

    step: str
    number: int


@dataclass(frozen=True)
class YearFigures:
    """One year for a renewal file: people certified, by VAE, and blocks granted."""

    year: int
    certified: int
    by_vae: int
    blocks: int


@dataclass(frozen=True)
class Figures:
    """Every figure of the page, in a number of queries that does not grow with the dossiers."""

    heard: int
    absent: int
    void: int
    blocks: tuple[BlockFigures, ...]
    competencies: tuple[CompetencyFigures, ...]
    to_jury: Delays
    to_letter: Delays
    late_letters: int
    steps: tuple[StepFigures, ...]
    years: tuple[YearFigures, ...] = field(default=())


def load_figures(session: Session, chosen: FigureFilter) -> Figures:
    """Count what the filter keeps."""
    rows = session.execute(
        _closed(chosen, Minutes.attendance, Minutes.void_reason.is_(None), func.count()).group_by(
            Minutes.attendance, Minutes.void_reason.is_(None)
        )
    ).all()
    # A person heard twice is one person, as in the steps below.
    people = _closed(chosen, func.count(Candidacy.candidate_id.distinct()))
    people = people.join(Hearing.submission)
    people = people.join(Submission.candidacy)
    came = func.coalesce(Minutes.attendance, Attendance.HEARD) == Attendance.HEARD
    heard = session.scalar(people.where(came, Minutes.void_reason.is_(None))) or 0
    absent = sum(number for attendance, valid, number in rows if valid and attendance not in (Attendance.HEARD, None))
    void = sum(number for _attendance, valid, number in rows if not valid)
    to_jury, to_letter, late = _delays(session, chosen)
    return Figures(
        heard,
        absent,
        void,
        _blocks(session, chosen),
        _competencies(session, chosen),
        to_jury,
        to_letter,
        late,
        _steps(session, chosen),
        _years(session, chosen),
    )


def _closed(chosen: FigureFilter, *columns: Any) -> Select[Any]:
    """Select columns of the closed minutes that the filter keeps."""
    query = select(*columns).select_from(Minutes).join(Minutes.hearing).join(Hearing.session).join(JurySession.version)
    return query.where(*_conditions(chosen))


def _conditions(chosen: FigureFilter) -> list[ColumnElement[bool]]:
    kept: list[ColumnElement[bool]] = [JurySession.body_id == chosen.body_id]
    if chosen.certification_id is not None:
        kept.append(CertificationVersion.certification_id == chosen.certification_id)
    if chosen.year is not None:
        kept.append(JurySession.held_on.between(date(chosen.year, 1, 1), date(chosen.year, 12, 31)))
    if chosen.session_id is not None:
        kept.append(JurySession.id == chosen.session_id)
    if chosen.site_id is not None:
        kept.append(JurySession.site_id == chosen.site_id)
    return kept


def _blocks(session: Session, chosen: FigureFilter) -> tuple[BlockFigures, ...]:
    columns = (Certification.code, Block.number, func.min(Block.title), RecordedDecision.outcome, func.count())
    query = (
        _closed(chosen, *columns)
        .join(Minutes.decisions)
        .join(Block, Block.id == RecordedDecision.block_id)
        .join(CertificationVersion.certification)
        .where(_decision_stands())
        .group_by(Certification.code, Block.number, RecordedDecision.outcome)
        .order_by(Certification.code, Block.number)
    )
    found: dict[tuple[str, int], dict[Any, Any]] = {}
    for code, number, title, outcome, counted in session.execute(query):
        found.setdefault((code, number), {"title": title})[outcome] = counted
    return tuple(
        BlockFigures(
            code,
            number,
            row["title"],
            row.get(Outcome.VALIDATED, 0) + row.get(Outcome.NOT_VALIDATED, 0),
            row.get(Outcome.VALIDATED, 0),
            row.get(Outcome.NOT_VALIDATED, 0),
        )
        for (code, number), row in found.items()
    )


def _decision_stands() -> ColumnElement[bool]:
    """Return the SQL condition: the decision of the row stands, and what it granted is held today. A refusal waits
    with the blocks of the same minutes that are suspended: the jury itself is in doubt (R10).
    """
    annulled = exists().where(
        bears_on(GrantStatusChange, Minutes.id, RecordedDecision.block_id),
        GrantStatusChange.kind == StatusChangeKind.ANNULMENT,
    )
    lost = exists().where(
        Grant.minutes_id == Minutes.id, Grant.block_id == RecordedDecision.block_id, ~_is_held(Grant.id)
    )
    in_doubt = exists().where(
        Grant.minutes_id == Minutes.id,
        Certificate.grant_id == Grant.id,
        CertificateListing.certificate_id == Certificate.id,
        CertificateListing.status == GrantStatus.SUSPENDED,
    )
    return ~annulled & ~lost & or_(RecordedDecision.outcome == Outcome.VALIDATED, ~in_doubt)


def _is_held(grant_id: Any) -> ColumnElement[bool]:
    """Return the SQL condition: the block granted is held today, by this grant or an earlier one that stands."""
    return exists().where(
        Certificate.grant_id == grant_id,
        CertificateListing.certificate_id == Certificate.id,
        CertificateListing.status.in_(HELD_STATUSES),
    )


def _competencies(session: Session, chosen: FigureFilter) -> tuple[CompetencyFigures, ...]:
    columns = (Competency.id, Block.number, Competency.number, Competency.text, RecordedFinding.value, func.count())
    query = (
        _closed(chosen, *columns)
        .join(Minutes.findings)
        .join(Competency, Competency.id == RecordedFinding.competency_id)
        .join(Competency.block)
        .join(RecordedDecision, and_(RecordedDecision.minutes_id == Minutes.id, RecordedDecision.block_id == Block.id))
        .where(_decision_stands())
        .group_by(Competency.id, Block.number, Competency.number, Competency.text, RecordedFinding.value)
        .order_by(Block.number, Competency.number)
    )
    found: dict[UUID, tuple[str, str, dict[FindingValue, int]]] = {}
    for id, block, number, text, value, counted in session.execute(query):
        found.setdefault(id, (f"{block}.{number}", text, {}))[2][value] = counted
    units = _opinion_units(session, chosen)
    return tuple(
        CompetencyFigures(label, text, values, agreement_of(units.get(id, [])))
        for id, (label, text, values) in found.items()
    )


def _opinion_units(session: Session, chosen: FigureFilter) -> dict[UUID, list[Sequence[int]]]:
    """Return the opinions given on each competency, one list a dossier, without who gave them."""
    given = and_(OpinionsGiven.hearing_id == JurorOpinion.hearing_id, OpinionsGiven.person_id == JurorOpinion.person_id)
    query = (
        _closed(chosen, JurorOpinion.competency_id, JurorOpinion.hearing_id, JurorOpinion.value)
        .join(JurorOpinion, JurorOpinion.hearing_id == Hearing.id)
        .join(OpinionsGiven, given)
    )
    units: defaultdict[tuple[UUID, UUID], list[int]] = defaultdict(list)
    for competency_id, hearing_id, value in session.execute(query):
        units[competency_id, hearing_id].append(_ORDER.index(value))
    found: defaultdict[UUID, list[Sequence[int]]] = defaultdict(list)
    for (competency_id, _hearing), values in units.items():
        found[competency_id].append(values)
    return found


def _delays(session: Session, chosen: FigureFilter) -> tuple[Delays, Delays, int]:
    query = (
        _closed(chosen, Submission.submitted_at, Minutes.decided_on, ResultNotification.notified_at)
        .join(Hearing.submission)
        .outerjoin(ResultNotification, ResultNotification.minutes_id == Minutes.id)
        .where(Minutes.void_reason.is_(None))
    )
    rows = session.execute(query).all()
    waited = [(decided - day_of(submitted_at)).days for submitted_at, decided, _notified in rows]
    letters = [(day_of(notified_at) - decided).days for _sent, decided, notified_at in rows if notified_at is not None]
    return delays_of(waited), delays_of(letters), sum(1 for days in letters if days > 15)


def of_candidacies(chosen: FigureFilter) -> list[ColumnElement[bool]]:
    """Return the conditions on candidacies: the year is that of the admissibility; sessions and sites are of juries."""
    kept: list[ColumnElement[bool]] = [Certification.body_id == chosen.body_id]
    if chosen.certification_id is not None:
        kept.append(Certification.id == chosen.certification_id)
    if chosen.year is not None:
        kept.append(Candidacy.admissible_on.between(date(chosen.year, 1, 1), date(chosen.year, 12, 31)))
    return kept


def _steps(session: Session, chosen: FigureFilter) -> tuple[StepFigures, ...]:
    """Count the candidacies that reached each step: opened, submitted, heard, decided with one block at
    least, certified.
    """
    mine = (
        select(Candidacy.id)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(*of_candidacies(chosen))
    )
    ids = mine.scalar_subquery()
    decided = (
        select(func.count(Submission.candidacy_id.distinct()))
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
        .where(Submission.candidacy_id.in_(ids), Minutes.void_reason.is_(None), Minutes.attendance == Attendance.HEARD)
    )
    granted = decided.join(Grant, Grant.minutes_id == Minutes.id).where(_is_held(Grant.id))
    certified = granted.join(Award, Award.completed_by == Grant.id).where(_is_whole_held())
    listed = select(func.count(Submission.candidacy_id.distinct())).where(Submission.candidacy_id.in_(ids))
    counted = {
        "admissible": select(func.count()).select_from(mine.subquery()),
        "submitted": listed,
        "heard": decided,
        "granted": granted,
        "certified": certified,
    }
    row = session.execute(select(*(count.scalar_subquery() for count in counted.values()))).one()
    return tuple(StepFigures(step, number) for step, number in zip(counted, row, strict=True))


def _is_whole_held() -> ColumnElement[bool]:
    """Return the SQL condition: the whole certification of the award of the row is held today."""
    return exists().where(
        Certificate.award_id == Award.id,
        CertificateListing.certificate_id == Certificate.id,
        CertificateListing.status.in_(HELD_STATUSES),
    )


def _years(session: Session, chosen: FigureFilter) -> tuple[YearFigures, ...]:
    """Count by year the people certified, those by VAE, and the blocks granted by juries: what a renewal file asks."""
    year = func.extract("year", JurySession.held_on)
    route = (
        _closed(chosen, year, Candidacy.route, func.count(Award.id.distinct()), func.count(Grant.id.distinct()))
        .join(Hearing.submission)
        .join(Submission.candidacy)
        .join(Grant, Grant.minutes_id == Minutes.id)
        .outerjoin(Award, (Award.completed_by == Grant.id) & _is_whole_held())
        .where(_is_held(Grant.id))
        .group_by(year, Candidacy.route)
    )
    found: dict[int, list[int]] = {}
    for when, by, certified, blocks in session.execute(route):
        row = found.setdefault(int(when), [0, 0, 0])
        row[0] += certified
        row[1] += certified if by is Route.VAE else 0
        row[2] += blocks
    return tuple(YearFigures(when, *found[when]) for when in sorted(found))


@dataclass(frozen=True)
class FilterChoices:
    """Choices that the filters of the page offer."""

    certifications: tuple[tuple[UUID, str], ...]
    years: tuple[int, ...]
    sessions: tuple[tuple[UUID, date, str], ...]
    sites: tuple[tuple[UUID, str], ...]


def load_choices(session: Session, body_id: UUID) -> FilterChoices:
    """List the certifications, the years, the last hundred sessions and the sites of a body."""
    rows = session.execute(
        select(Certification.id, Certification.code)
        .where(Certification.body_id == body_id)
        .order_by(Certification.code)
    )
    days = select(JurySession.id, JurySession.held_on, JurySession.place).where(JurySession.body_id == body_id)
    sessions = session.execute(days.order_by(JurySession.held_on.desc(), JurySession.id).limit(100)).all()
    sites = session.execute(
        select(CertificationSite.id, CertificationSite.name)
        .where(CertificationSite.body_id == body_id)
        .order_by(CertificationSite.name)
        .limit(100)
    )
    year = func.extract("year", JurySession.held_on)
    years = session.scalars(select(year).where(JurySession.body_id == body_id).distinct().order_by(year.desc()))
    return FilterChoices(
        tuple((id, code) for id, code in rows),
        tuple(int(value) for value in years),
        tuple((id, held_on, place) for id, held_on, place in sessions),
        tuple((id, name) for id, name in sites),
    )
