"""The identity that certificates print, put right: new certificates that refer to the first, never an
edit (R12, R13).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.engine import new_id
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.opening import Birth
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.certification.models import Block
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.models.events import GrantStatusChange
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant, is_latest
from portfolio.domain.holdings.rules.completion import new_number
from portfolio.domain.holdings.rules.status_changes import (
    CertificateRefusal,
    GrantStatus,
    Identity,
    StatusChange,
    StatusChangeKind,
)
from portfolio.domain.holdings.use_cases.granting import Proof
from portfolio.domain.holdings.use_cases.issuing import birth_labels
from portfolio.domain.holdings.use_cases.status import load_statuses
from portfolio.domain.holdings.use_cases.status_changes import status_change_row
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal

_IN_FORCE = (GrantStatus.HELD, GrantStatus.SUSPENDED)


@dataclass(frozen=True, slots=True)
class IdentityPageData:
    """Identity that the certificates of a candidacy print of their holder today, and which stand."""

    candidate: str
    identity: Identity
    certificates: tuple[tuple[str, Mapping[str, Any]], ...]


def load_identity_page(session: Session, candidacy_id: UUID) -> IdentityPageData:
    """Gather what certificates that stand print of their holder; raises NoResultFound."""
    candidacy = session.get_one(Candidacy, candidacy_id)
    rows = _load_certificates_in_force(session, candidacy)
    identity = identity_in(rows[-1].printed_text) if rows else Identity(candidacy.candidate_name, candidacy.birth)
    return IdentityPageData(candidacy.candidate_name, identity, tuple((row.number, row.printed_text) for row in rows))


def identity_in(labels: Mapping[str, Any]) -> Identity:
    """Read the holder in the labels of a certificate."""
    birth = labels.get("birth")
    born = Birth(date.fromisoformat(birth["on"]), birth["place"], birth.get("name") or "") if birth else None
    return Identity(labels["holder"], born)


def to_rectify(page: IdentityPageData, identity: Identity) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """Return the certificates that print something else."""
    return tuple(certificate for certificate in page.certificates if identity_in(certificate[1]) != identity)


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
    """Issue again, under new numbers, each certificate that stands and prints another identity; the first
    ones stay (R12).

    What is certified, its day and its act do not change; the next certificates of this candidacy print the
    same. The holder is written to. Raises Refusal: no reason, a day to come, or nothing that differs. The
    candidacy and the person are locked as whatever grants holds them.
    """
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True, populate_existing=True)
    session.get_one(Person, candidacy.candidate_id, with_for_update={"key_share": True})
    wrong = [
        certificate
        for certificate in _load_certificates_in_force(session, candidacy)
        if identity_in(certificate.printed_text) != identity
    ]
    _check(wrong, reason, decided_on, day_of(at))
    act = StatusChange(StatusChangeKind.RECTIFICATION, reason, decided_on)
    acts: list[GrantStatusChange] = []
    issued: list[Certificate] = []
    for certificate in wrong:
        if certificate.grant is not None:
            acts.append(_recorded(session, certificate.grant, act, proof, by=by, at=at))
        issued.append(_reissue(certificate, identity, decided_on, at))
    if not acts:
        # A whole alone is rectified: the act stands on the grant that completed it.
        acts.append(_recorded(session, _completing(session, wrong[0]), act, proof, by=by, at=at))
    session.add_all(issued)
    _print_next(candidacy, identity)
    session.flush()
    record_event(session, "identity_rectified", ("candidacy", candidacy_id), by=by, at=at, certificates=len(issued))
    append(session, [*acts, *issued], at=at)  # last but for the e-mail: it takes the ledger's lock
    email_candidate(session, candidacy, EmailTemplate.DECIDED_LATER, at=at)
    return issued


def _recorded(
    session: Session, grant: Grant, act: StatusChange, proof: Proof | None, *, by: UUID, at: datetime
) -> GrantStatusChange:
    row = status_change_row(session, grant, act, proof, by=by, at=at)
    session.add(row)
    session.flush()
    return row


def _completing(session: Session, certificate: Certificate) -> Grant:
    return session.get_one(Grant, session.get_one(Award, certificate.award_id).completed_by)


def _check(wrong: list[Certificate], reason: str, decided_on: date, today: date) -> None:
    first = min((day_of(certificate.issued_at) for certificate in wrong), default=decided_on)
    asked = (
        (CertificateRefusal.NOTHING_TO_RECTIFY, not wrong),
        (CertificateRefusal.NO_REASON, not reason.strip()),
        (CertificateRefusal.DECIDED_TOMORROW, decided_on > today),
        (CertificateRefusal.DECIDED_TOO_SOON, decided_on < first),
    )
    fault = next((code for code, applies in asked if applies), None)
    if fault is not None:
        raise Refusal(fault, granted_on=first)


def _load_certificates_in_force(session: Session, candidacy: Candidacy) -> list[Certificate]:
    """Return the certificates of the person on this version that are held or suspended, and not rectified: blocks,
    then the whole.
    """
    grants = select(Grant.id).join(Grant.block)
    grants = grants.where(Grant.person_id == candidacy.candidate_id, Block.version_id == candidacy.version_id)
    awards = select(Award.id).where(Award.person_id == candidacy.candidate_id, Award.version_id == candidacy.version_id)
    mine = Certificate.grant_id.in_(grants) | Certificate.award_id.in_(awards)
    query = select(Certificate).where(mine, is_latest()).order_by(Certificate.issued_at, Certificate.number)
    rows = session.scalars(query).all()
    statuses = load_statuses(session, rows)
    in_force = [row for row in rows if statuses[row.id] in _IN_FORCE]
    return sorted(
        in_force,
        key=lambda certificate: (
            certificate.award_id is not None,
            (certificate.printed_text["block"] or {}).get("number", 0),
        ),
    )


def _reissue(certificate: Certificate, identity: Identity, decided_on: date, at: datetime) -> Certificate:
    """Return the same words with the identity put right, and the number of the one whose words were wrong."""
    unchanged = {name: printed for name, printed in certificate.printed_text.items() if name != "birth"}
    printed = {"holder": identity.holder, "rectifies": {"number": certificate.number, "on": decided_on.isoformat()}}
    labels = unchanged | printed | birth_labels(identity.birth)
    subject = {"grant_id": certificate.grant_id, "award_id": certificate.award_id}
    return Certificate(
        id=new_id(), number=new_number(), printed_text=labels, issued_at=at, rectifies_id=certificate.id, **subject
    )


def _print_next(candidacy: Candidacy, identity: Identity) -> None:
    birth = identity.birth
    candidacy.candidate_display_name = identity.holder
    candidacy.born_on = birth.on if birth else None
    candidacy.birth_place = birth.place if birth else None
    candidacy.birth_name = birth.name or None if birth else None
