"""Office documents are a ZIP of parts: photographs that tell where they were taken are put back without it, the rest as it is."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping

from portfolio.evidence.unlocated.cut import CannotClean, Cut, copied, in_order
from portfolio.evidence.unlocated.exif import tells_place
from portfolio.evidence.unlocated.iso import film_cuts, picture_cuts
from portfolio.evidence.unlocated.jpeg import jpeg_cuts
from portfolio.evidence.unlocated.png import png_cuts, webp_cuts
from portfolio.evidence.unlocated.reading import Bytes
from portfolio.evidence.unlocated.tiff import tiff_cuts

_LOCAL, _CENTRAL, _END = "<4s5H3I2H", "<4s6H3I5H2I", "<4s4H2IH"
_HAS_DESCRIPTOR = 0x08
_EXIF = re.compile(rb"Exif\0\0|eXIf(?=II\*|MM\0)|EXIF....(?=II\*|MM\0)", re.DOTALL)
_MOST = 100_000_000
_BRANDS: Mapping[bytes, Callable[[Bytes], Iterable[Cut]]] = {
    b"heic": picture_cuts, b"heix": picture_cuts, b"mif1": picture_cuts, b"avif": picture_cuts,
    b"isom": film_cuts, b"mp42": film_cuts, b"mp41": film_cuts, b"qt  ": film_cuts, b"M4V ": film_cuts,
}  # fmt: skip


def office_cuts(file: Bytes) -> Iterator[Cut]:
    """Answer the parts to put back otherwise, and the list of parts that goes with them; raises CannotClean."""
    with zipfile.ZipFile(file.content) as archive:
        entries = sorted(archive.infolist(), key=lambda one: one.header_offset)
        ends = [*(one.header_offset for one in entries[1:]), archive.start_dir]
        changed: dict[int, tuple[zipfile.ZipInfo, bytes]] = {}
        cuts = []
        for entry, end in zip(entries, ends, strict=True):
            clean = _cleaned(archive, entry)
            if clean is not None:
                packed = clean if entry.compress_type == zipfile.ZIP_STORED else _deflated(clean)
                cuts.append(Cut(entry.header_offset, end, _part(file, entry, clean, packed)))
                changed[entry.header_offset] = (_described(entry, clean, packed), packed)
        if cuts:
            yield from cuts
            yield Cut(archive.start_dir, file.size, _list(file, archive.start_dir, cuts, changed))


def _cleaned(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | None:
    """Answer a picture or a film without its place; None for any other part, and for one that tells none."""
    with archive.open(entry) as part:
        head = part.read(16)
        finder = _finder(head)
        if finder is None:
            return None
        if entry.file_size > _MOST:
            raise CannotClean
        content = head + part.read()
    if finder in (jpeg_cuts, png_cuts, webp_cuts) and not _tells(content):
        return None
    try:
        cuts = in_order(finder(Bytes(io.BytesIO(content), len(content))), len(content))
    except CannotClean:
        if _tells(content) or b"GPS" in content:
            raise
        return None
    return b"".join(copied(io.BytesIO(content), cuts)) if cuts else None


def _finder(head: bytes) -> Callable[[Bytes], Iterable[Cut]] | None:
    if head.startswith(b"\xff\xd8\xff"):
        return jpeg_cuts
    if head.startswith(b"\x89PNG"):
        return png_cuts
    if head.startswith((b"II*\0", b"MM\0*")):
        return tiff_cuts
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return webp_cuts
    return _BRANDS.get(head[8:12]) if head[4:8] == b"ftyp" else None


def _tells(content: bytes) -> bool:
    """Whether a photograph tells a place, in its Exif or in its XMP, as JPEG, PNG and WebP hold them."""
    blocks = (content[one.end() : one.end() + 65536] for one in _EXIF.finditer(content))
    return b"exif:GPS" in content or any(tells_place(one) for one in blocks)


def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def _described(entry: zipfile.ZipInfo, content: bytes, packed: bytes) -> zipfile.ZipInfo:
    entry.CRC, entry.file_size, entry.compress_size = zlib.crc32(content), len(content), len(packed)
    entry.flag_bits &= ~_HAS_DESCRIPTOR
    return entry


def _part(file: Bytes, entry: zipfile.ZipInfo, content: bytes, packed: bytes) -> bytes:
    local = list(file.numbers(entry.header_offset, _LOCAL))
    if local[0] != b"PK\x03\x04" or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise CannotClean
    name = file.at(entry.header_offset + 30, local[9])
    local[2] &= ~_HAS_DESCRIPTOR
    local[6:9], local[10] = [zlib.crc32(content), len(packed), len(content)], 0
    return struct.pack(_LOCAL, *local) + name + packed


def _list(file: Bytes, start: int, cuts: list[Cut], changed: Mapping[int, tuple[zipfile.ZipInfo, bytes]]) -> bytes:
    """Answer the list of parts at the end of the file, with where they are now."""
    out, place = bytearray(), start
    while file.at(place, 4) == b"PK\x01\x02":
        fields = list(file.numbers(place, _CENTRAL))
        length = 46 + sum(fields[10:13])
        old = fields[16]
        if 0xFFFFFFFF in (*fields[8:10], old):  # the sizes of a ZIP of more than 4 GB stand elsewhere
            raise CannotClean
        if old in changed:
            entry, _ = changed[old]
            fields[3] &= ~_HAS_DESCRIPTOR
            fields[7:10] = [entry.CRC, entry.compress_size, entry.file_size]
        fields[16] = old + sum(one.growth for one in cuts if one.start < old)
        out += struct.pack(_CENTRAL, *fields) + file.at(place + 46, length - 46)
        place += length
    end = list(file.numbers(place, _END))
    if end[0] != b"PK\x05\x06":
        raise CannotClean
    end[5:7] = [len(out), start + sum(one.growth for one in cuts)]
    return bytes(out) + struct.pack(_END, *end) + file.at(place + 22, file.size - place - 22)
