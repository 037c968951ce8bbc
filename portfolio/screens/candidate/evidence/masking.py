"""The candidate masks parts of the pages of a piece before anyone else sees them.

A candidate claims a place of a piece in the viewer, and takes a place back.

Several photographs that become one piece: a PDF of them, one a page.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast
from uuid import UUID

from flask import abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.anchors import AnchorErrorCode, Mask
from portfolio.domain.dossier.rules.rendition import SEARCH_MAX_CHARS
from portfolio.domain.dossier.use_cases import claims
from portfolio.domain.dossier.use_cases import masking as masking_use_cases
from portfolio.domain.dossier.use_cases.conversions import find_reading
from portfolio.domain.dossier.use_cases.evidence import title_of_file
from portfolio.domain.dossier.use_cases.masking import Masking
from portfolio.domain.dossier.use_cases.uploads import upload_batch
from portfolio.errors import Refusal
from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import PDF_TYPE, FileCategory, FileType, kind_of
from portfolio.files.renditions.flattening.client import MAX_PAGES, flatten, join_pictures
from portfolio.files.renditions.page_images.navigation import NotReadable
from portfolio.files.storage.store import disk_full_as_store_full
from portfolio.french_text import date_fr
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.candidate.evidence import queries
from portfolio.screens.candidate.evidence.forms import place_form
from portfolio.screens.candidate.evidence.viewer import viewer_page
from portfolio.screens.evidence_files.uploads import FILE_ERRORS, limit_concurrency
from portfolio.web.clock import now
from portfolio.web.forms import Form, SingleLineField, run_once
from portfolio.web.listing import page_number
from portfolio.wording import library as wording
from portfolio.wording.anchors import ERRORS
from portfolio.wording.evidence import PHOTOS_OF, PHOTOS_TITLE

bp = blueprint_of(__name__)


class MaskForm(Form):
    """The rectangles drawn on a page, or one given in numbers."""

    rectangles = SingleLineField("Caches dessinés", limit=6000)
    left = SingleLineField("À gauche, en % de la largeur", limit=6)
    top = SingleLineField("En haut, en % de la hauteur", limit=6)
    width = SingleLineField("Largeur, en %", limit=6)
    height = SingleLineField("Hauteur, en %", limit=6)

    def value(self) -> list[Mask]:
        """Return the rectangles, in thousandths of the page; raise ValueError when one cannot be read."""
        drawn = [part for part in (self.rectangles.data or "").split(";") if part.strip()]
        masks = [Mask(*(int(side) for side in part.split(","))) for part in drawn]
        if any(field.data for field in self._measures):
            masks.append(Mask(*(self._measure(field) for field in self._measures)))
        if not masks or not all(mask.is_valid for mask in masks):
            raise ValueError("no rectangle of the page")
        return masks

    @property
    def _measures(self) -> tuple[SingleLineField, ...]:
        return (self.left, self.top, self.width, self.height)

    @property
    def is_measured(self) -> bool:
        """Tell whether a rectangle is given in numbers."""
        return any(field.data or field.errors for field in self._measures)

    @staticmethod
    def _measure(field: SingleLineField) -> int:
        return round(10 * float((field.data or "").removesuffix("%").strip().replace(",", ".")))

    def validate_measures(self) -> bool:
        """Say beside each of the four numbers what is wrong with it, once one of them is given."""
        wrong = []
        for field in self._measures if self.is_measured else ():
            try:
                is_right = 0 <= self._measure(field) <= 1000
            except ValueError:
                is_right = False
            if not is_right:
                field.errors = [wording.NO_MEASURE]
                wrong.append(field)
        return not wrong


class WordForm(Form):
    """A word, or several in a row, to mask everywhere in the file."""

    word = SingleLineField(
        "Nom ou mot à masquer partout dans le fichier", missing=wording.NO_WORD, limit=SEARCH_MAX_CHARS
    )


class TitleForm(Form):
    """The title of a piece that is named after its file, read again before its masks are applied."""

    title = SingleLineField("Titre de la pièce", missing=wording.NO_TITLE)


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/masquer")
@candidacy_page(Permission.EDIT_DRAFT)
def mask_form(case: CandidacyAccess, evidence_id: UUID) -> ResponseReturnValue:
    """Show a page of the file, with the rectangles painted over it."""
    return _masking_page(case, evidence_id, MaskForm(formdata=None))


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/masquer")
@candidacy_page(Permission.EDIT_DRAFT)
def mask(case: CandidacyAccess, evidence_id: UUID) -> ResponseReturnValue:
    """Paint rectangles over a page."""
    form, page = MaskForm(), page_number()
    piece, _ = _found(case, evidence_id)
    try:
        masks = form.value() if form.validate() and form.validate_measures() else []
    except (ValueError, TypeError):
        masks = []
    if not masks or page > _pages(piece)[1]:
        if not form.errors:
            form.rectangles.errors = [wording.NO_RECTANGLE]
        return _masking_page(case, evidence_id, form), 422
    with transaction() as db:
        masking_use_cases.mask_page(db, case.id, evidence_id, page, masks, by=current_user.id, at=now())
    return redirect(url_for(".mask_form", candidacy_id=case.id, evidence_id=evidence_id, page=page), 303)


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/masquer/mot")
@candidacy_page(Permission.EDIT_DRAFT)
def mask_word(case: CandidacyAccess, evidence_id: UUID) -> ResponseReturnValue:
    """Paint a rectangle over each place where a word stands, in the whole file."""
    form, page = WordForm(), page_number()
    piece, masking = _found(case, evidence_id)
    word = " ".join((form.word.data or "").split())
    found = masking_use_cases.find_word(read_session(), masking.source, word, _pages(piece)[1])
    if not form.validate() or not found.by_page:
        if not form.errors:
            form.word.errors = [wording.not_found_message(word, found.unread)]
        return _masking_page(case, evidence_id, MaskForm(formdata=None), form), 422
    with transaction() as db:
        added = masking_use_cases.mask_words(db, case.id, evidence_id, found.by_page, by=current_user.id, at=now())
    session["notice"] = wording.words_masked_message(word, added, len(found.by_page), found.unread)
    return redirect(url_for(".mask_form", candidacy_id=case.id, evidence_id=evidence_id, page=page), 303)


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/masquer/<uuid:mask_id>/retirer")
@candidacy_page(Permission.EDIT_DRAFT)
def unmask(case: CandidacyAccess, evidence_id: UUID, mask_id: UUID) -> ResponseReturnValue:
    """Remove a rectangle."""
    _found(case, evidence_id)
    with transaction() as db:
        masking_use_cases.remove_mask(db, case.id, evidence_id, mask_id, by=current_user.id, at=now())
    return redirect(url_for(".mask_form", candidacy_id=case.id, evidence_id=evidence_id, page=page_number()), 303)


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/aplatir")
@candidacy_page(Permission.EDIT_DRAFT)
def flatten_file(case: CandidacyAccess, evidence_id: UUID) -> ResponseReturnValue:
    """Make the copy that others read: pictures of the pages, with the rectangles painted over."""
    piece, masking = _found(case, evidence_id)
    settings, store = current_app.config["SETTINGS"], current_app.extensions["files"]
    key, pages, kind = _pages(piece)
    if kind is None:
        abort(404)
    titled = TitleForm() if _is_named_after_file(piece, masking) else None
    if titled is not None and not titled.validate():
        return _masking_page(case, evidence_id, MaskForm(formdata=None), titled=titled), 422
    title = (titled.title.data or "") if titled is not None else ""
    try:
        with (
            limit_concurrency(current_user.id),
            tempfile.TemporaryFile() as copy,
            upload_batch(store, settings.upload_limit) as batch,
        ):
            with store.open(key) as content:
                texts = flatten(content, kind, pages, masking.by_page, copy)
            received = batch.store_file(wording.file_name(piece.number, masked=bool(masking.masks)), copy, is_ours=True)
            with transaction() as db:
                masking_use_cases.store_flattened(
                    *(db, case.id, evidence_id, masking, received, texts), title=title, by=current_user.id, at=now()
                )
            batch.keep()
    except NotReadable:
        session["notice"] = wording.NOT_FLATTENED
        return redirect(url_for(".mask_form", candidacy_id=case.id, evidence_id=evidence_id), 303)
    session["notice"] = wording.applied_message(len(masking.masks))
    return redirect(url_for(".piece", candidacy_id=case.id, evidence_id=evidence_id), 303)


def _found(case: CandidacyAccess, evidence_id: UUID) -> tuple[Evidence, Masking]:
    piece = masking_use_cases.find_own_piece(read_session(), case.id, evidence_id) or abort(404)
    return piece, masking_use_cases.load_masking(read_session(), piece)


def _is_named_after_file(piece: Evidence, masking: Masking) -> bool:
    """Return whether the candidate never wrote the title of a piece of which parts are masked."""
    return bool(masking.masks) and piece.title == title_of_file(masking.source.name)


def _pages(piece: Evidence) -> tuple[str, int, FileType | None]:
    """Return where the pages to mask are kept, how many there are, and of which type; no type when nothing
    can be masked.
    """
    source = masking_use_cases.load_masking(read_session(), piece).source
    made = find_reading(read_session(), source.key).made
    if made is not None:
        return made.key, made.pages, FileType.PDF if made.media_type == PDF_TYPE else None
    return source.key, source.pages or 1, kind_of(source.mime)


def _masking_page(
    case: CandidacyAccess,
    evidence_id: UUID,
    form: MaskForm,
    words: WordForm | None = None,
    titled: TitleForm | None = None,
) -> str:
    piece, masking = _found(case, evidence_id)
    _, pages, kind = _pages(piece)
    page = min(page_number(), max(pages, 1))
    shown = {"piece": piece, "masking": masking, "page": page, "pages": pages, "form": form}
    shown["words"] = words or WordForm(formdata=None)
    if titled is None and _is_named_after_file(piece, masking):
        titled = TitleForm(formdata=None, data={"title": piece.title})
    shown["titled"] = titled
    can_mask = kind is not None and pages <= MAX_PAGES
    return render_template("candidate/evidence/mask.html", case=case, can_mask=can_mask, asked=request.path, **shown)


_FIELDS = {
    AnchorErrorCode.QUOTE_NOT_FOUND: "quote",
    AnchorErrorCode.QUOTE_TOO_LONG: "quote",
    AnchorErrorCode.COMMENT_TOO_LONG: "comment",
    AnchorErrorCode.TOO_MANY: "zone",
}


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/versions/<int:number>/reperes")
@candidacy_page(Permission.EDIT_DRAFT)
def claim_place(case: CandidacyAccess, evidence_id: UUID, number: int) -> ResponseReturnValue:
    """Claim that a place of a piece shows a competency, or show the viewer again with what was typed."""
    queries.find_file(read_session(), case.id, evidence_id, number, own=case.is_candidate) or abort(404)
    form = place_form(case, evidence_id, number)
    if form is None:
        raise Refusal(AnchorErrorCode.REPLACED_VERSION)
    if not form.validate():
        return viewer_page(case, evidence_id, number, form=form), 422

    def act(db: Session) -> str:
        place, competency = form.place(), cast(UUID, form.competency.data)
        comment = form.comment.data or ""
        claims.claim_place(db, case.id, evidence_id, competency, place, comment, by=current_user.id, at=now())
        return _viewer_url(case, evidence_id, number, form.page.data)

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        field = _FIELDS.get(refusal.code) if isinstance(refusal.code, AnchorErrorCode) else None
        if field is None:
            raise
        form[field].errors = [ERRORS[AnchorErrorCode(refusal.code)]]
        return viewer_page(case, evidence_id, number, form=form), 422
    session["notice"] = "C’est noté : l’endroit est relié à la compétence."
    return response


@bp.post(
    "/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/versions/<int:number>"
    "/liens/<uuid:claim_id>/reperes/<anchor_id>/retirer"
)
@candidacy_page(Permission.EDIT_DRAFT)
def remove_place(
    case: CandidacyAccess, evidence_id: UUID, number: int, claim_id: UUID, anchor_id: str
) -> ResponseReturnValue:
    """Take one place back from a claim."""
    if not Form().validate():
        abort(400)
    claim = read_session().get(Claim, claim_id)
    if claim is None or (claim.candidacy_id, claim.evidence_id) != (case.id, evidence_id):
        abort(404)
    with transaction() as db:
        claims.remove_anchor(db, case.id, claim_id, anchor_id, by=current_user.id, at=now())
    session["notice"] = "L’endroit est retiré. Le commentaire et les pages restent."
    return redirect(_viewer_url(case, evidence_id, number, None), 303)


def _viewer_url(case: CandidacyAccess, evidence_id: UUID, number: int, page: str | None) -> str:
    at: dict[str, Any] = {"page": page} if page and page.isascii() and page.isdigit() else {}
    return url_for(".read", candidacy_id=case.id, evidence_id=evidence_id, number=number, _anchor="dit", **at)


class JoinedPhotos(FileStorage):
    """The PDF made of photographs, and the day of the first of them that says one."""

    def __init__(self, stream: Any, taken_on: date | None) -> None:
        """Name it after that day."""
        name = PHOTOS_OF.format(day=date_fr(taken_on)) if taken_on else PHOTOS_TITLE
        super().__init__(stream, f"{name}.pdf")
        self.taken_on = taken_on


@contextmanager
def joined_photos(files: Sequence[FileStorage]) -> Iterator[list[FileStorage]]:
    """Lend the files with their photographs, when there are several, made into one PDF in the place of the first.

    A photograph that cannot be opened is lent by itself, for the check that says why; the others are joined.
    """
    with TemporaryFile() as made:
        photos, others = _sorted_out(files)
        if len(photos) < 2:
            yield list(files)
            return
        try:
            with disk_full_as_store_full():
                join_pictures([(cast(BinaryIO, file.stream), kind) for file, kind, _ in photos], cast(BinaryIO, made))
        except NotReadable:
            yield list(files)  # each by itself: the file that cannot be drawn is still an original
            return
        made.seek(0)
        yield [JoinedPhotos(made, next((day for *_, day in photos if day), None)), *others]


def _sorted_out(
    files: Sequence[FileStorage],
) -> tuple[list[tuple[FileStorage, FileType, date | None]], list[FileStorage]]:
    """Tell photographs from other files; one that is damaged is left to the check that says so."""
    photos, others = [], []
    for file in files:
        content = cast(BinaryIO, file.stream)
        size = content.seek(0, 2)
        content.seek(0)
        try:
            found = sniff(content, size)
        except FILE_ERRORS:
            others.append(file)
            continue
        drawn = kind_of(found.mime)
        if found.kind.family is FileCategory.IMAGE and drawn is not None:
            photos.append((file, drawn, found.taken_on))
        else:
            others.append(file)
    return photos, others
