"""PDFs of one page, written by hand, whose page shows or hides its text in one way each."""

import zlib
from collections.abc import Sequence

SECRET = "Dupont"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
# « Bonjour » above, the secret below it, at 24 points.
WRITTEN = f"BT /F 24 Tf 20 150 Td (Bonjour) Tj ET BT /F 24 Tf 20 100 Td ({SECRET}) Tj ET\n"
BLACK = "0 g 15 92 120 30 re f\n"


def page(
    content: str,
    *,
    resources: str = "",
    more: str = "",
    catalog: str = "",
    objects: Sequence[bytes] = (),
    size: tuple[int, int] = (300, 200),
) -> bytes:
    """Return a PDF of one page with this content; `objects` are numbered from 6, `more` are entries of the page."""
    data = content.encode("latin-1")
    across, down = size
    numbered = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {across} {down}] /Contents 4 0 R {more} "
            f"/Resources << /Font << /F 5 0 R >> {resources} >> >>"
        ).encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data),
        FONT,
        *objects,
    ]
    return assembled(numbered)


def assembled(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """Return a PDF of these objects, numbered from 1, the first one its catalog."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, one in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, trailer, start)
    return bytes(out)


def stream(entries: str, data: bytes) -> bytes:
    """Return a stream with these entries."""
    return f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def form(content: str) -> bytes:
    """Return a form that draws this content, with the font of the page."""
    return stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 300 200] /Resources << /Font << /F 5 0 R >> >>", content.encode()
    )


def picture(pixels: bytes, width: int, height: int) -> bytes:
    """Return a picture of grey pixels."""
    entries = (
        f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 8 "
        "/Filter /FlateDecode"
    )
    return stream(entries, zlib.compress(pixels))


def scan() -> bytes:
    """Return a picture of 300 × 200 that shows strokes of ink where WRITTEN has its words, and white elsewhere."""
    rows = []
    for y in range(200):
        lower = 200 - y
        inked = 148 <= lower <= 170 or 98 <= lower <= 120
        rows.append(bytes(0 if inked and 18 <= x <= 130 and x % 6 < 3 and lower % 6 < 4 else 255 for x in range(300)))
    return picture(b"".join(rows), 300, 200)


def annotated(*annotations: str, content: str = "BT /F 24 Tf 20 150 Td (Bonjour) Tj ET", more: str = "") -> bytes:
    """Return a page with these annotations, each with an appearance that writes the secret; `{}` is replaced
    by the reference of its appearance.
    """
    first = 6
    appearances = first + len(annotations)
    look = stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 120 30] /Resources << /Font << /F 5 0 R >> >>",
        f"/Tx BMC BT /F 24 Tf 4 8 Td ({SECRET}) Tj ET EMC".encode(),
    )
    return page(
        content,
        more=f"/Annots [{' '.join(f'{first + rank} 0 R' for rank in range(len(annotations)))}] {more}",
        catalog="/AcroForm << /Fields [6 0 R] /DA (/F 24 Tf 0 g) /DR << /Font << /F 5 0 R >> >> >>",
        objects=[*(one.format(f"/AP << /N {appearances} 0 R >>").encode() for one in annotations), look],
    )


FIELD = f"<< /Type /Annot /Subtype /Widget /FT /Tx /T (nom) /V ({SECRET}) /Rect [16 92 136 122] /DA (/F 24 Tf 0 g) "
FREE_TEXT = f"<< /Type /Annot /Subtype /FreeText /Contents ({SECRET}) /Rect [16 92 136 122] /DA (/F 24 Tf 0 g) "
COVER = "<< /Type /Annot /Subtype /Square /Rect [10 90 140 124] /IC [0 0 0] /C [0 0 0] /F 4 >>"

NOT_SHOWN: dict[str, bytes] = {
    "a field that only a printer shows": annotated(FIELD + "/F 36 {} >>"),
    "a hidden field": annotated(FIELD + "/F 2 {} >>"),
    "a hidden free text": annotated(FREE_TEXT + "/F 2 {} >>"),
    "a free text under a rectangle": annotated(FREE_TEXT + "/F 4 {} >>", COVER),
}
UNDER_A_RECTANGLE = page(WRITTEN + BLACK)
UNPAINTED = "3 Tr " + WRITTEN
HIDING: dict[str, bytes] = {
    "a black rectangle": UNDER_A_RECTANGLE,
    "a white rectangle": page(WRITTEN + "1 g 15 92 120 30 re f"),
    "a thick line": page(WRITTEN + "0 G 30 w 15 107 m 135 107 l S"),
    "a rectangle with a label on it": page(WRITTEN + BLACK + "1 g BT /F 16 Tf 30 102 Td (MASQUE) Tj ET"),
    "a rectangle drawn by a form": page(WRITTEN + "/X Do", resources="/XObject << /X 6 0 R >>", objects=[form(BLACK)]),
    "a rectangle over text drawn by a form": page(
        "/X Do " + BLACK, resources="/XObject << /X 6 0 R >>", objects=[form(WRITTEN)]
    ),
    "a picture": page(
        WRITTEN + "q 120 0 0 30 15 92 cm /X Do Q",
        resources="/XObject << /X 6 0 R >>",
        objects=[picture(bytes(4), 2, 2)],
    ),
    "a picture of noise": page(
        WRITTEN + "q 120 0 0 30 15 92 cm /X Do Q",
        resources="/XObject << /X 6 0 R >>",
        objects=[picture(bytes(range(0, 256, 4)) * 4, 16, 16)],
    ),
    "an annotation": page(
        WRITTEN,
        more="/Annots [6 0 R]",
        objects=[
            b"<< /Type /Annot /Subtype /Square /Rect [15 92 135 122] /F 4 /AP << /N 7 0 R >> >>",
            stream("/Type /XObject /Subtype /Form /BBox [0 0 120 30]", b"0 g 0 0 120 30 re f"),
        ],
    ),
    "a note with a drawing of its own": page(
        WRITTEN,
        more="/Annots [6 0 R]",
        objects=[
            b"<< /Type /Annot /Subtype /Text /Rect [15 92 135 122] /F 4 /AP << /N 7 0 R >> >>",
            stream("/Type /XObject /Subtype /Form /BBox [0 0 120 30]", b"0 g 0 0 120 30 re f"),
        ],
    ),
    "its colour": page("BT /F 24 Tf 20 150 Td (Bonjour) Tj ET 0.99 g BT /F 24 Tf 20 100 Td (Dupont) Tj ET"),
    "a rectangle of its colour": page(
        "BT /F 24 Tf 20 150 Td (Bonjour) Tj ET " + BLACK + "BT /F 24 Tf 20 100 Td (Dupont) Tj ET"
    ),
    "never being painted": page("BT /F 24 Tf 20 150 Td (Bonjour) Tj ET 3 Tr BT /F 24 Tf 20 100 Td (Dupont) Tj ET"),
    "its place outside the page": page(
        "BT /F 24 Tf 20 150 Td (Bonjour) Tj ET BT /F 24 Tf 20 20 Td (Dupont) Tj ET", more="/CropBox [0 60 300 200]"
    ),
    "a clip": page("BT /F 24 Tf 20 150 Td (Bonjour) Tj ET q 0 0 10 10 re W n BT /F 24 Tf 20 100 Td (Dupont) Tj ET Q"),
    "its size": page("BT /F 24 Tf 20 150 Td (Bonjour) Tj ET BT /F 0.3 Tf 20 100 Td (Dupont) Tj ET"),
    "a layer that is off": page(
        "BT /F 24 Tf 20 150 Td (Bonjour) Tj ET /OC /L BDC BT /F 24 Tf 20 100 Td (Dupont) Tj ET EMC",
        resources="/Properties << /L 6 0 R >>",
        catalog="/OCProperties << /OCGs [6 0 R] /D << /OFF [6 0 R] >> >>",
        objects=[b"<< /Type /OCG /Name (L) >>"],
    ),
    "a rectangle that crosses its edge": page(WRITTEN + "0 g 15 92 120 21 re f"),
    "a turned page": page(WRITTEN + BLACK, more="/Rotate 90"),
    "a rectangle on a scan": page(
        "q 300 0 0 200 0 0 cm /X Do Q " + UNPAINTED + BLACK, resources="/XObject << /X 6 0 R >>", objects=[scan()]
    ),
}
SHOWING: dict[str, bytes] = {
    "written": page(WRITTEN),
    "written white on black": page("0 g 0 0 300 200 re f 1 g " + WRITTEN),
    "written on a picture": page(
        "q 300 0 0 200 0 0 cm /X Do Q " + WRITTEN,
        resources="/XObject << /X 6 0 R >>",
        objects=[picture(b"\xb0" * 4, 2, 2)],
    ),
    "written twice, to look bold": page(WRITTEN + WRITTEN.replace(" 20 ", " 20.3 ")),
    "under a highlighter": page(
        WRITTEN + "/G gs 1 1 0 rg 15 92 120 30 re f", resources="/ExtGState << /G << /ca 0.4 >> >>"
    ),
    "under the icon of a note": page(
        WRITTEN.replace("24 Tf 20 100", "8 Tf 20 100"),
        more="/Annots [6 0 R]",
        objects=[b"<< /Type /Annot /Subtype /Text /Rect [24 92 44 112] /Contents (Relu) /F 4 >>"],
    ),
    "under a frame": page(WRITTEN + "0 G 2 w 15 92 120 30 re S"),
    "struck out by a line": page(WRITTEN + "0 G 1 w 15 107 m 135 107 l S"),
    "written by a form": page("/X Do", resources="/XObject << /X 6 0 R >>", objects=[form(WRITTEN)]),
    "the text layer of a scan": page(
        "q 300 0 0 200 0 0 cm /X Do Q " + UNPAINTED, resources="/XObject << /X 6 0 R >>", objects=[scan()]
    ),
    "the text layer under a scan": page(
        WRITTEN + "q 300 0 0 200 0 0 cm /X Do Q", resources="/XObject << /X 6 0 R >>", objects=[scan()]
    ),
    "typed in a field": annotated(FIELD + "/F 4 {} >>"),
    "typed in a field without an appearance": annotated(FIELD + "/F 4 >>"),
    "written on the page by a reader": annotated(FREE_TEXT + "/F 4 {} >>"),
    "turned": page(WRITTEN, more="/Rotate 270"),
    "slanted": page("q 0.9 0.3 -0.3 0.9 60 0 cm " + WRITTEN.replace(" 150 ", " 120 ").replace(" 100 ", " 60 ") + "Q"),
}
