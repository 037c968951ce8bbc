"""Passwords: argon2id with settings that twenty simultaneous logins can afford."""

from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from zxcvbn import zxcvbn

from portfolio.domain.account.rules import PasswordError, is_personal, keyboard_words, words_in

# 19 MiB, two passes: the library's defaults took more than a gigabyte for twenty logins at once.
# Guesses needed by who knows lists of passwords, keyboards and dates: fewer than this, and a password is
# refused.
_MIN_GUESSES = 10**9
# Longer texts are not estimated to their end: the library takes no more, and its time grows with the square
# of the length.
_ESTIMATED = 72
_hasher = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)


def hash_password(password: str) -> str:
    """Return what is kept of a password."""
    return _hasher.hash(password)


@cache
def _nobody() -> str:
    return _hasher.hash("a password that nobody has")


def verify_password(password: str, stored_hash: str | None) -> bool:
    """Return whether this is the password; takes the same time for an account that does not exist."""
    try:
        _hasher.verify(stored_hash or _nobody(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return stored_hash is not None


def guessed_soon(password: str, *about: str) -> PasswordError | None:
    """Say why a password would be guessed soon, or None; `about` are the name, the address and the bodies of
    its person.
    """
    words = words_in(*about)
    if is_personal(password, words):
        return PasswordError.PERSONAL
    estimate = zxcvbn(password[:_ESTIMATED], user_inputs=[*sorted(words), *_runs()])  # type: ignore[no-untyped-call]
    if estimate["guesses"] >= _MIN_GUESSES:
        return None
    parts = estimate["sequence"]
    if any(part["pattern"] == "dictionary" and part["token"].casefold() in words for part in parts):
        return PasswordError.PERSONAL
    typed = sum(len(part["token"]) for part in parts if _is_run(part))
    return PasswordError.KEYBOARD if 2 * typed > len(password) else PasswordError.FREQUENT


@cache
def _runs() -> dict[str, None]:
    """Return runs on a keyboard, the longest first: the estimate depends on the order."""
    return dict.fromkeys(sorted(keyboard_words(), key=lambda run: (-len(run), run)))


def _is_run(part: dict[str, Any]) -> bool:
    return part["pattern"] in {"spatial", "sequence", "repeat"} or part["token"].casefold() in _runs()
