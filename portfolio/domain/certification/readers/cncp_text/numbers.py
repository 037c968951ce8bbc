"""Numbers, shares and dates as a French entry writes them, read on folded text (lower case, no accents)."""

from __future__ import annotations

import re
from datetime import date

_WORDS = "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
NUMBERS = {word: value for value, word in enumerate(_WORDS.split(), 1)} | {"une": 1, "vingt": 20}
NUMBER = r"(?:\d{1,3}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")"

_MONTHS = "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre"
MONTHS = {name: number for number, name in enumerate(_MONTHS.split(), 1)}
DATE = (
    r"(?:\d{1,2}(?:\s*er)?|premier)\s+(?:" + "|".join(MONTHS) + r")\s+\d{4}"
    r"|\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4}"
)
_IN_WORDS = re.compile(r"(premier|\d{1,2})(?:\s*er)?\s+([a-z]+)\s+(\d{4})")
_IN_FIGURES = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})")

# « 16 959 » as people write a number: the group of three stands only before something that is no digit.
ENTRY_NUMBER = r"(?:\d{1,3}[ .]\d{3}(?!\d)|\d{1,6})"

FRACTIONS = {
    "moitie": 1 / 2,
    "tiers": 1 / 3,
    "quart": 1 / 4,
    "quarts": 1 / 4,
    "cinquieme": 1 / 5,
    "cinquiemes": 1 / 5,
}
PERCENTS = {
    "vingt": 20,
    "vingt-cinq": 25,
    "trente": 30,
    "trente-trois": 33,
    "quarante": 40,
    "cinquante": 50,
    "soixante": 60,
}
SHARE = (
    r"\b(?P<percent>\d{1,3}(?:[.,]\d+)?|"
    + "|".join(sorted(PERCENTS, key=len, reverse=True))
    + r")\s*(?:%|pour\s?cents?\b|pourcents?\b)"
    r"|\b(?:(?P<times>" + NUMBER + r")\s+)?(?P<fraction>moitie|tiers|quarts?|cinquiemes?)\b"
    r"|\b(?P<some>" + NUMBER + r")\s+(?:membres?\s+)?sur\s+(?P<all>" + NUMBER + r")\b"
)


def number_of(folded: str) -> int | None:
    """Read "5", "cinq" or "une"; None when it is no number we read."""
    folded = folded.strip()
    if re.fullmatch(r"[0-9]{1,6}", folded):
        return int(folded)
    return NUMBERS.get(folded)


def entry_code(written: str) -> str:
    """Return the code of a register entry from its number as written: « 16 959 » is RNCP16959."""
    return f"RNCP{int(re.sub(r'[^0-9]', '', written))}"


def day_of(folded: str) -> date | None:
    """Read "04 octobre 2016", "1er mai 2012" or "21/07/2009"; None when there is no such day."""
    words, figures = _IN_WORDS.fullmatch(folded.strip()), _IN_FIGURES.fullmatch(folded.strip())
    try:
        if words:
            day = 1 if words[1] == "premier" else int(words[1])
            return date(int(words[3]), MONTHS.get(words[2], 0), day)
        return date(int(figures[3]), int(figures[2]), int(figures[1])) if figures else None
    except ValueError:
        return None


def years_after(day: date, years: int) -> date | None:
    """Give the same day some years later, the 28th for a 29 February; None beyond the calendar."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28) if day.year + years <= date.max.year else None


def share_of(match: re.Match[str]) -> float:
    """Give the share that a match of SHARE writes, between 0 and 1 where it makes sense."""
    if match["percent"]:
        written = PERCENTS.get(match["percent"]) or float(match["percent"].replace(",", "."))
        return round(written / 100, 4)
    if match["some"]:
        return round((number_of(match["some"]) or 0) / (number_of(match["all"]) or 1), 4)
    return round((number_of(match["times"] or "un") or 1) * FRACTIONS[match["fraction"]], 4)
