"""PDFs of one page that nobody would write: what ends, fills or loops a reader of PDF, in as many forms as asked."""

import io
import zlib
from collections.abc import Callable
from itertools import islice

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

from tests import samples

Breaking = Callable[[Pdf, int], None]
_JBIG2 = bytes.fromhex("0000000030000100000008000000080000000000")
_TEXT = b"BT /F1 24 Tf 72 700 Td (Page hostile) Tj ET "


def hostile_pdfs(most: int) -> list[tuple[str, bytes]]:
    """Return so many PDFs with a name: each way once, then each way again otherwise."""
    ways = [*BREAKINGS.items()]
    named = ((rank // len(ways), *ways[rank % len(ways)]) for rank in range(most))
    return [(f"{name}-{turn}", hostile_pdf(way, turn)) for turn, name, way in islice(named, most)]


def hostile_pdf(way: Breaking, turn: int = 0) -> bytes:
    """Return one page, broken in this way."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        page = pdf.pages[0].obj
        page.Resources = Dictionary(Font=Dictionary(F1=_helvetica()), XObject=Dictionary())
        page.Contents = pdf.make_stream(_TEXT)
        if (after := way(pdf, turn)) is None:
            pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, static_id=True)
            return out.getvalue()
        return after(pdf, turn)


def _helvetica() -> Dictionary:
    return Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)


def _picture(pdf: Pdf, content: bytes, packed: object, **more: object) -> pikepdf.Stream:
    facts = {"Width": 400, "Height": 300, "ColorSpace": Name.DeviceRGB, "BitsPerComponent": 8} | more
    made = pikepdf.Stream(pdf, content, Type=Name.XObject, Subtype=Name.Image, **facts)
    made.Filter = packed
    return made


def _form(pdf: Pdf, content: bytes, **resources: object) -> pikepdf.Stream:
    return pikepdf.Stream(
        pdf, content, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 595, 842], Resources=Dictionary(**resources)
    )


def _draw(pdf: Pdf, thing: object, name: Name = Name.X1) -> None:
    page = pdf.pages[0].obj
    page.Resources.XObject[name] = thing
    page.Contents = pdf.make_stream(_TEXT + b"q 300 0 0 200 50 50 cm " + bytes(name) + b" Do Q")


def _jpx(pdf: Pdf, turn: int = 0) -> pikepdf.Stream:
    """Return a JPEG 2000: whole, cut in the middle of its pixels, or with other bytes there."""
    whole = samples.image("JPEG2000", (40 + turn, 30))
    broken = (whole, whole[: len(whole) // 2], whole[: len(whole) // 2] + b"\xff\x51" + bytes(40))
    return _picture(pdf, broken[turn % 3], Name.JPXDecode, Width=40 + turn, Height=30)


def _jpx_in_a_form(pdf: Pdf, turn: int) -> None:
    found = _jpx(pdf, turn)
    for _ in range(1 + 3 * turn):
        found = _form(pdf, b"/X Do", XObject=Dictionary(X=pdf.make_indirect(found)))
    _draw(pdf, found)


def _jpx_in_a_pattern(pdf: Pdf, turn: int) -> None:
    tile = _form(pdf, b"/X Do", XObject=Dictionary(X=_jpx(pdf, turn)))
    del tile.Subtype
    tile.Type, tile.PatternType, tile.PaintType, tile.TilingType = Name.Pattern, 1, 1, 1 + turn % 3
    tile.XStep = tile.YStep = 100
    page = pdf.pages[0].obj
    page.Resources.Pattern = Dictionary(P=tile)
    page.Contents = pdf.make_stream(b"/Pattern cs /P scn 0 0 500 500 re f")


def _jpx_in_a_soft_mask(pdf: Pdf, turn: int) -> None:
    mask = _form(pdf, b"/X Do", XObject=Dictionary(X=_jpx(pdf, turn)))
    mask.Group = Dictionary(S=Name.Transparency, CS=Name.DeviceGray)
    page = pdf.pages[0].obj
    page.Resources.ExtGState = Dictionary(G=Dictionary(SMask=Dictionary(S=Name.Luminosity, G=mask)))
    page.Contents = pdf.make_stream(b"/G gs 0 0 500 500 re f")


def _jpx_as_the_mask_of_a_picture(pdf: Pdf, turn: int) -> None:
    picture = _picture(pdf, zlib.compress(bytes(3 * 400 * 300)), Name.FlateDecode)
    picture[("/SMask", "/Mask")[turn % 2]] = _jpx(pdf, turn)
    _draw(pdf, picture)


def _jpx_in_a_note(pdf: Pdf, turn: int) -> None:
    drawn = _form(pdf, b"/X Do", XObject=Dictionary(X=_jpx(pdf, turn)))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=[50, 50, 150, 150], F=4, AP=Dictionary(N=drawn))
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])


def _type3(pdf: Pdf, sign: pikepdf.Object, **resources: object) -> None:
    page = pdf.pages[0].obj
    page.Resources.Font.F3 = pdf.make_indirect(
        Dictionary(
            Type=Name.Font, Subtype=Name.Type3, FontBBox=[0, 0, 1000, 1000], FontMatrix=[0.001, 0, 0, 0.001, 0, 0],
            CharProcs=Dictionary(a=sign), Encoding=Dictionary(Differences=Array([97, Name.a])), FirstChar=97,
            LastChar=97, Widths=[1000], Resources=Dictionary(**resources),
        )
    )  # fmt: skip
    page.Contents = pdf.make_stream(b"BT /F3 24 Tf 72 700 Td (a) Tj ET")


def _jpx_in_a_sign(pdf: Pdf, turn: int) -> None:
    _type3(pdf, pdf.make_stream(b"1000 0 d0 /X Do"), XObject=Dictionary(X=_jpx(pdf, turn)))


def _inline_jpx(pdf: Pdf, turn: int) -> None:
    named = (b"/JPXDecode", b"/JPX#44ecode", b"[/JBIG2Decode]", b"[ /AHx /J#42IG2Decode ]")[turn % 4]
    pdf.pages[0].obj.Contents = pdf.make_stream(
        _TEXT + b"q 99 0 0 99 0 0 cm BI /W 8 /H 8 /BPC 8 /CS /G /F " + named + b" ID " + _JBIG2 + b" EI Q"
    )


def _jbig2(pdf: Pdf, turn: int) -> None:
    packed = (Name.JBIG2Decode, Array([Name.JBIG2Decode]), Array([Name.FlateDecode, Name.JBIG2Decode]))[turn % 3]
    content = zlib.compress(_JBIG2) if turn % 3 == 2 else _JBIG2
    picture = _picture(pdf, content, packed, ColorSpace=Name.DeviceGray, BitsPerComponent=1, Width=8, Height=8)
    if turn % 2:
        picture.DecodeParms = Dictionary(JBIG2Globals=pdf.make_stream(bytes(30 + turn)))
    _draw(pdf, picture)


def _jbig2_as_the_drawing(pdf: Pdf, turn: int) -> None:
    part = pdf.make_stream(_JBIG2)
    part.Filter = Name.JBIG2Decode if turn % 2 else Name.JPXDecode
    pdf.pages[0].obj.Contents = part if turn % 4 < 2 else Array([pdf.make_stream(_TEXT), part])


def _box(pdf: Pdf, turn: int) -> None:
    far = 10.0 ** (4 + 2 * turn)
    boxes = ((0, 0, far, far), (0, 0, 0.001, far), (far, far, far + 1, far + 1), (-far, -far, far, 1))
    pdf.pages[0].obj.MediaBox = Array([*boxes[turn % 4]])


def _box_upside_down(pdf: Pdf, turn: int) -> None:
    page = pdf.pages[0].obj
    page.MediaBox = Array([595, 842, -10 * turn, 0])
    page.CropBox = Array([900 + turn, 900, 1000, 1000])


def _box_of_something_else(pdf: Pdf, turn: int) -> None:
    page = pdf.pages[0].obj
    page.MediaBox = (Array([0, 0, 5]), Name.A4, Array([Name.a] * 4), 12, Array([page] * 4))[turn % 5]


def _numbers(_pdf: Pdf, _turn: int) -> Callable[[Pdf, int], bytes]:
    def spoilt(pdf: Pdf, turn: int) -> bytes:
        pdf.pages[0].obj.MediaBox = Array([0, 0, 1234567, 7654321])
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, static_id=True)
        odd = (b"nan    ", b"inf    ", b"1e99999", b"--9.9.9", b"9999999", b"-------", b"0x7ffff")
        return out.getvalue().replace(b"1234567", odd[turn % 7]).replace(b"7654321", odd[(turn + 1) % 7])

    return spoilt


def _numbers_in_the_drawing(pdf: Pdf, turn: int) -> None:
    odd = (b"nan", b"-inf", b"1e309", b"99999999999999999999", b"-2147483648", b"--1", b".", b"0.0000000000001")[
        turn % 8
    ]
    told = b" ".join([odd] * 6)
    pdf.pages[0].obj.Contents = pdf.make_stream(b"q " + told + b" cm " + told + b" c S " + _TEXT + odd + b" w Q")


def _rotated(pdf: Pdf, turn: int) -> None:
    pdf.pages[0].obj.Rotate = (45, -90, 89, 1_000_000_000, Name.a, 2**62, String("90"), 450)[turn % 8]


def _no_resources(pdf: Pdf, turn: int) -> None:
    page = pdf.pages[0].obj
    if turn % 3:
        page.Resources = (None, 12, Array([]))[turn % 3]
    else:
        del page.Resources


def _broken_font(pdf: Pdf, turn: int) -> None:
    kinds = (("FontFile", "Type1"), ("FontFile2", "TrueType"), ("FontFile3", "Type1"))
    key, kind = kinds[turn % 3]
    kept = pdf.make_stream((b"\x00\x01\x00\x00\x00\xff" + bytes(range(256)) * 40)[turn:])
    kept.Length1 = 999_999_999
    told = Dictionary(Type=Name.FontDescriptor, FontName=Name.X, Flags=4, FontBBox=[0, 0, 1, 1], **{key: kept})
    pdf.pages[0].obj.Resources.Font.F1 = Dictionary(
        Type=Name.Font, Subtype=Name("/" + kind), BaseFont=Name.X, FontDescriptor=told, FirstChar=0, LastChar=2**31 - 1
    )


def _broken_font_of_many_signs(pdf: Pdf, turn: int) -> None:
    inner = Dictionary(Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name.X, W=Array([0, 2**31 - 1, 2**31 - 1]))
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type0, Encoding=Name("/Identity-H")))
    font.DescendantFonts = (Array([inner]), Array([font]), 12, Array([]), Array([None]))[turn % 5]
    font.ToUnicode = pdf.make_stream(b"begincmap 1 begincodespacerange <00> <ffffffff> endcodespacerange")
    pdf.pages[0].obj.Resources.Font.F1 = font


def _form_in_itself(pdf: Pdf, turn: int) -> None:
    forms = [pdf.make_indirect(_form(pdf, b"/X Do " * (1 + turn % 3))) for _ in range(1 + turn)]
    for form, following in zip(forms, [*forms[1:], forms[0]], strict=True):
        form.Resources.XObject = Dictionary(X=following)
    _draw(pdf, forms[0])


def _forms_that_double(pdf: Pdf, turn: int) -> None:
    """Draw a form twice in a form that is drawn twice, and so on: a reader that draws them all does not end."""
    found = _form(pdf, b"0 0 1 1 re f")
    for _ in range(20 + turn):
        found = _form(pdf, b"/X Do /X Do", XObject=Dictionary(X=pdf.make_indirect(found)))
    _draw(pdf, found)


def _pattern_in_itself(pdf: Pdf, turn: int) -> None:
    tile = pdf.make_indirect(_form(pdf, b"/Pattern cs /P scn 0 0 50 50 re f"))
    tile.Type, tile.PatternType, tile.PaintType, tile.TilingType = Name.Pattern, 1, 1, 1
    tile.XStep = tile.YStep = (10, 0, 0.0001, -5)[turn % 4]
    tile.Resources.Pattern = Dictionary(P=tile)
    page = pdf.pages[0].obj
    page.Resources.Pattern = Dictionary(P=tile)
    page.Contents = pdf.make_stream(b"/Pattern cs /P scn 0 0 500 500 re f")


def _sign_in_itself(pdf: Pdf, turn: int) -> None:
    _type3(pdf, pdf.make_stream(b"1000 0 d0 BT /F3 1 Tf (a) Tj ET " * (1 + turn % 4)))
    font = pdf.pages[0].obj.Resources.Font.F3
    font.Resources.Font = Dictionary(F3=font)


def _mask_of_itself(pdf: Pdf, turn: int) -> None:
    picture = pdf.make_indirect(_picture(pdf, zlib.compress(bytes(3 * 400 * 300)), Name.FlateDecode))
    picture[("/SMask", "/Mask", "/Alternates")[turn % 3]] = picture
    _draw(pdf, picture)


def _nested_drawing(pdf: Pdf, turn: int) -> None:
    deep = 2_000 * (1 + turn)
    told = ((b"q ", b"Q "), (b"[", b"]"), (b"<<", b">>"), (b"/Span BMC ", b"EMC "), (b"(", b")"))[turn % 5]
    pdf.pages[0].obj.Contents = pdf.make_stream(told[0] * deep + _TEXT + told[1] * deep)


def _nested_values(pdf: Pdf, turn: int) -> None:
    found: object = 1
    for _ in range(90 + 40 * turn):
        found = Array([found]) if turn % 2 else Dictionary(A=found)
    pdf.pages[0].obj.Resources.Properties = Dictionary(P=found)


def _cut(_pdf: Pdf, _turn: int) -> Callable[[Pdf, int], bytes]:
    def cut(pdf: Pdf, turn: int) -> bytes:
        _draw(pdf, _picture(pdf, zlib.compress(samples.jpeg((64, 48))), Name.FlateDecode))
        out = io.BytesIO()
        pdf.save(out, static_id=True)
        whole = out.getvalue()
        return whole[: len(whole) * (9 - turn % 9) // 10]

    return cut


def _stream_that_ends_early(pdf: Pdf, turn: int) -> None:
    content = zlib.compress(_TEXT * 200)
    part = pdf.make_stream(content[: len(content) // (2 + turn)])
    part.Filter = Name.FlateDecode
    pdf.pages[0].obj.Contents = part


def _locked(_pdf: Pdf, _turn: int) -> Callable[[Pdf, int], bytes]:
    def locked(pdf: Pdf, turn: int) -> bytes:
        out = io.BytesIO()
        method = (6, 4, 3, 2)[turn % 4]
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="", R=method, aes=method > 3, metadata=method > 3))
        return out.getvalue()

    return locked


def _pages_in_themselves(pdf: Pdf, turn: int) -> None:
    page, root = pdf.pages[0].obj, pdf.Root.Pages
    if turn % 3 == 0:
        page.Parent = page
    elif turn % 3 == 1:
        page.Annots = Array([pdf.make_indirect(Dictionary(Subtype=Name.Widget, Parent=page, Kids=Array([page])))])
    else:
        root.Parent = root


def _many_parts(pdf: Pdf, turn: int) -> None:
    part = pdf.make_stream(b"q Q ")
    pdf.pages[0].obj.Contents = (
        Array([part] * 5_000), Array([None, part]), Array([Array([part])]), 12, Array([pdf.pages[0].obj])
    )[turn % 5]  # fmt: skip


def _swollen(pdf: Pdf, turn: int) -> None:
    content = zlib.compress(b" " * (40_000_000 + turn))
    part = pdf.make_stream(content)
    part.Filter = Name.FlateDecode
    if turn % 2:
        _draw(pdf, _form(pdf, b""))
        pdf.pages[0].obj.Resources.XObject.X1.write(content, filter=Name.FlateDecode)
    else:
        pdf.pages[0].obj.Contents = part


def _picture_larger_than_its_bytes(pdf: Pdf, turn: int) -> None:
    side = (100_000, 2**31 - 1, -5, 0)[turn % 4]
    _draw(pdf, _picture(pdf, zlib.compress(b"few bytes"), Name.FlateDecode, Width=side, Height=side))


def _picture_of_odd_colours(pdf: Pdf, turn: int) -> None:
    spaces = (
        Array([Name.Indexed, Name.DeviceRGB, -1, String("")]), Array([Name.Indexed, Name.DeviceRGB, 10**9, String("a")]),
        Array([Name.DeviceN, Array([Name(f"/C{rank}") for rank in range(40)]), Name.DeviceRGB, Dictionary()]),
        Array([Name.ICCBased, pikepdf.Stream(pdf, b"no profile", N=7)]), Array([Name.Separation]), Name.Nothing, 12,
    )  # fmt: skip
    content = zlib.compress(bytes(4_000))
    packed = {"ColorSpace": spaces[turn % 7], "BitsPerComponent": (8, 7, 16, 0)[turn % 4]}
    _draw(pdf, _picture(pdf, content, Name.FlateDecode, Width=40, Height=30, **packed))


def _fax(pdf: Pdf, turn: int) -> None:
    told = Dictionary(K=(-1, 0, 4)[turn % 3], Columns=(2**31 - 1, 0, -8)[turn % 3], Rows=2**30)
    picture = _picture(pdf, bytes(range(256)), Name.CCITTFaxDecode, ColorSpace=Name.DeviceGray, BitsPerComponent=1)
    picture.DecodeParms = told
    _draw(pdf, picture)


def _cut_photograph(pdf: Pdf, turn: int) -> None:
    whole = samples.jpeg((400, 300))
    packed = Array([Name.DCTDecode] * (1 + turn % 3))
    _draw(pdf, _picture(pdf, whole[: len(whole) // (2 + turn)], packed))


def _packed_oddly(pdf: Pdf, turn: int) -> None:
    names = (Name.LZWDecode, Name.RunLengthDecode, Name.ASCII85Decode, Name.ASCIIHexDecode, Name.Nothing)
    part = pdf.make_stream(bytes(range(256)) * 20)
    part.Filter = Array([names[turn % 5]] * (1 + turn))
    if turn % 2:
        pdf.pages[0].obj.Contents = part
    else:
        _draw(pdf, _picture(pdf, bytes(range(256)), Array([names[turn % 5], Name.FlateDecode])))


def _notes(pdf: Pdf, turn: int) -> None:
    note = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=[0, 0, 9, 9]))
    note.Parent = note.Popup = note
    note.AP = Dictionary(N=note)
    pdf.pages[0].obj.Annots = (12, Array([12, None]), Array([note] * 3), note, Array([Array([note])]))[turn % 5]


def _shaded(pdf: Pdf, turn: int) -> None:
    kind = 1 + turn % 7
    mesh = pikepdf.Stream(
        pdf, bytes(range(256)), ShadingType=kind, ColorSpace=Name.DeviceGray, BitsPerCoordinate=32,
        BitsPerComponent=16, BitsPerFlag=8, Decode=[0, 1e30, -1e30, 0, 0, 1], VerticesPerRow=2**30,
        Coords=[0, 0, 1e30, 0, 0, 1e30], Domain=[1, 0],
    )  # fmt: skip
    mesh.Function = Dictionary(FunctionType=2, N=-5, Domain=[0, 1], C0=[0], C1=[1])
    pdf.pages[0].obj.Resources.Shading = Dictionary(S=mesh)
    pdf.pages[0].obj.Contents = pdf.make_stream(_TEXT + b"/S sh")


def _letters_of_odd_sizes(pdf: Pdf, turn: int) -> None:
    size = (b"1e30", b"-9999999", b"0", b"0.0000001")[turn % 4]
    pdf.pages[0].obj.Contents = pdf.make_stream(
        b"BT /F1 " + size + b" Tf 0 Tz 0 0 0 0 0 0 Tm (a) Tj 9 Tr (b) ' [(c) 1e30 (d)] TJ ET"
    )


def _inline_picture_without_end(pdf: Pdf, turn: int) -> None:
    width = (b"99999999", b"8", b"-1")[turn % 3]
    pdf.pages[0].obj.Contents = pdf.make_stream(_TEXT + b"BI /W " + width + b" /H 8 /BPC 8 /CS /RGB ID " + bytes(99))


def _dashed_without_end(pdf: Pdf, turn: int) -> None:
    dashes = (b"[1e-30]", b"[0 0]", b"[-1 2]", b"[1e30 1e-30]")[turn % 4]
    pdf.pages[0].obj.Contents = pdf.make_stream(dashes + b" 0 d 0.00001 w 0 0 m 1e9 1e9 l S " + _TEXT)


def _layers(pdf: Pdf, turn: int) -> None:
    layer = pdf.make_indirect(Dictionary(Type=Name.OCMD))
    layer.OCGs = layer
    layer.VE = Array([Name.Not, layer])
    pdf.pages[0].obj.Resources.Properties = Dictionary(L=layer)
    pdf.pages[0].obj.Contents = pdf.make_stream(b"/OC /L BDC " * (1 + turn) + _TEXT)
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(Order=Array([layer])))


BREAKINGS: dict[str, Breaking] = {
    "jpx": lambda pdf, turn: _draw(pdf, _jpx(pdf, turn)),
    "jpx-in-a-form": _jpx_in_a_form,
    "jpx-in-a-pattern": _jpx_in_a_pattern,
    "jpx-in-a-soft-mask": _jpx_in_a_soft_mask,
    "jpx-as-a-mask": _jpx_as_the_mask_of_a_picture,
    "jpx-in-a-note": _jpx_in_a_note,
    "jpx-in-a-sign": _jpx_in_a_sign,
    "jpx-inline": _inline_jpx,
    "jbig2": _jbig2,
    "jbig2-as-the-drawing": _jbig2_as_the_drawing,
    "box": _box,
    "box-upside-down": _box_upside_down,
    "box-of-something-else": _box_of_something_else,
    "numbers": _numbers,
    "numbers-in-the-drawing": _numbers_in_the_drawing,
    "rotated": _rotated,
    "no-resources": _no_resources,
    "broken-font": _broken_font,
    "broken-font-of-many-signs": _broken_font_of_many_signs,
    "form-in-itself": _form_in_itself,
    "forms-that-double": _forms_that_double,
    "pattern-in-itself": _pattern_in_itself,
    "sign-in-itself": _sign_in_itself,
    "mask-of-itself": _mask_of_itself,
    "nested-drawing": _nested_drawing,
    "nested-values": _nested_values,
    "cut": _cut,
    "stream-that-ends-early": _stream_that_ends_early,
    "locked": _locked,
    "pages-in-themselves": _pages_in_themselves,
    "many-parts": _many_parts,
    "swollen": _swollen,
    "picture-larger-than-its-bytes": _picture_larger_than_its_bytes,
    "picture-of-odd-colours": _picture_of_odd_colours,
    "fax": _fax,
    "cut-photograph": _cut_photograph,
    "packed-oddly": _packed_oddly,
    "notes": _notes,
    "shaded": _shaded,
    "letters-of-odd-sizes": _letters_of_odd_sizes,
    "inline-picture-without-end": _inline_picture_without_end,
    "dashed-without-end": _dashed_without_end,
    "layers": _layers,
}
