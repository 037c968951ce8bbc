"""The values that several documents share, and how any value becomes what a template reads.

The look of a body as the templates read it, beside their values: without a look, a document is the same byte for byte.

Replace characters that the fonts cannot draw by a visible sign.
"""

import json
import re
import unicodedata
from collections.abc import Set
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal

from portfolio.domain.certifying_body.rules import Look
from portfolio.files.conversion.fonts import covered_signs
from portfolio.french_text import date_fr, datetime_fr


def look_inputs(look: Look) -> dict[str, str]:
    """Return what is passed to Typst beside the values: nothing for a body that chose nothing; see base.typ."""
    inputs = {}
    if look.accent:
        inputs["accent"] = look.accent
    if look.logo:
        # Inputs are texts: bytes travel as a list of numbers, which Typst reads faster than any other form.
        inputs["logo"] = json.dumps(list(look.logo))
    return inputs


REPLACED = "\ufffd"
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# They show nothing by themselves but are parts of honest words: soft hyphen, zero-width space, joiners.
_INVISIBLE = {"\u00ad", "\u200b", "\u200c", "\u200d", "\u2060"}
_NEVER = {"Cc", "Cf", "Cs", "Cn", "Co"}
_RIGHT_TO_LEFT = {"R", "AL", "AN"}
# Of the signs of French text beyond U+02FF: all are composed, visible and written from left to right.
_USUAL = frozenset("‘’“”–—…•€\u2009\u202f\n")
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"


def replace_unsupported_characters(text: str, covered: Set[int]) -> str:
    """Answer the text to print: composed (NFC), with U+FFFD for what no font draws or nobody could see.

    `covered` holds the code points that the fonts draw. One missing glyph makes Typst refuse a PDF/A document, and a
    mark that turns the reading direction would let a name rewrite the line it stands on. A line written from right to
    left is isolated, so that the words around it keep their order. Line ends become "\\n".
    """
    if _usual(frozenset(covered)).issuperset(text):
        return text
    lines = _LINE_END.sub("\n", text).split("\n")
    return "\n".join(_isolated("".join(_drawn(character, covered) for character in _composed(line))) for line in lines)


@lru_cache(maxsize=4)
def _usual(covered: frozenset[int]) -> frozenset[str]:
    """Return the characters that need no other look, of those that the fonts draw."""
    return frozenset(character for character in map(chr, covered) if _is_usual(character)) | {"\n"}


def _is_usual(character: str) -> bool:
    """Return whether a character needs no other look: composed Latin that is neither a control nor invisible."""
    return " " <= character <= "~" or ("\xa0" <= character < "\u0300" and character != "\xad") or character in _USUAL


def _composed(line: str) -> str:
    return unicodedata.normalize("NFC", line).replace("\ufeff", "\u2060").replace("\t", " ")


def _drawn(character: str, covered: Set[int]) -> str:
    if character in _INVISIBLE:
        return character
    category = unicodedata.category(character)
    if category == "Zs" and ord(character) not in covered:
        return " "
    return character if ord(character) in covered and category not in _NEVER else REPLACED


def _isolated(line: str) -> str:
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in line):
        return f"{_ISOLATE}{line}{_END_OF_ISOLATE}"
    return line


@dataclass(frozen=True, slots=True)
class Signature:
    """Signatory of a document, in which quality, when, and how (« en ligne, depuis son compte… »)."""

    name: str
    quality: str
    signed_at: datetime
    how: str = ""


@dataclass(frozen=True, slots=True)
class CertificationName:
    """A certification as documents name it: exact title, « RNCP 16959 », levels « 7 » and « 7 », NSF codes."""

    title: str
    code: str
    level: str = ""
    european_level: str = ""
    nsf: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockName:
    """A block, by its number and its title."""

    number: int
    title: str


@dataclass(frozen=True, slots=True)
class HeldName:
    """A block already held: since when, the number of its certificate, and its last day of validity."""

    number: int
    title: str
    held_on: date
    certificate: str
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """Facts that a document may tell of the register (R9): `act` is the registration's own, which holds the date of the
    decision.

    `in_force`: delivered during that registration. `protected`: `ground` says, as a French clause, which fact fell
    within it (« la recevabilité a été prononcée le 3 mars 2020 »). `none`: no claim, and the document says so.
    """

    standing: Literal["in_force", "protected", "none"]
    act: str = ""
    since: date | None = None
    until: date | None = None
    ground: str = ""


@dataclass(frozen=True, slots=True)
class LedgerCheckpoint:
    """The ledger's signed head when the document was issued: number of its last entry, digest in hexadecimal."""

    entry: int
    digest: str


def to_template_value(value: Any) -> Any:
    """Answer what a template reads: strings that can be printed, dates in French, mappings for dataclasses.

    Raises TypeError for anything that is neither text, number, date, dataclass, tuple, list nor None.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return replace_unsupported_characters(value, covered_signs())
    if isinstance(value, datetime):
        return datetime_fr(value)
    if isinstance(value, date):
        return date_fr(value)
    if isinstance(value, tuple | list):
        return [to_template_value(item) for item in value]
    if is_dataclass(value):
        return {field.name: to_template_value(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"no document can print a {type(value).__name__}")
