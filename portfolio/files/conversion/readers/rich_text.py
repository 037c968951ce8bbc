"""The words of rich text, as messages of Outlook carry them: HTML put into RTF, or RTF itself."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

_MAX_UNPACKED = 30_000_000
# What the compression of Outlook begins with ([MS-OXRTFCP] 2.1.2.1).
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS "
    rb"Sans SerifSymbolArial"
    rb"Times New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_COMPRESSED, _PLAIN = b"LZFu", b"MELA"
_TOKEN = re.compile(rb"\\(?:'([0-9a-fA-F]{2})|([a-zA-Z]+)(-?\d+)? ?|([^a-zA-Z]))|([{}])|([^\\{}\r\n]+)|[\r\n]+")
_SKIPPED = {
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "themedata",
    "datastore",
    "generator",
    "object",
    "listtable",
    "rsidtbl",
}
_SIGNS = {
    "par": "\n",
    "line": "\n",
    "tab": "\t",
    "row": "\n",
    "cell": "\t",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "endash": "–",
    "emdash": "—",
    "bullet": "•",
    "page": "\n",
}


def unpack(content: bytes) -> bytes:
    """Return the rich text of a message, compressed or not ([MS-OXRTFCP]); nothing when it cannot be read."""
    if len(content) < 16:
        return b""
    _, size, kind, _ = struct.unpack_from("<II4sI", content)
    if kind == _PLAIN:
        return content[16 : 16 + size]
    return bytes(_unpacked(content[16:], min(size, _MAX_UNPACKED))) if kind == _COMPRESSED else b""


def _unpacked(packed: bytes, size: int) -> bytearray:
    window = bytearray(_DICTIONARY.ljust(4096, b"\0"))
    write, at, output = len(_DICTIONARY), 0, bytearray()
    while at < len(packed) and len(output) < size:
        control, at = packed[at], at + 1
        for bit in range(8):
            if at >= len(packed) or len(output) >= size:
                break
            if control >> bit & 1:
                if at + 1 >= len(packed):
                    return output
                offset, length = packed[at] << 4 | packed[at + 1] >> 4, (packed[at + 1] & 15) + 2
                at += 2
                if offset == write:
                    return output
                for step in range(length):
                    byte = window[(offset + step) % 4096]
                    output.append(byte)
                    window[write], write = byte, (write + 1) % 4096
            else:
                output.append(packed[at])
                window[write], write = packed[at], (write + 1) % 4096
                at += 1
    return output


def words_of(rich: bytes) -> tuple[str, bool]:
    """Return what rich text says, and whether that is HTML, put into it by the program that wrote the
    message.
    """
    is_page = b"\\fromhtml" in rich[:2000]
    return "".join(_words(rich, is_page=is_page)), is_page


def _words(rich: bytes, *, is_page: bool) -> Iterator[str]:
    stack: list[tuple[bool, bool]] = []
    skipped, hidden, after_star, uc, to_skip = False, False, False, 1, 0
    encoding = _encoding(rich)
    for found in _TOKEN.finditer(rich):
        code, word, number, sign, brace, text = found.groups()
        if brace == b"{":
            stack.append((skipped, hidden))
        elif brace == b"}":
            skipped, hidden = stack.pop() if stack else (False, False)
        elif word is not None:
            name = word.decode("ascii").lower()
            if name == "htmltag" and is_page:
                skipped = False
            elif (after_star and name not in ("htmltag", "mhtmltag")) or name in _SKIPPED or name == "mhtmltag":
                skipped = True
            elif name == "htmlrtf":
                hidden = number != b"0"
            elif name == "uc":
                uc = int(number or 1)
            elif name == "u" and number and not (skipped or hidden):
                yield chr(int(number) % 65536)
                to_skip = uc
            elif name in _SIGNS and not (skipped or hidden):
                yield _SIGNS[name]
        elif code is not None:
            if to_skip:
                to_skip -= 1
            elif not (skipped or hidden):
                yield bytes([int(code, 16)]).decode(encoding, "replace")
        elif sign is not None:
            if sign in (b"{", b"}", b"\\") and not (skipped or hidden):
                yield sign.decode("ascii")
            elif sign == b"~" and not (skipped or hidden):
                yield "\u00a0"
        elif text is not None and not (skipped or hidden):
            words = text.decode(encoding, "replace")
            yield words[to_skip:]
            to_skip = 0
        after_star = sign == b"*"


def _encoding(rich: bytes) -> str:
    found = re.search(rb"\\ansicpg(\d{3,5})", rich[:500])
    name = f"cp{int(found[1])}" if found else "cp1252"
    try:
        b"".decode(name)
    except LookupError:
        return "cp1252"
    return {"cp65001": "utf-8"}.get(name, name)
