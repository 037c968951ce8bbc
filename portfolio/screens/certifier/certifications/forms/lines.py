"""Blocks and competencies moved about in a posted form: names change, what was typed in them is kept as it came in."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from portfolio.web.forms import clean

Line = dict[str, list[str]]  # the fields of one line, by the end of their name
BLOCKS = "blocks"
COMPETENCIES = re.compile(r"blocks-\d+-competencies")
ROW = re.compile(r"(blocks|blocks-\d+-competencies)-(\d{1,6})")
MOST = 40
ENDS = (".", ";", ":", "!", "?", "…")


@dataclass(frozen=True, slots=True)
class Moved:
    """Result of an order: its code, and the name of the line where it did it."""

    code: str
    line: str = ""


class PostedLines:
    """The posted fields of a draft, and the orders that move its lines; an order that cannot be followed
    changes nothing.
    """

    def __init__(self, posted: MultiDict[str, str]) -> None:
        self.fields: MultiDict[str, str] = MultiDict(posted)
        self._into: dict[str, str] = {}  # the block chosen beside each competency: no field of the line itself

    def read(self, name: str) -> dict[int, Line]:
        """Return the lines of a list by their rank in the names."""
        pattern = re.compile(rf"{re.escape(name)}-(\d{{1,6}})-(.+)", re.DOTALL)
        found: dict[int, Line] = {}
        for key, values in self.fields.lists():
            if match := pattern.fullmatch(key):
                found.setdefault(int(match[1]), {})[match[2]] = list(values)
        return dict(sorted(found.items()))

    def write(self, name: str, lines: Sequence[Line]) -> None:
        """Replace the lines of a list, under the ranks 0, 1, 2…"""
        for key in [key for key in self.fields if re.match(rf"{re.escape(name)}-\d", key)]:
            self.fields.poplist(key)
        for rank, line in enumerate(lines):
            for end, values in line.items():
                self.fields.setlist(f"{name}-{rank}-{end}", values)

    def follow(self, order: str, line: str) -> Moved:
        """Follow an order about a line (« up », « blocks-1-competencies-0 »)."""
        chosen = [key for key in self.fields if key.endswith("-into")]
        self._into = {key: self.fields.poplist(key)[0] for key in chosen}
        name, _, target = line.partition(":")
        match = ROW.fullmatch(name)
        if match is None or int(match[2]) not in self.read(match[1]):
            return Moved("unknown")
        self._close_ranks()
        return ORDERS[order](self, match[1], int(match[2]), target)

    def renumber(self, *, past_blank: bool = False) -> Moved:
        """Number blocks and competencies from 1, in the order of the screen, past removed lines.

        With `past_blank` lines where nothing was typed take the last numbers: they are not kept when the
        draft is saved.
        """
        blocks = list(self.read(BLOCKS).values())
        self.write(BLOCKS, _numbered(blocks, _in_sequence(len(blocks)), past_blank=past_blank))
        for rank in range(len(blocks)):
            name = f"{BLOCKS}-{rank}-competencies"
            inner = list(self.read(name).values())
            self.write(name, _numbered(inner, _in_sequence(len(inner)), past_blank=past_blank))
        return Moved("renumbered")

    def _close_ranks(self) -> None:
        """Nothing to do when names follow each other, as the page writes them."""
        for name in (BLOCKS, *(f"{BLOCKS}-{rank}-competencies" for rank in self.read(BLOCKS))):
            lines = self.read(name)
            if list(lines) != list(range(len(lines))):
                self.write(name, list(lines.values()))

    def _lines(self, name: str) -> list[Line]:
        return list(self.read(name).values())

    def _swap(self, name: str, rank: int, step: int) -> Moved:
        lines = self._lines(name)
        other = rank + step
        while 0 <= other < len(lines) and _is_removed(lines[other]):
            other += step
        if not 0 <= other < len(lines) or rank >= len(lines):
            return Moved("edge", f"{name}-{rank}")
        numbers = [_number(line) for line in lines]
        lines[rank], lines[other] = lines[other], lines[rank]
        self.write(name, _numbered(lines, numbers))
        return Moved("moved", f"{name}-{other}")

    def up(self, name: str, rank: int, _target: str) -> Moved:
        """Move a line before the one above."""
        return self._swap(name, rank, -1)

    def down(self, name: str, rank: int, _target: str) -> Moved:
        """Move a line after the one below."""
        return self._swap(name, rank, 1)

    def restore(self, name: str, rank: int, _target: str) -> Moved:
        """Put a removed line back."""
        self.fields.setlist(f"{name}-{rank}-removed", [""])
        return Moved("restored", f"{name}-{rank}")

    def place(self, name: str, rank: int, target: str) -> Moved:
        """Put a line before another one of its kind, in any block: what a mouse drops."""
        match = ROW.fullmatch(target)
        if match is None or _kind(name) != _kind(match[1]):
            return Moved("unknown")
        return self._carry(name, rank, match[1], int(match[2]))

    def move(self, name: str, rank: int, _target: str) -> Moved:
        """Move a competency to the end of the block chosen beside it."""
        chosen = self._chosen(name, rank)
        if chosen is None:
            return Moved("no_block", f"{name}-{rank}")
        return self._carry(name, rank, chosen, MOST)

    def copy(self, name: str, rank: int, _target: str) -> Moved:
        """Write a competency in another block too: both keep their own line."""
        chosen = self._chosen(name, rank)
        if chosen is None:
            return Moved("no_block", f"{name}-{rank}")
        lines = self._lines(name)
        return self._insert({**lines[rank], "origin": [""]}, chosen, MOST, "copied", f"{name}-{rank}")

    def _chosen(self, name: str, rank: int) -> str | None:
        """Return the list of the block chosen beside a competency; None for its own block, or none."""
        into = self._into.get(f"{name}-{rank}-into", "")
        chosen = f"{BLOCKS}-{into}-competencies"
        is_there = into.isascii() and into.isdecimal() and len(into) < 4 and int(into) in self.read(BLOCKS)
        return chosen if is_there and chosen != name and COMPETENCIES.fullmatch(name) else None

    def _carry(self, name: str, rank: int, target: str, place: int) -> Moved:
        lines = self._lines(name)
        if name == target:
            numbers = [_number(line) for line in lines]
            line = lines.pop(rank)
            place = min(place - (place > rank), len(lines))
            lines.insert(place, line)
            self.write(name, _numbered(lines, numbers))
            return Moved("moved", f"{name}-{place}")
        if self._block_of(target) not in self.read(BLOCKS):
            return Moved("unknown")
        moved = self._insert(lines[rank], target, place, "carried", f"{name}-{rank}")
        if moved.code == "carried":
            numbers = [_number(line) for line in lines][:-1]
            self.write(name, _numbered(lines[:rank] + lines[rank + 1 :], numbers))
        return moved

    @staticmethod
    def _block_of(name: str) -> int:
        return int(name.split("-")[1])

    def _insert(self, line: Line, target: str, place: int, code: str, back: str) -> Moved:
        lines = self._lines(target)
        if len(lines) >= MOST:
            return Moved("full", back)
        numbers = [*map(_number, lines), _next(lines)]
        place = min(place, len(lines))
        self.write(target, _numbered([*lines[:place], line, *lines[place:]], numbers))
        return Moved(code, f"{target}-{place}")

    def split(self, name: str, rank: int, _target: str) -> Moved:
        """Cut a competency where the cursor is, else at each line end."""
        lines = self._lines(name)
        parts = _parts(clean((lines[rank].get("text") or [""])[0]), self.fields.get("cut", ""))
        if len(parts) < 2 or not COMPETENCIES.fullmatch(name):
            return Moved("whole", f"{name}-{rank}")
        if len(lines) + len(parts) - 1 > MOST:
            return Moved("full", f"{name}-{rank}")
        made = [{"text": [part], "alias": [""], "origin": [""]} for part in parts[1:]]
        numbers = [*map(_number, lines), *(str(int(_next(lines)) + extra) for extra in range(len(made)))]
        first: Line = {**lines[rank], "text": [parts[0]]}
        self.write(name, _numbered([*lines[:rank], first, *made, *lines[rank + 1 :]], numbers))
        return Moved("split", f"{name}-{rank}")

    def merge(self, name: str, rank: int, _target: str) -> Moved:
        """Join a competency with the next one of its block; the doubts of both stand beside it."""
        lines = self._lines(name)
        following = next((n for n in range(rank + 1, len(lines)) if not _is_removed(lines[n])), None)
        if following is None or not COMPETENCIES.fullmatch(name):
            return Moved("alone", f"{name}-{rank}")
        first_line, second_line = lines[rank], lines[following]
        joined: Line = {
            **first_line,
            "text": [_joined(first_line, second_line, "text")],
            "alias": [_joined(first_line, second_line, "alias")],
            "origin": [" ".join(filter(None, (_first(first_line, "origin"), _first(second_line, "origin"))))],
        }
        numbers = [_number(line) for line in lines][:-1]
        self.write(
            name, _numbered([*lines[:rank], joined, *lines[rank + 1 : following], *lines[following + 1 :]], numbers)
        )
        return Moved("merged", f"{name}-{rank}")


ORDERS: dict[str, Callable[[PostedLines, str, int, str], Moved]] = {
    "up": PostedLines.up,
    "down": PostedLines.down,
    "place": PostedLines.place,
    "move": PostedLines.move,
    "copy": PostedLines.copy,
    "split": PostedLines.split,
    "merge": PostedLines.merge,
    "restore": PostedLines.restore,
}


def _kind(name: str) -> bool:
    return name == BLOCKS


def _first(line: Line, end: str) -> str:
    return (line.get(end) or [""])[0]


def _number(line: Line) -> str:
    return _first(line, "number")


def _is_removed(line: Line) -> bool:
    return bool(_first(line, "removed"))


def _next(lines: Sequence[Line]) -> str:
    typed = [number for number in map(_number, lines) if number.isascii() and number.isdecimal() and len(number) < 7]
    return str(max(map(int, typed), default=0) + 1)


def _in_sequence(count: int) -> list[str]:
    return [str(number) for number in range(1, count + 1)]


def _is_blank(line: Line) -> bool:
    silent = ("number", "origin", "removed")
    return not any(
        value.strip() for end, values in line.items() if end.split("-")[-1] not in silent for value in values
    )


def _numbered(lines: Sequence[Line], numbers: Sequence[str], *, past_blank: bool = False) -> list[Line]:
    """Give numbers by the place of lines: those that are kept first, the others take what is left."""
    kept = [line for line in lines if not _is_removed(line) and not (past_blank and _is_blank(line))]
    named = {id(line) for line in kept}
    left = [line for line in lines if id(line) not in named]
    order = {id(line): number for line, number in zip((*kept, *left), numbers, strict=True)}
    return [{**line, "number": [order[id(line)]]} for line in lines]


def _parts(text: str, cut: str) -> list[str]:
    place = int(cut) if cut.isascii() and cut.isdecimal() and len(cut) < 7 else 0
    pieces = [text[:place], text[place:]] if 0 < place < len(text) else text.split("\n")
    return [piece for piece in (each.strip() for each in pieces) if piece]


def _joined(first_line: Line, second_line: Line, end: str) -> str:
    first, second = _first(first_line, end).strip(), _first(second_line, end).strip()
    if not first or not second:
        return first or second
    return f"{first} {second}" if first.endswith(ENDS) else f"{first}\u00a0; {second}"
