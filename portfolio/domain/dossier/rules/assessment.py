"""The advisor's assessment of a competency: its values, when it is outdated, and what changed since.

What a candidate thinks of their own mastery of a competency: for the advisor, never for the jury.

Compare the snapshot of a competency at its review with the present content, word by word.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from portfolio.domain.dossier.rules.description import EvidenceDescription


class Assessment(StrEnum):
    """Opinions of the advisor on the coverage of a competency."""

    COVERED = "covered"
    PARTLY = "partly"
    NOT_COVERED = "not_covered"


class ReviewRefusal(StrEnum):
    """Reasons why a mark, a message or a note is not accepted."""

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
    """Say whether a mark must be explained: « couverte » may be bare, the others owe a reason to the candidate."""
    return value is not Assessment.COVERED


def is_outdated(mark_basis: str, current_basis: str) -> bool:
    """Say whether what the advisor had before them has changed since the mark (issue 2, step 4)."""
    return mark_basis != current_basis


class ChangeKind(StrEnum):
    """Changes of a competency's text, claims or pieces."""

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
    """The revisions of a claim and of its piece, and the version of the file, that someone had before them."""

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
        int(match[1]): PieceSeen(int(match[2]), int(match[3]), int(match[4])) for match in PIECE_SEEN.finditer(text)
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


class SelfAssessment(StrEnum):
    """Degrees of mastery of a competency, in the candidate's own eyes. It is no score: nothing is computed from it."""

    ABLE = "able"
    PARTLY = "partly"
    NOT_YET = "not_yet"


# Numbers with their sign, separators and percent; words; nothing of what only dresses them.
_MEANT = re.compile(r"[+-]?\d+(?:[.,]\d+)*\s?%?|[^\W\d_]+")
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
# Beyond this many pairs of words a comparison would take too long: both texts are then shown whole.
COMPARED_AT_MOST = 4_000_000
CHANCE = 3  # words: fewer, kept between two changes, are shown changed with them


@dataclass(frozen=True)
class EvidenceSnapshot:
    """Snapshot of a claimed piece: what the claim says of it, what the piece says of itself, and the digest of its
    file.
    """

    passage: str = ""
    comment: str = ""
    file: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    # The regions and quoted passages that the claim names, as their ids.
    anchors: Sequence[str] = ()


@dataclass(frozen=True)
class CompetencySnapshot:
    """All that an advisor reads of one competency: the answers of the narrative, and the pieces by their number."""

    story: Mapping[str, str] = field(default_factory=dict)
    pieces: Mapping[int, EvidenceSnapshot] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the form in which a mark keeps it."""
        return {
            "story": dict(self.story),
            "pieces": {str(number): asdict(piece) for number, piece in self.pieces.items()},
        }

    def normalised_digest(self) -> str:
        """A digest of what it means: the same for two texts that differ only by how they are dressed."""
        story = {name: normalise(text) for name, text in self.story.items() if text}
        pieces = {number: _piece_sense(piece) for number, piece in self.pieces.items()}
        return hashlib.sha256(json.dumps([story, pieces], sort_keys=True).encode()).hexdigest()


def snapshot_from_json(stored: Mapping[str, Any]) -> CompetencySnapshot:
    """Read back `CompetencySnapshot.as_json()`."""
    return CompetencySnapshot(
        stored["story"], {int(number): EvidenceSnapshot(**piece) for number, piece in stored["pieces"].items()}
    )


def evidence_snapshot(
    passage: str, comment: str, file: str, piece: EvidenceDescription, experience: object, anchors: Sequence[str] = ()
) -> EvidenceSnapshot:
    """Return what an advisor reads of a claimed piece."""
    told = {field.name: getattr(piece, field.name) for field in fields(piece)} | {"experience": experience}
    del told["pages"]  # they come with the file, once it has been opened
    said = {name: str(value) for name, value in sorted(told.items()) if value}
    return EvidenceSnapshot(passage, comment, file, said, list(anchors))


def normalise(text: str) -> list[str]:
    """Return the words and numbers of a text, without case, accents, punctuation or spaces (design).

    A capital, a comma, a missing accent or a paragraph cut in two does not make an opinion out of date; a
    word or a figure does.
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return ["".join(found.split()) for found in _MEANT.findall(plain)]


def differences(before: CompetencySnapshot, after: CompetencySnapshot) -> tuple[Change, ...]:
    """Say what means something else now, the text first, then piece by piece; nothing when all means the same."""
    return tuple(sorted(_differences(before, after)))


def _differences(before: CompetencySnapshot, after: CompetencySnapshot) -> Iterator[Change]:
    if any(
        _is_reworded(before.story.get(name, ""), after.story.get(name, "")) for name in {*before.story, *after.story}
    ):
        yield Change(0, ChangeKind.NARRATIVE)
    for number in before.pieces.keys() - after.pieces.keys():
        yield Change(number, ChangeKind.CLAIM_REMOVED)
    for number in after.pieces.keys() - before.pieces.keys():
        yield Change(number, ChangeKind.CLAIM_ADDED)
    for number in before.pieces.keys() & after.pieces.keys():
        if before.pieces[number] != after.pieces[number]:  # of hundreds of pieces, few: only theirs are read
            yield from _piece_differences(number, before.pieces[number], after.pieces[number])


def _is_reworded(before: str, after: str) -> bool:
    """Tell whether a text means something else now."""
    return before != after and normalise(before) != normalise(after)


def _piece_differences(number: int, before: EvidenceSnapshot, after: EvidenceSnapshot) -> Iterator[Change]:
    old, new = _piece_sense(before), _piece_sense(after)
    for place, kind in enumerate((ChangeKind.CLAIM_REWORDED, ChangeKind.FILE_REPLACED, ChangeKind.PIECE_DESCRIBED)):
        if old[place] != new[place]:
            yield Change(number, kind)


def _piece_sense(piece: EvidenceSnapshot) -> list[Any]:
    description = {name: normalise(text) for name, text in piece.said.items()}
    return [[normalise(piece.passage), normalise(piece.comment), *piece.anchors], piece.file, description]


class SpanKind(StrEnum):
    """Fates of some words between two texts."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Span:
    """Words that follow each other and became the same thing."""

    kind: SpanKind
    text: str


@dataclass(frozen=True)
class Comparison:
    """One text, as it was and as it is: of the narrative (`name` is its prompt), or what is said of a piece
    (its number).
    """

    name: str
    piece: int
    spans: tuple[Span, ...]


def comparisons(before: CompetencySnapshot, after: CompetencySnapshot) -> tuple[Comparison, ...]:
    """Compare the texts that mean something else now, in the order in which they are read."""
    found = [
        Comparison(name, 0, compared(before.story.get(name, ""), text))
        for name, text in after.story.items()
        if _is_reworded(before.story.get(name, ""), text)
    ]
    for number in sorted(before.pieces.keys() & after.pieces.keys()):
        old, new = before.pieces[number], after.pieces[number]
        if _is_reworded(old.comment, new.comment):
            found.append(Comparison("comment", number, compared(old.comment, new.comment)))
    return tuple(found)


def compared(before: str, after: str) -> tuple[Span, ...]:
    """Tell two texts apart word by word: put together, the words kept and removed give the first, kept and
    added the second.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) * len(new) > COMPARED_AT_MOST:
        return tuple(Span(kind, text) for kind, text in ((SpanKind.REMOVED, before), (SpanKind.ADDED, after)) if text)
    spans: list[Span] = []
    gone: list[str] = []
    come: list[str] = []
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for tag, a, b, c, d in steps:
        between = a and b < len(old) and c and d < len(new)
        if tag == "equal" and not (between and _is_chance(old[a:b])):
            spans += [*_changed(gone, come), Span(SpanKind.SAME, "".join(old[a:b]))]
            gone, come = [], []
            continue
        gone, come = gone + old[a:b], come + new[c:d]
    return (*spans, *_changed(gone, come))


def _is_chance(unchanged: Sequence[str]) -> bool:
    """Tell whether so few words stayed between two changes that they only cut in pieces a sentence written anew."""
    return sum(1 for word in unchanged if word[0].isalnum()) < CHANCE


def _changed(old: Sequence[str], new: Sequence[str]) -> list[Span]:
    pairs = ((SpanKind.REMOVED, old), (SpanKind.ADDED, new))
    return [Span(kind, "".join(words)) for kind, words in pairs if words]
