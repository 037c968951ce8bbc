"""Later acts of a certifier on something granted: entries of their own, never an edit (R10–R12)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portfolio.account.models import Person
from portfolio.candidacy.models import Candidacy
from portfolio.certificate.acts import GrantLaterAct
from portfolio.certificate.models import Award, Certificate, Grant
from portfolio.certificate.rules import (
    CertificateRefusal,
    GrantStatus,
    LaterAct,
    LaterKind,
    refusal_of,
    status_of_whole,
    whole_for,
)
from portfolio.certificate.services.endings import endings_of
from portfolio.certificate.services.facts import catalogue_of
from portfolio.certificate.services.held import RecordedGrant, held_blocks, recorded_grants
from portfolio.certificate.services.ledger import append
from portfolio.certificate.services.settling import settle
from portfolio.certification.models import Block
from portfolio.journal.services import note
from portfolio.jury.minutes import Minutes
from portfolio.jury.models import Hearing
from portfolio.jury.rules import day_of
from portfolio.refusal import Refusal

# What bears on everything a jury decided for the candidate; the rest bears on one grant.
_OF_JURY = (LaterKind.SUSPENSION, LaterKind.CONFIRMATION, LaterKind.ANNULMENT)


def decide_later(session: Session, grant_id: UUID, act: LaterAct, *, by: UUID, at: datetime) -> GrantLaterAct:
    """Record what the certifier decides of a grant, then whatever else stands in its place.

    A suspension, its confirmation and an annulment bear on everything the same jury decided for the candidate (R10, R12); a
    withdrawal and a rectification on this grant only (R11, R12). After an annulment a new jury may grant anew; a decision of
    another jury that was waiting behind this one is granted at once, under a new serial (R13). Raises Refusal with a
    `CertificateRefusal`, NoResultFound for no such grant. A hearing is locked before its candidate, as a closing does.
    """
    grant = _held_still(session, grant_id, act, at)
    row = _row(session, grant, act, by=by, at=at)
    session.add(row)
    session.flush()
    note(session, f"grant_{act.kind}", ("block_grant", grant.id), by=by, at=at, decided_on=act.decided_on)
    settled = settle(session, grant.person_id, at=at)
    append(session, [row, *settled.rows], at=at)  # last: it takes the ledger's lock
    return row


def _held_still(session: Session, grant_id: UUID, act: LaterAct, at: datetime) -> Grant:
    grant = session.scalars(select(Grant).where(Grant.id == grant_id)).one()
    minutes = session.get_one(Minutes, grant.minutes_id) if grant.minutes_id else None
    if minutes is not None:
        session.get_one(Hearing, minutes.hearing_id, with_for_update=True)
    session.get_one(Person, grant.person_id, with_for_update={"key_share": True})
    _check(session, grant, act, minutes, at)
    return grant


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A certificate that a later act would change: where it stands, and where it would. `before` is None for a new one."""

    number: str
    labels: Mapping[str, Any]
    before: GrantStatus | None
    after: GrantStatus


def foresee(session: Session, grant_id: UUID, act: LaterAct, *, by: UUID, at: datetime) -> tuple[Foreseen, ...]:
    """Say exactly what a later act would change for the person: it is done, read, and undone; nothing stays.

    In a transaction that may write. Raises Refusal as `decide_later` does.
    """
    grant = _held_still(session, grant_id, act, at)
    before = _certificates_of(session, grant.person_id)
    undone = session.begin_nested()
    session.add(_row(session, grant, act, by=by, at=at))
    session.flush()
    settle(session, grant.person_id, at=at)
    after = _certificates_of(session, grant.person_id)
    undone.rollback()
    told = ((number, labels, before.get(number, (None, {}))[0], status) for number, (status, labels) in after.items())
    return tuple(Foreseen(*one) for one in told if one[2] is not one[3])


def _certificates_of(session: Session, person_id: UUID) -> dict[str, tuple[GrantStatus, Mapping[str, Any]]]:
    """Every certificate of a person, of a block or of a whole, with where it stands."""
    grants = select(Grant.id).where(Grant.person_id == person_id)
    awards = select(Award.id).where(Award.person_id == person_id)
    mine = Certificate.grant_id.in_(grants) | Certificate.award_id.in_(awards)
    rows = session.scalars(select(Certificate).where(mine).order_by(Certificate.issued_at, Certificate.number)).all()
    statuses = statuses_of(session, rows)
    return {one.number: (statuses[one.id], one.labels) for one in rows}


def _check(session: Session, grant: Grant, act: LaterAct, minutes: Minutes | None, at: datetime) -> None:
    if minutes is None and act.kind in (LaterKind.SUSPENSION, LaterKind.CONFIRMATION):
        raise Refusal(CertificateRefusal.NO_JURY)
    status = endings_of(session, grant.person_id).of_grant(grant)
    fault = refusal_of(act, status, grant.granted_on, day_of(at))
    if fault is not None:
        raise Refusal(fault, granted_on=grant.granted_on)


def _row(session: Session, grant: Grant, act: LaterAct, *, by: UUID, at: datetime) -> GrantLaterAct:
    of_jury = grant.minutes_id is not None and act.kind in _OF_JURY
    target = {"minutes_id": grant.minutes_id} if of_jury else {"grant_id": grant.id}
    name, value = next(iter(target.items()))
    before = select(func.count()).select_from(GrantLaterAct).where(getattr(GrantLaterAct, name) == value)
    return GrantLaterAct(
        **target,
        kind=act.kind,
        rank=session.scalars(before).one() + 1,
        reason=act.reason.strip(),
        heard_on=act.heard_on if act.kind is LaterKind.WITHDRAWAL else None,
        decided_on=act.decided_on,
        decided_by=by,
        recorded_at=at,
    )


@dataclass(frozen=True, slots=True)
class LaterLine:
    """A later act as it is told: what, when, why, by whom."""

    kind: LaterKind
    reason: str
    decided_on: date
    heard_on: date | None
    author: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a certificate stands today: its status, since which act, and the number that replaces it, if any."""

    status: GrantStatus
    since: date | None = None
    replaced_by: str = ""


def standing_of_certificate(session: Session, certificate: Certificate) -> Standing:
    """Say where a certificate stands today (R10–R13): one block by its own grant, the whole by every block of its version."""
    if certificate.award_id is not None:
        return _of_award(session, session.get_one(Award, certificate.award_id))
    grant = session.get_one(Grant, certificate.grant_id)
    mine = recorded_grants(session, grant.person_id)
    one = next(each for each in mine if each.grant.id == grant.id)
    live = [each for each in mine if each.grant.block_id == grant.block_id and each.status is GrantStatus.HELD]
    number = live[0].number if live and live[0].grant.id != grant.id else ""
    return Standing(one.status, _since(session, one), number)


def statuses_of(session: Session, certificates: Collection[Certificate]) -> dict[UUID, GrantStatus]:
    """Say where many certificates stand today, those of one block in a constant number of queries."""
    people = {one.grant.person_id for one in certificates if one.grant is not None}
    known = {one.grant.id: one.status for one in recorded_grants(session, *people)}
    return {
        one.id: known[one.grant_id] if one.grant_id is not None else standing_of_certificate(session, one).status
        for one in certificates
    }


def _since(session: Session, one: RecordedGrant) -> date | None:
    """The day of the last decision that changed the status of a grant."""
    kinds = {
        GrantStatus.SUSPENDED: LaterKind.SUSPENSION,
        GrantStatus.ANNULLED: LaterKind.ANNULMENT,
        GrantStatus.WITHDRAWN: LaterKind.WITHDRAWAL,
    }
    if one.status not in kinds:
        return None
    rows = session.scalars(_acts_on(one.grant).where(GrantLaterAct.kind == kinds[one.status])).all()
    return rows[-1].decided_on if rows else None


def _acts_on(grant: Grant) -> Select[GrantLaterAct]:
    """Every later act that bears on a grant, in the order of recording."""
    mine = GrantLaterAct.grant_id == grant.id
    if grant.minutes_id is not None:
        mine = mine | (GrantLaterAct.minutes_id == grant.minutes_id)
    return select(GrantLaterAct).where(mine).order_by(GrantLaterAct.recorded_at, GrantLaterAct.rank)


def later_lines(session: Session, grant_id: UUID) -> list[LaterLine]:
    """List the later acts that bear on a grant, the earliest first."""
    grant = session.get_one(Grant, grant_id)
    query = _acts_on(grant).join(Person, Person.id == GrantLaterAct.decided_by).add_columns(Person.name)
    return [
        LaterLine(row.kind, row.reason, row.decided_on, row.heard_on, name, row.recorded_at)
        for row, name in session.execute(query)
    ]


def _of_award(session: Session, award: Award) -> Standing:
    """The whole stands as long as every block of its version is held, and its own act is the one that completes them (R7)."""
    catalogue = catalogue_of(session, award.version_id)
    held = held_blocks(session, award.person_id, award.version_id)
    whole = whole_for(catalogue.blocks, {block_id: one.granted_on for block_id, one in held.items()})
    lost = [one for one in recorded_grants(session, award.person_id) if one.grant.block_id in {b.id for b in whole.missing}]
    if not whole.obtained:
        status = status_of_whole([one.status for one in lost])
        days = [day for one in lost if one.status is status and (day := _since(session, one)) is not None]
        return Standing(status, max(days, default=None))
    live = _live_award(session, award)
    return Standing(GrantStatus.HELD) if live.id == award.id else Standing(GrantStatus.REPLACED, None, _number(session, live))


def _live_award(session: Session, award: Award) -> Award:
    """The award that stands: the last recorded by a grant that is held."""
    held = {one.grant.id for one in recorded_grants(session, award.person_id) if one.status is GrantStatus.HELD}
    mine = (Award.person_id == award.person_id, Award.version_id == award.version_id)
    rows = session.scalars(select(Award).where(*mine).order_by(Award.serial.desc())).all()
    return next((row for row in rows if row.completed_by in held), award)


def _number(session: Session, award: Award) -> str:
    return session.scalars(select(Certificate.number).where(Certificate.award_id == award.id)).one()


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """A certificate as its certifier sees it: where it stands, what was decided of it, what it bears on."""

    number: str
    holder: str
    block_number: int
    block_title: str
    grant_id: UUID
    granted_on: date
    standing: Standing
    minutes: str
    same_jury: tuple[int, ...]
    register: Mapping[str, Any]
    acts: tuple[LaterLine, ...]


def certificate_page(session: Session, candidacy_id: UUID, number: str) -> CertificatePage | None:
    """Gather a certificate of one block for the certifier of a candidacy; None when it is not one of this candidacy's person."""
    row = session.execute(
        select(Certificate, Grant, Block, Minutes.number)
        .join(Grant, Grant.id == Certificate.grant_id)
        .join(Block, Block.id == Grant.block_id)
        .join(Candidacy, (Candidacy.candidate_id == Grant.person_id) & (Candidacy.version_id == Block.version_id))
        .outerjoin(Minutes, Minutes.id == Grant.minutes_id)
        .where(Candidacy.id == candidacy_id, Certificate.number == number)
    ).first()
    if row is None:
        return None
    certificate, grant, block, minutes = row
    return CertificatePage(
        number=certificate.number,
        holder=certificate.labels["holder"],
        block_number=block.number,
        block_title=block.title,
        grant_id=grant.id,
        granted_on=grant.granted_on,
        standing=standing_of_certificate(session, certificate),
        minutes=minutes or "",
        same_jury=_same_jury(session, grant),
        register=certificate.labels["standing"],
        acts=tuple(later_lines(session, grant.id)),
    )


def _same_jury(session: Session, grant: Grant) -> tuple[int, ...]:
    query = select(Block.number).join(Grant, Grant.block_id == Block.id).where(Grant.minutes_id == grant.minutes_id)
    return tuple(session.scalars(query.order_by(Block.number))) if grant.minutes_id else (grant.block.number,)
