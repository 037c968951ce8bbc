"""Documents that name something of another machine or another file, which opening them would call."""

import io
import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage

import pikepdf
import pytest

from portfolio.files.file_types.types import FileType
from tests import office_files, samples

_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PICTURE = (
    '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
    '<wp:extent cx="914400" cy="914400"/><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData '
    'uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill><a:blip r:link="rId9"/></pic:blipFill></pic:pic>'
    "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
)
_FIELD = (
    '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>INCLUDEPICTURE "{address}/a.png"'
    '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
)


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


def _docx(body: str, relation: str, address: str) -> bytes:
    link = f'<Relationship Id="rId9" Type="{_REL}/{relation}" Target="{address}" TargetMode="External"/>'
    return office_files.docx("Bonjour", body=body, relations=link)


def _pdf(address: str) -> bytes:
    """A PDF whose picture is kept on another machine, and which carries a web page."""
    with pikepdf.open(io.BytesIO(samples.pdf(1, "Bonjour"))) as document:
        outside = document.make_stream(b"")
        outside.F = pikepdf.Dictionary(
            Type=pikepdf.Name.Filespec, FS=pikepdf.Name.URL, F=pikepdf.String(f"{address}/a.png")
        )
        document.pages[0].obj.Resources.XObject = pikepdf.Dictionary(Im=outside)
        document.attachments["page.html"] = f'<img src="{address}/a.png">'.encode()
        made = io.BytesIO()
        document.save(made)
    return made.getvalue()


def calling_pdfs(address: str) -> dict[str, bytes]:
    """A PDF for each action by which one opens, sends or fetches something of this address, by its name."""
    elsewhere = pikepdf.Dictionary(FS=pikepdf.Name.URL, F=pikepdf.String(f"{address}/a.pdf"))
    actions: dict[str, dict[str, object]] = {
        "/GoToR": {"F": elsewhere},
        "/GoToE": {"F": elsewhere},
        "/SubmitForm": {"F": elsewhere},
        "/ImportData": {"F": elsewhere},
        "/JavaScript": {"JS": pikepdf.String(f"app.launchURL('{address}')")},
        "/URI": {"URI": pikepdf.String(address.replace("http:", "file:"))},
    }
    made = {}
    for name, entries in actions.items():
        for at_once in (False, True):
            with pikepdf.open(io.BytesIO(samples.pdf(1, "Bonjour"))) as document:
                action = pikepdf.Dictionary(S=pikepdf.Name(name), **entries)
                link = pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 500, 800], A=action
                )
                if at_once:
                    document.Root.OpenAction = action
                else:
                    document.pages[0].obj.Annots = [document.make_indirect(link)]
                out = io.BytesIO()
                document.save(out)
                made[f"{name}{' at once' if at_once else ''}"] = out.getvalue()
    return made


def _message(address: str) -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"] = "a@exemple.fr", "Bonjour"
    made.set_content(f'<p>Bonjour</p><img src="{address}/a.png">', subtype="html")
    return bytes(made)


def calling_documents(address: str) -> dict[str, tuple[FileType, bytes]]:
    """A document of each kind that names this address, and what it is."""
    picture = f'<draw:frame><draw:image xlink:href="{address}/a.png"/></draw:frame>'
    section = f'<text:section text:name="a"><text:section-source xlink:href="{address}/a.odt"/><text:p>x</text:p></text:section>'
    return {
        "linked picture": (FileType.DOCX, _docx(_PICTURE, "image", f"{address}/a.png")),
        "field": (FileType.DOCX, office_files.docx("Bonjour", body=_FIELD.format(address=address))),
        "alternative content": (FileType.DOCX, _docx('<w:altChunk r:id="rId9"/>', "aFChunk", f"{address}/a.html")),
        "external film": (FileType.DOCX, _docx("", "video", f"{address}/a.mp4")),
        "OpenDocument picture": (FileType.ODT, office_files.odt("Bonjour", body=f"<text:p>{picture}</text:p>")),
        "OpenDocument section": (FileType.ODT, office_files.odt("Bonjour", body=section)),
        "flat OpenDocument": (
            FileType.FODT,
            samples.flat_opendocument(inside="<text:p>Bonjour</text:p>" + picture).replace(
                b"<office:document ", b'<office:document xmlns:xlink="http://www.w3.org/1999/xlink" '
            ),
        ),
        "rich text": (
            FileType.RTF,
            f'{{\\rtf1 Bonjour {{\\field{{\\*\\fldinst INCLUDEPICTURE "{address}/a.png"}}{{\\fldrslt x}}}}}}'.encode(),
        ),
        "web page": (
            FileType.HTML,
            f'<html><body><p>Bonjour</p><img src="{address}/a.png"><link rel=stylesheet href="{address}/a.css"></body></html>'.encode(),
        ),
        "drawing": (
            FileType.SVG,
            f'<svg xmlns="http://www.w3.org/2000/svg"><text y="20">Bonjour</text><image href="{address}/a.png"/></svg>'.encode(),
        ),
        "message": (FileType.EML, _message(address)),
        "electronic book": (FileType.EPUB, office_files.epub(f'<p>Bonjour</p><img src="{address}/a.png"/>')),
        "PDF": (FileType.PDF, _pdf(address)),
    }
