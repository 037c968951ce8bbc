"""Bytes of a file that someone else made, asked for by place."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO, Protocol

from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean

# How many bytes of something held say what it may be, and how heavy it may be to be looked at in memory.
HEAD, MOST_HELD = 16, 100_000_000


class ByteReader:
    """A file, read where it is asked; what is not there cannot be cleaned."""

    def __init__(self, content: BinaryIO, size: int) -> None:
        """Read this content, of this size in bytes."""
        self.content, self.size = content, size

    def at(self, start: int, count: int) -> bytes:
        """Answer exactly so many bytes; raises CannotClean."""
        if start < 0 or count < 0 or start + count > self.size:
            raise CannotClean
        self.content.seek(start)
        found = self.content.read(count)
        if len(found) != count:
            raise CannotClean
        return found

    def numbers(self, start: int, form: str) -> tuple[Any, ...]:
        """Answer numbers of this form (struct); raises CannotClean."""
        return struct.unpack(form, self.at(start, struct.calcsize(form)))


class EmbeddedHandler(Protocol):
    """What a document holds: photographs, films, documents again."""

    # Whether something acts by itself in what was looked into.
    acts: bool

    def wants(self, head: bytes) -> bool:
        """Return whether what begins so, with HEAD bytes, may tell a place."""

    def cleaned(self, content: bytes) -> bytes | None:
        """Return it without its places; None when it tells none; raises CannotClean."""

    def edits(self, content: bytes) -> list[ByteEdit]:
        """Return what to cut from it; raises CannotClean."""
