"""Resumable upload: a large file is sent in parts, so that a broken connection costs one part; expiry of the
rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

# How long an unfinished file is waited for after it was last announced.
UPLOAD_LIFETIME = timedelta(days=7)
# How many unfinished files one dossier may have: each holds room on the disk.
MAX_UPLOADS = 20


class UploadRefusal(StrEnum):
    """Why a file does not begin to come, is not looked at yet, or becomes no piece."""

    AT_ONCE = "too_many_files_at_once"
    TOO_MANY = "too_many_unfinished_files"
    TAKEN = "upload_already_taken"


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """A file before it comes: its name, its size in bytes, and the mark by which the browser knows it
    again.
    """

    name: str
    size: int
    mark: str


def is_next_part(start: int, length: int, size: int, part: int) -> bool:
    """Return whether a part of so many bytes may begin at this place of a file of this size."""
    return 0 < length <= part and 0 <= start <= size - length
