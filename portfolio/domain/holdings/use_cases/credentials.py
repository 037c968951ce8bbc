"""Verifiable credentials of certificates: signed once after the closing, kept as signed; lists of withdrawals."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from portfolio.calendar import day_of
from portfolio.db.engine import new_id
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Block, CertificationVersion
from portfolio.domain.holdings.models.events import GrantStatusChange
from portfolio.domain.holdings.models.grants import (
    Award,
    Certificate,
    CertificateSeal,
    CertificateShare,
    CertificateSignature,
    Grant,
    PriorHolding,
    PriorHoldingEnd,
    VerifiableCredential,
    WalletOffer,
)
from portfolio.domain.holdings.rules.completion import end_of, lasts_until
from portfolio.domain.holdings.rules.status_changes import CertificateRefusal, GrantStatus, StatusChangeKind
from portfolio.domain.holdings.use_cases.granting import AwardBlock, list_award_blocks
from portfolio.domain.holdings.use_cases.status import (
    CertificateStatus,
    load_certificate_status,
    load_revoked,
    load_statuses,
)
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.domain.ledger.rules.acts import act_of
from portfolio.errors import Refusal
from portfolio.verifiable_credentials import CONTEXTS, LIST_BITS, Issuer, as_text, encoded_list, moment
from portfolio.wallet_credentials import LASTS, PIN_DIGITS

AT_ONCE = 50  # signed in one transaction
_LISTED = 200
# Numbers are drawn fast while half of a list is free.
_IN_A_LIST = LIST_BITS // 2


@dataclass(frozen=True, slots=True)
class CredentialFacts:
    """Values that a credential is made from; `recorded_at` is when the ledger recorded the certificate."""

    address: str
    number: str
    labels: Mapping[str, Any]
    recorded_at: datetime
    subject: str
    holder_hash: str
    certification_id: UUID
    version_id: UUID
    blocks: tuple[AwardBlock, ...]


Write = Callable[[CredentialFacts], dict[str, Any]]


def status_list_path(number: int, *, token: bool) -> str:
    """Return where the list of withdrawals of this number is published, as a JWT or with a Data Integrity proof."""
    return f"/statuts/retraits/{number}{'.jwt' if token else ''}"


def sign_missing(session: Session, issuer: Issuer, write: Write, *, at: datetime, number: str = "") -> int:
    """Sign the credentials of certificates that have none, some at once, or that of one `number`; return how many.

    What is signed is dated by the ledger, not by this run.
    """
    recorded = LedgerEntry.record_type == act_of(Certificate.__tablename__, 1)
    query = (
        select(Certificate, LedgerEntry.recorded_at, CertificationVersion.id, CertificationVersion.certification_id)
        .outerjoin(Certificate.grant)
        .outerjoin(Grant.block)
        .outerjoin(Certificate.award)
        .join(CertificationVersion, CertificationVersion.id == func.coalesce(Block.version_id, Award.version_id))
        .outerjoin(LedgerEntry, (LedgerEntry.row_id == Certificate.id) & recorded)
        .where(~exists().where(VerifiableCredential.certificate_id == Certificate.id))
        .order_by(Certificate.issued_at, Certificate.id)
        .limit(AT_ONCE)
    )
    if number:
        query = query.where(Certificate.number == number)
    rows = session.execute(query).all()
    places = _draw_places(session, len(rows)) if rows else []
    for (certificate, recorded_at, version_id, certification_id), place in zip(rows, places, strict=True):
        salt = secrets.token_hex(32)
        facts = CredentialFacts(
            address=issuer.address,
            number=certificate.number,
            labels=certificate.printed_text,
            recorded_at=recorded_at or certificate.issued_at,
            subject=uuid4().urn,
            holder_hash=name_hash(certificate.printed_text["holder"], salt),
            certification_id=certification_id,
            version_id=version_id,
            blocks=list_award_blocks(session, certificate),
        )
        content = write(facts)
        document = issuer.sign_document(_with_status(content, issuer, place, token=False), facts.recorded_at)
        session.add(
            VerifiableCredential(
                id=new_id(), certificate_id=certificate.id, status_list=place[0], status_index=place[1],
                holder_salt=salt, document=as_text(document),
                token=issuer.sign_token(_with_status(content, issuer, place, token=True)), signed_at=at,
            )
        )  # fmt: skip
    session.flush()
    return len(rows)


def name_hash(name: str, salt: str) -> str:
    """Return the hash of the holder's name as an identifier of Open Badges holds it."""
    return f"sha256${hashlib.sha256((name + salt).encode()).hexdigest()}"


def _draw_places(session: Session, count: int) -> list[tuple[int, int]]:
    """Draw numbers at random that no credential of the list has: who reads the list learns no order of issue."""
    last = session.scalar(select(func.max(VerifiableCredential.status_list))) or 1
    of_list = VerifiableCredential.status_list == last
    if (session.scalar(select(func.count()).where(of_list)) or 0) + count > _IN_A_LIST:
        last += 1
        of_list = VerifiableCredential.status_list == last
    taken = set(session.scalars(select(VerifiableCredential.status_index).where(of_list)))
    places: list[tuple[int, int]] = []
    while len(places) < count:
        index = secrets.randbelow(LIST_BITS)
        if index not in taken:
            taken.add(index)
            places.append((last, index))
    return places


def _with_status(content: Mapping[str, Any], issuer: Issuer, place: tuple[int, int], *, token: bool) -> dict[str, Any]:
    """Return a credential that names its bit in the list secured as it is."""
    listed = issuer.address + status_list_path(place[0], token=token)
    status = {
        "id": f"{listed}#{place[1]}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(place[1]),
        "statusListCredential": listed,
    }
    return {**content, "credentialStatus": status}


def load_credential(session: Session, number: str) -> VerifiableCredential | None:
    """Return the credential of a certificate; None before it is signed."""
    query = select(VerifiableCredential).join(VerifiableCredential.certificate)
    return session.scalar(
        query.options(contains_eager(VerifiableCredential.certificate)).where(Certificate.number == number)
    )


def iterate_certificates(session: Session) -> Iterator[tuple[Certificate, GrantStatus, bool]]:
    """Yield every certificate, the oldest first, with its status today and whether its credential is signed."""
    query = select(Certificate.id).order_by(Certificate.issued_at, Certificate.number)
    ids = session.scalars(query).all()
    for start in range(0, len(ids), _LISTED):
        some = ids[start : start + _LISTED]
        rows = session.scalars(select(Certificate).where(Certificate.id.in_(some))).all()
        signed = VerifiableCredential.certificate_id
        known = set(session.scalars(select(signed).where(signed.in_(some))))
        statuses = load_statuses(session, rows)
        for row in sorted(rows, key=lambda one: some.index(one.id)):
            yield row, statuses[row.id], row.id in known


def find_revoked_indexes(session: Session, number: int) -> list[int] | None:
    """Return the bits that are set in a list of withdrawals, in order; None for a list that does not exist.

    Only people about whom something was ended are read.
    """
    last = session.scalar(select(func.max(VerifiableCredential.status_list))) or 1
    if not 1 <= number <= last:
        return None
    rows = session.execute(
        select(VerifiableCredential.status_index, Certificate)
        .join(VerifiableCredential.certificate)
        .outerjoin(Certificate.grant)
        .outerjoin(Certificate.award)
        .where(VerifiableCredential.status_list == number)
        .where(func.coalesce(Grant.person_id, Award.person_id).in_(_people_with_endings()))
    ).all()
    revoked = load_revoked(session, [certificate for _index, certificate in rows])
    return sorted(index for index, certificate in rows if certificate.id in revoked)


def _people_with_endings() -> Any:
    kinds = (StatusChangeKind.WITHDRAWAL, StatusChangeKind.ANNULMENT)
    act = GrantStatusChange
    ended = select(Grant.person_id).where(
        exists().where(act.kind.in_(kinds), or_(act.grant_id == Grant.id, act.minutes_id == Grant.minutes_id))
    )
    prior = select(PriorHolding.person_id).join(PriorHoldingEnd, PriorHoldingEnd.holding_id == PriorHolding.id)
    return ended.union(prior)


def sign_status_list(issuer: Issuer, number: int, revoked: Sequence[int], at: datetime, *, token: bool) -> str:
    """Return a list of withdrawals as a signed credential: the same text for everyone who asks."""
    place = issuer.address + status_list_path(number, token=token)
    content = {
        "@context": [CONTEXTS[0]],
        "id": place,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": {"id": ""},
        "validFrom": moment(at),
        "credentialSubject": {
            "id": f"{place}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded_list(revoked),
        },
    }
    return issuer.sign_token(content) if token else as_text(issuer.sign_document(content, at))


MOST_TRIES = 5


def offer(session: Session, number: str, *, by: UUID, at: datetime) -> tuple[str, str]:
    """Return the code of a new offer of a certificate and the digits that its holder types; the former offers of the
    certificate end. Raise Refusal when it does not stand.
    """
    certificate = session.scalars(select(Certificate).where(Certificate.number == number)).one()
    _check_stands(session, certificate, at)
    session.execute(delete(WalletOffer).where(WalletOffer.certificate_id == certificate.id))
    code, digits = secrets.token_urlsafe(32), f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
    session.add(
        WalletOffer(
            certificate_id=certificate.id, code_hash=_hash(code), digits_hash=_hash(code + digits), tries=0,
            ends_at=at + LASTS,
        )
    )  # fmt: skip
    record_event(session, "wallet_offered", ("certificate", certificate.id), by=by, at=at, number=number)
    return code, digits


def exchange(session: Session, code: str, digits: str, *, at: datetime) -> str | None:
    """Return the token that an offer gives, once; None for one that ended, was taken, or after wrong digits, of which
    five end it.
    """
    row = session.scalar(select(WalletOffer).where(WalletOffer.code_hash == _hash(code)).with_for_update())
    if row is None or row.ends_at <= at or row.token_hash is not None or row.tries >= MOST_TRIES:
        return None
    row.tries += 1
    if not hmac.compare_digest(row.digits_hash, _hash(code + digits)):
        return None
    token = secrets.token_urlsafe(32)
    row.token_hash = _hash(token)
    return token


def take(session: Session, token: str, *, at: datetime) -> Certificate | None:
    """Return the certificate that a token gives, once: the offer ends; None for any other token, and for one whose
    certificate ended since.
    """
    row = session.scalar(select(WalletOffer).where(WalletOffer.token_hash == _hash(token)).with_for_update())
    if row is None or row.ends_at <= at:
        return None
    certificate = session.get_one(Certificate, row.certificate_id)
    if not _stands(load_certificate_status(session, certificate), certificate, at):
        session.delete(row)
        return None
    facts = {"number": certificate.number}
    record_event(session, "wallet_took", ("certificate", certificate.id), by=None, at=at, **facts)
    session.delete(row)
    return certificate


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_TOKEN_BYTES = 20


class SignedCertificate(NamedTuple):
    """A certificate that is signed: its words, the token of its open link, whether its paper is sealed, and whether it
    is signed for the tools of strangers.
    """

    text: Mapping[str, Any]
    token: str | None
    is_sealed: bool
    has_credential: bool


def list_signed(session: Session, numbers: Collection[str]) -> dict[str, SignedCertificate]:
    """Return those of these certificates that are signed, by number, in one query."""
    is_open = (CertificateShare.certificate_id == Certificate.id) & CertificateShare.withdrawn_at.is_(None)
    query = (
        select(Certificate.number, Certificate.printed_text, CertificateShare.token)
        .add_columns(exists().where(CertificateSeal.certificate_id == Certificate.id))
        .add_columns(exists().where(VerifiableCredential.certificate_id == Certificate.id))
        .join(CertificateSignature, CertificateSignature.certificate_id == Certificate.id)
        .outerjoin(CertificateShare, is_open)
        .where(Certificate.number.in_(numbers))
    )
    return {number: SignedCertificate(*row) for number, *row in session.execute(query)}


def find_shared_number(session: Session, token: str) -> str | None:
    """Return the number of the certificate that a link shows; None for a link withdrawn, as for an unknown one."""
    query = select(Certificate.number).join(CertificateShare, CertificateShare.certificate_id == Certificate.id)
    return session.scalar(query.where(CertificateShare.token == token, CertificateShare.withdrawn_at.is_(None)))


def share(session: Session, number: str, *, by: UUID, at: datetime) -> None:
    """Open a link to a certificate, unless one is open. Raise Refusal when it does not stand."""
    certificate = _locked(session, number)
    _check_stands(session, certificate, at)
    signed = list_signed(session, [number]).get(number)
    if signed is None or signed.token is None:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        session.add(CertificateShare(certificate_id=certificate.id, token=token, created_at=at))
        record_event(session, "certificate_shared", ("certificate", certificate.id), by=by, at=at, number=number)


def withdraw_share(session: Session, number: str, *, by: UUID, at: datetime) -> None:
    """Withdraw the open link of a certificate: it then answers as one that never was."""
    certificate = _locked(session, number)
    is_open = CertificateShare.withdrawn_at.is_(None)
    query = select(CertificateShare).where(CertificateShare.certificate_id == certificate.id, is_open)
    for row in session.scalars(query):
        row.withdrawn_at = at
        record_event(session, "share_withdrawn", ("certificate", certificate.id), by=by, at=at, number=number)


def _check_stands(session: Session, certificate: Certificate, at: datetime) -> None:
    standing = load_certificate_status(session, certificate)
    if not _stands(standing, certificate, at):
        raise Refusal(CertificateRefusal.NOT_STANDING, status=standing.status)


def _stands(standing: CertificateStatus, certificate: Certificate, at: datetime) -> bool:
    """Return whether what a certificate says is held and valid: nothing is offered any more for another one."""
    return standing.status is GrantStatus.HELD and lasts_until(day_of(at), end_of(certificate.printed_text))


def _locked(session: Session, number: str) -> Certificate:
    return session.scalars(select(Certificate).where(Certificate.number == number).with_for_update()).one()
