"""A bucket of an S3, without the library that reaches it: an installation on one machine loads none of that."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class S3Settings:
    """A bucket, the prefix of our files in it, and how to reach it; what is empty is found as AWS tools find it."""

    name: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)

    def reached_by(self, endpoint: str) -> S3Settings:
        """Return the same bucket under another endpoint."""
        return replace(self, endpoint=endpoint)


def in_base64(sha256: str) -> str:
    """Return a digest in hexadecimal as an S3 writes it."""
    return b64encode(bytes.fromhex(sha256)).decode()
