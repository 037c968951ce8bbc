"""The sandboxed process that makes a book: book.json and the files beside it become output.pdf.

The France VAE pack: a main file and at most eight annexes of at most 10 MiB each, in one ZIP with their digests.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import shutil
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import typst

from portfolio.documents.livret.book import ExhibitContents, book_of
from portfolio.documents.livret.overlay import PLACES, Overlay, frames_of
from portfolio.documents.livret.pages import (
    ARCHIVAL_QUALITY,
    READING_QUALITY,
    Box,
    SourcePdf,
    fitted,
    is_image_landscape,
    is_landscape,
    jpeg_of,
)
from portfolio.documents.livret.sources import BookFolder, ExhibitSource, Words
from portfolio.documents.typesetting import TEMPLATES
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.domain.submission.rules.returns import EditionKind
from portfolio.domain.submission.use_cases.editions import PrintableDossier
from portfolio.files.conversion.codes import NotConverted
from portfolio.files.conversion.processes import run_main
from portfolio.files.renditions.page_images.pdf import PdfRenderer
from portfolio.files.sandbox.process import create_anew, open_left
from portfolio.files.sandbox.program_sandbox import ProgramLimits
from portfolio.files.storage.store import FileStore
from portfolio.files.storage.temporary_folder import temporary_folder

MAIN = "portfolio.documents.livret.making"
LIMITS = ProgramLimits(cpu_seconds=900, memory=4 * 1024**3, file_bytes=2_000_000_000)
POLL_SECONDS = 0.5
# A page that cannot be laid as it is gives way to its image, and an image that cannot be read to a sentence: either
# is found when the book is prepared, laid, or opened by its readers. After so many rounds every page gives way.
_MAX_ROUNDS = 8
_MAX_PROGRESS_BYTES = 20

# Receives how many steps are done, of how many; raises EditionCancelled when somebody asked to stop.
Progress = Callable[[int, int], None]


class EditionCancelled(Exception):  # noqa: N818 - somebody asked for it
    """The making was stopped because somebody asked for it."""


class EditionFailed(Exception):  # noqa: N818 - said to a person
    """Nothing could be made."""


@dataclass(frozen=True)
class BookSource:
    """Everything a book is made from: the dossier, its root, its manifest, what is known of its files."""

    dossier: SealedDossier
    root: str
    manifest: bytes
    contents: Mapping[str, ExhibitContents]
    sources: Mapping[str, ExhibitSource]
    is_draft: bool = False
    look: Look = PLAIN_LOOK


def no_progress(done: int, total: int) -> None:
    """Tell nobody."""


@contextmanager
def made_book(
    store: FileStore,
    source: BookSource,
    edition: EditionKind,
    values_of: Callable[..., dict[str, Any]],
    words: Words,
    *,
    at: datetime,
    progress: Progress = no_progress,
    every_image: bool = False,
) -> Iterator[Path]:
    """Lend the folder in which output.pdf is the book; deleted afterwards.

    Raise EditionCancelled, EditionFailed. `values_of` words a book for its template. With `every_image`, the
    images of all pages are brought too.
    """
    archival = edition is EditionKind.ARCHIVAL
    book = book_of(source.dossier, source.root, source.contents, is_draft=source.is_draft)
    values = values_of(book, "archival" if archival else "reading", at)
    with temporary_folder() as place:
        folder = BookFolder(place, store, source.sources, words)
        labels = [exhibit.exhibit.label for exhibit in book.exhibits]
        total = len(labels) + 2 * book.pages + 1
        for number, label in enumerate(labels):
            progress(number, total)
            folder.add(label, every_image=archival)
            if every_image:
                folder.add_images(
                    label,
                    source.sources[label].images.keys()
                    - {int(page_number) for page_number in folder.exhibits[label]["images"]},
                )
        stamp = int((at if source.is_draft else source.dossier.header.sealed_at).timestamp())
        folder.look = source.look
        folder.write(values, stamp, source.manifest)
        _run(folder, values, stamp, source.manifest, lambda done: progress(len(labels) + done, total))
        yield place


# The one exhibit of a proof, and what its book is made of: blank pages.
_PROVED, _PROOF = "A-01", "proof"


def prove(store: FileStore, source: ExhibitSource, pages: Sequence[int], words: Words) -> tuple[list[int], list[int]]:
    """Lay these pages of one exhibit as a reading edition does, and have them opened by its readers.

    Return those that give way to their image, and those in the place of which a sentence is printed.
    """
    sheets = [{"number": number, "regions": []} for number in pages]
    exhibit = {"label": _PROVED, "sheets": sheets, "media": {"poster": "", "stills": []}}
    with temporary_folder() as place:
        folder = BookFolder(place, store, {_PROVED: source}, words)
        folder.add(_PROVED)
        values = {"edition": _PROOF, "draft": False, "exhibits": [exhibit]}
        folder.write(values, 0)
        _run(folder, values, 0, b"", lambda _: None)
        told = json.loads((place / "answer.json").read_text("utf-8"))
        return told["replaced"].get(_PROVED, []), told["unprinted"].get(_PROVED, [])


def _run(
    folder: BookFolder, values: Mapping[str, Any], stamp: int, manifest: bytes, progress: Callable[[int], None]
) -> None:
    """Make the book until each of its pages is opened by every reader: what prevents it gives way, page by page, then
    piece by piece, then every piece. Raise EditionFailed when the book without any page of a piece cannot be made.
    """
    for turn in count(1):
        try:
            answer = run_watched(MAIN, folder.folder, progress)
            fatal = {} if "needed" in answer else _fatal_pages(folder.folder, answer, progress)
        except EditionFailed:
            if not folder.give_way(_begun_exhibit(folder.folder) if turn <= _MAX_ROUNDS else None):
                raise
        else:
            needed = answer.get("needed", fatal)
            if not needed:
                with create_anew(folder.folder / "answer.json") as file:
                    kept = {key: answer.get(key, {}) for key in ("replaced", "unprinted")}
                    file.write(json.dumps(kept).encode())
                return
            if turn > _MAX_ROUNDS and not folder.give_way(None):
                raise EditionFailed
            for label, pages in needed.items():
                folder.replace_by_images(label, pages, is_drawn=label not in fatal)
        folder.write(values, stamp, manifest)


def _begun_exhibit(folder: Path) -> str | None:
    """Return the label of the exhibit that the sandboxed process had begun when it ended."""
    with suppress(OSError, ValueError), open_left(folder / "exhibit", _MAX_PROGRESS_BYTES) as file:
        return file.read().decode("ascii")
    return None


def _fatal_pages(folder: Path, answer: Any, progress: Callable[[int], None]) -> dict[str, list[int]]:
    """Return the pages of exhibits on which a reader of the book ends, by label."""
    from portfolio.documents.livret.readers import fatal_pages  # no page of the site waits for it

    with _watched(folder, progress) as cancelled:
        fatal = fatal_pages(folder / "output.pdf", int(answer["pages"]), cancelled.is_set)
    found: dict[str, list[int]] = {}
    for label, number, index in answer["places"]:
        if index + 1 in fatal:
            found.setdefault(label, []).append(number)
    return found


def run_watched(main: str, folder: Path, progress: Callable[[int], None], arguments: Sequence[str] = ()) -> Any:
    """Run `main()` of a module in the sandbox, and pass on the progress that it writes, until it ends or
    is cancelled.
    """
    with _watched(folder, progress) as cancelled:
        try:
            return run_main(main, folder, *arguments, limits=LIMITS)
        except NotConverted as error:
            if cancelled.is_set():
                raise EditionCancelled from error
            raise EditionFailed(str(error)) from error


@contextmanager
def _watched(folder: Path, progress: Callable[[int], None]) -> Iterator[threading.Event]:
    """Pass on the progress that is written in a folder, meanwhile; lend what is set when somebody asks to stop.

    Raise EditionCancelled at the end, then.
    """
    ended, cancelled = threading.Event(), threading.Event()

    def watch() -> None:
        while not ended.wait(POLL_SECONDS):
            done = 0
            with suppress(OSError, ValueError), open_left(folder / "progress", _MAX_PROGRESS_BYTES) as file:
                done = int(file.read())
            try:
                progress(done)
            except EditionCancelled:
                create_anew(folder / "cancel").close()
                cancelled.set()
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield cancelled
    finally:
        ended.set()
        thread.join()
    if cancelled.is_set():
        raise EditionCancelled


_STANDARDS: list[Any] = ["a-3b", "ua-1"]
# Of malloc.h: what to ask of the system beyond what is needed, and how much free memory to give back.
_TOP_PAD, _TRIM_THRESHOLD = -2, -1
_PAD_BYTES, _KEPT_BYTES = 64 << 20, 1 << 30


class Cancelled(Exception):  # noqa: N818 - somebody asked for it
    """The parent left a file called `cancel`."""


def main() -> None:
    """Make the edition named by sources.json, and say in answer.json how many pages it has and what was
    laid as images.
    """
    _ask_for_much_memory()
    make(Path(), lambda done: Path("progress").write_text(str(done), "ascii"))


def _ask_for_much_memory() -> None:
    """Ask the system for memory in large pieces, kept until the process ends: a tenth less processor."""
    with suppress(AttributeError, OSError):  # glibc alone has it
        libc = ctypes.CDLL(None)
        libc.mallopt(_TOP_PAD, _PAD_BYTES)
        libc.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)


def make(folder: Path, progress: Any = None) -> None:
    """Make the edition whose values and files are in this folder."""
    values = json.loads((folder / "book.json").read_text("utf-8"))
    settings = json.loads((folder / "sources.json").read_text("utf-8"))
    archival = values["edition"] == "archival"
    progress = progress or _tell_nobody
    sources = {label: Exhibit(folder, found) for label, found in settings["exhibits"].items()}
    done = 0
    for exhibit in values["exhibits"]:
        _begin(folder, exhibit["label"])
        sources[exhibit["label"]].prepare(exhibit, archival=archival)
        done += len(exhibit["sheets"])
        progress(done)
    needed = {label: sorted(source.needed) for label, source in sources.items() if source.needed}
    if needed:
        _answer(folder, {"needed": needed})
        return
    (folder / "book.json").write_text(json.dumps(values, ensure_ascii=False), "utf-8")
    _begin(folder, "")
    if values["edition"] == _PROOF:
        _write_blank(folder / "frame.pdf", values)
        _lay_readable(folder, folder / "frame.pdf", values, sources, progress)
        _end(folder, sources)
        return
    frame = folder / ("output.pdf" if archival or not settings["exhibits"] else "frame.pdf")
    _typeset(folder, values, settings, frame, archival=archival)
    _give_back_memory()
    if frame.name == "frame.pdf":
        _lay_readable(folder, frame, values, sources, lambda laid: progress(done + laid))
    _end(folder, sources)


def _end(folder: Path, sources: Mapping[str, Exhibit]) -> None:
    needed = {label: sorted(source.needed) for label, source in sources.items() if source.needed}
    _answer(folder, {"needed": needed} if needed else _facts(folder / "output.pdf", sources))


def _write_blank(path: Path, values: Any) -> None:
    """Write a book of blank pages: a cover, then one for each page of the exhibits."""
    sheets = [(exhibit["label"], sheet["number"]) for exhibit in values["exhibits"] for sheet in exhibit["sheets"]]
    with pikepdf.new() as blank:
        for _ in range(1 + len(sheets)):
            blank.add_blank_page(page_size=(595, 842))
        places = [[label, [number], 2 + rank] for rank, (label, number) in enumerate(sheets)]
        blank.attachments[PLACES] = json.dumps(places).encode()
        blank.save(path)


def _facts(path: Path, sources: Mapping[str, Exhibit]) -> dict[str, Any]:
    """Return how many pages a book has, where the pages of exhibits are, and those that are not laid as they are."""
    with pypdfium2.PdfDocument(path) as book:
        pages = len(book)
    return {
        "pages": pages,
        "places": [[label, *place] for label, source in sources.items() for place in source.places.items()],
        "replaced": {label: sorted(source.replaced) for label, source in sources.items() if source.replaced},
        "unprinted": {label: sorted(source.unprinted) for label, source in sources.items() if source.unprinted},
    }


def _answer(folder: Path, values: Any) -> None:
    (folder / "answer.json").write_text(json.dumps(values), "utf-8")


def _tell_nobody(_done: int) -> None:
    return None


def open_exhibits(folder: Path, settings: Any, values: Any) -> dict[str, Exhibit]:
    """Open the files of the exhibits of a book that was made, to lay their pages again."""
    exhibits = {label: Exhibit(folder, found) for label, found in settings["exhibits"].items()}
    for exhibit in values["exhibits"]:
        if exhibit["sheets"]:
            exhibits[exhibit["label"]].prepare(exhibit, archival=False)
    return exhibits


def _begin(folder: Path, label: str) -> None:
    """Write down which exhibit is begun: whoever started this process knows then on which one it ended."""
    if (folder / "cancel").exists():
        raise Cancelled
    (folder / "exhibit").write_text(label, "ascii")


def _give_back_memory() -> None:
    """Give back what Typst held before the pages are laid: a sandboxed child cannot fork another one."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def _typeset(folder: Path, values: Any, settings: Mapping[str, Any], output: Path, *, archival: bool) -> None:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=settings["fonts"])
    compiler = typst.Compiler(
        folder / "livret.typ",
        root=folder,
        font_paths=fonts,
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(values, ensure_ascii=False), **settings["look"]},
    )
    compiler.compile(
        output=output, format="pdf", pdf_standards=_STANDARDS if archival else [], timestamp=settings["timestamp"]
    )


def _lay_readable(folder: Path, frame: Path, values: Any, sources: Mapping[str, Exhibit], progress: Any) -> None:
    """Lay the pages of the exhibits, and withdraw all those of a book that cannot be written."""
    try:
        _lay(folder, frame, values, sources, progress)
    except Cancelled:
        raise
    except Exception:  # no page is named: each one gives way to its image
        laid = [(source, number) for source in sources.values() for number in source.laid_as_they_are]
        if not laid:
            raise
        for source, number in laid:
            source.withdraw(number)


def _lay(folder: Path, frame: Path, values: Any, sources: Mapping[str, Exhibit], progress: Any) -> None:
    """Lay the pages of the exhibits."""
    overlay, done = Overlay(frame, is_draft=values["draft"]), 0
    for exhibit in values["exhibits"]:
        _begin(folder, exhibit["label"])
        source, frames = sources[exhibit["label"]], frames_of(exhibit["sheets"])
        for sheet in exhibit["sheets"]:
            place = source.lay(overlay, exhibit["label"], sheet["number"], frames[sheet["number"]])
            if place is not None:
                source.places[sheet["number"]] = overlay.places[exhibit["label"], sheet["number"]]
                overlay.mark(exhibit["label"], sheet["number"], place, sheet["regions"])
        done += len(exhibit["sheets"])
        progress(done)
    _begin(folder, "")
    overlay.save(folder / "output.pdf")


class Exhibit:
    """The file of an exhibit in the folder, and the images of its pages."""

    def __init__(self, folder: Path, found: Mapping[str, Any]) -> None:
        self._folder = folder
        self._found = found
        self._images: dict[str, str] = found["images"]
        self._own: set[int] = set(found["own"])
        self._kept: set[int] = set(found["kept"])
        self.source = SourcePdf(None)
        self.replaced: set[int] = set(found["replaced"])
        # Pages that are laid otherwise in another turn: as their image or, without one that can be read, as a sentence.
        self.needed: set[int] = set()
        # Pages in the place of which a sentence is printed, and the place in the book of each that is laid.
        self.unprinted: set[int] = set()
        self.places: dict[int, int] = {}

    @property
    def laid_as_they_are(self) -> frozenset[int]:
        """Return the numbers of the pages taken from the PDF."""
        return frozenset(self._own)

    def prepare(self, exhibit: Any, *, archival: bool) -> None:
        """Say of each sheet which way it is turned and, in the archival edition, which picture it holds."""
        pdf = self._found["pdf"]
        self.source = SourcePdf(self._folder / pdf if pdf and not archival else None)
        if self._found["recording"]:
            from portfolio.documents.livret.sources import (
                take_stills,
            )  # most books hold no film: its library loads slowly

            take_stills(self._folder, self._found, exhibit["media"])
        for sheet in exhibit["sheets"]:
            self._prepare_sheet(sheet, archival=archival)

    def _prepare_sheet(self, sheet: Any, *, archival: bool) -> None:
        number = sheet["number"]
        found_own = self._found["own"]
        page = self.source.page(number) if number in self._own else None
        if page is not None:
            with suppress(Exception):  # a page without surface, or with one that cannot be read
                sheet["landscape"] = is_landscape(page)
                return
        image = self._images.get(str(number))
        if image is None and number in self._kept:
            self.needed.add(number)
            return
        self._own.discard(number)
        for picture_of in (self._images.__getitem__, self._drawn):
            with suppress(Exception):  # no image, or one that cannot be read
                self._prepare_image(sheet, picture_of(str(number)), archival=archival)
                if number in found_own and not archival:
                    self.replaced.add(number)
                return
        self._images.pop(str(number), None)
        sheet["notice"] = self._found["not_drawn"]
        self.unprinted.add(number)

    def _prepare_image(self, sheet: Any, image: str, *, archival: bool) -> None:
        landscape = is_image_landscape(self._folder / image)
        if archival:
            jpeg, across, down = jpeg_of(self._folder / image, ARCHIVAL_QUALITY)
            name = Path(image).stem + ".jpg"
            (self._folder / name).write_bytes(jpeg)
            sheet["image"] = name
            sheet["across"], sheet["down"] = fitted(across, down, landscape=landscape)
        sheet["landscape"] = landscape

    def _drawn(self, number: str) -> str:
        """Draw a page of which the store has no image, and return the name of its picture. Raise what PDFium raises."""
        drawn = {*self._found["own"], *self._found["replaced"]}.difference(self._found["undrawn"])
        if int(number) not in drawn:
            raise ValueError("a page that was never drawn, or that hides something")
        name = f"{Path(self._found['pdf']).stem}-{number}.webp"
        with (self._folder / self._found["pdf"]).open("rb") as content:
            PdfRenderer(content).draw(int(number), READING_QUALITY[0]).save(self._folder / name, "WEBP")
        self._images[number] = name
        return name

    def withdraw(self, number: int) -> None:
        """Have a page laid otherwise, in another turn."""
        if number in self._own or str(number) in self._images:
            self.needed.add(number)

    def lay(self, overlay: Overlay, label: str, number: int, frame: Any) -> Box | None:
        """Lay one page; a page of a PDF that cannot be taken is laid as its image."""
        page = self.source.page(number) if number in self._own else None
        if page is not None:
            self.source.flatten()
            try:
                return overlay.lay_page(label, number, self.source, page, frame)
            except Exception:  # one page, whatever it holds, breaks no book
                self.replaced.add(number)
                if str(number) not in self._images:
                    self.withdraw(number)
        image = self._images.get(str(number))
        if image is None:
            return None
        try:
            jpeg, across, down = jpeg_of(self._folder / image, READING_QUALITY)
            return overlay.lay_image(label, number, jpeg, (across, down), frame)
        except Exception:
            self.withdraw(number)
            return None


if __name__ == "__main__":
    make(Path(sys.argv[1]))


_SPLITTING = "portfolio.documents.livret.splitting"
_CHUNK_BYTES = 1024 * 1024
DIGESTS = "empreintes.json"


def made_pack(folder: Path, printable: PrintableDossier, progress: Progress) -> tuple[Path, Mapping[str, Any]]:
    """Split the book of a folder, and return the ZIP of its files with what was done."""
    from portfolio.documents.livret.readers import fatal_pages

    facts = json.loads((folder / "answer.json").read_text("utf-8"))
    shutil.copyfile(TEMPLATES / "francevae.typ", folder / "francevae.typ")
    answer = run_watched(_SPLITTING, folder, lambda done: progress(done, max(done, 1)))
    for file in answer["files"]:
        path = folder / file["name"]
        with _watched(folder, lambda done: progress(done, max(done, 1))) as cancelled:
            if fatal_pages(path, file.pop("pages"), cancelled.is_set):
                raise EditionFailed("a reader ends on a file of the pack, and not on the book of which it is made")
        file["size"], file["sha256"] = path.stat().st_size, _digest(path)
    contents = {"format": "acquis-france-vae-pack", "root": printable.root, **answer}
    pack = folder / "pack.zip"
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_STORED) as archive:
        for file in answer["files"]:
            archive.write(folder / file["name"], file["name"])
        archive.writestr(DIGESTS, json.dumps(contents, ensure_ascii=False, indent=2))
    return pack, contents | facts


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as content:
        while chunk := content.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
