"""Limits on the bytes of evidence of one person, and of all the candidacies of one body (design).

Resumable upload: a large file is sent in parts, so that a broken connection costs one part; expiry of the rest.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class QuotaRefusal(StrEnum):
    """Owners whose quota a file would pass."""

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


# How long an unfinished file is waited for after it was last announced.
UPLOAD_LIFETIME = timedelta(days=7)
# How many unfinished files one dossier may have: each holds room on the disk.
MAX_UPLOADS = 20


class UploadRefusal(StrEnum):
    """Reasons why a file does not begin to come, is not looked at yet, or becomes no piece."""

    AT_ONCE = "too_many_files_at_once"
    TOO_MANY = "too_many_unfinished_files"
    TAKEN = "upload_already_taken"


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """A file before it comes: its name, its size in bytes, and the mark by which the browser knows it again."""

    name: str
    size: int
    mark: str


def is_next_part(start: int, length: int, size: int, part: int) -> bool:
    """Return whether a part of so many bytes may begin at this place of a file of this size."""
    return 0 < length <= part and 0 <= start <= size - length
