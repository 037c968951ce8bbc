"""Canary strings: each says whose it is and what it is, wherever it turns up (page, header, PDF, file, image)."""

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zipfile import ZipFile

import pypdfium2
from PIL import Image
from werkzeug.test import TestResponse

# A PDF breaks lines and hyphenates where it likes; a name of a file travels percent-encoded.
_HYPHENS, _HIDDEN = ("\x02", "\xad", "\ufffe", "-"), ("\xad", "\u200b")
_CANARY = re.compile("kanari([a-z]+)0([a-z]+)0", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Canary:
    """What belongs to someone: the owner (a state of the world, or a body) and the field it stands in."""

    owner: str
    field: str

    def __str__(self) -> str:
        """Return the text that is planted."""
        return f"kanari{self.owner}0{self.field}0"


@dataclass
class Planted:
    """Canaries that cannot be chosen: numbers drawn at random, colours of pages."""

    words: dict[str, Canary] = field(default_factory=dict)
    colours: dict[tuple[int, int, int], Canary] = field(default_factory=dict)

    def colour(self, owner: str) -> tuple[int, int, int]:
        """Return the colour of this owner's pages: no other owner's, and far enough from theirs to survive
        compression.
        """
        for known, canary in self.colours.items():
            if canary.owner == owner:
                return known
        number = len(self.colours)
        made = (40 + 50 * (number % 4), 40 + 50 * (number // 4 % 4), 40 + 50 * (number // 16))
        self.colours[made] = Canary(owner, "page")
        return made

    def seen_in(self, response: TestResponse) -> set[Canary]:
        """Every canary of a response: its headers, and its body read as what it is."""
        found = in_text(f"{response.headers} {response.headers.get('Location', '')}")
        body = response.data
        if body[:5] == b"%PDF-":
            return found | self._known(_pdf_text(body))
        if body[:4] == b"RIFF":
            return found | self._in_image(body)
        return found | self._known(body.decode("utf-8", "replace"))

    def seen_in_archive(self, body: bytes) -> set[Canary]:
        """Every canary of the members of a ZIP."""
        with ZipFile(io.BytesIO(body)) as archive:
            members = [archive.read(name) for name in archive.namelist()]
        texts = (_pdf_text(each) if each[:5] == b"%PDF-" else each.decode("utf-8", "replace") for each in members)
        return set().union(*map(self._known, texts))

    def seen_in_text(self, text: str) -> set[Canary]:
        """Every canary of a text."""
        return self._known(text)

    def typed(self, url: str) -> set[Canary]:
        """Return what the visitor knew already, since they typed it."""
        return {canary for word, canary in self.words.items() if word in url}

    def _known(self, text: str) -> set[Canary]:
        plain = _whole(text)
        return in_text(plain) | {canary for word, canary in self.words.items() if word in plain}

    def _in_image(self, body: bytes) -> set[Canary]:
        with Image.open(io.BytesIO(body)) as image:
            middle = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
        near = (canary for colour, canary in self.colours.items() if _distance(colour, middle) <= 20)
        return set(near)


def _distance(one: Iterable[int], other: Iterable[int]) -> int:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _whole(text: str) -> str:
    """Return the text with no break in a word: without ends of lines, the hyphen before one, and what is not seen."""
    *lines, last = text.replace("\r", "\n").split("\n")
    plain = "".join([line[:-1] if line.endswith(_HYPHENS) else line for line in lines]) + last
    for hidden in _HIDDEN:
        plain = plain.replace(hidden, "")
    return plain


def in_text(text: str) -> set[Canary]:
    """Every canary of a text."""
    return {Canary(owner.lower(), what.lower()) for owner, what in _CANARY.findall(text)}


def _pdf_text(body: bytes) -> str:
    document = pypdfium2.PdfDocument(body)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def colour_pdf(text: str, colour: tuple[int, int, int]) -> bytes:
    """A page of one colour that says a word at its top."""
    from tests import samples

    red, green, blue = (part / 255 for part in colour)
    drawn = f"{red:.3f} {green:.3f} {blue:.3f} rg 0 0 595 842 re f 0 g BT /F1 24 Tf 72 780 Td ({text}) Tj ET"
    return samples.pdf(1, content=drawn.encode())


# What a field is, so that the table below stays short.
FIELDS: Mapping[str, str] = {
    "identity": "name",
    "address": "email",
    # Printed on the certificate.
    "birth": "birthplace",
    # What the dossier says, in the draft and in its sealed copies.
    "told": "career motivation conclusion post narrative comment title role filename file page erased",
    # Written in the draft after the seal.
    "later": "newtitle",
    "review": "mark remark reply rehearsed",
    "noted": "private",
    # What was asked of a third party, and what they have not signed yet.
    "attester": "attester",
    "asked": "wanted",
    "unsigned": "unsigned",
    # Taken back, withdrawn, refused, forgotten, replaced by other words: of these nothing is left for
    # anybody.
    "gone": "takenback mistyped withdrawn refused forgotten thrown",
    # The version of a file before the one that was sealed.
    "former": "formername formerfile",
    # What the president notes, then what the minutes say.
    "decided": "finding reason advice",
    "recusal": "recusal",
    # Written by one member for themselves.
    "jurornote": "jurornote",
    # Written by one member, hidden from the others until the opinions are open.
    "opinion": "opinion",
    # The interview sheet, which the whole jury reads.
    "heardline": "heardline",
    "paper": "paper paperfile",
    "proof": "proof prooffile",
    "obtained": "obtained",
    "rectified": "rectified",
    "letter": "missing",
    "number": "number",
    "link": "token",
    # Of the house.
    "advisor": "advisor",
    "jurors": "president employee director teacher substitute pedagogue silent",
    "sitting": "place parity ties",
    "appointment": "act actfile",
    "house": "remedies contact signatory body code",
}
KIND_OF = {name: kind for kind, names in FIELDS.items() for name in names.split()}
