"""Photographs inside a document: others get it without the place that they tell, whole, and the same for the rest."""

from __future__ import annotations

import base64
import io
import re
import zipfile
import zlib

import pypdfium2
import pytest
from PIL import Image

from portfolio.evidence.unlocated.cut import CannotClean
from portfolio.evidence.unlocated.looking import without_places
from portfolio.storage.kinds import FileKind
from portfolio.storage.sniff import sniff
from tests import factories, samples
from tests.evidence.test_originals import exhibit, made, put, urls  # noqa: F401
from tests.evidence.test_unlocated import CANARY, pictures

PHOTOS = pictures()
PLACE = b"<rdf:Description exif:GPSLatitude='48,38.95N' exif:GPSLongitude=\"2,1.5W\"><exif:GPSAltitude>12</exif:GPSAltitude>"


def copy_of(content: bytes, kind: FileKind) -> bytes | None:
    """The copy, as the limited child makes it; None when the file is given as it is."""
    with without_places(io.BytesIO(content), kind, len(content)) as copy:
        return copy.read() if copy else None


def pdf_with(photo: bytes, filters: str = "/DCTDecode", trailer: bytes = b"") -> bytes:
    """A PDF of one page, all of it this photograph, as it is or packed once more."""
    ways = {"Flate": lambda: zlib.compress(photo), "ASCII85": lambda: base64.a85encode(photo) + b"~>"}
    packed = next((ways[way]() for way in ways if way in filters), photo)
    metadata = zlib.compress(b"<x:xmpmeta>" + PLACE + b"</x:xmpmeta>" + bytes(2000))
    drawn = b"q 595 0 0 842 0 0 cm /I Do Q"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /I 5 0 R >> >> /Contents 4 0 R >>"
    image = b"<< /Type /XObject /Subtype /Image /Width 64 /Height 48 /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter %b"
    return samples._pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R /Metadata 6 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            page,
            b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn),
            image % filters.encode() + b" /Length %d >>\nstream\n%b\nendstream" % (len(packed), packed),
            b"<< /Type /Metadata /Subtype /XML /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream"
            % (len(metadata), metadata),
        ],
        trailer,
    )


def told(pdf: bytes) -> bytes:
    """Everything that the streams of a PDF say, unpacked."""
    said = bytearray(pdf)
    for one in re.finditer(rb"stream\n", pdf):
        said += zlib.decompressobj().decompress(pdf[one.end() :]) if pdf[one.end()] == 0x78 else b""
        end = pdf.find(b"~>", one.end())
        said += base64.a85decode(pdf[one.end() : end], ignorechars=b"\n") if end > 0 and b"ASCII85" in pdf[: one.end()] else b""
    return bytes(said)


def drawn(pdf: bytes) -> bytes:
    with pypdfium2.PdfDocument(pdf) as document:
        image = document[0].render(scale=0.2).to_pil().convert("RGB")
    return image.tobytes()


@pytest.mark.parametrize("filters", ["/DCTDecode", "[/FlateDecode /DCTDecode]", "[/ASCII85Decode /DCTDecode]"])
def test_a_photograph_in_a_pdf_tells_no_place_and_the_page_is_the_same(filters):
    whole = pdf_with(PHOTOS[FileKind.JPEG], filters)
    before = told(whole)
    assert b"\x88\x25" in before or b"\x25\x88" in before
    copy = copy_of(whole, FileKind.PDF)
    assert copy is not None
    assert len(copy) == len(whole), "nothing moves"
    after = told(copy)
    assert b"48,38.95N" in before
    assert not {b"48,38.95N", b"2,1.5W", b">12<"} & {one for one in (b"48,38.95N", b"2,1.5W", b">12<") if one in after}
    head = after.index(b"Exif\0\0")
    assert not any(after[head + 14 : head + 100]), "its Exif is empty"
    assert drawn(copy) == drawn(whole)
    assert sniff(io.BytesIO(copy), len(copy)).kind is FileKind.PDF


def test_a_pdf_that_tells_no_place_is_given_as_it_is_and_one_that_cannot_be_looked_into_is_not_given():
    assert copy_of(samples.pdf(3), FileKind.PDF) is None
    assert copy_of(samples.password_pdf(""), FileKind.PDF) is None, "behind a key, without a photograph"
    for hidden in (
        pdf_with(PHOTOS[FileKind.JPEG], trailer=b"/Encrypt << /Filter /Standard >>"),
        pdf_with(PHOTOS[FileKind.JPEG], "[/LZWDecode /DCTDecode]"),
    ):
        with pytest.raises(CannotClean):
            copy_of(hidden, FileKind.PDF)


OFFICE = {
    FileKind.DOCX: ("word/media/", samples.office), FileKind.XLSX: ("xl/media/", samples.office),
    FileKind.PPTX: ("ppt/media/", samples.office), FileKind.ODT: ("Pictures/", samples.opendocument),
    FileKind.ODS: ("Pictures/", samples.opendocument), FileKind.ODP: ("Pictures/", samples.opendocument),
}  # fmt: skip


@pytest.mark.parametrize("kind", OFFICE)
@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_photographs_in_an_office_document_tell_no_place_and_the_rest_is_the_same(kind, packing):
    folder, make = OFFICE[kind]
    media = {f"{folder}{number}.{one.value}": content for number, (one, content) in enumerate(PHOTOS.items())}
    plain = {f"{folder}z.png": samples.png(), f"{folder}z.jpg": samples.jpeg()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(make(kind.value, media | plain))) as read, zipfile.ZipFile(out, "w", packing) as written:
        for name in read.namelist():
            written.writestr(name, read.read(name))
        written.comment = b"un commentaire"
    copy = copy_of(out.getvalue(), kind)
    assert copy is not None
    with zipfile.ZipFile(out) as before, zipfile.ZipFile(io.BytesIO(copy)) as after:
        assert after.testzip() is None
        assert (after.namelist(), after.comment) == (before.namelist(), before.comment)
        for name in before.namelist():
            if name in media:
                clean, whole = (Image.open(io.BytesIO(one.read(name))) for one in (after, before))
                assert clean.size == whole.size
                assert not clean.getexif().get_ifd(0x8825), name
                assert CANARY not in after.read(name) or name.endswith("tiff"), "a description stays"
            else:
                assert after.read(name) == before.read(name), name
    assert sniff(io.BytesIO(copy), len(copy)).kind is kind


def test_an_office_document_that_tells_no_place_is_given_as_it_is():
    assert (
        copy_of(samples.office("docx", {"word/media/a.jpg": samples.jpeg(), "word/media/b.png": samples.png()}), FileKind.DOCX)
        is None
    )
    broken = samples.jpeg()[:40]
    assert copy_of(samples.office("docx", {"word/media/a.jpg": broken}), FileKind.DOCX) is None, "broken, and it tells nothing"
    with pytest.raises(CannotClean):
        copy_of(samples.office("docx", {"word/media/a.jpg": PHOTOS[FileKind.JPEG][:400]}), FileKind.DOCX)


def test_the_jury_gets_the_document_without_its_places_and_the_candidate_their_own(app, client, store, made):  # noqa: F811
    whole = samples.office("docx", {"word/media/a.jpg": PHOTOS[FileKind.JPEG]})
    put(app, store, made, whole, FileKind.DOCX.mime, "bilan.docx")
    places = urls(store, made)
    client.log_in(made.candidate.email, factories.PASSWORD)
    assert client.get(places["draft"]).data == whole
    client = app.test_client()
    client.log_in(made.president.email, factories.PASSWORD)
    page = client.page(places["jury"].removesuffix("/fichier"))
    assert "vous en recevez une copie sans ces données" in page.text
    answer = client.get(places["jury"])
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sans%20localisation" in answer.headers["Content-Disposition"]
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert CANARY not in archive.read("word/media/a.jpg")
    put(app, store, made, samples.pdf(2), "application/pdf", "plan.pdf")
    answer = client.get(places["jury"])
    assert answer.data == samples.pdf(2)
    assert "localisation" not in answer.headers["Content-Disposition"]
    put(app, store, made, pdf_with(PHOTOS[FileKind.JPEG], "[/LZWDecode /DCTDecode]"), "application/pdf", "plan.pdf")
    refused = client.get(places["jury"])
    assert refused.status_code == 409
    assert "n’ont pas pu être retirées" in refused.text
