"""Plain text in whatever encoding it was saved."""

import codecs

from charset_normalizer import from_bytes

from portfolio.files.conversion.document import Document

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 4096
# Of a text in another script: how long it must be to be guessed, how much of it is no ASCII, and in what it
# is written where no mark says it.
_LEAST, _FOREIGN = 16, 0.4
_ENCODINGS = ["big5", "gb18030", "shift_jis", "euc_jp", "euc_kr", "cp1251", "cp1253", "cp1256", "cp1255"]
MAX_TEXT_BYTES = 8_000_000


def decode(content: bytes) -> str:
    """Return the text of a file: by its mark, else UTF-8, UTF-16 without a mark, or what Windows and old Macs
    write in French.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if (
            error.start >= len(content) - 4 and error.reason == "unexpected end of data"
        ):  # cut in the middle of a character
            return content.decode("utf-8", "ignore")
    guessed = _utf16_without_mark(content) or _of_another_script(content)
    return content.decode(guessed or _one_byte(content), "replace")


def _of_another_script(content: bytes) -> str:
    """Return the encoding of a text in another script than ours, nothing of one in French: of its bytes, one
    of twenty is no ASCII.
    """
    looked_at = content[:_SAMPLE]
    if len(looked_at) < _LEAST or sum(byte > 127 for byte in looked_at) < len(looked_at) * _FOREIGN:
        return ""
    found = from_bytes(looked_at, cp_isolation=_ENCODINGS).best()
    return found.encoding if found is not None else ""


def add_text(document: Document, text: str) -> None:
    """Add a plain text: its line ends are those of its author."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if max((len(line) for line in lines), default=0) <= 100 and _is_drawn(lines):
        for start in range(0, len(lines), 40):
            document.code("\n".join(lines[start : start + 40]))
        return
    paragraph: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            paragraph.append(line)
        elif paragraph:
            document.paragraph("\n".join(paragraph))
            paragraph = []
        if len(paragraph) >= 40:  # a paragraph without end is cut where its lines are
            document.paragraph("\n".join(paragraph))
            paragraph = []


def _is_drawn(lines: list[str]) -> bool:
    """Return whether spaces align things, so that the text wants a fixed width."""
    aligned = sum(1 for line in lines if "   " in line.strip() or "\t" in line.strip())
    return aligned > 3 and aligned * 5 > len(lines)


def _utf16_without_mark(content: bytes) -> str | None:
    sample = content[:_SAMPLE]
    if len(sample) < 4:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > len(sample) // 5 and odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > len(sample) // 5 and even > 4 * odd else None


def _one_byte(content: bytes) -> str:
    """Return the encoding in which letters of French come out: é is E9 for Windows, 8E for old Macs, 82 for DOS."""
    if any(byte in content for byte in b"\x81\x8d\x8f\x90\x9d"):
        return (
            "cp850"
            if content.count(0x82) + content.count(0x85) + content.count(0x8A) > content.count(0x8E)
            else "mac_roman"
        )
    macintosh, windows, dos = (
        content.count(0x8E),
        sum(content.count(letter) for letter in b"\xe9\xe8\xe0\xea\xe7"),
        content.count(0x82),
    )
    if max(macintosh, dos) > windows:
        return "mac_roman" if macintosh >= dos else "cp850"
    return "cp1252"
