"""Check what a file really is, whatever its name says; why it is refused, and that nothing it holds reaches this
process.
"""

import base64
import gzip
import io
import plistlib
import re
import struct
import zipfile

import pytest

from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import ACCEPT_ATTRIBUTE, DetectedFile, FileRejected, FileType, RejectionReason
from portfolio.files.filenames import attachment_headers
from tests import office_files, samples
from tests.active_pdfs import dynamic_form
from tests.honest_pdfs import form_field


def sniffed(content: bytes) -> DetectedFile:
    return sniff(io.BytesIO(content), len(content))


def refusal(content: bytes) -> FileRejected:
    with pytest.raises(FileRejected) as refused:
        sniffed(content)
    return refused.value


SOUND = {
    "a document of OpenOffice that names its type": (
        samples.opendocument(
            "odt",
            {
                "content.xml": '<?xml version="1.0"?><!DOCTYPE office:document-content PUBLIC '
                '"-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "office.dtd"><content>Bonjour</content>'
            },
        ),
        FileType.ODT,
    ),
    "a PDF": (samples.pdf(), FileType.PDF),
    "a PDF that only forbids printing": (samples.password_pdf(""), FileType.PDF),
    "a photograph": (samples.jpeg(), FileType.JPEG),
    "a photograph that says where": (samples.jpeg(located=True), FileType.JPEG),
    "a photograph of two views": (samples.image("MPO"), FileType.JPEG),
    "a PNG": (samples.png(), FileType.PNG),
    "a sheet A1 in black and white, at 600 points an inch": (samples.vast_png(16_700), FileType.PNG),
    "a sheet A3 in colours, at 600 points an inch": (samples.vast_png(8_345, colours=True), FileType.PNG),
    "a WebP": (samples.image("WEBP"), FileType.WEBP),
    "a GIF": (samples.image("GIF"), FileType.GIF),
    "a TIFF": (samples.tiff(), FileType.TIFF),
    "a photograph of iPhone": (samples.image("HEIF"), FileType.HEIC),
    "an AVIF": (samples.image("AVIF"), FileType.AVIF),
    "a Word document": (samples.office("docx"), FileType.DOCX),
    "an Excel sheet": (samples.office("xlsx"), FileType.XLSX),
    "a Word document whose text speaks of types": (
        samples.office("docx", {"word/notes.xml": '<?xml version="1.0"?>\n<!-- ! --><w><!DOCTYPE w></w>'}),
        FileType.DOCX,
    ),
    "a PowerPoint": (samples.office("pptx"), FileType.PPTX),
    "a Word document with its template on the author's disk": (
        samples.linked_office("file:///C:\\Modele.dotx"),
        FileType.DOCX,
    ),
    "a Word document with a link": (samples.linked_office("https://example.org", "hyperlink"), FileType.DOCX),
    "a Writer document": (samples.opendocument("odt"), FileType.ODT),
    "a Calc sheet": (samples.opendocument("ods"), FileType.ODS),
    "an Impress": (samples.opendocument("odp"), FileType.ODP),
    "an old Word document": (samples.compound("WordDocument", "1Table"), FileType.DOC),
    "an old Excel sheet": (samples.compound("Workbook"), FileType.XLS),
    "an old PowerPoint": (samples.compound("PowerPoint Document", "Current User"), FileType.PPT),
    "an Outlook message": (samples.compound("__properties_version1.0"), FileType.MSG),
    "an RTF": (samples.RTF, FileType.RTF),
    "a table of a French Excel": (samples.CSV, FileType.CSV),
    "a table with commas": (b"mois,visites\n1,300\n2,450\n3,500\n", FileType.CSV),
    "a text": (samples.GREETING.encode(), FileType.TEXT),
    "a text of Windows": (samples.GREETING.encode("cp1252"), FileType.TEXT),
    "a table whose title comes first": ("Relevé de mars\n\n".encode("cp1252") + samples.CSV, FileType.CSV),
    "a table that tells Excel its separator": (b"sep=|\nmois|visites\n1|300\n", FileType.CSV),
    "a text in which two lines have a semicolon": (
        b"Bilan ; mars\nUn mois calme.\nDeux visites ; une panne.\nRien d'autre.\n",
        FileType.TEXT,
    ),
    "a text in UTF-16 without its mark": (samples.GREETING.encode("utf-16-le"), FileType.TEXT),
    "a text of DOS": (b"Bonjour\r\n\x1a", FileType.TEXT),
    "a text in UTF-16": (samples.GREETING.encode("utf-16"), FileType.TEXT),
    "a Markdown": (samples.MARKDOWN, FileType.TEXT),
    "a text that speaks of tags": (b"Le titre se met entre <title> et </title>.\n", FileType.TEXT),
    "a text with a heart": (b"<3 merci\n", FileType.TEXT),
    "a mail whose body is HTML": (samples.EML, FileType.EML),
    "an MP3": (samples.mp3(), FileType.MP3),
    "an MP3 with the labels of two programs": (2 * (b"ID3\x03\0\0\0\0\0\x04" + bytes(4)) + samples.mp3(), FileType.MP3),
    "an MP3 cut at its end": (samples.mp3()[:-100], FileType.MP3),
    "a WAV": (samples.wav(), FileType.WAV),
    "an Ogg": (samples.ogg(), FileType.OGG),
    "a voice message": (samples.ogg(b"OpusHead"), FileType.OGG),
    "an MP4": (samples.iso_media(), FileType.MP4),
    "a sound recorded as MP4": (samples.iso_media(handler=b"soun"), FileType.M4A),
    "a sound of iPhone": (samples.iso_media(b"M4A ", b"soun"), FileType.M4A),
    "a QuickTime film": (samples.iso_media(b"qt  "), FileType.MOV),
    "a WebM": (samples.webm(), FileType.WEBM),
    "a Word template": (samples.office("dotx"), FileType.DOCX),
    "a photograph of 63 million pixels": (samples.jpeg((9000, 7000)), FileType.JPEG),
    "a BMP": (samples.image("BMP"), FileType.BMP),
    "a ZIP": (samples.archive({"cv.pdf": samples.pdf(), "photo.jpg": samples.jpeg()}), FileType.ZIP),
    "a page that a browser saved, with what is beside it": (
        samples.archive({"page.html": "<p>Bilan</p>", "page_fichiers/menu.js": "menu()"}),
        FileType.ZIP,
    ),
    "an electronic book": (samples.epub(), FileType.EPUB),
    "a web page": (b"<!DOCTYPE html><html><body><script>alert(1)</script><p>Bilan</p></body></html>", FileType.HTML),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>', FileType.SVG),
    "an MP4 of an old telephone": (samples.iso_media(b"3gp4"), FileType.THREEGP),
    "a Matroska film": (samples.webm(b"matroska"), FileType.MKV),
    "a FLAC": (b"fLaC" + bytes(60), FileType.FLAC),
    "a sound of an old telephone": (b"#!AMR\n" + bytes(60), FileType.AMR),
    "an AIFF": (b"FORM\0\0\0\x20AIFF" + bytes(32), FileType.AIFF),
    "an AVI": (b"RIFF\x20\0\0\0AVI " + bytes(32), FileType.AVI),
    "a recording of Windows": (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(60), FileType.WMA),
    "a film of a disc": (b"\0\0\x01\xba" + bytes(60), FileType.MPEG),
    "a film of a camcorder": (5 * (b"\x47" + bytes(187)), FileType.MTS),
    "a film of a camcorder, with the time of each packet": (5 * (bytes(4) + b"\x47" + bytes(187)), FileType.MTS),
    "a film of another brand": (samples.iso_media(b"f4v "), FileType.MP4),
    "a film of a disc, without sound": (b"\0\0\x01\xb3" + bytes(60), FileType.MPEG),
    "an icon": (samples.image("ICO"), FileType.ICO),
    "a JPEG 2000": (samples.image("JPEG2000"), FileType.JP2),
    "a JPEG 2000 without its box": (samples.image("JPEG2000", no_jp2=True), FileType.JP2),
    "a TGA": (samples.image("TGA"), FileType.TGA),
    "a picture of pixels": (samples.image("PPM"), FileType.PPM),
    "a picture of pixels in letters": (b"P2\n# scan\n4 3\n255\n" + 12 * b"128 ", FileType.PPM),
    "a PCX": (samples.image("PCX"), FileType.PCX),
    "a document of Photoshop": (samples.photoshop(), FileType.PSD),
    "a drawing of LibreOffice": (samples.opendocument("odg"), FileType.ODG),
    "a text of LibreOffice in one XML": (samples.flat_opendocument(), FileType.FODT),
    "a model of LibreOffice in one XML": (samples.flat_opendocument("text-template"), FileType.FODT),
    "a workbook of LibreOffice in one XML": (samples.flat_opendocument("spreadsheet"), FileType.FODS),
    "slides of LibreOffice in one XML": (samples.flat_opendocument("presentation"), FileType.FODP),
    "a drawing of LibreOffice in one XML": (samples.flat_opendocument("graphics"), FileType.FODG),
    "a drawing of Windows": (samples.windows_drawing(), FileType.EMF),
    "an old drawing of Windows": (samples.old_windows_drawing(), FileType.WMF),
    "a zipped drawing": (
        gzip.compress(b'<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>'),
        FileType.SVGZ,
    ),
    "a document of Pages": (samples.iwork("pages"), FileType.PAGES),
    "a document of Pages of 2009": (
        samples.archive({"index.xml": "<sl:document/>", "QuickLook/Preview.pdf": samples.pdf()}),
        FileType.PAGES,
    ),
    "a workbook of Numbers": (samples.iwork("numbers"), FileType.NUMBERS),
    "slides of Keynote": (samples.iwork("key"), FileType.KEYNOTE),
    "a page saved with its pictures": (samples.saved_page(), FileType.MHTML),
    "a page saved by Word": (
        b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=X\n\n--X\n",
        FileType.MHTML,
    ),
    "a mail that is not sent yet": (
        b"X-Unsent: 1\nTo: b@example.org\nSubject: Bilan\nContent-Type: text/plain\n\nBonjour\n",
        FileType.EML,
    ),
    "a ZIP with a name of a Mac": (samples.archive({"Réunion 10:30.txt": "Bonjour"}), FileType.ZIP),
    "a mail with its pictures": (
        b"From: a@example.org\nTo: b@example.org\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/related; boundary=X\n\n--X\n",
        FileType.EML,
    ),
    "data in XML": (b'<?xml version="1.0"?>\n<factures><montant>12</montant></factures>\n', FileType.TEXT),
    "a list of films to play": (b"ffconcat version 1.0\nfile /etc/passwd\n", FileType.TEXT),
    "a card of a person": ("BEGIN:VCARD\nFN:Inès\nEND:VCARD\n".encode(), FileType.TEXT),
    "a workbook of Excel kept in binary": (office_files.xlsb("Bilan"), FileType.XLSB),
    "an AAC of a radio, with labels": (
        b"ID3\x04\0\0\0\0\0\x04" + bytes(4) + 2 * (bytes.fromhex("fff15080010000") + bytes(1)),
        FileType.AAC,
    ),
    "a film of a Mac of before": (b"\0\0\0\x08wide" + samples.iso_media(), FileType.MOV),
    "a sound of a Mac": (b"caff\0\x01\0\0desc" + bytes(32), FileType.CAF),
    "a sound of a disc": (bytes.fromhex("0b776ddb5440") + bytes(60), FileType.AC3),
    "a sound of a radio": (2 * (bytes.fromhex("fffd8404") + bytes(380)), FileType.MP2),
    "a sound of Sun": (b".snd\0\0\0\x20" + bytes(60), FileType.AU),
    "a long WAV": (bytes.fromhex("726966662e91cf11a5d628db04c10000") + bytes(60), FileType.W64),
    "a dictation": (b"\x02dss" + bytes(2000), FileType.DSS),
    "a film of the web of before": (b"FLV\x01\x05" + bytes(60), FileType.FLV),
    "an Ogg film": (samples.ogg(b"\x80theora"), FileType.OGV),
    "a film of a camcorder with tapes": ((b"\x1f\x07\0").ljust(80, b"\xff") + b"\x3f\x07\0" + bytes(60), FileType.DV),
    "a film of a reporter": (bytes.fromhex("060e2b34020501010d01020101020400") + bytes(60), FileType.MXF),
    "a bare AAC": (2 * (bytes.fromhex("fff15080010000") + bytes(1)), FileType.AAC),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_file_is_accepted_for_what_it_is(name):
    content, kind = SOUND[name]
    assert sniffed(content).kind is kind


def test_every_accepted_kind_is_tried():
    assert {kind for _, kind in SOUND.values()} == set(FileType)


UNSOUND = {
    "an empty file": (b"", RejectionReason.EMPTY),
    "a PDF cut short": (samples.pdf(3)[:300], RejectionReason.DAMAGED),
    "a PDF in name only": (b"%PDF-1.4\n%nothing more", RejectionReason.DAMAGED),
    "a PDF behind a password": (samples.password_pdf(), RejectionReason.PASSWORD),
    "a photograph cut short": (samples.jpeg((640, 480))[:-900], RejectionReason.DAMAGED),
    "a PNG cut short": (samples.png((640, 480))[:-400], RejectionReason.DAMAGED),
    "a HEIC cut short": (samples.image("HEIF", (640, 480))[:-400], RejectionReason.DAMAGED),
    "a PNG of 400 million pixels": (samples.vast_png(20_000), RejectionReason.TOO_MANY_PIXELS),
    "a PNG in colours of 81 million pixels": (samples.vast_png(9_000, colours=True), RejectionReason.TOO_MANY_PIXELS),
    "a picture of pixels of any depth": (
        b"P7\nWIDTH 4\nHEIGHT 2\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n" + bytes(24),
        RejectionReason.OTHER_IMAGE,
    ),
    "icons of a Mac": (samples.image("ICNS"), RejectionReason.OTHER_IMAGE),
    "a JPEG 2000 cut short": (samples.image("JPEG2000", (640, 480))[:300], RejectionReason.DAMAGED),
    "a document of Photoshop of 81 million pixels": (samples.photoshop((9000, 9000)), RejectionReason.TOO_MANY_PIXELS),
    "a picture of pixels, of 81 million": (b"P5\n9000 9000\n255\n", RejectionReason.TOO_MANY_PIXELS),
    "an icon that holds 81 million pixels": (
        b"\0\0\x01\0\x01\0\0\0\0\0\x01\0\x20\0" + struct.pack("<II", len(samples.vast_png()), 22) + samples.vast_png(),
        RejectionReason.TOO_MANY_PIXELS,
    ),
    "a ZIP with a program": (
        samples.archive({"cv.pdf": samples.pdf(), "jeu.exe": samples.PROGRAM}),
        RejectionReason.EMBEDDED_PROGRAM,
    ),
    "a ZIP behind a password": (samples.password_archive(), RejectionReason.PASSWORD),
    "a page saved by Safari": (
        plistlib.dumps(
            {"WebMainResource": {"WebResourceData": b"<p>Bilan</p>", "WebResourceMIMEType": "text/html"}},
            fmt=plistlib.FMT_BINARY,
        ),
        RejectionReason.WEB_ARCHIVE,
    ),
    "a list of properties of a Mac": (
        plistlib.dumps({"Nom": "Bilan"}, fmt=plistlib.FMT_BINARY),
        RejectionReason.UNKNOWN,
    ),
    "a 7z": (samples.SEVEN_ZIP, RejectionReason.ARCHIVE),
    "a Word document cut short": (samples.office("docx")[:-30], RejectionReason.DAMAGED),
    "a Word document that lost a byte": (
        samples.office("docx").replace(b"PK\x01\x02", b"PK\x01\x03", 1),
        RejectionReason.DAMAGED,
    ),
    "a Word document without its text": (
        samples.archive({"[Content_Types].xml": "<Types/>"}),
        RejectionReason.OTHER_OFFICE,
    ),
    "a Word document marked as encrypted": (samples.mark_encrypted(samples.office("docx")), RejectionReason.PASSWORD),
    "a Word document with macros": (samples.macro_office(), RejectionReason.MACROS),
    "a workbook of Excel kept in binary, with macros": (
        office_files.xlsb("Bilan", {"/xl/vbaProject.bin": "application/vnd.ms-office.vbaProject"}),
        RejectionReason.MACROS,
    ),
    "a workbook of Excel kept in binary, with a sheet of macros": (
        office_files.xlsb("Bilan", {"/xl/macrosheets/a.bin": "application/vnd.ms-excel.macrosheet"}),
        RejectionReason.MACROS,
    ),
    "a Word document with a template on the internet": (
        samples.linked_office("https://example.org/a.dotm"),
        RejectionReason.REMOTE_CONTENT,
    ),
    "a Word document with a template on a server": (
        samples.linked_office("file:///\\\\server\\a.dotm"),
        RejectionReason.REMOTE_CONTENT,
    ),
    "a Word document with an object of another scheme": (
        samples.linked_office("mhtml:https://example.org/a!x", "oleObject"),
        RejectionReason.REMOTE_CONTENT,
    ),
    "a Word document with a DTD": (
        samples.office("docx", {"word/_rels/a.rels": samples.XML}),
        RejectionReason.ENTITIES,
    ),
    "a Word document that climbs out": (samples.office("docx", {"../../evil.txt": "x"}), RejectionReason.UNSAFE_NAMES),
    "a Word document that swells": (samples.swollen_office(), RejectionReason.DECOMPRESSION_BOMB),
    "a Word document of overlapping pieces": (samples.overlapping_office(), RejectionReason.DECOMPRESSION_BOMB),
    "a Writer document behind a password": (samples.password_opendocument(), RejectionReason.PASSWORD),
    "a Writer document with macros": (
        samples.opendocument("odt", {"Basic/Standard/Module1.xml": "<m/>"}),
        RejectionReason.MACROS,
    ),
    "a database of LibreOffice": (
        samples.archive({"mimetype": "application/vnd.oasis.opendocument.base"}),
        RejectionReason.OTHER_OFFICE,
    ),
    "a document of Pages without a preview": (samples.iwork("pages", preview={}), RejectionReason.NO_PREVIEW),
    "a document of Pages behind a password": (
        samples.iwork("pages", preview={".iwpv2": b"x", "preview.jpg": b"x"}),
        RejectionReason.PASSWORD,
    ),
    "a document of Pages with a program": (
        samples.iwork("pages", preview={"preview.jpg": samples.jpeg(), "Data/jeu.png": samples.PROGRAM}),
        RejectionReason.EMBEDDED_PROGRAM,
    ),
    "a drawing of Windows cut short": (samples.windows_drawing()[:-20], RejectionReason.DAMAGED),
    "an old drawing of Windows cut short": (samples.old_windows_drawing()[:-30], RejectionReason.DAMAGED),
    "a drawing of Windows with a program": (
        samples.windows_drawing() + samples.PROGRAM,
        RejectionReason.EMBEDDED_PROGRAM,
    ),
    "a zipped drawing that runs": (gzip.compress(samples.SVG), RejectionReason.ACTIVE_DRAWING),
    "a zipped text": (gzip.compress(b"Bonjour"), RejectionReason.ARCHIVE),
    "a ZIP that names a disk": (samples.archive({"C:\\Windows\\a.txt": "x"}), RejectionReason.UNSAFE_NAMES),
    "an electronic book that is locked": (
        samples.archive(
            {"mimetype": "application/epub+zip", "META-INF/container.xml": "<c/>", "META-INF/rights.xml": "<r/>"}
        ),
        RejectionReason.EBOOK,
    ),
    "a Java program": (
        samples.archive({"META-INF/MANIFEST.MF": "Main-Class: A", "A.class": b"\xca\xfe\xba\xbe"}),
        RejectionReason.PROGRAM,
    ),
    "an old Word document behind a password": (
        samples.compound("WordDocument", start=bytes(10) + b"\0\x01"),
        RejectionReason.PASSWORD,
    ),
    "an old Excel sheet behind a password": (
        samples.compound("Workbook", start=b"\x09\x08\x00\x00\x2f\0\0\0"),
        RejectionReason.PASSWORD,
    ),
    "a new Word document behind a password": (
        samples.compound("EncryptedPackage", "EncryptionInfo"),
        RejectionReason.PASSWORD,
    ),
    "an old Word document with macros": (samples.compound("WordDocument", "Macros"), RejectionReason.MACROS),
    "an old Word document cut short": (samples.compound("WordDocument")[:-3000], RejectionReason.DAMAGED),
    "a Publisher document": (samples.compound("Quill"), RejectionReason.OTHER_OFFICE),
    "an RTF cut short": (samples.RTF[:-1], RejectionReason.DAMAGED),
    "a web page without words": (samples.HTML, RejectionReason.WEB_PAGE),
    "a document in one XML that does not say of what": (
        b'<?xml version="1.0"?><office:document xmlns:office="urn:oasis"><p>Bilan</p></office:document>',
        RejectionReason.OTHER_OFFICE,
    ),
    "a chart of LibreOffice in one XML": (samples.flat_opendocument("chart"), RejectionReason.OTHER_OFFICE),
    "a text in one XML cut short": (samples.flat_opendocument()[:-30], RejectionReason.DAMAGED),
    "a text in one XML with macros": (
        samples.flat_opendocument(before='<office:scripts><x:module x:name="A">Sub</x:module></office:scripts>'),
        RejectionReason.MACROS,
    ),
    "a text in one XML that asks another program": (
        samples.flat_opendocument(inside='<text:dde-connection-decl office:dde-application="cmd"/>'),
        RejectionReason.DDE,
    ),
    "a text in one XML with a program": (
        samples.flat_opendocument(
            inside="<office:binary-data>" + base64.encodebytes(samples.PROGRAM).decode() + "</office:binary-data>"
        ),
        RejectionReason.EMBEDDED_PROGRAM,
    ),
    "a text in one XML written in letters of its own": (
        samples.flat_opendocument().replace(b"UTF-8", b"UTF-7"),
        RejectionReason.OTHER_OFFICE,
    ),
    "data in XML that reads files": (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a>1</a>', RejectionReason.WEB_PAGE),
    "data in XML that a browser would run": (
        b'<?xml version="1.0"?><a><script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script></a>',
        RejectionReason.WEB_PAGE,
    ),
    "data in XML cut short": (b'<?xml version="1.0"?><a><b>12</b>', RejectionReason.WEB_PAGE),
    "a document of Word 2003": (
        b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:p>Bilan</w:p>',
        RejectionReason.OTHER_OFFICE,
    ),
    "a ZIP with a script of Windows": (
        samples.archive({"cv.pdf": samples.pdf(), "jeu.vbs": "MsgBox 1"}),
        RejectionReason.EMBEDDED_PROGRAM,
    ),
    "a Word document whose entities grow": (
        samples.office(
            "docx",
            {
                "word/document.xml": '<?xml version="1.0"?><!-- <w> --><!DOCTYPE w [<!ENTITY a "mot">'
                '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><w>&b;</w>'
            },
        ),
        RejectionReason.ENTITIES,
    ),
    "a sheet of a workbook that reads a file, in UTF-16": (
        samples.office(
            "xlsx",
            {"xl/sheet1.xml": '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/hostname">]><w>&x;</w>'.encode("utf-16")},
        ),
        RejectionReason.ENTITIES,
    ),
    "a Word document with a type of document of its own, in a ZIP": (
        samples.archive({"cv.docx": samples.office("docx", {"word/notes.xml": '<!DOCTYPE w SYSTEM "w.dtd"><w/>'})}),
        RejectionReason.ENTITIES,
    ),
    "a LibreOffice document whose entities grow": (
        samples.opendocument(
            "odt", {"content.xml": '<!DOCTYPE d [<!ENTITY a "mot"><!ENTITY b "&a;&a;&a;&a;">]><d>&b;</d>'}
        ),
        RejectionReason.ENTITIES,
    ),
    "a zipped drawing that grows": (
        gzip.compress(b'<svg xmlns="http://www.w3.org/2000/svg"><desc>' + b"a" * 20_000_000 + b"</desc></svg>"),
        RejectionReason.DECOMPRESSION_BOMB,
    ),
    "a Word document with a script": (
        samples.office("docx", {"word/menu.js": "menu()"}),
        RejectionReason.EMBEDDED_PROGRAM,
    ),
    "a progressive JPEG of 52 million pixels": (
        samples.image("JPEG", (8000, 6500), progressive=True),
        RejectionReason.TOO_MANY_PIXELS,
    ),
    "a web page after blank lines": (b"\n\n  " + samples.HTML, RejectionReason.WEB_PAGE),
    "a web page in UTF-16": (samples.HTML.decode().encode("utf-16"), RejectionReason.WEB_PAGE),
    "an XML that reads files": (samples.XML, RejectionReason.WEB_PAGE),
    "an SVG that runs": (samples.SVG, RejectionReason.ACTIVE_DRAWING),
    "a form that Adobe alone draws": (
        dynamic_form("Formulaire", needs_rendering=True, pages=2),
        RejectionReason.DYNAMIC_FORM,
    ),
    "a form whose page asks to wait": (
        dynamic_form("Please wait...", needs_rendering=False),
        RejectionReason.DYNAMIC_FORM,
    ),
    "a program": (samples.PROGRAM, RejectionReason.PROGRAM),
    "a script": (samples.SCRIPT, RejectionReason.PROGRAM),
    "a table that starts a program": (samples.COMMAND_CSV, RejectionReason.FORMULA_INJECTION),
    "an MP3 without sound": (samples.mp3(0), RejectionReason.DAMAGED),
    "a WAV cut short": (samples.wav()[:-100], RejectionReason.DAMAGED),
    "an Ogg of something else": (samples.ogg(b"\x80kate\0\0"), RejectionReason.OTHER_MEDIA),
    "an MP4 cut short": (samples.iso_media()[:-50], RejectionReason.DAMAGED),
    "a text with what is not text inside": (b"Bon\x1ajour\n", RejectionReason.UNKNOWN),
    "noise": (samples.NOISE, RejectionReason.UNKNOWN),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_an_unsound_file_is_refused_with_the_right_reason(name):
    content, code = UNSOUND[name]
    assert refusal(content).code is code


def test_a_form_whose_pages_are_drawn_by_everyone_is_accepted():
    assert sniffed(dynamic_form("Nom : Samia", needs_rendering=False)).pages == 1
    assert sniffed(form_field(["Samia"])).pages == 1


def test_pages_are_counted():
    assert sniffed(samples.pdf(12)) == DetectedFile(FileType.PDF, 12)
    assert sniffed(samples.tiff(3)) == DetectedFile(FileType.TIFF, 3)
    assert sniffed(samples.png()) == DetectedFile(FileType.PNG, None)


@pytest.mark.parametrize("kind", FileType)
def test_a_kind_says_how_its_copies_are_sent(kind):
    answer = DetectedFile(kind)
    assert answer.extension == kind.extensions[0]
    assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", answer.mime)
    assert f".{answer.extension}" in ACCEPT_ATTRIBUTE.split(",")
    sent = attachment_headers("copie", answer.mime)["Content-Type"]
    assert "html" not in sent
    assert "xml" not in sent.split("/")[1].replace("openxml", "")


def test_a_damaged_entry_inside_a_document_is_seen():
    document = samples.archive(
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "abcabc" * 99}, zipfile.ZIP_STORED
    )
    assert refusal(document.replace(b"abcabcabc", b"abcabcabd", 1)).code is RejectionReason.DAMAGED
