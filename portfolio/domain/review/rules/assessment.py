"""The advisor's assessment of a competency: its values, when it is outdated, and what changed since."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Assessment(StrEnum):
    """What the advisor thinks of the coverage of a competency."""

    COVERED = "covered"
    PARTLY = "partly"
    NOT_COVERED = "not_covered"


class ReviewRefusal(StrEnum):
    """Why a mark, a message or a note is not accepted."""

    NOT_THE_ADVISOR = "review_not_the_advisor"
    NOT_IN_THE_CONVERSATION = "review_not_in_the_conversation"
    OUT_OF_SCOPE = "review_out_of_scope"
    BLOCK_HELD = "review_block_held"
    DOSSIER_SUBMITTED = "review_dossier_submitted"
    COMMENT_MISSING = "review_comment_missing"
    REMARK_EMPTY = "review_remark_empty"
    NO_SUCH_WORDS = "review_no_such_words"
    NOT_YOUR_WORDS = "review_not_your_words"
    ALREADY_WITHDRAWN = "review_already_withdrawn"
    ANSWERED_SINCE = "review_answered_since"
    CHANGED_MEANWHILE = "review_changed_meanwhile"


def needs_comment(value: Assessment) -> bool:
    """Say whether a mark must be explained: « couverte » may be bare, the others owe a reason to the
    candidate.
    """
    return value is not Assessment.COVERED


def is_outdated(mark_basis: str, current_basis: str) -> bool:
    """Say whether what the advisor had before them has changed since the mark (issue 2, step 4)."""
    return mark_basis != current_basis


class ChangeKind(StrEnum):
    """What happened to a competency's text, claims or pieces."""

    NARRATIVE = "narrative"
    CLAIM_ADDED = "claim_added"
    CLAIM_REMOVED = "claim_removed"
    CLAIM_REWORDED = "claim_reworded"
    FILE_REPLACED = "file_replaced"
    PIECE_DESCRIBED = "piece_described"
    OTHER = "other"


@dataclass(frozen=True, order=True)
class Change:
    """One thing that changed, and the number of the piece it is about."""

    piece: int
    kind: ChangeKind


@dataclass(frozen=True)
class PieceSeen:
    """The revisions of a claim and of its piece, and the version of the file, that someone had before
    them.
    """

    claim: int
    piece: int
    file: int


@dataclass(frozen=True)
class Seen:
    """The revisions of all that a page shows of one competency: small enough for a hidden field.

    It explains a change; only the digest of the contents decides that there is one.
    """

    narrative: int = 0
    pieces: Mapping[int, PieceSeen] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = [f"n{self.narrative}"]
        parts += [
            f"p{number}:{piece_seen.claim}.{piece_seen.piece}.{piece_seen.file}"
            for number, piece_seen in sorted(self.pieces.items())
        ]
        return " ".join(parts)


NARRATIVE_SEEN = re.compile(r"(?:^| )n([0-9]{1,9})(?= |$)")
PIECE_SEEN = re.compile(r"(?:^| )p([0-9]{1,9}):([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})(?= |$)")


def seen_from(text: str) -> Seen:
    """Read back `str(Seen)`; what cannot be read is as if it had not been seen."""
    narrative = NARRATIVE_SEEN.search(text)
    pieces = {
        int(match[1]): PieceSeen(int(match[2]), int(match[3]), int(match[4]))
        for match in PIECE_SEEN.finditer(text)
    }
    return Seen(int(narrative[1]) if narrative else 0, pieces)


def changes_between(before: Seen, after: Seen) -> tuple[Change, ...]:
    """Say what changed, text first, then piece by piece; never empty: call it when the digests differ."""
    found = sorted(_changes(before, after))
    return tuple(found) or (Change(0, ChangeKind.OTHER),)


def _changes(before: Seen, after: Seen) -> Iterator[Change]:
    if before.narrative != after.narrative:
        yield Change(0, ChangeKind.NARRATIVE)
    for number in before.pieces.keys() - after.pieces.keys():
        yield Change(number, ChangeKind.CLAIM_REMOVED)
    for number in after.pieces.keys() - before.pieces.keys():
        yield Change(number, ChangeKind.CLAIM_ADDED)
    for number in before.pieces.keys() & after.pieces.keys():
        yield from _piece_changes(number, before.pieces[number], after.pieces[number])


def _piece_changes(number: int, before: PieceSeen, after: PieceSeen) -> Iterator[Change]:
    if before.claim != after.claim:
        yield Change(number, ChangeKind.CLAIM_REWORDED)
    if before.file != after.file:
        yield Change(number, ChangeKind.FILE_REPLACED)
    if before.piece != after.piece:
        yield Change(number, ChangeKind.PIECE_DESCRIBED)
