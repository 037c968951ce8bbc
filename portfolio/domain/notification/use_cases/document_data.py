"""Gather the data of documents from rows that never change."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.candidacy.models import Submission
from portfolio.domain.certification.models import Block
from portfolio.domain.certifying_body.look import load_look_of_version, load_looks
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look
from portfolio.domain.holdings.models.grants import Certificate, CertificateSignature
from portfolio.domain.holdings.rules.completion import Result
from portfolio.domain.holdings.use_cases.granting import AwardBlock, list_award_blocks
from portfolio.domain.holdings.use_cases.notified_results import certificate_is_notified
from portfolio.domain.holdings.use_cases.status import CertificateStatus, load_certificate_status
from portfolio.domain.holdings.use_cases.status_history import StatusDecision, load_each_decided_since
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision, RecordedFinding
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.jury_session.use_cases.minutes import (
    Rectification,
    load_signatories_and_rectifications,
    result_of,
)
from portfolio.domain.ledger.checkpoints import heads_covering
from portfolio.domain.notification.use_cases.letter_data import WITH_ALL
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.domain.submission.rules.manifest import read_manifest

Head = tuple[int, str] | None


@dataclass(frozen=True)
class ReceiptData:
    """A sealed dossier, its manifest byte for byte, its root, and the look of its certifier on that day."""

    dossier: SealedDossier
    manifest: bytes
    root: str
    submitted_at: datetime
    look: Look = PLAIN_LOOK


def load_receipt_data(session: Session, submission_id: UUID) -> ReceiptData:
    """Read what a receipt says, from the manifest alone; raises NoResultFound."""
    row = session.get_one(Submission, submission_id)
    look = load_look_of_version(session, row.candidacy.version_id, row.submitted_at)
    return ReceiptData(read_manifest(row.manifest), row.manifest, row.root, row.submitted_at, look)


@dataclass(frozen=True)
class DecidedBlockData:
    """A block as the minutes tell it, its competencies with what was found."""

    block: Block
    decision: RecordedDecision
    findings: tuple[tuple[str, str, RecordedFinding], ...]


@dataclass(frozen=True)
class MinutesData:
    """Closed minutes: the dossier that was read, the composition as it was copied, what was decided, who signed."""

    number: str
    dossier: SealedDossier
    submitted_at: datetime
    root: str
    decided_on: date
    closed_at: datetime
    composition: dict[str, Any]
    result: Result
    blocks: tuple[DecidedBlockData, ...]
    head: Head
    signed_at: datetime | None
    signed_by: str
    attendance: Attendance
    rectifications: tuple[Rectification, ...] = ()
    void_reason: str = ""
    # That of the day of the closing: a later rectification does not change it.
    look: Look = PLAIN_LOOK
    # What the body decided of it later (R10–R12).
    since: tuple[StatusDecision, ...] = ()


def find_minutes_data(session: Session, hearing_id: UUID) -> MinutesData | None:
    """Read closed minutes; None while the hearing is open."""
    return load_minutes_data(session, [hearing_id]).get(hearing_id)


def load_minutes_data(
    session: Session, hearings: Collection[UUID], look_of: Callable[[UUID, datetime], Look] | None = None
) -> dict[UUID, MinutesData]:
    """Map these hearings to their closed minutes, in as many queries for a thousand as for one, and a few for each
    result that a later act changed; `look_of`: what `load_looks` returned, when the caller asked it.
    """
    rows = session.scalars(select(Minutes).where(Minutes.hearing_id.in_(hearings)).options(*WITH_ALL)).unique().all()
    if not rows:
        return {}
    ids = [minutes.id for minutes in rows]
    written, heads = load_signatories_and_rectifications(session, ids), heads_covering(session, "minutes", ids)
    look_of = look_of or load_looks(session, frozenset(_body_of(minutes) for minutes in rows))
    since = load_each_decided_since(session, [minutes.hearing_id for minutes in rows])
    return {
        minutes.hearing_id: _minutes_data(
            *(minutes, *written[minutes.id], heads.get(minutes.id)),
            *(look_of(_body_of(minutes), minutes.closed_at), since[minutes.hearing_id]),
        )
        for minutes in rows
    }


def _body_of(minutes: Minutes) -> UUID:
    return minutes.hearing.submission.candidacy.version.certification.body_id


def _minutes_data(
    minutes: Minutes,
    signatory: str,
    rectifications: tuple[Rectification, ...],
    head: Head,
    look: Look,
    since: tuple[StatusDecision, ...],
) -> MinutesData:
    submission = minutes.hearing.submission
    dossier = read_manifest(submission.manifest)
    return MinutesData(
        number=minutes.number,
        dossier=dossier,
        submitted_at=submission.submitted_at,
        root=minutes.root,
        decided_on=minutes.decided_on,
        closed_at=minutes.closed_at,
        composition=minutes.composition,
        result=result_of(dossier, minutes, submission.candidacy.version.blocks),
        blocks=_decided(submission.candidacy.version.blocks, minutes),
        head=head,
        signed_at=minutes.signed_at,
        signed_by=signatory,
        attendance=minutes.attendance or Attendance.HEARD,
        rectifications=rectifications,
        void_reason=minutes.void_reason or "",
        look=look,
        since=since,
    )


def _decided(blocks: list[Block], minutes: Minutes) -> tuple[DecidedBlockData, ...]:
    decisions = {decision.block_id: decision for decision in minutes.decisions}
    found = {finding.competency_id: finding for finding in minutes.findings}
    return tuple(
        DecidedBlockData(
            block,
            decisions[block.id],
            tuple(
                (f"{block.number}.{competency.number}", competency.text, found[competency.id])
                for competency in block.competencies
                if competency.id in found
            ),
        )
        for block in blocks
        if block.id in decisions
    )


@dataclass(frozen=True)
class CertificateData:
    """A certificate's immutable words, the head signed when it was recorded, and its signature if it has one.

    `held` tells the blocks of the whole, each with its act and its certificate; `standing` what became of it,
    which it must say.
    """

    number: str
    labels: dict[str, Any]
    issued_at: datetime
    head: Head
    signature: CertificateSignature | None
    held: tuple[AwardBlock, ...]
    standing: CertificateStatus
    # That of the day of its signature; what nobody signed yet shows the one that it would be signed with.
    look: Look = PLAIN_LOOK


def find_certificate_data(session: Session, number: str) -> CertificateData | None:
    """Read what a certificate, or the parchment, says; None when no certificate has this number."""
    query = (
        select(Certificate, CertificateSignature)
        .outerjoin(CertificateSignature, CertificateSignature.certificate_id == Certificate.id)
        .where(Certificate.number == number)
    )
    row = session.execute(query).first()
    if row is None:
        return None
    found, signature = row
    return CertificateData(
        found.number,
        found.printed_text,
        found.issued_at,
        heads_covering(session, "certificate", [found.id]).get(found.id),
        signature,
        list_award_blocks(session, found),
        load_certificate_status(session, found),
        load_look_of_version(session, _version_of(found), signature.signed_at if signature else None),
    )


def _version_of(certificate: Certificate) -> UUID:
    if certificate.award is not None:
        return certificate.award.version_id
    assert certificate.grant is not None
    return certificate.grant.block.version_id


def holder_may_read(session: Session, number: str) -> bool:
    """Return whether the holder of a certificate may read it: the result that it certifies was notified."""
    row = session.execute(select(Certificate.grant_id, Certificate.award_id).where(Certificate.number == number)).one()
    return certificate_is_notified(session, row.grant_id, row.award_id)
