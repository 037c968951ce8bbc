"""A large file comes in parts, so that a cut connection costs one part: their size, and for how long the rest is waited for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

# Bytes: about half a minute on the connection of a train. A file that is no longer comes at once, with its form.
PART_BYTES = 4 * 1024 * 1024
# How long an unfinished file is waited for after its last part.
UPLOAD_LIFETIME = timedelta(days=7)
# How many unfinished files one dossier may have: each holds room on the disk.
MAX_UPLOADS = 20


class UploadRefusal(StrEnum):
    """Why a file does not begin to come, or is not looked at yet."""

    AT_ONCE = "too_many_files_at_once"
    TOO_MANY = "too_many_unfinished_files"


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """A file before it comes: its name, its size in bytes, and the mark by which the browser knows it again."""

    name: str
    size: int
    mark: str


def is_next_part(place: int, length: int, size: int) -> bool:
    """Say whether a part of so many bytes may stand at this place of a file of this size."""
    return 0 < length <= PART_BYTES and 0 <= place <= size - length
