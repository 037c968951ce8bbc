"""The candidate adds pieces, describes them, replaces their file, takes them away.

The candidate sets a hint about a piece aside, with a word, or takes it back.

Change several pieces at once: what one piece refuses stops none of the others.

Purge removed evidence: texts, files, page images.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import SealedFile
from portfolio.domain.dossier.models.attestation import Attestation
from portfolio.domain.dossier.models.dossier import Experience
from portfolio.domain.dossier.models.evidence import DismissedHint, Evidence, EvidenceFile, RemovedClaims
from portfolio.domain.dossier.models.renditions import Page, PageImage, Rendition
from portfolio.domain.dossier.rules.description import (
    CoverNote,
    EvidenceChange,
    EvidenceKind,
    EvidenceRefusal,
    Hint,
    MissingFact,
)
from portfolio.domain.dossier.rules.draft import DossierRefusal
from portfolio.domain.dossier.use_cases.claims import own_evidence
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft, suspended_block
from portfolio.domain.dossier.use_cases.draft_rows import (
    redact_snapshots,
    refresh_reviews,
    refresh_reviews_for_evidence,
)
from portfolio.domain.dossier.use_cases.renditions import request_renditions
from portfolio.domain.dossier.use_cases.texts import apply_changes, remove_claims
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.errors import Refusal


def add_evidence(
    session: Session, candidacy_id: UUID, files: Sequence[ReceivedFile], *, by: UUID, at: datetime
) -> list[UUID]:
    """Make one piece of each file, numbered after the last one, named after its file; answer their ids.

    Raises Refusal(SEALED). A number is never used twice, even once its piece is removed: people speak of « la
    pièce 7 ».
    """
    lock_draft(session, candidacy_id)
    return _save(session, _numbered(session, candidacy_id, files, at), "evidence_added", by=by, at=at)


def describe_evidence(
    session: Session,
    candidacy_id: UUID,
    evidence_id: UUID,
    cover_note: CoverNote,
    revision: int,
    *,
    by: UUID,
    at: datetime,
) -> None:
    """Keep what a piece says about itself.

    Raises Conflict, Refusal (SEALED, REMOVED, COLLECTED, SUSPENDED, NOT_YOURS).
    """
    lock_draft(session, candidacy_id)
    piece = own_evidence(session, candidacy_id, evidence_id)
    if cover_note.experience_id is not None:
        experience = session.get(Experience, cover_note.experience_id)
        if experience is None or experience.candidacy_id != candidacy_id:
            raise Refusal(DossierRefusal.NOT_YOURS)
    _reject_attested(session, evidence_id)
    _refuse_suspended(session, candidacy_id, evidence_id, EvidenceChange.CHANGE)
    if apply_changes(piece, asdict(cover_note), revision, at):
        refresh_reviews_for_evidence(session, evidence_id)
        record_event(session, "evidence_described", ("evidence", evidence_id), by=by, at=at)


def replace_file(
    session: Session, candidacy_id: UUID, evidence_id: UUID, file: ReceivedFile, *, by: UUID, at: datetime
) -> int:
    """Give a piece a new version of its file and answer its number; earlier ones stay.

    Raises Refusal as above.
    """
    lock_draft(session, candidacy_id)
    piece = own_evidence(session, candidacy_id, evidence_id)
    _reject_attested(session, evidence_id)
    _refuse_suspended(session, candidacy_id, evidence_id, EvidenceChange.CHANGE)
    number = piece.file.number + 1
    piece.files.append(_version(number, file, at))
    piece.changed_at = at
    session.flush()
    request_renditions(session, piece.file, at=at)
    refresh_reviews_for_evidence(session, evidence_id)
    record_event(session, "evidence_replaced", ("evidence", evidence_id), by=by, at=at, version=number, size=file.size)
    return number


def remove_evidence(session: Session, candidacy_id: UUID, evidence_id: UUID, *, by: UUID, at: datetime) -> None:
    """Take a piece away with its claims.

    A tombstone and the files stay, for a manifest may name them. Taking it away twice changes
    nothing more. Raises Refusal: SEALED, NOT_YOURS, SUSPENDED (it shows a suspended block, R10).
    """
    lock_draft(session, candidacy_id)
    piece = session.get(Evidence, evidence_id)
    if piece is None or piece.candidacy_id != candidacy_id:
        raise Refusal(DossierRefusal.NOT_YOURS)
    if piece.removed_at is not None:
        return
    _refuse_suspended(session, candidacy_id, evidence_id, EvidenceChange.REMOVE)
    claimed = remove_claims(session, evidence_id)
    piece.removed_at = at
    refresh_reviews(session, candidacy_id, claimed)
    record_event(session, "evidence_removed", ("evidence", evidence_id), by=by, at=at)


def leave_out(
    session: Session, candidacy_id: UUID, evidence_id: UUID, *, left_out: bool, by: UUID, at: datetime
) -> None:
    """Keep a piece out of the deposit, or join it again; its claims stay, and prove nothing meanwhile.

    Raises Refusal: SEALED, REMOVED, NOT_YOURS, SUSPENDED.
    """
    lock_draft(session, candidacy_id)
    piece = own_evidence(session, candidacy_id, evidence_id)
    _refuse_suspended(session, candidacy_id, evidence_id, EvidenceChange.REMOVE)
    if bool(piece.is_left_out) != left_out:
        piece.is_left_out, piece.changed_at = left_out, at
        record_event(
            session, "evidence_left_out" if left_out else "evidence_joined", ("evidence", evidence_id), by=by, at=at
        )


def add_attested_evidence(
    session: Session, candidacy_id: UUID, files: Sequence[tuple[ReceivedFile, CoverNote]], *, at: datetime
) -> list[UUID]:
    """Make one piece of each file that a third party signed, its cover note written already; answer their ids.

    It does not ask whether the draft is open: what comes after a deposit waits for the next one. The caller holds the
    dossier.
    """
    pieces = _numbered(session, candidacy_id, [file for file, _ in files], at)
    for piece, (_, cover_note) in zip(pieces, files, strict=True):
        for name, value in asdict(cover_note).items():
            setattr(piece, name, value)
    return _save(session, pieces, "evidence_collected", by=None, at=at)


def is_attested(session: Session, evidence_id: UUID) -> bool:
    """Return whether a piece was signed by a third party: nobody describes it anew, nobody replaces its file."""
    found = select(Attestation.id).where(
        or_(Attestation.evidence_id == evidence_id, Attestation.attachment_id == evidence_id)
    )
    return session.scalar(found) is not None


def _reject_attested(session: Session, evidence_id: UUID) -> None:
    if is_attested(session, evidence_id):
        raise Refusal(EvidenceRefusal.COLLECTED)


def _refuse_suspended(session: Session, candidacy_id: UUID, evidence_id: UUID, touch: EvidenceChange) -> None:
    block = suspended_block(session, candidacy_id, [evidence_id], touch)
    if block is not None:
        raise Refusal(EvidenceRefusal.SUSPENDED, block=block)


def _numbered(session: Session, candidacy_id: UUID, files: Sequence[ReceivedFile], at: datetime) -> list[Evidence]:
    last = session.scalar(select(func.max(Evidence.number)).where(Evidence.candidacy_id == candidacy_id)) or 0
    return [_new(candidacy_id, number, file, at) for number, file in enumerate(files, last + 1)]


def _save(session: Session, pieces: Sequence[Evidence], verb: str, *, by: UUID | None, at: datetime) -> list[UUID]:
    session.add_all(pieces)
    session.flush()
    for piece in pieces:
        request_renditions(session, piece.file, at=at)
        record_event(session, verb, ("evidence", piece.id), by=by, at=at, number=piece.number, size=piece.file.size)
    return [piece.id for piece in pieces]


def title_of_file(name: str) -> str:
    """Return the title that a piece has until its candidate writes one: the name of its file."""
    return PurePath(name).stem.replace("_", " ").strip() or name


def _new(candidacy_id: UUID, number: int, file: ReceivedFile, at: datetime) -> Evidence:
    return Evidence(
        candidacy_id=candidacy_id,
        number=number,
        title=title_of_file(file.name),
        added_at=at,
        changed_at=at,
        files=[_version(1, file, at)],
    )


def _version(number: int, file: ReceivedFile, at: datetime) -> EvidenceFile:
    return EvidenceFile(
        number=number, key=file.key, name=file.name, mime=file.mime, family=file.family, pages=file.pages,
        size=file.size, sha256=file.sha256, received_at=at, seconds=file.seconds, taken_on=file.taken_on,
    )  # fmt: skip


def load_dismissed(session: Session, evidence_id: UUID) -> Mapping[str, str]:
    """Return the hints that are set aside, each with its word."""
    query = select(DismissedHint.hint, DismissedHint.reason).where(DismissedHint.evidence_id == evidence_id)
    return {hint: reason for hint, reason in session.execute(query)}  # noqa: C416


def dismiss_hint(
    session: Session, candidacy_id: UUID, evidence_id: UUID, hint: Hint, reason: str, *, by: UUID, at: datetime
) -> None:
    """Set a hint aside, or change the word that says why. Raises Refusal: SEALED, REMOVED, NOT_YOURS."""
    lock_draft(session, candidacy_id)
    own_evidence(session, candidacy_id, evidence_id)
    row = session.get(DismissedHint, (evidence_id, hint.value))
    if row is None:
        session.add(DismissedHint(evidence_id=evidence_id, hint=hint.value, reason=reason, dismissed_at=at))
    else:
        row.reason, row.dismissed_at = reason, at
    record_event(session, "hint_dismissed", ("evidence", evidence_id), by=by, at=at, hint=hint.value)


def restore_hint(
    session: Session, candidacy_id: UUID, evidence_id: UUID, hint: Hint, *, by: UUID, at: datetime
) -> None:
    """Show a hint again. Raises Refusal as above."""
    lock_draft(session, candidacy_id)
    own_evidence(session, candidacy_id, evidence_id)
    row = session.get(DismissedHint, (evidence_id, hint.value))
    if row is not None:
        session.delete(row)
        record_event(session, "hint_restored", ("evidence", evidence_id), by=by, at=at, hint=hint.value)


# One form changes so many pieces at most: more than a page of the list shows.
MAX_PIECES = 50


class SeveralAction(StrEnum):
    """The change made to each of the chosen pieces."""

    REMOVE = "remove"
    KIND = "kind"
    EXPERIENCE = "experience"
    LEAVE_OUT = "leave_out"
    JOIN = "join"


@dataclass(frozen=True, slots=True)
class SeveralChange:
    """A change and its value."""

    action: SeveralAction
    kind: EvidenceKind | None = None
    experience_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SeveralResult:
    """Number of pieces that changed, and the number of each piece that did not, with the reason."""

    changed: int
    refused: tuple[tuple[int, Refusal], ...] = ()


def change_several(
    session: Session,
    candidacy_id: UUID,
    evidence_ids: Collection[UUID],
    change: SeveralChange,
    *,
    by: UUID,
    at: datetime,
) -> SeveralResult:
    """Make one change to each of these pieces of the candidacy; pieces of others are ignored.

    Raises Refusal(SEALED).
    """
    lock_draft(session, candidacy_id)
    query = select(Evidence).where(
        Evidence.candidacy_id == candidacy_id, Evidence.id.in_(list(evidence_ids)[:MAX_PIECES])
    )
    changed, refused = 0, []
    for piece in session.scalars(query.where(Evidence.removed_at.is_(None)).order_by(Evidence.number)).all():
        try:
            _change(session, piece, change, by=by, at=at)
            changed += 1
        except Refusal as refusal:
            refused.append((piece.number, refusal))
    return SeveralResult(changed, tuple(refused))


def _change(session: Session, piece: Evidence, change: SeveralChange, *, by: UUID, at: datetime) -> None:
    where = (session, piece.candidacy_id, piece.id)
    if change.action is SeveralAction.REMOVE:
        remove_evidence(*where, by=by, at=at)
    elif change.action in (SeveralAction.LEAVE_OUT, SeveralAction.JOIN):
        leave_out(*where, left_out=change.action is SeveralAction.LEAVE_OUT, by=by, at=at)
    else:
        note = cover_note_of(piece)
        if change.action is SeveralAction.KIND:
            note = replace(note, kind=change.kind)
        else:
            note = replace(note, experience_id=change.experience_id)
        describe_evidence(*where, note, piece.revision, by=by, at=at)


def answer_for_several(
    session: Session,
    candidacy_id: UUID,
    answers: Sequence[tuple[Collection[UUID], Mapping[MissingFact, str]]],
    *,
    by: UUID,
    at: datetime,
) -> SeveralResult:
    """Give each answer to the pieces it is meant for; what a piece said already stays.

    Raises Refusal(SEALED).
    """
    lock_draft(session, candidacy_id)
    said: dict[UUID, dict[MissingFact, str]] = {}
    for evidence_ids, facts in answers:
        for evidence_id in evidence_ids:
            said.setdefault(evidence_id, {}).update(facts)
    query = select(Evidence).where(
        Evidence.candidacy_id == candidacy_id, Evidence.id.in_(list(said)[:MAX_PIECES]), Evidence.removed_at.is_(None)
    )
    changed, refused = 0, []
    for piece in session.scalars(query.order_by(Evidence.number)).all():
        new: dict[str, Any] = {
            fact.value: value for fact, value in said[piece.id].items() if not getattr(piece, fact.value)
        }
        if not new:
            continue
        try:
            note = replace(cover_note_of(piece), **new)
            describe_evidence(session, candidacy_id, piece.id, note, piece.revision, by=by, at=at)
            changed += 1
        except Refusal as refusal:
            refused.append((piece.number, refusal))
    return SeveralResult(changed, tuple(refused))


def cover_note_of(piece: Evidence) -> CoverNote:
    """Return what a piece says about itself, as its form writes it."""
    return CoverNote(**{name: getattr(piece, name) for name in CoverNote.__slots__})


# Long enough to notice a mistake, and to ask the person who runs the installation for the file.
FORGOTTEN_AFTER = timedelta(days=30)
BATCH = 100


def purge_removed(session: Session, *, at: datetime) -> list[str]:
    """Erase the pieces taken away thirty days ago; their number stays taken, for people speak of « la pièce 7 ».

    Left alone: what a seal names, as long as it names it, and what a third party signed. Answers the keys of the files
    for the caller to delete.
    """
    sealed = (
        select(EvidenceFile.id)
        .join(SealedFile, SealedFile.key == EvidenceFile.key)
        .where(EvidenceFile.evidence_id == Evidence.id)
    )
    signed = select(Attestation.id).where(
        or_(Attestation.evidence_id == Evidence.id, Attestation.attachment_id == Evidence.id)
    )
    query = select(Evidence).where(
        Evidence.removed_at <= at - FORGOTTEN_AFTER, Evidence.files.any(), ~sealed.exists(), ~signed.exists()
    )
    keys = []
    for piece in session.scalars(query.limit(BATCH).with_for_update(skip_locked=True)).all():
        keys += _load_keys(session, piece.id)
        _empty(piece, at)
        session.execute(delete(DismissedHint).where(DismissedHint.evidence_id == piece.id))
        session.execute(delete(RemovedClaims).where(RemovedClaims.evidence_id == piece.id))
        session.execute(delete(EvidenceFile).where(EvidenceFile.evidence_id == piece.id))
        redact_snapshots(session, piece.candidacy_id, piece.number)
        record_event(session, "evidence_forgotten", ("evidence", piece.id), by=None, at=at)
    return keys


def _load_keys(session: Session, evidence_id: UUID) -> list[str]:
    """Return the keys of the versions of a piece, of the images of their pages, and of what their copies leave out."""
    files = select(EvidenceFile.id).where(EvidenceFile.evidence_id == evidence_id)
    orders = select(Rendition.id).where(Rendition.file_id.in_(files))
    pages = select(Page.id).where(Page.rendition_id.in_(orders))
    queries = (
        select(EvidenceFile.key).where(EvidenceFile.evidence_id == evidence_id),
        select(Rendition.key).where(Rendition.id.in_(orders), Rendition.key.is_not(None)),
        select(PageImage.key).where(PageImage.page_id.in_(pages)),
    )
    return [key for query in queries for key in session.scalars(query) if key]


def _empty(piece: Evidence, at: datetime) -> None:
    piece.title = piece.own_role = piece.own_part = piece.web_address = ""
    piece.kind = piece.dated_from = piece.dated_to = piece.experience_id = piece.captured_on = None
    piece.authorship = piece.confidentiality = piece.anonymity = piece.is_left_out = None
    piece.changed_at = at
