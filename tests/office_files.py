"""Small files of many formats, made here: documents, workbooks, presentations, messages, recordings."""

import array
import io
import math
import struct
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from fractions import Fraction

import av
from av.audio.resampler import AudioResampler
from PIL import Image

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OOXML = "application/vnd.openxmlformats-officedocument"


def package(main: str, content_type: str, parts: Mapping[str, str], relations: str = "") -> bytes:
    """An Office document: its parts, its main one first."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/{main}" ContentType="{content_type}"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="{main}"/></Relationships>',
        )
        if relations:
            folder, _, name = main.rpartition("/")
            archive.writestr(
                f"{folder}/_rels/{name}.rels", f'<Relationships xmlns="{_RELATIONS}">{relations}</Relationships>'
            )
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx(*paragraphs: str, body: str = "", relations: str = "") -> bytes:
    """A Word document of these paragraphs."""
    words = "".join(f"<w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p>" for paragraph in paragraphs)
    xml = f'<w:document xmlns:w="{_WORD}" xmlns:r="{_OFFICE}"><w:body>{words}{body}</w:body></w:document>'
    return package(
        "word/document.xml", f"{_OOXML}.wordprocessingml.document.main+xml", {"word/document.xml": xml}, relations
    )


def tracked_docx(deleted: str, inserted: str) -> bytes:
    """A Word document in which one person deleted some words and inserted others."""
    by = 'w:id="1" w:author="Paul" w:date="2026-01-02T10:00:00Z"'
    change = f"<w:p><w:del {by}><w:r><w:delText>{deleted}</w:delText></w:r></w:del><w:ins {by}><w:r><w:t>{inserted}</w:t></w:r></w:ins></w:p>"
    return docx(body=change)


def xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    """A workbook of one sheet."""
    cells = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{_column(place)}{number}" t="inlineStr"><is><t>{value}</t></is></c>'
            for place, value in enumerate(row)
        )
        + "</row>"
        for number, row in enumerate(rows, 1)
    )
    book = f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets><sheet name="Budget" sheetId="1" r:id="r1"/></sheets></workbook>'
    relation = f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    parts = {
        "xl/workbook.xml": book,
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_SHEET}"><sheetData>{cells}</sheetData></worksheet>',
    }
    return package("xl/workbook.xml", f"{_OOXML}.spreadsheetml.sheet.main+xml", parts, relation)


def xlsb(text: str, more: Mapping[str, str] | None = None) -> bytes:
    """A workbook of Excel kept in binary, of one cell; `more` are content types of further parts."""
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    declared = {
        "/xl/workbook.bin": "application/vnd.ms-excel.sheet.binary.macroEnabled.main",
        "/xl/worksheets/sheet1.bin": "application/vnd.ms-excel.worksheet",
    } | dict(more or {})
    overrides = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in declared.items())

    def linked(kind: str, target: str) -> str:
        return (
            f'<Relationships xmlns="{relations}"><Relationship Id="rId1" Type="{office}/{kind}" '
            f'Target="{target}"/></Relationships>'
        )

    bundle = struct.pack("<II", 0, 1) + _wide("rId1") + _wide("Feuille")
    book = _records((131, b""), (143, b""), (156, bundle), (144, b""), (132, b""))
    row = struct.pack("<IIHBBBI", 0, 0, 300, 0, 0, 0, 1) + struct.pack("<II", 0, 0)
    cell = struct.pack("<II", 0, 0) + _wide(text)
    sheet = _records(
        (129, b""), (148, struct.pack("<4I", 0, 0, 0, 0)), (145, b""), (0, row), (6, cell), (146, b""), (130, b"")
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{types}"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="bin" ContentType="application/octet-stream"/>{overrides}</Types>',
        )
        made.writestr("_rels/.rels", linked("officeDocument", "xl/workbook.bin"))
        made.writestr("xl/_rels/workbook.bin.rels", linked("worksheet", "worksheets/sheet1.bin"))
        made.writestr("xl/workbook.bin", book)
        made.writestr("xl/worksheets/sheet1.bin", sheet)
    return out.getvalue()


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _records(*records: tuple[int, bytes]) -> bytes:
    """Records of a binary workbook ([MS-XLSB] 2.1.4): a number and a length in seven bits a byte, the data."""
    out = bytearray()
    for number, data in records:
        out += bytes([number & 0x7F | 0x80, number >> 7]) if number > 0x7F else bytes([number])
        out += bytes([len(data)]) + data
    return bytes(out)


def odt(*paragraphs: str, body: str = "", is_listed: bool = True) -> bytes:
    """A LibreOffice document without any style; one whose parts are not listed is opened by few programs."""
    words = "".join(f"<text:p>{paragraph}</text:p>" for paragraph in paragraphs)
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("office", "office"), ("text", "text"), ("draw", "drawing"))
    )
    content = (
        f'<office:document-content {names} xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.3"><office:body><office:text>{words}'
        f"{body}</office:text></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
        'manifest:media-type="application/vnd.oasis.opendocument.text"/>'
        + (
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
            if is_listed
            else ""
        )
        + "</manifest:manifest>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


def epub(*chapters: str) -> bytes:
    """An electronic book."""
    out = io.BytesIO()
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml", '<container><rootfiles><rootfile full-path="O/book.opf"/></rootfiles></container>'
        )
        archive.writestr("O/book.opf", f"<package><manifest>{items}</manifest><spine>{spine}</spine></package>")
        for number, chapter in enumerate(chapters):
            archive.writestr(f"O/c{number}.xhtml", f"<html><body>{chapter}</body></html>")
    return out.getvalue()


def message(subject: str, page: str, files: Mapping[str, bytes]) -> bytes:
    """A message with files attached."""
    made = EmailMessage()
    made["From"], made["To"], made["Date"] = (
        "Inès Fabre <ines@exemple.fr>",
        "paul@exemple.fr",
        "Tue, 3 Mar 2026 10:00:00 +0100",
    )
    made["Subject"] = subject
    made.set_content("texte")
    made.add_alternative(page, subtype="html")
    for name, content in files.items():
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return bytes(made)


def film(container: str = "mp4", codec: str = "libx264", sound: str = "aac", seconds: int = 3, rate: int = 5) -> bytes:
    """A film of one colour after the other, with a tone."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as made:
        video = made.add_stream(codec, rate=rate)
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        if codec == "png":
            video.pix_fmt = "rgb24"
        rates = {"libopus": 48_000, "pcm_s16le": 48_000}
        heard = made.add_stream(sound, rate=rates.get(sound, 44_100), layout="mono") if sound else None
        for number in range(seconds * rate):
            frame = av.VideoFrame.from_image(Image.new("RGB", (160, 120), (number * 7 % 255, 90, 30)))
            frame.pts, frame.time_base = number, Fraction(1, rate)
            made.mux(video.encode(frame))
        made.mux(video.encode(None))
        if heard is not None:
            _add_tone(made, heard, seconds)
    return out.getvalue()


def tape(frames: int) -> bytes:
    """A film of a camcorder with tapes (DV, as in France)."""
    out = io.BytesIO()
    with av.open(out, "w", format="dv") as made:
        video = made.add_stream("dvvideo", rate=25)
        video.width, video.height, video.pix_fmt = 720, 576, "yuv420p"
        heard = made.add_stream("pcm_s16le", rate=48_000, layout="stereo")
        for number in range(frames):
            frame = av.VideoFrame.from_image(Image.new("RGB", (720, 576), (number * 7 % 255, 90, 30)))
            frame.pts, frame.time_base = number, Fraction(1, 25)
            made.mux(video.encode(frame))
            sound = av.AudioFrame(format="s16", layout="stereo", samples=1920)
            sound.sample_rate, sound.pts, sound.time_base = 48_000, 1920 * number, Fraction(1, 48_000)
            made.mux(heard.encode(sound))
    return out.getvalue()


def sound(container: str = "flac", codec: str = "flac", seconds: int = 2) -> bytes:
    """A tone."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as made:
        _add_tone(made, made.add_stream(codec, rate=44_100, layout="mono"), seconds)
    return out.getvalue()


def _add_tone(made: object, stream: object, seconds: int) -> None:
    rate = stream.codec_context.sample_rate
    resampler = AudioResampler(
        format=stream.codec_context.format, layout="mono", rate=rate, frame_size=stream.codec_context.frame_size or None
    )
    for start in range(0, seconds * rate, 1024):
        frame = av.AudioFrame(format="s16", layout="mono", samples=1024)
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        frame.planes[0].update(
            array.array("h", [int(9000 * math.sin((start + one) / 20)) for one in range(1024)]).tobytes()
        )
        for part in resampler.resample(frame):
            made.mux(stream.encode(part))
    for part in resampler.resample(None):
        made.mux(stream.encode(part))
    made.mux(stream.encode(None))


def _column(place: int) -> str:
    name, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
