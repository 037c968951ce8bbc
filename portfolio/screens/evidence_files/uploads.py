"""Handle the files of a form: store them once, or show the error on their field with the right status.

Limit concurrent heavy uploads and downloads per person or link.
"""

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from flask import current_app
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.domain.dossier.rules.quota import UploadRefusal
from portfolio.domain.dossier.use_cases.quarantine import Quarantine
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile, UploadBatch, upload_batch
from portfolio.domain.jury.rules.paper import PaperRefusal
from portfolio.errors import Refusal
from portfolio.files.file_types.types import FileRejected, is_scan
from portfolio.files.storage.store import StoreFull, StoreUnavailable, TooLarge
from portfolio.web.clock import now
from portfolio.web.forms import refusal_message, run_once
from portfolio.wording.evidence import refused_message

FileError = FileRejected | TooLarge | StoreFull | StoreUnavailable
FILE_ERRORS = (FileRejected, TooLarge, StoreFull, StoreUnavailable)


def max_file_bytes() -> int:
    """Return the most that one file may weigh, in bytes."""
    most: int = current_app.config["SETTINGS"].upload_limit
    return most


def open_upload_batch(limit: int | None = None) -> AbstractContextManager[UploadBatch]:
    """Open the reception of the files of one form, each of at most so many bytes."""
    by = current_user.id if current_user.is_authenticated else None
    apart = Quarantine(current_app.extensions["database"], by, now)
    return upload_batch(current_app.extensions["files"], limit or max_file_bytes(), apart)


def add_file_error(field: Any, error: FileError, name: str | None = None) -> int:
    """Have the field say why and what to do, `name` telling the file from others; answer the status, as
    `status_of` does.
    """
    field.errors = [*field.errors, refused_message(error, name)]
    field.status = 507 if isinstance(error, StoreFull) else 503 if isinstance(error, StoreUnavailable) else 422
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


def store_scan(batch: UploadBatch, field: Any, file: Any) -> ReceivedFile | None:
    """Receive a signed document; when it is refused, or cannot show a signature, the field says why."""
    scan = store_upload(batch, field, file)
    if scan is None or is_scan(scan.mime, scan.family):
        return scan
    field.errors = [*field.errors, refusal_message(Refusal(PaperRefusal.NOT_A_SCAN))]
    return None


def run_once_with_files(batch: UploadBatch, nonce: str | None, act: Callable[[Session], str]) -> ResponseReturnValue:
    """Act once (`web.once`), and go where it leads; the files received stay only if it is this time that
    it happened.
    """
    done = []

    def acting(db: Session) -> str:
        done.append(act(db))
        return done[0]

    response = run_once(nonce, acting)
    if done:
        batch.keep()
    return response


# Of one sender, in this process: less than half of its threads. Two clicks are two.
AT_ONCE = 3
_lock = threading.Lock()
_looked_at = Counter[Hashable]()


@contextmanager
def limit_concurrency(sender: Hashable) -> Iterator[None]:
    """Take one of the turns of a sender while a form of theirs is looked at; raises Refusal: AT_ONCE when all
    are taken.
    """
    with _lock:
        if _looked_at[sender] >= AT_ONCE:
            raise Refusal(UploadRefusal.AT_ONCE)
        _looked_at[sender] += 1
    try:
        yield
    finally:
        with _lock:
            _looked_at[sender] -= 1
            if not _looked_at[sender]:
                del _looked_at[sender]
