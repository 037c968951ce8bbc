"""Plan and carry out erasures: a row is the task; rows go in one transaction, files after it, and a stop
loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portfolio.db.compaction import compact
from portfolio.db.engine import Database, new_id
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy_listing.certificates import refresh_certificates
from portfolio.domain.candidacy_listing.use_cases import refresh
from portfolio.domain.evidence.models.evidence import Upload
from portfolio.domain.retention.models import ErasedFile, Erasure
from portfolio.domain.retention.rules import Cause, Extent
from portfolio.domain.retention.use_cases.clocks import store_clocks
from portfolio.domain.retention.use_cases.erased_account import (
    erase_account,
    erase_letters,
    keep_name_of_decided,
    may_erase_account,
)
from portfolio.domain.retention.use_cases.erased_rows import erase_dossier
from portfolio.domain.retention.use_cases.facts import load_dated
from portfolio.files.storage.store import FileStore
from portfolio.files.uploads.partial import PartialUpload, PartialUploads

log = structlog.get_logger("acquis")
_AT_ONCE = 500


def plan_erasure(
    session: Session,
    candidacy_id: UUID,
    extent: Extent,
    cause: Cause,
    *,
    by: UUID | None,
    at: datetime,
    run_after: datetime,
) -> bool:
    """Order the erasure of a dossier, and return whether it was not ordered before."""
    known = session.scalars(
        select(Erasure)
        .where(Erasure.candidacy_id == candidacy_id, Erasure.extent == extent)
        .with_for_update()
    ).first()
    if known is not None:
        return False
    dated = load_dated(session, [candidacy_id], at.date())[candidacy_id]
    session.add(
        Erasure(
            id=new_id(), candidacy_id=candidacy_id, body_id=dated.body_id, extent=extent, cause=cause,
            planned_at=at, planned_by=by, run_after=run_after,
        )
    )  # fmt: skip
    record_event(
        session, "erasure_planned", ("candidacy", candidacy_id), by=by, at=at, extent=extent, cause=cause
    )
    return True


def run_due_erasures(
    database: Database, files: FileStore, uploads: PartialUploads, clock: Callable[[], datetime]
) -> int:
    """Carry out every erasure whose moment has come, and those that a stop interrupted; return how many
    ended.

    An erasure ends when no byte of it is left in the file of the database. Raise StoreUnavailable when the
    store of files does not answer, OperationalError when the database cannot be written anew: the next run
    goes on from there.
    """
    with database.reader() as session:
        waiting = select(Erasure.id).where(Erasure.files_at.is_(None), Erasure.run_after <= clock())
        ids = session.scalars(waiting.order_by(Erasure.run_after, Erasure.id)).all()
    erased = [each for each in ids if _erase(database, files, uploads, each, clock)]
    if erased:
        compact(database)
    for each in erased:
        _end(database, each, clock)
    return len(erased)


def _erase(
    database: Database,
    files: FileStore,
    uploads: PartialUploads,
    erasure_id: UUID,
    clock: Callable[[], datetime],
) -> bool:
    """Erase the rows, then the files; return False while something holds the dossier."""
    with database.transaction() as session:
        partial = erase_rows_of(session, erasure_id, at=clock())
    if partial is None:
        return False
    for upload in partial:
        uploads.discard(upload)
    while keys := _waiting_files(database, erasure_id):
        for key in keys:
            files.delete(key)
        with database.transaction() as session:
            session.execute(update(ErasedFile).where(ErasedFile.file.in_(keys)).values(deleted_at=clock()))
    return True


def _end(database: Database, erasure_id: UUID, clock: Callable[[], datetime]) -> None:
    with database.transaction() as session:
        erasure = session.get_one(Erasure, erasure_id, with_for_update=True)
        if erasure.files_at is None:
            erasure.files_at = clock()
            record_event(
                session, "dossier_erased", ("candidacy", erasure.candidacy_id), by=erasure.planned_by,
                at=clock(), extent=erasure.extent, cause=erasure.cause,
            )  # fmt: skip


def _waiting_files(database: Database, erasure_id: UUID) -> list[str]:
    with database.reader() as session:
        query = select(ErasedFile.file).where(
            ErasedFile.erasure_id == erasure_id, ErasedFile.deleted_at.is_(None)
        )
        return list(session.scalars(query.order_by(ErasedFile.file).limit(_AT_ONCE)))


def erase_rows_of(session: Session, erasure_id: UUID, *, at: datetime) -> list[PartialUpload] | None:
    """Erase the rows that an erasure takes, and return the uploads to give up; None while something holds the
    dossier.

    Done already, it returns an empty list: only files are left to delete.
    """
    erasure = session.get_one(Erasure, erasure_id, with_for_update=True)
    if erasure.rows_at is not None:
        return []
    candidacy_id = erasure.candidacy_id
    session.execute(select(Candidacy.id).where(Candidacy.id == candidacy_id).with_for_update())
    dated = load_dated(session, [candidacy_id], at.date())[candidacy_id]
    if dated.facts.holds:
        log.warning(
            "erasure_held", candidacy=str(candidacy_id), holds=[hold.value for hold in dated.facts.holds]
        )
        return None
    partial = _load_uploads(session, candidacy_id)
    is_whole = erasure.extent is Extent.WHOLE
    if is_whole:
        erase_letters(session, candidacy_id, at=at)
    keys = erase_dossier(session, candidacy_id, erasure.extent, by=erasure.planned_by, at=at)
    if keys:
        _keep_keys(session, erasure_id, keys)
    if is_whole:
        keep_name_of_decided(session, candidacy_id)
    erasure.rows_at = at
    session.flush()
    if is_whole and may_erase_account(session, dated.candidate_id):
        erase_account(session, dated.candidate_id, at=at)
        session.flush()
    store_clocks(session, [candidacy_id], at.date())
    refresh(session, [candidacy_id])
    refresh_certificates(session, [dated.candidate_id])
    return partial


def _keep_keys(session: Session, erasure_id: UUID, keys: list[str]) -> None:
    known: set[str] = set()
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        known |= set(session.scalars(select(ErasedFile.file).where(ErasedFile.file.in_(some))))
    rows = [{"file": key, "erasure_id": erasure_id, "deleted_at": None} for key in keys if key not in known]
    if rows:
        session.execute(insert(ErasedFile), rows)


def _load_uploads(session: Session, candidacy_id: UUID) -> list[PartialUpload]:
    query = select(Upload.id, Upload.size, Upload.store_upload_id).where(Upload.candidacy_id == candidacy_id)
    return [PartialUpload(*row) for row in session.execute(query)]
