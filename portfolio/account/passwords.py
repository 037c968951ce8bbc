"""Passwords: argon2id with settings that twenty simultaneous logins can afford."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

# 19 MiB, two passes: the library's defaults took more than a gigabyte for twenty logins at once.
_hasher = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return _hasher.hash(password)


@cache
def _nobody() -> str:
    return _hasher.hash("a password that nobody has")


def matches(password: str, kept: str | None) -> bool:
    """Say whether this is the password; takes the same time for an account that does not exist."""
    try:
        _hasher.verify(kept or _nobody(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return kept is not None
