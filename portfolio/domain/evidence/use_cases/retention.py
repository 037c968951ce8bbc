"""Purge removed evidence: texts, files, page images."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from portfolio.domain.attestation.models import Attestation
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.use_cases.review_snapshots import redact_snapshots
from portfolio.domain.evidence.models.evidence import Evidence, EvidenceFile
from portfolio.domain.evidence.models.hints import DismissedHint
from portfolio.domain.evidence.models.removal import RemovedClaims
from portfolio.domain.evidence.models.renditions import Page, PageImage, Rendition
from portfolio.domain.submission.models import SealedFile

# Long enough to notice a mistake, and to ask the person who runs the installation for the file.
FORGOTTEN_AFTER = timedelta(days=30)
BATCH = 100


def purge_removed(session: Session, *, at: datetime) -> list[str]:
    """Erase the pieces taken away thirty days ago; their number stays taken, for people speak of « la pièce
    7 ».

    Left alone: what a seal names, as long as it names it (trust.md §2), and what a third party signed.
    Answers the keys of the files for the caller to delete.
    """
    sealed = (
        select(EvidenceFile.id)
        .join(SealedFile, SealedFile.key == EvidenceFile.key)
        .where(EvidenceFile.evidence_id == Evidence.id)
    )
    signed = select(Attestation.id).where(
        or_(Attestation.evidence_id == Evidence.id, Attestation.attachment_id == Evidence.id)
    )
    query = select(Evidence).where(
        Evidence.removed_at <= at - FORGOTTEN_AFTER, Evidence.files.any(), ~sealed.exists(), ~signed.exists()
    )
    keys = []
    for piece in session.scalars(query.limit(BATCH).with_for_update(skip_locked=True)).all():
        keys += _load_keys(session, piece.id)
        _empty(piece, at)
        session.execute(delete(DismissedHint).where(DismissedHint.evidence_id == piece.id))
        session.execute(delete(RemovedClaims).where(RemovedClaims.evidence_id == piece.id))
        session.execute(delete(EvidenceFile).where(EvidenceFile.evidence_id == piece.id))
        redact_snapshots(session, piece.candidacy_id, piece.number)
        record_event(session, "evidence_forgotten", ("evidence", piece.id), by=None, at=at)
    return keys


def _load_keys(session: Session, evidence_id: UUID) -> list[str]:
    """The keys of the versions of a piece, of the images of their pages, and of what their copies leave
    out.
    """
    files = select(EvidenceFile.id).where(EvidenceFile.evidence_id == evidence_id)
    orders = select(Rendition.id).where(Rendition.file_id.in_(files))
    pages = select(Page.id).where(Page.rendition_id.in_(orders))
    queries = (
        select(EvidenceFile.key).where(EvidenceFile.evidence_id == evidence_id),
        select(Rendition.key).where(Rendition.id.in_(orders), Rendition.key.is_not(None)),
        select(PageImage.key).where(PageImage.page_id.in_(pages)),
    )
    return [key for query in queries for key in session.scalars(query) if key]


def _empty(piece: Evidence, at: datetime) -> None:
    piece.title = piece.own_role = piece.own_part = piece.web_address = ""
    piece.kind = piece.dated_from = piece.dated_to = piece.experience_id = piece.captured_on = None
    piece.authorship = piece.confidentiality = piece.anonymity = piece.is_left_out = None
    piece.changed_at = at
