"""The conversation: whose words can still be changed, by whom, and until when.

E-mail notifications of messages: immediately, once a day, or never; content of the daily digest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from portfolio.calendar import PARIS, day_of
from portfolio.domain.dossier.rules.assessment import ReviewRefusal


@dataclass(frozen=True)
class ConversationEntry:
    """A message or a mark in the conversation: who spoke, when, and whether they took it back."""

    author: UUID
    at: datetime
    withdrawn: bool = False


@dataclass(frozen=True)
class Unread:
    """Number of unread messages of a conversation, and since when the oldest of it waits."""

    messages: int
    marks: int
    since: datetime

    @property
    def count(self) -> int:
        """Messages and marks together."""
        return self.messages + self.marks


def prevents_change(entry: ConversationEntry, thread: Iterable[ConversationEntry], by: UUID) -> ReviewRefusal | None:
    """Say why these words can no longer be changed by this person, or None.

    Only one's own; not once withdrawn; and not once the other has spoken after them: an answer would then
    answer to words that nobody said (design). Words can always be withdrawn: a trace stays in their place.
    """
    if entry.author != by:
        return ReviewRefusal.NOT_YOUR_WORDS
    if entry.withdrawn:
        return ReviewRefusal.ALREADY_WITHDRAWN
    answered = any(
        conversation_entry.author != by and conversation_entry.at > entry.at and not conversation_entry.withdrawn
        for conversation_entry in thread
    )
    return ReviewRefusal.ANSWERED_SINCE if answered else None


# Before the day begins for most, after the evenings on which dossiers are written (design).
DIGEST_HOUR = time(7)


class Frequency(StrEnum):
    """Frequencies of letters about their conversations.

    Letters that the law or safety require ask nobody.
    """

    AT_ONCE = "at_once"
    DAILY = "daily"
    NEVER = "never"


def digest_of(at: datetime) -> tuple[date, datetime]:
    """Say which day's digest is the last one due at this moment, and up to when it tells: that day, at
    seven in Paris.
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
