"""Documents, workbooks and presentations as PDF by LibreOffice, where this machine has it."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from portfolio.domain.dossier.rules.rendition import RenditionFailure
from portfolio.files.conversion.codes import MAX_PAGES, NotConverted, row_counts, sheet_extents
from portfolio.files.conversion.fonts import fonts_of_other_scripts
from portfolio.files.conversion.process_folder import make_process_folder
from portfolio.files.conversion.processes import bounded_seconds, failure_of, run_main
from portfolio.files.file_types.types import FileCategory, FileType, SheetExtent
from portfolio.files.sandbox.left_files import is_left
from portfolio.files.sandbox.program_sandbox import ProgramLimits, run_program

# Names another program, or none with an empty value: tests run without LibreOffice so.
SETTING = "LIBREOFFICE"
_PLACES = ("/usr/lib/libreoffice/program", "/usr/lib64/libreoffice/program", "/opt/libreoffice/program")
_MODULES = {
    FileCategory.DOCUMENT: "libswlo.so",
    FileCategory.SPREADSHEET: "libsclo.so",
    FileCategory.SLIDES: "libsdlo.so",
}
_FILTERS = {
    FileCategory.DOCUMENT: "writer_pdf_Export",
    FileCategory.SPREADSHEET: "calc_pdf_Export",
    FileCategory.SLIDES: "impress_pdf_Export",
}
_DRAWINGS = frozenset({FileType.ODG, FileType.FODG, FileType.EMF, FileType.WMF})
_OF_DRAWINGS = ("libsdlo.so", "draw_pdf_Export")
_LAYOUT = "portfolio.files.conversion.sheet_layout"
_NOTES = "portfolio.files.conversion.slide_notes"
# A new profile is written, and the program asks to be started again.
_START_AGAIN = 81
_TRIES = 3
_LIMITS = ProgramLimits(cpu_seconds=75, memory=4 * 1024**3)
# Of a small file, seconds of processor: for each of two runs of LibreOffice, and for the layout of a table.
_OF_SMALL, _OF_SMALL_LAYOUT = 18, 8
_QUIET = ["--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard", "--nologo"]
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
_profile_lock = threading.Lock()
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
    return next((Path(place) for place in places if place and (Path(place) / "soffice.bin").is_file()), None)


def has_office(kind: FileType) -> bool:
    """Return whether LibreOffice is here, with the module that opens files of this kind."""
    folder = program_folder(os.environ.get(SETTING))
    return folder is not None and (folder / _parts_of(kind)[0]).is_file()


def _parts_of(kind: FileType) -> tuple[str, str]:
    """Return the module that opens files of this kind, and the filter that writes their PDF."""
    return _OF_DRAWINGS if kind in _DRAWINGS else (_MODULES[kind.family], _FILTERS[kind.family])


def convert_office(kind: FileType, folder: Path) -> tuple[Path, tuple[int, int] | None, tuple[SheetExtent, ...]]:
    """Make the PDF of `input` in this folder, and return where it is and, if rows were left out, how many are
    shown of how many, and the sheets of a workbook; raises NotConverted.
    """
    source = folder / f"document.{kind.value}"
    (folder / "input").rename(source)
    options: dict[str, object] = {"PageRange": _text(f"1-{MAX_PAGES + 1}"), "UseTaggedPDF": _flag(False)}
    rows: tuple[int, int] | None = None
    sheets: tuple[SheetExtent, ...] = ()
    if kind.family is FileCategory.SPREADSHEET:
        _run(folder, ["--convert-to", "ods:calc8", "--outdir", "first", source.name])
        _made(folder / "first" / "document.ods").rename(folder / "workbook.ods")
        limits = ProgramLimits(cpu_seconds=bounded_seconds(folder, 60, _OF_SMALL_LAYOUT), memory=2 * 1024**3)
        answer = run_main(_LAYOUT, folder, limits=limits)
        rows, sheets = row_counts(answer["rows"]), sheet_extents(answer.get("sheets"))
        source = folder / "prepared.ods"
    elif kind.family is FileCategory.SLIDES:
        options["ExportNotesPages"] = _flag(_has_notes(kind, folder, source))
    elif kind not in _DRAWINGS:
        options["ExportNotesInMargin"] = _flag(True)
    return _exported(kind, folder, source, options), rows, sheets


def _exported(kind: FileType, folder: Path, source: Path, options: dict[str, object]) -> Path:
    """Return the PDF; some documents are only written without their notes."""
    path = folder / "made" / f"{source.stem}.pdf"
    notes = [option for option in options if option.startswith("ExportNotes")]
    for left_out in ([], notes) if notes else ([],):
        kept = {name: value for name, value in options.items() if name not in left_out}
        target = f"pdf:{_parts_of(kind)[1]}:{json.dumps(kept)}"
        _run(folder, ["--convert-to", target, "--outdir", "made", source.name])
        if is_left(path):
            break
    return _made(path)


def _run(folder: Path, arguments: list[str]) -> None:
    program = program_folder(os.environ.get(SETTING))
    assert program is not None
    if not (folder / "profile").exists():
        shutil.copytree(_profile(program), folder / "profile")
        (folder / ".fonts").mkdir()  # its home, where fontconfig looks
        for fonts in fonts_of_other_scripts():
            (folder / ".fonts" / Path(fonts).name).symlink_to(fonts)
    limits = replace(_LIMITS, cpu_seconds=bounded_seconds(folder, _LIMITS.cpu_seconds, _OF_SMALL))
    for _ in range(_TRIES):
        status = run_program(
            [*_command(program, folder), *arguments],
            folder,
            limits,
            read=[*_READ, str(program.parent), *fonts_of_other_scripts()],
        )
        if status != _START_AGAIN:
            break
    reason = failure_of(status)
    if reason is not RenditionFailure.UNREADABLE:  # no other way of asking for it takes less
        raise NotConverted(reason)


def _command(program: Path, folder: Path) -> list[str]:
    profile = (folder.resolve() / "profile").as_uri()
    return [str(program / "soffice.bin"), *_QUIET, f"-env:UserInstallation={profile}"]


def _made(path: Path) -> Path:
    """Return what was made; raise NotConverted when there is nothing."""
    if not is_left(path):
        raise NotConverted(RenditionFailure.UNREADABLE)
    return path


def _profile(program: Path) -> Path:
    """Return a profile that is ready, which this process makes once without any file of anybody."""
    with _profile_lock:
        return _new_profile(program)


@cache
def _new_profile(program: Path) -> Path:
    folder = make_process_folder("acquis-office-")
    user = folder / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(_registry(), "utf-8")
    for _ in range(_TRIES):
        command = [*_command(program, folder), "--terminate_after_init"]
        if run_program(command, folder, _LIMITS, read=[*_READ, str(program.parent)]) != _START_AGAIN:
            break
    return folder / "profile"


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
