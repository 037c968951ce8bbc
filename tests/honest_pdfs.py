"""PDFs that hide nothing, though some of their text is not drawn: a field too short, a font that is not held."""

import io
from collections.abc import Sequence

import pikepdf

NAME, DICT, TEXT = pikepdf.Name, pikepdf.Dictionary, pikepdf.String


def form_field(lines: Sequence[str], *, paint: str = "0 g") -> bytes:
    """A PDF with one field, 100 points wide and 30 high, in which these lines are typed."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(300, 200))
    font = pdf.make_indirect(
        DICT(Type=NAME.Font, Subtype=NAME.Type1, BaseFont=NAME.Helvetica, Encoding=NAME.WinAnsiEncoding)
    )
    page = pdf.pages[0].obj
    page.Resources = DICT(Font=DICT(F=font))
    page.Contents = pdf.make_stream(b"BT /F 12 Tf 20 150 Td (Bonjour) Tj ET")
    typed = " ".join(f"({line}) Tj 0 -14 Td" for line in lines)
    drawn = f"/Tx BMC q 0 0 100 30 re W n BT {paint} /F 12 Tf 2 16 Td {typed} ET Q EMC"
    appearance = pdf.make_stream(
        drawn.encode(), Type=NAME.XObject, Subtype=NAME.Form, BBox=[0, 0, 100, 30], Resources=DICT(Font=DICT(F=font))
    )
    field = DICT(
        Type=NAME.Annot,
        Subtype=NAME.Widget,
        FT=NAME.Tx,
        T=TEXT("reponse"),
        V=TEXT(" ".join(lines)),
        Rect=[20, 80, 120, 110],
        F=4,
        Ff=4096,
        DA=TEXT("/F 12 Tf 0 g"),
        AP=DICT(N=appearance),
    )
    page.Annots = [pdf.make_indirect(field)]
    pdf.Root.AcroForm = DICT(Fields=page.Annots, DR=DICT(Font=DICT(F=font)), DA=TEXT("/F 12 Tf 0 g"))
    return _saved(pdf)


def font_not_held(text: str, order: str, encoding: str, *, covered: bool = False) -> bytes:
    """A PDF of one line in a font of Asia that it does not hold; `covered` lays a rectangle over it."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(300, 200))
    descriptor = DICT(
        Type=NAME.FontDescriptor,
        FontName=NAME("/Absente"),
        Flags=6,
        FontBBox=[-25, -254, 1000, 880],
        ItalicAngle=0,
        Ascent=880,
        Descent=-120,
        CapHeight=880,
        StemV=93,
    )
    inner = DICT(
        Type=NAME.Font,
        Subtype=NAME.CIDFontType0,
        BaseFont=NAME("/Absente"),
        CIDSystemInfo=DICT(Registry=TEXT("Adobe"), Ordering=TEXT(order), Supplement=4),
        DW=1000,
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    font = DICT(
        Type=NAME.Font,
        Subtype=NAME.Type0,
        BaseFont=NAME("/Absente"),
        Encoding=NAME(f"/{encoding}"),
        DescendantFonts=[pdf.make_indirect(inner)],
    )
    page = pdf.pages[0].obj
    page.Resources = DICT(Font=DICT(F=pdf.make_indirect(font)))
    over = "0 g 10 90 280 40 re f" if covered else ""
    shown = f"BT /F 24 Tf 20 100 Td <{text.encode('utf-16-be').hex()}> Tj ET {over}"
    page.Contents = pdf.make_stream(shown.encode())
    return _saved(pdf)


def arabic_font_not_held() -> bytes:
    """A PDF of one line of Arabic in a font that it does not hold, and that no machine without it draws."""
    codes = "".join(f"{ord(letter):04x}" for letter in "مرحبا")
    unicode = "".join(f"<{code}> <{code}>\n" for code in map("{:04x}".format, map(ord, "مرحبا")))
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange 5 beginbfchar\n{unicode}endbfchar endcmap end end"
    )
    with pikepdf.open(io.BytesIO(font_not_held("x", "Identity", "Identity-H"))) as pdf:
        font = pdf.pages[0].obj.Resources.Font.F
        font.ToUnicode = pdf.make_stream(cmap.encode())
        font.DescendantFonts[0].Subtype = NAME.CIDFontType2
        pdf.pages[0].obj.Contents = pdf.make_stream(f"BT /F 24 Tf 20 100 Td <{codes}> Tj ET".encode())
        return _saved(pdf)


def _saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()
