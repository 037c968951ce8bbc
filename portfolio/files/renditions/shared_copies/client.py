"""Make what others than its owner receive of a file: a PDF of its pages, or the recording that is played.

This process never reads what is inside the file.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from portfolio.domain.dossier.rules.rendition import PageError
from portfolio.files.conversion.codes import NotConverted, open_made
from portfolio.files.conversion.converting import converted
from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import ActiveContent, FileRejected, FileType, Route, route_of
from portfolio.files.renditions.flattening.client import flatten
from portfolio.files.renditions.page_images.navigation import NotReadable
from portfolio.files.sandbox.fork_server import ForkServer
from portfolio.files.sandbox.process import ChildOutput, as_file_descriptor
from portfolio.files.storage.store import CHUNK_BYTES, disk_full_as_store_full

_server = ForkServer("portfolio.files.renditions.shared_copies.child_main")
_MAX_ANNOUNCED_BYTES = 400
_SECONDS, _BYTES_A_SECOND = 10, 50_000_000
_MAX_ADDED_BYTES = 8_000_000
_children = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


class CannotCopy(Exception):  # noqa: N818 - said to a person
    """Nothing can be made of the file that is safe to give."""


class CopyUnavailable(Exception):  # noqa: N818 - our own fault, told in the log
    """The child could not run, or had no time to on a busy machine."""


@contextmanager
def open_shared_copy(content: BinaryIO, kind: FileType, size: int) -> Iterator[BinaryIO]:
    """Lend a PDF of what a document or a picture shows, in which nothing acts, calls or tells a place.

    Raises CannotCopy, CopyUnavailable, StoreFull.
    """
    with ExitStack() as held:
        held.enter_context(_children)
        copy = cast(BinaryIO, held.enter_context(TemporaryFile()))
        try:
            if kind is not FileType.PDF and (route := route_of(kind)) is not None:
                if route is Route.MEDIA:
                    raise CannotCopy
                content = held.enter_context(open_made(held.enter_context(converted(content, kind))))
                kind, size = FileType.PDF, content.seek(0, os.SEEK_END)
            if kind is FileType.PDF:
                copy = copy if _has_written_pdf(content, size, copy) else content
            else:
                pages = sniff(content, size).pages or 1
                with disk_full_as_store_full():
                    flatten(content, kind, pages, {}, copy)
        except NotReadable as error:
            raise (CopyUnavailable if error.code is PageError.NOT_DRAWN else CannotCopy) from error
        except TimeoutError as error:
            raise CopyUnavailable from error
        except (NotConverted, FileRejected) as error:
            raise CannotCopy from error
        copy.seek(0)
        yield copy


def _has_written_pdf(content: BinaryIO, size: int, copy: BinaryIO) -> bool:
    """Take the copy that the child makes, piece by piece; return whether there is one."""
    with _said_of(content, size) as answer:
        length, _ = _announced(answer, size)
        for place in range(0, length, CHUNK_BYTES):
            piece = answer.bytes(min(CHUNK_BYTES, length - place))
            if piece is None:
                raise CopyUnavailable if answer.is_late else CannotCopy
            with disk_full_as_store_full():
                copy.write(piece)
    return length > 0


def find_active_content(content: BinaryIO, size: int) -> frozenset[ActiveContent]:
    """Return what acts by itself in a PDF: the copies that others receive do without.

    Raises CannotCopy when that cannot be known for sure, CopyUnavailable when the child could not run.
    """
    with _children, _said_of(content, size) as answer:
        return _announced(answer, size)[1]


@contextmanager
def _said_of(content: BinaryIO, size: int) -> Iterator[ChildOutput]:
    seconds = _SECONDS + size // _BYTES_A_SECOND
    with as_file_descriptor(content) as file, _server.output(file, seconds) as answer:
        yield answer


def _announced(answer: ChildOutput, size: int) -> tuple[int, frozenset[ActiveContent]]:
    """Return how long the copy is that the child announces, and what it does without."""
    if not answer.ready:
        raise CopyUnavailable
    try:
        length, *active = json.loads(answer.line(_MAX_ANNOUNCED_BYTES) or b"null")
        found = frozenset(map(ActiveContent, active))
    except (ValueError, TypeError) as error:
        raise (CopyUnavailable if answer.is_late else CannotCopy) from error
    if not isinstance(length, int) or not 0 <= length <= 2 * size + _MAX_ADDED_BYTES:
        raise CannotCopy
    return length, found
