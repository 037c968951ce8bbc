"""Format dates, hours, sizes, counts and names for a French text: pages, letters, documents and e-mails."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime

from portfolio.calendar import PARIS, day_of

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
    "novembre", "décembre",
)  # fmt: skip
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
NBSP = "\u00a0"
# They turn what follows around without being seen, in a name as in the page that shows it.
DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")


def date_fr(value: date | datetime | None) -> str:
    """« 18 juin 2020 », « 1er mars 2021 »; nothing for no date."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = day_of(value)
    number = "1er" if value.day == 1 else str(value.day)
    return f"{number}{NBSP}{MONTHS[value.month - 1]} {value.year}"


def weekday_fr(value: date | datetime) -> str:
    """« jeudi 18 juin 2020 »: the day on which one has to come."""
    day = day_of(value) if isinstance(value, datetime) else value
    return f"{WEEKDAYS[day.weekday()]} {date_fr(day)}"


def datetime_fr(value: datetime | None) -> str:
    """« 18 juin 2020 à 14 h 05 », in the time of Paris."""
    if value is None:
        return ""
    local = value.astimezone(PARIS)
    return f"{date_fr(local)} à {local.hour}{NBSP}h{NBSP}{local.minute:02d}"


def hour_fr(minute: int) -> str:
    """« 9 h », « 14 h 05 », from minutes after midnight."""
    hour, rest = divmod(minute, 60)
    return f"{hour}{NBSP}h{NBSP}{rest:02d}" if rest else f"{hour}{NBSP}h"


def size(octets: int) -> str:
    """« 850 ko », « 12,4 Mo »: thousands of thousands of bytes, rounded as `size` of static/js/main.js rounds them."""
    if octets < 1000:
        return f"{octets}{NBSP}octet{'s' if octets > 1 else ''}"
    unit, step = next((unit, step) for unit, step in _SIZES if _rounded(octets, step) < 1000 or unit == "Go")
    tenths = _rounded(octets * 10, step)
    whole, tenth = divmod(tenths, 10)
    shown = str(_rounded(octets, step)) if tenths >= 1000 else f"{whole},{tenth}" if tenth else str(whole)
    return f"{shown}{NBSP}{unit}"


_SIZES = (("ko", 1_000), ("Mo", 1_000_000), ("Go", 1_000_000_000))


def _rounded(amount: int, step: int) -> int:
    return (amount + step // 2) // step


def count(number: int, singular: str, plural: str | None = None) -> str:
    """« 1 preuve », « 2 000 preuves »; « aucune preuve » is the caller’s to say."""
    word = singular if number < 2 else (plural or singular + "s")
    return f"{thousands(number)}{NBSP}{word}"


def shortened(text: str, characters: int) -> str:
    """Return at most so many characters of a text, cut between two words; « … » says where it was cut.

    A single word that is longer is cut within.
    """
    if len(text) <= characters:
        return text
    kept = text[: characters - 1]
    if not text[characters - 1].isspace() and " " in kept:
        kept = kept.rsplit(" ", 1)[0]
    return kept.rstrip(f" {NBSP},;:") + "…"


def enumeration(items: Iterable[str]) -> str:
    """« 2 », « 2 et 3 », « 1, 2 et 3 »; nothing for no item."""
    *first, last = [*items] or [""]
    return f"{', '.join(first)} et {last}" if first else last


def thousands(number: int) -> str:
    """« 100 000 »: thousands are set apart by a space that does not break."""
    return f"{number:,}".replace(",", NBSP)


def elide_de(name: str) -> str:
    """« de Samia », « d’Inès »: « de » is elided before a vowel.

    An h is left alone: it is mute in Hugo, not in Hamza. « le » and « les » in lower case are articles: « du compte ».
    """
    for article, contracted in (("le ", "du "), ("les ", "des ")):
        if name.startswith(article):
            return contracted + name.removeprefix(article)
    first = unicodedata.normalize("NFD", name[:1]).casefold()[:1]
    return f"d’{name}" if first in {"a", "e", "i", "o", "u", "œ", "æ"} else f"de {name}"
