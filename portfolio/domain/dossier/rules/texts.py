"""Texts of a candidate about a job and about the content of a piece of evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

COMMENT_MAX_CHARS = 2000


@dataclass(frozen=True, slots=True)
class ExperienceText:
    """What the candidate says of a post (domain §6: structure, context, post, perimeter,
    responsibilities).
    """

    post: str
    structure: str
    began_on: date | None = None
    ended_on: date | None = None
    context: str = ""
    perimeter: str = ""
    responsibilities: str = ""


@dataclass(frozen=True, slots=True)
class ClaimText:
    """What a claim says: where to look (in the one form of the rules of passages), and what it shows."""

    passage: str = ""
    comment: str = ""
