"""Ask a limited child what a copy of a file must not carry; this process never reads what is inside the file."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import BinaryIO

from portfolio.evidence.unlocated.cut import CannotClean, Cut, read_cuts
from portfolio.storage.confinement import READY
from portfolio.storage.kinds import FileKind
from portfolio.storage.limited_child import as_a_real_file, run_child

_log = logging.getLogger(__name__)

_MAIN = "portfolio.evidence.unlocated.finding"
# Cameras write where they were in these; the list of what the child can look into.
LOCATED = frozenset(
    {
        FileKind.JPEG,
        FileKind.PNG,
        FileKind.WEBP,
        FileKind.TIFF,
        FileKind.HEIC,
        FileKind.AVIF,
        FileKind.MP4,
        FileKind.MOV,
        FileKind.M4A,
    }
)
_SECONDS, _BYTES_A_SECOND = 10, 50_000_000
_MOST = 8_000_000


class NotLooked(Exception):  # noqa: N818 - our own fault, told in the log
    """The child could not run."""


def kind_located(mime: str) -> FileKind | None:
    """Answer the kind of file that has this media type, if it may tell where it was made."""
    return next((one for one in LOCATED if one.mime == mime), None)


def look(content: BinaryIO, kind: FileKind, size: int) -> Sequence[Cut]:
    """Answer what to cut from a file of this size in bytes: nothing when it tells no place.

    Raises CannotClean when that cannot be known for sure, NotLooked when the child could not run.
    """
    with as_a_real_file(content) as file:
        output = run_child(_MAIN, file, _SECONDS + size // _BYTES_A_SECOND, kind.value, most=_MOST)
    if not output.startswith(READY):
        raise NotLooked
    try:
        return read_cuts(output.removeprefix(READY), size)
    except ValueError as error:
        _log.warning("a file could not be cleaned")
        raise CannotClean from error
