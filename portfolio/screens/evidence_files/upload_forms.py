"""Handle the files of a form: store them once, or show the error on their field with the right status."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portfolio.domain.evidence.use_cases.upload_batch import ReceivedFile, UploadBatch
from portfolio.files.file_types.types import FileRejected
from portfolio.files.storage.store import StoreFull, StoreUnavailable, TooLarge
from portfolio.web.idempotency import run_once
from portfolio.wording.evidence import refused_message

FileError = FileRejected | TooLarge | StoreFull | StoreUnavailable
FILE_ERRORS = (FileRejected, TooLarge, StoreFull, StoreUnavailable)


def add_file_error(field: Any, error: FileError, name: str | None = None) -> int:
    """Have the field say why and what to do, `name` telling the file from others; answer the status, as
    `status_of` does.
    """
    field.errors = [*field.errors, refused_message(error, name)]
    field.status = (
        507 if isinstance(error, StoreFull) else 503 if isinstance(error, StoreUnavailable) else 422
    )
    return error_status(field)


def error_status(field: Any) -> int:
    """Answer the status of a form whose file was refused: 422, or 507 and 503 when it is the store that is
    full or silent.
    """
    status: int = getattr(field, "status", 422)
    return status


def store_upload(batch: UploadBatch, field: Any, file: Any) -> ReceivedFile | None:
    """Receive a file; when it is refused, the field says why."""
    try:
        return batch.store_file(file.filename, file.stream)
    except FILE_ERRORS as error:
        add_file_error(field, error)
        return None


def run_once_with_files(
    batch: UploadBatch, nonce: str | None, act: Callable[[Session], str]
) -> ResponseReturnValue:
    """Act once (`web.once`), and go where it leads; the files received stay only if it is this time that it
    happened.
    """
    done = []

    def acting(db: Session) -> str:
        done.append(act(db))
        return done[0]

    response = run_once(nonce, acting)
    if done:
        batch.keep()
    return response
