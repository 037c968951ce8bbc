"""Programs inside documents: an executable anywhere in what a document embeds, or a file that its name would have run.

Search long contents for short byte strings: by vector instructions, thirteen times as quickly as `re`.
"""

import re
import struct
from collections.abc import Iterable, Iterator
from typing import IO, BinaryIO

import stringzilla

from portfolio.files.file_types.types import FileRejected, RejectionReason

# Twice as large, each would come from the system as new pages, which takes twice the time of the search.
WINDOW = 120 * 1024
_PIECE = 1024 * 1024


def occurrences(content: bytes, literal: bytes) -> Iterator[int]:
    """Yield each place at which the literal begins, from the first on; nested ones too."""
    place = stringzilla.find(content, literal)
    while place >= 0:
        yield place
        place = stringzilla.find(content, literal, place + 1)


def pieces_of(content: IO[bytes]) -> Iterator[bytes]:
    """Yield what is left of a content, a megabyte at a time."""
    while piece := content.read(_PIECE):
        yield piece


def windows(content: BinaryIO, overlap: int) -> Iterator[tuple[int, bytes]]:
    """Yield a content in windows, each with the place of its first byte; each begins with the last `overlap`
    bytes of the one before. The content may be read elsewhere between two windows.
    """
    before, place = b"", 0
    content.seek(0)
    while piece := content.read(WINDOW):
        held = before + piece
        yield place - len(before), held
        place += len(piece)
        before = held[-overlap:]
        content.seek(place)


# How far into a program of Windows its second header may lie.
_FURTHEST = 4096
# What each begins with, or has as its second byte and the next ones.
_MZ, _ELF_BEGINS, _MACH_O_INSIDE = b"MZ", b"\x7fELF", b"\xfa\xed\xfe"
_ELF = re.compile(rb"\x7fELF[\x01\x02][\x01\x02]\x01.{9}(?:[\x01-\x04]\0|\0[\x01-\x04])", re.DOTALL)
_MACH_O = re.compile(rb"(?:\xce\xfa\xed\xfe|\xcf\xfa\xed\xfe)[\x07\x0c\x12]\0\0[\0\x01]")
_CLASS = re.compile(rb"\xca\xfe\xba\xbe\0[\0-\x03]\0[\x00-\x50]")
_BEGINNINGS = (b"#!/", b"#! /", b"dex\n03", b"L\0\0\0\x01\x14\x02\0")
_ENDINGS = (
    "exe|com|scr|pif|cpl|dll|msi|msp|msix|appx|bat|cmd|ps1|psm1|vbs|vbe|js|jse|ws|wsf|wsh|wsc|hta|lnk|scf|reg|inf|jar|class|"
    "apk|app|command|sh|elf|application|gadget|chm|xll|xlam|docm|dotm|xlsm|xltm|pptm|potm|ppam"
)
_NAMED = re.compile(rf"\.(?:{_ENDINGS})[\s.]*$", re.IGNORECASE)
# A path or a name as an object of Windows holds it: text, then a zero.
_NAMED_INSIDE = re.compile(rf"[^\x00-\x1f]{{1,250}}\.(?:{_ENDINGS})\s*\x00".encode("ascii"), re.IGNORECASE)

OVERLAP = 2 * _FURTHEST


def is_named_as_program(name: str) -> bool:
    """Return whether a file of this name would run when it is opened."""
    return _NAMED.search(name.replace("\u202e", "")) is not None


def names_program(content: bytes) -> bool:
    """Return whether an object of Windows carries a file whose name would run."""
    return _NAMED_INSIDE.search(content) is not None


def begins_as_program(content: bytes) -> bool:
    """Return whether a whole embedded file is a program or a script."""
    return (
        content.startswith(_BEGINNINGS) or _CLASS.match(content) is not None or holds_program(content[: 2 * _FURTHEST])
    )


def holds_program(content: bytes) -> bool:
    """Return whether an executable begins anywhere in these bytes."""
    return (
        _holds_windows(content)
        or any(_ELF.match(content, at) for at in occurrences(content, _ELF_BEGINS))
        or any(at and _MACH_O.match(content, at - 1) for at in occurrences(content, _MACH_O_INSIDE))
    )


def refuse_programs(pieces: Iterable[bytes]) -> None:
    """Read a content piece by piece; raise FileRejected (EMBEDDED_PROGRAM) when an executable begins anywhere in it."""
    before, first = b"", True
    for piece in pieces:
        held = before + piece
        if holds_program(held) or (first and begins_as_program(held)):
            raise FileRejected(RejectionReason.EMBEDDED_PROGRAM)
        before, first = held[-OVERLAP:], False


def _holds_windows(content: bytes) -> bool:
    for at in occurrences(content, _MZ):
        if len(content) >= at + 64:
            (further,) = struct.unpack_from("<I", content, at + 60)
            if 4 <= further <= _FURTHEST and content[at + further : at + further + 4] in (b"PE\0\0", b"NE\5\0"):
                return True
    return False
