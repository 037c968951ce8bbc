"""Compare the snapshot of a competency at its review with the present content, word by word."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from portfolio.domain.evidence.rules.description import EvidenceDescription
from portfolio.domain.review.rules.assessment import Change, ChangeKind

# Numbers with their sign, separators and percent; words; nothing of what only dresses them.
_MEANT = re.compile(r"[+-]?\d+(?:[.,]\d+)*\s?%?|[^\W\d_]+")
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
# Beyond this many pairs of words a comparison would take too long: both texts are then shown whole.
COMPARED_AT_MOST = 4_000_000
CHANCE = 3  # words: fewer, kept between two changes, are shown changed with them


@dataclass(frozen=True)
class EvidenceSnapshot:
    """What a claim says of its piece, what the piece says of itself, and the digest of its file."""

    passage: str = ""
    comment: str = ""
    file: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    # The regions and quoted passages that the claim names, as their ids.
    anchors: Sequence[str] = ()


@dataclass(frozen=True)
class CompetencySnapshot:
    """All that an advisor reads of one competency: the answers of the narrative, and the pieces by their
    number.
    """

    story: Mapping[str, str] = field(default_factory=dict)
    pieces: Mapping[int, EvidenceSnapshot] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The form in which a mark keeps it."""
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
        stored["story"],
        {int(number): EvidenceSnapshot(**piece) for number, piece in stored["pieces"].items()},
    )


def evidence_snapshot(
    passage: str,
    comment: str,
    file: str,
    piece: EvidenceDescription,
    experience: object,
    anchors: Sequence[str] = (),
) -> EvidenceSnapshot:
    """What an advisor reads of a claimed piece."""
    fields = asdict(piece) | {"experience": experience}
    fields.pop("pages")  # they come with the file, once it has been opened
    said = {name: str(value) for name, value in sorted(fields.items()) if value}
    return EvidenceSnapshot(passage, comment, file, said, list(anchors))


def normalise(text: str) -> list[str]:
    """The words and numbers of a text, without case, accents, punctuation or spaces (design).

    A capital, a comma, a missing accent or a paragraph cut in two does not make an opinion out of date; a
    word or a figure does.
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return ["".join(found.split()) for found in _MEANT.findall(plain)]


def differences(before: CompetencySnapshot, after: CompetencySnapshot) -> tuple[Change, ...]:
    """Say what means something else now, the text first, then piece by piece; nothing when all means the
    same.
    """
    return tuple(sorted(_differences(before, after)))


def _differences(before: CompetencySnapshot, after: CompetencySnapshot) -> Iterator[Change]:
    if any(
        normalise(before.story.get(name, "")) != normalise(after.story.get(name, ""))
        for name in {*before.story, *after.story}
    ):
        yield Change(0, ChangeKind.NARRATIVE)
    for number in before.pieces.keys() - after.pieces.keys():
        yield Change(number, ChangeKind.CLAIM_REMOVED)
    for number in after.pieces.keys() - before.pieces.keys():
        yield Change(number, ChangeKind.CLAIM_ADDED)
    for number in before.pieces.keys() & after.pieces.keys():
        yield from _piece_differences(number, before.pieces[number], after.pieces[number])


def _piece_differences(number: int, before: EvidenceSnapshot, after: EvidenceSnapshot) -> Iterator[Change]:
    old, new = _piece_sense(before), _piece_sense(after)
    for place, kind in enumerate(
        (ChangeKind.CLAIM_REWORDED, ChangeKind.FILE_REPLACED, ChangeKind.PIECE_DESCRIBED)
    ):
        if old[place] != new[place]:
            yield Change(number, kind)


def _piece_sense(piece: EvidenceSnapshot) -> list[Any]:
    description = {name: normalise(text) for name, text in piece.said.items()}
    return [[normalise(piece.passage), normalise(piece.comment), *piece.anchors], piece.file, description]


class SpanKind(StrEnum):
    """What became of some words between two texts."""

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
        if normalise(before.story.get(name, "")) != normalise(text)
    ]
    for number in sorted(before.pieces.keys() & after.pieces.keys()):
        old, new = before.pieces[number], after.pieces[number]
        if normalise(old.comment) != normalise(new.comment):
            found.append(Comparison("comment", number, compared(old.comment, new.comment)))
    return tuple(found)


def compared(before: str, after: str) -> tuple[Span, ...]:
    """Tell two texts apart word by word: put together, the words kept and removed give the first, kept and
    added the second.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) * len(new) > COMPARED_AT_MOST:
        return tuple(
            Span(kind, text) for kind, text in ((SpanKind.REMOVED, before), (SpanKind.ADDED, after)) if text
        )
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
    """Whether so few words stayed between two changes that they only cut in pieces a sentence written
    anew.
    """
    return sum(1 for word in unchanged if word[0].isalnum()) < CHANCE


def _changed(old: Sequence[str], new: Sequence[str]) -> list[Span]:
    pairs = ((SpanKind.REMOVED, old), (SpanKind.ADDED, new))
    return [Span(kind, "".join(words)) for kind, words in pairs if words]
