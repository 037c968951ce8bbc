"""The limited child: draws one page of the file it was given as standard input; answers a line of JSON, then the image."""

from __future__ import annotations

import json
import os
import sys
from typing import BinaryIO

from portfolio.evidence.rendering import sheet
from portfolio.evidence.rendering.codes import NotReadable, PageFault
from portfolio.evidence.rendering.picture import Painter, encoded
from portfolio.storage.confinement import READY, confine
from portfolio.storage.kinds import FileKind


def main() -> None:
    """Load everything, give up everything, say so, then draw; arguments: CPU seconds, kind, page from 1, width in pixels."""
    kind, page, width = FileKind(sys.argv[4]), int(sys.argv[5]), int(sys.argv[6])
    painter, wanted = Painter(), set[str]()
    sheet.prepare()
    confine(cpu_seconds=int(sys.argv[3]))
    # A module asked for from now on cannot be read: without it, a sound page may look broken.
    sys.addaudithook(lambda event, args: wanted.add(str(args[0])) if event == "import" else None)
    os.write(1, READY)
    with open(0, "rb", closefd=False) as content:
        answer, image = _drawn(painter, content, (kind, page, width))
    if wanted and answer.get("fault") == PageFault.BROKEN_PAGE:
        answer = {"fault": PageFault.NOT_DRAWN, "error": f"want of {sorted(wanted)}"}
    _say(json.dumps(answer).encode() + b"\n" + image)
    os._exit(0)  # nothing that a hostile file left behind is tidied up, only dropped


def _drawn(painter: Painter, content: BinaryIO, what: tuple[FileKind, int, int]) -> tuple[dict[str, object], bytes]:
    kind, page, width = what
    try:
        pdf = kind is FileKind.PDF
        image = sheet.draw_sheet(content, page, width) if pdf else painter.draw(content, kind, page, width)
        return {"size": len(drawn := encoded(image))}, drawn
    except NotReadable as fault:
        return {"fault": fault.code}, b""
    except MemoryError:
        return {"fault": PageFault.TOO_HEAVY}, b""
    except Exception as error:  # no file may break the drawing: the page is told to be broken, and the log how
        return {"fault": PageFault.BROKEN_PAGE, "error": type(error).__name__}, b""


def _say(answer: bytes) -> None:
    while answer:
        answer = answer[os.write(1, answer) :]
