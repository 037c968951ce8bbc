"""The partners of a certification: taken from its entry, typed or corrected by the certifier, found for a screen.

The sites of a certifying body: its own places and those of its partners.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Certification, CertificationSite, CertificationVersion, Partner
from portfolio.domain.certification.rules.entry import Habilitation, HabilitationState
from portfolio.domain.certification.rules.entry import Partner as RegisteredPartner
from portfolio.domain.certification.rules.juries import HabilitationAnswer, HabilitationGround, Purpose, habilitation_on
from portfolio.domain.certification.rules.versioning import CertificationRefusal
from portfolio.domain.certification.rules.watching import KnownPartner, RegisterFact, lost_habilitations, partner_key
from portfolio.errors import Conflict, Refusal

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class TypedPartner:
    """A partner as the certifier types it."""

    name: str
    siret: str | None
    habilitation: Habilitation | None
    state: HabilitationState | None
    starts_on: date | None
    ends_on: date | None


def add_missing_partners(session: Session, certification_id: UUID, read: Iterable[RegisteredPartner]) -> None:
    """Add the partners of an entry that the certification does not have yet; the others stay as they are."""
    known = set(session.scalars(select(Partner.identity).where(Partner.certification_id == certification_id)))
    for partner in read:
        key = partner_key(partner.name, partner.siret)
        if key not in known:
            known.add(key)
            session.add(_new(certification_id, key, partner))
    session.flush()


def _new(certification_id: UUID, key: str, registered_partner: RegisteredPartner) -> Partner:
    return Partner(
        certification_id=certification_id,
        identity=key,
        name=registered_partner.name[:300],
        siret=("".join((registered_partner.siret or "").split()) or None),
        habilitation=registered_partner.habilitation,
        state=registered_partner.state,
        starts_on=registered_partner.active_since,
    )


def sync_partners(
    session: Session, certification_id: UUID, read: Sequence[RegisteredPartner], *, on: date
) -> list[RegisterFact]:
    """Bring the partners to what the register says on a day; return the habilitations that were lost.

    A partner typed by the certifier stays; one that they corrected keeps its name and dates, and loses its
    habilitation when the register says so. A partner that the register names no more has lost it on that day.
    """
    add_missing_partners(session, certification_id, read)
    rows = {
        partner.identity: partner
        for partner in session.scalars(select(Partner).where(Partner.certification_id == certification_id))
    }
    by_key = {partner_key(partner.name, partner.siret): partner for partner in read}
    watched = [partner for key, partner in rows.items() if key in by_key or not partner.is_by_hand]
    known = [KnownPartner(partner.identity, partner.name, partner.state) for partner in watched]
    states = {key: partner.state for key, partner in by_key.items()}
    lost = list(lost_habilitations(known, states, on))
    for row in watched:
        _update(row, by_key.get(row.identity), on)
    return lost


def _update(row: Partner, read: RegisteredPartner | None, on: date) -> None:
    state = read.state if read else HabilitationState.REMOVED
    has_ended = state in (HabilitationState.INACTIVE, HabilitationState.REMOVED)
    if has_ended and row.state is HabilitationState.ACTIVE:
        row.state = state
        if row.ends_on is None or row.ends_on > on:
            row.ends_on = on
        row.revision += 1
        return
    if read is None or row.is_by_hand:
        return
    wanted = (read.name[:300], read.habilitation, state, read.active_since)
    if (row.name, row.habilitation, row.state, row.starts_on) != wanted:
        if state is HabilitationState.ACTIVE and row.state is not HabilitationState.ACTIVE:
            row.ends_on = None
        row.name, row.habilitation, row.state, row.starts_on = wanted
        row.revision += 1


@dataclass(frozen=True, slots=True)
class PartnersPage:
    """A page of the partners of a certification, found by a part of their name or SIRET."""

    certification_id: UUID
    code: str
    title: str
    partners: tuple[Partner, ...]
    count: int
    page: int

    @property
    def last_page(self) -> int:
        """Return the number of the last page."""
        return max(1, -(-self.count // PAGE_SIZE))


def partners_page(session: Session, version_id: UUID, search: str = "", page: int = 1) -> PartnersPage:
    """Return one page of the partners of a version's certification, by name, in a constant number of queries."""
    version = session.get_one(CertificationVersion, version_id)
    wanted = [Partner.certification_id == version.certification_id, *_named(search)]
    count = session.scalar(select(func.count()).select_from(Partner).where(*wanted)) or 0
    shown = min(max(page, 1), max(1, -(-count // PAGE_SIZE)))
    rows = session.scalars(
        select(Partner)
        .where(*wanted)
        .order_by(Partner.name, Partner.id)
        .limit(PAGE_SIZE)
        .offset((shown - 1) * PAGE_SIZE)
    )
    return PartnersPage(version.certification_id, version.certification.code, version.title, tuple(rows), count, shown)


def _named(search: str) -> list[ColumnElement[bool]]:
    conditions = []
    for word in search.split()[:8]:
        written = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        conditions.append(
            or_(Partner.name.icontains(word, autoescape=True), Partner.siret.like(f"{written}%", escape="\\"))
        )
    return conditions


def find_partners(session: Session, certification_id: UUID, search: str, limit: int = 20) -> list[Partner]:
    """Return the first partners of a certification whose name or SIRET holds every word searched."""
    query = select(Partner).where(Partner.certification_id == certification_id, *_named(search))
    return list(session.scalars(query.order_by(Partner.name, Partner.id).limit(limit)))


def find_partner(session: Session, certification_id: UUID, partner_id: UUID) -> Partner | None:
    """Return a partner of a certification; None when it is another's."""
    found = session.get(Partner, partner_id)
    return found if found is not None and found.certification_id == certification_id else None


def add_partner(session: Session, certification_id: UUID, typed: TypedPartner, *, by: UUID, at: datetime) -> Partner:
    """Add a partner typed by the certifier. Raise Refusal when the certification already has it."""
    session.get_one(Certification, certification_id, with_for_update=True)
    key = partner_key(typed.name, typed.siret)
    _refuse_twice(session, certification_id, key)
    row = Partner(certification_id=certification_id, identity=key, is_by_hand=True)
    _write(row, typed)
    session.add(row)
    session.flush()
    record_event(session, "partner_added", ("partner", row.id), by=by, at=at, certification=certification_id)
    return row


def correct_partner(
    session: Session, partner: Partner, typed: TypedPartner, *, revision: int, by: UUID, at: datetime
) -> None:
    """Correct a partner.

    Raise Conflict when it changed since `revision`, Refusal when another has its SIRET or name.
    """
    session.refresh(partner, with_for_update=True)
    if partner.revision != revision:
        raise Conflict({"name": partner.name, "siret": partner.siret or ""}, partner.revision)
    key = partner_key(typed.name, typed.siret)
    if key != partner.identity:
        _refuse_twice(session, partner.certification_id, key)
    partner.identity, partner.is_by_hand = key, True
    partner.revision += 1
    _write(partner, typed)
    record_event(session, "partner_corrected", ("partner", partner.id), by=by, at=at, revision=partner.revision)


def _refuse_twice(session: Session, certification_id: UUID, key: str) -> None:
    same = select(Partner.id).where(Partner.certification_id == certification_id, Partner.identity == key)
    if session.scalar(same) is not None:
        raise Refusal(CertificationRefusal.PARTNER_THERE)


def _write(row: Partner, typed: TypedPartner) -> None:
    row.name, row.siret, row.habilitation = typed.name, typed.siret, typed.habilitation
    row.state, row.starts_on, row.ends_on = typed.state, typed.starts_on, typed.ends_on


def answers_on(partner: Partner, on: date) -> tuple[HabilitationAnswer, ...]:
    """Return what a partner may do on a day: train, then hold an assessment."""
    return tuple(habilitation_on(partner.as_period(), purpose, on) for purpose in Purpose)


def habilitation_of(
    session: Session, partner: Partner, certification_id: UUID, purpose: Purpose, on: date
) -> HabilitationAnswer:
    """Return whether a partner may do something on a day for a certification, which may be another than the
    one that named it.
    """
    if partner.certification_id != certification_id:
        query = select(Partner).where(
            Partner.certification_id == certification_id, Partner.identity == partner.identity
        )
        found = session.scalar(query)
        if found is None:
            return HabilitationAnswer(purpose, on, HabilitationGround.NOT_PARTNER)
        partner = found
    return habilitation_on(partner.as_period(), purpose, on)


MAX_SITES = 500


def list_sites(session: Session, body_id: UUID, *, with_retired: bool = False) -> list[CertificationSite]:
    """Return the sites of a body by name, with the partner of each; those in use only, unless asked."""
    query = (
        select(CertificationSite)
        .where(CertificationSite.body_id == body_id)
        .options(joinedload(CertificationSite.partner))
    )
    if not with_retired:
        query = query.where(CertificationSite.is_retired.is_(False))
    return list(session.scalars(query.order_by(CertificationSite.name, CertificationSite.id).limit(MAX_SITES)))


def site_choices(sites: Iterable[CertificationSite]) -> list[tuple[str, str]]:
    """Return the sites as a form offers them: the name, then whose place it is."""
    return [(str(site.id), f"{site.name} ({site.partner.name})" if site.partner else site.name) for site in sites]


def find_site(session: Session, body_id: UUID, site_id: UUID) -> CertificationSite | None:
    """Return a site of a body; None when it is another's."""
    found = session.get(CertificationSite, site_id)
    return found if found is not None and found.body_id == body_id else None


def find_body_partner(session: Session, body_id: UUID, partner_id: UUID | None) -> Partner | None:
    """Return a partner of one of the body's certifications."""
    if partner_id is None:
        return None
    query = select(Partner).join(Certification, Certification.id == Partner.certification_id)
    return session.scalar(query.where(Partner.id == partner_id, Certification.body_id == body_id))


def add_site(
    session: Session, body_id: UUID, name: str, address: str, partner_id: UUID | None, *, by: UUID, at: datetime
) -> CertificationSite:
    """Add a site of the body, or of one of its partners.

    Raise Refusal when the partner is not one of the body's.
    """
    if partner_id is not None and find_body_partner(session, body_id, partner_id) is None:
        raise Refusal(CertificationRefusal.PARTNER_GONE)
    row = CertificationSite(body_id=body_id, name=name, address=address, partner_id=partner_id)
    session.add(row)
    session.flush()
    record_event(session, "site_added", ("site", row.id), by=by, at=at)
    return row


def correct_site(
    session: Session,
    site: CertificationSite,
    name: str,
    address: str,
    *,
    is_retired: bool,
    revision: int,
    by: UUID,
    at: datetime,
) -> None:
    """Correct a site. Sessions keep the place written when they were planned.

    Raise Conflict when it changed since `revision`.
    """
    session.refresh(site, with_for_update=True)
    if site.revision != revision:
        raise Conflict({"name": site.name, "address": site.address}, site.revision)
    site.name, site.address, site.is_retired, site.revision = name, address, is_retired, revision + 1
    record_event(session, "site_corrected", ("site", site.id), by=by, at=at, revision=site.revision)
