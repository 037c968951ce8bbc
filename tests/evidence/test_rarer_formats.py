"""Files of rarer formats in a sealed dossier: the jury reads or plays them, the original stays with its candidate."""

import io

import pytest
from sqlalchemy import update

from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.files.conversion import office
from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import FileCategory, FileType
from portfolio.run.worker import rendition_worker
from tests import factories, office_files, samples
from tests.evidence.test_downloads import put, urls
from tests.jury import builders
from tests.thoroughness import one_in

with_office = pytest.mark.skipif(not office.has_office(FileType.EMF), reason="LibreOffice is not installed")
# Made when a test asks for them: a process that only collects makes none.
PICTURES = {
    FileType.ICO: lambda: samples.image("ICO"),
    FileType.JP2: lambda: samples.image("JPEG2000"),
    FileType.TGA: lambda: samples.image("TGA"),
    FileType.PPM: lambda: samples.image("PPM"),
    FileType.PCX: lambda: samples.image("PCX"),
    FileType.PSD: lambda: samples.photoshop(),
}
DOCUMENTS = {
    FileType.FODT: lambda: samples.flat_opendocument(),
    FileType.SVGZ: lambda: samples.zipped_drawing(),
    FileType.KEYNOTE: lambda: samples.iwork("key"),
    FileType.NUMBERS: lambda: samples.iwork("numbers"),
    FileType.PAGES: lambda: samples.iwork("pages", preview={"QuickLook/Preview.pdf": samples.pdf(2)}),
    FileType.MHTML: lambda: samples.saved_page(),
}
RECORDINGS = {
    FileType.CAF: lambda: office_files.sound("caf", "pcm_s16le"),
    FileType.AC3: lambda: office_files.sound("ac3", "ac3"),
    FileType.MP2: lambda: office_files.sound("mp2", "mp2"),
    FileType.AU: lambda: office_files.sound("au", "pcm_s16be"),
    FileType.W64: lambda: office_files.sound("w64", "pcm_s16le"),
    FileType.FLV: lambda: office_files.film("flv", "flv", "libmp3lame", rate=25),
    FileType.OGV: lambda: office_files.film("ogg", "libvpx", "libopus", rate=25),
    FileType.DV: lambda: office_files.tape(25),
    FileType.MXF: lambda: office_files.film("mxf", "mpeg2video", "pcm_s16le", rate=25),
}


@pytest.fixture
def made(store) -> builders.Scene:
    return builders.scene(store)


@pytest.fixture
def jury(app, client, store, made):
    """Make a file the first exhibit, draw it, and answer where its jury reads it."""

    def read(kind: FileType, content: bytes) -> str:
        assert sniff(io.BytesIO(content), len(content)).kind is kind
        put(app, store, made, content, kind.mime, f"piece.{kind.value}")
        with store.transaction() as session:
            session.execute(update(EvidenceFile).values(pages=None))
        rendition_worker(app).run_all_due()
        client.log_in(made.president.email, factories.PASSWORD)
        return urls(store, made)["jury"].removesuffix("/fichier")

    return read


@pytest.mark.parametrize("kind", one_in(4, [*PICTURES, *DOCUMENTS]), ids=str)
def test_a_jury_reads_a_rarer_file_and_receives_no_original(client, store, made, jury, kind):
    url = jury(kind, (PICTURES | DOCUMENTS)[kind]())
    page = client.page(url)
    assert f"{url}/pages/1" in [image["src"].partition("?")[0] for image in page.all("img")]
    for size in ("", "?taille=vignette"):
        image = client.get(f"{url}/pages/1{size}")
        assert (image.status_code, image.mimetype) == (200, "image/webp")
    answer = client.get(urls(store, made)["jury"])
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")


@pytest.mark.slow
@pytest.mark.parametrize("kind", RECORDINGS, ids=str)
def test_a_jury_plays_a_rarer_recording_and_receives_no_original(client, store, made, jury, kind):
    url = jury(kind, RECORDINGS[kind]())
    is_film = kind.family is FileCategory.VIDEO
    [player] = client.page(url).all("video" if is_film else "audio")
    answer = client.get(player["src"])
    assert (answer.status_code, answer.mimetype) == (200, "video/mp4" if is_film else "audio/mp4")
    assert client.get(f"{url}/pages/1?taille=vignette").mimetype == "image/webp"
    assert client.get(urls(store, made)["jury"]).data == answer.data


def test_whose_file_it_is_receives_it_back_as_it_was(client, store, made, jury):
    content = PICTURES[FileType.JP2]()
    jury(FileType.JP2, content)
    client.get("/deconnexion")
    client.delete_cookie("acquis")
    client.log_in(made.candidate.email, factories.PASSWORD)
    answer = client.get(urls(store, made)["draft"])
    assert (answer.status_code, answer.data) == (200, content)


def test_of_a_document_of_apple_the_page_says_that_a_preview_is_shown(client, jury):
    assert "Aperçu contenu dans le fichier" in client.page(jury(FileType.KEYNOTE, samples.iwork("key"))).text


@pytest.mark.slow
@with_office
def test_a_drawing_of_libreoffice_is_given_to_others_as_pages(client, store, made, jury):
    content = samples.opendocument("odg", {"Pictures/a.jpg": samples.jpeg(located=True)})
    jury(FileType.ODG, content)
    answer = client.get(urls(store, made)["jury"])
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"


def test_a_page_of_a_rarer_picture_tells_nothing_of_its_camera(jury, client):
    url = jury(FileType.PPM, b"P6\n# PLACE 48.6N\n64 48\n255\n" + bytes(64 * 48 * 3))
    assert b"PLACE" not in client.get(f"{url}/pages/1").data


def test_the_pages_of_a_preview_are_those_of_the_document(client, jury):
    url = jury(FileType.PAGES, DOCUMENTS[FileType.PAGES]())
    assert client.get(f"{url}/pages/2").status_code == 200
    assert client.get(f"{url}/pages/3").status_code == 404
