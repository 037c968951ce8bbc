"""Limits on the bytes of evidence of one person, and of all the candidacies of one body (design)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class QuotaRefusal(StrEnum):
    """Whose quota a file would pass."""

    PERSON = "person_quota"
    BODY = "body_quota"


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit in bytes, 0 for none, and how many bytes are used, uploads on their way included."""

    limit: int
    used: int

    @property
    def room(self) -> int | None:
        """Return how many bytes may still come; None without a limit."""
        return max(0, self.limit - self.used) if self.limit else None

    def admits(self, size: int) -> bool:
        """Return whether so many more bytes are within the limit."""
        return not self.limit or self.used + size <= self.limit


@dataclass(frozen=True, slots=True)
class Quotas:
    """The quota of a person, and that of the body of their candidacy."""

    person: Quota
    body: Quota

    def refusal(self, size: int) -> QuotaRefusal | None:
        """Return whose quota so many more bytes would pass; None when both admit them."""
        if not self.person.admits(size):
            return QuotaRefusal.PERSON
        return None if self.body.admits(size) else QuotaRefusal.BODY

    @property
    def room(self) -> int | None:
        """Return how many bytes may still come under both limits; None without a limit."""
        rooms = [quota.room for quota in (self.person, self.body) if quota.room is not None]
        return min(rooms, default=None)
