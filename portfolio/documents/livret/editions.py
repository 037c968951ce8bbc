"""Make a book in a private folder: gather its sources, let the sandboxed process typeset and lay its pages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from portfolio.documents.livret.book import ExhibitContents, book_of
from portfolio.documents.livret.sources import BookFolder, ExhibitSource, Words
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.domain.submission.rules.returns import EditionKind
from portfolio.files.conversion.codes import NotConverted
from portfolio.files.conversion.processes import run_main
from portfolio.files.sandbox.left_files import create_anew, open_left
from portfolio.files.sandbox.program_sandbox import ProgramLimits
from portfolio.files.storage.store import FileStore
from portfolio.files.storage.temporary_folder import temporary_folder

MAIN = "portfolio.documents.livret.making"
LIMITS = ProgramLimits(cpu_seconds=900, memory=4 * 1024**3, file_bytes=2_000_000_000)
POLL_SECONDS = 0.5
# Pages that cannot be laid as they are give way to their images; each round names more of them.
_MAX_ROUNDS = 4
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


def _run(
    folder: BookFolder, values: Mapping[str, Any], stamp: int, manifest: bytes, progress: Callable[[int], None]
) -> None:
    for _ in range(_MAX_ROUNDS):
        answer = run_watched(MAIN, folder.folder, progress)
        if "needed" not in answer:
            return
        for label, pages in answer["needed"].items():
            folder.replace_by_images(label, pages)
        folder.write(values, stamp, manifest)
    raise EditionFailed


def run_watched(main: str, folder: Path, progress: Callable[[int], None], arguments: Sequence[str] = ()) -> Any:
    """Run `main()` of a module in the sandbox, and pass on the progress that it writes, until it ends or
    is cancelled.
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
        answer = run_main(main, folder, *arguments, limits=LIMITS)
    except NotConverted as error:
        if cancelled.is_set():
            raise EditionCancelled from error
        raise EditionFailed(str(error)) from error
    finally:
        ended.set()
        thread.join()
    if cancelled.is_set():
        raise EditionCancelled
    return answer
