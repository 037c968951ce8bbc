"""Orders to make page images and copies: given with the file, taken under a lease, ended, put off or refused.

The row of a rendition is the task: nothing else has to be sent to a worker, which polls the rows that are due.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session

from portfolio.domain.dossier.models.evidence import EvidenceFile, QuarantinedFile
from portfolio.domain.dossier.models.renditions import Page, Rendition
from portfolio.domain.dossier.rules.rendition import (
    FIRST_WAIT,
    LEASE,
    MAX_CRASHES,
    MAX_HEAVY_PAGES,
    TEXT_NOT_READ,
    UNFINISHED,
    PageError,
    Priority,
    RenditionFailure,
    RenditionKind,
    RenditionState,
    next_attempt,
)
from portfolio.files.file_types.types import MAX_PAGES, FileType, is_converted, kind_of, pages_of

# How many orders of one kind a round gives at once.
BATCH = 200
# How many of the renditions that are due a worker looks at before it polls again.
CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class Job:
    """Work of a rendition: the pages that are missing, from 1, as far as pages are drawn ahead.

    A page of which only the image is there is missing still.
    """

    id: UUID
    key: str
    mime: str
    size: int
    pages: int
    missing: tuple[int, ...]
    sha256: str
    priority: int
    # Of a file of another format: its name, and where what was made of it is kept, once it is.
    name: str = ""
    made_key: str | None = None
    made_sha256: str = ""

    @property
    def awaits_conversion(self) -> bool:
        """Return whether something is made of the file before its pages are drawn."""
        return self.made_key is None and is_converted(self.mime)


def _is_made(mime: str) -> bool:
    """Return whether pages, or a recording that is played, are made of a file of this media type."""
    return kind_of(mime) is not None or is_converted(mime)


def request_renditions(session: Session, file: EvidenceFile, *, at: datetime) -> None:
    """Order what is made of a version that was just received, or that is clean at last.

    Of one that waits for its scan nothing is made.
    """
    if _is_made(file.mime) and session.get(QuarantinedFile, file.key) is None:
        session.add(_ordered(file, at))


def is_inspected(mime: str) -> bool:
    """Return whether a file of this media type is looked at, with its pages, for what acts by itself in it."""
    return mime == FileType.PDF.mime


def _ordered(file: EvidenceFile, at: datetime) -> Rendition:
    found = Rendition(
        file_id=file.id, kind=RenditionKind.PAGES, state=RenditionState.WAITING, run_after=at, requested_at=at
    )
    found.awaits_inspection = is_inspected(file.mime)
    return found


def request_missing(session: Session, *, at: datetime) -> int:
    """Order what no one ordered yet, of versions received before there were orders; answer how many versions."""
    mimes = [file_type.mime for file_type in FileType if _is_made(file_type.mime)]
    ordered = exists().where(Rendition.file_id == EvidenceFile.id)
    waits = exists().where(QuarantinedFile.key == EvidenceFile.key)
    wanted = EvidenceFile.mime.in_(mimes), ~ordered, ~waits
    files = session.scalars(select(EvidenceFile).where(*wanted).limit(BATCH))
    missing = [_ordered(file, at) for file in files]
    for found in missing:
        found.priority = Priority.LOW
    session.add_all(missing)
    return len(missing)


def rendition_due(at: ColumnElement[datetime], lowest: Priority = Priority.LOW) -> ColumnElement[bool]:
    """Return the condition that a rendition is due, at least as urgent as `lowest`."""
    return exists().where(Rendition.run_after <= at, Rendition.state.in_(UNFINISHED), Rendition.priority <= lowest)


def next_renditions(
    session: Session, at: datetime, lowest: Priority = Priority.LOW, without: Collection[UUID] = ()
) -> Sequence[UUID]:
    """Return the first renditions that are due, the most urgent first, none less urgent than `lowest`."""
    due = (
        Rendition.run_after <= at,
        Rendition.state.in_(UNFINISHED),
        Rendition.priority <= lowest,
        Rendition.id.not_in(without),
    )
    query = select(Rendition.id).where(*due).order_by(Rendition.priority, Rendition.run_after, Rendition.id)
    return session.scalars(query.limit(CANDIDATES)).all()


def raise_priority(session: Session, rendition_id: UUID) -> None:
    """Put a pending rendition before those that nobody waits for."""
    pending = (Rendition.id == rendition_id, Rendition.state.in_(UNFINISHED), Rendition.priority > Priority.HIGH)
    session.execute(update(Rendition).where(*pending).values(priority=Priority.HIGH))


def claim(session: Session, rendition_id: UUID, *, at: datetime) -> Job | None:
    """Take an order under a lease, and return what there is to make; None when another has it, or nothing is
    left of it.

    A page that nobody draws ahead is left to the worker that is asked for it. A file that was begun too often
    without a word from the worker that began it is refused: it would end every worker, one after the other.
    """
    found = lock_row(session, rendition_id)
    if found is None or found.state not in UNFINISHED or found.run_after is None or found.run_after > at:
        return None
    if found.starts_since_progress >= MAX_CRASHES:
        fail(session, rendition_id, RenditionFailure.FELL, at=at)
        return None
    if found.starts_since_progress and _another_doubted(session, found, at):
        found.run_after = at + FIRST_WAIT
        return None
    found.state, found.run_after = RenditionState.MAKING, at + LEASE
    found.attempts, found.starts_since_progress = found.attempts + 1, found.starts_since_progress + 1
    return _job(session, found)


def claim_page(session: Session, rendition_id: UUID, page: int) -> Job | None:
    """Begin on a page that is waited for, without a lease, and return what its order is about.

    None when there is no such page to draw, or when the order is to be taken first, for the worker that began
    on it said nothing.
    """
    found = lock_row(session, rendition_id)
    if found is None or found.state not in UNFINISHED or found.starts_since_progress >= MAX_CRASHES - 1:
        return None
    job = _job(session, found)
    if job.awaits_conversion:
        found.priority = Priority.HIGH  # it has no page yet: its conversion goes first
        return None
    if page not in job.missing:
        return None
    found.starts_since_progress += 1
    return job


def acknowledge(session: Session, rendition_id: UUID) -> None:
    """Write down that the worker that began on a file is still there, whatever came out of it."""
    if found := lock_row(session, rendition_id):
        found.starts_since_progress = 0


def release_unfinished(session: Session, rendition_id: UUID, *, at: datetime) -> None:
    """Give back a rendition that a stopping worker did not finish: it is due at once, and its start is no crash."""
    found = lock_row(session, rendition_id)
    if found is not None and found.state is RenditionState.MAKING:
        found.starts_since_progress, found.run_after = max(0, found.starts_since_progress - 1), at


def release(session: Session, rendition_id: UUID, *, at: datetime) -> bool:
    """Give the lease back after a turn of work that went well, and return whether something is left to make.

    A file of which too many pages are too heavy is left there.
    """
    found = lock_row(session, rendition_id)
    if found is None or found.state is not RenditionState.MAKING:
        return False
    found.attempts = found.starts_since_progress = 0
    if found.priority > Priority.HIGH:  # the files just received get their first pages before the rest of this one
        found.priority = Priority.LOW
    left = bool(_job(session, found).missing)
    if left and _heavy(session, found) >= MAX_HEAVY_PAGES:
        fail(session, rendition_id, RenditionFailure.TOO_HEAVY, at=at)
        return False
    _end(found, RenditionState.WAITING if left else RenditionState.READY, at)
    found.run_after = at if left else None
    return left


def retry_later(session: Session, rendition_id: UUID, *, at: datetime) -> None:
    """Give the lease back after a failure that is not the file's: tried again later and later, then given up."""
    found = lock_row(session, rendition_id)
    if found is None or found.state is not RenditionState.MAKING:
        return
    found.starts_since_progress, later = 0, next_attempt(found.attempts, at)
    if later is None:
        fail(session, rendition_id, RenditionFailure.NOT_MADE, at=at)
    else:
        found.state, found.run_after = RenditionState.WAITING, later


def fail(session: Session, rendition_id: UUID, reason: RenditionFailure, *, at: datetime) -> None:
    """End an order for good: nothing more is made, and the pages say why."""
    found = lock_row(session, rendition_id)
    if found is not None:
        found.failure_reason = reason
        _end(found, RenditionState.REFUSED, at)


def _another_doubted(session: Session, found: Rendition, at: datetime) -> bool:
    """Return whether another file with which a worker may have died is being made: two at once would share
    the blame of one.
    """
    made = (Rendition.state == RenditionState.MAKING, Rendition.run_after > at, Rendition.starts_since_progress > 1)
    return bool(session.scalar(select(exists().where(*made, Rendition.id != found.id))))


def lock_row(session: Session, rendition_id: UUID) -> Rendition | None:
    """Return an order that nobody else touches until the end of the transaction; None when there is none."""
    return session.scalar(select(Rendition).where(Rendition.id == rendition_id).with_for_update(of=Rendition))


def _heavy(session: Session, found: Rendition) -> int:
    query = select(func.count()).where(Page.rendition_id == found.id, Page.error == PageError.TOO_HEAVY)
    return session.scalar(query) or 0


def _end(found: Rendition, state: RenditionState, at: datetime) -> None:
    found.state, found.run_after = state, None
    found.finished_at = at if state not in UNFINISHED else None
    found.proof, found.prove_after = None, at if state is RenditionState.READY else None


def _job(session: Session, found: Rendition) -> Job:
    file = session.get_one(EvidenceFile, found.file_id)
    pages = found.pages or pages_of(file.mime, file.pages)
    there = set(session.scalars(select(Page.number).where(Page.rendition_id == found.id, Page.hidden != TEXT_NOT_READ)))
    missing = tuple(page for page in range(1, min(pages, MAX_PAGES) + 1) if page not in there)
    return Job(
        found.id,
        file.key,
        file.mime,
        file.size,
        pages,
        missing,
        file.sha256,
        found.priority,
        file.name,
        found.key,
        found.sha256 or "",
    )


def job_of(session: Session, rendition_id: UUID) -> Job | None:
    """Return what there is to make of an order, without taking it."""
    found = session.get(Rendition, rendition_id)
    return _job(session, found) if found is not None else None


def count_drawn_files(session: Session) -> tuple[int, int]:
    """Return how many files have their pages, or will never have them, and how many files there are."""
    pages = select(func.count()).where(Rendition.state.not_in(UNFINISHED))
    files = select(func.count()).select_from(EvidenceFile)
    return session.scalars(pages).one(), session.scalars(files).one()
