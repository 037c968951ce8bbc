"""The limited child: finds what a copy of the file it was given must not carry, and answers it as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import BinaryIO

from portfolio.evidence.unlocated.cut import CannotClean, Cut, in_order, written
from portfolio.evidence.unlocated.iso import film_cuts, picture_cuts
from portfolio.evidence.unlocated.jpeg import jpeg_cuts
from portfolio.evidence.unlocated.png import png_cuts, webp_cuts
from portfolio.evidence.unlocated.reading import Bytes
from portfolio.evidence.unlocated.tiff import tiff_cuts
from portfolio.storage.confinement import READY, confine
from portfolio.storage.kinds import FileKind

FINDERS: Mapping[FileKind, Callable[[Bytes], Iterable[Cut]]] = {
    FileKind.JPEG: jpeg_cuts,
    FileKind.PNG: png_cuts,
    FileKind.WEBP: webp_cuts,
    FileKind.TIFF: tiff_cuts,
    FileKind.HEIC: picture_cuts,
    FileKind.AVIF: picture_cuts,
    FileKind.MP4: film_cuts,
    FileKind.MOV: film_cuts,
    FileKind.M4A: film_cuts,
}


def main() -> None:
    """Give up everything, say so, then look; arguments: CPU seconds, kind."""
    kind = FileKind(sys.argv[4])
    confine(cpu_seconds=int(sys.argv[3]))
    os.write(1, READY)
    with open(0, "rb", closefd=False) as content:
        answer = _found(kind, content, os.fstat(0).st_size)
    while answer:
        answer = answer[os.write(1, answer) :]
    os._exit(0)


def _found(kind: FileKind, content: BinaryIO, size: int) -> bytes:
    try:
        return written(in_order(FINDERS[kind](Bytes(content, size)), size))
    except CannotClean:
        return json.dumps("cannot").encode()
    except Exception as error:  # no file may break the look: it is told to be badly made, and the log how
        return json.dumps(type(error).__name__).encode()
