"""Check that « incomplet ou abîmé » is only said of what is: a sound file that is not read here is told as what it is,
with what to do.
"""

import binascii
import bz2
import io
import lzma
import struct
import tarfile
import zipfile

import brotli
import pytest

from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import FileRejected, FileType, RejectionReason
from portfolio.wording.files import refusal_message
from tests import samples

_ENVELOPE = bytes.fromhex("30820100 06092a864886f70d010703 a081f2") + b"abc" * 80
_SIGNED_ENVELOPE = bytes.fromhex("30820100 06092a864886f70d010702 a081f2") + b"abc" * 80
_OFFICE_TYPES = '<Types><Override PartName="/a.xml" ContentType="{}"/></Types>'


def locked_pdf(handler: str) -> bytes:
    """A PDF that this security handler opens, and no password."""
    rights = (
        f"<< /Filter /{handler} /SubFilter /adbe.pkcs7.s5 /V 4 /StmF /Cf /StrF /Cf "
        "/CF << /Cf << /CFM /AESV2 /Recipients [<3082>] >> >> >>"
    )
    return samples.pdf_of(samples.pdf_objects(1, "Attestation"), f"/ID [<00> <00>] /Encrypt {rights}".encode())


def packed_pdf(text: str, *, all_of_it: bool) -> bytes:
    """A PDF whose drawing is packed by Brotli, and its objects and their table too."""
    objects = samples.pdf_objects(1, "")
    drawing = brotli.compress(f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET ".encode() * 40)
    if not all_of_it:
        objects[-1] = b"<< /Length %d /Filter /BrotliDecode >>\nstream\n%b\nendstream" % (len(drawing), drawing)
        return samples.pdf_of(objects)
    plain = objects[:-1]
    places = [sum(len(one) + 1 for one in plain[:number]) for number in range(len(plain))]
    index = b" ".join(b"%d %d" % (number, place) for number, place in enumerate(places, 1)) + b" "
    drawn, packed, table = len(objects), len(objects) + 1, len(objects) + 2
    made, at = b"%PDF-2.0\n", {}
    for number, about, data in (
        (drawn, b"", drawing),
        (
            packed,
            b"/Type /ObjStm /N %d /First %d" % (len(plain), len(index)),
            brotli.compress(index + b" ".join(plain)),
        ),
    ):
        at[number] = len(made)
        made += b"%d 0 obj\n<< %b /Filter /BrotliDecode /Length %d >>\nstream\n" % (number, about, len(data))
        made += data + b"\nendstream\nendobj\n"
    rows = [(0, 0, 65535), *((2, packed, number) for number in range(len(plain)))]
    rows += [(1, at[drawn], 0), (1, at[packed], 0), (1, len(made), 0)]
    lines = brotli.compress(b"".join(struct.pack(">BHH", *row) for row in rows))
    about = b"/Type /XRef /Size %d /W [1 2 2] /Root 1 0 R /Filter /BrotliDecode" % (table + 1)
    start = len(made)
    made += b"%d 0 obj\n<< %b /Length %d >>\nstream\n%b\nendstream\nendobj\n" % (table, about, len(lines), lines)
    return made + b"startxref\n%d\n%%%%EOF\n" % start


def packed_by(method: int, content: bytes) -> bytes:
    """An archive whose first file says that it is packed by another method."""
    made = bytearray(content)
    struct.pack_into("<H", made, made.find(b"PK\x03\x04") + 8, method)
    struct.pack_into("<H", made, made.find(b"PK\x01\x02") + 10, method)
    return bytes(made)


def archive_of(*names: str, attributes: int = 0) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = attributes
            archive.writestr(entry, "x")
    return made.getvalue()


def vast_avif(width: int, height: int) -> bytes:
    """An AVIF that announces this size."""
    made = bytearray(samples.image("AVIF"))
    struct.pack_into(">II", made, made.find(b"ispe") + 8, width, height)
    return bytes(made)


def tiff_packed_by(method: int) -> bytes:
    made = bytearray(samples.image("TIFF"))
    struct.pack_into("<H", made, made.find(struct.pack("<HHI", 259, 3, 1)) + 8, method)
    return bytes(made)


def photoshop_of(depth: int) -> bytes:
    made = bytearray(samples.photoshop())
    struct.pack_into(">H", made, 22, depth)
    return bytes(made)


def slides(token: int) -> bytes:
    """Slides of before 2007, whose current user is written with this token."""
    user = struct.pack("<HHIIIIHHBBH", 0, 0xFF6, 24, 20, token, 0, 4, 0x3F4, 3, 0, 0) + b"Ines"
    return samples.compound_of({"PowerPoint Document": bytes(4096), "Current User": user})


def outlook(kind: str, attached: bytes) -> bytes:
    """A message of Outlook of this class, with one attachment."""
    return samples.compound_of(
        {
            "__properties_version1.0": bytes(32),
            "__substg1.0_001A001F": kind.encode("utf-16-le"),
            "__substg1.0_37010102": attached,
        }
    )


def mail(content_type: str, body: bytes) -> bytes:
    head = f"From: a@example.org\nTo: b@example.org\nSubject: Bilan\nMIME-Version: 1.0\nContent-Type: {content_type}\n"
    return head.encode() + body


def office_type(main: str) -> bytes:
    return samples.archive({"[Content_Types].xml": _OFFICE_TYPES.format(main)})


def opendocument_type(mime: str) -> bytes:
    return samples.archive({"mimetype": mime, "content.xml": "<a/>", "META-INF/manifest.xml": "<m/>"})


def tar() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        entry = tarfile.TarInfo("cv.txt")
        entry.size = 7
        archive.addfile(entry, io.BytesIO(b"Bonjour"))
    return made.getvalue()


_ENCODED = b"Content-Transfer-Encoding: base64\n\n"
_PGP = (
    b"\n--X\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--X\nContent-Type: application/octet-stream\n\n"
    b"-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n--X--\n"
)
_JUST = b"abc" * 30
_SINGLE_DTD = '<!DOCTYPE a SYSTEM "a.dtd"><a/>'

# Each with the reason, and a word that its sentence says.
READ_ELSEWHERE = {
    # Locked.
    "a PDF for the holders of a certificate": (locked_pdf("Adobe.PubSec"), RejectionReason.LOCKED, "certificat"),
    "a PDF of an electronic library": (locked_pdf("EBX_HANDLER"), RejectionReason.LOCKED, "certificat"),
    "a PDF of another program's lock": (locked_pdf("FOPN_fLock"), RejectionReason.LOCKED, "certificat"),
    "a PDF behind a password": (samples.password_pdf(), RejectionReason.PASSWORD, "mot de passe"),
    "a Writer document behind a password": (samples.password_opendocument(), RejectionReason.PASSWORD, "mot de passe"),
    "an Excel sheet behind a password": (
        samples.compound("EncryptedPackage", "EncryptionInfo"),
        RejectionReason.PASSWORD,
        "mot de passe",
    ),
    "a Word document under rights": (
        samples.compound("EncryptedPackage", "DRMEncryptedDataSpace"),
        RejectionReason.LOCKED,
        "droits",
    ),
    "an old Word document under rights": (
        samples.compound("WordDocument", "\x09DRMContent"),
        RejectionReason.LOCKED,
        "droits",
    ),
    "old slides behind a password": (slides(0xF3D1C4DF), RejectionReason.PASSWORD, "mot de passe"),
    "an envelope": (_ENVELOPE, RejectionReason.LOCKED, "certificat"),
    "a text of PGP": (
        b"-----BEGIN PGP MESSAGE-----\n\nabc=\n-----END PGP MESSAGE-----\n",
        RejectionReason.LOCKED,
        "certificat",
    ),
    "a mail in an envelope": (
        mail("application/pkcs7-mime; smime-type=enveloped-data", _ENCODED + binascii.b2a_base64(_ENVELOPE)),
        RejectionReason.LOCKED,
        "certificat",
    ),
    "a mail of PGP": (
        mail('multipart/encrypted; protocol="application/pgp-encrypted"; boundary=X', _PGP),
        RejectionReason.LOCKED,
        "certificat",
    ),
    "a mail of Outlook in an envelope": (outlook("IPM.Note.SMIME", _ENVELOPE), RejectionReason.LOCKED, "certificat"),
    "an electronic book that is locked": (
        samples.archive(
            {"mimetype": "application/epub+zip", "META-INF/container.xml": "<c/>", "META-INF/rights.xml": "<r/>"}
        ),
        RejectionReason.EBOOK,
        "verrouillé",
    ),
    "a ZIP behind a password": (samples.password_archive(), RejectionReason.PASSWORD, "mot de passe"),
    "a document of Pages behind a password": (
        samples.iwork("pages", preview={".iwpv2": b"x", "preview.jpg": b"x"}),
        RejectionReason.PASSWORD,
        "mot de passe",
    ),
    # Packed otherwise.
    "a PDF whose drawing is in Brotli": (
        packed_pdf("Bonjour", all_of_it=False),
        RejectionReason.COMPRESSION,
        "compressé",
    ),
    "a PDF in Brotli": (packed_pdf("Bonjour", all_of_it=True), RejectionReason.COMPRESSION, "compressé"),
    **{
        f"a ZIP packed by the method {method}": (
            packed_by(method, samples.archive({"a.txt": "Bonjour" * 20})),
            RejectionReason.COMPRESSION,
            "ZIP ordinaire",
        )
        for method in (1, 6, 9, 10, 93, 95, 97, 98)
    },
    "a Word document packed by the method 9": (
        packed_by(9, samples.office("docx")),
        RejectionReason.COMPRESSION,
        "compressé",
    ),
    # Pictures.
    "an AVIF of 63 million pixels": (vast_avif(9000, 7000), RejectionReason.TOO_MANY_PIXELS, "trop grande"),
    "an AVIF of 289 million pixels": (vast_avif(17000, 17000), RejectionReason.TOO_MANY_PIXELS, "trop grande"),
    "an AVIF as long as a road": (vast_avif(40000, 2000), RejectionReason.TOO_MANY_PIXELS, "trop grande"),
    "a TIFF packed as JPEG XR": (tiff_packed_by(34934), RejectionReason.OTHER_IMAGE, "JPEG"),
    "a document of Photoshop in 16 bits": (photoshop_of(16), RejectionReason.OTHER_IMAGE, "JPEG"),
    "a document of Photoshop in 32 bits": (photoshop_of(32), RejectionReason.OTHER_IMAGE, "JPEG"),
    # Archives.
    "a ZIP with two files of one name": (
        archive_of("a.txt", "b.txt").replace(b"b.txt", b"a.txt"),
        RejectionReason.UNSAFE_NAMES,
        "même nom",
    ),
    "a ZIP that names the whole disk": (archive_of("/Users/ines/a.txt"), RejectionReason.UNSAFE_NAMES, "hors"),
    "a ZIP with a link": (archive_of("a.txt", attributes=0o120777 << 16), RejectionReason.UNSAFE_NAMES, "lien"),
    "a RAR": (b"Rar!\x1a\x07\x00" + _JUST, RejectionReason.ARCHIVE, "RAR"),
    "a newer RAR": (b"Rar!\x1a\x07\x01\x00" + _JUST, RejectionReason.ARCHIVE, "RAR"),
    "a 7z": (samples.SEVEN_ZIP, RejectionReason.ARCHIVE, "7z"),
    "a TAR": (tar(), RejectionReason.ARCHIVE, "TAR"),
    "an XZ": (lzma.compress(b"Bonjour"), RejectionReason.ARCHIVE, "TAR"),
    "a BZ2": (bz2.compress(b"Bonjour"), RejectionReason.ARCHIVE, "TAR"),
    "a cabinet of Windows": (
        b"MSCF\0\0\0\0" + struct.pack("<4I", 110, 0, 44, 0) + bytes([3, 1, 1, 0, 1, 0, 0, 0]) + _JUST,
        RejectionReason.ARCHIVE,
        "ZIP",
    ),
    "an ARJ": (bytes.fromhex("60ea2b00220b010b100002") + _JUST, RejectionReason.ARCHIVE, "ZIP"),
    "an ACE": (b"abcdefg**ACE**" + _JUST, RejectionReason.ARCHIVE, "ZIP"),
    "a StuffIt": (b"SIT!\0\x01\0\0\0\x64rLau" + _JUST, RejectionReason.ARCHIVE, "ZIP"),
    # Documents of other programs, named.
    "a text of OpenOffice 1": (
        opendocument_type("application/vnd.sun.xml.writer"),
        RejectionReason.OTHER_OFFICE,
        "OpenOffice 1",
    ),
    "a table of OpenOffice 1": (
        opendocument_type("application/vnd.sun.xml.calc"),
        RejectionReason.OTHER_OFFICE,
        "OpenOffice 1",
    ),
    "a master document": (
        opendocument_type("application/vnd.oasis.opendocument.text-master"),
        RejectionReason.OTHER_OFFICE,
        "document maître",
    ),
    "a database of LibreOffice": (
        opendocument_type("application/vnd.oasis.opendocument.base"),
        RejectionReason.OTHER_OFFICE,
        "Base",
    ),
    "slides of Keynote without a preview": (samples.iwork("key", preview={}), RejectionReason.NO_PREVIEW, "Keynote"),
    "a workbook of Numbers without a preview": (
        samples.iwork("numbers", preview={}),
        RejectionReason.NO_PREVIEW,
        "Numbers",
    ),
    "a Publisher document": (samples.compound("Quill"), RejectionReason.OTHER_OFFICE, "Publisher"),
    "a drawing of Visio": (samples.compound("VisioDocument"), RejectionReason.OTHER_OFFICE, "Visio"),
    "a newer drawing of Visio": (
        office_type("application/vnd.ms-visio.drawing.main+xml"),
        RejectionReason.OTHER_OFFICE,
        "Visio",
    ),
    "an XPS": (
        office_type("application/vnd.ms-package.xps-fixeddocumentsequence+xml"),
        RejectionReason.OTHER_OFFICE,
        "XPS",
    ),
    "a text of StarOffice": (samples.compound("StarWriterDocument"), RejectionReason.OTHER_OFFICE, "StarOffice"),
    "a Works document": (samples.compound("MatOST"), RejectionReason.OTHER_OFFICE, "Works"),
    "a PostScript": (b"%!PS-Adobe-3.0\n%%EOF\n", RejectionReason.OTHER_OFFICE, "PostScript"),
    "a document of Word 2003": (
        b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:p>Bilan</w:p>',
        RejectionReason.OTHER_OFFICE,
        "XML",
    ),
    # Parts that no program of office writes.
    "a Word document with a DTD": (
        samples.office("docx", {"word/_rels/a.rels": _SINGLE_DTD}),
        RejectionReason.ENTITIES,
        "entités",
    ),
}


@pytest.mark.parametrize("name", READ_ELSEWHERE)
def test_a_sound_file_that_is_not_read_here_is_told_as_what_it_is(name):
    content, reason, word = READ_ELSEWHERE[name]
    with pytest.raises(FileRejected) as refused:
        sniff(io.BytesIO(content), len(content))
    assert refused.value.code is reason
    assert word in refusal_message(refused.value)


READ_HERE = {
    "a ZIP with a Word document that is damaged": samples.archive(
        {"cv.docx": samples.archive({"[Content_Types].xml": "<Types"})}
    ),
    "a ZIP with a ZIP cut short": samples.archive({"a.zip": samples.archive({"a.txt": "x"})[:-30]}),
    "a ZIP of ZIPs": samples.archive({"a.zip": samples.archive({"b.zip": samples.archive({"c.txt": "x"})})}),
    "a ZIP with a ZIP behind a password": samples.archive({"a.zip": samples.password_archive()}),
}


@pytest.mark.parametrize("name", READ_HERE)
def test_what_is_damaged_inside_an_archive_does_not_make_the_archive_so(name):
    content = READ_HERE[name]
    assert sniff(io.BytesIO(content), len(content)).kind is FileType.ZIP


def test_a_document_inside_whose_parts_are_too_many_to_look_at_is_refused_as_such():
    inside = samples.archive({"[Content_Types].xml": f"<Types>{' ' * 9_000_000}</Types>"})
    content = samples.archive({"a.docx": inside})
    with pytest.raises(FileRejected) as refused:
        sniff(io.BytesIO(content), len(content))
    assert refused.value.code is RejectionReason.RESOURCE_LIMIT, "macros could hide there"


def test_slides_without_a_password_stay_accepted():
    content = slides(0xE391C05F)
    assert sniff(io.BytesIO(content), len(content)).kind is FileType.PPT


def test_a_message_that_is_only_signed_stays_accepted():
    content = outlook("IPM.Note.SMIME", _SIGNED_ENVELOPE)
    assert sniff(io.BytesIO(content), len(content)).kind is FileType.MSG
    content = mail("application/pkcs7-mime; smime-type=signed-data", _ENCODED + binascii.b2a_base64(_SIGNED_ENVELOPE))
    assert sniff(io.BytesIO(content), len(content)).kind is FileType.EML


def test_a_document_inside_an_archive_is_still_looked_into():
    inner = samples.archive({"[Content_Types].xml": "<Types", "word/menu.exe": samples.PROGRAM})
    content = samples.archive({"cv.docx": inner})
    with pytest.raises(FileRejected) as refused:
        sniff(io.BytesIO(content), len(content))
    assert refused.value.code is RejectionReason.EMBEDDED_PROGRAM
