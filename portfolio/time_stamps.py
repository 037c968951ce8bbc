"""Time-stamps of an outside authority (RFC 3161): asked over HTTP, read back and verified before they are kept."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import requests
from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import TimestampRequestBuilder, VerifierBuilder, decode_timestamp_response
from rfc3161_client.errors import VerificationError

_WAIT_SECONDS = 10
_MOST_BYTES = 2**20


class TimeStampError(Exception):
    """The authority gives no time-stamp, or one that the file of authorities does not verify."""


def load_authorities(path: Path) -> list[Certificate]:
    """Read the certificates of a PEM file; raise TimeStampError when there is none to read."""
    try:
        return load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise TimeStampError(f"{path.name}: {type(error).__name__}") from error


def ask(url: str, request: bytes) -> bytes:
    """Send a request to an authority and return its answer as it came; raise TimeStampError."""
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    try:
        with requests.post(
            url, request, headers=headers, timeout=_WAIT_SECONDS, stream=True, allow_redirects=False
        ) as answer:
            content: bytes = answer.raw.read(_MOST_BYTES, decode_content=True)
            if answer.status_code != requests.codes.ok or not content:
                raise TimeStampError(f"HTTP {answer.status_code}")
            return content
    except (requests.RequestException, OSError) as error:
        raise TimeStampError(type(error).__name__) from error


def stamp(url: str, message: bytes, authorities: Sequence[Certificate]) -> tuple[bytes, datetime]:
    """Return the answer of an authority about a message, as it came, and the time that it says; raise TimeStampError
    when it is not one that verifies.
    """
    request = TimestampRequestBuilder().data(message).build()
    content = ask(url, request.as_bytes())
    return content, verify(content, message, authorities, nonce=request.nonce)


def verify(content: bytes, message: bytes, authorities: Sequence[Certificate], *, nonce: int | None = None) -> datetime:
    """Return when an answer says that a message existed; raise TimeStampError for another message, another authority,
    or an answer that cannot be read.
    """
    try:
        answer = decode_timestamp_response(content)
        VerifierBuilder(roots=list(authorities), nonce=nonce).build().verify_message(answer, message)
        return answer.tst_info.gen_time.astimezone(UTC)
    except (VerificationError, ValueError) as error:
        raise TimeStampError(str(error)) from error
