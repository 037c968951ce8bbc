"""Documents that would fetch, read or run something when they are opened: no converter does it for them."""

import io
import socket
from pathlib import Path

import pypdfium2
import pytest

from portfolio.files.conversion import office
from portfolio.files.conversion.codes import NotConverted
from portfolio.files.conversion.converting import converted
from portfolio.files.file_types.types import FileType
from tests import office_files, samples
from tests.calling import calling_documents, listener

__all__ = ["listener"]

KINDS = [name for name in calling_documents("") if name != "PDF"]


@pytest.mark.slow
@pytest.mark.parametrize("here", [True, False], ids=["libreoffice", "wheels"])
@pytest.mark.parametrize("name", KINDS)
def test_a_document_fetches_nothing(monkeypatch, listener, name, here):
    if not here:
        monkeypatch.setenv(office.SETTING, "")
    elif not office.has_office(FileType.DOCX):
        pytest.skip("LibreOffice is not installed")
    port, connections = listener
    socket.create_connection(("127.0.0.1", port), 2).close()
    try:
        kind, content = calling_documents(f"http://127.0.0.1:{port}")[name]
        with converted(io.BytesIO(content), kind) as made:
            assert "Bonjour" in words(made.path)
    except NotConverted:
        assert kind is FileType.SVG
    assert len(connections) == 1, "ours"


def words(path: Path) -> str:
    return " ".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(path.read_bytes()))


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


@pytest.mark.slow
def test_an_archive_that_swells_is_opened_within_bounds():
    content = samples.archive({"grand.txt": bytes(300_000_000), "notes.txt": "Bonjour"})
    with converted(io.BytesIO(content), FileType.ZIP) as made:
        faults = {entry["name"]: entry["fault"] for entry in made.entries}
    assert faults == {"grand.txt": "too_large", "notes.txt": ""}


@pytest.mark.slow
def test_no_name_of_an_archive_is_a_path(tmp_path):
    content = samples.archive({"../../../../tmp/acquis-evil.txt": "Bonjour"})
    with converted(io.BytesIO(content), FileType.ZIP) as made:
        assert made.pages == 2
    assert not Path("/tmp/acquis-evil.txt").exists()
