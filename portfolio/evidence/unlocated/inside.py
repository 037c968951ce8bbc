"""What documents hold is looked at by what it is: a photograph, a film, a recording, a document that holds others in its turn."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping

from portfolio.evidence.unlocated.compound import compound_cuts
from portfolio.evidence.unlocated.cut import CannotClean, Cut, copied, in_order
from portfolio.evidence.unlocated.exif import tells_place
from portfolio.evidence.unlocated.iso import film_cuts, picture_cuts
from portfolio.evidence.unlocated.jpeg import jpeg_cuts
from portfolio.evidence.unlocated.office import office_cuts
from portfolio.evidence.unlocated.ogg import ogg_cuts
from portfolio.evidence.unlocated.pdf import pdf_cuts
from portfolio.evidence.unlocated.png import png_cuts, webp_cuts
from portfolio.evidence.unlocated.reading import Bytes, Inside
from portfolio.evidence.unlocated.sound import mp3_cuts, wav_cuts
from portfolio.evidence.unlocated.tiff import tiff_cuts
from portfolio.evidence.unlocated.webm import webm_cuts
from portfolio.storage.formats.compound import SIGNATURE

_Finder = Callable[[Bytes], Iterable[Cut]]
_Holder = Callable[[Bytes, Inside], Iterable[Cut]]

_DEEPEST = 4
_EXIF = re.compile(rb"Exif\0\0|eXIf(?=II\*|MM\0)|EXIF....(?=II\*|MM\0)", re.DOTALL)
_PHOTOS: tuple[_Finder, ...] = (jpeg_cuts, png_cuts, webp_cuts)
_BEGINNINGS: tuple[tuple[bytes, _Finder], ...] = (
    (b"\xff\xd8\xff", jpeg_cuts), (b"\x89PNG", png_cuts), (b"II*\0", tiff_cuts), (b"MM\0*", tiff_cuts), (b"%PDF-", pdf_cuts),
    (b"ID3", mp3_cuts), (b"OggS", ogg_cuts), (b"\x1aE\xdf\xa3", webm_cuts),
)  # fmt: skip
_HOLDERS: tuple[tuple[bytes, _Holder], ...] = ((b"PK\x03\x04", office_cuts), (SIGNATURE, compound_cuts))
_RIFFS: Mapping[bytes, _Finder] = {b"WEBP": webp_cuts, b"WAVE": wav_cuts}
_BRANDS: Mapping[bytes, _Finder] = {
    b"heic": picture_cuts, b"heix": picture_cuts, b"mif1": picture_cuts, b"avif": picture_cuts,
    b"isom": film_cuts, b"mp42": film_cuts, b"mp41": film_cuts, b"qt  ": film_cuts, b"M4V ": film_cuts, b"M4A ": film_cuts,
}  # fmt: skip


class Held:
    """What a document of this depth holds; a few documents inside each other at most."""

    def __init__(self, depth: int = 1) -> None:
        """Look into what lies so deep."""
        self._depth = depth

    def wants(self, head: bytes) -> bool:
        """Whether what begins so may tell a place."""
        return self._finder(head) is not None

    def cleaned(self, content: bytes) -> bytes | None:
        """Answer it without its places; None when it tells none; raises CannotClean."""
        cuts = self.cuts(content)
        return b"".join(copied(io.BytesIO(content), cuts)) if cuts else None

    def cuts(self, content: bytes) -> list[Cut]:
        """Answer what to cut from it, nothing from what tells no place; raises CannotClean."""
        finder = self._finder(content)
        if finder is None or (finder in _PHOTOS and not _tells(content)):
            return []
        try:
            return in_order(finder(Bytes(io.BytesIO(content), len(content))), len(content))
        except CannotClean:
            if _tells(content) or b"GPS" in content or any(content.startswith(one) for one, _ in _HOLDERS):
                raise
            return []

    def _finder(self, head: bytes) -> _Finder | None:
        for beginning, holder in _HOLDERS:
            if head.startswith(beginning):
                return self._deeper(holder)
        if head[:4] == b"RIFF":
            return _RIFFS.get(head[8:12])
        if head[4:8] == b"ftyp":
            return _BRANDS.get(head[8:12])
        return next((finder for beginning, finder in _BEGINNINGS if head.startswith(beginning)), None)

    def _deeper(self, holder: _Holder) -> _Finder:
        def find(file: Bytes) -> Iterable[Cut]:
            if self._depth > _DEEPEST:
                raise CannotClean
            return holder(file, Held(self._depth + 1))

        return find


def _tells(content: bytes) -> bool:
    """Whether a photograph tells a place, in its Exif or in its XMP, as JPEG, PNG and WebP hold them."""
    blocks = (content[one.end() : one.end() + 65536] for one in _EXIF.finditer(content))
    return b"exif:GPS" in content or any(tells_place(one) for one in blocks)
