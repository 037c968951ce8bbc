"""Photographs inside a document: others get it without the place that they tell, whole, and the same for the
rest.
"""

from __future__ import annotations

import base64
import email
import email.policy
import functools
import io
import os
import re
import struct
import zipfile
import zlib

import pypdfium2
import pytest
from PIL import Image

from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.formats.compound import CompoundFile
from portfolio.files.file_types.types import FileType
from portfolio.files.metadata_removal.byte_edits import CannotClean
from portfolio.files.metadata_removal.client import open_without_location
from portfolio.files.metadata_removal.exif_orientation import has_gps, orientation_of
from tests import factories, samples
from tests.evidence.test_downloads import exhibit, made, put, urls  # noqa: F401
from tests.evidence.test_metadata_removal import CANARY, located, pictures, saved

PHOTOS = pictures()
PLACE = b"<rdf:Description exif:GPSLatitude='48,38.95N' exif:GPSLongitude=\"2,1.5W\"><exif:GPSAltitude>12</exif:GPSAltitude>"


def copy_of(content: bytes, kind: FileType) -> bytes | None:
    """The copy, as the limited child makes it; None when the file is given as it is."""
    with open_without_location(io.BytesIO(content), kind, len(content)) as copy:
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
        said += (
            base64.a85decode(pdf[one.end() : end], ignorechars=b"\n")
            if end > 0 and b"ASCII85" in pdf[: one.end()]
            else b""
        )
    return bytes(said)


def drawn(pdf: bytes) -> bytes:
    with pypdfium2.PdfDocument(pdf) as document:
        image = document[0].render(scale=0.2).to_pil().convert("RGB")
    return image.tobytes()


@pytest.mark.parametrize(
    "filters", ["/DCTDecode", "[/FlateDecode /DCTDecode]", "[/ASCII85Decode /DCTDecode]"]
)
def test_a_photograph_in_a_pdf_tells_no_place_and_the_page_is_the_same(filters):
    whole = pdf_with(PHOTOS[FileType.JPEG], filters)
    before = told(whole)
    assert b"\x88\x25" in before or b"\x25\x88" in before
    copy = copy_of(whole, FileType.PDF)
    assert copy is not None
    assert len(copy) == len(whole), "nothing moves"
    after = told(copy)
    assert b"48,38.95N" in before
    assert not {b"48,38.95N", b"2,1.5W", b">12<"} & {
        one for one in (b"48,38.95N", b"2,1.5W", b">12<") if one in after
    }
    block = after[after.index(b"Exif\0\0") + 6 :]
    assert not has_gps(block)
    assert orientation_of(block) == 6, "it stays the right way up"
    assert drawn(copy) == drawn(whole)
    assert sniff(io.BytesIO(copy), len(copy)).kind is FileType.PDF


def test_a_pdf_that_tells_no_place_is_given_as_it_is_and_one_that_cannot_be_looked_into_is_not_given():
    assert copy_of(samples.pdf(3), FileType.PDF) is None
    assert copy_of(samples.password_pdf(""), FileType.PDF) is None, "behind a key, without a photograph"
    for hidden in (
        pdf_with(PHOTOS[FileType.JPEG], trailer=b"/Encrypt << /Filter /Standard >>"),
        pdf_with(PHOTOS[FileType.JPEG], "[/LZWDecode /DCTDecode]"),
    ):
        with pytest.raises(CannotClean):
            copy_of(hidden, FileType.PDF)


OFFICE = {
    FileType.DOCX: ("word/media/", samples.office), FileType.XLSX: ("xl/media/", samples.office),
    FileType.PPTX: ("ppt/media/", samples.office), FileType.ODT: ("Pictures/", samples.opendocument),
    FileType.ODS: ("Pictures/", samples.opendocument), FileType.ODP: ("Pictures/", samples.opendocument),
}  # fmt: skip


@pytest.mark.parametrize("kind", OFFICE)
@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_photographs_in_an_office_document_tell_no_place_and_the_rest_is_the_same(kind, packing):
    folder, make = OFFICE[kind]
    media = {f"{folder}{number}.{one.value}": content for number, (one, content) in enumerate(PHOTOS.items())}
    plain = {f"{folder}z.png": samples.png(), f"{folder}z.jpg": samples.jpeg()}
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(make(kind.value, media | plain))) as read,
        zipfile.ZipFile(out, "w", packing) as written,
    ):
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
        copy_of(
            samples.office("docx", {"word/media/a.jpg": samples.jpeg(), "word/media/b.png": samples.png()}),
            FileType.DOCX,
        )
        is None
    )
    broken = samples.jpeg()[:40]
    assert copy_of(samples.office("docx", {"word/media/a.jpg": broken}), FileType.DOCX) is None, (
        "broken, and it tells nothing"
    )
    with pytest.raises(CannotClean):
        copy_of(samples.office("docx", {"word/media/a.jpg": PHOTOS[FileType.JPEG][:400]}), FileType.DOCX)


def records(photo: bytes) -> bytes:
    """A workbook whose picture lies in a record and its sequels, between others."""
    pieces = [photo[start : start + 1000] for start in range(0, len(photo), 1000)]
    drawn = b"".join(
        struct.pack("<2H", 0x00EB if number == 0 else 0x003C, len(one)) + one
        for number, one in enumerate(pieces)
    )
    return struct.pack("<2H", 0x0809, 16) + bytes(16) + drawn + struct.pack("<2H", 0x000A, 0)


def pictured(workbook: bytes) -> bytes:
    """The picture that the records of a workbook hold."""
    place, out = 0, b""
    while place + 4 <= len(workbook):
        kind, length = struct.unpack_from("<2H", workbook, place)
        out += workbook[place + 4 : place + 4 + length] if kind in (0x00EB, 0x003C) else b""
        place += 4 + length
    return out


def streams_of(document: bytes) -> dict[str, bytes]:
    file = CompoundFile(io.BytesIO(document), len(document))
    return {name: b"".join(document[at : at + count] for at, count in runs) for name, runs in file.streams()}


def heavy(kind: FileType) -> bytes:
    """A photograph whose Exif is as long as that of a telephone, with its thumbnail: it lies across many
    sectors.
    """
    exif = located()
    exif[0x927C] = bytes(range(256)) * 40
    return saved(kind.name, exif=exif)


OLD = {FileType.DOC: ("WordDocument", "Data"), FileType.PPT: ("PowerPoint Document", "Pictures"),
       FileType.MSG: ("__properties_version1.0", "__substg1.0_37010102")}  # fmt: skip


@pytest.mark.parametrize("scattered", [False, True])
@pytest.mark.parametrize("photo", [FileType.JPEG, FileType.PNG, FileType.TIFF, FileType.HEIC])
@pytest.mark.parametrize("kind", OLD)
def test_photographs_in_a_document_of_before_2007_and_in_a_message_tell_no_place(kind, photo, scattered):
    main, where = OLD[kind]
    content = heavy(photo) if photo in (FileType.JPEG, FileType.PNG) else PHOTOS[photo]
    before = (
        b"" if photo in (FileType.TIFF, FileType.HEIC) else b"\xa0\x46\x1d\xf0" + bytes(21)
    )  # a record comes first
    whole = samples.compound_of(
        {main: bytes(12) + b"des mots " * 600, where: before + content, "Autre": os.urandom(9000)}, scattered
    )
    assert sniff(io.BytesIO(whole), len(whole)).kind is kind
    copy = copy_of(whole, kind)
    assert copy is not None
    assert len(copy) == len(whole), "nothing moves"
    given, kept = streams_of(copy), streams_of(whole)
    assert {name for name in kept if kept[name] != given[name]} == {where}
    clean, known = (Image.open(io.BytesIO(one[where][len(before) :])) for one in (given, kept))
    assert known.getexif().get_ifd(0x8825)
    assert not clean.getexif().get_ifd(0x8825)
    assert clean.tobytes() == known.tobytes()
    assert clean.getexif().get(0x0112, 1) == known.getexif().get(0x0112, 1)
    clean.load()  # the sums of a PNG agree
    assert sniff(io.BytesIO(copy), len(copy)).kind is kind


def unlinked(document: bytes, name: str) -> bytes:
    """The document once a stream is taken out of its tree: its entry and its sectors stay, as editors leave
    them.
    """
    written = bytearray(document)
    file = CompoundFile(io.BytesIO(document), len(document))
    number = [entry.name for entry in file.entries()].index(name)
    start = (file.directory + 1) * file.sector
    for place in range(start, start + 128 * 4, 128):
        for pointer in (place + 68, place + 72, place + 76):
            if struct.unpack_from("<I", written, pointer) == (number,):
                struct.pack_into("<I", written, pointer, 0xFFFFFFFF)
    return bytes(written)


@pytest.mark.parametrize("scattered", [False, True])
def test_a_photograph_that_was_deleted_from_an_old_document_tells_no_place_either(scattered):
    """Its stream is in no list any more, and its bytes are still in the file: a reader of the tree alone
    passes it over.
    """
    photo = heavy(FileType.JPEG)
    whole = unlinked(
        samples.compound_of({"WordDocument": bytes(12) + b"des mots " * 600, "Data": photo}, scattered),
        "Data",
    )
    file = CompoundFile(io.BytesIO(whole), len(whole))
    assert {entry.name for entry in file.top_entries()} == {"WordDocument"}
    copy = copy_of(whole, FileType.DOC)
    assert copy is not None
    clean = Image.open(io.BytesIO(streams_of(copy)["Data"]))
    assert not clean.getexif().get_ifd(0x8825)
    assert clean.tobytes() == Image.open(io.BytesIO(photo)).tobytes()


@pytest.mark.parametrize("scattered", [False, True])
def test_a_photograph_in_the_records_of_a_workbook_tells_no_place(scattered):
    photo = heavy(FileType.JPEG)
    whole = samples.compound_of({"Workbook": records(photo), "Autre": bytes(9000)}, scattered)
    copy = copy_of(whole, FileType.XLS)
    assert copy is not None
    assert len(copy) == len(whole)
    clean = Image.open(io.BytesIO(pictured(streams_of(copy)["Workbook"])))
    assert not clean.getexif().get_ifd(0x8825)
    assert clean.tobytes() == Image.open(io.BytesIO(photo)).tobytes()


def test_what_cannot_be_cleaned_where_it_stands_is_not_given_and_a_damaged_document_that_tells_nothing_is():
    inner = samples.office("docx", {"word/media/a.jpg": PHOTOS[FileType.JPEG]})
    with pytest.raises(CannotClean):
        copy_of(
            samples.compound_of({"__properties_version1.0": b"", "__substg1.0_37010102": inner}), FileType.MSG
        )
    plain = samples.office("docx", {"word/media/a.jpg": samples.jpeg()})
    assert (
        copy_of(
            samples.compound_of({"__properties_version1.0": b"", "__substg1.0_37010102": plain}), FileType.MSG
        )
        is None
    )
    damaged = bytearray(samples.compound_of({"WordDocument": bytes(12) + b"des mots " * 600}))
    damaged[48:52] = struct.pack("<I", 9999)  # its list of streams would be out of the file
    assert copy_of(bytes(damaged), FileType.DOC) is None
    with pytest.raises(CannotClean):
        copy_of(bytes(damaged) + PHOTOS[FileType.JPEG], FileType.DOC)


def letter(*parts: tuple[str, bytes], end: str = "\r\n") -> bytes:
    lines = ["From: a@exemple.fr", "To: b@exemple.fr", "Subject: photos", "Date: Tue, 3 Mar 2020 10:00:00 +0100",
             "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="x"', "", "--x", "Content-Type: text/plain", "",
             "Voici. Content-Transfer-Encoding: base64", "", "--x"]  # fmt: skip
    for name, content in parts:
        packed = base64.encodebytes(content).decode().splitlines()
        lines += [
            "content-transfer-encoding:  BASE64",
            f'Content-Disposition: attachment; filename="{name}"',
            "",
            *packed,
            "",
            "--x",
        ]
    return (end.join(lines) + "--" + end).encode()


def attached(content: bytes) -> dict[str, bytes]:
    message = email.message_from_bytes(content, policy=email.policy.default)
    return {
        str(attachment.get_filename()): attachment.get_payload(decode=True)
        for attachment in message.iter_attachments()
    }  # type: ignore[attr-defined]


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_what_came_with_a_letter_tells_no_place_and_the_letter_is_the_same(end):
    parts = {f"photo.{one.value}": content for one, content in PHOTOS.items()}
    parts["bilan.docx"] = samples.office("docx", {"word/media/a.jpg": PHOTOS[FileType.JPEG]})
    parts["plan.pdf"] = pdf_with(PHOTOS[FileType.JPEG])
    plain = {
        "plan2.pdf": samples.pdf(2),
        "image.png": samples.png(),
        "a.bin": os.urandom(3000),
        "mot.txt": b"un mot",
    }
    whole = letter(*parts.items(), *plain.items(), end=end)
    assert sniff(io.BytesIO(whole), len(whole)).kind is FileType.EML
    copy = copy_of(whole, FileType.EML)
    assert copy is not None
    given, kept = attached(copy), attached(whole)
    assert list(given) == list(kept)
    assert {name for name in kept if given[name] != kept[name]} == set(parts)
    for name, one in PHOTOS.items():
        clean = Image.open(io.BytesIO(given[f"photo.{name.value}"]))
        assert clean.size == Image.open(io.BytesIO(one)).size
        assert not clean.getexif().get_ifd(0x8825), name
    with zipfile.ZipFile(io.BytesIO(given["bilan.docx"])) as archive:
        assert not Image.open(archive.open("word/media/a.jpg")).getexif().get_ifd(0x8825)
    assert b"2,1.5W" in told(kept["plan.pdf"])
    assert b"2,1.5W" not in told(given["plan.pdf"])
    assert sniff(io.BytesIO(copy), len(copy)).kind is FileType.EML
    assert copy_of(letter(*plain.items(), end=end), FileType.EML) is None


@pytest.mark.parametrize("width", [128, 10**9])
def test_a_photograph_in_rich_text_tells_no_place(width):
    def text(photo: bytes) -> bytes:
        digits = photo.hex().upper().encode()
        lines = b"\r\n".join(digits[at : at + width] for at in range(0, len(digits), width))
        name = b"{\\*\\blipuid 0123456789abcdef0123456789abcdef}"
        return b"{\\rtf1 Un mot.{\\pict\\picw640\\jpegblip" + name + b"\r\n" + lines + b"}\\par La suite.}"

    whole = text(PHOTOS[FileType.JPEG])
    copy = copy_of(whole, FileType.RTF)
    assert copy is not None
    assert copy.endswith(b"}\\par La suite.}")
    digits = copy[copy.index(b"cdef}") + 5 : copy.index(b"}\\par")]
    clean = Image.open(io.BytesIO(bytes.fromhex(digits.decode())))
    assert clean.tobytes() == Image.open(io.BytesIO(PHOTOS[FileType.JPEG])).tobytes()
    assert not clean.getexif().get_ifd(0x8825)
    assert copy_of(text(samples.jpeg()), FileType.RTF) is None
    assert copy_of(samples.RTF, FileType.RTF) is None


def test_a_part_behind_a_password_is_not_looked_into_and_its_document_not_given():
    with pytest.raises(CannotClean):
        copy_of(
            samples.mark_encrypted(samples.office("docx", {"word/media/a.jpg": PHOTOS[FileType.JPEG]})),
            FileType.DOCX,
        )


def part(document: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        return archive.read(name)


def test_documents_inside_documents_are_looked_into_a_few_deep():
    content = PHOTOS[FileType.JPEG]
    for depth in range(1, 7):
        content = samples.office(
            "docx", {"word/embeddings/a.docx" if depth > 1 else "word/media/a.jpg": content}
        )
        if depth <= 5:
            copy = copy_of(content, FileType.DOCX)
            assert copy is not None
            names = ["word/embeddings/a.docx"] * (depth - 1) + ["word/media/a.jpg"]
            photo = functools.reduce(part, names, copy)
            assert not Image.open(io.BytesIO(photo)).getexif().get_ifd(0x8825)
        else:
            with pytest.raises(CannotClean):
                copy_of(content, FileType.DOCX)


def test_the_jury_gets_the_document_without_its_places_and_the_candidate_their_own(app, client, store, made):  # noqa: F811
    whole = samples.office("docx", {"word/media/a.jpg": PHOTOS[FileType.JPEG]})
    put(app, store, made, whole, FileType.DOCX.mime, "bilan.docx")
    places = urls(store, made)
    client.log_in(made.candidate.email, factories.PASSWORD)
    assert client.get(places["draft"]).data == whole
    client = app.test_client()
    client.log_in(made.president.email, factories.PASSWORD)
    page = client.page(places["jury"].removesuffix("/fichier"))
    assert "localisation" not in page.text, "nothing has looked for a place in it yet"
    answer = client.get(places["jury"])
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sans%20localisation" in answer.headers["Content-Disposition"]
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert CANARY not in archive.read("word/media/a.jpg")
    put(app, store, made, samples.pdf(2), "application/pdf", "plan.pdf")
    with store.transaction() as session:
        factories.drawn(session)
    answer = client.get(places["jury"])
    assert answer.data == samples.pdf(2)
    assert "localisation" not in answer.headers["Content-Disposition"]
    put(
        app,
        store,
        made,
        pdf_with(PHOTOS[FileType.JPEG], "[/LZWDecode /DCTDecode]"),
        "application/pdf",
        "plan.pdf",
    )
    refused = client.get(places["jury"])
    assert refused.status_code == 409
    assert "n’a pas pu être vérifié en entier" in refused.text
