"""Others than its owner receive what is drawn of a file: nothing in it acts, calls or tells a place."""

import base64
import io
import socket
import zlib

import pikepdf
import pypdfium2
import pytest
from PIL import Image, PngImagePlugin, TiffImagePlugin
from pillow_heif import register_heif_opener

from portfolio.files.conversion import office
from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import FileType
from portfolio.files.renditions.shared_copies.client import CannotCopy, open_shared_copy
from tests import office_files, samples
from tests.active_pdfs import unpacked
from tests.calling import calling_documents, calling_pdfs, listener
from tests.honest_pdfs import form_field

__all__ = ["listener"]

CANARY = b"Canari de Saint-Malo"
PLACE = b"<rdf:Description exif:GPSLatitude='48,38.95N' exif:GPSLongitude=\"2,1.5W\"><exif:GPSAltitude>12</exif:GPSAltitude>"


register_heif_opener()


def copy_of(content: bytes, kind: FileType) -> bytes:
    """Return the copy that others receive."""
    with open_shared_copy(io.BytesIO(content), kind, len(content)) as copy:
        return copy.read()


def picture() -> Image.Image:
    image = Image.effect_noise((64, 48), 60).convert("RGB")
    image.paste("red", (0, 0, 20, 20))
    return image


def mapped() -> TiffImagePlugin.ImageFileDirectory_v2:
    """Return the entries of a TIFF with a description, a place, and a place again in its XMP."""
    entries = TiffImagePlugin.ImageFileDirectory_v2()
    entries[270], entries[700] = CANARY.decode(), xmp()
    entries[34853] = {1: "N", 2: (48.0, 38.0, 57.0), 29: CANARY.decode()}
    return entries


def located(turn: int = 6) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = exif[0x010F] = CANARY.decode()
    exif[0x0112] = turn
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[29] = "N", (48.0, 38.0, 57.0), CANARY.decode()
    return exif


def xmp() -> bytes:
    return b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + CANARY + b"</x:xmpmeta>"


def saved(name: str, **more: object) -> bytes:
    out = io.BytesIO()
    picture().save(out, name, **more)
    return out.getvalue()


def pictures() -> dict[FileType, bytes]:
    noted = PngImagePlugin.PngInfo()
    noted.add_text("Comment", CANARY.decode())
    noted.add_itxt("XML:com.adobe.xmp", xmp().decode())
    return {
        FileType.JPEG: saved("JPEG", exif=located(), xmp=xmp(), comment=CANARY) + CANARY,
        FileType.PNG: saved("PNG", exif=located(), pnginfo=noted) + CANARY,
        FileType.WEBP: saved("WEBP", exif=located(), xmp=xmp(), lossless=True) + CANARY,
        FileType.TIFF: saved("TIFF", tiffinfo=mapped()),
        FileType.HEIC: saved("HEIF", exif=located().tobytes(), xmp=xmp()),
        FileType.AVIF: saved("AVIF", exif=located(1).tobytes(), xmp=xmp()),
    }


def pdf_with(photo: bytes, filters: str = "/DCTDecode", trailer: bytes = b"") -> bytes:
    """A PDF of one page, all of it this photograph, as it is or packed once more."""
    ways = {"Flate": lambda: zlib.compress(photo), "ASCII85": lambda: base64.a85encode(photo) + b"~>"}
    packed = next((ways[way]() for way in ways if way in filters), photo)
    metadata = zlib.compress(b"<x:xmpmeta>" + PLACE + b"</x:xmpmeta>" + bytes(2000))
    drawn = b"q 595 0 0 842 0 0 cm /I Do Q"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /I 5 0 R >> >> /Contents 4 0 R >>"
    image = (
        b"<< /Type /XObject /Subtype /Image /Width 64 /Height 48 /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter %b"
    )
    return samples.pdf_of(
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


def drawn(pdf: bytes) -> bytes:
    with pypdfium2.PdfDocument(pdf) as document:
        image = document[0].render(scale=0.2).to_pil().convert("RGB")
    return image.tobytes()


@pytest.mark.parametrize("kind", pictures(), ids=str)
def test_the_copy_of_a_picture_is_a_page_that_shows_it_and_tells_no_place(kind):
    original = pictures()[kind]
    copy = copy_of(original, kind)
    assert CANARY in original
    assert CANARY not in unpacked(copy)
    assert b"Exif" not in unpacked(copy)
    [page] = pypdfium2.PdfDocument(copy)
    is_upright = page.get_height() > page.get_width()
    assert is_upright == (kind not in (FileType.TIFF, FileType.AVIF)), "a telephone that was held upright"


def test_each_page_of_a_scan_is_a_page_of_its_copy():
    assert len(pypdfium2.PdfDocument(copy_of(samples.tiff(3), FileType.TIFF))) == 3


@pytest.mark.parametrize("filters", ["/DCTDecode", "[/FlateDecode /DCTDecode]", "[/ASCII85Decode /DCTDecode]"])
def test_a_photograph_in_a_pdf_tells_no_place_and_the_page_is_the_same(filters):
    whole = pdf_with(pictures()[FileType.JPEG], filters)
    copy = copy_of(whole, FileType.PDF)
    assert b"48,38.95N" in unpacked(whole)
    said = unpacked(copy)
    assert b"48,38.95N" not in said
    assert b"Exif" not in said
    assert CANARY not in said
    assert drawn(copy) == drawn(whole)
    assert sniff(io.BytesIO(copy), len(copy)).kind is FileType.PDF


def test_a_jpeg_2000_in_a_pdf_tells_no_place():
    whole = samples.image("JPEG2000")
    told = whole[:12] + (8 + 16 + len(CANARY)).to_bytes(4, "big") + b"uuid" + bytes(16) + CANARY + whole[12:]
    original = pdf_with(told, "/JPXDecode")
    copy = copy_of(original, FileType.PDF)
    assert CANARY in original
    assert CANARY not in unpacked(copy)
    assert drawn(copy) == drawn(original)


def test_a_pdf_that_tells_no_place_is_given_as_it_is_and_one_that_cannot_be_looked_into_is_not_given():
    assert copy_of(samples.pdf(3), FileType.PDF) == samples.pdf(3)
    locked = samples.password_pdf("")
    assert copy_of(locked, FileType.PDF) == locked, "behind a key, without a photograph"
    with pytest.raises(CannotCopy):
        copy_of(pdf_with(pictures()[FileType.JPEG], "[/LZWDecode /DCTDecode]"), FileType.PDF)


def test_a_form_of_an_administration_behind_a_key_that_opens_for_everyone_is_given():
    with pikepdf.open(io.BytesIO(form_field(["Samia"]))) as form:
        form.Root.AcroForm.Fields[0].AA = pikepdf.Dictionary(
            K=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("canari()"))
        )
        form.pages[0].obj.Resources.XObject = pikepdf.Dictionary(
            I=form.make_stream(
                pictures()[FileType.JPEG],
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=64,
                Height=48,
                BitsPerComponent=8,
                ColorSpace=pikepdf.Name.DeviceRGB,
                Filter=pikepdf.Name.DCTDecode,
            )
        )
        made = io.BytesIO()
        form.save(made, encryption=pikepdf.Encryption(owner="cerfa", user=""))
    said = unpacked(copy_of(made.getvalue(), FileType.PDF))
    assert b"canari" not in said
    assert CANARY not in said
    assert b"Samia" in said


def test_a_recording_that_was_not_made_to_be_played_is_not_given():
    with pytest.raises(CannotCopy):
        copy_of(office_files.sound(), FileType.FLAC)


@pytest.mark.slow
@pytest.mark.parametrize("address", ["http://127.0.0.1:{}", "file://127.0.0.1/partage", r"\\127.0.0.1\partage"])
@pytest.mark.parametrize("name", calling_documents(""))
def test_nothing_calls_in_what_others_receive_of_a_document(monkeypatch, listener, name, address):
    if not office.has_office(FileType.DOCX):
        pytest.skip("LibreOffice is not installed")
    port, connections = listener
    socket.create_connection(("127.0.0.1", port), 2).close()
    kind, content = calling_documents(address.format(port))[name]
    copy = copy_of(content, kind)
    assert b"127.0.0.1" not in unpacked(copy)
    with pikepdf.open(io.BytesIO(copy)) as document:
        assert not document.attachments
    assert len(connections) == 1, "ours"


def test_no_action_of_a_pdf_names_another_machine_in_what_others_receive():
    for name, content in calling_pdfs("http://canari.example").items():
        assert b"canari.example" in unpacked(content), name
        assert b"canari.example" not in unpacked(copy_of(content, FileType.PDF)), name
