"""Documents, workbooks and presentations as PDF by LibreOffice, where this machine has it.

A LibreOffice is used for one file, then thrown away. A worker has one started ahead of the next file, which ends when
no file comes.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue

from portfolio.domain.dossier.rules.rendition import RenditionFailure
from portfolio.files.conversion.codes import MAX_PAGES, NotConverted, row_counts, sheet_extents
from portfolio.files.conversion.fonts import fonts_of_other_scripts
from portfolio.files.conversion.office_main import LIBRARIES
from portfolio.files.conversion.processes import bounded_seconds, failure_of, readable_paths, run_main
from portfolio.files.file_types.types import FileCategory, FileType, SheetExtent
from portfolio.files.sandbox.fork_server import idle_s
from portfolio.files.sandbox.process import NotLeft, create_anew, is_left, open_left
from portfolio.files.sandbox.program_sandbox import ProgramLimits, WaitingModule, run_program
from portfolio.files.storage.store import CHUNK_BYTES
from portfolio.files.storage.temporary_folder import folder_of_process

_log = logging.getLogger(__name__)
# Names another program, or none with an empty value: tests run without LibreOffice so.
SETTING = "LIBREOFFICE"
_PLACES = ("/usr/lib/libreoffice/program", "/usr/lib64/libreoffice/program", "/opt/libreoffice/program")
_MODULES = {
    FileCategory.DOCUMENT: "libswlo.so",
    FileCategory.SPREADSHEET: "libsclo.so",
    FileCategory.SLIDES: "libsdlo.so",
}
_DRAWINGS = frozenset({FileType.ODG, FileType.FODG, FileType.EMF, FileType.WMF})
_MAIN = "portfolio.files.conversion.office_main"
_LAYOUT = "portfolio.files.conversion.sheet_layout"
_NOTES = "portfolio.files.conversion.slide_notes"
_COUNTING = "portfolio.files.conversion.counting"
_QUIET = ["--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard", "--nologo"]
# A new profile is written, and the program asks to be started again.
_START_AGAIN = 81
_TRIES = 3
# Of a file, all that is asked of LibreOffice together, and its start.
_LIMITS = ProgramLimits(cpu_seconds=150, memory=4 * 1024**3)
# Seconds of processor for one thing that is asked; of a small file, and for the layout of its table.
_SECONDS, _OF_SMALL, _OF_SMALL_LAYOUT = 75, 18, 8
# No macro runs, no link is followed, nothing is fetched or recovered. Active content as a whole is not
# disabled: charts are objects too.
_SETTINGS: Mapping[str, Mapping[str, int | bool]] = {
    "org.openoffice.Office.Common/Security/Scripting": {
        "MacroSecurityLevel": 3, "DisableMacrosExecution": True, "BlockUntrustedRefererLinks": True,
        "DisableOLEAutomation": True, "DisablePythonRuntime": True,
    },
    "org.openoffice.Office.Writer/Content/Update": {"Link": 2},
    "org.openoffice.Office.Calc/Content/Update": {"Link": 2},
    "org.openoffice.Office.Recovery/AutoSave": {"Enabled": False},
    "org.openoffice.Office.Java/VirtualMachine": {"Enable": False},
    "org.openoffice.Office.Common/Misc": {"UseOpenCL": False},
}  # fmt: skip
# What LibreOffice reads beside its own folder and the libraries of the system: settings, fonts, languages.
_READ = (
    "/etc/alternatives", "/etc/fonts", "/etc/libreoffice", "/usr/local/share/fonts", "/usr/share/fontconfig",
    "/usr/share/fonts", "/usr/share/hunspell", "/usr/share/hyphen", "/usr/share/icu", "/usr/share/liblangtag",
    "/usr/share/libexttextcat", "/usr/share/libnumbertext", "/usr/share/libreoffice", "/usr/share/mythes",
    "/usr/share/texmf/fonts", "/var/cache/fontconfig", "/var/lib/libreoffice", "/var/spool/libreoffice",
)  # fmt: skip


@cache
def program_folder(setting: str | None = None) -> Path | None:
    """Return the folder of LibreOffice on this machine; None without it."""
    found = shutil.which("soffice")
    places = (
        [setting] if setting is not None else [*_PLACES, *([os.path.dirname(os.path.realpath(found))] if found else [])]
    )
    return next(
        (Path(place) for place in places if place and any((Path(place) / name).is_file() for name in LIBRARIES)), None
    )


def has_office(kind: FileType) -> bool:
    """Return whether LibreOffice is here, with the module that opens files of this kind."""
    folder = program_folder(os.environ.get(SETTING))
    module = _MODULES[FileCategory.SLIDES if kind in _DRAWINGS else kind.family]
    return folder is not None and (folder / module).is_file()


def convert_office(kind: FileType, folder: Path) -> tuple[Path, int, tuple[int, int] | None, tuple[SheetExtent, ...]]:
    """Make the PDF of `input` in this folder, and return where it is, its pages and, if rows were left out, how
    many are shown of how many, and the sheets of a workbook; raises NotConverted.
    """
    source, made = folder / f"document.{kind.value}", folder / "made.pdf"
    seconds = bounded_seconds(folder, _SECONDS, _OF_SMALL)
    (folder / "input").rename(source)
    options: dict[str, object] = {"PageRange": _text(f"1-{MAX_PAGES + 1}"), "UseTaggedPDF": _flag(False)}
    rows: tuple[int, int] | None = None
    sheets: tuple[SheetExtent, ...] = ()
    with _lent() as office:
        if kind.family is FileCategory.SPREADSHEET:
            office.save(source, folder / "workbook.ods", {}, seconds)
            limits = ProgramLimits(cpu_seconds=bounded_seconds(folder, 60, _OF_SMALL_LAYOUT), memory=2 * 1024**3)
            answer = run_main(_LAYOUT, folder, limits=limits)
            rows, sheets = row_counts(answer["rows"]), sheet_extents(answer.get("sheets"))
            source = folder / "prepared.ods"
        elif kind.family is FileCategory.SLIDES:
            options["ExportNotesPages"] = _flag(_has_notes(kind, folder, source))
        elif kind not in _DRAWINGS:
            options["ExportNotesInMargin"] = _flag(True)
        try:
            pages = office.save(source, made, options, seconds)
        except NotConverted as error:
            if error.reason is not RenditionFailure.UNREADABLE or kind.family is FileCategory.SPREADSHEET:
                raise
            made, pages = _made_by_program(kind, folder, source, options)
    if pages < 1:
        raise NotConverted(RenditionFailure.UNREADABLE)
    return made, pages, rows, sheets


def _made_by_program(kind: FileType, folder: Path, source: Path, options: dict[str, object]) -> tuple[Path, int]:
    """Make the PDF by the program itself: it opens documents that hold those of other programs, which its library
    does not; some are only written without their notes.
    """
    program, read = _prepare(folder)
    path = folder / "made" / f"{source.stem}.pdf"
    limits = replace(_LIMITS, cpu_seconds=bounded_seconds(folder, _SECONDS, _OF_SMALL))
    profile = (folder.resolve() / "profile").as_uri()
    command = [str(program / "soffice.bin"), *_QUIET, f"-env:UserInstallation={profile}"]
    writer = "draw" if kind in _DRAWINGS else "impress" if kind.family is FileCategory.SLIDES else "writer"
    notes = [option for option in options if option.startswith("ExportNotes")]
    for left_out in ([], notes) if notes else ([],):
        kept = {name: value for name, value in options.items() if name not in left_out}
        made = ["--convert-to", f"pdf:{writer}_pdf_Export:{json.dumps(kept)}", "--outdir", "made", source.name]
        for _ in range(_TRIES):
            status = run_program([*command, *made], folder, limits, read=read)
            if status != _START_AGAIN:
                break
        if is_left(path):
            return path, int(run_main(_COUNTING, folder, str(path.relative_to(folder)))["pages"])
        if (reason := failure_of(status)) is not RenditionFailure.UNREADABLE:  # no other way of asking takes less
            raise NotConverted(reason)
    raise NotConverted(RenditionFailure.UNREADABLE)


def _prepare(folder: Path) -> tuple[Path, list[str]]:
    """Give a folder what LibreOffice finds in its home; return where the program is, and what it reads elsewhere."""
    program = program_folder(os.environ.get(SETTING))
    assert program is not None
    user = folder / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(_registry(), "utf-8")
    fonts = fonts_of_other_scripts()
    (folder / ".fonts").mkdir()  # where fontconfig looks
    for path in fonts:
        (folder / ".fonts" / Path(path).name).symlink_to(path)
    return program, [*_READ, str(program.parent), *fonts]


class _Office:
    """A LibreOffice that is started, with a folder of its own; it is used for one file."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(dir=folder_of_process()))
        program, read = _prepare(self._folder)
        read += readable_paths()
        self._module = WaitingModule(_MAIN, [str(program)], self._folder, _LIMITS, read=read)

    @property
    def is_alive(self) -> bool:
        return self._module.is_alive

    def save(self, source: Path, target: Path, options: Mapping[str, object], seconds: int) -> int:
        """Save a file in the format of another name, in at most so many seconds of processor, and return how many
        pages it has as a PDF; raise NotConverted, TimeoutError.
        """
        asked = {
            "source": source.name, "target": target.name, "format": target.suffix[1:],
            "options": options, "seconds": seconds,
        }  # fmt: skip
        shutil.copyfile(source, self._folder / source.name)
        answer = self._module.ask(json.dumps(asked))
        if answer is None:
            raise NotConverted(failure_of(self._module.end() or 0))
        try:
            with open_left(self._folder / target.name) as made, create_anew(target) as copy:
                shutil.copyfileobj(made, copy, CHUNK_BYTES)
            return int(answer)
        except (NotLeft, ValueError) as error:
            raise NotConverted(RenditionFailure.UNREADABLE) from error

    def end(self) -> None:
        """Throw it away."""
        self._module.end()
        shutil.rmtree(self._folder, ignore_errors=True)


class _Ahead:
    """The LibreOffice of a worker that waits for the next file."""

    def __init__(self) -> None:
        self._waiting = SimpleQueue[_Office]()
        self._used: SimpleQueue[_Office | None] | None = None

    def start(self) -> None:
        """Have one started from now on, each time that one was used."""
        folder_of_process()  # removed after it
        atexit.register(self.end)
        self._used = SimpleQueue()
        self._used.put(None)
        # A thread that stays, for a process ends with the thread that has started it; none that is nice.
        threading.Thread(target=self._keep, args=(self._used,), daemon=True).start()

    def take(self) -> _Office:
        """Return the one that waits, or one that starts now."""
        with suppress(Empty):
            office = self._waiting.get_nowait()
            if office.is_alive:
                return office
            self.throw_away(office)
        return _Office()

    def throw_away(self, office: _Office) -> None:
        """End one that was used; nobody waits for that in a worker."""
        if self._used is None:
            office.end()
        else:
            self._used.put(office)

    def end(self) -> None:
        """End the one that waits."""
        with suppress(Empty):
            self._waiting.get_nowait().end()

    def _keep(self, used: SimpleQueue[_Office | None]) -> None:
        while True:
            try:
                office = used.get(timeout=idle_s())
            except Empty:  # nobody asks: the next file starts its own, and one ahead of the next
                self.end()
                office = used.get()
            try:
                if office is not None:
                    office.end()
                if self._waiting.empty():
                    self._waiting.put(_Office())
            except OSError as error:
                _log.warning("no LibreOffice could be started ahead: %s", error)


_ahead = _Ahead()


def start_ahead() -> None:
    """Keep a LibreOffice started for the next file, where this machine has it."""
    if program_folder(os.environ.get(SETTING)) is not None:
        _ahead.start()


@contextmanager
def _lent() -> Iterator[_Office]:
    office = _ahead.take()
    try:
        yield office
    finally:
        _ahead.throw_away(office)


def _registry() -> str:
    items = "".join(
        (
            f'<item oor:path="/{path}"><prop oor:name="{name}" '
            f'oor:op="fuse"><value>{str(value).lower()}</value></prop></item>'
        )
        for path, values in _SETTINGS.items()
        for name, value in values.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><oor:items '
        f'xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>'
    )


def _has_notes(kind: FileType, folder: Path, source: Path) -> bool:
    if kind in (FileType.PPT, FileType.FODP):
        return False
    try:
        return bool(run_main(_NOTES, folder, source.name)["has_notes"])
    except NotConverted:
        return False


def _text(value: str) -> dict[str, str]:
    return {"type": "string", "value": value}


def _flag(value: bool) -> dict[str, str]:
    return {"type": "boolean", "value": str(value).lower()}
