"""Whether a file, known by its digest, is one of a sealed dossier, known by its root."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.submission.models import BookEdition, Submission
from portfolio.domain.submission.rules.editions import EditionKind
from portfolio.domain.submission.rules.manifest import read_manifest


class FileCheck(StrEnum):
    """What is answered about a file."""

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
    edition = session.scalar(
        select(BookEdition.kind).where(BookEdition.root == root, BookEdition.sha256 == sha256)
    )
    if edition is not None or hashlib.sha256(manifest).hexdigest() == sha256:
        return FileCheckAnswer(FileCheck.SAME, edition=edition)
    return FileCheckAnswer(FileCheck.NOT_PART)
