"""Rich text: an embedded object is taken out of the copy that others receive; the picture that stands for it
stays.
"""

from __future__ import annotations

import io
import re
from typing import BinaryIO

from portfolio.files.file_types.types import ActiveContent
from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean, apply_edits, sorted_edits
from portfolio.files.metadata_removal.byte_reader import MOST_HELD

_DATA = re.compile(rb"\\objdata(?![a-zA-Z])", re.IGNORECASE)
# A link is fetched, an object is started again: without these words the picture is all there is.
_STARTS = re.compile(
    rb"\\(?:objupdate|objautlink|objlink|objocx|objhtml|objemb|objsub|objicemb)(?![a-zA-Z])", re.IGNORECASE
)
_BRACES = re.compile(rb"\\[{}\\]|[{}]")


def without_objects(content: BinaryIO, size: int) -> tuple[frozenset[ActiveContent], BinaryIO | None]:
    """Return whether a rich text holds objects, and a copy without them; no copy when it holds none.

    Raises CannotClean.
    """
    if size > MOST_HELD:
        raise CannotClean
    content.seek(0)
    text = content.read()
    edits = [ByteEdit(found.start(), _end_of_group(text, found.end())) for found in _DATA.finditer(text)]
    outer = [
        edit
        for number, edit in enumerate(edits)
        if not any(edit.start < before.end for before in edits[:number])
    ]
    starts = [
        ByteEdit(found.start(), found.end())
        for found in _STARTS.finditer(text)
        if not any(edit.start <= found.start() < edit.end for edit in outer)
    ]
    edits = sorted_edits([*outer, *starts], size)
    if not edits:
        return frozenset(), None
    return frozenset({ActiveContent.OBJECT}), io.BytesIO(b"".join(apply_edits(io.BytesIO(text), edits)))


def _end_of_group(text: bytes, start: int) -> int:
    """Return where the group that is open at this place ends: before the brace that closes it."""
    depth = 1
    for brace in _BRACES.finditer(text, start):
        depth += {b"{": 1, b"}": -1}.get(brace[0], 0)
        if not depth:
            return brace.start()
    return len(text)
