"""Return the origin of an attested piece, and verify its signature at each display."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.attestation.models import Attestation, AttestationRequest
from portfolio.domain.attestation.rules.record import ClaimedRelationship, Delivery, read_payload

if TYPE_CHECKING:
    from portfolio.signing_key import Keys


@dataclass(frozen=True, slots=True)
class SignatureProof:
    """What readers are told of a collected piece.

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
    """Answer, by the digest of its file, the proof of each file of a candidacy that a third party signed, in
    one query.
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
    """The files that a signed attestation covers; what is told of them is what was signed."""
    payload = keys.read_jws(row.signature)
    digests = read_payload(payload) if payload else None
    record = json.loads(row.record)
    annex = record["annex"]["sha256"] if record["annex"] else None
    holds = (
        digests == (hashlib.sha256(row.record).hexdigest(), row.pdf_sha256, annex)
        and digests[0] == row.record_sha256
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
