"""Check what would run when a document is opened: refused, each with its own reason; documents that only look like
it are accepted.
"""

import io
import random
import struct
import zipfile
import zlib
from email.message import EmailMessage

import pytest

from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.formats.programs import OVERLAP, WINDOW, holds_program, windows
from portfolio.files.file_types.types import FileRejected, FileType, RejectionReason
from portfolio.wording.files import refusal_message
from tests import pdf_pages, samples

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\0\x3e\0" + bytes(200)
MACH_O = b"\xcf\xfa\xed\xfe\x07\0\0\x01" + bytes(200)
BATCH = b"@echo off\r\nstart calc\r\n"


def word(body: str, part: str = "word/header1.xml") -> bytes:
    return samples.office("docx", {part: f'<w:hdr xmlns:w="{W}"><w:p>{body}</w:p></w:hdr>'})


def field(*pieces: str) -> str:
    runs = "".join(f'<w:r><w:instrText xml:space="preserve">{piece}</w:instrText></w:r>' for piece in pieces)
    return f'<w:r><w:fldChar w:fldCharType="begin"/></w:r>{runs}<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def excel(part: str, xml: str) -> bytes:
    return samples.office("xlsx", {part: xml})


def package(name: str, held: bytes) -> bytes:
    """An object of Windows that carries a file."""
    told = name.encode() + b"\0"
    data = (
        struct.pack("<H", 2)
        + told
        + b"C:\\"
        + told
        + struct.pack("<HHI", 0, 3, len(told))
        + told
        + struct.pack("<I", len(held))
    )
    return struct.pack("<I", len(data) + len(held)) + data + held


def ole(name: str = "calc.exe", held: bytes = samples.PROGRAM) -> bytes:
    return samples.compound_of({"\x01Ole10Native": package(name, held), "\x01CompObj": b""})


def record(kind: int, data: bytes, version: int = 0) -> bytes:
    return struct.pack("<HHI", version, kind, len(data)) + data


def slides(*inside: bytes) -> bytes:
    """A presentation of before 2007, its records in a container."""
    return samples.compound_of({"PowerPoint Document": record(0x03E8, b"".join(inside), 0x0F), "Current User": b""})


def book(*records: tuple[int, bytes]) -> bytes:
    begun = struct.pack("<HH", 0x0809, 16) + struct.pack("<HH", 0x0600, 5) + bytes(12)
    return samples.compound_of(
        {"Workbook": begun + b"".join(struct.pack("<HH", one, len(data)) + data for one, data in records)}
    )


def supbook(path: str) -> tuple[int, bytes]:
    return 0x01AE, struct.pack("<HH", 0, len(path)) + b"\0" + path.encode("latin-1")


def letter(text: bytes) -> bytes:
    """A Word document of before 2007 whose stream holds this."""
    return samples.compound_of({"WordDocument": bytes(600) + text, "1Table": b""})


def rich(inside: bytes) -> bytes:
    return b"{\\rtf1\\ansi Bonjour " + inside + b"}"


def rich_object(held: bytes, between: bytes = b"") -> bytes:
    digits = (struct.pack("<II", 2, 8) + b"Package\0" + bytes(8) + struct.pack("<I", len(held)) + held).hex().encode()
    told = between.join(digits[at : at + 64] + b"\r\n" for at in range(0, len(digits), 64))
    return rich(b"{\\object\\objemb{\\*\\objclass Package}{\\*\\objdata 01050000" + told + b"}}")


def attached(name: str, held: bytes, *, packed: bool = True) -> bytes:
    data = zlib.compress(held) if packed else held
    return pdf_pages.page(
        pdf_pages.WRITTEN,
        catalog=f"/Names << /EmbeddedFiles << /Names [({name}) 6 0 R] >> >>",
        objects=[
            f"<< /Type /Filespec /F ({name}) /UF ({name}) /EF << /F 7 0 R >> >>".encode(),
            pdf_pages.stream(f"/Type /EmbeddedFile {'/Filter /FlateDecode' if packed else ''}", data),
        ],
    )


def annotated(held: bytes) -> bytes:
    return pdf_pages.page(
        pdf_pages.WRITTEN,
        more="/Annots [6 0 R]",
        objects=[
            b"<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS 7 0 R >>",
            b"<< /Type /Filespec /F (note.dat) /EF << /F 8 0 R >> >>",
            pdf_pages.stream("/Filter /FlateDecode", zlib.compress(held)),
        ],
    )


def message(*attached: tuple[str, bytes], mailbox: bool = False) -> bytes:
    """A message that carries these files, alone or the second of a mailbox."""
    sent = EmailMessage()
    sent["From"], sent["To"], sent["Subject"] = "samia@exemple.fr", "claire@exemple.fr", "Les pièces"
    sent["Message-ID"], sent["Date"] = "<1@exemple.fr>", "Mon, 06 May 2024 09:00:00 +0200"
    sent.set_content("Bonjour, voici les pièces.")
    for name, held in attached:
        sent.add_attachment(held, maintype="application", subtype="octet-stream", filename=name)
    whole = bytes(sent)
    begins = b"From samia@exemple.fr Mon May  6 09:00:00 2024\n"
    return begins + message() + b"\n" + begins + whole if mailbox else whole


def launching(action: bytes, *, packed: bool = False) -> bytes:
    """A PDF whose catalog leads to this action, in a packed group of objects if asked for."""
    if not packed:
        return pdf_pages.page(pdf_pages.WRITTEN, catalog="/OpenAction 6 0 R", objects=[action])
    held = b"9 0 " + action
    group = pdf_pages.stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", zlib.compress(held))
    return pdf_pages.page(pdf_pages.WRITTEN, objects=[group])


DDE: dict[str, bytes] = {
    "a field of Word": word(field(' DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc" ')),
    "a field in pieces": word(field(" DD", "EAU", "TO cmd ")),
    "a field of the main text": samples.office(
        "docx", {"word/footnotes.xml": f'<w:p xmlns:w="{W}"><w:fldSimple w:instr=" dde excel x "/></w:p>'}
    ),
    "a field spelled by numbers": word(field(" SET a ") + field(" QUOTE 68 68 69 65 85 84 79 32 99 ")),
    "another prefix": samples.office(
        "docx", {"word/comments.xml": f'<x:p xmlns:x="{W}"><x:instrText>DDE excel sheet</x:instrText></x:p>'}
    ),
    "a link of Excel": excel(
        "xl/externalLinks/externalLink1.xml",
        '<externalLink xmlns="x"><ddeLink ddeService="cmd" ddeTopic="/c calc"><ddeItems/></ddeLink></externalLink>',
    ),
    "a formula of Excel": excel("xl/worksheets/sheet1.xml", "<sheet><c><f>cmd|'/c calc'!A0</f></c></sheet>"),
    "a name of Excel": excel(
        "xl/workbook2.xml", "<workbook><definedName name='a'>cmd|&apos;/c calc&apos;!A0</definedName></workbook>"
    ),
    "a link of LibreOffice": samples.opendocument("ods", {"content.xml": '<a xmlns:table="t"><table:dde-link/></a>'}),
    "a formula of LibreOffice": samples.opendocument(
        "ods", {"content.xml": '<a xmlns:t="t"><t:cell t:formula="of:=DDE(&quot;soffice&quot;;&quot;a&quot;)"/></a>'}
    ),
    "a field of Word before 2007": letter(b"\x13 DDEAUTO cmd.exe \x14\x15"),
    "a field of Word before 2007, in two bytes": letter(" \x13 DDE excel x \x14".encode("utf-16-le")),
    "a link of Excel before 2007": book(supbook("cmd\x03/c calc")),
    "a field of rich text": rich(b'{\\field{\\*\\fldinst {\\b DDE}{\\i AUTO} cmd "/k calc"}{\\fldrslt a}}'),
    "a field of rich text, spelled": rich(b"{\\field{\\*\\fldinst \\'44\\'44\\'45AUTO cmd}{\\fldrslt a}}"),
}
PROGRAMS: dict[str, bytes] = {
    "a program in Word": samples.office("docx", {"word/embeddings/oleObject1.bin": ole()}),
    "a script in Word": samples.office("docx", {"word/embeddings/oleObject1.bin": ole("calc.bat", BATCH)}),
    "a program beside Word": samples.office("docx", {"word/embeddings/calc.exe": b"anything"}),
    "a program of Linux in PowerPoint": samples.office("pptx", {"ppt/embeddings/object.bin": ELF}),
    "a program in LibreOffice": samples.opendocument("odt", {"Object 1": ole()}),
    "a program in a document in a document": samples.office(
        "pptx", {"ppt/embeddings/letter.docx": samples.office("docx", {"word/embeddings/oleObject1.bin": ole()})}
    ),
    "a program in Word before 2007": samples.compound_of(
        {"WordDocument": bytes(600), "\x01Ole10Native": package("a.exe", samples.PROGRAM)}
    ),
    "a program in scattered sectors": samples.compound_of(
        {"WordDocument": bytes(6000), "Data": bytes(5000) + samples.PROGRAM, "1Table": bytes(6000)}, scattered=True
    ),
    "a script in Excel before 2007": samples.compound_of(
        {"Workbook": bytes(600), "\x01Ole10Native": package("a.vbs", b"MsgBox 1")}
    ),
    "a program in a presentation": slides(record(0x1011, struct.pack("<I", 9999) + zlib.compress(ole()), 0x10)),
    "a program in rich text": rich_object(package("calc.exe", samples.PROGRAM)),
    "a script in rich text": rich_object(package("calc.js", b"WScript.Echo(1)")),
    "a program in rich text, strewn with commands": rich_object(
        package("a.dat", samples.PROGRAM), b"{\\*\\x ab}\\par "
    ),
    "a program in an object of rich text": rich_object(ole()),
    "a program attached to a PDF": attached("calc.exe", samples.PROGRAM),
    "a program of Linux attached to a PDF under another name": attached("notes.txt", ELF),
    "a script attached to a PDF": attached("notes.txt", samples.SCRIPT, packed=False),
    "a script attached to a PDF by its name": attached("notes.vbs", b"MsgBox 1"),
    "a program attached to a page of a PDF": annotated(samples.PROGRAM),
    "a program attached to a message": message(("facture.exe", samples.PROGRAM)),
    "a program attached to a message under another name": message(("facture.pdf", samples.PROGRAM)),
    "a script attached to a message": message(("été.pdf", b"%PDF-1.4"), ("relevé.js", b"alert(1)")),
    "a document with macros attached to a message": message(("note.docx", samples.macro_office())),
    "a program attached to a message of a mailbox": message(("a.exe", ELF), mailbox=True),
    "a program in a ZIP attached to a message": message(
        ("pieces.zip", samples.archive({"a/calc.exe": samples.PROGRAM}))
    ),
}
MACROS: dict[str, bytes] = {
    "a presentation that says so": slides(record(0x03FF, record(0x0400, struct.pack("<III", 1, 1, 2), 2), 0x0F)),
    "a presentation that holds a project": slides(
        record(0x1011, struct.pack("<I", 9999) + zlib.compress(samples.compound_of({"VBA": b"", "PROJECT": b""})), 0x10)
    ),
    "a project under another folder": samples.compound_of({"WordDocument": bytes(600), "_VBA_PROJECT": b""}),
    "a sheet of macros": book((0x0085, struct.pack("<IBB", 99, 2, 1) + b"\6\0Macro1")),
    "an embedded workbook": samples.office(
        "docx", {"word/embeddings/oleObject1.bin": samples.compound_of({"Workbook": b"", "_VBA_PROJECT_CUR": b""})}
    ),
}
LAUNCHES: dict[str, bytes] = {
    "an action": launching(b"<< /S /Launch /F (cmd.exe) >>"),
    "an action in other words": launching(b"<< /S /L#61unch /F (cmd.exe) >>"),
    "an action in a packed group": launching(b"<</S/Launch/Win<</F(cmd.exe)>>>>", packed=True),
}
SOUND: dict[str, tuple[bytes, FileType]] = {
    "a link to the DDE": (word(field(' HYPERLINK "http://www.dde.gouv.fr/DDE/" ')), FileType.DOCX),
    "text that speaks of DDE": (word("<w:r><w:t>DDEAUTO cmd</w:t></w:r>"), FileType.DOCX),
    "a table of contents": (word(field(' TOC \\o "1-3" \\h ')), FileType.DOCX),
    "a formula with a bar": (excel("xl/worksheets/sheet1.xml", '<s><c><f>A1&amp;"a|b"</f></c></s>'), FileType.XLSX),
    "a link to another workbook": (book(supbook("\x01Budget.xls")), FileType.XLS),
    "a link to a document": (book(supbook("Word.Document.8\x03C:\\note.doc")), FileType.XLS),
    "a presentation without macros": (
        slides(record(0x03FF, record(0x0400, struct.pack("<III", 1, 0, 2), 2), 0x0F)),
        FileType.PPT,
    ),
    "a workbook in a presentation": (
        samples.office("pptx", {"ppt/embeddings/Sheet1.xlsx": samples.office("xlsx")}),
        FileType.PPTX,
    ),
    "a PDF attached to Word": (
        samples.office("docx", {"word/embeddings/oleObject1.bin": ole("plan.pdf", b"%PDF-1.4")}),
        FileType.DOCX,
    ),
    "a picture in rich text": (rich(b"{\\pict\\pngblip 89504e470d0a}"), FileType.RTF),
    "a link in rich text": (rich(b'{\\field{\\*\\fldinst HYPERLINK "http://example.org"}{\\fldrslt a}}'), FileType.RTF),
    "a message with documents": (
        message(("plan.docx", samples.office("docx")), ("été.pdf", pdf_pages.page(pdf_pages.WRITTEN))),
        FileType.EML,
    ),
    "a table attached to a PDF": (attached("budget.csv", samples.CSV), FileType.PDF),
    "a PDF that leads to a page of the web": (
        launching(b"<< /S /URI /URI (http://example.org/Launch) >>"),
        FileType.PDF,
    ),
}
EVERY = [
    *((name, content, RejectionReason.DDE) for name, content in DDE.items()),
    *((name, content, RejectionReason.EMBEDDED_PROGRAM) for name, content in PROGRAMS.items()),
    *((name, content, RejectionReason.MACROS) for name, content in MACROS.items()),
    *((name, content, RejectionReason.LAUNCHES) for name, content in LAUNCHES.items()),
]


def late(action: bytes, before: int, *, packed: bool) -> bytes:
    """A PDF whose action comes after so many bytes that cannot be packed: in a stream of its own or, packed,
    in its group of objects.
    """
    noise = random.Random(before).randbytes(before).replace(b"/", b"x").replace(b"M", b"x")
    if not packed:
        return pdf_pages.page(
            pdf_pages.WRITTEN, catalog="/OpenAction 7 0 R", objects=[pdf_pages.stream("", noise), action]
        )
    group = pdf_pages.stream(
        "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", zlib.compress(b"9 0 (" + noise + b") " + action)
    )
    return pdf_pages.page(pdf_pages.WRITTEN, objects=[group])


def decided(content: bytes) -> FileType | RejectionReason:
    try:
        return sniff(io.BytesIO(content), len(content)).kind
    except FileRejected as refused:
        return refused.code if refusal_message(refused) else RejectionReason.UNKNOWN


@pytest.mark.parametrize(("name", "content", "code"), EVERY, ids=[f"{code}: {name}" for name, _, code in EVERY])
def test_what_would_run_is_refused_for_what_it_is(name, content, code):
    assert decided(content) is code, name


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("before", [*range(WINDOW - 420, WINDOW - 320, 12), WINDOW // 2, 3 * WINDOW, 5_000_000])
def test_an_action_is_found_wherever_it_lies(before, packed):
    action = b"<< /Type /Action /S /Launch /F (calc) >>"
    assert decided(late(action, before, packed=packed)) is RejectionReason.LAUNCHES
    harmless = b"<< /Type /Action /S /Launched /F (calc) >>"
    assert decided(late(harmless, before, packed=packed)) is FileType.PDF


@pytest.mark.parametrize("place", [WINDOW - 4, WINDOW - 1, WINDOW + 1, 3 * WINDOW - 2])
@pytest.mark.parametrize("program", [samples.PROGRAM, ELF, MACH_O], ids=["Windows", "Linux", "macOS"])
def test_a_program_is_found_astride_two_windows(program, place):
    held = b"%PDF-1.7" + bytes(place - 8) + program + bytes(WINDOW)
    found = [holds_program(window) for _, window in windows(io.BytesIO(held), OVERLAP)]
    assert any(found)
    assert not any(holds_program(window) for _, window in windows(io.BytesIO(bytes(len(held))), OVERLAP))


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_document_that_looks_like_it_is_accepted(name):
    content, kind = SOUND[name]
    assert decided(content) is kind


def drawing(declared: str, content: str = '<path d="M0 0h9v9z"/>') -> bytes:
    """A drawing as Illustrator writes it, with these names declared."""
    public = 'PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"'
    return (
        f'<?xml version="1.0"?><!DOCTYPE svg {public} [\n{declared}\n]>'
        f'<svg xmlns="&ns_svg;" viewBox="0 0 9 9">{content}</svg>'
    ).encode()


NAMESPACE = '<!ENTITY ns_svg "http://www.w3.org/2000/svg">'


def test_a_drawing_that_declares_short_names_of_its_namespaces_is_accepted():
    assert decided(drawing(NAMESPACE)) is FileType.SVG
    assert decided(drawing(NAMESPACE + "\n\t<!ENTITY ns_xlink 'http://www.w3.org/1999/xlink'>")) is FileType.SVG


@pytest.mark.parametrize(
    ("declared", "content"),
    [
        ('<!ENTITY a "b"><!ENTITY c "&a;&a;">', ""),
        ('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"),
        ('<!ENTITY % a "b">', ""),
        ('<!ENTITY a "<script>alert(1)</script>">', "&a;"),
        ('<!ENTITY a "javascript">', '<a href="&a;:alert(1)"/>'),
        ('<!ENTITY a "http://exemple.fr/x.png">', '<image href="&a;"/>'),
        (f'<!ENTITY a "{"x" * 200}">', "&a;" * 6000),
    ],
    ids=["nested", "of a file", "of a DTD", "a script", "half a script", "another place", "too long"],
)
def test_names_that_stand_for_more_are_refused(declared, content):
    assert decided(drawing(f"{NAMESPACE}{declared}", content)) is RejectionReason.ACTIVE_DRAWING


DOCTYPE = '<!DOCTYPE manifest:manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" "Manifest.dtd">'
MANIFEST = '<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest"/>'


def test_a_document_of_openoffice_2_whose_manifest_names_its_type_is_accepted():
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    assert decided(samples.opendocument("odt", manifest=f"{head}{DOCTYPE}\n{MANIFEST}")) is FileType.ODT
    locked = '<m:manifest xmlns:m="x"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    assert decided(samples.opendocument("odt", manifest=head + DOCTYPE + locked)) is RejectionReason.PASSWORD


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]>',
        '<!DOCTYPE a PUBLIC "x" "y" [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
        f'{DOCTYPE}<!DOCTYPE a [<!ENTITY b "c">]>',
    ],
)
def test_a_manifest_that_declares_entities_is_refused_all_the_same(declared):
    assert decided(samples.opendocument("odt", manifest=declared + MANIFEST)) is RejectionReason.ENTITIES


def spanned_last() -> bytes:
    content = bytearray(samples.archive({"a.txt": "bonjour"}))
    at = content.rindex(b"PK\5\6")
    struct.pack_into("<HH", content, at + 4, 1, 1)
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [b"PK\7\x08" + samples.archive({"a.txt": "bonjour"}), b"PK\7\x08PK\3\4" + bytes(200), spanned_last()],
    ids=["its first part", "a part without its list", "its last part"],
)
def test_a_part_of_an_archive_cut_in_several_is_told_so(content):
    assert decided(content) is RejectionReason.SPANNED
    assert "coupée en plusieurs fichiers" in refusal_message(FileRejected(RejectionReason.SPANNED))


def test_a_whole_archive_is_no_part_of_one():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.comment = b"a comment"
        archive.writestr("a.txt", "bonjour")
    assert decided(out.getvalue()) is FileType.ZIP
