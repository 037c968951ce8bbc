"""The limited child: writes a PDF again without what acts, calls or tells a place in it."""

import json
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from portfolio.files.renditions.shared_copies import pdf
from portfolio.files.sandbox.fork_server import receive_file
from portfolio.files.sandbox.walls import READY, set_rlimits


def main() -> None:
    """Load everything; then, in the child that receives a file, give up everything, say so, and write."""
    pdf.prepare()
    [seconds] = receive_file(forks=bool(int(sys.argv[3])), rehearse=pdf.prepare)
    set_rlimits(cpu_seconds=int(seconds))
    os.write(1, READY)
    with open(0, "rb", closefd=False) as content:
        for piece in _copy(content):
            _say(piece)
    os.close(1)  # the answer is whole: nobody waits for the memory to be given back
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
