"""Ask a limited child process what a file really is; this process never reads what is inside."""

import json
import logging
import os
import threading
from datetime import date
from typing import BinaryIO

from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason
from portfolio.files.sandbox.fork_server import ForkServer
from portfolio.files.sandbox.process import as_file_descriptor

_log = logging.getLogger(__name__)

_SECONDS = 10
_BYTES_A_SECOND = 20_000_000
_MAX_ANSWER_BYTES = 4096
_opening = ForkServer("portfolio.files.file_types.inspect_main")
_children = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


def sniff(content: BinaryIO, size: int) -> DetectedFile:
    """Return what a file of this size in bytes really is, whatever its name says; the content is left at its beginning.

    Raises FileRejected, and nothing else but StoreFull, whatever is inside: EMPTY, DAMAGED, PASSWORD, …; RESOURCE_LIMIT
    when the child was stopped by its limits; NOT_CHECKED when the check itself could not run, or the machine was too
    busy for it, which is our fault and is logged.
    """
    if size == 0:
        raise FileRejected(RejectionReason.EMPTY)
    seconds = _SECONDS + size // _BYTES_A_SECOND
    try:
        with as_file_descriptor(content) as file, _children, _opening.output(file, seconds) as output:
            said = output.line(_MAX_ANSWER_BYTES) if output.ready else None
    finally:
        content.seek(0)
    if not output.ready or output.is_late:
        raise FileRejected(RejectionReason.NOT_CHECKED)
    if said is None:
        _log.warning("a file stopped its limited child")
        raise FileRejected(RejectionReason.RESOURCE_LIMIT)
    return _understood(said)


def _understood(said: bytes) -> DetectedFile:
    try:
        answer = json.loads(said)
        if "refused" in answer:
            refusal = FileRejected(RejectionReason(answer["refused"]), answer.get("facts", {}))
        else:
            taken_on = date.fromisoformat(answer["taken_on"]) if answer["taken_on"] else None
            return DetectedFile(FileType(answer["kind"]), answer["pages"], answer["seconds"], taken_on)
    except (ValueError, LookupError, TypeError) as error:  # a child that a file took over may say anything
        raise FileRejected(RejectionReason.RESOURCE_LIMIT) from error
    if "error" in answer:
        _log.warning("a file was refused because its opening met %s", answer["error"])
    raise refusal
