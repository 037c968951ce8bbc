"""The way back from JSON to an entry, checked by the schema, so that a corrected draft says what is wrong and
where.
"""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import ValidationError, convert

from portfolio.domain.certification.rules.book_frame import Frame
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.entry_schema import EntryForm, FrameSectionForm


class MalformedCode(StrEnum):
    """What is wrong with one field of a JSON entry."""

    NOT_AN_OBJECT = "not_an_object"
    NOT_A_LIST = "not_a_list"
    MISSING = "missing"
    UNKNOWN_KEY = "unknown_key"
    NOT_TEXT = "not_text"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_BOOLEAN = "not_a_boolean"
    NOT_A_DATE = "not_a_date"
    UNKNOWN_VALUE = "unknown_value"


class MalformedEntry(ValueError):  # noqa: N818 - the name says what the entry is
    """Raised when a JSON entry cannot be read: the path of the field ("blocks[0].title") and what is wrong
    with it.
    """

    def __init__(self, path: str, code: MalformedCode) -> None:
        super().__init__(f"{path}: {code.value}")
        self.path = path
        self.code = code


# How the messages of msgspec begin: its only word on what is wrong. A date is a text to begin with.
_CODES = (
    ("Object missing required field `", MalformedCode.MISSING),
    ("Object contains unknown field `", MalformedCode.UNKNOWN_KEY),
    ("Expected `object", MalformedCode.NOT_AN_OBJECT),
    ("Expected `array", MalformedCode.NOT_A_LIST),
    ("Expected `int", MalformedCode.NOT_A_NUMBER),
    ("Expected `float", MalformedCode.NOT_A_NUMBER),
    ("Number out of range", MalformedCode.NOT_A_NUMBER),
    ("Expected `bool", MalformedCode.NOT_A_BOOLEAN),
    ("Expected `", MalformedCode.NOT_TEXT),
    ("Invalid RFC3339 encoded date", MalformedCode.NOT_A_DATE),
    ("Invalid enum value", MalformedCode.UNKNOWN_VALUE),
)
_PLACE = re.compile(r" - at (?P<key>`key` in )?`\$(?P<path>[^`]*)`\Z")


def entry_from_json(value: object) -> Entry:
    """Give the entry that a JSON object describes, as `entry_as_json` writes it.

    "registered_until" follows from the registrations and is ignored. A doubt told as a sentence keeps that
    sentence. Raises MalformedEntry with the path of the first field that is missing, unknown or of the wrong
    kind.
    """
    try:
        entry: Entry = convert(value, EntryForm).to_value()
    except ValidationError as error:
        raise _malformed(str(error)) from error
    except UnicodeEncodeError as error:  # half of a character, where a key, a date or a code is expected
        raise MalformedEntry(".", MalformedCode.UNKNOWN_VALUE) from error
    return entry


def frame_from_json(value: object) -> Frame:
    """Give the frame of the livret 2 that a stored entry holds under "frame", without reading the rest of
    it.
    """
    return tuple(form.to_value() for form in convert(value or [], list[FrameSectionForm]))


def _malformed(message: str) -> MalformedEntry:
    place = _PLACE.search(message)
    path = place["path"].removeprefix(".").removesuffix("[...]") if place else ""
    what = message[: place.start()] if place else message
    if place and place["key"]:
        return MalformedEntry(path or ".", MalformedCode.UNKNOWN_KEY)
    start, code = next(pair for pair in _CODES if what.startswith(pair[0]))
    if start.startswith("Object "):
        path = f"{path}.{what.removeprefix(start).removesuffix('`')}".removeprefix(".")
    return MalformedEntry(path or ".", code)
