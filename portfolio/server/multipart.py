"""Multipart forms, read by Werkzeug: each file goes to a temporary file, and the number of parts is bounded.

Browsers send heavy files in parts, as raw bodies (evidence/views/sendings.py). This is the way without
JavaScript.
"""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import IO, Any

from flask import Flask, Request
from werkzeug.formparser import FormDataParser

# No form of ours has so many parts, fields and files together.
MOST_PARTS = 300
# Bytes of each file that stay in memory: a form may have hundreds of files.
_IN_MEMORY = 64 * 1024


def init_app(app: Flask) -> None:
    """Read the forms of this application so."""
    app.request_class = _Request
    app.config["MAX_FORM_PARTS"] = MOST_PARTS


class _Parser(FormDataParser):
    def __init__(self, *_: Any, **more: Any) -> None:
        """Use our temporary files, whatever the request proposes."""
        super().__init__(**more | {"stream_factory": _temporary_file})


class _Request(Request):
    form_data_parser_class = _Parser


def _temporary_file(*_: object, **__: object) -> IO[bytes]:
    return SpooledTemporaryFile(_IN_MEMORY)
