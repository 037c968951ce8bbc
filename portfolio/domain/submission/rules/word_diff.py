"""The words that were added and removed between two texts.

Paragraphs are compared first, then the words of those that changed: a text of thousands of words is compared
in milliseconds, and a paragraph that moved is told as removed and added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from portfolio.domain.dossier.rules.formatting import without_marks

_WORDS = re.compile(r"\S+|\n")
# Beyond so many words on both sides, a changed passage is told as removed and added: comparing it would take
# seconds.
MAX_WORDS = 6000


class RunKind(StrEnum):
    """Whether words stand in both texts, in the second one only, or in the first one only."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Run:
    """Words next to each other of one kind; line ends are kept, other spaces are one space."""

    kind: RunKind
    text: str


def word_diff(before: str, after: str) -> tuple[Run, ...]:
    """Return the runs of words of two texts, in the order in which a person reads them: what goes, then what
    comes instead. Words are compared as they are read: without the asterisks of bold ones.
    """
    old, new = without_marks(before).splitlines(), without_marks(after).splitlines()
    pieces: list[tuple[RunKind, list[str]]] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append((RunKind.SAME, _words(old[i:j])))
        else:
            pieces += _compare(_words(old[i:j]), _words(new[k:m]))
    runs = list(_merged(pieces))
    if runs:
        runs[-1] = Run(runs[-1].kind, runs[-1].text.rstrip("\n"))
    return tuple(run for run in runs if run.text)


def _words(lines: Sequence[str]) -> list[str]:
    """Split lines into words, each line ended by a line end."""
    return [word for line in lines for word in (*_WORDS.findall(line), "\n")]


def _compare(old: list[str], new: list[str]) -> Iterator[tuple[RunKind, list[str]]]:
    if len(old) + len(new) > MAX_WORDS:
        yield RunKind.REMOVED, old
        yield RunKind.ADDED, new
        return
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield RunKind.SAME, old[i:j]
        else:
            yield RunKind.REMOVED, old[i:j]
            yield RunKind.ADDED, new[k:m]


def _merged(pieces: Sequence[tuple[RunKind, list[str]]]) -> Iterator[Run]:
    merged: list[tuple[RunKind, list[str]]] = []
    for kind, words in pieces:
        if not words:
            continue
        if merged and merged[-1][0] is kind:
            merged[-1][1].extend(words)
        else:
            merged.append((kind, [*words]))
    for kind, words in merged:
        yield Run(kind, _joined(words))


def _joined(words: Sequence[str]) -> str:
    return " ".join(words).replace(" \n ", "\n").replace(" \n", "\n").replace("\n ", "\n")


def excerpt(runs: Sequence[Run], around: int = 12) -> tuple[Run, ...]:
    """Shorten the words that did not change to a few around each change, with « … » where some are left
    out.
    """
    shown = []
    for place, run in enumerate(runs):
        words = run.text.split(" ")
        is_first, is_last = place == 0, place == len(runs) - 1
        keep = around if is_first or is_last else 2 * around
        if run.kind is not RunKind.SAME or len(words) <= keep + 1:
            shown.append(run)
            continue
        head = [] if is_first else words[:around]
        tail = [] if is_last else words[-around:]
        shown.append(Run(RunKind.SAME, " ".join([*head, "…", *tail])))
    return tuple(shown)
