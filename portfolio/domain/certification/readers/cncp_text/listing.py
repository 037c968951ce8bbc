"""Lists as the text form writes them: with bullets, with numbers, or as bare lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from portfolio.domain.certification.readers.cncp_text.cleaning import fold, squeeze

# The private use signs are the bullets of the fonts Symbol and Wingdings.
BULLET_SIGNS = "•●▪■◦‣⁃∙·➢➤►▶✓✔→\uf0b7\uf0a7\uf0d8\uf0fc"
BULLET = re.compile(rf"[ \t]*(?P<mark>[{BULLET_SIGNS}]|[-–—*](?=[ \t]|[^\W\d_]))[ \t]*")
NUMBERED = re.compile(
    r"[ \t]*(?P<mark>(?:C|K|A)?\d{1,2}(?:\.\d{1,2})*[ \t]*[.):-][ \t]+|(?:C)\d{1,2}(?:\.\d{1,2})*[ "
    r"\t]+|[a-z]\)[ \t]+)"
)
INFINITIVE = re.compile(r"[a-zœæ]+(?:er|ir|re)\b")
# A line that ends so is not finished, whatever the next begins with.
UNFINISHED = re.compile(
    r"(?:,|\b(?:de|du|des|la|le|les|un|une|et|ou|en|a|au|aux|pour|par|sur|avec|dans|sans|son|sa|ses|leur|leurs)|\b[dl]')$"
)


@dataclass
class Item:
    """One item being read: its mark, and its lines."""

    mark: str
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return squeeze(" ".join(self.lines))


@dataclass
class Listing:
    """The items of a list, whether bullets marked them, and prose that stood around them."""

    items: list[str]
    bulleted: bool
    aside: list[str]


def listing_of(text: str) -> Listing:
    """Cut a text into the items of its list; prose that no bullet marks, after a finished item, is set
    aside.
    """
    lines = text.split("\n")
    for pattern in (BULLET, NUMBERED):
        if any(pattern.match(line) for line in lines):
            return _marked(lines, pattern)
    return Listing(_bare_items(lines), False, [])


def unmarked(line: str) -> str:
    """Give a line without the bullet it may begin with."""
    return BULLET.sub("", line, count=1) if BULLET.match(line) else line


def _marked(lines: list[str], pattern: re.Pattern[str]) -> Listing:
    items: list[Item] = []
    aside: list[Item] = []
    current: Item | None = None
    after_blank = False
    for line in lines:
        if not line.strip():
            after_blank = True
            continue
        match = pattern.match(line)
        if match and not _belongs_to(current, match["mark"]):
            current = Item(_family(match["mark"]), [line[match.end() :]])
            items.append(current)
        elif current is None or (after_blank and _starts_anew(line, current)):
            current = Item("", [line])
            aside.append(current)
        else:
            current.lines.append(line)
        after_blank = False
    return Listing(_texts(items), True, _texts(aside))


def _texts(items: list[Item]) -> list[str]:
    return [item.text for item in items if re.search(r"\w", item.text)]


def _family(mark: str) -> str:
    mark = mark.strip()
    return mark if len(mark) == 1 and not mark.isalnum() else "number"


def _belongs_to(current: Item | None, mark: str) -> bool:
    """Another sign under an item that announces a list ("Gérer :") is a list within it."""
    if current is None or not current.mark or _family(mark) == current.mark:
        return False
    # Everything that an inner list holds was added to its parent, so the announcing line may not be the last.
    return any(line.rstrip().endswith(":") for line in current.lines)


def _starts_anew(line: str, current: Item) -> bool:
    return line.strip()[0].isupper() and not UNFINISHED.search(fold(current.lines[-1]).strip())


def _bare_items(lines: list[str]) -> list[str]:
    items: list[Item] = []
    after_blank = False
    for line in lines:
        if not line.strip():
            after_blank = True
        else:
            if not items or _new_bare_item(line, items[-1].lines[-1], after_blank):
                items.append(Item("", []))
            items[-1].lines.append(line)
            after_blank = False
    return _texts(items)


def _new_bare_item(line: str, previous: str, after_blank: bool) -> bool:
    """Without bullets a line opens an item by its capital, by an infinitive, or after a finished line."""
    start, before = line.strip(), fold(previous).strip()
    if start[0].isupper():
        return bool(INFINITIVE.match(fold(start))) or not UNFINISHED.search(before)
    return before.endswith(";") or (after_blank and before.endswith("."))


def wording(text: str) -> str:
    """Give a wording as the register writes it, on one line and without the sign that ended it in its
    list.
    """
    text = squeeze(text).rstrip(" ;,")
    return text if re.search(r"(?:etc|\.\.)\.$", text) else text.rstrip(" .;,")
