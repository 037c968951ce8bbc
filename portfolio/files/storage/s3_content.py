"""An object of S3 read as a file: what is asked for arrives as it is read, from any place of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from portfolio.files.storage.s3_errors import translate_errors
from portfolio.files.storage.store import StoreUnavailable


class Content(io.RawIOBase):
    """The bytes of a kept object. It was never overwritten, so that two requests read the same one."""

    def __init__(
        self,
        key: str,
        ask: Callable[[int], Any],
        observed: Callable[[str], AbstractContextManager[None]] = translate_errors,
    ) -> None:
        """`ask` answers the object from a place of it on; it is asked at once, so that an absent one is told
        at once.

        `observed` turns what reading raises into what a store says.
        """
        super().__init__()
        answer = ask(0)
        self._key, self._ask, self._observed, self._place = key, ask, observed, 0
        self._body, self._size = answer["Body"], int(answer["ContentLength"])

    def readable(self) -> bool:
        """It is read."""
        return True

    def seekable(self) -> bool:
        """It is read from any place."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; nothing is asked of the store before the next reading."""
        place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        if place < 0:
            raise ValueError("a place before the beginning")
        if place != self._place:
            self._let_go()
            self._place = place
        return place

    def tell(self) -> int:
        """Say the place."""
        return self._place

    def readinto(self, buffer: Any, /) -> int:
        """Read the next bytes; raises StoreUnavailable when the store stops answering before the end."""
        if self._place >= self._size:
            return 0
        if self._body is None:
            self._body = self._ask(self._place)["Body"]
        with self._observed(self._key):
            chunk = self._body.read(len(buffer))
        if not chunk:
            raise StoreUnavailable(f"{self._key}: cut at {self._place} of {self._size} bytes")
        buffer[: len(chunk)] = chunk
        self._place += len(chunk)
        return len(chunk)

    def close(self) -> None:
        """Let the connection go, whatever is left to read."""
        self._let_go()
        super().close()

    def _let_go(self) -> None:
        body, self._body = getattr(self, "_body", None), None
        if body is not None:
            body.close()
