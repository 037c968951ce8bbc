"""Read the stored files of a dossier, and prepare the folder from which the sandboxed process makes its book.

Pictures of a recording for its sheet: frames of a film, taken at regular moments.

Runs in the sandboxed process.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portfolio.documents.livret.book import ExhibitContents, ExhibitPage, PageSource, Recording
from portfolio.documents.typesetting import TEMPLATES
from portfolio.documents.values import look_inputs
from portfolio.domain.certifying_body.rules import PLAIN_LOOK
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import Page, Rendition
from portfolio.domain.dossier.rules.rendition import METHOD, PageSize, RenditionKind
from portfolio.domain.dossier.use_cases.conversions import MadeFile, made_file
from portfolio.files.conversion.fonts import font_folders
from portfolio.files.file_types.types import PDF_TYPE, is_played, pages_of
from portfolio.files.storage.store import NO_ROOM, FileStore, StoreError, copy_and_hash

_TEMPLATES = ("livret.typ", "base.typ")


@dataclass(frozen=True, slots=True)
class ExhibitFile:
    """The stored file of an exhibit: where it is kept, its type, its digest, how many pages it was counted to have."""

    label: str
    key: str
    mime: str
    sha256: str
    pages: int | None
    # The path of its player in the application, for a recording.
    address: str = ""


@dataclass(frozen=True, slots=True)
class ExhibitSource:
    """Sources of the pages of an exhibit: its PDF in the store, its page images, the recording made of it."""

    file: ExhibitFile
    pdf: str = ""
    pdf_sha256: str = ""
    images: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    own: frozenset[int] = frozenset()
    # Pages of the PDF that are known to give way to their image.
    replaced: frozenset[int] = frozenset()
    recording: str = ""
    is_film: bool = False


@dataclass(frozen=True)
class Words:
    """The sentences that contents carry: who typesets knows no French."""

    not_drawn: str
    not_printed: str
    not_all: str


def read_sources(
    session: Session, files: Sequence[ExhibitFile], words: Words
) -> tuple[dict[str, ExhibitContents], dict[str, ExhibitSource]]:
    """Return what can be printed of each exhibit and where it comes from, by label, in a constant number of queries."""
    orders = _renditions(session, [exhibit_file.key for exhibit_file in files])
    contents, sources = {}, {}
    for file in files:
        contents[file.label], sources[file.label] = _read(file, orders.get(file.key), words)
    return contents, sources


def _renditions(session: Session, keys: Sequence[str]) -> dict[str, Rendition]:
    query = (
        select(EvidenceFile.key, Rendition)
        .join(Rendition, Rendition.file_id == EvidenceFile.id)
        .where(EvidenceFile.key.in_(keys), Rendition.kind == RenditionKind.PAGES)
        .options(selectinload(Rendition.drawn_pages).selectinload(Page.images))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _read(file: ExhibitFile, found: Rendition | None, words: Words) -> tuple[ExhibitContents, ExhibitSource]:
    made = made_file(found) if found is not None else None
    drawn = {page.number: page for page in found.drawn_pages} if found is not None else {}
    if is_played(file.mime):
        return _recording(file, made, drawn)
    count = made.pages if made is not None else pages_of(file.mime, file.pages)
    if not drawn:
        return ExhibitContents(notice=words.not_printed), ExhibitSource(file)
    is_pdf = file.mime == PDF_TYPE or (made is not None and made.media_type == PDF_TYPE)
    images = {number: image for number, page in drawn.items() if (image := _image(page)) is not None}
    current = found is not None and found.method == METHOD
    own = {number for number, page in drawn.items() if is_pdf and current and page.error is None and not page.hidden}
    replaced = own.intersection((found.proof or {}).get("replaced", ()) if found else (), images)
    own -= replaced
    pages = tuple(
        ExhibitPage(
            number,
            PageSource.OWN if number in own else PageSource.IMAGE if number in images else PageSource.NONE,
            drawn[number].text if current and number in drawn else "",
        )
        for number in range(1, count + 1)
    )
    contents = ExhibitContents(
        pages=pages,
        converter=made.converter if made is not None and file.mime != PDF_TYPE else "",
        notice=words.not_all if made is not None and made.is_cut else "",
    )
    pdf, digest = ("", "") if not is_pdf else (made.key, made.sha256) if made is not None else (file.key, file.sha256)
    return contents, ExhibitSource(file, pdf, digest, images, frozenset(own), frozenset(replaced))


def _recording(
    file: ExhibitFile, made: MadeFile | None, drawn: Mapping[int, Page]
) -> tuple[ExhibitContents, ExhibitSource]:
    is_film = file.mime.startswith("video/")
    recording = Recording("video" if is_film else "audio", made.seconds if made else None, file.address)
    poster = _image(drawn[1]) if 1 in drawn else None
    images = {1: poster} if poster is not None else {}
    source = ExhibitSource(
        file, pdf_sha256=made.sha256 if made else "", images=images, recording=made.key if made else "", is_film=is_film
    )
    return ExhibitContents(recording=recording), source


def _image(page: Page) -> tuple[str, str] | None:
    """Return the key and the digest of the largest image of a page."""
    by_size = {image.width: image for image in page.images}
    found = by_size.get(PageSize.LARGE) or by_size.get(PageSize.PAGE)
    return (found.key, found.sha256) if found is not None else None


class BookFolder:
    """A private folder with all that a book is made from."""

    def __init__(self, folder: Path, store: FileStore, sources: Mapping[str, ExhibitSource], words: Words) -> None:
        """Fill `folder` from this store."""
        self.folder, self._store, self._sources, self._words = folder, store, sources, words
        self.exhibits: dict[str, dict[str, Any]] = {}
        self.look = PLAIN_LOOK

    def add(self, label: str, *, every_image: bool = False) -> None:
        """Bring the file of an exhibit, and the images that its edition needs; a file that changed is left out."""
        source = self._sources[label]
        entry: dict[str, Any] = {
            "pdf": "",
            "own": [],
            "replaced": [] if every_image else sorted(source.replaced),
            "undrawn": [],
            "images": {},
            "kept": sorted(source.images),
            "recording": "",
            "is_film": source.is_film,
            "not_drawn": self._words.not_drawn,
        }
        self.exhibits[label] = entry
        if source.pdf and not every_image and self._copy(source.pdf, source.pdf_sha256, f"{label}.pdf"):
            entry["pdf"], entry["own"] = f"{label}.pdf", sorted(source.own)
        if source.recording:
            entry["recording"] = f"{label}.mp4"
            if source.is_film:
                self._copy(source.recording, source.pdf_sha256, entry["recording"])
        wanted = source.images.keys() if every_image else source.images.keys() - set(entry["own"])
        self.add_images(label, wanted)

    def add_images(self, label: str, pages: Iterable[int]) -> None:
        """Bring the images of these pages."""
        entry, source = self.exhibits[label], self._sources[label]
        for number in pages:
            key, digest = source.images[number]
            name = f"{label}-{number}.webp"
            if self._copy(key, digest, name):
                entry["images"][str(number)] = name
            else:
                entry["kept"] = [page for page in entry["kept"] if page != number]

    def replace_by_images(self, label: str, pages: Iterable[int], *, is_drawn: bool = True) -> None:
        """Bring the images of pages of a PDF that cannot be laid as they are; leave out an image that cannot either.

        With `is_drawn`, those of which the store has no image are drawn for the book.
        """
        entry = self.exhibits[label]
        missing = set(pages)
        for page in missing.difference(entry["own"]):  # its image was laid, and cannot be read
            entry["images"].pop(str(page), None)
            entry["kept"] = [kept for kept in entry["kept"] if kept != page]
        entry["replaced"] = sorted({*entry["replaced"], *missing})
        entry["own"] = [page for page in entry["own"] if page not in missing]
        entry["undrawn"] += [] if is_drawn else sorted(missing)
        self.add_images(label, missing.intersection(entry["kept"]))

    def give_way(self, label: str | None) -> bool:
        """Lay otherwise the pages of an exhibit that nothing could be made with, of each one when none is known.

        The images of its pages first, then nothing that would have to be opened. Return whether something gave way.
        """
        entries = list(self.exhibits.items() if label not in self.exhibits else [(label, self.exhibits[label])])
        return sum([self._gives_way(*named) for named in entries]) > 0

    def _gives_way(self, label: str, entry: dict[str, Any]) -> bool:
        if entry["own"]:
            self.replace_by_images(label, list(entry["own"]), is_drawn=False)
            return True
        opened = ("pdf", "images", "recording", "kept", "replaced")
        is_left = any(entry[key] for key in opened)
        entry |= {"pdf": "", "images": {}, "recording": "", "kept": [], "replaced": []}
        return is_left

    def write(self, values: Mapping[str, Any], timestamp: int, manifest: bytes = b"") -> None:
        """Write the values of the book, the list of its sources, its template."""
        for name in _TEMPLATES:
            shutil.copyfile(TEMPLATES / name, self.folder / name)
        (self.folder / "book.json").write_text(json.dumps(values, ensure_ascii=False), "utf-8")
        if manifest:
            (self.folder / "manifeste.json").write_bytes(manifest)
        settings = {
            "exhibits": self.exhibits,
            "timestamp": timestamp,
            "fonts": font_folders(),
            "look": look_inputs(self.look),
        }
        (self.folder / "sources.json").write_text(json.dumps(settings), "utf-8")

    def _copy(self, key: str, sha256: str, name: str) -> bool:
        """Copy a stored file, read once; return whether it still has its digest, and is there."""
        path = self.folder / name
        try:
            with self._store.open(key) as content, path.open("wb") as file:
                _, found = copy_and_hash(content, file, None)
        except StoreError:
            found = ""
        except OSError as error:
            if error.errno in NO_ROOM:
                raise
            found = ""  # a disk that cannot read it back any more
        if found != sha256:
            path.unlink(missing_ok=True)
        return found == sha256


_COUNT = 6
_SIDE = 640
# Of frames decoded to reach a moment.
_MAX_FRAMES = 400


def take_stills(folder: Path, found: Mapping[str, Any], media: Any) -> None:
    """Write the poster of a recording and, of a film of some length, its stills; name them in the values
    of its sheet.
    """
    poster = found["images"].get("1")
    name = str(found["recording"])
    if poster:
        with suppress(OSError, ValueError), Image.open(folder / poster, formats=["WEBP"]) as picture:
            _save(picture, folder / f"{name}-poster.jpg")
            media["poster"] = f"{name}-poster.jpg"
    if not found["is_film"] or not (folder / name).is_file():
        return
    with suppress(av.error.FFmpegError, OSError, ValueError, IndexError):
        for number, (moment, image) in enumerate(_frames(folder / name)):
            path = f"{name}-{number}.jpg"
            _save(image, folder / path)
            minutes, seconds = divmod(int(moment), 60)
            at = f"{minutes}:{seconds:02}"
            media["stills"].append({"image": path, "at": at, "alt": f"Image du film à {at}"})


def _frames(path: Path) -> list[tuple[float, Image.Image]]:
    taken: list[tuple[float, Image.Image]] = []
    with av.open(str(path), metadata_errors="ignore") as film:
        stream = film.streams.video[0]
        length = float(film.duration / av.time_base) if film.duration else 0.0
        if length < 4:
            return []
        for nth in range(_COUNT):
            moment = (nth + 0.5) * length / _COUNT
            film.seek(int(moment * av.time_base))
            found = _frame_at(film.decode(stream), moment)
            if found is not None and (not taken or found[0] > taken[-1][0] + 0.5):
                taken.append(found)
    return taken


def _frame_at(frames: Iterator[Any], moment: float) -> tuple[float, Image.Image] | None:
    """Return the frame shown at a moment; a film is entered at a frame that stands alone, which may be earlier."""
    last = None
    for number, frame in enumerate(frames):
        last = frame
        if float(frame.time or 0) >= moment or number >= _MAX_FRAMES:
            break
    return (float(last.time or 0), last.to_image()) if last is not None else None


def _save(image: Image.Image, path: Path) -> None:
    picture = image.convert("RGB")
    picture.thumbnail((_SIDE, _SIDE))
    picture.save(path, "JPEG", quality=82)
