"""A signed document comes in with a form: checked and kept before the transaction that names it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from flask.typing import ResponseReturnValue

from portfolio.domain.evidence.use_cases.upload_batch import UploadBatch, upload_batch
from portfolio.domain.jury.models.statements import SignedDocument
from portfolio.screens.evidence_files.downloads import send_copy


@contextmanager
def open_upload_batch() -> Iterator[UploadBatch]:
    """Open the reception of the files of one form."""
    with upload_batch(current_app.extensions["files"], max_file_bytes()) as opened:
        yield opened


def max_file_bytes() -> int:
    """The most that one file may weigh, in bytes."""
    most: int = current_app.config["SETTINGS"].upload_limit
    return most


def send_signed_document(document: SignedDocument) -> ResponseReturnValue:
    """Send a paper, as an attachment only, without the place that a photograph of it tells."""
    return send_copy(document.key, document.name, document.mime, document.size)
