"""The awards of a body as they stand with the Caisse des Dépôts: what is ready, what is missing, the clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from portfolio.calendar import day_of
from portfolio.domain.account.models import Person
from portfolio.domain.account.second_factor import decrypt
from portfolio.domain.candidacy.models import Candidacy, Submission, candidate_display_name, is_erased
from portfolio.domain.candidacy_listing.models import CertificateListing
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.holdings.models.events import Acquisition
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant, is_latest
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.si_cpf.models import SiCpfFlow, SiCpfIdentity, SiCpfPassage, SiCpfSettings
from portfolio.domain.si_cpf.rules import REGISTERED_CODE, Gap, HolderIdentity, Passage, PassageState, type_of_code

PAGE_SIZE = 50
_CHUNK_ROWS = 1000
NIR_PURPOSE = "social security number"


class Place(StrEnum):
    """Places of an award, in the order of what is to do."""

    REJECTED = "rejected"
    TO_REMOVE = "to_remove"
    INCOMPLETE = "incomplete"
    READY = "ready"
    SENT = "sent"
    ACCEPTED = "accepted"
    REMOVED = "removed"


# What a body still owes: the three months run for these.
OWED = (Place.REJECTED, Place.INCOMPLETE, Place.READY, Place.SENT)
_GRANT = aliased(Grant)
_SUBJECT = func.coalesce(Certificate.award_id, Certificate.grant_id)
CANDIDACY = func.coalesce(Submission.candidacy_id, Acquisition.candidacy_id)


def _awards(body_id: UUID, *columns: Any, place: Place | None = None) -> Select[Any]:
    """Select columns of the awards of a body, the blocks too where it sends them, with their place."""
    where = place_of(body_id)
    query = (
        select(*columns, where.label("place"))
        .select_from(CertificateListing)
        .join(Certificate, Certificate.id == CertificateListing.certificate_id)
        .outerjoin(Award, Award.id == Certificate.award_id)
        .join(_GRANT, _GRANT.id == func.coalesce(Award.completed_by, Certificate.grant_id))
        .outerjoin(Minutes, Minutes.id == _GRANT.minutes_id)
        .outerjoin(Hearing, Hearing.id == Minutes.hearing_id)
        .outerjoin(JurySession, JurySession.id == Hearing.session_id)
        .outerjoin(Submission, Submission.id == Hearing.submission_id)
        .outerjoin(Acquisition, Acquisition.id == _GRANT.acquisition_id)
        .join(Candidacy, Candidacy.id == CANDIDACY)
        .join(Person, Person.id == Candidacy.candidate_id)
        .join(CertificationVersion, CertificationVersion.id == CertificateListing.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .outerjoin(Block, Block.id == select(Grant.block_id).where(Grant.id == Certificate.grant_id).scalar_subquery())
        .outerjoin(
            SiCpfPassage,
            or_(SiCpfPassage.award_id == Certificate.award_id, SiCpfPassage.grant_id == Certificate.grant_id),
        )
        .outerjoin(SiCpfIdentity, SiCpfIdentity.candidacy_id == Candidacy.id)
        .where(CertificateListing.body_id == body_id, is_latest(), where.is_not(None))
    )
    sends_blocks = exists().where(SiCpfSettings.body_id == body_id, SiCpfSettings.send_blocks)
    query = query.where(or_(CertificateListing.is_whole, SiCpfPassage.id.is_not(None), sends_blocks))
    return query if place is None else query.where(where == place)


def place_of(body_id: UUID) -> ColumnElement[Any]:
    """Return the place of the award of a row, in SQL; null for one that is not held and was never accepted."""
    named_here = aliased(Certification)
    codes = select(named_here.id).where(named_here.body_id == body_id, named_here.code.regexp_match(REGISTERED_CODE))
    named = Certification.id.in_(codes)
    state, held = SiCpfPassage.state, CertificateListing.status == GrantStatus.HELD
    is_ended = CertificateListing.status.in_((GrantStatus.WITHDRAWN, GrantStatus.ANNULLED))
    to_remove = or_(state == PassageState.TO_REMOVE, (state == PassageState.ACCEPTED) & is_ended)
    is_whole = SiCpfIdentity.id.is_not(None) & named
    uncorrected = (state == PassageState.REJECTED) & (SiCpfIdentity.changed_at <= SiCpfPassage.changed_at)
    return case(
        (state.in_((PassageState.SENT, PassageState.REMOVING)), literal(Place.SENT.value)),
        (to_remove & SiCpfIdentity.id.is_not(None), literal(Place.TO_REMOVE.value)),
        (to_remove, literal(Place.INCOMPLETE.value)),
        (state == PassageState.ACCEPTED, literal(Place.ACCEPTED.value)),
        (held & uncorrected & named, literal(Place.REJECTED.value)),
        (held & is_whole, literal(Place.READY.value)),
        (held, literal(Place.INCOMPLETE.value)),
        (state == PassageState.REMOVED, literal(Place.REMOVED.value)),
        else_=None,
    )


@dataclass(frozen=True, slots=True)
class ListedAward:
    """An award on the page: its holder, its day, where it stands, what is missing, the sentence of its rejection."""

    id: UUID
    passage_id: UUID | None
    candidacy_id: UUID
    holder: str
    number: str
    code: str
    block: int | None
    enrolled_on: date
    present_on: date | None
    awarded_on: date
    place: Place
    message: str
    has_nir: bool
    nir_erased_at: datetime | None
    has_identity: bool

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Return what is missing before it can be sent."""
        asked = {Gap.IDENTITY: not self.has_identity, Gap.CODE: type_of_code(self.code) is None}
        return tuple(gap for gap, is_missing in asked.items() if is_missing)


def list_awards(session: Session, body_id: UUID, place: Place, page: int = 1) -> list[ListedAward]:
    """List a page of the awards that stand somewhere, the oldest first."""
    columns = (
        _SUBJECT.label("id"),
        SiCpfPassage.id.label("passage_id"),
        Candidacy.id.label("candidacy_id"),
        candidate_display_name(Person).label("holder"),
        Certificate.number,
        Certification.code,
        Block.number.label("block"),
        Candidacy.opened_at,
        JurySession.held_on.label("present_on"),
        CertificateListing.obtained_on.label("awarded_on"),
        SiCpfPassage.message,
        SiCpfIdentity.nir.is_not(None).label("has_nir"),
        SiCpfIdentity.nir_erased_at,
        SiCpfIdentity.id.is_not(None).label("has_identity"),
    )
    query = _awards(body_id, *columns, place=place).order_by(
        CertificateListing.obtained_on, CertificateListing.sort_name, Certificate.id
    )
    rows = session.execute(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    return [
        ListedAward(
            *(row.id, row.passage_id, row.candidacy_id, row.holder, row.number, row.code, row.block),
            *(day_of(row.opened_at), row.present_on, row.awarded_on, Place(row.place), row.message or ""),
            *(row.has_nir, row.nir_erased_at, row.has_identity),
        )
        for row in rows
    ]


def count_places(session: Session, body_id: UUID) -> dict[Place, int]:
    """Count the awards of a body that stand in each place."""
    found = _awards(body_id, Certificate.id).subquery()
    query = select(found.c.place, func.count()).group_by(found.c.place)
    counts = {Place(place): number for place, number in session.execute(query)}
    return {place: counts[place] for place in Place if place in counts}


@dataclass(frozen=True, slots=True)
class Clock:
    """Number of awards that are owed, day of the oldest, number of those that wait for their suppression."""

    owed: int
    oldest: date | None
    to_remove: int


def load_clock(session: Session, body_id: UUID) -> Clock:
    """Return what the first page of a body says of its transmissions."""
    found = _awards(body_id, CertificateListing.obtained_on).subquery()
    is_owed = found.c.place.in_([place.value for place in OWED])
    query = select(
        func.count().filter(is_owed),
        func.min(found.c.obtained_on).filter(is_owed),
        func.count().filter(found.c.place == Place.TO_REMOVE.value),
    )
    return Clock(*session.execute(query).one())


def subjects_at(session: Session, body_id: UUID, place: Place, limit: int) -> list[Any]:
    """Return the first awards that stand somewhere: their passage, award, block and candidacy."""
    columns = (SiCpfPassage.id.label("passage_id"), Certificate.award_id, Certificate.grant_id, Candidacy.id)
    query = _awards(body_id, *columns, place=place).order_by(CertificateListing.obtained_on, Certificate.id)
    return list(session.execute(query.limit(limit)))


def candidacies_to_ask(session: Session, body_id: UUID) -> list[UUID]:
    """Return the candidacies whose holder did not give their identity."""
    query = _awards(body_id, Candidacy.id, place=Place.INCOMPLETE).where(SiCpfIdentity.id.is_(None), ~is_erased())
    return list(dict.fromkeys(session.scalars(query)))


def passages_of(session: Session, flow: SiCpfFlow, key: str) -> Iterator[Passage]:
    """Yield the passages of a file in the order of their codes, read as they are written."""
    block = func.coalesce(Block.number, 0)
    columns = (
        *(_SUBJECT.label("id"), Certification.code, Certificate.number, block.label("block"), Candidacy.route),
        *(Candidacy.opened_at, JurySession.held_on, CertificateListing.obtained_on),
        Certificate.printed_text["validity"]["until"].as_string().label("until"),
        *(getattr(SiCpfIdentity, name) for name in _IDENTITY),
        SiCpfIdentity.nir,
    )
    query = _awards(flow.body_id, *columns).where(SiCpfPassage.flow_id == flow.id)
    query = query.order_by(Certification.code, SiCpfPassage.id)
    for row in session.execute(query, execution_options={"yield_per": _CHUNK_ROWS}):
        nir = (decrypt(row.nir, key, NIR_PURPOSE) or "") if row.nir else ""
        yield Passage(
            *(row.id, row.code, row.number, f"{row.code}BC{row.block:02d}" if row.block else "", Route(row.route)),
            *(day_of(row.opened_at), row.held_on, row.obtained_on),
            date.fromisoformat(row.until) if row.until else None,
            HolderIdentity(**{name: getattr(row, name) for name in _IDENTITY}, nir=nir),
        )


_IDENTITY = (
    *("birth_name", "first_name", "sex", "born_on", "usual_name", "second_name", "third_name"),
    *("commune_code", "file_number"),
)


def list_facts(
    session: Session, body_id: UUID
) -> Iterator[tuple[str, str, str, Route, date, date | None, date | None]]:
    """Yield the three dated facts of every candidacy: enrolled, present before a jury, awarded the whole (law of 25
    June 2026).
    """
    heard = (
        select(Submission.candidacy_id, func.max(JurySession.held_on).label("on"))
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
        .join(JurySession, JurySession.id == Hearing.session_id)
        .where(Minutes.void_reason.is_(None), func.coalesce(Minutes.attendance, Attendance.HEARD) == Attendance.HEARD)
        .group_by(Submission.candidacy_id)
        .subquery()
    )
    whole = (
        select(CertificateListing.person_id, CertificateListing.version_id, CertificateListing.obtained_on.label("on"))
        .where(CertificateListing.is_whole, CertificateListing.status == GrantStatus.HELD)
        .where(CertificateListing.body_id == body_id)
        .subquery()
    )
    query = (
        select(candidate_display_name(Person), Certification.code, Candidacy.id, Candidacy.route, Candidacy.opened_at)
        .add_columns(heard.c.on, whole.c.on)
        .join(Person, Person.id == Candidacy.candidate_id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .outerjoin(heard, heard.c.candidacy_id == Candidacy.id)
        .outerjoin(whole, (whole.c.person_id == Candidacy.candidate_id) & (whole.c.version_id == Candidacy.version_id))
        .where(Certification.body_id == body_id)
        .order_by(Candidacy.opened_at, Candidacy.id)
    )
    for name, code, candidacy_id, route, opened_at, present_on, awarded_on in session.execute(
        query, execution_options={"yield_per": _CHUNK_ROWS}
    ):
        yield name, code, str(candidacy_id), route, day_of(opened_at), present_on, awarded_on
