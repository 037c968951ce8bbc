"""What a gzip stream holds, up to a bound."""

from __future__ import annotations

import zlib

_WITH_HEADER_OF_GZIP = 31  # the argument of zlib that reads a gzip header


def gunzip(content: bytes, most: int) -> bytes:
    """Return the first `most` bytes that a gzip stream holds; nothing of what is not one."""
    try:
        return zlib.decompressobj(_WITH_HEADER_OF_GZIP).decompress(content, most)
    except zlib.error:
        return b""
