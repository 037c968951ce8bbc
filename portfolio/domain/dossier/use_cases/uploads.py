"""Files are received, checked and kept before any transaction; what no piece names in the end is
forgotten. What the antivirus cannot scan now is kept apart (`quarantine`).

Compare the evidence of a person and of a body with the limits of the installation.

Resumable uploads: start, append a part, complete, cancel.

The audit log records the piece, not its parts.
"""

import logging
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import ColumnElement

from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, Upload
from portfolio.domain.dossier.rules.quota import (
    MAX_UPLOADS,
    UPLOAD_LIFETIME,
    Quota,
    Quotas,
    UploadRefusal,
    UploadRequest,
)
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft
from portfolio.domain.dossier.use_cases.quarantine import Quarantine
from portfolio.errors import Refusal
from portfolio.files import antivirus
from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import FileRejected, RejectionReason
from portfolio.files.filenames import display_filename
from portfolio.files.storage.store import AdoptedFile, FileStore, StoreError, StoreUnavailable, TooLarge, new_key
from portfolio.files.uploads.partial import PartialUpload

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that is kept in the store, and what it really is."""

    key: str
    name: str
    mime: str
    family: str
    pages: int | None
    size: int
    sha256: str
    seconds: int | None = None
    # The day that a camera wrote into the photograph.
    taken_on: date | None = None


@dataclass
class UploadBatch:
    """The files of one form. Those still waiting when it ends are deleted: no piece names them."""

    store: FileStore
    limit: int
    # Without one, a file that cannot be scanned is refused.
    quarantine: Quarantine | None = None
    waiting: list[ReceivedFile] = field(default_factory=list)
    # The keys of the files that are kept apart until they are scanned.
    apart: set[str] = field(default_factory=set)

    def store_file(
        self, name: str | None, content: BinaryIO, taken_on: date | None = None, *, is_ours: bool = False
    ) -> ReceivedFile:
        """Check what a file is, keep it durably, and answer it; its name is shown, never obeyed.

        `taken_on`: the day of the photographs that the file was made of. `is_ours`: we made it, and nothing
        is to be scanned.

        Raises FileRejected, TooLarge (in bytes), StoreFull, StoreUnavailable; then nothing of it is kept.
        """
        size = _size_of(content)
        if size > self.limit:
            raise TooLarge(self.limit)
        self.store.prefetch(content)
        what = sniff(content, size)
        is_apart = not is_ours and not self._is_scanned(content)
        stored = self.store.save(new_key(), content, self.limit)
        key = new_key() if is_apart else stored.key
        file = ReceivedFile(
            key, display_filename(name), what.mime, what.kind.family.value, what.pages, stored.size,
            stored.sha256, what.seconds, what.taken_on or taken_on
        )  # fmt: skip
        if not isinstance(content, AdoptedFile):  # its upload goes on waiting; only who takes its row may delete it
            self.waiting.append(file)
        if is_apart and self.quarantine is not None:
            self.apart.add(file.key)
            self.quarantine.hold(file.key, stored)
        if stored.size != size:  # never acknowledge less than what came
            raise StoreUnavailable(f"{stored.size} bytes kept of {size}")
        return file

    def drop(self, file: ReceivedFile) -> None:
        """Delete a file of the form that no piece will name."""
        if file in self.waiting:
            self.waiting.remove(file)
            delete_file(self.store, file.key)
        self._forget(file.key)

    def keep(self) -> None:
        """Keep the files, once the transaction that names them is done."""
        self.waiting.clear()
        self.apart.clear()

    def discard(self) -> None:
        """Delete what no transaction named, as best we can."""
        for file in self.waiting:
            delete_file(self.store, file.key)
        for key in tuple(self.apart):
            self._forget(key)

    def _forget(self, key: str) -> None:
        if key in self.apart and self.quarantine is not None:
            self.apart.remove(key)  # its content is swept later: an upload that goes on may own it
            self.quarantine.forget(key)

    def _is_scanned(self, content: BinaryIO) -> bool:
        """Return whether a file was found clean; False when it is to be kept apart until it is.

        Once the antivirus was silent for a file of the form, the others do not wait for it too.
        """
        if self.apart:
            return False
        try:
            antivirus.scan(content)
        except FileRejected as error:
            if error.code is not RejectionReason.NOT_SCANNED or self.quarantine is None:
                raise
            return False
        return True


@contextmanager
def upload_batch(store: FileStore, limit: int, quarantine: Quarantine | None = None) -> Iterator[UploadBatch]:
    """Open the reception of the files of one form; what was not said to `keep()` is deleted at the end,
    as best we can.
    """
    opened = UploadBatch(store, limit, quarantine)
    try:
        yield opened
    finally:
        opened.discard()


def delete_file(store: FileStore, key: str) -> None:
    """Delete a file that no row names any more, as best we can; an empty key is none."""
    if not key:
        return
    try:
        store.delete(key)
    except (StoreError, OSError):  # a sweep of the store finds it later
        _log.warning("a file that no piece names could not be deleted: %s", key)


def _size_of(content: BinaryIO) -> int:
    size = content.seek(0, os.SEEK_END)
    content.seek(0)
    return size


def load_quotas(session: Session, candidacy_id: UUID, person_limit: int, body_limit: int) -> Quotas:
    """Return the two quotas that files of this candidacy count against; what has no limit is not counted."""
    person = _used(session, _of_person(candidacy_id)) if person_limit else 0
    body = _used(session, _of_body(candidacy_id)) if body_limit else 0
    return Quotas(Quota(person_limit, person), Quota(body_limit, body))


def check_quotas(session: Session, candidacy_id: UUID, size: int, person_limit: int, body_limit: int) -> None:
    """Raise Refusal (PERSON, BODY) when so many more bytes pass a quota; two candidacies of one person are
    counted in turn.
    """
    if person_limit:
        candidate_id = select(Candidacy.candidate_id).where(Candidacy.id == candidacy_id).scalar_subquery()
        session.execute(select(Person.id).where(Person.id == candidate_id).with_for_update())
    session.flush()
    quotas = load_quotas(session, candidacy_id, person_limit, body_limit)
    if refusal := quotas.refusal(size):
        raise Refusal(refusal, room=quotas.room or 0)


def _used(session: Session, of: ColumnElement[bool]) -> int:
    """Return the bytes of all versions of the pieces, those removed too while their files are kept, and
    of the uploads.
    """
    kept = (
        select(func.coalesce(func.sum(EvidenceFile.size), 0))
        .join(EvidenceFile.evidence)
        .join(Candidacy, Candidacy.id == Evidence.candidacy_id)
        .where(of)
    )
    coming = (
        select(func.coalesce(func.sum(Upload.size), 0)).join(Candidacy, Candidacy.id == Upload.candidacy_id).where(of)
    )
    return int(session.scalar(select(kept.scalar_subquery() + coming.scalar_subquery())) or 0)


def _of_person(candidacy_id: UUID) -> ColumnElement[bool]:
    """Return the condition that a candidacy is of the same person as this one."""
    own = aliased(Candidacy)
    return Candidacy.candidate_id == select(own.candidate_id).where(own.id == candidacy_id).scalar_subquery()


def _of_body(candidacy_id: UUID) -> ColumnElement[bool]:
    """Return the condition that a candidacy is of the same body as this one."""
    own, own_version, own_certification = (aliased(Candidacy), aliased(CertificationVersion), aliased(Certification))
    body = (
        select(own_certification.body_id)
        .join(own_version, own_version.certification_id == own_certification.id)
        .join(own, own.version_id == own_version.id)
        .where(own.id == candidacy_id)
        .scalar_subquery()
    )
    versions = (
        select(CertificationVersion.id).join(CertificationVersion.certification).where(Certification.body_id == body)
    )
    return Candidacy.version_id.in_(versions)


@dataclass(frozen=True, slots=True)
class UploadStatus:
    """A file on its way, and how much of it is here, in bytes, when somebody asked its place."""

    id: UUID
    name: str
    size: int
    store_upload_id: str = ""
    received: int = 0
    digests: Mapping[str, str] | None = None

    @property
    def partial(self) -> PartialUpload:
        """Return what the place of its bytes knows it by."""
        return PartialUpload(self.id, self.size, self.store_upload_id, self.digests)


def start_upload(
    session: Session, candidacy_id: UUID, file: UploadRequest, partial: PartialUpload, *, at: datetime
) -> UploadStatus:
    """Begin a file under this identity, unless another request has begun it; return the one that goes on.

    Raises Refusal: SEALED, TOO_MANY.
    """
    lock_draft(session, candidacy_id)
    row = _announced(session, candidacy_id, file.mark)
    if row is not None:
        return _view(row)
    if (session.scalar(select(func.count()).where(Upload.candidacy_id == candidacy_id)) or 0) >= MAX_UPLOADS:
        raise Refusal(UploadRefusal.TOO_MANY)
    row = Upload(
        id=partial.id,
        candidacy_id=candidacy_id,
        fingerprint=file.mark,
        name=display_filename(file.name),
        size=file.size,
    )
    row.store_upload_id, row.started_at, row.changed_at = partial.place_name, at, at
    row.digests = dict(partial.digests or {})
    session.add(row)
    session.flush()
    return _view(row)


def resume_upload(session: Session, candidacy_id: UUID, upload_id: UUID, *, at: datetime) -> None:
    """Wait for the rest of a file anew. Raises Refusal: SEALED."""
    lock_draft(session, candidacy_id)
    session.execute(
        update(Upload).where(Upload.candidacy_id == candidacy_id, Upload.id == upload_id).values(changed_at=at)
    )


def note_digest(session: Session, upload_id: UUID, number: int, sha256: str) -> None:
    """Keep the SHA-256 under which a part goes to an S3, which asks for it again to make the whole."""
    row = session.get(Upload, upload_id, with_for_update=True)
    if row is not None and row.digests is not None:
        row.digests = {**row.digests, str(number): sha256}


def find_announced(session: Session, candidacy_id: UUID, mark: str) -> UploadStatus | None:
    """Return the file of this mark that is on its way to a dossier; None when it was never announced."""
    row = _announced(session, candidacy_id, mark)
    return _view(row) if row is not None else None


def find_upload(session: Session, candidacy_id: UUID, upload_id: UUID) -> UploadStatus | None:
    """Answer a file on its way to this dossier; None for any other."""
    row = session.get(Upload, upload_id)
    return _view(row) if row is not None and row.candidacy_id == candidacy_id else None


def list_uploads(session: Session, candidacy_id: UUID) -> list[UploadStatus]:
    """Answer the unfinished files of a dossier, the latest first."""
    rows = session.scalars(select(Upload).where(Upload.candidacy_id == candidacy_id).order_by(Upload.changed_at.desc()))
    return [_view(row) for row in rows]


def delete_uploads(session: Session, candidacy_id: UUID, ids: Collection[UUID]) -> list[UploadStatus]:
    """Forget files on their way, and return those that nobody forgot before: what is left of them is the
    caller's to remove.
    """
    if not ids:
        return []
    query = select(Upload).where(Upload.candidacy_id == candidacy_id, Upload.id.in_(ids)).with_for_update()
    rows = session.scalars(query).all()
    for row in rows:
        session.delete(row)
    return [_view(row) for row in rows]


def take_uploads(session: Session, candidacy_id: UUID, ids: Collection[UUID]) -> None:
    """Give files on their way to the pieces that this transaction makes; raises Refusal: SEALED, TAKEN (by
    another one).
    """
    lock_draft(session, candidacy_id)
    if len(delete_uploads(session, candidacy_id, ids)) != len(set(ids)):
        raise Refusal(UploadRefusal.TAKEN)


def delete_stale_uploads(session: Session, *, at: datetime) -> tuple[list[UploadStatus], list[UUID]]:
    """Forget the files that nobody announced for a week; return them, and the identities of those still waited for."""
    rows = session.scalars(select(Upload).where(Upload.changed_at < at - UPLOAD_LIFETIME)).all()
    expired = [_view(row) for row in rows]
    for row in rows:
        session.delete(row)
    session.flush()
    return expired, list(session.scalars(select(Upload.id)))


def _announced(session: Session, candidacy_id: UUID, mark: str) -> Upload | None:
    return session.scalar(select(Upload).where(Upload.candidacy_id == candidacy_id, Upload.fingerprint == mark))


def _view(row: Upload) -> UploadStatus:
    return UploadStatus(row.id, row.name, row.size, row.store_upload_id, digests=row.digests)
