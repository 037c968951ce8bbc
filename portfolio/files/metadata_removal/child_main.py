"""The limited child: finds what a copy of the file it was given must not carry, and answers it as JSON."""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO

from portfolio.files.file_types.types import ActiveContent, FileType
from portfolio.files.metadata_removal import pdf_actions, rtf_objects
from portfolio.files.metadata_removal.byte_edits import (
    ByteEdit,
    CannotClean,
    apply_edits,
    edited_size,
    edits_to_json,
    sorted_edits,
)
from portfolio.files.metadata_removal.byte_reader import ByteReader, EmbeddedHandler
from portfolio.files.metadata_removal.embedded_files import EmbeddedFiles
from portfolio.files.metadata_removal.eml import eml_edits
from portfolio.files.metadata_removal.gif import gif_edits
from portfolio.files.metadata_removal.iso_bmff import film_edits, picture_edits
from portfolio.files.metadata_removal.jpeg import jpeg_edits
from portfolio.files.metadata_removal.ogg import ogg_edits
from portfolio.files.metadata_removal.ole_cfb import compound_edits
from portfolio.files.metadata_removal.ooxml_odf import office_edits
from portfolio.files.metadata_removal.pdf import pdf_edits
from portfolio.files.metadata_removal.png import png_edits, webp_edits
from portfolio.files.metadata_removal.rtf import rtf_edits
from portfolio.files.metadata_removal.tiff import tiff_edits
from portfolio.files.metadata_removal.wav_mp3 import mp3_edits, wav_edits
from portfolio.files.metadata_removal.webm import webm_edits
from portfolio.files.sandbox.limits import READY, apply_limits

OFFICE = (FileType.DOCX, FileType.XLSX, FileType.PPTX, FileType.ODT, FileType.ODS, FileType.ODP, FileType.ODG)
COMPOUND = (FileType.DOC, FileType.XLS, FileType.PPT, FileType.MSG)
FINDERS: Mapping[FileType, Callable[[ByteReader], Iterable[ByteEdit]]] = {
    FileType.JPEG: jpeg_edits,
    FileType.PNG: png_edits,
    FileType.WEBP: webp_edits,
    FileType.GIF: gif_edits,
    FileType.TIFF: tiff_edits,
    FileType.HEIC: picture_edits,
    FileType.AVIF: picture_edits,
    FileType.MP4: film_edits,
    FileType.MOV: film_edits,
    FileType.M4A: film_edits,
    FileType.WEBM: webm_edits,
    FileType.MP3: mp3_edits,
    FileType.WAV: wav_edits,
    FileType.OGG: ogg_edits,
    **dict.fromkeys(COMPOUND, lambda file: compound_edits(file, EmbeddedFiles())),
}
# What they put elsewhere is as long as the file itself: the child makes the whole copy.
COPIERS: Mapping[FileType, Callable[[ByteReader, EmbeddedHandler], Iterable[ByteEdit]]] = {
    **dict.fromkeys(OFFICE, office_edits),
    FileType.EML: eml_edits,
    FileType.RTF: rtf_edits,
    FileType.PDF: lambda file, _inside: pdf_edits(file),
}
HOLDERS = {*COPIERS, *COMPOUND}


def main() -> None:
    """Give up everything, say so, then look; arguments: CPU seconds, kind."""
    kind = FileType(sys.argv[4])
    for encoding in ("cp437", "utf-16-le"):  # in which the names of parts and streams may be
        codecs.lookup(encoding)
    if kind in HOLDERS:  # each may be a PDF, or carry one
        pdf_actions.prepare()
    apply_limits(cpu_seconds=int(sys.argv[3]))
    os.write(1, READY)
    with open(0, "rb", closefd=False) as content:
        size = os.fstat(0).st_size
        for piece in [_found(kind, content, size)] if kind in FINDERS else _copy(kind, content, size):
            _say(piece)
    os._exit(0)


def _say(answer: bytes) -> None:
    while answer:
        answer = answer[os.write(1, answer) :]


def _copy(kind: FileType, content: BinaryIO, size: int) -> Iterator[bytes]:
    """Answer the length of the copy of a document, 0 when it is given as it is, what acts by itself in it,
    and the copy.
    """
    try:
        active, source, size = _without_actions(kind, content, size)
        cuts = sorted_edits(COPIERS[kind](ByteReader(source, size), EmbeddedFiles()), size)
    except Exception as error:  # no file may break the look
        yield json.dumps(type(error).__name__).encode() + b"\n"
        return
    changed = bool(cuts or active)
    yield json.dumps([edited_size(size, cuts) if changed else 0, *sorted(active)]).encode() + b"\n"
    source.seek(0)
    yield from apply_edits(source, cuts) if changed else ()


def _without_actions(
    kind: FileType, content: BinaryIO, size: int
) -> tuple[frozenset[ActiveContent], BinaryIO, int]:
    """Return what acts by itself in a document, and what its places are then looked for in, with its size."""
    if kind is FileType.RTF:
        active, source = rtf_objects.without_objects(content, size)
    elif kind is FileType.PDF:
        active, source = pdf_actions.without_actions(content)
    else:
        active, source = frozenset(), None
    return (active, source, source.seek(0, os.SEEK_END)) if source else (active, content, size)


def _found(kind: FileType, content: BinaryIO, size: int) -> bytes:
    try:
        return edits_to_json(sorted_edits(FINDERS[kind](ByteReader(content, size)), size))
    except CannotClean:
        return json.dumps("cannot").encode()
    except Exception as error:  # no file may break the look: it is told to be badly made, and the log how
        return json.dumps(type(error).__name__).encode()
