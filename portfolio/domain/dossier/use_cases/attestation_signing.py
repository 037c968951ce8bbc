"""The third party signs: record, PDF and signature become a piece that nobody can change.

Return the origin of an attested piece, and verify its signature at each display.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.engine import new_id
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.models.attestation import Attestation, AttestationRequest
from portfolio.domain.dossier.rules.attestation import (
    AttestationRefusal,
    Delivery,
    Record,
    RequestAction,
    SignedEvidence,
    Subject,
    canonical,
    digest_of,
    kind_of,
    missing_answers,
    signed_payload,
    transition,
)
from portfolio.domain.dossier.rules.description import Anonymity, Authorship, Confidentiality, CoverNote
from portfolio.domain.dossier.use_cases.attestation_requests import (
    delete_draft,
    load_context,
    lock_request,
    new_link,
    recipient_of,
)
from portfolio.domain.dossier.use_cases.attestation_responses import (
    RespondentSession,
    attachment_of,
    load_draft,
    notify_candidate,
    still_confirms,
)
from portfolio.domain.dossier.use_cases.evidence import add_attested_evidence
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.email.use_cases import EmailTemplate, queue_email_to_outsider
from portfolio.domain.ledger.recording import SIGNER
from portfolio.errors import Refusal

if TYPE_CHECKING:
    from portfolio.signing_key import Signer


import hashlib
import json
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from sqlalchemy import select

from portfolio.domain.dossier.rules.attestation import ClaimedRelationship, read_payload

if TYPE_CHECKING:
    from portfolio.signing_key import Keys


COPY_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class PreparedSignature:
    """An attestation about to be signed, and the revision of the text that its author read whole."""

    record: Record
    revision: int


@dataclass(frozen=True, slots=True)
class EvidenceTitles:
    """Titles of the two pieces in the dossier."""

    letter: str
    annex: str


def prepare(visit: RespondentSession, name: str, oath: str, delivery: Delivery, *, at: datetime) -> PreparedSignature:
    """Write down what is about to be signed, under the name that was typed. Raises Refusal(NOT_WRITTEN)."""
    if missing_answers(visit.words):
        raise Refusal(AttestationRefusal.NOT_WRITTEN)
    about = visit.about
    subject = Subject(
        candidate=about.name, certification=about.certification, code=about.code, certifier=about.certifier,
        experience=visit.experience, wanted=visit.wanted, competencies=visit.competencies,
        asked_on=day_of(visit.asked_at),
    )  # fmt: skip
    collected = SignedEvidence(visit.address, delivery, visit.asked_at, visit.opened_at or at, at)
    return PreparedSignature(Record(new_id(), subject, name, visit.words, oath, collected, visit.annex), visit.revision)


def sign(
    session: Session, token: str, code: str, prepared: PreparedSignature, file: ReceivedFile, titles: EvidenceTitles
) -> str:
    """Make the attestation and its pieces, all or nothing, and return the token of its author's own copy.

    `file` is the PDF of the record, kept in the store before. Raises Refusal: once the request has ended (two
    signatures with one link: the second), CHANGED_SINCE when the text is no longer the one that was read,
    CODE_NO_LONGER.
    """
    record, at = prepared.record, prepared.record.collected.signed_at
    request = lock_request(session, token, RequestAction.SIGN, at)
    draft = load_draft(session, request.id)
    if draft is None or draft.revision != prepared.revision:
        raise Refusal(AttestationRefusal.CHANGED_SINCE)
    if not still_confirms(session, request.id, code, at):
        raise Refusal(AttestationRefusal.CODE_NO_LONGER)
    files = [(file, _note(request, record, titles.letter))]
    if (annex := attachment_of(draft)) is not None:
        files.append((annex, _note(request, record, titles.annex)))
    pieces = add_attested_evidence(session, request.candidacy_id, files, at=at)
    session.add(_signed(session, request.id, record, file, pieces))
    request.take(transition(request.status, RequestAction.SIGN, at))
    delete_draft(session, request.id)
    record_event(
        session, "attestation_signed", ("attestation_request", request.id), by=None, at=at, attestation=record.id
    )
    return _notify_all(session, request, record)


def _signed(session: Session, request_id: UUID, record: Record, file: ReceivedFile, pieces: list[UUID]) -> Attestation:
    signer: Signer = session.info[SIGNER]
    return Attestation(
        id=record.id, request_id=request_id, evidence_id=pieces[0],
        attachment_id=pieces[1] if len(pieces) > 1 else None, record=canonical(record),
        record_sha256=digest_of(record), signature=signer.sign_jws(signed_payload(record, file.sha256)),
        pdf_sha256=file.sha256, signed_at=record.collected.signed_at,
    )  # fmt: skip


def _note(request: AttestationRequest, record: Record, title: str) -> CoverNote:
    """Return the cover note: what the candidate asked is what they say of it; the rest is known, and nothing is
    left to fill.
    """
    quality = record.words.quality
    assert quality is not None
    return CoverNote(
        title=title,
        kind=kind_of(quality),
        dated_from=day_of(record.collected.signed_at),
        experience_id=request.experience_id,
        own_role=request.request_text,
        authorship=Authorship.OTHER,
        confidentiality=Confidentiality.OPEN,
        anonymity=Anonymity.NOT_NEEDED,
    )


def _notify_all(session: Session, request: AttestationRequest, record: Record) -> str:
    at = record.collected.signed_at
    notify_candidate(session, request, at, signed=True)
    token = new_link(session, request.id, at=at, until=at + COPY_LIFE, is_copy=True)
    context = load_context(session, request.candidacy_id)
    facts: dict[str, Any] = {"name": record.name, "candidate": context.name, "certifier": context.certifier}
    facts |= {"digest": digest_of(record), "until": at + COPY_LIFE, "token": token, "contact": context.contact}
    queue_email_to_outsider(session, recipient_of(context, request), EmailTemplate.ATTESTATION_RECEIPT, at=at, **facts)
    return token


@dataclass(frozen=True, slots=True)
class SignatureProof:
    """Facts that readers receive of a collected piece.

    `holds`: the signature is ours and covers this very file.
    """

    id: UUID
    name: str
    quality: ClaimedRelationship
    organisation: str
    address: str
    delivery: Delivery
    signed_at: datetime
    digest: str
    signature: str
    is_annex: bool
    holds: bool


def load_proofs(
    session: Session, keys: Keys, candidacy_id: UUID, sha256s: Collection[str]
) -> dict[str, SignatureProof]:
    """Answer, by the digest of its file, the proof of each file of a candidacy that a third party signed,
    in one query.
    """
    if not sha256s:
        return {}
    rows = session.scalars(
        select(Attestation)
        .join(AttestationRequest, AttestationRequest.id == Attestation.request_id)
        .where(AttestationRequest.candidacy_id == candidacy_id)
    )
    found: dict[str, SignatureProof] = {}
    for row in rows:
        for sha256, proof in _of(row, keys):
            if sha256 in sha256s:
                found[sha256] = proof
    return found


def find_proof(session: Session, keys: Keys, candidacy_id: UUID, sha256: str) -> SignatureProof | None:
    """Answer the proof of one file of a candidacy; None for a file that no third party signed."""
    return load_proofs(session, keys, candidacy_id, [sha256]).get(sha256)


def _of(row: Attestation, keys: Keys) -> Iterator[tuple[str, SignatureProof]]:
    """Yield the files that a signed attestation covers; what is told of them is what was signed."""
    payload = keys.read_jws(row.signature)
    digests = read_payload(payload) if payload else None
    record = json.loads(row.record)
    annex = record["annex"]["sha256"] if record["annex"] else None
    holds = (
        digests == (hashlib.sha256(row.record).hexdigest(), row.pdf_sha256, annex) and digests[0] == row.record_sha256
    )
    for sha256, is_annex in ((row.pdf_sha256, False), (annex, True)):
        if sha256 is not None:
            yield sha256, _proof(row, record, holds=holds, is_annex=is_annex)


def _proof(row: Attestation, payload: dict[str, Any], *, holds: bool, is_annex: bool) -> SignatureProof:
    attester, collected = payload["attester"], payload["collected"]
    return SignatureProof(
        row.id, attester["name"], ClaimedRelationship(attester["quality"]), attester["organisation"],
        collected["address"], Delivery(collected["delivery"]), row.signed_at, row.record_sha256,
        row.signature, is_annex, holds,
    )  # fmt: skip
