"""Check whether what is stored is still what was sealed."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portfolio.domain.candidacy.models import SealedFile, Submission
from portfolio.domain.certification.models import Block
from portfolio.domain.submission.rules.dossier import SealedDossier, SealedExhibit
from portfolio.domain.submission.rules.manifest import UnreadableManifest, read_manifest, root_of
from portfolio.files.storage.store import CHUNK_BYTES, FileStore, KeyNotFound


class DifferenceCode(StrEnum):
    """How what is stored can differ from what was sealed."""

    MANIFEST_CHANGED = "manifest_changed"
    MANIFEST_UNREADABLE = "manifest_unreadable"
    BLOCKS_CHANGED = "blocks_changed"
    EXHIBIT_MISSING = "exhibit_missing"
    EXHIBIT_ADDED = "exhibit_added"
    EXHIBIT_CHANGED = "exhibit_changed"
    FILE_MISSING = "file_missing"
    FILE_CHANGED = "file_changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is no longer as it was sealed; `exhibit` names it when it is about an exhibit."""

    code: DifferenceCode
    exhibit: str = ""


def verify(session: Session, store: FileStore, submission_id: UUID) -> list[Difference]:
    """Compare a submission with its root: manifest, blocks, exhibits, and every byte of every file.

    Empty when all is well. It reads whole files: never inside a transaction that writes. Raises NoResultFound.
    """
    query = select(Submission).where(Submission.id == submission_id).options(selectinload(Submission.files))
    submission = session.scalars(query.options(selectinload(Submission.blocks))).one()
    try:
        dossier = read_manifest(submission.manifest)
    except UnreadableManifest:
        return [Difference(DifferenceCode.MANIFEST_UNREADABLE)]
    return [*_of_manifest(session, submission, dossier), *_of_exhibits(store, submission, dossier)]


def _of_manifest(session: Session, submission: Submission, dossier: SealedDossier) -> Iterator[Difference]:
    if root_of(submission.manifest) != submission.root:
        yield Difference(DifferenceCode.MANIFEST_CHANGED)
    presented = [submitted_block.block_id for submitted_block in submission.blocks]
    numbers = set(session.scalars(select(Block.number).where(Block.id.in_(presented))))
    if numbers != {block.number for block in dossier.blocks}:
        yield Difference(DifferenceCode.BLOCKS_CHANGED)


def _of_exhibits(store: FileStore, submission: Submission, dossier: SealedDossier) -> Iterator[Difference]:
    files = {file.exhibit: file for file in submission.files}
    for label in sorted(files.keys() - {exhibit.label for exhibit in dossier.exhibits}):
        yield Difference(DifferenceCode.EXHIBIT_ADDED, label)
    for exhibit in dossier.exhibits:
        found = _of_exhibit(store, exhibit, files.get(exhibit.label))
        if found is not None:
            yield Difference(found, exhibit.label)


def _of_exhibit(store: FileStore, exhibit: SealedExhibit, file: SealedFile | None) -> DifferenceCode | None:
    if file is None:
        return DifferenceCode.EXHIBIT_MISSING
    if (file.name, file.mime, file.size, file.sha256) != (exhibit.name, exhibit.mime, exhibit.size, exhibit.sha256):
        return DifferenceCode.EXHIBIT_CHANGED
    try:
        digest, size = _digest(store, file.key)
    except KeyNotFound:
        return DifferenceCode.FILE_MISSING
    return None if (digest, size) == (exhibit.sha256, exhibit.size) else DifferenceCode.FILE_CHANGED


def _digest(store: FileStore, key: str) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with store.open(key) as content:
        while chunk := content.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size
