"""The identity that certificates print, put right: new certificates that refer to the first, never an edit (R12, R13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.account.models import Person
from portfolio.candidacy.models import Candidacy
from portfolio.candidacy.rules import Birth
from portfolio.candidacy.services.telling import tell_candidate
from portfolio.certificate.acts import GrantLaterAct
from portfolio.certificate.models import Award, Certificate, Grant, unrectified
from portfolio.certificate.rules import CertificateRefusal, GrantStatus, Identity, LaterAct, LaterKind, new_number
from portfolio.certificate.services.acquiring import Proof
from portfolio.certificate.services.labels import birth_labels
from portfolio.certificate.services.later import later_row
from portfolio.certificate.services.ledger import append
from portfolio.certificate.services.standing import statuses_of
from portfolio.certification.models import Block
from portfolio.db import new_id
from portfolio.journal.services import note
from portfolio.jury.rules import day_of
from portfolio.mail.services import Letter
from portfolio.refusal import Refusal

_STANDS = (GrantStatus.HELD, GrantStatus.SUSPENDED)


@dataclass(frozen=True, slots=True)
class IdentityPage:
    """What the certificates of a candidacy print of their holder today, and which stand."""

    candidate: str
    identity: Identity
    certificates: tuple[tuple[str, Mapping[str, Any]], ...]


def identity_page(session: Session, candidacy_id: UUID) -> IdentityPage:
    """Gather what certificates that stand print of their holder; raises NoResultFound."""
    candidacy = session.get_one(Candidacy, candidacy_id)
    rows = _standing(session, candidacy)
    identity = identity_in(rows[-1].labels) if rows else Identity(candidacy.candidate_name, candidacy.birth)
    return IdentityPage(candidacy.candidate_name, identity, tuple((one.number, one.labels) for one in rows))


def identity_in(labels: Mapping[str, Any]) -> Identity:
    """Read the holder in the labels of a certificate."""
    birth = labels.get("birth")
    told = Birth(date.fromisoformat(birth["on"]), birth["place"], birth.get("name") or "") if birth else None
    return Identity(labels["holder"], told)


def to_rectify(page: IdentityPage, identity: Identity) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """The certificates that print something else."""
    return tuple(one for one in page.certificates if identity_in(one[1]) != identity)


def rectify_identity(
    session: Session,
    candidacy_id: UUID,
    identity: Identity,
    reason: str,
    decided_on: date,
    proof: Proof | None = None,
    *,
    by: UUID,
    at: datetime,
) -> list[Certificate]:
    """Issue again, under new numbers, each certificate that stands and prints another identity; the first ones stay (R12).

    What is certified, its day and its act do not change; the next certificates of this candidacy print the same. The holder is
    written to. Raises Refusal: no reason, a day to come, or nothing that differs. The candidacy and the person are locked as
    whatever grants holds them.
    """
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True, populate_existing=True)
    session.get_one(Person, candidacy.candidate_id, with_for_update={"key_share": True})
    wrong = [one for one in _standing(session, candidacy) if identity_in(one.labels) != identity]
    _check(wrong, reason, decided_on, day_of(at))
    act = LaterAct(LaterKind.RECTIFICATION, reason, decided_on)
    acts: list[GrantLaterAct] = []
    issued: list[Certificate] = []
    for one in wrong:
        if one.grant is not None:
            acts.append(_recorded(session, one.grant, act, proof, by=by, at=at))
        issued.append(_again(one, identity, decided_on, at))
    if not acts:
        # A whole alone is rectified: the act stands on the grant that completed it.
        acts.append(_recorded(session, _completing(session, wrong[0]), act, proof, by=by, at=at))
    session.add_all(issued)
    _print_next(candidacy, identity)
    session.flush()
    note(session, "identity_rectified", ("candidacy", candidacy_id), by=by, at=at, certificates=len(issued))
    append(session, [*acts, *issued], at=at)  # last but for the e-mail: it takes the ledger's lock
    tell_candidate(session, candidacy, Letter.DECIDED_LATER, at=at)
    return issued


def _recorded(session: Session, grant: Grant, act: LaterAct, proof: Proof | None, *, by: UUID, at: datetime) -> GrantLaterAct:
    row = later_row(session, grant, act, proof, by=by, at=at)
    session.add(row)
    session.flush()
    return row


def _completing(session: Session, certificate: Certificate) -> Grant:
    return session.get_one(Grant, session.get_one(Award, certificate.award_id).completed_by)


def _check(wrong: list[Certificate], reason: str, decided_on: date, today: date) -> None:
    first = min((day_of(one.issued_at) for one in wrong), default=decided_on)
    asked = (
        (CertificateRefusal.NOTHING_TO_RECTIFY, not wrong),
        (CertificateRefusal.NO_REASON, not reason.strip()),
        (CertificateRefusal.DECIDED_TOMORROW, decided_on > today),
        (CertificateRefusal.DECIDED_TOO_SOON, decided_on < first),
    )
    fault = next((code for code, stands in asked if stands), None)
    if fault is not None:
        raise Refusal(fault, granted_on=first)


def _standing(session: Session, candidacy: Candidacy) -> list[Certificate]:
    """The certificates of the person on this version that are held or suspended, and not rectified: blocks, then the whole."""
    grants = select(Grant.id).join(Block, Block.id == Grant.block_id)
    grants = grants.where(Grant.person_id == candidacy.candidate_id, Block.version_id == candidacy.version_id)
    awards = select(Award.id).where(Award.person_id == candidacy.candidate_id, Award.version_id == candidacy.version_id)
    mine = Certificate.grant_id.in_(grants) | Certificate.award_id.in_(awards)
    query = select(Certificate).where(mine, unrectified()).order_by(Certificate.issued_at, Certificate.number)
    rows = session.scalars(query).all()
    statuses = statuses_of(session, rows)
    standing = [one for one in rows if statuses[one.id] in _STANDS]
    return sorted(standing, key=lambda one: (one.award_id is not None, (one.labels["block"] or {}).get("number", 0)))


def _again(one: Certificate, identity: Identity, decided_on: date, at: datetime) -> Certificate:
    """The same words with the identity put right, and the number of the one whose words were wrong."""
    kept = {name: said for name, said in one.labels.items() if name != "birth"}
    said = {"holder": identity.holder, "rectifies": {"number": one.number, "on": decided_on.isoformat()}}
    labels = kept | said | birth_labels(identity.birth)
    subject = {"grant_id": one.grant_id, "award_id": one.award_id}
    return Certificate(id=new_id(), number=new_number(), labels=labels, issued_at=at, rectifies_id=one.id, **subject)


def _print_next(candidacy: Candidacy, identity: Identity) -> None:
    birth = identity.birth
    candidacy.candidate_named = identity.holder
    candidacy.born_on = birth.on if birth else None
    candidacy.birth_place = birth.place if birth else None
    candidacy.birth_name = birth.name or None if birth else None
