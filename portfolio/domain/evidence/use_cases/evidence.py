"""The candidate adds pieces, describes them, replaces their file, takes them away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import PurePath
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portfolio.domain.attestation.models import Attestation
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.models import Experience
from portfolio.domain.dossier.rules.state import DossierRefusal
from portfolio.domain.dossier.use_cases.claims import own_evidence
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft, suspended_block
from portfolio.domain.dossier.use_cases.restore import remove_claims
from portfolio.domain.dossier.use_cases.review_snapshots import refresh_reviews, refresh_reviews_for_evidence
from portfolio.domain.dossier.use_cases.texts import apply_changes
from portfolio.domain.evidence.models.evidence import Evidence, EvidenceFile
from portfolio.domain.evidence.rules.description import CoverNote, EvidenceChange, EvidenceRefusal
from portfolio.domain.evidence.use_cases.renditions import request_renditions
from portfolio.domain.evidence.use_cases.upload_batch import ReceivedFile
from portfolio.errors import Refusal


def add_evidence(
    session: Session, candidacy_id: UUID, files: Sequence[ReceivedFile], *, by: UUID, at: datetime
) -> list[UUID]:
    """Make one piece of each file, numbered after the last one, named after its file; answer their ids.

    Raises Refusal(SEALED). A number is never used twice, even once its piece is removed: people speak of « la
    pièce 7 ».
    """
    lock_draft(session, candidacy_id)
    return _save(session, _numbered(session, candidacy_id, files, at), "evidence_added", by=by, at=at)


def describe_evidence(
    session: Session,
    candidacy_id: UUID,
    evidence_id: UUID,
    cover_note: CoverNote,
    revision: int,
    *,
    by: UUID,
    at: datetime,
) -> None:
    """Keep what a piece says about itself.

    Raises Conflict, Refusal (SEALED, REMOVED, COLLECTED, SUSPENDED, NOT_YOURS).
    """
    lock_draft(session, candidacy_id)
    piece = own_evidence(session, candidacy_id, evidence_id)
    if cover_note.experience_id is not None:
        experience = session.get(Experience, cover_note.experience_id)
        if experience is None or experience.candidacy_id != candidacy_id:
            raise Refusal(DossierRefusal.NOT_YOURS)
    _reject_attested(session, evidence_id)
    _refuse_suspended(session, candidacy_id, evidence_id, EvidenceChange.CHANGE)
    if apply_changes(piece, asdict(cover_note), revision, at):
        refresh_reviews_for_evidence(session, evidence_id)
        record_event(session, "evidence_described", ("evidence", evidence_id), by=by, at=at)


def replace_file(
    session: Session, candidacy_id: UUID, evidence_id: UUID, file: ReceivedFile, *, by: UUID, at: datetime
) -> int:
    """Give a piece a new version of its file and answer its number; earlier ones stay.

    Raises Refusal as above.
    """
    lock_draft(session, candidacy_id)
    piece = own_evidence(session, candidacy_id, evidence_id)
    _reject_attested(session, evidence_id)
    _refuse_suspended(session, candidacy_id, evidence_id, EvidenceChange.CHANGE)
    number = piece.file.number + 1
    piece.files.append(_version(number, file, at))
    piece.changed_at = at
    session.flush()
    request_renditions(session, piece.file, at=at)
    refresh_reviews_for_evidence(session, evidence_id)
    record_event(
        session, "evidence_replaced", ("evidence", evidence_id), by=by, at=at, version=number, size=file.size
    )
    return number


def remove_evidence(
    session: Session, candidacy_id: UUID, evidence_id: UUID, *, by: UUID, at: datetime
) -> None:
    """Take a piece away with its claims.

    A tombstone and the files stay, for a manifest may name them (trust.md §2). Taking it away twice changes
    nothing more. Raises Refusal: SEALED, NOT_YOURS, SUSPENDED (it shows a suspended block, R10).
    """
    lock_draft(session, candidacy_id)
    piece = session.get(Evidence, evidence_id)
    if piece is None or piece.candidacy_id != candidacy_id:
        raise Refusal(DossierRefusal.NOT_YOURS)
    if piece.removed_at is not None:
        return
    _refuse_suspended(session, candidacy_id, evidence_id, EvidenceChange.REMOVE)
    claimed = remove_claims(session, evidence_id)
    piece.removed_at = at
    refresh_reviews(session, candidacy_id, claimed)
    record_event(session, "evidence_removed", ("evidence", evidence_id), by=by, at=at)


def leave_out(
    session: Session, candidacy_id: UUID, evidence_id: UUID, *, left_out: bool, by: UUID, at: datetime
) -> None:
    """Keep a piece out of the deposit, or join it again; its claims stay, and prove nothing meanwhile.

    Raises Refusal: SEALED, REMOVED, NOT_YOURS, SUSPENDED.
    """
    lock_draft(session, candidacy_id)
    piece = own_evidence(session, candidacy_id, evidence_id)
    _refuse_suspended(session, candidacy_id, evidence_id, EvidenceChange.REMOVE)
    if bool(piece.is_left_out) != left_out:
        piece.is_left_out, piece.changed_at = left_out, at
        record_event(
            session,
            "evidence_left_out" if left_out else "evidence_joined",
            ("evidence", evidence_id),
            by=by,
            at=at,
        )


def add_attested_evidence(
    session: Session, candidacy_id: UUID, files: Sequence[tuple[ReceivedFile, CoverNote]], *, at: datetime
) -> list[UUID]:
    """Make one piece of each file that a third party signed, its cover note written already; answer their
    ids.

    It does not ask whether the draft is open: what comes after a deposit waits for the next one. The caller
    holds the dossier.
    """
    pieces = _numbered(session, candidacy_id, [file for file, _ in files], at)
    for piece, (_, cover_note) in zip(pieces, files, strict=True):
        for name, value in asdict(cover_note).items():
            setattr(piece, name, value)
    return _save(session, pieces, "evidence_collected", by=None, at=at)


def is_attested(session: Session, evidence_id: UUID) -> bool:
    """Return whether a piece was signed by a third party: nobody describes it anew, nobody replaces its
    file.
    """
    found = select(Attestation.id).where(
        or_(Attestation.evidence_id == evidence_id, Attestation.attachment_id == evidence_id)
    )
    return session.scalar(found) is not None


def _reject_attested(session: Session, evidence_id: UUID) -> None:
    if is_attested(session, evidence_id):
        raise Refusal(EvidenceRefusal.COLLECTED)


def _refuse_suspended(session: Session, candidacy_id: UUID, evidence_id: UUID, touch: EvidenceChange) -> None:
    block = suspended_block(session, candidacy_id, [evidence_id], touch)
    if block is not None:
        raise Refusal(EvidenceRefusal.SUSPENDED, block=block)


def _numbered(
    session: Session, candidacy_id: UUID, files: Sequence[ReceivedFile], at: datetime
) -> list[Evidence]:
    last = session.scalar(select(func.max(Evidence.number)).where(Evidence.candidacy_id == candidacy_id)) or 0
    return [_new(candidacy_id, number, file, at) for number, file in enumerate(files, last + 1)]


def _save(
    session: Session, pieces: Sequence[Evidence], verb: str, *, by: UUID | None, at: datetime
) -> list[UUID]:
    session.add_all(pieces)
    session.flush()
    for piece in pieces:
        request_renditions(session, piece.file, at=at)
        record_event(
            session, verb, ("evidence", piece.id), by=by, at=at, number=piece.number, size=piece.file.size
        )
    return [piece.id for piece in pieces]


def title_of_file(name: str) -> str:
    """Return the title that a piece has until its candidate writes one: the name of its file."""
    return PurePath(name).stem.replace("_", " ").strip() or name


def _new(candidacy_id: UUID, number: int, file: ReceivedFile, at: datetime) -> Evidence:
    return Evidence(
        candidacy_id=candidacy_id,
        number=number,
        title=title_of_file(file.name),
        added_at=at,
        changed_at=at,
        files=[_version(1, file, at)],
    )


def _version(number: int, file: ReceivedFile, at: datetime) -> EvidenceFile:
    return EvidenceFile(
        number=number, key=file.key, name=file.name, mime=file.mime, family=file.family, pages=file.pages,
        size=file.size, sha256=file.sha256, received_at=at, seconds=file.seconds, taken_on=file.taken_on,
    )  # fmt: skip
