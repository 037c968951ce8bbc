"""Mask parts of a file before anyone else sees it: the rectangles, then the flattened copy that others read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, select
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.models.evidence import (
    Evidence,
    EvidenceFile,
    FlattenedFile,
    PageMask,
    PrivateFile,
    QuarantinedFile,
)
from portfolio.domain.dossier.rules.anchors import MAX_MASKS, UNIT, Mask, MasksByPage
from portfolio.domain.dossier.rules.description import Anonymity, EvidenceRefusal
from portfolio.domain.dossier.rules.draft import DossierRefusal
from portfolio.domain.dossier.rules.rendition import PAGE_UNITS, Box, TextMatch, find_text, fold, match_boxes
from portfolio.domain.dossier.use_cases.claims import own_evidence
from portfolio.domain.dossier.use_cases.conversions import load_page_words
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft
from portfolio.domain.dossier.use_cases.evidence import is_attested, replace_file
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class PlacedMask:
    """A rectangle with the id under which it is removed."""

    id: UUID
    page: int
    mask: Mask


@dataclass(frozen=True, slots=True)
class Masking:
    """The version that is masked, its rectangles, and whether a flattened copy with others of them is the
    current version.
    """

    source: EvidenceFile
    masks: Sequence[PlacedMask]
    is_applied: bool

    @property
    def by_page(self) -> MasksByPage:
        """Return the rectangles of each page."""
        found: defaultdict[int, list[Mask]] = defaultdict(list)
        for placed in self.masks:
            found[placed.page].append(placed.mask)
        return found


def load_masking(session: Session, piece: Evidence) -> Masking:
    """Return the version of a piece that is masked: the current one, or the one that the current one was made of."""
    flattened = session.get(FlattenedFile, piece.file.id)
    source = session.get_one(EvidenceFile, flattened.source_id) if flattened else piece.file
    rows = session.scalars(
        select(PageMask).where(PageMask.file_id == source.id).order_by(PageMask.page, PageMask.top, PageMask.id)
    )
    masks = [PlacedMask(row.id, row.page, Mask(row.left, row.top, row.width, row.height)) for row in rows]
    return Masking(source, masks, flattened is not None and flattened.masks == len(masks))


def find_own_piece(session: Session, candidacy_id: UUID, evidence_id: UUID) -> Evidence | None:
    """Return a piece of the candidacy whose file its candidate may mask: neither removed, nor signed by a
    third party, nor kept apart until it is scanned.
    """
    piece = session.get(Evidence, evidence_id)
    if piece is None or piece.candidacy_id != candidacy_id or piece.removed_at is not None:
        return None
    if is_attested(session, evidence_id) or session.get(QuarantinedFile, piece.file.key) is not None:
        return None
    return piece


def mask_page(
    session: Session, candidacy_id: UUID, evidence_id: UUID, page: int, masks: Sequence[Mask], *, by: UUID, at: datetime
) -> None:
    """Add rectangles to a page; from now on nobody else reads the version.

    Raises Refusal: SEALED, NOT_YOURS, TOO_MANY_MASKS.
    """
    piece = _lock(session, candidacy_id, evidence_id)
    masking = load_masking(session, piece)
    if len(masking.masks) + len(masks) > MAX_MASKS:
        raise Refusal(EvidenceRefusal.TOO_MANY_MASKS)
    for mask in masks:
        session.add(
            PageMask(
                file_id=masking.source.id, page=page, left=mask.left, top=mask.top, width=mask.width, height=mask.height
            )
        )
    if masks:
        _make_private(session, [file.id for file in piece.files if masking.source.id == piece.file.id], at)
        record_event(session, "page_masked", ("evidence", evidence_id), by=by, at=at, page=page, masks=len(masks))


@dataclass(frozen=True, slots=True)
class WordMasks:
    """Places of a word in a file: its rectangles by page, and the pages whose text is not known."""

    by_page: Mapping[int, list[Mask]]
    unread: tuple[int, ...]


def find_word(session: Session, source: EvidenceFile, word: str, pages: int) -> WordMasks:
    """Return the rectangles over each place of a file where a word, or several in a row, stand whole."""
    found: dict[int, list[Mask]] = {}
    known = load_page_words(session, source.key)
    for page, (text, boxes) in known.items():
        matches = [match for match in find_text(text, word) if _is_whole(text, match)]
        masks = [_mask_over(box) for match in matches for box in match_boxes(boxes, match)]
        if masks:
            found[page] = masks
    return WordMasks(found, tuple(page for page in range(1, pages + 1) if page not in known))


def mask_words(
    session: Session,
    candidacy_id: UUID,
    evidence_id: UUID,
    by_page: Mapping[int, Sequence[Mask]],
    *,
    by: UUID,
    at: datetime,
) -> int:
    """Add the rectangles of several pages that are not there yet, and return how many; raises as above."""
    piece = _lock(session, candidacy_id, evidence_id)
    there = load_masking(session, piece).by_page
    added = 0
    for page, masks in by_page.items():
        new = [mask for mask in masks if mask not in there.get(page, ())]
        mask_page(session, candidacy_id, evidence_id, page, new, by=by, at=at)
        session.flush()
        added += len(new)
    return added


def _is_whole(text: str, match: TextMatch) -> bool:
    before, after = text[match.start - 1 : match.start], text[match.end : match.end + 1]
    return not before.isalnum() and not after.isalnum()


def _mask_over(box: Box) -> Mask:
    """Return the rectangle over a box, a little wider: letters overhang the box of their word."""
    scale, edge = PAGE_UNITS // UNIT, 3
    left, top = (max(side // scale - edge, 0) for side in box[:2])
    right, bottom = (min(-(-side // scale) + edge, UNIT) for side in box[2:])
    return Mask(left, top, right - left, bottom - top)


def remove_mask(
    session: Session, candidacy_id: UUID, evidence_id: UUID, mask_id: UUID, *, by: UUID, at: datetime
) -> None:
    """Remove a rectangle; a version without rectangles and without a copy is read by others again.

    Raises Refusal as above.
    """
    piece = _lock(session, candidacy_id, evidence_id)
    masking = load_masking(session, piece)
    session.execute(delete(PageMask).where(PageMask.id == mask_id, PageMask.file_id == masking.source.id))
    is_last = not session.scalar(select(exists().where(PageMask.file_id == masking.source.id)))
    if is_last:
        session.execute(delete(PrivateFile).where(PrivateFile.file_id.in_(_never_flattened(session, piece))))
    record_event(session, "mask_removed", ("evidence", evidence_id), by=by, at=at)


def store_flattened(
    session: Session,
    candidacy_id: UUID,
    evidence_id: UUID,
    made_of: Masking,
    copy: ReceivedFile,
    texts: Mapping[int, str],
    *,
    title: str = "",
    by: UUID,
    at: datetime,
) -> None:
    """Make a flattened copy the current version; the earlier versions are read by the candidate only.

    `title`, if any, replaces that of the piece: the name of a file may tell what its pages mask.

    A passage that a claim quotes and that the copy no longer shows is forgotten by the claim. A piece with
    names to mask says that they are masked: the candidate may say otherwise. Raises Refusal:
    as `replace_file`, MASKS_CHANGED when the rectangles are not those that the copy was made with.
    """
    piece = _lock(session, candidacy_id, evidence_id)
    masking = load_masking(session, piece)
    if masking.source.id != made_of.source.id or masking.by_page != made_of.by_page:
        raise Refusal(EvidenceRefusal.MASKS_CHANGED)
    replace_file(session, candidacy_id, evidence_id, copy, by=by, at=at)
    current = max(piece.files, key=lambda file: file.number)
    _make_private(session, [file.id for file in piece.files if file.id != current.id], at)
    session.add(FlattenedFile(file_id=current.id, source_id=masking.source.id, masks=len(masking.masks)))
    if masking.masks and piece.anonymity in (None, Anonymity.NOT_YET):
        piece.anonymity = Anonymity.DONE
    piece.title = title or piece.title
    _forget_quotes(session, evidence_id, texts)
    record_event(session, "evidence_flattened", ("evidence", evidence_id), by=by, at=at, masks=len(masking.masks))


# Asked at every page of a file, so built once.
_MASKED = (
    select(EvidenceFile.key, FlattenedFile.masks)
    .join(FlattenedFile, FlattenedFile.file_id == EvidenceFile.id)
    .where(EvidenceFile.key.in_(bindparam("keys", expanding=True)))
)


def masked_files(session: Session, keys: Sequence[str]) -> dict[str, int]:
    """Return, of those of these stored files that are flattened copies, how many rectangles each one has."""
    return {key: masks for key, masks in fetch_rows(session, _MASKED, {"keys": keys})}  # noqa: C416


def _lock(session: Session, candidacy_id: UUID, evidence_id: UUID) -> Evidence:
    lock_draft(session, candidacy_id)
    piece = own_evidence(session, candidacy_id, evidence_id)
    if find_own_piece(session, candidacy_id, evidence_id) is None:
        raise Refusal(DossierRefusal.NOT_YOURS)
    return piece


def _make_private(session: Session, file_ids: Sequence[UUID], at: datetime) -> None:
    for file_id in file_ids:
        if session.get(PrivateFile, file_id) is None:
            session.add(PrivateFile(file_id=file_id, since=at))


def _never_flattened(session: Session, piece: Evidence) -> list[UUID]:
    """Return the versions that become readable again: none when a flattened copy was made of one of them."""
    ids = [file.id for file in piece.files]
    return [] if session.scalar(select(exists().where(FlattenedFile.source_id.in_(ids)))) else ids


def _forget_quotes(session: Session, evidence_id: UUID, texts: Mapping[int, str]) -> None:
    pages = {page: _words(text) for page, text in texts.items()}
    for claim in session.scalars(select(Claim).where(Claim.evidence_id == evidence_id)):
        kept = [anchor for anchor in claim.anchors or [] if _words(anchor["quote"]) in pages.get(anchor["page"], "")]
        if kept != (claim.anchors or []):
            claim.anchors = kept or None


def _words(text: str) -> str:
    return " ".join(fold(text).split())
