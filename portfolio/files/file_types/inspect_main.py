"""The sandboxed child: it opens the file that it receives, and writes one line of JSON."""

import json
import os
import sys
from typing import BinaryIO

from portfolio.files.file_types.identify import FileTypeDetector
from portfolio.files.file_types.types import FileRejected, RejectionReason
from portfolio.files.sandbox.fork_server import receive_file
from portfolio.files.sandbox.walls import READY, set_rlimits


def main() -> None:
    """Import everything; then, in the child that receives a file, apply the limits, report READY, and open the file."""
    identifier, wanted = FileTypeDetector(), set[str]()
    [seconds] = receive_file(forks=bool(int(sys.argv[3])), rehearse=identifier.warm_up)
    set_rlimits(cpu_seconds=int(seconds))
    # A module asked for from now on cannot be read: without it, a sound file may look damaged.
    sys.addaudithook(lambda event, args: wanted.add(str(args[0])) if event == "import" else None)
    os.write(1, READY)
    with open(0, "rb", closefd=False) as content:
        answer = _answer(identifier, content)
    if wanted and answer.get("refused") == RejectionReason.DAMAGED:
        answer = {"refused": RejectionReason.NOT_CHECKED, "error": f"want of {sorted(wanted)}"}
    os.write(1, json.dumps(answer).encode() + b"\n")
    os.close(1)  # the answer is whole: nobody waits for the memory to be given back
    os._exit(0)  # nothing that a hostile file left behind is tidied up, only dropped


def _answer(identifier: FileTypeDetector, content: BinaryIO) -> dict[str, object]:
    try:
        sniffed = identifier.identify(content, os.fstat(0).st_size)
    except FileRejected as refusal:
        return {"refused": refusal.code, "facts": dict(refusal.facts)}
    except MemoryError:
        return {"refused": RejectionReason.RESOURCE_LIMIT}
    except Exception as error:  # no file may break the check: it is refused, and the log is told how
        return {"refused": RejectionReason.DAMAGED, "error": type(error).__name__}
    taken_on = sniffed.taken_on.isoformat() if sniffed.taken_on else None
    return {"kind": sniffed.kind, "pages": sniffed.pages, "seconds": sniffed.seconds, "taken_on": taken_on}
