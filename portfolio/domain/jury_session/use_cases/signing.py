"""Members sign closed minutes: over the SHA-256 of a canonical form that anybody can keep and check without us."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import rfc8785
from sqlalchemy import BindParameter, Select, exists, select
from sqlalchemy.orm import Session, selectinload

from portfolio.domain.account.passkeys import Proof
from portfolio.domain.account.rules import name_order
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.deliberation import Minutes, MinutesSignature
from portfolio.domain.jury.models.sessions import HearingMember
from portfolio.domain.jury.models.statements import MemberAttendance
from portfolio.domain.jury.rules.enums import JuryRefusal, SigningMethod
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal

_DECIDED = ("outcome", "reason", "override_reason", "recommendation", "no_recommendation")
_FOUND = ("value", "reason", "ground", "ground_text")


@dataclass(frozen=True, slots=True)
class SigningLine:
    """A member who deliberated, and their signature when there is one."""

    person_id: UUID
    name: str
    signature: MinutesSignature | None


def minutes_form(session: Session, hearing_id: UUID) -> bytes:
    """Return closed minutes as canonical JSON (RFC 8785): the same bytes for ever, since their rows never change."""
    minutes = session.scalars(
        select(Minutes)
        .where(Minutes.hearing_id == hearing_id)
        .options(selectinload(Minutes.decisions), selectinload(Minutes.findings))
    ).one()
    blocks = {row.id: row for row in session.scalars(
        select(Block).where(Block.id.in_([row.block_id for row in minutes.decisions])))}  # fmt: skip
    named = Competency.id.in_([row.competency_id for row in minutes.findings])
    texts = {row.id: row.text for row in session.execute(select(Competency.id, Competency.text).where(named))}
    decisions = [
        {"block": blocks[row.block_id].number, "title": blocks[row.block_id].title}
        | {name: getattr(row, name) for name in _DECIDED}
        | {"votes": [row.votes_for, row.votes_against, row.votes_abstained]}
        for row in minutes.decisions
    ]
    findings = [
        {"id": row.competency_id.hex, "competency": texts[row.competency_id]}
        | {name: getattr(row, name) for name in _FOUND}
        for row in minutes.findings
    ]
    value: dict[str, Any] = {
        "format": "acquis-minutes-1",
        "number": minutes.number,
        "decided_on": minutes.decided_on.isoformat(),
        "closed_at": minutes.closed_at.isoformat(),
        "dossier_root": minutes.root,
        "attendance": minutes.attendance,
        "void_reason": minutes.void_reason,
        # The sheet of the interview is the jury's own: the body reads the minutes, not that.
        "composition": {name: told for name, told in minutes.composition.items() if name != "interview"},
        "decisions": sorted(decisions, key=lambda row: row["block"]),
        "findings": sorted(findings, key=lambda row: row["id"]),
    }
    return rfc8785.dumps(value)


def minutes_digest(session: Session, hearing_id: UUID) -> bytes:
    """Return the SHA-256 that members sign."""
    return sha256(minutes_form(session, hearing_id)).digest()


def list_signatures(session: Session, hearing_id: UUID) -> Sequence[SigningLine]:
    """List those who deliberated, the presidency first, then the other seats, each with their signature."""
    query = (
        select(HearingMember.seat, HearingMember.person_id, HearingMember.display_name, MinutesSignature)
        .join(Minutes, Minutes.hearing_id == HearingMember.hearing_id)
        .outerjoin(
            MinutesSignature,
            (MinutesSignature.minutes_id == Minutes.id) & (MinutesSignature.person_id == HearingMember.person_id),
        )
        .where(HearingMember.hearing_id == hearing_id, HearingMember.deliberated.is_(True))
        .order_by(HearingMember.place, HearingMember.rank)
    )
    seats = list(Seat)
    rows = sorted(session.execute(query), key=lambda row: seats.index(row.seat))
    return [SigningLine(person_id, name, signature) for _seat, person_id, name, signature in rows]


def _unsigned() -> Select[UUID, UUID, str]:
    """Select the members who sat and have not signed minutes that a jury closed, by hearing.

    Whoever closed them signed then; a sitting without effect, and a member noted absent, have nothing to sign.
    """
    member = HearingMember
    signed = exists().where(MinutesSignature.minutes_id == Minutes.id, MinutesSignature.person_id == member.person_id)
    away = exists().where(
        MemberAttendance.hearing_id == member.hearing_id,
        MemberAttendance.person_id == member.person_id,
        MemberAttendance.present.is_(False),
    )
    return (
        select(member.hearing_id, member.person_id, member.display_name)
        .join(Minutes, Minutes.hearing_id == member.hearing_id)
        .where(member.deliberated.is_(True), Minutes.void_reason.is_(None))
        .where(member.person_id != Minutes.closed_by, ~signed, ~away)
    )


def select_unsigned_by(person: BindParameter[UUID]) -> Select[UUID]:
    """Select the hearings whose closed minutes a person has to sign."""
    return _unsigned().where(HearingMember.person_id == person).with_only_columns(HearingMember.hearing_id)


def load_unsigned(session: Session, hearing_ids: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return, by hearing whose minutes are closed, the names of those who sat and have not signed them."""
    found: dict[UUID, tuple[str, ...]] = {}
    for hearing_id, _person, name in session.execute(_unsigned().where(HearingMember.hearing_id.in_(hearing_ids))):
        found[hearing_id] = (*found.get(hearing_id, ()), name)
    return {hearing_id: tuple(sorted(names, key=name_order)) for hearing_id, names in found.items()}


def check_may_sign(session: Session, hearing_id: UUID, person_id: UUID) -> Minutes:
    """Return the minutes that a person may sign.

    Raise Refusal: they are still open, the person did not deliberate, or has signed.
    """
    minutes = session.scalar(select(Minutes).where(Minutes.hearing_id == hearing_id))
    if minutes is None:
        raise Refusal(JuryRefusal.STILL_OPEN)
    own = (HearingMember.hearing_id == hearing_id, HearingMember.person_id == person_id)
    if not session.scalar(select(exists().where(*own, HearingMember.deliberated.is_(True)))):
        raise Refusal(JuryRefusal.DID_NOT_DELIBERATE)
    signed = (MinutesSignature.minutes_id == minutes.id, MinutesSignature.person_id == person_id)
    if session.scalar(select(exists().where(*signed))):
        raise Refusal(JuryRefusal.SIGNED_ALREADY)
    return minutes


def sign_minutes(
    session: Session, hearing_id: UUID, method: SigningMethod, proof: Proof | None = None, *, by: UUID, at: datetime
) -> MinutesSignature:
    """Write the signature of a member, whose password or key was verified. Raise Refusal as `check_may_sign`."""
    minutes = check_may_sign(session, hearing_id, by)
    row = MinutesSignature(minutes_id=minutes.id, person_id=by, method=method, signed_at=at)
    row.digest = minutes_digest(session, hearing_id).hex()
    if proof is not None:
        row.credential_public, row.client_data = proof.public_key, proof.client_data
        row.authenticator_data, row.signature = proof.authenticator_data, proof.signature
    session.add(row)
    session.flush()
    record_event(session, "minutes_signed", ("hearing", hearing_id), by=by, at=at, method=method)
    append(session, [row], at=at)  # last: it takes the ledger's lock
    return row
