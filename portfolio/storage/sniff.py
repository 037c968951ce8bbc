"""Ask a limited child process what a file really is; this process never reads what is inside."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from typing import BinaryIO

from portfolio.storage.confinement import READY
from portfolio.storage.kinds import FileKind, RefusalCode, Refused, Sniffed
from portfolio.storage.limited_child import as_a_real_file, is_late
from portfolio.storage.mother import Mother

_log = logging.getLogger(__name__)

_SECONDS = 10
_BYTES_A_SECOND = 20_000_000
_opening = Mother("portfolio.storage.opening")
_children = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


def sniff(content: BinaryIO, size: int) -> Sniffed:
    """Answer what a file of this size in bytes really is, whatever its name says; the content is left at its beginning.

    Raises Refused, and nothing else but StoreFull, whatever is inside: EMPTY, DAMAGED, PASSWORD, …; TOO_DEMANDING when
    the child was stopped by its limits; NOT_CHECKED when the check itself could not run, or the machine was too busy for
    it, which is our fault and is logged.
    """
    if size == 0:
        raise Refused(RefusalCode.EMPTY)
    seconds = _SECONDS + size // _BYTES_A_SECOND
    try:
        with as_a_real_file(content) as file, _children:
            began = time.monotonic()
            output = _opening.run(file, seconds)
    finally:
        content.seek(0)
    if is_late(output, began, seconds):
        raise Refused(RefusalCode.NOT_CHECKED)
    return _understood(output)


def _understood(output: bytes) -> Sniffed:
    if not output.startswith(READY):
        raise Refused(RefusalCode.NOT_CHECKED)
    if output == READY:
        raise Refused(RefusalCode.TOO_DEMANDING)
    try:
        answer = json.loads(output.removeprefix(READY))
        if "refused" in answer:
            refusal = Refused(RefusalCode(answer["refused"]), answer.get("facts", {}))
        else:
            return Sniffed(FileKind(answer["kind"]), answer["pages"], answer["seconds"])
    except (ValueError, LookupError, TypeError) as error:  # a child that a file took over may say anything
        raise Refused(RefusalCode.TOO_DEMANDING) from error
    if "error" in answer:
        _log.warning("a file was refused because its opening met %s", answer["error"])
    raise refusal
