"""The body of a form sorted as it comes: a bulky file goes straight to the disk, hashed on its way; the rest stays light.

A heavy file is so written once. What is written in an unusual way is given back as it came, for Werkzeug to read it all.
"""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, File, MultipartDecoder, Preamble

from portfolio.files.storage.unlinked_file import HashingTempFile, UnlinkedFile

CHUNK_BYTES = 1024 * 1024
# What is lighter goes the usual way, and the headers of a part are never so long.
EXTRACT_FROM_BYTES = 256 * 1024
_MAX_HEADER_BYTES = 16 * 1024
# No form of ours has so many parts: what makes Werkzeug refuse it is not looked for here.
MAX_PARTS = 300
# Each bulky file is a file held open while its body comes; those after so many go the usual way.
_MAX_EXTRACTED = 32
_BLANK_LINE, _END_OF_LINE, _END_OF_FORM = b"\r\n\r\n", b"\r\n", b"--"
# A word that stands for a file: so many hexadecimal digits.
PLACEHOLDER_BYTES = 64


@dataclass(frozen=True)
class ExtractedFile:
    """A bulky file, where it stood in what is light, and the word that stands for it, which nobody could know."""

    place: int
    file: UnlinkedFile
    word: bytes


def boundary_of(kind: str) -> bytes:
    """Answer what separates the parts of a form with files, by its content type; nothing when it is no such form."""
    mime, options = parse_options_header(kind)
    boundary = options.get("boundary", "")
    return boundary.encode() if mime.lower() == "multipart/form-data" and boundary.isascii() else b""


class LenientMultipartDecoder(MultipartDecoder):
    """Werkzeug's reader; a name that is no text makes no form unreadable: what cannot be read of it is a visible sign."""

    def _parse_headers(self, data: bytes | bytearray) -> Headers:
        return super()._parse_headers(data.decode("utf-8", "replace").encode())


class MultipartSplitter:
    """Takes a body as a server receives it, in pieces cut anywhere; a part ends where a line is the boundary."""

    def __init__(self, boundary: bytes, in_memory: int) -> None:
        """Sort a form whose parts this separates; what is light stays in memory up to so many bytes."""
        self._boundary, self._mark = boundary, b"--" + boundary
        self.is_usual = True
        self._light: Any = SpooledTemporaryFile(in_memory)  # noqa: SIM115 - closed with the body
        self._bulks: list[ExtractedFile] = []
        self._came = 0
        self._tail = b""  # what came last, in which a mark may have begun
        self._part: bytearray | None = None  # of a part, what came before one can tell whether it is a bulky file
        self._landing: HashingTempFile | None = None
        self._parts = 0

    def __len__(self) -> int:
        """How many bytes came."""
        return self._came

    def append(self, data: bytes) -> None:
        """Take what came next; raises OSError when there is no room for it."""
        came, seen, begun = self._tail + data, 0, self._came - len(self._tail)
        self._came += len(data)
        view, end = memoryview(came), 0
        while self.is_usual and (place := came.find(self._mark, end)) >= 0:
            end = place + len(self._mark)
            if end + 2 > len(came):
                break
            is_first = begun + place == 0
            before = place - (0 if is_first else len(_END_OF_LINE))
            if (is_first or came[before:place] == _END_OF_LINE) and came[end : end + 2] in (_END_OF_LINE, _END_OF_FORM):
                self._take(view[seen:before])
                self._end_part()
                self._light.write(view[before:end])
                self._part, seen, self._parts = bytearray(), end, self._parts + 1
                self.is_usual = self._parts <= MAX_PARTS
            else:
                self.is_usual = False
        # Whether a mark is one is told by the two bytes on each side of it.
        sure = max(seen, len(came) - len(self._mark) - 3)
        self._take(view[seen:sure])
        self._tail = came[sure:]
        self._light.flush()  # a full disk is met while the body comes, where it is told as such

    def end(self) -> None:
        """It is all there; raises OSError as `append` does. Said twice, nothing more happens."""
        self._take(memoryview(self._tail))
        self._tail = b""
        self._end_part()
        self._light.flush()

    def getfile(self) -> SplitBody:
        """Answer what came, once it has ended."""
        self.end()
        return SplitBody(self._light, self._bulks, self._boundary if self.is_usual else b"")

    def close(self) -> None:
        """Let everything go that nobody kept."""
        for one in (self._landing, *(bulk.file for bulk in self._bulks), self._light):
            with suppress(OSError):  # what a full disk refuses to write down is not wanted any more
                if one is not None:
                    one.close()

    def _take(self, piece: memoryview) -> None:
        if self._landing is not None:
            self._landing.write(piece)
        elif self._part is None:
            self._light.write(piece)
        else:
            self._part += piece
            if len(self._part) >= EXTRACT_FROM_BYTES:
                self._tell(memoryview(self._part))

    def _tell(self, part: memoryview) -> None:
        """Tell of a part that weighs whether it is a file, by its headers."""
        self._part = None
        head, stop, _ = bytes(part[:_MAX_HEADER_BYTES]).partition(_BLANK_LINE)
        start = len(head) + len(stop)
        if stop and len(self._bulks) < _MAX_EXTRACTED and _is_file(self._mark + head + stop, self._boundary):
            self._light.write(part[:start])
            self._landing = HashingTempFile()
            self._landing.write(part[start:])
        else:
            self._light.write(part)

    def _end_part(self) -> None:
        if self._landing is not None:
            word = secrets.token_hex(PLACEHOLDER_BYTES // 2).encode()
            self._bulks.append(ExtractedFile(self._light.tell(), self._landing.landed(), word))
        elif self._part:
            self._light.write(self._part)
        self._landing = self._part = None


class SplitBody(io.RawIOBase):
    """The body as it came, to be read once; or, by `light()`, without its bulky files."""

    def __init__(self, light: Any, bulks: list[ExtractedFile], boundary: bytes) -> None:
        """Read what was sorted; the boundary is that of a form written in a usual way, else nothing."""
        self.bulks = bulks
        self._light, self._boundary = light, boundary
        self._pieces = self._whole()
        self._rest = memoryview(b"")

    def is_of(self, boundary: bytes) -> bool:
        """Whether it has bulky files between two of these, and may be read without them."""
        return bool(self.bulks) and self._boundary == boundary

    def light(self) -> SplitBody:
        """Answer the same form with a word in the place of each bulky file."""
        read = SplitBody(self._light, self.bulks, self._boundary)
        read._pieces = self._with_words()
        return read

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read what follows, as much as is asked for: of an odd form, Werkzeug's reading depends on where it is cut."""
        read = 0
        while read < len(buffer):
            self._rest = self._rest or memoryview(next(self._pieces, b""))
            if not self._rest:
                break
            given = self._rest[: len(buffer) - read]
            buffer[read : read + len(given)] = given
            read, self._rest = read + len(given), self._rest[len(given) :]
        return read

    def _whole(self) -> Iterator[bytes]:
        for piece, bulk in self._around():
            yield from piece
            place = 0
            while bulk and (read := os.pread(bulk.file.fileno(), CHUNK_BYTES, place)):
                place += len(read)
                yield read

    def _with_words(self) -> Iterator[bytes]:
        for piece, bulk in self._around():
            yield from piece
            if bulk:
                yield bulk.word

    def _around(self) -> Iterator[tuple[Iterator[bytes], ExtractedFile | None]]:
        """What is light, cut where a bulky file stood, and that file."""
        place = 0
        for bulk in self.bulks:
            yield self._between(place, bulk.place), bulk
            place = bulk.place
        yield self._between(place, self._light.seek(0, os.SEEK_END)), None

    def _between(self, place: int, end: int) -> Iterator[bytes]:
        self._light.seek(place)
        while place < end and (read := self._light.read(min(CHUNK_BYTES, end - place))):
            place += len(read)
            yield read


def _is_file(head: bytes, boundary: bytes) -> bool:
    """Whether Werkzeug reads in these headers, and to their end, that a file begins."""
    reader = LenientMultipartDecoder(boundary)
    reader.receive_data(head)
    try:
        said = [reader.next_event() for _ in range(3)]
    except ValueError:
        return False
    return said[0] == Preamble(b"") and isinstance(said[1], File) and said[2] == Data(b"", more_data=True)
