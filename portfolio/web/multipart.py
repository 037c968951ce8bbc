"""Forms with files, read by Werkzeug without what weighs: a bulky file is found in the body and taken out of it by the system.

By pieces of a form, as Werkzeug reads, a heavy file is copied five times on its way; here it is copied once.

A name that is no text in any encoding that we know makes no form unreadable: what cannot be read of it is a visible sign.
"""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import IO, Any

from flask import Flask, Request
from werkzeug import formparser
from werkzeug.datastructures import Headers
from werkzeug.formparser import FormDataParser, MultiPartParser
from werkzeug.sansio.multipart import Data, File, MultipartDecoder, Preamble

from portfolio.storage.landing import can_land, land

PIECE = 1024 * 1024
# What is lighter goes the usual way, and the headers of a part are never so long.
BULKY = 256 * 1024
_HEADERS = 16 * 1024
_BLANK_LINE, _END_OF_LINE = b"\r\n\r\n", b"\r\n"
# A word that stands for a file: so many hexadecimal digits.
_WORD = 64


def install(app: Flask) -> None:
    """Have the forms of this application read so."""
    app.request_class = _Request
    # The parser names it so, and in no other way is another one given to it.
    formparser.MultipartDecoder = _Decoder  # type: ignore[attr-defined,misc]


class _Decoder(MultipartDecoder):
    def _parse_headers(self, data: bytes | bytearray) -> Headers:
        return super()._parse_headers(data.decode("utf-8", "replace").encode())


class _Request(Request):
    def make_form_data_parser(self) -> FormDataParser:
        parser: FormDataParser = super().make_form_data_parser()
        if isinstance(parser, _Parser):
            parser.body = self.environ.get("wsgi.input")
        return parser


class _Parser(FormDataParser):
    body: Any = None

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: Mapping[str, str] | None = None
    ) -> Any:
        boundary = (options or {}).get("boundary", "")
        if mimetype != "multipart/form-data" or not boundary or not boundary.isascii():
            return super().parse(stream, mimetype, content_length, dict(options or {}))
        parser = MultiPartParser(self.stream_factory, self.max_form_memory_size, self.cls, PIECE, self.max_form_parts)
        light = _without_bulk(self.body, boundary.encode())
        read: Any = light or stream
        try:
            form, files = parser.parse(read, boundary.encode(), content_length)
        except ValueError:  # no form can be read in it, as Werkzeug says it: one without fields
            return stream, self.cls(), self.cls()
        if light is not None:
            light.give_back(files)
        return stream, form, files


_Request.form_data_parser_class = _Parser


@dataclass(frozen=True)
class _Bulk:
    """Where the content of a bulky file lies in the body, and the word that stands for it in the form that Werkzeug reads."""

    start: int
    end: int
    word: bytes


class _Light(io.RawIOBase):
    """The body of a form without its bulky files: in the place of each, a word that nobody could know."""

    def __init__(self, body: int, size: int, bulks: Sequence[_Bulk]) -> None:
        self._body, self._bulks = body, bulks
        self._pieces = self._read_around(size)
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        while not self._rest and (piece := next(self._pieces, b"")):
            self._rest = piece
        given, self._rest = self._rest[:size], self._rest[size:]
        return given

    def give_back(self, files: Any) -> None:
        """Put each bulky file where its word stands; raises OSError when there is no room for it."""
        by_word = {bulk.word: bulk for bulk in self._bulks}
        for one in [one for held in files.listvalues() for one in held]:
            said = one.stream.read(_WORD + 1)
            one.stream.seek(0)
            if said in by_word:
                one.stream.close()
                one.stream = land(self._body, by_word[said].start, by_word[said].end)

    def _read_around(self, size: int) -> Iterator[bytes]:
        place = 0
        for bulk in [*self._bulks, _Bulk(size, size, b"")]:
            while place < bulk.start and (piece := os.pread(self._body, min(PIECE, bulk.start - place), place)):
                place += len(piece)
                yield piece
            yield bulk.word
            place = bulk.end


def _without_bulk(body: Any, boundary: bytes) -> _Light | None:
    """Answer the form without its bulky files; None when it has none, or does not lie in a file of the system."""
    try:
        descriptor = body.fileno()
        body.flush()
    except (AttributeError, OSError):
        return None
    size = os.fstat(descriptor).st_size
    bulks = _bulks(descriptor, size, boundary) if can_land() else []
    return _Light(descriptor, size, bulks) if bulks else None


def _bulks(body: int, size: int, boundary: bytes) -> list[_Bulk]:
    """Find the bulky files between two ends of parts; where one end is written in an unusual way, Werkzeug reads it all."""
    mark, found = b"--" + boundary, []
    marks = list(_places(body, size, mark))
    if not all(_ends_a_part(body, place, len(mark)) for place in marks):
        return []
    for begin, end in pairwise(marks):
        if end - begin < BULKY:
            continue
        head, stop, _ = os.pread(body, _HEADERS, begin).partition(_BLANK_LINE)
        start = begin + len(head) + len(stop)
        if stop and end - start >= BULKY and _is_file(head + stop, boundary):
            found.append(_Bulk(start, end - len(_END_OF_LINE), secrets.token_hex(_WORD // 2).encode()))
    return found


def _places(body: int, size: int, mark: bytes) -> Iterator[int]:
    """Answer where the mark is, once each, in order; two pieces overlap by less than a mark."""
    piece, place = bytearray(PIECE), 0
    while place < size and (read := os.preadv(body, [piece], place)):
        at = piece.find(mark, 0, read)
        while at >= 0:
            yield place + at
            at = piece.find(mark, at + len(mark), read)
        place += read - len(mark) + 1 if place + read < size else read


def _ends_a_part(body: int, place: int, length: int) -> bool:
    before = os.pread(body, len(_END_OF_LINE), max(0, place - len(_END_OF_LINE))) if place else _END_OF_LINE
    return before == _END_OF_LINE and os.pread(body, 2, place + length) in (_END_OF_LINE, b"--")


def _is_file(head: bytes, boundary: bytes) -> bool:
    """Whether Werkzeug reads in these headers, and to their end, that a file begins."""
    reader = _Decoder(boundary)
    reader.receive_data(head)
    try:
        said = [reader.next_event() for _ in range(3)]
    except ValueError:
        return False
    return said[0] == Preamble(b"") and isinstance(said[1], File) and said[2] == Data(b"", more_data=True)
