"""Take pieces of evidence from another candidacy of the same person, without sending their files again.

Each candidacy keeps its own pieces, claims and seals: a piece taken over is a new piece, whose file is a copy under a
key of its own, made inside the store. Erasing, masking or replacing one of them changes nothing of the other, the
rights of a body end at its own rows, and nothing in the new piece names the candidacy that it came from.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block, CertificationVersion, Competency
from portfolio.domain.dossier.models.attestation import Attestation
from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, is_private
from portfolio.domain.dossier.rules.draft import DossierRefusal
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft
from portfolio.domain.dossier.use_cases.quarantine import is_quarantined
from portfolio.domain.dossier.use_cases.renditions import request_renditions
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile, UploadBatch
from portfolio.errors import Refusal
from portfolio.files.storage.store import FileStore, StoreUnavailable, new_key

# What a piece says of itself goes with it; its experience is a row of the other dossier, and stays there.
COPIED = (
    *("title", "kind", "dated_from", "dated_to", "own_role", "authorship", "own_part", "confidentiality", "anonymity"),
    *("web_address", "captured_on"),
)


@dataclass(frozen=True, slots=True)
class ReusedFile:
    """A piece to take over, and the copy of its current file that the store made."""

    evidence_id: UUID
    file: ReceivedFile


def list_reusable(
    session: Session, candidacy_id: UUID, *, offset: int = 0, limit: int | None = None
) -> Sequence[tuple[Evidence, EvidenceFile]]:
    """List the pieces of the other candidacies of the same person that may be taken over, each with its current file.

    Left out: pieces removed, pieces signed by a third party (they attest for one candidacy), files in which something
    is masked and not yet flattened, files not scanned yet, and files that the draft has already (same digest).
    """
    query = _reusable(candidacy_id).order_by(Evidence.added_at, Evidence.number, Evidence.id)
    return [(piece, file) for piece, file in session.execute(query.offset(offset).limit(limit))]


def find_reusable(
    session: Session, candidacy_id: UUID, ids: Collection[UUID]
) -> dict[UUID, tuple[Evidence, EvidenceFile]]:
    """Return those of these pieces that may be taken over, by their id, each with its current file."""
    rows = session.execute(
        _reusable(candidacy_id).where(Evidence.id.in_(ids)).order_by(Evidence.added_at, Evidence.number)
    )
    return {piece.id: (piece, file) for piece, file in rows}


def count_reusable(session: Session, candidacy_id: UUID) -> int:
    """Count the pieces that may be taken over."""
    keys = _reusable(candidacy_id).with_only_columns(Evidence.id)
    return session.scalar(select(func.count()).select_from(keys.subquery())) or 0


def _reusable(candidacy_id: UUID) -> Select[Evidence, EvidenceFile]:
    candidate_id = select(Candidacy.candidate_id).where(Candidacy.id == candidacy_id).scalar_subquery()
    last = select(func.max(EvidenceFile.number)).where(EvidenceFile.evidence_id == Evidence.id).correlate(Evidence)
    here = (
        select(EvidenceFile.sha256)
        .join(EvidenceFile.evidence)
        .where(Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_(None))
    )
    signed = select(Attestation.id).where(
        (Attestation.evidence_id == Evidence.id) | (Attestation.attachment_id == Evidence.id)
    )
    return (
        select(Evidence, EvidenceFile)
        .join(EvidenceFile, (EvidenceFile.evidence_id == Evidence.id) & (EvidenceFile.number == last.scalar_subquery()))
        .join(Candidacy, Candidacy.id == Evidence.candidacy_id)
        .where(Candidacy.candidate_id == candidate_id, Candidacy.id != candidacy_id, Evidence.removed_at.is_(None))
        .where(~is_private(), ~is_quarantined(), ~signed.exists(), EvidenceFile.sha256.not_in(here))
    )


def copy_files(
    store: FileStore, batch: UploadBatch, chosen: Sequence[tuple[Evidence, EvidenceFile]]
) -> list[ReusedFile]:
    """Copy the files of these pieces inside the store, before any transaction; the batch deletes those that
    no row names.

    Raises StoreError; StoreUnavailable when a file is no longer the one that was received.
    """
    copies = []
    for piece, source in chosen:
        with store.open(source.key) as content:
            stored = store.save(new_key(), content)
        copy = ReceivedFile(
            stored.key,
            source.name,
            source.mime,
            source.family,
            source.pages,
            stored.size,
            stored.sha256,
            source.seconds,
        )
        batch.waiting.append(copy)
        if stored.sha256 != source.sha256:
            raise StoreUnavailable(f"{source.key}: not the file that was received")
        copies.append(ReusedFile(piece.id, copy))
    return copies


def reuse_evidence(
    session: Session, candidacy_id: UUID, copies: Sequence[ReusedFile], *, by: UUID, at: datetime
) -> list[UUID]:
    """Make a piece of this draft of each copy, with the cover note of the piece that it came from; answer their ids.

    The caller has compared the quotas. Raises Refusal: SEALED, NOT_YOURS (a piece that may not be taken over, or is
    gone).
    """
    lock_draft(session, candidacy_id)
    reusable = find_reusable(session, candidacy_id, [copy.evidence_id for copy in copies])
    _refuse_others(reusable.keys(), copies)
    number = session.scalar(select(func.max(Evidence.number)).where(Evidence.candidacy_id == candidacy_id)) or 0
    made = []
    for rank, copy in enumerate(copies, number + 1):
        source, _file = reusable[copy.evidence_id]
        made.append(_new_piece(candidacy_id, rank, source, copy.file, at))
    session.add_all(made)
    session.flush()
    for piece in made:
        request_renditions(session, piece.file, at=at)
        record_event(
            session, "evidence_reused", ("evidence", piece.id), by=by, at=at, number=piece.number, size=piece.file.size
        )
    return [piece.id for piece in made]


def _refuse_others(reusable: Collection[UUID], copies: Sequence[ReusedFile]) -> None:
    ids = [copy.evidence_id for copy in copies]
    if not set(ids) <= set(reusable) or len(set(ids)) != len(ids):
        raise Refusal(DossierRefusal.NOT_YOURS)


def _new_piece(candidacy_id: UUID, number: int, source: Evidence, file: ReceivedFile, at: datetime) -> Evidence:
    version = EvidenceFile(
        number=1, key=file.key, name=file.name, mime=file.mime, family=file.family, pages=file.pages,
        seconds=file.seconds, size=file.size, sha256=file.sha256, received_at=at,
    )  # fmt: skip
    note = {name: getattr(source, name) for name in COPIED}
    return Evidence(candidacy_id=candidacy_id, number=number, added_at=at, changed_at=at, files=[version], **note)


def load_served_elsewhere(
    session: Session, candidacy_id: UUID, digests: Collection[str]
) -> dict[str, dict[str, list[str]]]:
    """Return what each of these files serves in the other candidacies of the person, for that person alone: the titles
    of the certifications, each with the labels of its competencies.
    """
    candidate_id = select(Candidacy.candidate_id).where(Candidacy.id == candidacy_id).scalar_subquery()
    rows = session.execute(
        select(EvidenceFile.sha256, CertificationVersion.title, Block.number, Competency.number)
        .join(EvidenceFile.evidence)
        .join(Claim, Claim.evidence_id == Evidence.id)
        .join(Claim.competency)
        .join(Competency.block)
        .join(Candidacy, Candidacy.id == Evidence.candidacy_id)
        .join(Candidacy.version)
        .where(EvidenceFile.sha256.in_(digests), Candidacy.candidate_id == candidate_id, Candidacy.id != candidacy_id)
        .where(Evidence.removed_at.is_(None))
        .distinct()
        .order_by(CertificationVersion.title, Block.number, Competency.number)
    )
    found: dict[str, dict[str, list[str]]] = {}
    for digest, title, block, number in rows:
        found.setdefault(digest, {}).setdefault(title, []).append(f"{block}.{number}")
    return found
