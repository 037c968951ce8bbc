"""The law of accounts: tries, links, sessions, and what a password must be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

TRIES = 10
TRIES_WINDOW = timedelta(minutes=10)
RESET_LIFE = timedelta(hours=2)
PASSWORD_MIN = 12
PASSWORD_MAX = 256


class TicketPurpose(StrEnum):
    """Why a single-use link was sent."""

    INVITATION = "invitation"
    RESET = "reset"


class Tried(StrEnum):
    """What is tried at the door of an account; each is counted apart, so that who guesses passwords closes no way back in."""

    LOGIN = "login"
    RESET = "reset"


class PasswordFault(StrEnum):
    """Why a password is not accepted."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    REPEATS = "repeats"
    IS_EMAIL = "is_email"


def may_try(tries: Sequence[datetime], at: datetime) -> bool:
    """Say whether another try is allowed: at most ten in ten minutes for one account.

    Old tries fall out of the window, so nobody can lock a stranger out for good.
    """
    return sum(1 for moment in tries if moment > at - TRIES_WINDOW) < TRIES


def is_live(expires_at: datetime, ended_at: datetime | None, at: datetime) -> bool:
    """Say whether a session or a link still works at this moment."""
    return ended_at is None and at < expires_at


def password_fault(password: str, email: str) -> PasswordFault | None:
    """Say what is wrong with a chosen password, or None."""
    if len(password) < PASSWORD_MIN:
        return PasswordFault.TOO_SHORT
    if len(password) > PASSWORD_MAX:
        return PasswordFault.TOO_LONG
    if len(set(password)) < 5:
        return PasswordFault.REPEATS
    if password.casefold() == email.casefold():
        return PasswordFault.IS_EMAIL
    return None
