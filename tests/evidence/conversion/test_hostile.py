"""Documents that would fetch, read or run something when they are opened: no converter does it for them."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from portfolio.files.conversion import office
from portfolio.files.conversion.codes import NotConverted
from portfolio.files.conversion.converting import converted
from portfolio.files.file_types.types import FileType
from tests import office_files, samples

_PICTURE = (
    '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
    '<wp:extent cx="914400" cy="914400"/><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData '
    'uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill><a:blip r:link="rId9"/></pic:blipFill></pic:pic>'
    "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
)
_IMAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port of loopback, with the connections made to it."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.2)
        connections: list[object] = []
        closing = threading.Event()

        def wait() -> None:
            while not closing.is_set():
                try:
                    connection, _ = door.accept()
                except TimeoutError:
                    continue
                connection.close()
                connections.append(connection)

        thread = threading.Thread(target=wait)
        thread.start()
        yield door.getsockname()[1], connections
        closing.set()
        thread.join()


def fetching(kind: FileType, address: str) -> bytes:
    """A document that names a picture, or data, of another machine."""
    picture = f'<draw:frame><draw:image xlink:href="{address}/a.png"/></draw:frame>'
    return {
        FileType.DOCX: office_files.docx(
            "Bonjour",
            body=_PICTURE,
            relations=f'<Relationship Id="rId9" Type="{_IMAGE}" Target="{address}/a.png" TargetMode="External"/>',
        ),
        FileType.ODT: office_files.odt("Bonjour", body=f"<text:p>{picture}</text:p>"),
        FileType.RTF: f'{{\\rtf1 Bonjour {{\\field{{\\*\\fldinst INCLUDEPICTURE "{address}/a.png"}}{{\\fldrslt x}}}}}}'.encode(),
        FileType.HTML: f'<html><body><p>Bonjour</p><img src="{address}/a.png"><link rel=stylesheet href="{address}/a.css"></body></html>'.encode(),
        FileType.SVG: f'<svg xmlns="http://www.w3.org/2000/svg"><text y="20">Bonjour</text><image href="{address}/a.png"/></svg>'.encode(),
        FileType.EML: office_files.message("Bonjour", f'<p>Bonjour</p><img src="{address}/a.png">', {}),
        FileType.EPUB: office_files.epub(f'<p>Bonjour</p><img src="{address}/a.png"/>'),
        FileType.TEXT: f"Bonjour\n\n![plan]({address}/a.png)\n".encode(),
    }[kind]


KINDS = [
    FileType.DOCX,
    FileType.ODT,
    FileType.RTF,
    FileType.HTML,
    FileType.SVG,
    FileType.EML,
    FileType.EPUB,
    FileType.TEXT,
]


@pytest.mark.parametrize("here", [True, False], ids=["libreoffice", "wheels"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_document_fetches_nothing(monkeypatch, listener, kind, here):
    if not here:
        monkeypatch.setenv(office.SETTING, "")
    elif not office.has_office(FileType.DOCX):
        pytest.skip("LibreOffice is not installed")
    port, connections = listener
    socket.create_connection(("127.0.0.1", port), 2).close()
    try:
        with converted(io.BytesIO(fetching(kind, f"http://127.0.0.1:{port}")), kind, "notes.md") as made:
            assert "Bonjour" in words(made.path)
    except NotConverted:
        assert kind is FileType.SVG
    assert len(connections) == 1, "ours"


def words(path: Path) -> str:
    return " ".join(
        page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(path.read_bytes())
    )


@pytest.mark.parametrize("here", [True, False], ids=["libreoffice", "wheels"])
def test_a_document_reads_no_file_of_the_machine(monkeypatch, tmp_path, here):
    if not here:
        monkeypatch.setenv(office.SETTING, "")
    elif not office.has_office(FileType.DOCX):
        pytest.skip("LibreOffice is not installed")
    secret = tmp_path / "secret.txt"
    secret.write_text("mot-de-passe-du-serveur")
    section = f'<text:section text:name="a"><text:section-source xlink:href="{secret.as_uri()}"/><text:p>vide</text:p></text:section>'
    with converted(io.BytesIO(office_files.odt("Bonjour", body=section)), FileType.ODT) as made:
        assert "Bonjour" in words(made.path)
        assert "mot-de-passe" not in words(made.path)


def test_an_archive_that_swells_is_opened_within_bounds():
    content = samples.archive({"grand.txt": bytes(300_000_000), "notes.txt": "Bonjour"})
    with converted(io.BytesIO(content), FileType.ZIP) as made:
        faults = {entry["name"]: entry["fault"] for entry in made.entries}
    assert faults == {"grand.txt": "too_large", "notes.txt": ""}


def test_no_name_of_an_archive_is_a_path(tmp_path):
    content = samples.archive({"../../../../tmp/acquis-evil.txt": "Bonjour"})
    with converted(io.BytesIO(content), FileType.ZIP) as made:
        assert made.pages == 2
    assert not Path("/tmp/acquis-evil.txt").exists()
