"""Names that people give to files: shown, never obeyed."""

import re
import unicodedata
from urllib.parse import quote

from portfolio.files.file_types.types import FileType

MAX_SHOWN = 150
_TAIL = 20
_REPLACED = "\ufffd"
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}  # parts of honest words and emojis
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)
_MIME = re.compile(r"[a-z0-9][a-z0-9.+-]{0,80}/[a-z0-9][a-z0-9.+-]{0,120}")
_ANYTHING = "application/octet-stream"
# A browser would show these as pages of their own: they leave as bytes.
_RUN_BY_BROWSERS = frozenset({"text/html", "application/xhtml+xml", "image/svg+xml"})
_ALLOWED_BY_RFC_5987 = "!#$&+-.^_`|~"


def display_filename(raw: str | None) -> str:
    """Return the name to show for a file: its last part, composed (NFC), on one line, at most 150 characters.

    What cannot be seen (line ends, NUL, lone surrogates, marks that turn the reading direction) is shown as a visible
    sign, so that nothing hides. The answer is never a path, never empty; it may still be "CON".
    """
    last = re.split(r"[/\\]", raw or "")[-1]
    visible = "".join(_visible(character) for character in last)
    name = " ".join(unicodedata.normalize("NFC", visible).split())
    if not name.strip(". "):
        return UNNAMED
    return name if len(name) <= MAX_SHOWN else f"{name[: MAX_SHOWN - _TAIL - 1]}…{name[-_TAIL:]}"


def download_name(raw: str | None, kind: FileType) -> str:
    """Return the shown name, ending as files of its real kind do: what a computer does with a copy follows the ending.

    "facture.bat" that is plain text becomes "facture.bat.txt". A name that a machine keeps for a device gets a "_".
    """
    name = display_filename(raw).rstrip(". ")
    if not name.lower().endswith(tuple(f".{extension}" for extension in kind.extensions)):
        name = f"{name}.{kind.value}"
    return f"_{name}" if _DEVICES.match(name) else name


def download_name_of(raw: str | None, mime: str) -> str:
    """Return the shown name, ending as files of this media type do; as it is shown when no kind has it."""
    kind = next((kind for kind in FileType if kind.mime == mime), None)
    return display_filename(raw) if kind is None else download_name(raw, kind)


def attachment_headers(name: str, mime: str) -> dict[str, str]:
    """Return the headers that send an original as an attachment, and only so: nothing in it runs here.

    Any name and any type are accepted: the name is cleaned, a type that is not one becomes application/octet-stream.
    """
    return {
        "Content-Type": mime if _MIME.fullmatch(mime) and mime not in _RUN_BY_BROWSERS else _ANYTHING,
        "Content-Disposition": _disposition(display_filename(name)),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _disposition(name: str) -> str:
    """RFC 6266: a plain ASCII name for old programs, the true one for the others."""
    stripped = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", stripped)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=_ALLOWED_BY_RFC_5987)}"


def _visible(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)  # ␀, ␊, ␍ …
    if code == 0x7F:
        return "␡"
    hidden = unicodedata.category(character) in _INVISIBLE and character not in _JOINERS
    return _REPLACED if hidden or code & 0xFFFE == 0xFFFE else character


UNNAMED = "sans nom"
