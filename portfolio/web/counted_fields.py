"""The body of a form without files, whose fields are counted while it is read: Werkzeug counts those with
files alone.
"""

from __future__ import annotations

import io
from typing import IO, Any

from werkzeug.exceptions import RequestEntityTooLarge


class CountedFields(io.RawIOBase):
    """A stream that raises RequestEntityTooLarge as soon as it holds too many fields: each costs many times
    its bytes.
    """

    def __init__(self, stream: IO[bytes], max_fields: int) -> None:
        """Read this stream of a body in `application/x-www-form-urlencoded`."""
        self._stream, self._left = stream, max_fields

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read the next bytes."""
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._left -= data.count(b"&")
        if self._left <= 0:
            raise RequestEntityTooLarge
        return len(data)
