"""Refusal of requests that two servers may read as two different ones (RFC 9112 §3.2, §6.3).

waitress 3.0.2 joins repeated headers and accepts a length beside an encoding (Pylons/waitress#464).
"""

from __future__ import annotations

from waitress.parser import ParsingError, get_header_lines


def refuse_ambiguous(head: bytes) -> None:
    """Raise ParsingError for two hosts or none, two lengths, two encodings, or a length beside an
    encoding.
    """
    first, _, rest = head.partition(b"\r\n")
    names = [line.partition(b":")[0].strip(b" \t").lower() for line in get_header_lines(rest)]
    hosts, lengths, encodings = (
        names.count(name) for name in (b"host", b"content-length", b"transfer-encoding")
    )
    is_older = first.rstrip().endswith(b"HTTP/1.0")
    if hosts > 1 or (hosts == 0 and first.rstrip().endswith(b"HTTP/1.1")):
        raise ParsingError("a request names one host")
    if lengths > 1 or encodings > 1 or (lengths and encodings) or (is_older and encodings):
        raise ParsingError("the length of the body is not sure")
