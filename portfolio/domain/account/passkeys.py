"""Passkeys (WebAuthn): a key of the person's device or security key, used as a second factor beside the password.

A challenge is random, kept as a digest for one person and one purpose, and taken once. A key that verified its user
when it was added has to do so each time. A signature counter that does not grow is refused: the key may have been
copied.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import webauthn
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portfolio.domain.account.credentials import AccountEvent, end_credentials
from portfolio.domain.account.models import Passkey, PasskeyChallenge, Person
from portfolio.domain.account.rules import PasskeyPurpose
from portfolio.domain.account.second_factor import delete_unneeded_codes, has_second_factor, renew_recovery_codes
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.email.use_cases import EmailTemplate, queue_email

CHALLENGE_LIFE = timedelta(minutes=5)
CHALLENGE_BYTES = 32
MAX_PASSKEYS, NAME_MAX, ANSWER_MAX = 20, 100, 20_000
_BAD_ANSWER = (WebAuthnException, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class Site:
    """Site for which keys are valid: the host name of the site, and its origin as browsers write it."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Proof:
    """The signature of a key (WebAuthn level 3, § 7.2): its public half as COSE, and the three parts of the answer."""

    public_key: bytes
    client_data: bytes
    authenticator_data: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class PasskeySummary:
    """A key in the list of its owner."""

    id: UUID
    name: str
    added_at: datetime
    last_used_at: datetime | None
    is_synced: bool


def creation_options(session: Session, person_id: UUID, site: Site, *, at: datetime) -> str:
    """Return, as JSON, what a browser needs to make a key that this person does not have yet."""
    person = session.get_one(Person, person_id)
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="Acquis",
        user_id=person_id.bytes,
        user_name=person.email,
        user_display_name=person.name,
        challenge=_new_challenge(session, person_id, PasskeyPurpose.ADD, at),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=_descriptors(session, person_id),
    )
    return webauthn.options_to_json(options)


def add(
    session: Session, person_id: UUID, name: str, answer: str, site: Site, *, at: datetime
) -> tuple[str, ...] | None:
    """Add the key that a browser has made; None when it is refused.

    Return the recovery codes, shown this once, when the person had no second factor; no codes otherwise.
    """
    person = session.get_one(Person, person_id, with_for_update=True)
    challenge = _take_challenge(session, person_id, PasskeyPurpose.ADD, answer, at)
    owned = session.scalar(select(func.count()).select_from(Passkey).where(Passkey.person_id == person_id)) or 0
    if challenge is None or owned >= MAX_PASSKEYS:
        return None
    try:
        made = webauthn.verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=site.host, expected_origin=site.origin
        )
    except _BAD_ANSWER:
        return None
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id)) is not None:
        return None
    is_first = not has_second_factor(session, person_id)
    key = Passkey(person_id=person_id, name=name[:NAME_MAX], added_at=at, credential_id=made.credential_id)
    key.public_key, key.sign_count = made.credential_public_key, made.sign_count
    key.verifies_user, key.is_synced, key.transports = (
        made.user_verified,
        made.credential_backed_up,
        _transports(answer),
    )
    session.add(key)
    record_event(session, "passkey_added", ("person", person_id), by=person_id, at=at)
    _notify(session, person, "passkey_added", key.name, at)
    session.flush()
    return renew_recovery_codes(session, person_id, at=at) if is_first else ()


def request_options(
    session: Session, person_id: UUID, purpose: PasskeyPurpose, site: Site, *, at: datetime, over: bytes = b""
) -> str | None:
    """Return, as JSON, what a browser needs to use a key of this person; None when they have none.

    `over`: the digest of what they sign, with which the challenge begins.
    """
    keys = _descriptors(session, person_id)
    if not keys:
        return None
    challenge = _new_challenge(session, person_id, purpose, at, over)
    return webauthn.options_to_json(
        webauthn.generate_authentication_options(rp_id=site.host, challenge=challenge, allow_credentials=keys)
    )


def verify(
    session: Session, person_id: UUID, purpose: PasskeyPurpose, answer: str, site: Site, *, at: datetime
) -> bool:
    """Return whether a browser proved a key of this person for this purpose; the answer serves no more."""
    return _proved(session, person_id, purpose, answer, site, at) is not None


def sign(session: Session, person_id: UUID, answer: str, site: Site, *, at: datetime, over: bytes) -> Proof | None:
    """Return what a browser signed with a key of this person over a digest, as anybody checks it; None when it is
    refused, or signs another thing.
    """
    found = _proved(session, person_id, PasskeyPurpose.SIGN, answer, site, at)
    if found is None or not found[1].startswith(over):
        return None
    told = json.loads(answer)["response"]
    parts = (base64url_to_bytes(told[name]) for name in ("clientDataJSON", "authenticatorData", "signature"))
    return Proof(found[0].public_key, *parts)


def _proved(
    session: Session, person_id: UUID, purpose: PasskeyPurpose, answer: str, site: Site, at: datetime
) -> tuple[Passkey, bytes] | None:
    challenge = _take_challenge(session, person_id, purpose, answer, at)
    key = _find_key(session, person_id, answer) if challenge is not None else None
    fault = "unknown" if key is None or challenge is None else _check(key, challenge, answer, site)
    if key is None or challenge is None or fault:
        record_event(session, "passkey_refused", ("person", person_id), by=person_id, at=at, fault=fault)
        return None
    key.last_used_at = at
    return key, challenge


def list_passkeys(session: Session, person_id: UUID) -> tuple[PasskeySummary, ...]:
    """List the keys of a person, the oldest first."""
    rows = session.scalars(select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.added_at, Passkey.id))
    return tuple(PasskeySummary(row.id, row.name, row.added_at, row.last_used_at, row.is_synced) for row in rows)


def remove(session: Session, person_id: UUID, key_id: UUID, *, at: datetime, but: str = "") -> bool:
    """Remove a key of a person and tell them; return whether it was theirs.

    Their credentials end, but the session of the token `but`.
    """
    person = session.get_one(Person, person_id, with_for_update=True)
    key = session.scalar(select(Passkey).where(Passkey.id == key_id, Passkey.person_id == person_id))
    if key is None:
        return False
    session.delete(key)
    session.flush()
    delete_unneeded_codes(session, person_id)
    record_event(session, "passkey_removed", ("person", person_id), by=person_id, at=at)
    _notify(session, person, "passkey_removed", key.name, at)
    end_credentials(session, person_id, AccountEvent.FACTOR_REMOVED, by=person_id, at=at, but=but)
    return True


def _check(key: Passkey, challenge: bytes, answer: str, site: Site) -> str:
    """Return why an answer is refused; nothing when it is right. The key then keeps its new counter."""
    try:
        proof = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=0,
            require_user_verification=key.verifies_user,
        )
    except _BAD_ANSWER:
        return "invalid"
    if (proof.new_sign_count or key.sign_count) and proof.new_sign_count <= key.sign_count:
        return "counter"
    key.sign_count, key.is_synced = proof.new_sign_count, proof.credential_backed_up
    return ""


def _find_key(session: Session, person_id: UUID, answer: str) -> Passkey | None:
    """Return the key that an answer names, locked: two answers at a time pass one after the other."""
    try:
        credential_id = base64url_to_bytes(str(json.loads(answer)["id"]))
    except _BAD_ANSWER:
        return None
    own = (Passkey.credential_id == credential_id, Passkey.person_id == person_id)
    return session.scalar(select(Passkey).where(*own).with_for_update())


def _new_challenge(
    session: Session, person_id: UUID, purpose: PasskeyPurpose, at: datetime, over: bytes = b""
) -> bytes:
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at < at))
    challenge = over + secrets.token_bytes(CHALLENGE_BYTES)
    row = PasskeyChallenge(challenge_digest=sha256(challenge).digest(), person_id=person_id, purpose=purpose)
    row.expires_at = at + CHALLENGE_LIFE
    session.add(row)
    return challenge


def _take_challenge(
    session: Session, person_id: UUID, purpose: PasskeyPurpose, answer: str, at: datetime
) -> bytes | None:
    """Return the challenge that an answer signs when we made it for this person and purpose; it serves no more."""
    challenge = _signed_challenge(answer)
    if challenge is None:
        return None
    live = (
        PasskeyChallenge.challenge_digest == sha256(challenge).digest(),
        PasskeyChallenge.person_id == person_id, PasskeyChallenge.purpose == purpose,
        PasskeyChallenge.expires_at > at,
    )  # fmt: skip
    taken = session.execute(delete(PasskeyChallenge).where(*live).returning(PasskeyChallenge.person_id)).first()
    return challenge if taken is not None else None


def _signed_challenge(answer: str) -> bytes | None:
    if len(answer) > ANSWER_MAX:
        return None
    try:
        client_data: Any = json.loads(base64url_to_bytes(json.loads(answer)["response"]["clientDataJSON"]))
        return base64url_to_bytes(client_data["challenge"])
    except _BAD_ANSWER:
        return None


def _descriptors(session: Session, person_id: UUID) -> list[PublicKeyCredentialDescriptor]:
    known = {each.value for each in AuthenticatorTransport}
    rows = session.scalars(select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.added_at))
    return [
        PublicKeyCredentialDescriptor(
            id=row.credential_id,
            transports=[AuthenticatorTransport(each) for each in row.transports.split() if each in known],
        )
        for row in rows
    ]


def _transports(answer: str) -> str:
    """Return how a browser says that the key is reached, the words we know; a browser then proposes the right
    way first.
    """
    told = json.loads(answer).get("response", {}).get("transports") or []
    known = {each.value for each in AuthenticatorTransport}
    return " ".join(sorted({str(each) for each in told} & known))


def _notify(session: Session, person: Person, change: str, label: str, at: datetime) -> None:
    queue_email(session, person, EmailTemplate.ACCESS_CHANGED, at=at, name=person.name, change=change, label=label)
