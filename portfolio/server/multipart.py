"""Forms with files, read by Werkzeug without what weighs: a bulky file was taken out of the body while it came.

By pieces of a form, as Werkzeug reads, a heavy file would be copied five times on its way.
"""

from __future__ import annotations

from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from flask import Flask, Request
from werkzeug import formparser
from werkzeug.formparser import FormDataParser, MultiPartParser

from portfolio.server.multipart_splitter import CHUNK_BYTES, MAX_PARTS, PLACEHOLDER_BYTES, LenientMultipartDecoder, SplitBody

# Of each file that goes the usual way, so much stays in memory: a form may have hundreds.
_IN_MEMORY = 64 * 1024


def init_app(app: Flask) -> None:
    """Have the forms of this application read so."""
    app.request_class = _Request
    app.config["MAX_FORM_PARTS"] = MAX_PARTS
    # The parser names it so, and in no other way is another one given to it.
    formparser.MultipartDecoder = LenientMultipartDecoder  # type: ignore[attr-defined,misc]


class _Request(Request):
    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        return SpooledTemporaryFile(_IN_MEMORY)

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
        mark = boundary.encode()
        try:
            if isinstance(self.body, SplitBody) and self.body.is_of(mark):
                form, files = self._read(self.body.light(), mark, content_length)
                if _give_back(self.body, files):
                    return stream, form, files
            # It is read as it came, also when Werkzeug took for something else what was taken for a file.
            return stream, *self._read(stream, mark, content_length)
        except ValueError:  # no form can be read in it, as Werkzeug says it: one without fields
            return stream, self.cls(), self.cls()

    def _read(self, stream: Any, boundary: bytes, content_length: int | None) -> tuple[Any, Any]:
        parser = MultiPartParser(self.stream_factory, self.max_form_memory_size, self.cls, CHUNK_BYTES, self.max_form_parts)
        return parser.parse(stream, boundary, content_length)


_Request.form_data_parser_class = _Parser


def _give_back(body: SplitBody, files: Any) -> bool:
    """Put each bulky file where its word stands; False, and nothing is left, when a word stands nowhere by itself."""
    by_word = {bulk.word: bulk.file for bulk in body.bulks}
    for one in (every := [one for held in files.listvalues() for one in held]):
        said = one.stream.read(PLACEHOLDER_BYTES + 1)
        one.stream.seek(0)
        if said in by_word:
            one.stream.close()
            one.stream = by_word.pop(said)
    if by_word:
        for one in every:
            if one.stream not in {bulk.file for bulk in body.bulks}:
                one.stream.close()
    return not by_word
