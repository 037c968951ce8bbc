"""Files that the antivirus has not scanned yet: kept apart, scanned later, told to who sent them.

The rows that name a file bear the key that it will have. Until it is clean nothing is kept under that key, so
that no page, edition or archive can read it, whatever it forgets to ask.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, QuarantinedFile
from portfolio.domain.dossier.rules.rendition import QuarantineState
from portfolio.domain.dossier.use_cases.renditions import request_renditions
from portfolio.domain.email.use_cases import EmailTemplate, queue_email
from portfolio.files import antivirus
from portfolio.files.file_types.types import FileRejected, RejectionReason
from portfolio.files.storage.store import FileStore, KeyExists, KeyNotFound, StoredFile

# The form that sent a file has ended long before its first scan.
_FIRST_WAIT = timedelta(seconds=30)
_LEASE, _RETRY = timedelta(minutes=15), timedelta(minutes=5)
_REFUSALS = {
    RejectionReason.INFECTED: QuarantineState.INFECTED,
    RejectionReason.TOO_LARGE_TO_SCAN: QuarantineState.TOO_LARGE,
}
_WAITING = QuarantinedFile.state == QuarantineState.WAITING


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Quarantine in which the files of one sender wait; `by` is None for a third party without an account."""

    database: Database
    by: UUID | None
    clock: Callable[[], datetime]

    def hold(self, key: str, stored: StoredFile) -> None:
        """Record that the file which rows name `key` is kept apart, before any row names it."""
        at = self.clock()
        with self.database.transaction() as session:
            session.add(
                QuarantinedFile(
                    key=key, held_key=stored.key, held_sha256=stored.sha256, held_size=stored.size,
                    person_id=self.by, state=QuarantineState.WAITING, since=at, run_after=at + _FIRST_WAIT,
                )
            )  # fmt: skip

    def forget(self, key: str) -> None:
        """Forget a file that no row will name."""
        with self.database.transaction() as session:
            session.execute(delete(QuarantinedFile).where(QuarantinedFile.key == key))


def load_quarantined(session: Session, keys: Collection[str]) -> Mapping[str, QuarantineState]:
    """Return the state of those of these files that are not, or never will be, given."""
    query = select(QuarantinedFile.key, QuarantinedFile.state).where(QuarantinedFile.key.in_(keys))
    return {row.key: row.state for row in session.execute(query)}


def is_quarantined() -> ColumnElement[bool]:
    """Return the condition: the version of the row waits for its scan, or was refused."""
    return exists().where(QuarantinedFile.key == EvidenceFile.key).correlate(EvidenceFile)


def count_waiting(session: Session) -> tuple[int, datetime | None]:
    """Return how many files wait for their scan, and since when the first of them does."""
    row = session.execute(select(func.count(), func.min(QuarantinedFile.since)).where(_WAITING)).one()
    return row[0], row[1]


def scan_due(at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition that a file is to be scanned, or given when there is no antivirus any more."""
    return exists().where(_WAITING, QuarantinedFile.run_after <= at)


def claim_scan(database: Database, store: FileStore, clock: Callable[[], datetime]) -> Callable[[], None] | None:
    """Lease the file that has waited longest, and return how to scan it; None when none is due.

    Without an antivirus it is given as it is, as any file received then. Raises OSError while the antivirus
    is silent: every file waits, and none is begun.
    """
    due = select(QuarantinedFile).where(_WAITING, QuarantinedFile.run_after <= clock())
    with database.reader() as session:
        if session.scalar(due.limit(1)) is None:
            return None
    if antivirus.is_installed() and not antivirus.answers():
        raise OSError("the antivirus does not answer")
    with database.transaction() as session:
        found = session.scalar(due.order_by(QuarantinedFile.since).limit(1).with_for_update(skip_locked=True))
        if found is None:
            return None
        found.run_after = clock() + _LEASE
        return partial(_scan, database, store, clock, found.key, found.held_key, found.held_sha256)


def _scan(
    database: Database, store: FileStore, clock: Callable[[], datetime], key: str, held: str, sha256: str
) -> None:
    refused: QuarantineState | None = None
    try:
        with store.open(held) as content:
            antivirus.scan(content, antivirus.LONG_PATIENCE)
            with suppress(KeyExists):  # by a worker that stopped before it could say so
                if store.save(key, content).sha256 != sha256:
                    refused = QuarantineState.DAMAGED
    except KeyNotFound:  # the form that sent it did not end
        with database.transaction() as session:
            session.execute(delete(QuarantinedFile).where(QuarantinedFile.key == key))
        return
    except FileRejected as error:
        refused = _REFUSALS.get(RejectionReason(error.code))
        if refused is None:
            _put_off(database, key, clock() + _RETRY)
            return
    with database.transaction() as session:
        _conclude(session, key, refused, at=clock())
    if refused is QuarantineState.DAMAGED:
        store.delete(key)
    store.delete(held)


def _put_off(database: Database, key: str, until: datetime) -> None:
    with database.transaction() as session:
        if found := session.get(QuarantinedFile, key):
            found.run_after = until


def _conclude(session: Session, key: str, refused: QuarantineState | None, *, at: datetime) -> None:
    """Give a clean file to the rows that name it, or record why it is refused; tell who sent it."""
    found = session.get(QuarantinedFile, key, with_for_update=True)
    if found is None:
        return
    file = session.scalar(select(EvidenceFile).where(EvidenceFile.key == key))
    _tell(session, found, file, refused, at=at)
    if refused is not None:
        found.state, found.run_after, found.held_key = refused, None, ""
        return
    session.delete(found)
    session.flush()
    if file is not None:
        request_renditions(session, file, at=at)


def _tell(
    session: Session,
    found: QuarantinedFile,
    file: EvidenceFile | None,
    refused: QuarantineState | None,
    *,
    at: datetime,
) -> None:
    piece = session.get_one(Evidence, file.evidence_id) if file else None
    candidacy = session.get_one(Candidacy, piece.candidacy_id) if piece else None
    person_id = found.person_id or (candidacy.candidate_id if candidacy else None)
    person = session.get(Person, person_id) if person_id else None
    if person is None:
        return
    body_id = candidacy.version.certification.body_id if candidacy else None
    place = {"candidacy_id": piece.candidacy_id if piece else None, "evidence_id": piece.id if piece else None}
    is_scanned = antivirus.is_installed()
    told = {"name": person.name, "since": found.since, "refused": refused, "is_scanned": is_scanned}
    queue_email(session, person, EmailTemplate.FILE_SCANNED, at=at, body_id=body_id, **told, **place)
