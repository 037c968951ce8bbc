"""The rule of a jury, read from one cell of the table: size, seats in order, minimum shares (J1, J2, J7, J8)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portfolio.certification.readers.cncp_text.cleaning import fold, squeeze
from portfolio.certification.readers.cncp_text.listing import BULLET
from portfolio.certification.readers.cncp_text.numbers import NUMBER, SHARE, number_of, share_of
from portfolio.certification.rules import Doubt, DoubtCode, JuryRule, Seat

MEMBERS = r"(?:personnes?|membres?|professionnels?|jures?|participants?)"
COUNT = rf"(?P<count>{NUMBER})(?:\s*\(\s*\w+\s*\))?"
# From the surest way of telling the size to the loosest.
SIZES = (
    re.compile(
        rf"\bcompos\w+(?:\(\w+\))?\s+(?P<least>d'au\s+moins|au\s+moins|a\s+minima|au\s+minimum)?\s*(?:de\s+|d')?\s*(?P<below>a\s+)?{COUNT}\s+{MEMBERS}"
    ),
    re.compile(
        rf"\b(?:jury|comporte|comprend|compte|constitue)\b[^.•:%]{{0,40}}?(?P<least>au\s+moins|minimum)?\s*(?P<below>\ba\s+)?\b{COUNT}\s+{MEMBERS}"
    ),
    re.compile(rf"(?P<least>au\s+moins\s+)?(?P<below>\ba\s+)?\b{COUNT}\s+{MEMBERS}"),
)
RANGE = re.compile(rf"\b(?:de|entre)\s+{NUMBER}\s+(?:a|et)\s+{NUMBER}\s+{MEMBERS}")
SHARES = re.compile(SHARE)
OUTSIDE = re.compile(r"\bexterieur|\bexterne|\bindependant")
REPRESENTATIVES = re.compile(r"\brepresentant|\bsalarie|\bemployeur|\bprofession")
# The first that fits says whom a seat is for: a president may also be a representative.
SEATS: tuple[tuple[re.Pattern[str], Seat], ...] = (
    (re.compile(r"\bpresident"), Seat.PRESIDENT),
    (re.compile(r"\bpedagogi|\bresponsable\s+(?:de\s+(?:la\s+)?)?(?:formation|programme|filiere)"), Seat.PEDAGOGICAL_MANAGER),
    (re.compile(r"\brepresentant.*\bsalarie|\bcollege\s+(?:des\s+)?salarie|\bsalarie"), Seat.EMPLOYEE_REPRESENTATIVE),
    (re.compile(r"\brepresentant.*\bemployeur|\bcollege\s+(?:des\s+)?employeur|\bemployeur"), Seat.EMPLOYER_REPRESENTATIVE),
    (re.compile(r"\bdirect(?:eur|rice|ion)"), Seat.DIRECTOR_OR_DELEGATE),
    (re.compile(r"\benseignant|\bformat(?:eur|rice)|\bprofesseur|\bintervenant"), Seat.TEACHER_TRAINER),
    (re.compile(r"\bprofessionnel|\bexpert|\bexterieur|\bexterne"), Seat.EXTERNAL_PROFESSIONAL),
)
SEAT_START = re.compile(r"(?:l[ea]s?(?:/l[ea])?|l'|une?(?:/une?)?|des|" + NUMBER + r")[\s/(]")


def jury_rule_of(text: str) -> tuple[JuryRule, list[Doubt]]:
    """Read the rule from a jury's text, lines kept; a share is read as a minimum, and doubted as such."""
    size, doubts = _size(text)
    seats, unknown = _seats(text)
    doubts += [Doubt("jury.seats", DoubtCode.JURY_SEAT_UNKNOWN, (line,)) for line in unknown]
    if size is None:
        size = len(seats) or None
        doubts.append(Doubt("jury.size", DoubtCode.JURY_SIZE_UNKNOWN, (str(size or 0),)))
    elif size != len(seats):
        doubts.append(Doubt("jury.seats", DoubtCode.JURY_SIZE_DIFFERS, (str(size), str(len(seats)))))
    external, representatives, about_shares = _shares(text, size)
    return JuryRule(size, tuple(seats), external, representatives), doubts + about_shares


def _size(text: str) -> tuple[int | None, list[Doubt]]:
    folded = squeeze(fold(text))
    if RANGE.search(folded):
        return None, []
    for pattern in SIZES:
        match = pattern.search(folded)
        if match:
            least = match["least"] or re.match(r"\s*(?:au\s+)?minimum", folded[match.end() :])
            doubts = [Doubt("jury.size", DoubtCode.JURY_SIZE_READ_FROM_MINIMUM, (match["count"],))] if least else []
            return number_of(match["count"]), doubts
    return None, []


def _seats(text: str) -> tuple[list[Seat], list[str]]:
    seats: list[Seat] = []
    unknown: list[str] = []
    for line in _seat_lines(text):
        seat, times = _seat_of(fold(line))
        if seat is None:
            unknown.append(line)
        else:
            seats += [seat] * times
    return seats, unknown


def _seat_of(folded: str) -> tuple[Seat | None, int]:
    first = folded.split(maxsplit=1)[0] if folded.split() else ""
    times = min(number_of(first) or 1, 20)
    return next((seat for pattern, seat in SEATS if pattern.search(folded)), None), times


def _seat_lines(text: str) -> list[str]:
    """Find the seats: the bulleted lines, else the lines or the enumeration after the colon that announces them."""
    lines = [line for line in text.split("\n") if line.strip()]
    if any(BULLET.match(line) for line in lines):
        return [squeeze(line) for line in _bulleted(lines) if not _is_about_shares(line)]
    colon = re.search(rf"{NUMBER}\s+{MEMBERS}\s*:", fold(text))
    rest = text[colon.end() :] if colon else ""
    parts = _lines_of_seats(rest) if rest.startswith("\n") else re.split(r"[,;\n.]\s+|\s+et\s+(?=une?\b|deux\b|l[ea]\b)", rest)
    seats = []
    for part in map(squeeze, parts):
        if _is_about_shares(part):
            break
        if part.strip(" .,;"):
            seats.append(part.strip(" .,;"))
    return seats


def _bulleted(lines: list[str]) -> Iterator[str]:
    """Give each bulleted line with the lines that continue it; prose in capitals after a bullet is no part of it."""
    current: str | None = None
    for line in lines:
        match = BULLET.match(line)
        if match or (current is not None and line.strip()[0].isupper()):
            if current is not None:
                yield current
            current = line[match.end() :] if match else None
        elif current is not None:
            current += f" {line}"
    if current is not None:
        yield current


def _lines_of_seats(text: str) -> list[str]:
    parts: list[str] = []
    for line in filter(str.strip, text.split("\n")):
        if not parts or SEAT_START.match(fold(line).strip()) or _is_about_shares(line) or line.strip()[0].isupper():
            parts.append(line)
        else:
            parts[-1] += f" {line}"
    return parts


def _is_about_shares(line: str) -> bool:
    folded = fold(line).strip()
    return folded.startswith("parmi") or SHARES.search(folded) is not None


def _shares(text: str, size: int | None) -> tuple[float | None, float | None, list[Doubt]]:
    found: dict[str, float] = {}
    folded = squeeze(fold(text))
    matches = list(SHARES.finditer(folded))
    edges = [0, *(match.end() for match in matches)]
    ends = [*(match.start() for match in matches[1:]), len(folded)]
    for match, before, end in zip(matches, edges, ends, strict=False):
        # What a share is of stands after it ("40 % sont membres extérieurs"), else before it ("extérieurs : 40 %").
        kind = _kind_of(folded[match.end() : end]) or _kind_of(folded[before : match.start()])
        if kind:
            found.setdefault(kind, share_of(match))
    if "external_min" not in found and size:
        _count_outside(folded, size, found)
    doubts = [
        Doubt(f"jury.{kind}", DoubtCode.JURY_RATIO_READ_AS_MINIMUM, (f"{found[kind] * 100:g}",))
        if kind in found
        else Doubt(f"jury.{kind}", DoubtCode.JURY_RATIO_UNKNOWN)
        for kind in ("external_min", "representatives_min")
    ]
    return found.get("external_min"), found.get("representatives_min"), doubts


def _kind_of(folded: str) -> str | None:
    outside, representatives = OUTSIDE.search(folded), REPRESENTATIVES.search(folded)
    if outside and (not representatives or outside.start() < representatives.start()):
        return "external_min"
    return "representatives_min" if representatives else None


def _count_outside(folded: str, size: int, found: dict[str, float]) -> None:
    """ "Dont deux membres extérieurs" is a share too."""
    match = re.search(rf"\bdont\s+(?:au\s+moins\s+)?({NUMBER})\s+(?:sont\s+)?(?:{MEMBERS}\s+)?(?:exterieur|externe)", folded)
    if match:
        found["external_min"] = round((number_of(match[1]) or 0) / size, 4)
