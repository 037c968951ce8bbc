"""Texts of an export: whole characters, HTML taken out, dates and answers."""

import html
import re
import unicodedata
from datetime import date

from lxml import etree

LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_TABLE_TAGS = "table|tbody|thead|tr|td|th"
TAGS = f"p|br|li|ul|ol|div|span|strong|b|em|i|u|a|h[1-6]|{_TABLE_TAGS}|sup|sub|font|o:p|img|script|style"
MARKUP = re.compile(rf"<\s*/?\s*(?:{TAGS})\b[^<>]*>", re.IGNORECASE)
DROPPED = re.compile(r"<\s*(script|style)\b.*?<\s*/\s*\1\s*>", re.IGNORECASE | re.DOTALL)
ITEM = re.compile(r"<\s*li\b[^<>]*>", re.IGNORECASE)
BREAK = re.compile(r"<\s*(?:br|/\s*p|/\s*div|/\s*li|/\s*tr|/\s*h[1-6]|/\s*ul|/\s*ol)\b[^<>]*>", re.IGNORECASE)
ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-f]{2,5});", re.IGNORECASE)
LINE_END = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
FRENCH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T.*)?")


def has_markup(text: str) -> bool:
    """Return whether a text holds HTML."""
    return bool(MARKUP.search(text) or ENTITY.search(text))


def plain(text: str) -> str:
    """Return a text without HTML, its characters composed (NFC, ligatures spelt out), its line ends and spaces kept.

    Line breaks of HTML become line ends, an item of a list begins with a dash.
    """
    if has_markup(text):
        text = BREAK.sub("\n", ITEM.sub("\n- ", DROPPED.sub(" ", text)))
        text = html.unescape(MARKUP.sub(" ", text))
    text = text.translate(LIGATURES).translate(INVISIBLE)
    text = unicodedata.normalize("NFC", LINE_END.sub("\n", text))
    return text.replace("\u00a0", " ").replace("\u202f", " ").strip()


def squeeze(text: str) -> str:
    """Return a text on one line, each run of white space being one space."""
    return " ".join(text.split())


def raw_of(element: etree._Element | None, path: str) -> str:
    """Return the text at a path, as the file writes it; empty when absent. Mark-up that was not escaped
    is part of it.
    """
    found = None if element is None else element.find(path)
    if found is None:
        return ""
    inner = "".join(etree.tostring(child, encoding="unicode") for child in found if MARKUP.match(f"<{child.tag}>"))
    return (found.text or "") + inner


def text_of(element: etree._Element | None, *paths: str) -> str:
    """Return the plain text at the first path that has one."""
    return next(filter(None, (plain(raw_of(element, path)) for path in paths)), "")


def line_of(element: etree._Element | None, *paths: str) -> str:
    """Return the plain text at the first path that has one, on one line."""
    return squeeze(text_of(element, *paths))


def answer_of(text: str) -> bool | None:
    """Return True for « Oui », False for « Non », None for anything else: unknown is never « no »."""
    return {"oui": True, "non": False}.get(text.strip().lower())


def day_of(text: str) -> date | None:
    """Return the day written 31/08/2024 (or 2024-08-31); None when there is no such day."""
    french, iso = FRENCH_DAY.fullmatch(text.strip()), ISO_DAY.fullmatch(text.strip())
    try:
        if french:
            return date(int(french[3]), int(french[2]), int(french[1]))
        return date(int(iso[1]), int(iso[2]), int(iso[3])) if iso else None
    except ValueError:
        return None


def whole_of(text: str) -> int | None:
    """Return a whole number; None when the text is not one."""
    squeezed = "".join(text.split())
    return int(squeezed) if re.fullmatch(r"[0-9]{1,9}", squeezed) else None
