"""The values that several documents share, and how any value becomes what a template reads."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Any, Literal

from portfolio.documents.characters import replace_unsupported_characters
from portfolio.documents.fonts import covered_signs
from portfolio.french_text import date_fr, datetime_fr


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, in which quality, when, and how (« en ligne, depuis son compte… »)."""

    name: str
    quality: str
    signed_at: datetime
    how: str = ""


@dataclass(frozen=True, slots=True)
class CertificationName:
    """A certification as documents name it: exact title, « RNCP 16959 », levels « 7 » and « 7 », NSF
    codes.
    """

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
    """What a document may say of the register (R9): `act` is the registration's own, which holds the date of
    the decision.

    `in_force`: delivered during that registration. `protected`: `ground` says, as a French clause, which fact
    fell within it (« la recevabilité a été prononcée le 3 mars 2020 »). `none`: no claim, and the document
    says so.
    """

    standing: Literal["in_force", "protected", "none"]
    act: str = ""
    since: date | None = None
    until: date | None = None
    ground: str = ""


@dataclass(frozen=True, slots=True)
class LedgerCheckpoint:
    """The ledger's signed head when the document was issued: number of its last entry, digest in
    hexadecimal.
    """

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
