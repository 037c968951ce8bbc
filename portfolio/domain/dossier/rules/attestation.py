"""The life of a request: sent, opened, then one end and only one [design].

The code that confirms an address: six digits, short-lived, a few tries, a few codes a request [design].

Values of a request and of its statement, and the JSON record that the signature covers.

A stranger checks an attestation with the public keys of `/.well-known/jwks.json` and nothing else of ours:

1. the signature is a compact JSON Web Signature (RFC 7515, `alg: EdDSA`, RFC 8037); its payload is a JSON
   object;
2. `attestation` is the record; `digest` is the SHA-256 of its canonical JSON (RFC 8785), as printed on the
   PDF;
3. `pdf` is the SHA-256 of the PDF file, `annex` inside the record that of the file sent with it, if any.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import rfc8785

from portfolio.domain.dossier.rules.description import EvidenceKind

REMINDERS = 3
REMINDER_EVERY = timedelta(days=3)


class RequestState(StrEnum):
    """States of a request."""

    SENT = "sent"
    OPENED = "opened"
    SIGNED = "signed"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class RequestAction(StrEnum):
    """Acts on a request: the candidate reminds and withdraws, the third party does the rest."""

    REMIND = "remind"
    WITHDRAW = "withdraw"
    OPEN = "open"
    WRITE = "write"
    DECLINE = "decline"
    SIGN = "sign"


class AttestationRefusal(StrEnum):
    """Reasons why an act on a request, or on what came of it, is refused."""

    IS_SIGNED = "attestation_is_signed"
    IS_DECLINED = "attestation_is_declined"
    HAS_EXPIRED = "attestation_has_expired"
    IS_WITHDRAWN = "attestation_is_withdrawn"
    REMINDED_ENOUGH = "reminded_enough"
    REMINDED_LATELY = "reminded_lately"
    NOT_YOURS = "attestation_not_yours"
    OWN_ADDRESS = "own_address"
    ALREADY_ASKED = "already_asked"
    TOO_MANY_WAIT = "too_many_wait"
    NOT_WRITTEN = "attestation_not_written"
    CODES_ENOUGH = "codes_enough"
    CODE_LATELY = "code_lately"
    CHANGED_SINCE = "attestation_changed_since"
    CODE_NO_LONGER = "code_no_longer"


ENDS: Mapping[RequestState, AttestationRefusal] = {
    RequestState.SIGNED: AttestationRefusal.IS_SIGNED,
    RequestState.DECLINED: AttestationRefusal.IS_DECLINED,
    RequestState.EXPIRED: AttestationRefusal.HAS_EXPIRED,
    RequestState.WITHDRAWN: AttestationRefusal.IS_WITHDRAWN,
}


# A mailbox is not a place to try every address: what waits, and what is asked in a day, is bounded.
WAITING_MOST = 10
ASKED_A_DAY = 10


def can_request(
    address: str, own: str, waiting: Sequence[str], asked: Sequence[datetime], at: datetime
) -> AttestationRefusal | None:
    """Answer why a third party at this address is not asked; None when they may be.

    `own` is the candidate's address, `waiting` those of requests without an answer, `asked` the moments of all of them.
    """
    if address == own:
        return AttestationRefusal.OWN_ADDRESS
    if address in waiting:
        return AttestationRefusal.ALREADY_ASKED
    lately = sum(1 for moment in asked if moment > at - timedelta(days=1))
    return AttestationRefusal.TOO_MANY_WAIT if len(waiting) >= WAITING_MOST or lately >= ASKED_A_DAY else None


@dataclass(frozen=True, slots=True)
class RequestStatus:
    """Events of a request so far; `written_at` is the moment of its last letter."""

    written_at: datetime
    expires_at: datetime
    reminders: int = 0
    opened_at: datetime | None = None
    signed_at: datetime | None = None
    declined_at: datetime | None = None
    withdrawn_at: datetime | None = None


def status_of(course: RequestStatus, at: datetime) -> RequestState:
    """Return where a request stands; an end that was written down stands before the passing of time."""
    ends = ((course.signed_at, RequestState.SIGNED), (course.declined_at, RequestState.DECLINED))
    for moment, state in (*ends, (course.withdrawn_at, RequestState.WITHDRAWN)):
        if moment is not None:
            return state
    if at >= course.expires_at:
        return RequestState.EXPIRED
    return RequestState.OPENED if course.opened_at else RequestState.SENT


def refusal_for(course: RequestStatus, act: RequestAction, at: datetime) -> AttestationRefusal | None:
    """Answer why an act is refused at this moment; None when it may happen.

    What has ended never lives again.
    """
    if (end := ENDS.get(status_of(course, at))) is not None:
        return end
    if act is RequestAction.REMIND and course.reminders >= REMINDERS:
        return AttestationRefusal.REMINDED_ENOUGH
    if act is RequestAction.REMIND and at < course.written_at + REMINDER_EVERY:
        return AttestationRefusal.REMINDED_LATELY
    return None


def transition(course: RequestStatus, act: RequestAction, at: datetime) -> RequestStatus:
    """Return the request after the action; the caller asked `refused` first.

    Writing and signing open what was never opened: a person may come back by another way than the first page.
    """
    match act:
        case RequestAction.REMIND:
            return replace(course, reminders=course.reminders + 1, written_at=at)
        case RequestAction.WITHDRAW:
            return replace(course, withdrawn_at=at)
        case RequestAction.DECLINE:
            return replace(course, declined_at=at, opened_at=course.opened_at or at)
        case RequestAction.SIGN:
            return replace(course, signed_at=at, opened_at=course.opened_at or at)
        case RequestAction.OPEN | RequestAction.WRITE:
            return replace(course, opened_at=course.opened_at or at)


CODE_LIFE = timedelta(minutes=20)
CODE_TRIES = 5
CODES_APART = timedelta(minutes=1)
# With five tries each, a hundred guesses of a million at most, by someone who already holds the link.
CODES_MOST = 20


class CodeError(StrEnum):
    """Reasons why a code does not confirm the address."""

    NONE_SENT = "none_sent"
    EXPIRED = "expired"
    SPENT = "spent"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class SentCode:
    """The last code that was sent: until when it holds, and how many wrong ones were typed against it."""

    made_at: datetime
    expires_at: datetime
    wrong: int = 0


def code_error(sent: SentCode | None, matches: bool, at: datetime) -> CodeError | None:
    """Answer why a typed code does not confirm the address; None when it does.

    A spent code never does, even typed right.
    """
    if sent is None:
        return CodeError.NONE_SENT
    if sent.wrong >= CODE_TRIES:
        return CodeError.SPENT
    if at >= sent.expires_at:
        return CodeError.EXPIRED
    return None if matches else CodeError.WRONG


def may_send_code(made: Sequence[datetime], at: datetime) -> AttestationRefusal | None:
    """Answer why no other code is sent now; None when one may be."""
    if len(made) >= CODES_MOST:
        return AttestationRefusal.CODES_ENOUGH
    return AttestationRefusal.CODE_LATELY if any(moment > at - CODES_APART for moment in made) else None


FORMAT = "acquis-attestation"
VERSION = 1


class ClaimedRelationship(StrEnum):
    """Ties of the third party to the candidate."""

    EMPLOYER = "employer"
    MANAGER = "manager"
    COLLEAGUE = "colleague"
    CLIENT = "client"
    PARTNER = "partner"
    OTHER = "other"


class Relationship(StrEnum):
    """Answers to whether the third party is close to the candidate in another way (as article 202 of the Code de
    procédure civile asks).
    """

    NONE = "none"
    FAMILY = "family"
    INTEREST = "interest"


class Delivery(StrEnum):
    """Ways by which the link and the code reached the third party: by mail that left by itself, or by the hand of
    the certifier.
    """

    MAILED = "mailed"
    HANDED = "handed"


@dataclass(frozen=True, slots=True)
class RequestText:
    """Text of a request: what the candidate asks, and of whom. `email` is where the letter goes."""

    name: str
    email: str
    quality: ClaimedRelationship
    organisation: str
    experience_id: UUID
    wanted: str
    began_on: date | None = None
    ended_on: date | None = None
    competency_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """Text that the third party writes, in their own words; the first five start as the candidate put them."""

    quality: ClaimedRelationship | None = None
    organisation: str = ""
    began_on: date | None = None
    ended_on: date | None = None
    capacity: str = ""
    seen: str = ""
    often: str = ""
    more: str = ""
    tie: Relationship | None = None


# What an attestation cannot do without, in the order of its form.
NEEDED = ("quality", "capacity", "seen", "tie")


def missing_answers(words: Statement) -> tuple[str, ...]:
    """Answer the fields still missing before the text may be signed, in the order of the form."""
    return tuple(name for name in NEEDED if not getattr(words, name))


@dataclass(frozen=True, slots=True)
class AskedCompetency:
    """A competency concerned: « 2.1 » and its text."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Subject of an attestation: whom and what it is about, as it was asked."""

    candidate: str
    certification: str
    code: str
    certifier: str
    experience: str
    wanted: str
    competencies: tuple[AskedCompetency, ...]
    asked_on: date


@dataclass(frozen=True, slots=True)
class Attachment:
    """The file that the third party sent with their text."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SignedEvidence:
    """Proof of how an attestation was collected: `address` is the masked address to which the code went."""

    address: str
    delivery: Delivery
    asked_at: datetime
    opened_at: datetime
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """An attestation, as it is signed."""

    id: UUID
    subject: Subject
    name: str
    words: Statement
    oath: str
    collected: SignedEvidence
    annex: Attachment | None = None


def kind_of(quality: ClaimedRelationship) -> EvidenceKind:
    """Answer what kind of evidence an attestation is (domain §6): an employer's, or any other third party's."""
    employer = quality in {ClaimedRelationship.EMPLOYER, ClaimedRelationship.MANAGER}
    return EvidenceKind.EMPLOYER_ATTESTATION if employer else EvidenceKind.THIRD_PARTY_ATTESTATION


def mask_email(email: str) -> str:
    """Answer an address as readers see it: its first letter and its domain, « s…@exemple.fr »."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}"


def canonical(record: Record) -> bytes:
    """Write a record as canonical JSON (RFC 8785): the same record always gives the same bytes."""
    return rfc8785.dumps(_as_json(record))


def digest_of(record: Record) -> str:
    """Compute the SHA-256 of the canonical JSON of a record, in lowercase hexadecimal."""
    return hashlib.sha256(canonical(record)).hexdigest()


def signed_payload(record: Record, pdf_sha256: str) -> bytes:
    """Write what the signature covers: the record, its digest, and the digest of the PDF that shows it."""
    return rfc8785.dumps({"attestation": _as_json(record), "digest": digest_of(record), "pdf": pdf_sha256})


def read_payload(payload: bytes) -> tuple[str, str, str | None] | None:
    """Answer the digests that a signed payload names: of its record, of the PDF, of the annex; None when
    they disagree.
    """
    try:
        values = json.loads(payload)
        record, digest, pdf = values["attestation"], values["digest"], values["pdf"]
        recomputed = hashlib.sha256(rfc8785.dumps(record)).hexdigest()
        annex = record["annex"]["sha256"] if record["annex"] else None
    except (ValueError, KeyError, TypeError, rfc8785.CanonicalizationError):
        return None
    return (digest, pdf, annex) if recomputed == digest else None


def _as_json(record: Record) -> dict[str, Any]:
    subject, words, collected = record.subject, record.words, record.collected
    return {
        "format": FORMAT,
        "version": VERSION,
        "id": str(record.id),
        "subject": {
            "candidate": subject.candidate,
            "certification": {"title": subject.certification, "code": subject.code, "certifier": subject.certifier},
            "experience": subject.experience,
            "wanted": subject.wanted,
            "competencies": [
                {"label": competency.label, "text": competency.text} for competency in subject.competencies
            ],
            "asked_on": _day(subject.asked_on),
        },
        "attester": {
            "name": record.name,
            "quality": words.quality,
            "organisation": words.organisation,
            "tie": words.tie,
        },
        "words": {name: getattr(words, name) for name in ("capacity", "seen", "often", "more")},
        "period": {"from": _day(words.began_on), "to": _day(words.ended_on)},
        "oath": record.oath,
        "annex": dict(_annex(record.annex)) if record.annex else None,
        "collected": {
            "address": collected.address,
            "delivery": collected.delivery,
            "asked_at": _moment(collected.asked_at),
            "opened_at": _moment(collected.opened_at),
            "signed_at": _moment(collected.signed_at),
        },
    }


def _annex(annex: Attachment) -> Iterator[tuple[str, Any]]:
    yield from (("name", annex.name), ("size", annex.size), ("sha256", annex.sha256))


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")
