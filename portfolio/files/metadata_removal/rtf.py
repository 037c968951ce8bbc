"""Rich text: its photographs are written in hexadecimal digits; those that tell a place are written again
without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean
from portfolio.files.metadata_removal.byte_reader import MOST_HELD, ByteReader, EmbeddedHandler
from portfolio.files.metadata_removal.exif_xmp import exif_and_xmp_edits, find_all

_PICTURE = re.compile(rb"\\(?:jpeg|png)blip")
# Longer than the digits that name a picture.
_DIGITS = re.compile(rb"(?:[0-9A-Fa-f][ \t\r\n]*){40,}")
_OTHER = re.compile(rb"[^0-9A-Fa-f \t\r\n]")
_BEFORE, _STEP, _WIDE = 4096, 1 << 20, 128


def rtf_edits(file: ByteReader, inside: EmbeddedHandler) -> Iterator[ByteEdit]:
    """Answer what is written otherwise; raises CannotClean when a picture is too heavy."""
    yield from exif_and_xmp_edits(file)  # a picture may also lie as it is, after the word « bin »
    for _, start in find_all(file, _PICTURE):
        near = _DIGITS.search(file.at(start, min(_BEFORE, file.size - start)))
        if near is None:
            continue
        begin = start + near.start()
        run = _run(file, begin)
        digits = b"".join(run.split())
        even = len(digits) & ~1
        clean = inside.cleaned(bytes.fromhex(digits[:even].decode()))
        if clean is not None:
            yield ByteEdit(begin, begin + len(run), _written(clean) + digits[even:])


def _run(file: ByteReader, place: int) -> bytes:
    """Return the digits that begin here, and the spaces between them."""
    pieces, most = [], 3 * MOST_HELD
    while place < file.size:
        piece = file.at(place, min(_STEP, file.size - place))
        stop = _OTHER.search(piece)
        pieces.append(piece[: stop.start()] if stop else piece)
        if stop:
            break
        place, most = place + len(piece), most - len(piece)
        if most < 0:
            raise CannotClean
    return b"".join(pieces)


def _written(content: bytes) -> bytes:
    digits = content.hex().encode()
    return b"\n".join(digits[start : start + _WIDE] for start in range(0, len(digits), _WIDE))
