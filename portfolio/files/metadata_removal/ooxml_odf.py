"""Office documents are a ZIP of parts: what tells where it was taken is put back without it, the rest as it
is.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean
from portfolio.files.metadata_removal.byte_reader import HEAD, MOST_HELD, ByteReader, EmbeddedHandler

_LOCAL, _CENTRAL, _END = "<4s5H3I2H", "<4s6H3I5H2I", "<4s4H2IH"
_HAS_DESCRIPTOR = 0x08


def office_edits(file: ByteReader, inside: EmbeddedHandler) -> Iterator[ByteEdit]:
    """Answer the parts to put back otherwise, and the list of parts that goes with them; raises CannotClean.

    Any ZIP is looked into so, one that came with a letter too.
    """
    with zipfile.ZipFile(file.content) as archive:
        entries = sorted(archive.infolist(), key=lambda zip_entry: zip_entry.header_offset)
        ends = [*(zip_entry.header_offset for zip_entry in entries[1:]), archive.start_dir]
        changed: dict[int, tuple[zipfile.ZipInfo, bytes]] = {}
        cuts = []
        for entry, end in zip(entries, ends, strict=True):
            clean = _cleaned(archive, entry, inside)
            if clean is not None:
                packed = clean if entry.compress_type == zipfile.ZIP_STORED else _deflated(clean)
                cuts.append(ByteEdit(entry.header_offset, end, _part(file, entry, clean, packed)))
                changed[entry.header_offset] = (_described(entry, clean, packed), packed)
        if cuts:
            yield from cuts
            yield ByteEdit(archive.start_dir, file.size, _list(file, archive.start_dir, cuts, changed))


def _cleaned(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, inside: EmbeddedHandler) -> bytes | None:
    """Return a part without its places; None for one that tells none."""
    try:
        with archive.open(entry) as part:
            head = part.read(HEAD)
            if not inside.wants(head):
                return None
            if entry.file_size > MOST_HELD:
                raise CannotClean
            return inside.cleaned(head + part.read())
    except RuntimeError as error:  # behind a password, or packed in a way that is not read here
        raise CannotClean from error


def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def _described(entry: zipfile.ZipInfo, content: bytes, packed: bytes) -> zipfile.ZipInfo:
    entry.CRC, entry.file_size, entry.compress_size = zlib.crc32(content), len(content), len(packed)
    entry.flag_bits &= ~_HAS_DESCRIPTOR
    return entry


def _part(file: ByteReader, entry: zipfile.ZipInfo, content: bytes, packed: bytes) -> bytes:
    local = list(file.numbers(entry.header_offset, _LOCAL))
    if local[0] != b"PK\x03\x04" or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise CannotClean
    name = file.at(entry.header_offset + 30, local[9])
    local[2] &= ~_HAS_DESCRIPTOR
    local[6:9], local[10] = [zlib.crc32(content), len(packed), len(content)], 0
    return struct.pack(_LOCAL, *local) + name + packed


def _list(
    file: ByteReader, start: int, cuts: list[ByteEdit], changed: Mapping[int, tuple[zipfile.ZipInfo, bytes]]
) -> bytes:
    """Return the list of parts at the end of the file, with where they are now."""
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
        fields[16] = old + sum(cut.size_delta for cut in cuts if cut.start < old)
        out += struct.pack(_CENTRAL, *fields) + file.at(place + 46, length - 46)
        place += length
    end = list(file.numbers(place, _END))
    if end[0] != b"PK\x05\x06":
        raise CannotClean
    end[5:7] = [len(out), start + sum(cut.size_delta for cut in cuts)]
    return bytes(out) + struct.pack(_END, *end) + file.at(place + 22, file.size - place - 22)
