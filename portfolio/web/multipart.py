"""Forms with files, read by Werkzeug without what weighs: a bulky file was taken out of the body while it came.

By pieces of a form, as Werkzeug reads, a heavy file would be copied five times on its way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from flask import Flask, Request
from werkzeug import formparser
from werkzeug.formparser import FormDataParser, MultiPartParser

from portfolio.web.sorting import PIECE, WORD, Decoder, SortedForm


def install(app: Flask) -> None:
    """Have the forms of this application read so."""
    app.request_class = _Request
    # The parser names it so, and in no other way is another one given to it.
    formparser.MultipartDecoder = Decoder  # type: ignore[attr-defined,misc]


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
        is_sorted = isinstance(self.body, SortedForm) and self.body.is_of(boundary.encode())
        read: Any = self.body.light() if is_sorted else stream
        try:
            form, files = parser.parse(read, boundary.encode(), content_length)
        except ValueError:  # no form can be read in it, as Werkzeug says it: one without fields
            return stream, self.cls(), self.cls()
        if is_sorted:
            _give_back(self.body, files)
        return stream, form, files


_Request.form_data_parser_class = _Parser


def _give_back(body: SortedForm, files: Any) -> None:
    """Put each bulky file where its word stands."""
    by_word = {bulk.word: bulk.file for bulk in body.bulks}
    for one in [one for held in files.listvalues() for one in held]:
        said = one.stream.read(WORD + 1)
        one.stream.seek(0)
        if said in by_word:
            one.stream.close()
            one.stream = by_word[said]
