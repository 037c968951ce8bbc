"""The conversation: whose words can still be changed, by whom, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portfolio.domain.review.rules.assessment import ReviewRefusal


@dataclass(frozen=True)
class ConversationEntry:
    """A message or a mark in the conversation: who spoke, when, and whether they took it back."""

    author: UUID
    at: datetime
    withdrawn: bool = False


@dataclass(frozen=True)
class Unread:
    """How much of a conversation was not read, and since when the oldest of it waits."""

    messages: int
    marks: int
    since: datetime

    @property
    def count(self) -> int:
        """Messages and marks together."""
        return self.messages + self.marks


def prevents_change(
    entry: ConversationEntry, thread: Iterable[ConversationEntry], by: UUID
) -> ReviewRefusal | None:
    """Say why these words can no longer be changed by this person, or None.

    Only one's own; not once withdrawn; and not once the other has spoken after them: an answer would then
    answer to words that nobody said (design). Words can always be withdrawn: a trace stays in their place.
    """
    if entry.author != by:
        return ReviewRefusal.NOT_YOUR_WORDS
    if entry.withdrawn:
        return ReviewRefusal.ALREADY_WITHDRAWN
    answered = any(
        conversation_entry.author != by
        and conversation_entry.at > entry.at
        and not conversation_entry.withdrawn
        for conversation_entry in thread
    )
    return ReviewRefusal.ANSWERED_SINCE if answered else None
