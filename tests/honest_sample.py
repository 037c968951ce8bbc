"""A sample of honest PDFs, as people send them: nobody hid a word in any of them.

Scans with a text layer by several programs, forms filled in beyond their fields, fonts that are not held,
turned pages, layers. Each is made here, with the words that a reader sees in it.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pymupdf
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZE = (420, 300)
LINES = (
    "Attestation de fonctions",
    "Je certifie que Samia Benali",
    "a conduit en 2021 la re-",
    "ponse a 3 appels d'offres.",
    "Fait a Brest, le 3 mars 2021.",
)
WORDS = " ".join(LINES).split()
_SCALE = 2
_FONT = pymupdf.Font("helv")
_LIGATURES = {"fi": "\ufb01", "ff": "\ufb00"}


@dataclass(frozen=True)
class _Word:
    """A word of the scan: where its ink begins, its baseline, how wide it is, in points."""

    text: str
    x: float
    y: float
    width: float


def _scan(
    *, ink: int = 0, paper: int = 255, spots: bool = False, blur: bool = False
) -> tuple[Image.Image, list[_Word]]:
    """Return the picture of a typed page, and its words."""
    image = Image.new("L", (SIZE[0] * _SCALE, SIZE[1] * _SCALE), paper)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(14 * _SCALE)
    words = []
    for rank, line in enumerate(LINES):
        x, base = 40 * _SCALE, (60 + rank * 40) * _SCALE
        draw.text((x, base), line, fill=ink, font=font, anchor="ls")
        at = float(x)
        for word in line.split():
            wide = draw.textlength(word, font=font)
            words.append(_Word(word, at / _SCALE, base / _SCALE, wide / _SCALE))
            at += draw.textlength(word + " ", font=font)
    if spots:
        for place in range(0, 900, 7):
            x, y = place * 137 % image.width, place * 251 % image.height
            draw.ellipse((x, y, x + 2, y + 2), fill=90)
    return (image.filter(ImageFilter.GaussianBlur(2)) if blur else image), words


def _as_jpeg(image: Image.Image, quality: int = 50) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _lay(
    page: pymupdf.Page,
    words: list[_Word],
    *,
    shift: tuple[float, float] = (0, 0),
    wide: float = 1,
    mode: int = 3,
    size: float = 14,
    change: Callable[[str], str] = str,
) -> None:
    """Write the words over their ink, as a program of recognition does; `wide` stretches them."""
    for word in words:
        text = change(word.text)
        start = pymupdf.Point(word.x + shift[0], word.y + shift[1])
        across = word.width / max(_FONT.text_length(text, size), 1) * wide
        page.insert_text(start, text, fontsize=size, render_mode=mode, morph=(start, pymupdf.Matrix(across, 1)))


def _saved(document: pymupdf.Document) -> bytes:
    return bytes(document.tobytes(garbage=1))


def scanned(
    rotate: int = 0,
    strips: int = 1,
    under: bool = False,
    cover: tuple[str, float, int] | None = None,
    picture: dict[str, object] | None = None,
    **layer: object,
) -> bytes:
    """Return a scan with its text layer; `under`: painted under the picture, as some programs do; `cover`: a
    word, from which part of it, and the colour of the rectangle laid over it.
    """
    image, words = _scan(**(picture or {}))
    document = pymupdf.open()
    page = document.new_page(width=SIZE[0], height=SIZE[1])
    if under:
        _lay(page, words, mode=0, **layer)
    high = image.height // strips
    for strip in range(strips):
        part = image.crop((0, strip * high, image.width, (strip + 1) * high if strip < strips - 1 else image.height))
        top = strip * high / _SCALE
        place = pymupdf.Rect(0, top, SIZE[0], top + part.height / _SCALE)
        page.insert_image(place, stream=_as_jpeg(part))
    if not under:
        _lay(page, words, **layer)
    if cover is not None:
        word = next(each for each in words if each.text == cover[0])
        left = word.x + cover[1] * word.width
        over = pymupdf.Rect(left, word.y - 12, word.x + word.width + 2, word.y + 4)
        page.draw_rect(over, color=None, fill=(cover[2],) * 3)
    page.set_rotation(rotate)
    return _saved(document)


def _typed(rotate: int = 0, crop: bool = False) -> bytes:
    document = pymupdf.open()
    page = document.new_page(width=SIZE[0], height=SIZE[1])
    for rank, line in enumerate(LINES):
        page.insert_text((40, 60 + rank * 40), line, fontsize=14)
    if crop:
        page.set_cropbox(pymupdf.Rect(20, 20, 400, 280))
    page.set_rotation(rotate)
    return _saved(document)


LONG = "Une reponse bien plus longue que le champ ou elle est saisie, comme on en voit dans tant de formulaires"


def _filled(
    rotate: int = 0,
    *,
    multiline: bool = False,
    size: float = 12,
    kind: int = pymupdf.PDF_WIDGET_TYPE_TEXT,
    lines: int = 1,
) -> bytes:
    document = pymupdf.open()
    page = document.new_page(width=SIZE[0], height=SIZE[1])
    page.insert_text((40, 60), "Vos fonctions", fontsize=14)
    field = pymupdf.Widget()
    field.field_name, field.field_type, field.rect = "fonctions", kind, pymupdf.Rect(40, 80, 200, 110)
    field.text_fontsize = size
    if kind == pymupdf.PDF_WIDGET_TYPE_TEXT:
        field.field_value = "\n".join([LONG] * lines)
        field.field_flags = pymupdf.PDF_TX_FIELD_IS_MULTILINE if multiline else 0
    else:
        field.choice_values = [f"Choix {rank}" for rank in range(12)]
        field.field_value = "Choix 1"
    page.add_widget(field)
    page.set_rotation(rotate)
    return _saved(document)


def _in_layers() -> bytes:
    """Return a page with two layers, as drawings have."""
    document = pymupdf.open()
    page = document.new_page(width=SIZE[0], height=SIZE[1])
    first, second = (document.add_ocg(name, on=True) for name in ("Plan", "Cotes"))
    page.insert_text((40, 60), "Plan du rez-de-chaussee", fontsize=14, oc=first)
    page.insert_text((40, 100), "Echelle 1/50", fontsize=14, oc=second)
    page.draw_rect(pymupdf.Rect(40, 120, 300, 250), oc=second)
    return _saved(document)


def _not_held(name: str, text: str, encoding: str = "/WinAnsiEncoding", kind: str = "/TrueType") -> bytes:
    """Return a page in a simple font that the file does not hold."""
    document = pymupdf.open()
    page = document.new_page(width=SIZE[0], height=SIZE[1])
    page.insert_text((40, 60), text, fontsize=14)
    (xref, *_), *_ = page.get_fonts()
    document.update_object(
        xref, f"<< /Type /Font /Subtype {kind} /BaseFont /{name} {f'/Encoding {encoding}' if encoding else ''} >>"
    )
    return _saved(document)


def honest_sample() -> Iterator[tuple[str, bytes]]:
    """Yield each file with its name."""
    for turn in (0, 90, 180, 270):
        yield f"typed, turned by {turn}", _typed(turn)
        yield f"scan, turned by {turn}", scanned(turn)
        yield f"scan of a program that paints under it, turned by {turn}", scanned(turn, under=True)
        yield f"field that overflows, turned by {turn}", _filled(turn)
    yield "typed, in a part of its sheet", _typed(90, crop=True)
    for across, down in ((3, 0), (-3, 0), (0, 3), (0, -3), (4, 3), (-4, -3)):
        yield f"text layer beside its ink by {across} {down}", scanned(shift=(across, down))
    yield "text under its scan beside its ink", scanned(under=True, shift=(4, 3))
    yield "field of many lines that overflows", _filled(90, multiline=True, lines=5)
    yield "text layer wider than its ink", scanned(wide=1.15)
    yield "text layer narrower than its ink", scanned(wide=0.8)
    yield "text layer in smaller type", scanned(size=10)
    yield "text layer in larger type", scanned(size=18)
    yield "text layer with ligatures", scanned(change=lambda word: word.replace("fi", "\ufb01"))
    yield "text layer that joins a hyphenated word", scanned(change=lambda word: "reponse" if word == "re-" else word)
    yield "text layer with soft hyphens", scanned(change=lambda word: word.replace("re-", "re\u00ad"))
    yield "text layer with other letters read", scanned(change=lambda word: word.replace("i", "l").replace("o", "0"))
    yield "scan in strips", scanned(strips=6)
    yield "scan in strips over its text", scanned(strips=6, under=True)
    yield "pale scan", scanned(picture={"ink": 150, "paper": 235})
    yield "blurred scan", scanned(picture={"blur": True})
    yield "dirty scan", scanned(picture={"spots": True})
    yield "white on black scan", scanned(picture={"ink": 255, "paper": 0})
    yield "list with more choices than it shows", _filled(kind=pymupdf.PDF_WIDGET_TYPE_LISTBOX)
    yield "list to unfold", _filled(kind=pymupdf.PDF_WIDGET_TYPE_COMBOBOX)
    yield "field in small type", _filled(size=5)
    yield "field in large type", _filled(size=28)
    yield "layers that are on", _in_layers()
    for name in ("Calibri", "ArialNarrow", "TimesNewRomanPS-BoldMT", "Marianne-Regular", "ABCDEF+Spectral"):
        yield f"font not held: {name}", _not_held(name, LINES[1])
    yield "signs not held: Wingdings", _not_held("Wingdings", "nop", "")
    yield "signs not held: Symbol", _not_held("Symbol", "abc", "", "/Type1")
    yield "signs not held: ZapfDingbats", _not_held("ZapfDingbats", "34n", "", "/Type1")
