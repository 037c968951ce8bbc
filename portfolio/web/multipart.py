"""Forms with files are taken apart in large pieces: by 64 KB, as Werkzeug does, a quarter of the time goes in turns of a loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from flask import Flask, Request
from werkzeug.formparser import FormDataParser, MultiPartParser

PIECE = 1024 * 1024


def install(app: Flask) -> None:
    """Have the forms of this application read so."""
    app.request_class = _Request


class _Parser(FormDataParser):
    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: Mapping[str, str] | None = None
    ) -> Any:
        boundary = (options or {}).get("boundary", "")
        if mimetype != "multipart/form-data" or not boundary or not boundary.isascii():
            return super().parse(stream, mimetype, content_length, dict(options or {}))
        parser = MultiPartParser(self.stream_factory, self.max_form_memory_size, self.cls, PIECE, self.max_form_parts)
        try:
            return stream, *parser.parse(stream, boundary.encode(), content_length)
        except ValueError:  # no form can be read in it, as Werkzeug says it: one without fields
            return stream, self.cls(), self.cls()


class _Request(Request):
    form_data_parser_class = _Parser
