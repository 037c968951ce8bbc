"""Small files of every kind, sound and unsound, made here and nowhere else."""

import base64
import gzip
import hashlib
import io
import struct
import wave
import zipfile
import zlib
from collections.abc import Mapping, Sequence

from PIL import Image
from pillow_heif import register_heif_opener

GREETING = "Attestation de l’employeur : a conduit la refonte du site, à Évry.\n"

# --- PDF
# ---------------------------------------------------------------------------------------------------------------


def pdf(pages: int = 1, text: str = "Attestation", content: bytes | None = None) -> bytes:
    """A PDF of A4 pages that say something; `content` replaces what draws them."""
    return pdf_of(pdf_objects(pages, text, content))


def password_pdf(password: str = "secret") -> bytes:
    """A PDF that asks for this password; with an empty one it opens for everyone, and only forbids printing."""
    identifier, allowed = b"0123456789abcdef", -44
    padding = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
    padded = (password.encode() + padding)[:32]
    owner = _rc4(hashlib.md5((b"owner" + padding)[:32]).digest()[:5], padded)
    key = hashlib.md5(padded + owner + struct.pack("<i", allowed) + identifier).digest()[:5]
    rights = f"<< /Filter /Standard /V 1 /R 2 /O <{owner.hex()}> /U <{_rc4(key, padding).hex()}> /P {allowed} >>"
    trailer = f"/ID [<{identifier.hex()}> <{identifier.hex()}>] /Encrypt {rights}".encode()
    return pdf_of(pdf_objects(1, "Attestation", b"% nothing to see"), trailer)


def swollen_pdf(unpacked: int) -> bytes:
    """A PDF of about ten kilobytes, whose drawing unpacks to this many bytes."""
    piece, times, check = b"0 0 m " * 10_000, unpacked // 60_000, 1
    # A block that ends on a byte and refers to nothing before it may be repeated: nobody packs a gigabyte.
    block = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = block.compress(piece) + block.flush(zlib.Z_FULL_FLUSH)
    for _ in range(times):
        check = zlib.adler32(piece, check)
    once = b"\x78\xda" + packed * times + b"\x03\0" + struct.pack(">I", check)
    twice = zlib.compress(once, 9)
    objects = pdf_objects(1, "")
    objects[-1] = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n%b\nendstream" % (len(twice), twice)
    return pdf_of(objects)


def pdf_objects(pages: int, text: str, content: bytes | None = None) -> list[bytes]:
    drawn = content or b"BT /F1 24 Tf 72 720 Td (%b) Tj ET" % text.encode("cp1252", "replace")
    kids = " ".join(f"{4 + number} 0 R" for number in range(pages))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>"
    return [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {pages} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *[page % (4 + pages)] * pages,
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn),
    ]


def pdf_of(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = "".join(f"{place:010} 00000 n \n" for place in places).encode()
    start, count = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n%b" % (count, table)
    return bytes(out + b"trailer << /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (count, trailer, start))


def _rc4(key: bytes, data: bytes) -> bytes:
    box, j = list(range(256)), 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


# --- Images
# ------------------------------------------------------------------------------------------------------------


def image(name: str, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    """A picture in a format that Pillow knows by this name: "PNG", "WEBP", "GIF", "AVIF", "HEIF", "BMP", …"""
    register_heif_opener()
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, name, **options)
    return out.getvalue()


def png(size: tuple[int, int] = (64, 48)) -> bytes:
    """A PNG."""
    return image("PNG", size)


def jpeg(size: tuple[int, int] = (64, 48), located: bool = False) -> bytes:
    """A JPEG; `located` adds where it was taken (Évry), as telephones do."""
    exif = Image.Exif()
    if located:
        exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 37.0, 44.0), 3: "E", 4: (2.0, 26.0, 24.0)})
    return image("JPEG", size, exif=exif)


def tiff(pages: int = 1) -> bytes:
    """A TIFF of several pages, as scanners make them."""
    more = [Image.new("L", (64, 48), shade) for shade in range(1, pages)]
    return image("TIFF", save_all=True, append_images=more)


def photoshop(size: tuple[int, int] = (8, 6)) -> bytes:
    """A document of Photoshop without a layer: its header, then the picture of the whole."""
    width, height = size
    header = b"8BPS\0\x01" + bytes(6) + struct.pack(">HIIHH", 3, height, width, 8, 3)
    return header + bytes(12) + bytes(2) + bytes(3 * min(width * height, 10_000))


def vast_png(side: int = 9000, *, colours: bool = False) -> bytes:
    """A PNG of side × side pixels, black: 81 million of one bit weigh about 10 kB."""
    header = struct.pack(">IIBBBBB", side, side, 8 if colours else 1, 2 if colours else 0, 0, 0, 0)
    line = bytes(1 + (3 * side if colours else -(-side // 8)))
    packer = zlib.compressobj(9)
    lines = b"".join(packer.compress(line) for _ in range(side)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + _png_piece(b"IHDR", header) + _png_piece(b"IDAT", lines) + _png_piece(b"IEND", b"")


def _png_piece(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


# --- Office documents, archives
# ----------------------------------------------------------------------------------------

_MAIN = {
    "docx": ("word/document.xml", "wordprocessingml.document.main"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation.main"),
    "dotx": ("word/document.xml", "wordprocessingml.template.main"),
}
_ODF = {"odt": "text", "ods": "spreadsheet", "odp": "presentation", "odg": "graphics"}


def archive(entries: Mapping[str, bytes | str], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these entries, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as container:
        for name, data in entries.items():
            container.writestr(zipfile.ZipInfo(name), data, packing)
    return out.getvalue()


def office(kind: str, more: Mapping[str, bytes | str] | None = None) -> bytes:
    """A document of Word ("docx"), Excel ("xlsx") or PowerPoint ("pptx"), as small as it can be."""
    part, mime = _MAIN[kind]
    types = f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-officedocument.{mime}+xml"/>'
    entries = {
        "[Content_Types].xml": f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{types}</Types>',
        "_rels/.rels": _relations(f'<Relationship Id="r1" Type="x/officeDocument" Target="{part}"/>'),
        part: f"<document>{GREETING}</document>",
    }
    return archive(entries | dict(more or {}))


def linked_office(target: str, relation: str = "attachedTemplate") -> bytes:
    """A Word document that leads to something outside of itself."""
    link = f'<Relationship Id="r1" Type="x/{relation}" Target="{target}" TargetMode="External"/>'
    return office("docx", {"word/_rels/document.xml.rels": _relations(link)})


def macro_office() -> bytes:
    """A Word document with macros, whatever it is called."""
    mime = "application/vnd.ms-word.document.macroEnabled.main+xml"
    types = f'<Types xmlns="x"><Override PartName="/word/document.xml" ContentType="{mime}"/></Types>'
    return archive({"[Content_Types].xml": types, "word/document.xml": "<document/>", "word/vbaProject.bin": b"\0"})


def opendocument(kind: str, more: Mapping[str, bytes | str] | None = None, manifest: str = "<manifest/>") -> bytes:
    """A document of LibreOffice: "odt", "ods" or "odp"."""
    mime = f"application/vnd.oasis.opendocument.{_ODF[kind]}"
    entries = {"mimetype": mime, "META-INF/manifest.xml": manifest, "content.xml": f"<content>{GREETING}</content>"}
    return archive(entries | dict(more or {}))


def password_opendocument() -> bytes:
    """A LibreOffice document behind a password."""
    return opendocument(
        "odt", manifest='<m:manifest xmlns:m="x"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    )


def iwork(kind: str = "pages", preview: Mapping[str, bytes] | None = None) -> bytes:
    """A document of Pages, of Numbers or of Keynote, by the type of its first object, with its preview."""
    number = b"\x08\x90\x4e" if kind == "pages" else b"\x08\x01"
    slides = {"Index/Slide-1.iwa": b"\0"} if kind == "key" else {}
    held = {"preview.jpg": jpeg((60, 80))} if preview is None else preview
    return archive({"Index/Document.iwa": b"\0\x20\0\0\x0a\x08\x01\x12\x06" + number} | slides | dict(held))


def flat_opendocument(kind: str = "text", inside: str = "<text:p>Bilan d’activité</text:p>", before: str = "") -> bytes:
    """A document of LibreOffice kept as one XML."""
    names = " ".join(
        f'xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{full}:1.0"'
        for one, full in (("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"))
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document {names} office:version="1.3" '
        f'office:mimetype="application/vnd.oasis.opendocument.{kind}">{before}<office:body><office:{kind}>'
        f"{inside}</office:{kind}></office:body></office:document>\n"
    ).encode()


def windows_drawing() -> bytes:
    """An EMF of one rectangle, 60 by 40 units."""
    rectangle = struct.pack("<IIiiii", 43, 24, 5, 5, 55, 35)
    end = struct.pack("<IIIII", 14, 20, 0, 0, 20)
    length = 108 + len(rectangle) + len(end)
    header = struct.pack("<II", 1, 108) + struct.pack("<8i", 0, 0, 60, 40, 0, 0, 1600, 1000)
    header += b" EMF" + struct.pack("<IIIHHII", 0x10000, length, 3, 1, 0, 0, 0)
    header += struct.pack("<I4i", 0, 1000, 700, 270, 190) + struct.pack("<III", 0, 0, 0)
    return header + struct.pack("<II", 270_000, 190_000) + rectangle + end


def old_windows_drawing() -> bytes:
    """A placeable WMF of one rectangle."""
    rectangle = struct.pack("<IHhhhh", 7, 0x041B, 350, 550, 50, 50)
    window = struct.pack("<IHhh", 5, 0x020B, 0, 0) + struct.pack("<IHhh", 5, 0x020C, 400, 600)
    records = window + rectangle + struct.pack("<IH", 3, 0)
    header = struct.pack("<HHHIHIH", 1, 9, 0x300, 9 + len(records) // 2, 0, 7, 0)
    place = struct.pack("<IHhhhhHI", 0x9AC6CDD7, 0, 0, 0, 600, 400, 1000, 0)
    check = 0
    for (word,) in struct.iter_unpack("<H", place):
        check ^= word
    return place + struct.pack("<H", check) + header + records


def zipped_drawing() -> bytes:
    """An SVGZ of one circle."""
    return gzip.compress(
        b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><circle cx="20" cy="20" r="9"/></svg>'
    )


def saved_page(text: str = "<h1>Bilan</h1><img src='images/plan.png' alt='plan'>") -> bytes:
    """A page that a browser saved with its picture in one file, and a picture that stays elsewhere."""
    page = f"<html><body>{text}<img src='http://127.0.0.1:9/loin.png' alt='loin'></body></html>"
    return (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://exemple.fr/a.html\r\nSubject: Bilan\r\n"
        "Date: Mon, 1 Jan 2024 10:00:00 -0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n"
        '\ttype="text/html";\r\n\tboundary="----X"\r\n\r\n\r\n------X\r\nContent-Type: text/html; charset=utf-8\r\n'
        f"Content-Location: https://exemple.fr/a.html\r\n\r\n{page}\r\n------X\r\nContent-Type: image/png\r\n"
        "Content-Transfer-Encoding: base64\r\nContent-Location: https://exemple.fr/images/plan.png\r\n\r\n"
        f"{base64.encodebytes(png()).decode()}\r\n------X--\r\n"
    ).encode()


def epub() -> bytes:
    """An electronic book."""
    return archive({"mimetype": "application/epub+zip", "META-INF/container.xml": "<container/>"})


def swollen_office(unpacked: int = 20_000_000) -> bytes:
    """A Word document of a few kB that unpacks to this many bytes."""
    return office("docx", {"word/media/image1.bmp": bytes(unpacked)})


def overlapping_office(times: int = 50) -> bytes:
    """A Word document whose list names the same piece many times, so that it promises more than it holds."""
    out = io.BytesIO(office("docx", {"word/media/image1.bmp": hashlib.shake_256(b"").digest(10_000)}))
    with zipfile.ZipFile(out, "a") as container:
        piece = container.getinfo("word/media/image1.bmp")
        for number in range(times):
            again = zipfile.ZipInfo(f"word/media/copy{number}.bmp")
            again.header_offset, again.CRC, again.compress_type = (piece.header_offset, piece.CRC, piece.compress_type)
            again.compress_size, again.file_size = piece.compress_size, piece.file_size
            container.filelist.append(again)
        container._didModify = True
    return out.getvalue()


def password_archive() -> bytes:
    """A ZIP whose only entry is marked as encrypted."""
    return mark_encrypted(archive({"bulletin.txt": GREETING}))


def mark_encrypted(container: bytes) -> bytes:
    """Return the same ZIP with the mark of encryption on its entries."""
    out = bytearray(container)
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = out.find(signature)
        while at >= 0:
            out[at + place] |= 1
            at = out.find(signature, at + 4)
    return bytes(out)


def _relations(inside: str) -> str:
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inside}</Relationships>'
    )


# --- Office documents before 2007
# --------------------------------------------------------------------------------------

_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound(*names: str, start: bytes = b"") -> bytes:
    """A compound file with these streams of 4 kB under its root: "WordDocument" makes a .doc, "Workbook" an .xls, …"""
    directory = b"".join(
        [_compound_entry("Root Entry", 5, child=1 if names else _FREE)]
        + [
            _compound_entry(
                name, 2, right=number + 1 if number < len(names) else _FREE, start=2 + 8 * number, size=4096
            )
            for number, name in enumerate(names, 1)
        ]
    )
    directory += bytes(-len(directory) % 4096)
    streams = b"".join([(start + bytes(4096))[:4096] for _ in names])
    # Sector 0 is the table, 1 holds nothing, 2 to 9 the directory, then eight sectors a stream.
    chains = [number + 1 if number % 8 != 1 else _END for number in range(2, 10 + 8 * len(names))]
    table = struct.pack("<128I", *([_FAT, _END, *chains] + [_FREE] * 128)[:128])
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        bytes.fromhex("d0cf11e0a1b11ae1"),
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        0,
        1,
        2,
        0,
        4096,
        _END,
        0,
        _END,
        0,
    )
    return header + struct.pack("<109I", 0, *[_FREE] * 108) + table + bytes(512) + directory + streams


def compound_of(streams: Mapping[str, bytes], scattered: bool = False) -> bytes:
    """A compound file with these streams, each of 4 kB at least; `scattered` lays their sectors down in turn,
    as long use does.
    """
    padded = {name: content + bytes(max(0, 4096 - len(content))) for name, content in streams.items()}
    pieces = {
        name: [content[at : at + 512].ljust(512, b"\0") for at in range(0, len(content), 512)]
        for name, content in padded.items()
    }
    turns = [(name, number) for name in pieces for number in range(len(pieces[name]))]
    turns.sort(key=lambda one: one[1] if scattered else 0)
    tables = next(count for count in range(1, 100) if count * 128 >= count + 8 + len(turns))
    place = {one: tables + 8 + number for number, one in enumerate(turns)}
    nexts = {tables + number: tables + number + 1 if number < 7 else _END for number in range(8)}
    nexts |= {place[name, number]: place.get((name, number + 1), _END) for name, number in turns}
    entries = [_compound_entry("Root Entry", 5, child=1)] + [
        _compound_entry(
            name, 2, right=number + 1 if number < len(padded) else _FREE, start=place[name, 0], size=len(padded[name])
        )
        for number, name in enumerate(padded, 1)
    ]
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII", bytes.fromhex("d0cf11e0a1b11ae1"), 0x3E, 3, 0xFFFE, 9, 6, 0, tables, tables, 0, 4096, _END, 0,
        _END, 0,
    )  # fmt: skip
    numbers = [_FAT] * tables + [nexts.get(number, _FREE) for number in range(tables, tables * 128)]
    return (
        header
        + struct.pack("<109I", *[*range(tables), *[_FREE] * 109][:109])
        + struct.pack(f"<{tables * 128}I", *numbers)
        + b"".join(entries).ljust(4096, b"\0")
        + b"".join(pieces[name][number] for name, number in turns)
    )


def _compound_entry(
    name: str, kind: int, *, right: int = _FREE, child: int = _FREE, start: int = 0, size: int = 0
) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<64sHBB3I36xIQ", encoded, len(encoded), kind, 1, _FREE, right, child, start, size)


# --- Texts
# -------------------------------------------------------------------------------------------------------------

HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
XML = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
RTF = b"{\\rtf1\\ansi Attestation de l\\'e9cole}"
MARKDOWN = b"# Bilan\n\n- une preuve\n- une autre\n"
CSV = "Poste;Heures;Coût\r\nRédaction;12;480,00 €\r\nPhotographie;8;640,00 €\r\n".encode("cp1252")
COMMAND_CSV = b"nom,total\r\nbudget,=cmd|'/c calc'!A0\r\n"
EML = (
    b"From: =?utf-8?q?Cl=C3=A9mence?= <clemence@example.org>\r\nTo: marc@example.org\r\nSubject: Merci\r\n"
    b"Date: Tue, 3 Mar 2020 10:00:00 +0100\r\nContent-Type: text/html\r\n\r\n<html><body>Merci pour le lancement.</body></html>\r\n"
)
SCRIPT = b"#!/bin/sh\nrm -rf /\n"
PROGRAM = (
    b"MZ"
    + bytes(58)
    + struct.pack("<I", 64)
    + b"PE\0\0"
    + struct.pack("<HHIIIHH", 0x14C, 0, 0, 0, 0, 0xE0, 0x102)
    + b"\x0b\x01"
    + bytes(300)
)
SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(64)
NOISE = hashlib.shake_256(b"bruit").digest(4096)


# --- Sound and video
# ---------------------------------------------------------------------------------------------------


def wav(seconds: float = 0.1) -> bytes:
    """A silence in WAV."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(int(16_000 * seconds)))
    return out.getvalue()


def mp3(frames: int = 20) -> bytes:
    """An MP3 with a title, then frames of silence at 128 kbit/s and 44,100 Hz (417 bytes each)."""
    title = b"TIT2" + struct.pack(">IH", 6, 0) + b"\0Bilan"
    return b"ID3\x03\0\0" + bytes([0, 0, 0, len(title)]) + title + (b"\xff\xfb\x90\x00" + bytes(413)) * frames


def iso_media(brand: bytes = b"isom", handler: bytes = b"vide") -> bytes:
    """An MP4 ("isom"), a sound of iPhone ("M4A "), a QuickTime film ("qt  "): enough structure to be one."""
    described = _box(b"hdlr", bytes(8) + handler + bytes(13))
    movie = _box(b"moov", _box(b"mvhd", bytes(100)) + _box(b"trak", _box(b"mdia", described)))
    return _box(b"ftyp", brand + bytes(4) + brand) + movie + _box(b"mdat", bytes(200))


def ogg(codec: bytes = b"\x01vorbis", remarks: bytes = b"") -> bytes:
    """An Ogg sound of two pages, or more when its remarks are long."""
    mark = {b"\x01vorbis": b"\x03vorbis", b"OpusHead": b"OpusTags"}.get(codec, b"")
    told = struct.pack("<II", 1, len(remarks)) + remarks if remarks else bytes(4)
    packet = mark + struct.pack("<I", 4) + b"main" + told + b"\x01"
    lengths = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
    pages = [(2, bytes([30]), codec + bytes(30 - len(codec)))]
    for number, start in enumerate(range(0, len(lengths), 100)):
        pages.append((1 if number else 0, lengths[start : start + 100], packet[start * 255 : (start + 100) * 255]))
    return b"".join(
        b"OggS\0%c" % kind + bytes(8) + struct.pack("<III", 1, number, 0) + bytes([len(table)]) + table + body
        for number, (kind, table, body) in enumerate(pages)
    )


def webm(doctype: bytes = b"webm", inside: bytes = b"") -> bytes:
    """A WebM film of unknown length, as browsers record them, its cluster too; "matroska" makes it another film."""
    header = b"\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08" + ebml(0x4282, doctype)
    track = ebml(0x1654AE6B, ebml(0xAE, ebml(0xD7, b"\x01") + ebml(0x83, b"\x01") + ebml(0x536E, b"Camera")))
    cluster = b"\x1f\x43\xb6\x75\x01" + b"\xff" * 7 + ebml(0xE7, b"\0") + ebml(0xA3, b"\x81\0\0\x80SEEN")
    info = ebml(0x1549A966, ebml(0x2AD7B1, b"\x0f\x42\x40") + ebml(0x4D80, b"main") + ebml(0x5741, b"main"))
    return ebml(0x1A45DFA3, header) + b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + info + track + cluster + inside


def ebml(name: int, content: bytes) -> bytes:
    """An element of WebM."""
    length = bytes([0x80 | len(content)]) if len(content) < 127 else (len(content) | 1 << 56).to_bytes(8, "big")
    return name.to_bytes(-(-name.bit_length() // 8), "big") + length + content


def _box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(data), name) + data
