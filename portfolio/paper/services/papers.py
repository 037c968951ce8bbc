"""What documents are made of: rows that never change, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.certificate.models import Certificate
from portfolio.certificate.rules import Result
from portfolio.certificate.services import Standing, certificate_is_notified, standing_of_certificate
from portfolio.certificate.services.award_acts import AwardBlock, award_blocks
from portfolio.certificate.services.ledger import head_covering
from portfolio.certification.models import Block
from portfolio.jury.minutes import BlockDecision, CompetencyFinding, Minutes
from portfolio.jury.rules import Attendance
from portfolio.jury.services import result_of
from portfolio.jury.services.minutes import named_at, rectifications_of
from portfolio.paper.models import CertificateSignature
from portfolio.paper.services.gathering import WITH_ALL
from portfolio.submission.models import Submission
from portfolio.submission.rules import SealedDossier, read_manifest

Head = tuple[int, str] | None


@dataclass(frozen=True)
class ReceiptPaper:
    """A sealed dossier, its manifest byte for byte, and its root."""

    dossier: SealedDossier
    manifest: bytes
    root: str
    submitted_at: datetime


def receipt_paper(session: Session, submission_id: UUID) -> ReceiptPaper:
    """Read what a receipt says, from the manifest alone; raises NoResultFound."""
    row = session.get_one(Submission, submission_id)
    return ReceiptPaper(read_manifest(row.manifest), row.manifest, row.root, row.submitted_at)


@dataclass(frozen=True)
class DecidedPaper:
    """A block as the minutes tell it, its competencies with what was found."""

    block: Block
    decision: BlockDecision
    findings: tuple[tuple[str, str, CompetencyFinding], ...]


@dataclass(frozen=True)
class MinutesPaper:
    """Closed minutes: the dossier that was read, the composition as it was copied, what was decided, who signed."""

    number: str
    dossier: SealedDossier
    submitted_at: datetime
    root: str
    decided_on: date
    closed_at: datetime
    composition: dict[str, Any]
    result: Result
    blocks: tuple[DecidedPaper, ...]
    head: Head
    signed_at: datetime | None
    signed_by: str
    attendance: Attendance
    rectifications: tuple[RectificationPaper, ...] = ()
    void_reason: str = ""


@dataclass(frozen=True)
class RectificationPaper:
    """A later entry that refers to minutes: its text, who wrote it, when."""

    text: str
    author: str
    written_at: datetime


def minutes_paper(session: Session, hearing_id: UUID) -> MinutesPaper | None:
    """Read closed minutes; None while the hearing is open."""
    query = select(Minutes).where(Minutes.hearing_id == hearing_id).options(*WITH_ALL)
    minutes = session.scalars(query).unique().one_or_none()
    if minutes is None:
        return None
    submission = minutes.hearing.submission
    dossier = read_manifest(submission.manifest)
    return MinutesPaper(
        number=minutes.number,
        dossier=dossier,
        submitted_at=submission.submitted_at,
        root=minutes.root,
        decided_on=minutes.decided_on,
        closed_at=minutes.closed_at,
        composition=minutes.composition,
        result=result_of(dossier, minutes),
        blocks=_decided(submission.candidacy.version.blocks, minutes),
        head=_head(session, "minutes", minutes.id),
        signed_at=minutes.signed_at,
        signed_by=named_at(session, minutes.hearing_id, minutes.closed_by),
        attendance=minutes.attendance or Attendance.HEARD,
        rectifications=tuple(RectificationPaper(*row) for row in session.execute(rectifications_of(minutes.id))),
        void_reason=minutes.void_reason or "",
    )


def _decided(blocks: list[Block], minutes: Minutes) -> tuple[DecidedPaper, ...]:
    decisions = {one.block_id: one for one in minutes.decisions}
    found = {one.competency_id: one for one in minutes.findings}
    return tuple(
        DecidedPaper(
            block,
            decisions[block.id],
            tuple((f"{block.number}.{one.number}", one.text, found[one.id]) for one in block.competencies if one.id in found),
        )
        for block in blocks
        if block.id in decisions
    )


@dataclass(frozen=True)
class CertificatePaper:
    """A certificate's immutable words, the head signed when it was recorded, and its signature if it has one.

    `held` tells the blocks of the whole, each with its act and its certificate; `standing` what became of it, which it must say.
    """

    number: str
    labels: dict[str, Any]
    issued_at: datetime
    head: Head
    signature: CertificateSignature | None
    held: tuple[AwardBlock, ...]
    standing: Standing


def certificate_paper(session: Session, number: str) -> CertificatePaper | None:
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
    return CertificatePaper(
        found.number,
        found.labels,
        found.issued_at,
        _head(session, "certificate", found.id),
        signature,
        award_blocks(session, found),
        standing_of_certificate(session, found),
    )


def holder_may_read(session: Session, number: str) -> bool:
    """Return whether the holder of a certificate may read it: the result that it certifies was notified."""
    row = session.execute(select(Certificate.grant_id, Certificate.award_id).where(Certificate.number == number)).one()
    return certificate_is_notified(session, row.grant_id, row.award_id)


def _head(session: Session, act: str, row_id: UUID) -> Head:
    head = head_covering(session, act, row_id)
    return (head.seq, head.hash) if head else None
