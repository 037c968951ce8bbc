"""The limited child: writes a PDF again without what acts, calls or tells a place in it."""

import json
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from portfolio.files.renditions.shared_copies import pdf
from portfolio.files.sandbox.walls import READY, apply_limits


def main() -> None:
    """Give up everything, say so, then write; argument: CPU seconds."""
    pdf.prepare()
    apply_limits(cpu_seconds=int(sys.argv[3]))
    os.write(1, READY)
    with open(0, "rb", closefd=False) as content:
        for piece in _copy(content):
            _say(piece)
    os._exit(0)


def _say(answer: bytes | memoryview) -> None:
    while answer:
        answer = answer[os.write(1, answer) :]


def _copy(content: BinaryIO) -> Iterator[bytes | memoryview]:
    """Answer the length of the copy, 0 of a PDF given as it is, with what acts in it, then the copy."""
    try:
        active, copy = pdf.shared_pdf(content)
    except Exception as error:  # no file may break the look
        yield json.dumps(type(error).__name__).encode() + b"\n"
        return
    view = copy.getbuffer() if copy else memoryview(b"")
    yield json.dumps([len(view), *sorted(active)]).encode() + b"\n"
    yield view
