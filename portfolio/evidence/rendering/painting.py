"""Ask a limited child process to draw a page; this process never reads what is inside the file."""

from __future__ import annotations

import json
import logging
import threading
from typing import BinaryIO

from portfolio.evidence.rendering.codes import Busy, NotReadable, PageFault
from portfolio.storage.confinement import READY
from portfolio.storage.kinds import FileKind
from portfolio.storage.limited_child import as_a_real_file, run_child

_log = logging.getLogger(__name__)

_MAIN = "portfolio.evidence.rendering.drawing"
_SECONDS = 10
# A photograph two thousand pixels wide takes one or two million bytes.
_MOST = 16_000_000
# Two pages are drawn at once, whoever asks; who comes next waits a little, then is asked to come back: threads are few.
AT_ONCE = 2
PATIENCE = 2.0
_easels = threading.BoundedSemaphore(AT_ONCE)


def paint(content: BinaryIO, kind: FileKind, page: int, width: int) -> bytes:
    """Answer one page (from 1) of a kept file as WebP, at most this wide in pixels.

    Raises NotReadable, whatever is inside the file: NO_SUCH_PAGE, BROKEN_PAGE, TOO_HEAVY when the child was stopped by its
    limits, NOT_DRAWN when it could not run, which is our fault and is logged. Raises Busy when others are being drawn.
    """
    if not _easels.acquire(timeout=PATIENCE):
        raise Busy
    try:
        with as_a_real_file(content) as file:
            output = run_child(_MAIN, file, _SECONDS, kind.value, str(page), str(width), most=_MOST)
    finally:
        _easels.release()
    return _understood(output)


def _understood(output: bytes) -> bytes:
    if not output.startswith(READY):
        raise NotReadable(PageFault.NOT_DRAWN)
    line, _, image = output.removeprefix(READY).partition(b"\n")
    try:
        answer = json.loads(line or b"null")
        fault = PageFault(answer["fault"]) if "fault" in answer else None
        # A child that a file took over may say anything: what it says is an image of ours, or nothing.
        whole = fault is None and answer["size"] == len(image) and image[:4] == b"RIFF" and image[8:12] == b"WEBP"
    except (ValueError, LookupError, TypeError) as error:
        raise NotReadable(PageFault.TOO_HEAVY) from error
    if whole:
        return image
    if "error" in answer:
        _log.warning("a page was not drawn because its opening met %s", answer["error"])
    raise NotReadable(fault or PageFault.TOO_HEAVY)
