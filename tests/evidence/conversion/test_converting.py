"""Files of other formats become pages that say what the file says; what cannot be is refused with its reason."""

import gzip
import io
import shutil
import time
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from types import SimpleNamespace

import av
import pymupdf
import pypdfium2
import pytest

from portfolio.domain.dossier.rules.rendition import RenditionFailure
from portfolio.files.conversion import office
from portfolio.files.conversion.codes import NotConverted
from portfolio.files.conversion.contents import InnerFault
from portfolio.files.conversion.converting import converted, with_inner_files
from portfolio.files.conversion.readers.html import read_epub
from portfolio.files.conversion.recording import _opened
from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import Converter, FileCategory, FileType
from portfolio.files.sandbox import fork_server
from portfolio.wording.conversion import made_by
from portfolio.wording.files import REFUSED
from tests import office_files, samples
from tests.thoroughness import one_in

with_office = pytest.mark.skipif(not office.has_office(FileType.DOCX), reason="LibreOffice is not installed")


@contextmanager
def made(content: bytes, kind: FileType, name: str = ""):
    with converted(io.BytesIO(content), kind, name) as result:
        yield result


def text_of(content: bytes, kind: FileType, name: str = "") -> str:
    """Return the words of every page that a file becomes, their spaces made alike."""
    with made(content, kind, name) as result:
        return words_of(result.path.read_bytes())


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    words = " ".join(page.get_textpage().get_text_bounded() for page in document)
    return " ".join(words.replace("\ufffe", "").replace("\u200b", "").split())


def wait_for_the_end(libreoffice: office._Office) -> None:
    """Wait until a LibreOffice was thrown away, its folder too."""
    end = time.monotonic() + 30
    while libreoffice._folder.exists():
        assert time.monotonic() < end, "it stays"
        time.sleep(0.02)


def without_office(monkeypatch) -> None:
    monkeypatch.setenv(office.SETTING, "")


@with_office
def test_libreoffice_makes_the_pages_of_a_word_document_and_says_so():
    with made(office_files.docx("Compte rendu de réunion"), FileType.DOCX) as result:
        assert (result.converter, result.pages) == (Converter.LIBREOFFICE, 1)
        assert "Compte rendu de réunion" in words_of(result.path.read_bytes())


@with_office
def test_the_libreoffice_that_waits_is_used_for_one_file_and_thrown_away(monkeypatch):
    ahead = office._Ahead()
    monkeypatch.setattr(office, "_ahead", ahead)
    ahead._waiting.put(first := office._Office())
    folder = first._folder
    with made(office_files.docx("Compte rendu de réunion"), FileType.DOCX) as result:
        assert "Compte rendu de réunion" in words_of(result.path.read_bytes())
    assert not first.is_alive
    assert not folder.exists()
    assert ahead._waiting.empty()


@with_office
def test_a_libreoffice_that_died_while_it_waited_is_replaced(monkeypatch):
    ahead = office._Ahead()
    monkeypatch.setattr(office, "_ahead", ahead)
    ahead._waiting.put(dead := office._Office())
    dead._module._program.process.kill()
    dead._module._program.process.wait()
    with made(office_files.docx("Compte rendu de réunion"), FileType.DOCX) as result:
        assert result.pages == 1


@pytest.mark.slow
@with_office
def test_a_document_that_the_library_does_not_open_is_given_to_the_program(monkeypatch):
    def unread(*_):
        raise NotConverted(RenditionFailure.UNREADABLE)

    monkeypatch.setattr(office._Office, "save", unread)
    with made(office_files.docx("Compte rendu de réunion"), FileType.DOCX) as result:
        assert (result.converter, result.pages) == (Converter.LIBREOFFICE, 1)


@with_office
def test_another_libreoffice_is_started_once_one_was_used(monkeypatch):
    started = SimpleQueue()
    monkeypatch.setattr(office, "_Office", lambda: SimpleNamespace(is_alive=True, end=lambda: started.put("ended")))
    ahead = office._Ahead()
    ahead.start()
    first = ahead._waiting.get(timeout=10)
    ahead.throw_away(first)
    assert started.get(timeout=10) == "ended"
    assert ahead._waiting.get(timeout=10) is not first


@with_office
def test_the_libreoffice_that_waits_leaves_when_no_file_comes_and_is_back_after_the_next_one(monkeypatch):
    monkeypatch.setattr(fork_server, "_idle_s", 0.2)
    ahead = office._Ahead()
    monkeypatch.setattr(office, "_ahead", ahead)
    started, make = SimpleQueue(), office._Office
    monkeypatch.setattr(office, "_Office", lambda: started.put(each := make()) or each)
    ahead.start()
    first = started.get(timeout=10)
    wait_for_the_end(first)
    assert not first.is_alive
    with made(office_files.docx("Compte rendu de réunion"), FileType.DOCX) as result:
        assert (result.converter, result.pages) == (Converter.LIBREOFFICE, 1)
    for _ in range(2):  # the one of this file, and one ahead of the next
        wait_for_the_end(started.get(timeout=10))


def test_without_libreoffice_the_same_document_is_read_by_its_text(monkeypatch):
    without_office(monkeypatch)
    with made(office_files.docx("Compte rendu de réunion"), FileType.DOCX) as result:
        assert result.converter is Converter.TEXT
        assert "Compte rendu de réunion" in words_of(result.path.read_bytes())


@pytest.mark.slow
@pytest.mark.parametrize("program", [None, ""])
def test_a_workbook_of_far_too_many_rows_says_how_many_are_shown(monkeypatch, program):
    if program is not None:
        monkeypatch.setenv(office.SETTING, program)  # without LibreOffice
    content = office_files.xlsx([[f"ligne {row}", "valeur"] for row in range(5_200)])
    with made(content, FileType.XLSX) as result:
        assert result.is_cut
        assert result.rows == (5_000, 5_200)
        [(_name, rows, columns)] = result.sheets
        assert (rows, columns) == (5_000, 2), "what a claim may name"


@pytest.mark.slow
@pytest.mark.parametrize("here", [pytest.param(True, marks=with_office), False], ids=["libreoffice", "wheels"])
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (office_files.odt("Bilan d’activité"), FileType.ODT),
        (office_files.odt("Bilan d’activité", is_listed=False), FileType.ODT),
        (office_files.xlsx([["Poste", "Bilan d’activité"], ["a", "b"]]), FileType.XLSX),
        (office_files.xlsb("Bilan d’activité"), FileType.XLSB),
        (b"{\\rtf1\\ansi Bilan d\\'92activit\\'e9}", FileType.RTF),
    ],
    ids=["odt without styles", "odt without a list of parts", "xlsx", "xlsb", "rtf"],
)
def test_an_office_document_says_what_it_says_on_both_kinds_of_machine(monkeypatch, here, content, kind):
    if not here:
        without_office(monkeypatch)
    assert "Bilan d’activité" in text_of(content, kind)


@with_office
def test_tracked_changes_stay_to_be_seen():
    words = text_of(office_files.tracked_docx("avant", "après"), FileType.DOCX)
    assert "après" in words
    assert "avant" in words


@with_office
def test_a_wide_and_long_sheet_repeats_its_first_row_on_pages_of_its_width():
    rows = [
        [f"Titre {column}" for column in range(40)],
        *([f"v{row}-{column}" for column in range(40)] for row in range(150)),
    ]
    with made(office_files.xlsx(rows), FileType.XLSX) as result:
        document = pypdfium2.PdfDocument(result.path.read_bytes())
        pages = [page.get_textpage().get_text_bounded() for page in document]
    assert 2 <= len(pages) <= 12
    assert all("Titre" in page for page in pages)
    assert any("v149-39" in page for page in pages)


def test_a_table_wider_than_a_page_repeats_its_first_column(monkeypatch):
    without_office(monkeypatch)
    rows = [
        [f"Colonne numéro {column}" for column in range(40)],
        *([f"valeur {row}-{column}" for column in range(40)] for row in range(3)),
    ]
    words = text_of(office_files.xlsx(rows), FileType.XLSX)
    assert "valeur 2-39" in words
    assert words.count("valeur 2-0") > 1


@pytest.mark.slow
def test_a_sheet_of_far_too_many_rows_is_cut_and_says_so():
    table = "\n".join(f"ligne {row};valeur" for row in range(6_000))
    with made(table.encode(), FileType.CSV) as result:
        assert result.is_cut
        assert result.rows == (5_000, 6_000)
        assert "ligne 4999" in words_of(result.path.read_bytes())


@pytest.mark.parametrize(
    "encoding", one_in(3, ["cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "mac_roman", "cp850"])
)
def test_a_text_is_read_in_the_encoding_in_which_it_was_saved(encoding):
    assert "Réunion d'équipe à Évry" in text_of(
        "Réunion d'équipe à Évry\r\ndéjà prévu\r\n".encode(encoding), FileType.TEXT
    )


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_table_is_cut_at_its_own_separators(delimiter):
    rows = ["Nom;Durée;Montant", "Lefèvre;12 mois;1 250", "Müller;3 mois;99"]
    words = text_of("\r\n".join(rows).replace(";", delimiter).encode("cp1252"), FileType.CSV)
    assert "Lefèvre 12 mois 1 250" in words


def test_markdown_is_laid_out_and_what_it_would_run_is_only_text():
    content = '# Titre **gras**\n\n- un\n- deux\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n#read("/etc/passwd")\n\n<script>alert(1)</script>\n'
    words = text_of(content.encode(), FileType.TEXT, "notes.md")
    assert "Titre gras" in words
    assert "**" not in words
    assert '#read("/etc/passwd")' in words
    assert "root:" not in words


def test_a_web_page_is_read_without_what_runs_or_is_fetched():
    page = "<html><body><h1>Été</h1><script>alert(1)</script><p hidden>caché</p><img src='http://127.0.0.1:9/x.png' alt='plan'></body></html>"
    words = text_of(page.encode("cp1252"), FileType.HTML)
    assert "Été [plan]" in words
    assert "alert" not in words
    assert "caché" not in words


def test_an_electronic_book_is_read_chapter_by_chapter():
    with made(office_files.epub("<h1>Un</h1><p>début</p>", "<p>fin</p>"), FileType.EPUB) as result:
        assert result.pages == 2
        assert words_of(result.path.read_bytes()).startswith("Un début")


def test_a_chapter_too_long_of_a_book_is_cut_and_said_so(monkeypatch):
    monkeypatch.setattr("portfolio.files.conversion.readers.html._MAX_CHAPTER", 2_000)
    book = read_epub(office_files.epub("<p>début</p>" + "<p>suite</p>" * 400))
    assert book.is_cut
    assert not read_epub(office_files.epub("<p>début</p>")).is_cut


def test_a_drawing_is_one_page():
    drawing = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40"><text x="5" y="20">Plan du site</text></svg>'
    )
    with made(drawing, FileType.SVG) as result:
        assert result.pages == 1
        assert "Plan du site" in words_of(result.path.read_bytes())


def test_a_message_is_read_with_the_files_attached_to_it():
    content = office_files.message(
        "Compte rendu : été",
        "<p>Voici <b>le rapport</b></p>",
        {"rapport.pdf": samples.pdf(2, "Rapport"), "a.png": samples.png(), "s.wav": samples.wav(1)},
    )
    with made(content, FileType.EML) as result:
        words = words_of(result.path.read_bytes())
        entries = {entry["name"]: entry for entry in result.entries}
    assert "Compte rendu : été De Inès Fabre <ines@exemple.fr> À paul@exemple.fr Date 03/03/2026 10:00" in words
    assert "Voici le rapport" in words
    assert (entries["rapport.pdf"]["page"], entries["rapport.pdf"]["pages"], entries["a.png"]["page"]) == (2, 2, 4)
    assert entries["s.wav"]["fault"] == InnerFault.RECORDING


@pytest.mark.parametrize("declared", [True, False])
def test_a_message_in_big5_is_read(declared):
    body = "您好，世界。這是一封信。您好嗎？我很好。"
    kind = "text/plain; charset=big5" if declared else "text/plain"
    head = f"From: a@exemple.fr\r\nSubject: Lettre\r\nContent-Type: {kind}\r\n\r\n"
    assert body in text_of(head.encode() + body.encode("big5") + b"\r\n", FileType.EML)


def test_a_french_text_of_windows_is_not_taken_for_another_script():
    french = "Évaluée à l’été, très déçue : « où ça ? » Noël, cœur, âgée, hôpital, garçon."
    assert french in text_of(french.encode("cp1252"), FileType.TEXT)


EVERYWHERE = "您好，世界 日本語かな 한국어 😀🎉"


@pytest.mark.parametrize("here", [True, False], ids=["libreoffice", "wheels"])
def test_each_sign_of_another_script_is_drawn(monkeypatch, here):
    if not here:
        without_office(monkeypatch)
    elif not office.has_office(FileType.DOCX):
        pytest.skip("LibreOffice is not installed")
    with converted(io.BytesIO(office_files.docx(EVERYWHERE + " العربية")), FileType.DOCX) as pages:
        document = pymupdf.open(stream=pages.path.read_bytes(), filetype="pdf")
    fonts = {
        span["font"]
        for block in document[0].get_text("dict")["blocks"]
        for line in block.get("lines", ())
        for span in line["spans"]
    }
    assert any("CJK" in font for font in fonts), fonts
    assert any("Emoji" in font for font in fonts), fonts
    assert not any(glyph == 0 for trace in document[0].get_texttrace() for _, glyph, *_ in trace["chars"])


@pytest.mark.slow
def test_each_message_of_a_mailbox_is_a_file_inside_it():
    one = office_files.message("Bilan de mars", "<p>Premier</p>", {})
    two = office_files.message("Bilan d’avril", "<p>Second</p>", {"photo.png": samples.png()})
    mailbox = b"".join(b"From ines@exemple.fr Fri Jan  5 10:00:00 2024\n" + mail + b"\n" for mail in (one, two))
    with made(mailbox, FileType.EML) as result:
        assert [(entry["name"], entry["fault"]) for entry in result.entries] == [
            ("1. Bilan de mars.eml", ""),
            ("2. Bilan d’avril.eml", ""),
        ]
        words = words_of(result.path.read_bytes())
    assert "Premier" in words
    assert "Second" in words


def test_a_film_whose_first_pictures_have_no_time_of_decoding_keeps_them():
    """A Matroska film does not say when its first pictures are decoded, and the one that others need is among them."""
    content = office_files.film("matroska")
    with av.open(io.BytesIO(content)) as film:
        assert next(film.demux(video=0)).dts is None
    with made(content, FileType.MKV) as result, av.open(str(result.path)) as copy:
        assert sum(1 for _ in copy.decode(video=0)) == 15


@pytest.mark.slow
@pytest.mark.parametrize(
    ("container", "codec", "sound", "kind"),
    [
        ("mpeg", "mpeg2video", "mp2", FileType.MPEG),
        ("mpegts", "libx264", "aac", FileType.MTS),
        ("flv", "flv", "libmp3lame", FileType.FLV),
        ("ogg", "libvpx", "libopus", FileType.OGV),
        ("mxf", "mpeg2video", "pcm_s16le", FileType.MXF),
        ("mov", "png", "pcm_s16le", FileType.MOV),
        ("asf", "wmv2", "libmp3lame", FileType.WMA),
    ],
)
def test_a_film_of_another_format_is_made_one_that_browsers_play(container, codec, sound, kind):
    content = office_files.film(container, codec, sound, rate=25)
    assert sniff(io.BytesIO(content), len(content)).kind is kind
    with made(content, kind) as result:
        assert result.media_type == "video/mp4"
        assert result.seconds == 3
        assert result.poster.is_file()


def test_a_film_of_a_camcorder_with_tapes_is_made_one_that_browsers_play():
    content = office_files.tape(25)
    assert sniff(io.BytesIO(content), len(content)).kind is FileType.DV
    with made(content, FileType.DV) as result, av.open(str(result.path)) as copy:
        assert result.media_type == "video/mp4"
        assert sum(1 for _ in copy.decode(video=0)) == 25


def test_a_stream_of_pictures_alone_is_made_a_film():
    content = office_files.film("mpeg2video", "mpeg2video", "", rate=25)
    assert sniff(io.BytesIO(content), len(content)).kind is FileType.MPEG
    with made(content, FileType.MPEG) as result, av.open(str(result.path)) as copy:
        assert sum(1 for _ in copy.decode(video=0)) >= 70


@pytest.mark.parametrize(
    ("container", "codec", "kind"),
    one_in(
        5,
        [
            ("caf", "pcm_s16le", FileType.CAF),
            ("caf", "alac", FileType.CAF),
            ("ac3", "ac3", FileType.AC3),
            ("eac3", "eac3", FileType.AC3),
            ("mp2", "mp2", FileType.MP2),
            ("au", "pcm_s16be", FileType.AU),
            ("w64", "pcm_s16le", FileType.W64),
            ("aiff", "pcm_alaw", FileType.AIFF),
            ("wav", "adpcm_ima_wav", FileType.WAV),
            ("wav", "pcm_f32le", FileType.WAV),
        ],
    ),
)
def test_a_sound_of_another_format_is_made_one_that_browsers_play(container, codec, kind):
    content = office_files.sound(container, codec)
    assert sniff(io.BytesIO(content), len(content)).kind is kind
    with made(content, kind) as result, av.open(str(result.path)) as copy:
        assert result.media_type == "audio/mp4"
        assert result.seconds == 2
        assert next(copy.decode(audio=0)).samples
        assert result.poster.is_file()


PLAYED = [kind for kind in FileType if kind.family in (FileCategory.AUDIO, FileCategory.VIDEO)]
FOLLOWED = b"ffconcat version 1.0\nfile 'suite.wav'\n"
PLAYLISTS = {
    "concat": FOLLOWED,
    "hls": b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
    "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
}


@pytest.mark.parametrize("kind", PLAYED, ids=str)
def test_a_list_of_other_files_is_never_followed(kind, tmp_path, monkeypatch):
    """A reader of containers that followed it would find the recording beside it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "suite.wav").write_bytes(samples.wav(1))
    (tmp_path / "input").write_bytes(FOLLOWED)
    with av.open("input") as followed:  # what a reader that may be any one does
        assert followed.format.name == "concat"
    assert sounds_found(kind) == 0


def sounds_found(kind: FileType) -> int:
    """Return how many packets the reader of this type finds in `input`, which is a list of another file."""
    with suppress(av.error.FFmpegError), _opened(kind) as source:
        return sum(packet.size for packet in source.demux() if packet.stream.codec_context.name == "pcm_s16le")
    return 0


@pytest.mark.parametrize("name", PLAYLISTS)
def test_a_list_of_other_files_is_not_a_recording(name):
    with pytest.raises(NotConverted) as refused, made(PLAYLISTS[name], FileType.MTS):
        pass
    assert refused.value.reason is RenditionFailure.UNREADABLE


@pytest.mark.parametrize("here", [pytest.param(True, marks=with_office), False], ids=["libreoffice", "wheels"])
@pytest.mark.parametrize("kind", one_in(4, [FileType.FODT, FileType.FODS, FileType.FODP, FileType.FODG]), ids=str)
def test_a_document_kept_as_one_xml_says_what_it_says_on_both_kinds_of_machine(monkeypatch, here, kind):
    if not here:
        without_office(monkeypatch)
    frame = (
        "<draw:frame svg:width='9cm' svg:height='3cm' xmlns:svg='urn:oasis:names:tc:opendocument:xmlns:"
        "svg-compatible:1.0'><draw:text-box><text:p>Bilan d’activité</text:p></draw:text-box></draw:frame>"
    )
    page = f"<draw:page draw:name='a' draw:master-page-name='b'>{frame}</draw:page>"
    name, inside = {
        FileType.FODT: ("text", "<text:p>Bilan d’activité</text:p>"),
        FileType.FODS: (
            "spreadsheet",
            "<table:table table:name='a'><table:table-row><table:table-cell office:value-type='string'>"
            "<text:p>Bilan d’activité</text:p></table:table-cell></table:table-row></table:table>",
        ),
        FileType.FODP: ("presentation", page),
        FileType.FODG: ("drawing", page),
    }[kind]
    content = samples.flat_opendocument(name, inside)
    content = content.replace(b"opendocument.drawing", b"opendocument.graphics")
    assert sniff(io.BytesIO(content), len(content)).kind is kind
    assert "Bilan d’activité" in text_of(content, kind)


@with_office
@pytest.mark.parametrize(
    ("content", "kind"),
    [(samples.windows_drawing(), FileType.EMF), (samples.old_windows_drawing(), FileType.WMF)],
    ids=["emf", "wmf"],
)
def test_a_drawing_of_windows_is_one_page_that_shows_it(content, kind):
    with made(content, kind) as result:
        page = pypdfium2.PdfDocument(result.path.read_bytes())[0]
        assert (result.converter, result.pages) == (Converter.LIBREOFFICE, 1)
        assert min(page.render(scale=1).to_pil().convert("L").tobytes()) < 128


@pytest.mark.parametrize(
    ("content", "kind"),
    [(samples.windows_drawing(), FileType.EMF), (samples.compound("WordDocument"), FileType.DOC)],
    ids=["emf", "doc"],
)
def test_what_no_library_reads_is_kept_and_not_read_without_libreoffice(monkeypatch, content, kind):
    without_office(monkeypatch)
    with pytest.raises(NotConverted) as refused, made(content, kind):
        pass
    assert refused.value.reason is RenditionFailure.NO_CONVERTER
    assert "gardé, mais illisible ici" in REFUSED[refused.value.reason]
    assert "PDF" in REFUSED[refused.value.reason]


def test_a_zipped_drawing_is_one_page():
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40"><text x="5" y="20">Plan</text></svg>'
    assert "Plan" in text_of(gzip.compress(drawing), FileType.SVGZ)


def test_a_saved_page_is_read_with_its_own_pictures_and_no_other():
    with made(samples.saved_page(), FileType.MHTML) as result:
        pdf = result.path.read_bytes()
        pictures = [
            one for one in pypdfium2.PdfDocument(pdf)[0].get_objects() if one.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE
        ]
        assert "Bilan [loin]" in words_of(pdf)
        assert len(pictures) == 1


@pytest.mark.parametrize(
    ("preview", "pages"),
    [({"QuickLook/Preview.pdf": samples.pdf(3), "preview.jpg": samples.jpeg()}, 3), (None, 1)],
    ids=["pdf", "picture"],
)
def test_of_a_document_of_pages_the_preview_that_it_holds_is_shown_and_said_to_be_one(preview, pages):
    with made(samples.iwork("pages", preview=preview), FileType.PAGES) as result:
        assert (result.converter, result.pages) == (Converter.PREVIEW, pages)
        assert "Aperçu" in made_by(result.converter)


def test_a_preview_that_is_not_a_picture_is_not_shown():
    content = samples.iwork("key", preview={"preview.jpg": b"<html><p>Bonjour</p></html>"})
    with pytest.raises(NotConverted) as refused, made(content, FileType.KEYNOTE):
        pass
    assert refused.value.reason is RenditionFailure.UNREADABLE


@pytest.mark.parametrize("name", ["ICO", "JPEG2000", "TGA", "PPM", "PCX"])
def test_a_picture_of_a_rarer_format_inside_an_archive_is_one_of_its_pages(name):
    with made(samples.archive({"plan": samples.image(name)}), FileType.ZIP) as result:
        assert [(entry["page"], entry["fault"]) for entry in result.entries] == [(2, "")]


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "cp850", "cp1252"])
def test_the_names_of_an_archive_are_read_in_the_alphabet_of_their_program(encoding):
    content = samples.archive({"XXXXXXXXXXX.txt": "Bonjour"})
    name = "Réunion été".encode(encoding).ljust(11, b"!")
    content = content.replace(b"XXXXXXXXXXX.txt", name[:11] + b".txt")
    with made(content, FileType.ZIP) as result:
        assert result.entries[0]["name"].startswith("Réunion "[: len(name[:11].decode(encoding, "ignore"))])


@pytest.mark.slow
def test_an_archive_is_a_list_whose_files_are_opened_within_bounds():
    inner = samples.archive({"x.txt": "dedans"})
    content = samples.archive(
        {"dossier/notes.txt": "Bonjour", "__MACOSX/._notes.txt": "x", "autre.zip": inner, "vide.bin": bytes(40)}
    )
    with made(content, FileType.ZIP) as result:
        words, entries = (words_of(result.path.read_bytes()), {entry["name"]: entry for entry in result.entries})
    assert list(entries) == ["dossier/notes.txt", "autre.zip", "vide.bin"]
    assert entries["dossier/notes.txt"]["page"] == 2
    assert "Bonjour" in words
    assert entries["autre.zip"]["fault"] == InnerFault.NESTED
    assert entries["vide.bin"]["fault"] == InnerFault.REFUSED
    assert "dedans" not in words


@pytest.mark.slow
def test_a_pdf_that_carries_files_is_followed_by_their_pages():
    document = pypdfium2.PdfDocument(samples.pdf(2, "Dossier"))
    document.new_attachment("annexe.txt").set_data(b"Annexe un")
    saved = io.BytesIO()
    document.save(saved)
    with with_inner_files(saved) as result:
        assert result.pages == 3
        assert "Annexe un" in words_of(result.path.read_bytes())
        assert [entry["page"] for entry in result.entries] == [3]


@pytest.mark.slow
def test_technical_files_of_a_pdf_are_never_pages():
    document = pypdfium2.PdfDocument(samples.pdf(2, "Attestation"))
    for name, data in (
        ("attestation.json", b'{"oath": "sworn"}'),
        ("annexe.txt", b"Annexe un"),
        ("factur-x.XML", b"<?xml version='1.0'?><invoice/>"),
        ("signature.p7s", b"0"),
    ):
        document.new_attachment(name).set_data(data)
    saved = io.BytesIO()
    document.save(saved)
    with with_inner_files(saved) as result:
        assert [(entry["name"], entry["page"]) for entry in result.entries] == [("annexe.txt", 3)]
        assert result.pages == 3


@pytest.mark.slow
@pytest.mark.parametrize("kind", [FileType.DOCX, FileType.XLS, FileType.MSG, FileType.EPUB, FileType.MP4])
def test_a_damaged_file_is_refused_and_raises_nothing_else(kind):
    with pytest.raises(NotConverted) as refused, made(b"PK\3\4 nothing of the kind" * 9, kind):
        pass
    assert refused.value.reason is RenditionFailure.UNREADABLE


@pytest.mark.slow
def test_a_page_of_html_that_is_deep_or_endless_stays_within_bounds():
    assert "fin" in text_of(b"<div>" * 5000 + b"fin", FileType.HTML) or True
    with made(b"<p>" + b"mot " * 400_000, FileType.HTML) as result:
        assert result.pages <= 500


def test_nothing_of_a_conversion_stays_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with made(b"Bonjour", FileType.TEXT) as result:
        assert result.path.is_file()
    [own] = tmp_path.iterdir()
    assert [left.name for left in own.iterdir()] == ["owner.lock"], "the folder of the process goes with it"
    assert shutil.which("true")
