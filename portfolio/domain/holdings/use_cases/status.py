"""Current status of a certificate, and its status changes (R10–R13); read only."""

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from portfolio.calendar import day_of
from portfolio.domain.account.models import Person
from portfolio.domain.certification.use_cases.publishing import load_blocks_by_version
from portfolio.domain.holdings.models.events import GrantStatusChange, bears_on
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant, is_latest
from portfolio.domain.holdings.rules.completion import completion_for, event_on, is_valid_on, outlasts
from portfolio.domain.holdings.rules.facts import CertifiedBlock
from portfolio.domain.holdings.rules.status_changes import ENDED, GrantStatus, StatusChangeKind, status_of_whole
from portfolio.domain.holdings.use_cases.facts import Catalogue, load_catalogue
from portfolio.domain.holdings.use_cases.holdings import (
    GrantColumns,
    HeldByPerson,
    RecordedGrant,
    load_held_by_person,
    load_prior_holdings,
    recorded_grants,
)
from portfolio.domain.holdings.use_cases.prior_holdings import HeldBefore

_later = aliased(Certificate)
# Asked at every closing, so built once: the holder of each certificate, the whole that it proves, if any, and whether
# another one rectifies it.
_OWNERS = (
    select(Certificate.id, Grant.person_id, Award, exists().where(_later.rectifies_id == Certificate.id))
    .outerjoin(Grant, Grant.id == Certificate.grant_id)
    .outerjoin(Award, Award.id == Certificate.award_id)
    .where(Certificate.id.in_(bindparam("certificates", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """Status of a certificate: its status, since which act, and the number that replaces it, if any.

    `rectified`: what replaces it says the same thing of the same person, with the words put right (R12). `renewed_by`:
    the number under which the same block was granted later for longer, when its validity is limited.
    """

    status: GrantStatus
    since: date | None = None
    replaced_by: str = ""
    rectified: bool = False
    renewed_by: str = ""


def load_certificate_status(session: Session, certificate: Certificate) -> CertificateStatus:
    """Say where a certificate stands today (R10–R13): one block by its own grant, the whole by every block of
    its version.
    """
    if certificate.award_id is not None:
        whole = load_award_status(session, session.get_one(Award, certificate.award_id))
        return _rectified(session, certificate, whole)
    grant = session.get_one(Grant, certificate.grant_id)
    mine = recorded_grants(session, grant.person_id)
    recorded_grant = next(each for each in mine if each.grant.id == grant.id)
    live = [each for each in mine if each.grant.block_id == grant.block_id and each.status is GrantStatus.HELD]
    is_held = recorded_grant.status is GrantStatus.HELD
    number = live[0].number if live and not is_held else ""
    renewed = [each.number for each in live if is_held and outlasts(each.act, recorded_grant.act)]
    since = _since(session, recorded_grant)
    status = CertificateStatus(recorded_grant.status, since, number, renewed_by="".join(renewed[-1:]))
    return _rectified(session, certificate, status)


def _rectified(session: Session, certificate: Certificate, status: CertificateStatus) -> CertificateStatus:
    """A certificate whose words were rectified (R12) is replaced by the one that says them right, while that
    one is held.
    """
    later = session.scalars(select(Certificate).where(Certificate.rectifies_id == certificate.id)).one_or_none()
    if later is None or status.status is not GrantStatus.HELD:
        return status
    return CertificateStatus(
        GrantStatus.REPLACED, day_of(later.issued_at), latest_correction(session, later).number, rectified=True
    )


def latest_correction(session: Session, certificate: Certificate) -> Certificate:
    """Follow the rectifications of a certificate to the last one."""
    query = select(Certificate)
    while (later := session.scalars(query.where(Certificate.rectifies_id == certificate.id)).one_or_none()) is not None:
        certificate = later
    return certificate


def load_statuses(session: Session, certificates: Collection[Certificate]) -> dict[UUID, GrantStatus]:
    """Say where many certificates stand today, of a block or of the whole, in a constant number of queries."""
    ids = [certificate.id for certificate in certificates]
    owners = session.execute(_OWNERS, {"certificates": ids}).all() if ids else []
    awards = list({award.id: award for _id, _holder, award, _rectified in owners if award is not None}.values())
    people = {award.person_id if award is not None else holder for _id, holder, award, _rectified in owners}
    rectified = {certificate_id for certificate_id, _holder, _award, is_rectified in owners if is_rectified}
    held_by = load_held_by_person(session, people) if awards else None
    recorded = held_by.grants if held_by is not None else recorded_grants(session, *people)
    known = {grant.grant.id: grant.status for grant in recorded}
    wholes = _statuses_of_awards(session, awards, held_by) if held_by is not None else {}
    found = {
        certificate.id: known[certificate.grant_id]
        if certificate.grant_id is not None
        else wholes[certificate.award_id]
        for certificate in certificates
    }
    held = GrantStatus.HELD
    return {
        key: GrantStatus.REPLACED if key in rectified and status is held else status for key, status in found.items()
    }


def load_revoked(session: Session, certificates: Collection[Certificate]) -> frozenset[UUID]:
    """Return those that a withdrawal or an annulment ended for ever, whatever took their place since (R11, R12)."""
    for_ever = {GrantStatus.WITHDRAWN, GrantStatus.ANNULLED}
    statuses = load_statuses(session, certificates)
    found = {key for key, status in statuses.items() if status in for_ever}
    replaced = {
        certificate.award_id: certificate.id
        for certificate in certificates
        if certificate.award_id is not None and statuses[certificate.id] is GrantStatus.REPLACED
    }
    awards = session.scalars(select(Award).where(Award.id.in_(replaced))).all() if replaced else []
    held_by = load_held_by_person(session, {award.person_id for award in awards})
    before = [holding for holding in load_prior_holdings(session, *held_by.acts) if holding.ended_on is not None]
    for award in awards:
        blocks = {block.id for block in load_catalogue(session, award.version_id).blocks}
        if any(status in for_ever for status, _ in _ended(award, blocks, held_by, before)):
            found.add(replaced[award.id])
    return frozenset(found)


def _statuses_of_awards(
    session: Session, awards: Collection[Award], held_by: HeldByPerson
) -> dict[UUID | None, GrantStatus]:
    """Say where many awards stand: the whole stands as long as every block of its version is held, and no
    later award took its place (R7).
    """
    people, versions = {award.person_id for award in awards}, {award.version_id for award in awards}
    before = [holding for holding in load_prior_holdings(session, *people) if holding.ended_on is not None]
    blocks = {version: Catalogue(rows).blocks for version, rows in load_blocks_by_version(session, versions).items()}
    ongoing = {grant.grant.id for grant in held_by.grants if grant.status is GrantStatus.HELD}
    later = (
        select(Award).where(Award.person_id.in_(people), Award.version_id.in_(versions)).order_by(Award.serial.desc())
    )
    live: dict[tuple[UUID, UUID], UUID] = {}
    for row in session.scalars(later):
        if row.completed_by in ongoing:
            live.setdefault((row.person_id, row.version_id), row.id)
    found: dict[UUID | None, GrantStatus] = {}
    for award in awards:
        is_live = live.get((award.person_id, award.version_id), award.id) == award.id
        stands = GrantStatus.HELD if is_live else GrantStatus.REPLACED
        lost = _lost_blocks(award, blocks[award.version_id], held_by)
        found[award.id] = (
            stands if lost is None else status_of_whole([status for status, _ in _ended(award, lost, held_by, before)])
        )
    return found


def _lost_blocks(award: Award, blocks: Sequence[CertifiedBlock], held_by: HeldByPerson) -> set[UUID] | None:
    """Return the blocks that a later act took from a whole; None while it is obtained, and of one that no
    later act touched: it was recorded before the validity of each block was asked, and stays as it is.
    """
    held, ever = held_by.acts[award.person_id], held_by.ever[award.person_id]
    whole = completion_for(blocks, ever)
    if completion_for(blocks, held).obtained or not whole.obtained:
        return None
    day = award.obtained_on
    return {block.id for block in whole.blocks if event_on(day, held.get(block.id, ())) is None}


def _ended(
    award: Award, lost: Set[UUID], held_by: HeldByPerson, before: Collection[HeldBefore]
) -> list[tuple[GrantStatus, RecordedGrant | HeldBefore]]:
    """List what gave these blocks on the day of a whole and holds no more, each with its status."""
    day = award.obtained_on
    grants = [
        (grant.status, grant)
        for grant in held_by.grants
        if grant.of[0] == award.person_id and grant.block_id in lost and grant.status in ENDED
        if is_valid_on(day, grant.act)
    ]
    prior = [
        (GrantStatus.ANNULLED, holding)
        for holding in before
        if holding.person_id == award.person_id and holding.block_id in lost and is_valid_on(day, holding.act)
    ]
    return [*grants, *prior]


def _since(session: Session, recorded_grant: RecordedGrant) -> date | None:
    """Return the day of the last decision that changed the status of a grant."""
    kinds = {
        GrantStatus.SUSPENDED: StatusChangeKind.SUSPENSION,
        GrantStatus.ANNULLED: StatusChangeKind.ANNULMENT,
        GrantStatus.WITHDRAWN: StatusChangeKind.WITHDRAWAL,
    }
    if recorded_grant.status not in kinds:
        return None
    rows = session.scalars(
        _acts_on(recorded_grant.grant).where(GrantStatusChange.kind == kinds[recorded_grant.status])
    ).all()
    return rows[-1].decided_on if rows else None


def load_award_status(session: Session, award: Award) -> CertificateStatus:
    """Say where the whole stands, since when, and under which number another one stands for it."""
    held_by = load_held_by_person(session, {award.person_id})
    lost = _lost_blocks(award, load_catalogue(session, award.version_id).blocks, held_by)
    if lost is not None:
        before = [holding for holding in load_prior_holdings(session, award.person_id) if holding.ended_on]
        ended = _ended(award, lost, held_by, before)
        status = status_of_whole([each for each, _ in ended])
        days = [
            _since(session, proof) if isinstance(proof, RecordedGrant) else proof.ended_on
            for each, proof in ended
            if each is status
        ]
        return CertificateStatus(status, max((day for day in days if day is not None), default=None))
    live = _live_award(session, award)
    return (
        CertificateStatus(GrantStatus.HELD)
        if live.id == award.id
        else CertificateStatus(GrantStatus.REPLACED, None, _number(session, live))
    )


def _live_award(session: Session, award: Award) -> Award:
    """Return the award that stands: the last recorded by a grant that is held."""
    held = {grant.grant.id for grant in recorded_grants(session, award.person_id) if grant.status is GrantStatus.HELD}
    mine = (Award.person_id == award.person_id, Award.version_id == award.version_id)
    rows = session.scalars(select(Award).where(*mine).order_by(Award.serial.desc())).all()
    return next((row for row in rows if row.completed_by in held), award)


def _number(session: Session, award: Award) -> str:
    return session.scalars(select(Certificate.number).where(Certificate.award_id == award.id, is_latest())).one()


@dataclass(frozen=True, slots=True)
class StoredProof:
    """The file that came with a later act."""

    key: str
    name: str
    mime: str
    size: int


def _proof_of(row: GrantStatusChange) -> StoredProof | None:
    if not row.file_key:
        return None
    return StoredProof(row.file_key, row.file_name or "", row.file_mime or "", row.file_size or 0)


@dataclass(frozen=True, slots=True)
class StatusChangeSummary:
    """A later act as it is told: what, when, why, by whom."""

    id: UUID
    kind: StatusChangeKind
    reason: str
    decided_on: date
    heard_on: date | None
    author: str
    recorded_at: datetime
    proof: StoredProof | None


def _acts_on(grant: Grant | GrantColumns) -> Select[GrantStatusChange]:
    """Every later act that bears on a grant, in the order of recording."""
    mine = GrantStatusChange.grant_id == grant.id
    if grant.minutes_id is not None:
        mine = mine | bears_on(GrantStatusChange, grant.minutes_id, grant.block_id)
    return select(GrantStatusChange).where(mine).order_by(GrantStatusChange.recorded_at, GrantStatusChange.sequence)


def list_status_changes(session: Session, grant_id: UUID) -> list[StatusChangeSummary]:
    """List the later acts that bear on a grant, the earliest first."""
    grant = session.get_one(Grant, grant_id)
    query = _acts_on(grant).join(Person, Person.id == GrantStatusChange.decided_by).add_columns(Person.name)
    return [
        StatusChangeSummary(
            row.id, row.kind, row.reason, row.decided_on, row.heard_on, name, row.recorded_at, _proof_of(row)
        )
        for row, name in session.execute(query)
    ]
