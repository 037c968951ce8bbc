"""Translate S3 errors into the errors of a file store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from portfolio.files.storage.store import (
    KeyExists,
    KeyNotFound,
    StoreError,
    StoreFull,
    StoreUnavailable,
    TooLarge,
)

_ABSENT = {"NoSuchKey", "NoSuchUpload", "NotFound", "404"}
# The bytes are not those of the digest that was said.
_ALTERED = {"BadDigest", "InvalidPart", "XAmzContentChecksumMismatch"}
_NO_ROOM = {"InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "507"}
# The most that one request may carry.
_LARGEST = 5 * 1024**3


class Altered(StoreUnavailable):
    """The store has other bytes than it was told."""


@contextmanager
def translate_errors(key: str) -> Iterator[None]:
    """Turn what the client raises into KeyExists, KeyNotFound, StoreFull, TooLarge, or StoreUnavailable for
    all the rest.
    """
    try:
        yield
    except ClientError as error:
        raise _meaning(error, key) from error
    except (BotoCoreError, HTTPError) as error:
        raise StoreUnavailable(f"{key}: {type(error).__name__}") from error


def _meaning(error: ClientError, key: str) -> StoreError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in {"PreconditionFailed", "412"}:
        return KeyExists(key)
    if code in _ABSENT:
        return KeyNotFound(key)
    if code in _ALTERED:
        return Altered(f"{key}: {code}")
    if code in _NO_ROOM:
        return StoreFull(f"{key}: {code}")
    if code == "EntityTooLarge":
        return TooLarge(_LARGEST)
    return StoreUnavailable(f"{key}: {code}")
