"""Editions of a dossier: requested by a person, claimed by a worker, kept once made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, union_all
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import SealedFile, Submission
from portfolio.domain.certification.use_cases.publishing import find_template
from portfolio.domain.certifying_body.look import load_look_of_version
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look
from portfolio.domain.dossier.use_cases.draft_changes import draft_changes
from portfolio.domain.dossier.use_cases.next_dossier import postponed_blocks
from portfolio.domain.holdings.use_cases.holdings import block_statuses
from portfolio.domain.submission.models import BookEdition, ControlPack
from portfolio.domain.submission.rules.dossier import Header, SealedCertification, SealedDossier
from portfolio.domain.submission.rules.manifest import read_manifest
from portfolio.domain.submission.rules.returns import (
    LEASE,
    PACK_KEPT,
    UNFINISHED,
    EditionKind,
    EditionRefusal,
    EditionState,
    next_attempt,
)
from portfolio.domain.submission.use_cases.build_manifest import (
    certification_of,
    dossier_of,
    held_of,
    load_draft_rows,
    read_candidacy,
)
from portfolio.errors import Refusal
from portfolio.files.storage.store import StoredFile


@dataclass(frozen=True, slots=True)
class PrintableFile:
    """The stored file of an exhibit of a dossier, sealed or not."""

    label: str
    key: str
    name: str
    mime: str
    size: int
    sha256: str
    pages: int | None


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """The stored DOCX template in which the texts of a dossier can be filled."""

    key: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class EditionSource:
    """Name of the editions of a dossier: the root of its seal, or what changes whenever its draft does."""

    candidacy_id: UUID
    submission_id: UUID | None
    root: str
    template: TemplateFile | None = None

    @property
    def is_draft(self) -> bool:
        """Return whether nothing of it is sealed."""
        return self.submission_id is None

    def root_of(self, kind: EditionKind) -> str:
        """Return what names an edition: the root, and for a DOCX the template too; raise Refusal without a template."""
        if kind is not EditionKind.WORD:
            return self.root
        if self.template is None:
            raise Refusal(EditionRefusal.NO_TEMPLATE)
        return sha256(b"word" + self.root.encode() + self.template.sha256.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class PackSource:
    """Name of a control pack, the body that it is for, its title and the hearings that it is about."""

    body_id: UUID
    root: str
    about: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class DraftEditionSource(EditionSource):
    """Name of the editions of a draft, and whose draft it is."""

    candidate: str
    certification: SealedCertification


@dataclass(frozen=True, kw_only=True)
class PrintableDossier(EditionSource):
    """Source of an edition; of a draft, there is no manifest."""

    dossier: SealedDossier
    manifest: bytes
    files: tuple[PrintableFile, ...]
    # How the documents of the certifier look: on the day of the seal, or now for a draft.
    look: Look = PLAIN_LOOK


def load_printable(session: Session, submission_id: UUID) -> PrintableDossier:
    """Read a sealed dossier from its manifest; raise NoResultFound, or Refusal when it is no livret 2."""
    submission = session.get_one(Submission, submission_id)
    dossier = read_manifest(submission.manifest)
    if dossier.is_record:
        raise Refusal(EditionRefusal.NO_BOOK)
    files = tuple(_printable(file, dossier) for file in submission.files)
    look = load_look_of_version(session, submission.candidacy.version_id, submission.submitted_at)
    template = _template(session, submission.candidacy.version_id)
    return PrintableDossier(
        candidacy_id=submission.candidacy_id,
        submission_id=submission.id,
        dossier=dossier,
        root=submission.root,
        manifest=submission.manifest,
        files=files,
        look=look,
        template=template,
    )


def _template(session: Session, version_id: UUID) -> TemplateFile | None:
    found = find_template(session, version_id)
    return TemplateFile(found.key, found.sha256) if found is not None else None


def _printable(file: SealedFile, dossier: SealedDossier) -> PrintableFile:
    exhibit = dossier.exhibit(file.exhibit)
    pages = exhibit.pages if exhibit is not None else None
    return PrintableFile(file.exhibit, file.key, file.name, file.mime, file.size, file.sha256, pages)


def load_printable_draft(session: Session, candidacy_id: UUID, *, at: datetime) -> PrintableDossier:
    """Read a draft as it stands now, as it would be sealed; raise NoResultFound."""
    source, rows = load_draft_source(session, candidacy_id), load_draft_rows(session, candidacy_id)
    files = tuple(
        PrintableFile(rows.labels[piece.number], file.key, file.name, file.mime, file.size, file.sha256, file.pages)
        for piece, file in rows.pieces
    )
    return PrintableDossier(
        candidacy_id=candidacy_id,
        submission_id=None,
        dossier=dossier_of(rows, Header(0, at), ""),
        root=source.root,
        manifest=b"",
        files=files,
        look=load_look_of_version(session, rows.candidacy.version_id),
        template=source.template,
    )


def load_draft_source(session: Session, candidacy_id: UUID) -> DraftEditionSource:
    """Return what names the editions of a draft as it stands, without reading its texts, its claims or its
    pieces; raise NoResultFound.

    The name changes with each save, removal and deposit; the same draft has the same one at any moment: its
    edition is made once.
    """
    candidacy = read_candidacy(session, candidacy_id)
    statuses = block_statuses(session, candidacy.candidate_id, candidacy.version_id, on=None)
    certification = certification_of(candidacy)
    look = load_look_of_version(session, candidacy.version_id)
    told = (
        (candidacy.candidate_name, candidacy.route, candidacy.scope, certification),
        [block.number for block in candidacy.blocks],
        (*held_of(statuses.held), sorted(map(str, statuses.suspended))),
        sorted(map(str, postponed_blocks(session, candidacy_id))),
        draft_changes(session, candidacy_id).saved,
        (look.accent, look.logo) if not look.is_plain else None,
    )
    return DraftEditionSource(
        candidacy_id=candidacy_id,
        submission_id=None,
        root=sha256(repr(told).encode()).hexdigest(),
        template=_template(session, candidacy.version_id),
        candidate=candidacy.candidate_name,
        certification=certification,
    )


def request_edition(
    session: Session, printable: EditionSource, kind: EditionKind, *, by: UUID | None, at: datetime
) -> BookEdition:
    """Ask for an edition: one that is made, or being made, is answered as it is; one that was given up begins again.

    The earlier editions of a draft are forgotten.
    """
    if printable.is_draft:
        _forget_drafts(session, printable)
    root = printable.root_of(kind)
    found = session.scalar(
        select(BookEdition).where(BookEdition.root == root, BookEdition.kind == kind).with_for_update()
    )
    if found is None:
        found = BookEdition(
            candidacy_id=printable.candidacy_id, submission_id=printable.submission_id, kind=kind, root=root,
            state=EditionState.WAITING, run_after=at, requested_by=by, requested_at=at,
        )  # fmt: skip
        session.add(found)
        session.flush()
    elif found.state in (EditionState.FAILED, EditionState.CANCELLED):
        found.state, found.run_after, found.attempts, found.done, found.total = (EditionState.WAITING, at, 0, 0, 0)
        found.requested_by, found.requested_at, found.ended_at = by, at, None
    else:
        return found
    facts = {"candidacy": printable.candidacy_id, "edition": kind.value}
    record_event(session, "edition_requested", ("book_edition", found.id), by=by, at=at, **facts)
    return found


def request_pack(session: Session, pack: PackSource, *, by: UUID, at: datetime) -> None:
    """Ask for a control pack, as an edition is asked for.

    The person's earlier packs of the same sessions are forgotten, and so are all those that are old.
    """
    for row in session.scalars(select(ControlPack)):
        is_same = (row.body_id, row.requested_by, row.contents and row.contents["title"]) == (
            pack.body_id, by, pack.about["title"],
        )  # fmt: skip
        if row.requested_at < at - PACK_KEPT or (is_same and row.root != pack.root):
            session.delete(row)
    found = session.scalar(select(ControlPack).where(ControlPack.root == pack.root).with_for_update())
    if found is None:
        found = ControlPack(body_id=pack.body_id, root=pack.root, contents=dict(pack.about))
        session.add(found)
    elif found.state not in (EditionState.FAILED, EditionState.CANCELLED):
        return
    found.state, found.run_after, found.attempts, found.done, found.total = EditionState.WAITING, at, 0, 0, 0
    found.requested_by, found.requested_at, found.ended_at = by, at, None
    session.flush()
    record_event(session, "edition_requested", ("control_pack", found.id), by=by, at=at, body=pack.body_id)


def find_pack(session: Session, root: str) -> ControlPack | None:
    """Find a control pack by what names it."""
    return session.scalar(select(ControlPack).where(ControlPack.root == root))


def _forget_drafts(session: Session, printable: EditionSource) -> None:
    kinds = [EditionKind.DRAFT, *([EditionKind.WORD] if printable.template is not None else [])]
    earlier = select(BookEdition).where(
        BookEdition.candidacy_id == printable.candidacy_id,
        BookEdition.submission_id.is_(None),
        BookEdition.root.not_in([printable.root_of(kind) for kind in kinds]),
    )
    for book_edition in session.scalars(earlier):
        session.delete(book_edition)


def cancel_edition(session: Session, edition_id: UUID, *, by: UUID, at: datetime) -> None:
    """Stop the making of an edition; one that is over stays as it is."""
    found = _lock(session, edition_id)
    if found is None or found.state not in UNFINISHED:
        return
    found.state, found.run_after, found.ended_at = EditionState.CANCELLED, None, at
    about = {"body": found.body_id} if isinstance(found, ControlPack) else {"candidacy": found.candidacy_id}
    record_event(session, "edition_cancelled", (found.__tablename__, found.id), by=by, at=at, **about)


def edition_due(at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition that an edition waits for a worker."""
    return exists().where(BookEdition.run_after <= at) | exists().where(ControlPack.run_after <= at)


def next_edition(session: Session, at: datetime) -> UUID | None:
    """Return the edition that waits for the longest time."""
    due = [select(table.id, table.run_after).where(table.run_after <= at) for table in (BookEdition, ControlPack)]
    waiting = union_all(*due).subquery()
    return session.scalar(select(waiting.c.id).order_by(waiting.c.run_after).limit(1))


def claim_edition(session: Session, edition_id: UUID, *, at: datetime) -> BookEdition | ControlPack | None:
    """Lease an edition that is due; return None when another worker has it, or when it was given up."""
    found = _lock(session, edition_id)
    if found is None or found.run_after is None or found.run_after > at:
        return None
    if next_attempt(found.attempts, at) is None:
        found.state, found.run_after, found.ended_at = EditionState.FAILED, None, at
        return None
    found.state, found.run_after = EditionState.MAKING, at + LEASE
    found.attempts += 1
    return found


def record_progress(session: Session, edition_id: UUID, done: int, total: int, *, at: datetime) -> bool:
    """Write how far an edition is and extend its lease; return whether it is still wanted."""
    found = _lock(session, edition_id)
    if found is None or found.state is not EditionState.MAKING:
        return False
    found.done, found.total, found.run_after = done, total, at + LEASE
    return True


def complete_edition(
    session: Session, edition_id: UUID, stored: StoredFile, contents: Mapping[str, Any] | None, *, at: datetime
) -> bool:
    """Keep what was made; return whether it stays: one that was cancelled meanwhile does not."""
    found = _lock(session, edition_id)
    if found is None or found.state is not EditionState.MAKING:
        return False
    found.state, found.run_after, found.ended_at = EditionState.READY, None, at
    found.done = found.total
    found.key, found.sha256, found.size = stored.key, stored.sha256, stored.size
    if isinstance(found, BookEdition):
        found.contents = dict(contents) if contents else None
    return True


def fail_edition(session: Session, edition_id: UUID, *, at: datetime) -> None:
    """Note that an attempt failed: the edition is tried again later, then given up."""
    found = _lock(session, edition_id)
    if found is None or found.state is not EditionState.MAKING:
        return
    later = next_attempt(found.attempts, at)
    if later is None:
        found.state, found.run_after, found.ended_at = EditionState.FAILED, None, at
    else:
        found.state, found.run_after = EditionState.WAITING, later


def list_editions(session: Session, printable: EditionSource) -> Sequence[BookEdition]:
    """Return the editions requested of a dossier as it is, with the template as it is."""
    roots = [printable.root, *([printable.root_of(EditionKind.WORD)] if printable.template is not None else [])]
    return session.scalars(select(BookEdition).where(BookEdition.root.in_(roots))).all()


def find_edition(session: Session, root: str, kind: EditionKind) -> BookEdition | None:
    """Find an edition by what names it (`PrintableDossier.root_of`)."""
    return session.scalar(select(BookEdition).where(BookEdition.root == root, BookEdition.kind == kind))


def _lock(session: Session, edition_id: UUID) -> BookEdition | ControlPack | None:
    found = session.scalar(select(BookEdition).where(BookEdition.id == edition_id).with_for_update())
    return found or session.scalar(select(ControlPack).where(ControlPack.id == edition_id).with_for_update())


def abandon_edition(session: Session, edition_id: UUID, *, at: datetime) -> None:
    """End an edition that nobody wants any more: it was cancelled, or its draft has changed since."""
    found = _lock(session, edition_id)
    if found is not None and found.state in UNFINISHED:
        found.state, found.run_after, found.ended_at = EditionState.CANCELLED, None, at
