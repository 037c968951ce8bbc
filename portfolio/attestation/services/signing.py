"""The third party signs: record, PDF and signature become a piece that nobody can change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.attestation.models import Attestation, AttestationRequest
from portfolio.attestation.rules import (
    Act,
    AttestationRefusal,
    Collected,
    Delivery,
    Record,
    Subject,
    after,
    canonical,
    digest_of,
    kind_of,
    signed_payload,
    unsaid,
)
from portfolio.attestation.services.answering import annex_of, draft_of, tell
from portfolio.attestation.services.asking import drop_draft, new_link
from portfolio.attestation.services.codes import still_confirms
from portfolio.attestation.services.context import context_of, hold, outsider
from portfolio.attestation.services.visiting import Visit
from portfolio.certificate.services.ledger import SIGNER
from portfolio.db import new_id
from portfolio.evidence.rules import Anonymity, Authorship, Confidentiality, Description
from portfolio.evidence.services import ReceivedFile, add_collected
from portfolio.journal.services import note
from portfolio.mail.services import Letter, write_outside
from portfolio.refusal import Refusal

if TYPE_CHECKING:
    from portfolio.signing import Signer

COPY_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Prepared:
    """An attestation about to be signed, and the revision of the text that its author read whole."""

    record: Record
    revision: int


@dataclass(frozen=True, slots=True)
class Titles:
    """What the two pieces are called in the dossier."""

    letter: str
    annex: str


def prepare(visit: Visit, name: str, oath: str, delivery: Delivery, *, at: datetime) -> Prepared:
    """Write down what is about to be signed, under the name that was typed. Raises Refusal(NOT_WRITTEN)."""
    if unsaid(visit.words):
        raise Refusal(AttestationRefusal.NOT_WRITTEN)
    about = visit.about
    subject = Subject(
        candidate=about.name, certification=about.certification, code=about.code, certifier=about.certifier,
        experience=visit.experience, wanted=visit.wanted, competencies=visit.competencies, asked_on=visit.asked_at.date(),
    )  # fmt: skip
    collected = Collected(visit.address, delivery, visit.asked_at, visit.opened_at or at, at)
    return Prepared(Record(new_id(), subject, name, visit.words, oath, collected, visit.annex), visit.revision)


def sign(session: Session, token: str, code: str, prepared: Prepared, file: ReceivedFile, titles: Titles) -> str:
    """Make the attestation and its pieces, all or nothing, and answer the token of its author's own copy.

    `file` is the PDF of the record, kept in the store before. Raises Refusal: once the request has ended (two signatures
    with one link: the second), CHANGED_SINCE when the text is no longer the one that was read, CODE_NO_LONGER.
    """
    record, at = prepared.record, prepared.record.collected.signed_at
    request = hold(session, token, Act.SIGN, at)
    draft = draft_of(session, request.id)
    if draft is None or draft.revision != prepared.revision:
        raise Refusal(AttestationRefusal.CHANGED_SINCE)
    if not still_confirms(session, request.id, code, at):
        raise Refusal(AttestationRefusal.CODE_NO_LONGER)
    files = [(file, _note(request, record, titles.letter))]
    if (annex := annex_of(draft)) is not None:
        files.append((annex, _note(request, record, titles.annex)))
    pieces = add_collected(session, request.candidacy_id, files, at=at)
    session.add(_signed(session, request.id, record, file, pieces))
    request.take(after(request.course, Act.SIGN, at))
    drop_draft(session, request.id)
    note(session, "attestation_signed", ("attestation_request", request.id), by=None, at=at, attestation=record.id)
    return _tell_all(session, request, record)


def _signed(session: Session, request_id: UUID, record: Record, file: ReceivedFile, pieces: list[UUID]) -> Attestation:
    signer: Signer = session.info[SIGNER]
    return Attestation(
        id=record.id, request_id=request_id, evidence_id=pieces[0], annex_id=pieces[1] if len(pieces) > 1 else None,
        record=canonical(record), digest=digest_of(record), signature=signer.sign_jws(signed_payload(record, file.sha256)),
        pdf_sha256=file.sha256, signed_at=record.collected.signed_at,
    )  # fmt: skip


def _note(request: AttestationRequest, record: Record, title: str) -> Description:
    """The cover note: what the candidate asked is what they say of it; the rest is known, and nothing is left to fill."""
    quality = record.words.quality
    assert quality is not None
    return Description(
        title=title,
        kind=kind_of(quality),
        dated_from=record.collected.signed_at.date(),
        experience_id=request.experience_id,
        own_role=request.wanted,
        authorship=Authorship.OTHER,
        confidentiality=Confidentiality.OPEN,
        anonymity=Anonymity.NOT_NEEDED,
    )


def _tell_all(session: Session, request: AttestationRequest, record: Record) -> str:
    at = record.collected.signed_at
    tell(session, request, at, signed=True)
    token = new_link(session, request.id, at=at, until=at + COPY_LIFE, is_copy=True)
    context = context_of(session, request.candidacy_id)
    facts: dict[str, Any] = {"name": record.name, "candidate": context.name, "certifier": context.certifier}
    facts |= {"digest": digest_of(record), "until": at + COPY_LIFE, "token": token, "contact": context.contact}
    write_outside(session, outsider(context, request), Letter.ATTESTATION_RECEIPT, at=at, **facts)
    return token
