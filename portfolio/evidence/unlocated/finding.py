"""The limited child: finds what a copy of the file it was given must not carry, and answers it as JSON."""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO

from portfolio.evidence.unlocated.compound import compound_cuts
from portfolio.evidence.unlocated.cut import CannotClean, Cut, copied, in_order, length_of, written
from portfolio.evidence.unlocated.gif import gif_cuts
from portfolio.evidence.unlocated.inside import Held
from portfolio.evidence.unlocated.iso import film_cuts, picture_cuts
from portfolio.evidence.unlocated.jpeg import jpeg_cuts
from portfolio.evidence.unlocated.letter import letter_cuts
from portfolio.evidence.unlocated.office import office_cuts
from portfolio.evidence.unlocated.ogg import ogg_cuts
from portfolio.evidence.unlocated.pdf import pdf_cuts
from portfolio.evidence.unlocated.png import png_cuts, webp_cuts
from portfolio.evidence.unlocated.reading import Bytes, Inside
from portfolio.evidence.unlocated.rich import rich_cuts
from portfolio.evidence.unlocated.sound import mp3_cuts, wav_cuts
from portfolio.evidence.unlocated.tiff import tiff_cuts
from portfolio.evidence.unlocated.webm import webm_cuts
from portfolio.storage.confinement import READY, confine
from portfolio.storage.kinds import FileKind

OFFICE = (FileKind.DOCX, FileKind.XLSX, FileKind.PPTX, FileKind.ODT, FileKind.ODS, FileKind.ODP)
FINDERS: Mapping[FileKind, Callable[[Bytes], Iterable[Cut]]] = {
    FileKind.JPEG: jpeg_cuts,
    FileKind.PNG: png_cuts,
    FileKind.WEBP: webp_cuts,
    FileKind.GIF: gif_cuts,
    FileKind.TIFF: tiff_cuts,
    FileKind.HEIC: picture_cuts,
    FileKind.AVIF: picture_cuts,
    FileKind.MP4: film_cuts,
    FileKind.MOV: film_cuts,
    FileKind.M4A: film_cuts,
    FileKind.WEBM: webm_cuts,
    FileKind.MP3: mp3_cuts,
    FileKind.WAV: wav_cuts,
    FileKind.OGG: ogg_cuts,
    FileKind.PDF: pdf_cuts,
    **dict.fromkeys((FileKind.DOC, FileKind.XLS, FileKind.PPT, FileKind.MSG), lambda file: compound_cuts(file, Held())),
}
# What they put elsewhere is as long as the file itself: the child makes the whole copy.
COPIERS: Mapping[FileKind, Callable[[Bytes, Inside], Iterable[Cut]]] = {
    **dict.fromkeys(OFFICE, office_cuts),
    FileKind.EML: letter_cuts,
    FileKind.RTF: rich_cuts,
}


def main() -> None:
    """Give up everything, say so, then look; arguments: CPU seconds, kind."""
    kind = FileKind(sys.argv[4])
    for encoding in ("cp437", "utf-16-le"):  # in which the names of parts and streams may be
        codecs.lookup(encoding)
    confine(cpu_seconds=int(sys.argv[3]))
    os.write(1, READY)
    with open(0, "rb", closefd=False) as content:
        size = os.fstat(0).st_size
        for piece in [_found(kind, content, size)] if kind in FINDERS else _copy(kind, content, size):
            _say(piece)
    os._exit(0)


def _say(answer: bytes) -> None:
    while answer:
        answer = answer[os.write(1, answer) :]


def _copy(kind: FileKind, content: BinaryIO, size: int) -> Iterator[bytes]:
    """Answer the length of the copy of a document, 0 when the document tells no place, and the copy."""
    try:
        cuts = in_order(COPIERS[kind](Bytes(content, size), Held()), size)
    except Exception as error:  # no file may break the look
        yield json.dumps(type(error).__name__).encode() + b"\n"
        return
    yield json.dumps(length_of(size, cuts) if cuts else 0).encode() + b"\n"
    content.seek(0)
    yield from copied(content, cuts) if cuts else ()


def _found(kind: FileKind, content: BinaryIO, size: int) -> bytes:
    try:
        return written(in_order(FINDERS[kind](Bytes(content, size)), size))
    except CannotClean:
        return json.dumps("cannot").encode()
    except Exception as error:  # no file may break the look: it is told to be badly made, and the log how
        return json.dumps(type(error).__name__).encode()
