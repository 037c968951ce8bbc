"""The one way to make a file readable: which converter takes it, on this machine, and what comes out."""

from __future__ import annotations

import logging
import os
import resource
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from portfolio.domain.dossier.rules.rendition import RenditionFailure
from portfolio.files.conversion import office, pandoc
from portfolio.files.conversion.codes import MAX_PAGES, NotConverted, open_made, row_counts, sheet_extents
from portfolio.files.conversion.contents import InnerEntry, InnerFault
from portfolio.files.conversion.processes import bounded_seconds, run_main, work_folder
from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import (
    OPENDOCUMENTS,
    PDF_TYPE,
    WORKBOOKS,
    Converted,
    Converter,
    FileRejected,
    FileType,
    RejectionReason,
    Route,
    route_of,
)
from portfolio.files.sandbox.process import NotLeft, create_anew, is_left, open_left
from portfolio.files.sandbox.program_sandbox import ProgramLimits
from portfolio.files.storage.store import CHUNK_BYTES

_log = logging.getLogger(__name__)
_PAGES, _JOINING, _COUNTING, _RECORDING, _EMBEDDED, _PREVIEW = (
    f"portfolio.files.conversion.{name}"
    for name in ("making_pages", "joining", "counting", "recording", "embedded_files", "preview")
)
# What a document of Apple may hold as its preview.
_PREVIEW_KINDS = (FileType.PDF, FileType.JPEG, FileType.PNG)
_MARKDOWN = (".md", ".markdown")
# Office documents of which a library reads the words or the values where LibreOffice does not.
_READ_BY_LIBRARY = WORKBOOKS | OPENDOCUMENTS | pandoc.FORMATS.keys()
# Of a recording: the longest that is worth waiting for, and what it may weigh once made.
_RECORDING_LIMITS = ProgramLimits(cpu_seconds=7200, patience=4, memory=3 * 1024**3, file_bytes=4_000_000_000)
# Of the files inside another one: seconds of processor, all together, and inside a small one.
_CONTAINER_SECONDS, _OF_SMALL_CONTAINER = 300, 30
_PLAYED = {"output.mp4": "video/mp4", "output.m4a": "audio/mp4"}


@contextmanager
def converted(content: BinaryIO, kind: FileType, name: str = "") -> Iterator[Converted]:
    """Lend what is made of a file, deleted afterwards; raise NotConverted, StoreFull, TimeoutError.

    `name` only tells Markdown from other texts.
    """
    with work_folder(content) as folder:
        yield _converted(folder, kind, name, depth=0)


def _converted(folder: Path, kind: FileType, name: str, depth: int) -> Converted:
    match route_of(kind):
        case Route.OFFICE:
            return _office(folder, kind)
        case Route.TYPESET:
            return _typeset(folder, kind, name)
        case Route.CONTAINER:
            return _container(folder, kind, depth)
        case Route.PREVIEW:
            return _preview(folder)
        case Route.MEDIA:
            return _recording(folder, kind)
    raise NotConverted(RenditionFailure.UNREADABLE)


def _office(folder: Path, kind: FileType) -> Converted:
    if not office.has_office(kind):
        return _without_office(folder, kind)
    kept = folder / "kept"
    shutil.copyfile(folder / "input", kept)
    try:
        path, pages, rows, sheets = office.convert_office(kind, folder)
    except NotConverted as error:
        if error.reason is RenditionFailure.NO_WALL or kind not in _READ_BY_LIBRARY:
            raise
        _log.warning("LibreOffice made nothing of a file of kind %s: %s", kind, error)
        kept.replace(folder / "input")
        return _without_office(folder, kind)
    return replace(_cut(path, pages, Converter.LIBREOFFICE, rows is not None, rows), sheets=sheets)


def _without_office(folder: Path, kind: FileType) -> Converted:
    """Make the pages of what a library reads; what none reads is kept, and not shown."""
    if kind not in _READ_BY_LIBRARY:
        raise NotConverted(RenditionFailure.NO_CONVERTER)
    if kind in pandoc.FORMATS:
        try:
            pandoc.to_html(pandoc.FORMATS[kind], folder)
            return _pages(folder, FileType.HTML)
        except NotConverted:
            if kind not in OPENDOCUMENTS:
                raise
    return _pages(folder, kind)


def _typeset(folder: Path, kind: FileType, name: str) -> Converted:
    if kind is FileType.TEXT and name.lower().endswith(_MARKDOWN):
        pandoc.to_html(pandoc.MARKDOWN, folder)
        kind = FileType.HTML
    return _pages(folder, kind)


def _pages(folder: Path, kind: FileType) -> Converted:
    answer = run_main(_PAGES, folder, kind.value)
    path = folder / "output.pdf"
    pages = _counted(folder, path)
    made = _cut(path, pages, Converter.TEXT, bool(answer["is_cut"]), row_counts(answer["rows"]))
    return replace(made, sheets=sheet_extents(answer.get("sheets")))


def _cut(path: Path, pages: int, converter: Converter, is_cut: bool, rows: tuple[int, int] | None) -> Converted:
    """Return the pages that are shown of a PDF that was made; the rows of those beyond are not counted."""
    if pages > MAX_PAGES:
        return Converted(path, PDF_TYPE, MAX_PAGES, converter, is_cut=True)
    return Converted(path, PDF_TYPE, pages, converter, is_cut, rows)


@contextmanager
def with_inner_files(content: BinaryIO) -> Iterator[Converted]:
    """Lend a PDF followed by the pages of the files that it carries, deleted afterwards; raise
    NotConverted, StoreFull.
    """
    with work_folder(content) as folder:
        yield _joined(folder, "input", run_main(_EMBEDDED, folder), depth=1)


def _container(folder: Path, kind: FileType, depth: int) -> Converted:
    """Make the pages of a message or of an archive: its own, then those of the files inside it."""
    return _joined(folder, "output.pdf", run_main(_PAGES, folder, kind.value), depth)


def _joined(folder: Path, first: str, answer: Mapping[str, Any], depth: int) -> Converted:
    most = _children_seconds() + bounded_seconds(folder, _CONTAINER_SECONDS, _OF_SMALL_CONTAINER)
    made = [
        _inner(folder, number, file, depth) if _children_seconds() < most else (file, "", InnerFault.TOO_MANY)
        for number, file in enumerate(answer["files"])
    ]
    paths = [first, *(path for _, path, _ in made if path)]
    counts = iter(run_main(_JOINING, folder, *paths)["pages"])
    page, entries = next(counts), []
    for file, path, fault in made:
        count = next(counts) if path else 0
        missing = fault or ("" if count else InnerFault.BEYOND if page >= MAX_PAGES else InnerFault.NOT_SHOWN)
        entries.append(
            InnerEntry(file["name"][:200], file["size"], page + 1 if count else 0, count, missing).to_value()
        )
        page += count
    return Converted(
        folder / "joined.pdf", PDF_TYPE, page, Converter.TEXT, bool(answer["is_cut"]), entries=tuple(entries)
    )


def _children_seconds() -> float:
    """Return how many seconds of processor the ended children of this process have taken."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def _inner(folder: Path, number: int, file: Mapping[str, Any], depth: int) -> tuple[Mapping[str, Any], str, str]:
    """Make the pages of a file inside another one: return it, the name of what was made, or why there is nothing."""
    source = folder / f"inner-{number}"
    if file["fault"] or not is_left(source):
        return file, "", file["fault"] or InnerFault.NOT_SHOWN
    with open_left(source) as content:
        try:
            kind = sniff(content, os.fstat(content.fileno()).st_size).kind
        except FileRejected as refusal:
            if refusal.code is RejectionReason.NOT_CHECKED:
                raise TimeoutError from refusal
            return (file, "", InnerFault.PASSWORD if refusal.code is RejectionReason.PASSWORD else InnerFault.REFUSED)
        route = route_of(kind)
        if route is None:
            return file, source.name, ""
        if route is Route.MEDIA or (route is Route.CONTAINER and (depth or kind is FileType.ZIP)):
            return file, "", InnerFault.RECORDING if route is Route.MEDIA else InnerFault.NESTED
        return file, *_made_inside(folder, number, content, kind, file["name"])


def _made_inside(folder: Path, number: int, content: BinaryIO, kind: FileType, name: str) -> tuple[str, str]:
    try:
        with work_folder(content) as inner:
            made = _converted(inner, kind, name, depth=1)
            with open_made(made) as source, create_anew(folder / f"made-{number}") as copy:
                shutil.copyfileobj(source, copy, CHUNK_BYTES)
    except NotConverted:
        return "", InnerFault.NOT_SHOWN
    return f"made-{number}", ""


def _preview(folder: Path) -> Converted:
    """Make the pages of the preview that a document holds: checked as any file that comes alone."""
    run_main(_PREVIEW, folder)
    source = folder / "inner-0"
    try:
        with open_left(source) as content:
            kind = sniff(content, os.fstat(content.fileno()).st_size).kind
    except (FileRejected, NotLeft) as refusal:
        if isinstance(refusal, FileRejected) and refusal.code is RejectionReason.NOT_CHECKED:
            raise TimeoutError from refusal
        raise NotConverted(RenditionFailure.UNREADABLE) from refusal
    if kind not in _PREVIEW_KINDS:
        raise NotConverted(RenditionFailure.UNREADABLE)
    [pages] = run_main(_JOINING, folder, source.name)["pages"]
    if not pages:
        raise NotConverted(RenditionFailure.UNREADABLE)
    return Converted(folder / "joined.pdf", PDF_TYPE, pages, Converter.PREVIEW)


def _recording(folder: Path, kind: FileType) -> Converted:
    answer = run_main(_RECORDING, folder, kind.value, limits=_RECORDING_LIMITS)
    name = answer["name"]
    seconds = max(1, round(answer["seconds"])) if answer["seconds"] else None
    poster = folder / "poster.png"
    return Converted(
        folder / name, _PLAYED[name], 1, Converter.MEDIA, seconds=seconds, poster=poster if is_left(poster) else None
    )


def count_pdf(content: BinaryIO) -> tuple[int, int]:
    """Return how many pages a PDF has, and how many characters they hold; raise NotConverted when it
    cannot be opened.
    """
    with work_folder(content) as folder:
        answer = run_main(_COUNTING, folder, "input")
        return int(answer["pages"]), int(answer["characters"])


def _counted(folder: Path, path: Path) -> int:
    pages = int(run_main(_COUNTING, folder, str(path.relative_to(folder)))["pages"])
    if pages < 1:
        raise NotConverted(RenditionFailure.UNREADABLE)
    return pages
