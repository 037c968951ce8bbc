"""Read what is sealed: a submission, its dossier from the manifest alone, and where its files are kept."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows
from portfolio.domain.submission.models import SealedFile, Submission
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.domain.submission.rules.manifest import read_manifest

_MANIFEST = select(Submission.manifest).where(Submission.id == bindparam("submission"))


def load_sealed_dossier(session: Session, submission_id: UUID) -> SealedDossier:
    """Read a sealed dossier from its manifest, and from nothing else; raises NoResultFound."""
    manifest = session.scalars(_MANIFEST, {"submission": submission_id}).one()
    return read_manifest(manifest)


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
    query = (
        select(Submission.id)
        .where(Submission.candidacy_id == candidacy_id)
        .order_by(Submission.number.desc())
    )
    return session.scalar(query.limit(1))
