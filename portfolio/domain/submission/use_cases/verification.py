"""Check of whether a file, known by its digest, is one of a sealed dossier, known by its root.

Read what is sealed: a submission, its dossier from the manifest alone, and where its files are kept.

The sealed versions of a candidacy, and what changed from one to the next.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows
from portfolio.domain.candidacy.models import SealedFile, Submission
from portfolio.domain.dossier.use_cases.masking import masked_files
from portfolio.domain.submission.models import BookEdition
from portfolio.domain.submission.rules.comparison import Comparison, compare
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.domain.submission.rules.manifest import read_manifest
from portfolio.domain.submission.rules.returns import EditionKind


class FileCheck(StrEnum):
    """Answers about a file."""

    SAME = "same"
    DIFFERENT = "different"
    NOT_PART = "not_part"
    UNKNOWN_ROOT = "unknown_root"


@dataclass(frozen=True, slots=True)
class FileCheckAnswer:
    """The answer, and which exhibit or which edition it is about; neither for the manifest itself."""

    check: FileCheck
    label: str = ""
    edition: EditionKind | None = None


def check_file(session: Session, root: str, sha256: str, label: str = "") -> FileCheckAnswer:
    """Compare a digest with the exhibits, editions and manifest of a dossier; `label` says which exhibit
    it should be.
    """
    manifest = session.scalar(select(Submission.manifest).where(Submission.root == root).limit(1))
    if manifest is None:
        return FileCheckAnswer(FileCheck.UNKNOWN_ROOT)
    dossier = read_manifest(manifest)
    found = next((exhibit for exhibit in dossier.exhibits if exhibit.sha256 == sha256), None)
    if found is not None and label in ("", found.label):
        return FileCheckAnswer(FileCheck.SAME, found.label)
    if label and dossier.exhibit(label) is not None:
        return FileCheckAnswer(FileCheck.DIFFERENT, label)
    edition = session.scalar(select(BookEdition.kind).where(BookEdition.root == root, BookEdition.sha256 == sha256))
    if edition is not None or hashlib.sha256(manifest).hexdigest() == sha256:
        return FileCheckAnswer(FileCheck.SAME, edition=edition)
    return FileCheckAnswer(FileCheck.NOT_PART)


_MANIFEST = select(Submission.manifest).where(Submission.id == bindparam("submission"))


def load_sealed_dossier(session: Session, submission_id: UUID) -> SealedDossier:
    """Read a sealed dossier from its manifest, and from nothing else; raises NoResultFound."""
    manifest = session.scalars(_MANIFEST, {"submission": submission_id}).one()
    return read_manifest(manifest)


def load_sealed_dossiers(session: Session, submissions: Collection[UUID]) -> dict[UUID, SealedDossier]:
    """Read the same of several submissions, in one query."""
    if not submissions:
        return {}
    rows = session.execute(select(Submission.id, Submission.manifest).where(Submission.id.in_(submissions)))
    return {submission_id: read_manifest(manifest) for submission_id, manifest in rows}


def load_manifest(session: Session, submission_id: UUID) -> Submission:
    """Return a submission with its manifest and its root; raises NoResultFound."""
    return session.get_one(Submission, submission_id)


class StoredExhibit(NamedTuple):
    """The file of an exhibit: where the store keeps it, its name, media type, size in bytes and digest."""

    key: str
    name: str
    mime: str
    size: int
    sha256: str


# Asked at every page and image of an exhibit, so built once.
_FILE = select(SealedFile.key, SealedFile.name, SealedFile.mime, SealedFile.size, SealedFile.sha256).where(
    SealedFile.submission_id == bindparam("submission"), SealedFile.exhibit == bindparam("exhibit")
)


def find_sealed_file(session: Session, submission_id: UUID, exhibit: str) -> StoredExhibit | None:
    """Find where the store keeps the file of an exhibit (« B2-03 ») of a submission."""
    rows = fetch_rows(session, _FILE, {"submission": submission_id, "exhibit": exhibit})
    return StoredExhibit(*rows[0]) if rows else None


def find_last_submission_id(session: Session, candidacy_id: UUID) -> UUID | None:
    """Find the last submission of a candidacy."""
    query = select(Submission.id).where(Submission.candidacy_id == candidacy_id).order_by(Submission.number.desc())
    return session.scalar(query.limit(1))


@dataclass(frozen=True, slots=True)
class VersionComparison:
    """Two sealed versions, what differs, and how many parts are masked in the files of the second one, by label."""

    before_at: datetime
    after_at: datetime
    comparison: Comparison
    masks: dict[str, int]


def list_earlier_numbers(session: Session, submission: Submission) -> list[int]:
    """List the numbers of the versions that were sealed before a submission, the last one first."""
    query = select(Submission.number).where(*_before(submission)).order_by(Submission.number.desc())
    return list(session.scalars(query))


def find_version(session: Session, submission: Submission, number: int | None = None) -> Submission | None:
    """Find the version of this number that was sealed before a submission; without a number, the last one before it."""
    query = select(Submission).where(*_before(submission))
    if number is not None:
        query = query.where(Submission.number == number)
    return session.scalar(query.order_by(Submission.number.desc()).limit(1))


def _before(submission: Submission) -> tuple[ColumnElement[bool], ...]:
    same = Submission.candidacy_id == submission.candidacy_id
    return same, Submission.number < submission.number, Submission.kind.is_(None)


def compare_versions(session: Session, before: Submission, after: Submission) -> VersionComparison:
    """Compare two sealed versions, from their manifests."""
    keys = {
        row.exhibit: row.key for row in session.scalars(select(SealedFile).where(SealedFile.submission_id == after.id))
    }
    masks = masked_files(session, list(keys.values()))
    told = compare(read_manifest(before.manifest), read_manifest(after.manifest))
    by_label = {label: masks[key] for label, key in keys.items() if key in masks}
    return VersionComparison(before.submitted_at, after.submitted_at, told, by_label)
