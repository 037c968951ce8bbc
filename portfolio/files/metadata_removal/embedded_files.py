"""Clean the embedded files of a document by type: photo, film, recording, nested document."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping

from portfolio.files.file_types.formats.compound import SIGNATURE
from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean, apply_edits, sorted_edits
from portfolio.files.metadata_removal.byte_reader import ByteReader, EmbeddedHandler
from portfolio.files.metadata_removal.exif_orientation import has_gps
from portfolio.files.metadata_removal.iso_bmff import film_edits, picture_edits
from portfolio.files.metadata_removal.jpeg import jpeg_edits
from portfolio.files.metadata_removal.ogg import ogg_edits
from portfolio.files.metadata_removal.ole_cfb import compound_edits
from portfolio.files.metadata_removal.ooxml_odf import office_edits
from portfolio.files.metadata_removal.pdf import pdf_edits
from portfolio.files.metadata_removal.pdf_actions import without_actions
from portfolio.files.metadata_removal.png import png_edits, webp_edits
from portfolio.files.metadata_removal.tiff import tiff_edits
from portfolio.files.metadata_removal.wav_mp3 import mp3_edits, wav_edits
from portfolio.files.metadata_removal.webm import webm_edits

_Finder = Callable[[ByteReader], Iterable[ByteEdit]]
_Holder = Callable[[ByteReader, EmbeddedHandler], Iterable[ByteEdit]]

_MAX_DEPTH = 4
# The Exif of a JPEG, of a PNG, of a WebP. One expression each: what begins with fixed bytes is found twenty
# times faster.
_EXIF = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (rb"Exif\0\0", rb"eXIf(?=II\*|MM\0)", rb"EXIF....(?=II\*|MM\0)")
)
_PHOTOS: tuple[_Finder, ...] = (jpeg_edits, png_edits, webp_edits)
_BEGINNINGS: tuple[tuple[bytes, _Finder], ...] = (
    (b"\xff\xd8\xff", jpeg_edits), (b"\x89PNG", png_edits), (b"II*\0", tiff_edits), (b"MM\0*", tiff_edits),
    (b"ID3", mp3_edits), (b"OggS", ogg_edits), (b"\x1aE\xdf\xa3", webm_edits),
)  # fmt: skip
_HOLDERS: tuple[tuple[bytes, _Holder], ...] = ((b"PK\x03\x04", office_edits), (SIGNATURE, compound_edits))
_RIFFS: Mapping[bytes, _Finder] = {b"WEBP": webp_edits, b"WAVE": wav_edits}
_BRANDS: Mapping[bytes, _Finder] = {
    b"heic": picture_edits, b"heix": picture_edits, b"mif1": picture_edits, b"avif": picture_edits,
    b"isom": film_edits, b"mp42": film_edits, b"mp41": film_edits, b"qt  ": film_edits, b"M4V ": film_edits,
    b"M4A ": film_edits,
}  # fmt: skip


class EmbeddedFiles:
    """What a document of this depth holds; a few documents inside each other at most."""

    def __init__(self, depth: int = 1) -> None:
        """Look into what lies so deep."""
        self._depth = depth
        # Whether something acts by itself in a document that was looked into.
        self.acts = False

    def wants(self, head: bytes) -> bool:
        """Whether what begins so may tell a place."""
        return self._finder(head) is not None

    def cleaned(self, content: bytes) -> bytes | None:
        """Answer it without its places; None when it tells none; raises CannotClean."""
        cuts = self.edits(content)
        return b"".join(apply_edits(io.BytesIO(content), cuts)) if cuts else None

    def edits(self, content: bytes) -> list[ByteEdit]:
        """Answer what to cut from it, nothing from what tells no place; raises CannotClean."""
        finder = self._finder(content)
        if finder is None or (finder in _PHOTOS and not _tells(content)):
            return []
        try:
            return sorted_edits(finder(ByteReader(io.BytesIO(content), len(content))), len(content))
        except CannotClean:
            if (
                _tells(content)
                or b"GPS" in content
                or any(content.startswith(beginning) for beginning, _ in _HOLDERS)
            ):
                raise
            return []

    def _finder(self, head: bytes) -> _Finder | None:
        for beginning, holder in _HOLDERS:
            if head.startswith(beginning):
                return self._deeper(holder)
        if head.startswith(b"%PDF-"):
            return self._pdf_edits
        if head[:4] == b"RIFF":
            return _RIFFS.get(head[8:12])
        if head[4:8] == b"ftyp":
            return _BRANDS.get(head[8:12])
        return next((finder for beginning, finder in _BEGINNINGS if head.startswith(beginning)), None)

    def _pdf_edits(self, file: ByteReader) -> Iterable[ByteEdit]:
        """Answer what to write otherwise in a PDF: all of it when something in it acts by itself."""
        _, copy = without_actions(file.content)
        if copy is None:
            return pdf_edits(file)
        self.acts = True
        size = copy.seek(0, io.SEEK_END)
        edits = sorted_edits(pdf_edits(ByteReader(copy, size)), size)
        copy.seek(0)
        return [ByteEdit(0, file.size, b"".join(apply_edits(copy, edits)))]

    def _deeper(self, holder: _Holder) -> _Finder:
        def find(file: ByteReader) -> Iterable[ByteEdit]:
            if self._depth > _MAX_DEPTH:
                raise CannotClean
            inner = EmbeddedFiles(self._depth + 1)
            edits = list(holder(file, inner))
            self.acts = self.acts or inner.acts
            return edits

        return find


def _tells(content: bytes) -> bool:
    """Whether a photograph tells a place, in its Exif or in its XMP, as JPEG, PNG and WebP hold them."""
    blocks = (
        content[match.end() : match.end() + 65536] for wanted in _EXIF for match in wanted.finditer(content)
    )
    return b"exif:GPS" in content or any(has_gps(block) for block in blocks)
