"""E-mail notifications of messages: immediately, once a day, or never; content of the daily digest."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from portfolio.calendar import PARIS, day_of

# Before the day begins for most, after the evenings on which dossiers are written (design).
DIGEST_HOUR = time(7)


class Frequency(StrEnum):
    """How often a person wants letters about their conversations.

    Letters that the law or safety require ask nobody.
    """

    AT_ONCE = "at_once"
    DAILY = "daily"
    NEVER = "never"


def digest_of(at: datetime) -> tuple[date, datetime]:
    """Say which day's digest is the last one due at this moment, and up to when it tells: that day, at seven
    in Paris.
    """
    day = day_of(at)
    moment = datetime.combine(day, DIGEST_HOUR, PARIS)
    if at < moment:
        day -= timedelta(days=1)
        moment = datetime.combine(day, DIGEST_HOUR, PARIS)
    return day, moment


def is_news(newest: datetime, last_digest_until: datetime | None) -> bool:
    """Say whether what waits was said since the last digest: nobody is told twice of the same words."""
    return last_digest_until is None or newest >= last_digest_until
