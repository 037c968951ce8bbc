"""PDF: what runs, sends or opens something by itself is taken out of the copy that others than the owner
receive.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import pikepdf

from portfolio.files.file_types.types import ActiveContent
from portfolio.files.metadata_removal.byte_edits import CannotClean

# Actions by their type (ISO 32000-2, table 201). A link that a person follows to the web, and a jump in the
# document, stay.
_ACTIONS = {
    "/JavaScript": ActiveContent.SCRIPT,
    "/Launch": ActiveContent.OPENS_FILE,
    "/GoToR": ActiveContent.OPENS_FILE,
    "/GoToE": ActiveContent.OPENS_FILE,
    "/ImportData": ActiveContent.OPENS_FILE,
    "/SubmitForm": ActiveContent.SENDS_FORM,
    "/Rendition": ActiveContent.PLAYS,
    "/Sound": ActiveContent.PLAYS,
    "/Movie": ActiveContent.PLAYS,
    "/RichMediaExecute": ActiveContent.PLAYS,
    "/GoTo3DView": ActiveContent.PLAYS,
}
_PLAYERS = {"/RichMedia", "/3D", "/Movie", "/Screen", "/Sound"}
_PLAYED = ("/RichMediaContent", "/RichMediaSettings", "/3DD", "/3DA", "/Movie", "/Sound", "/A")
_WEB = {"http", "https", "mailto", "tel", "ftp", ""}
# How deep values may be written inside each other, and PDFs carried in each other.
_MAX_NESTING, _MAX_DEPTH, _MAX_INNER_BYTES = 40, 3, 100_000_000


def prepare() -> None:
    """Load what reading and writing a PDF needs, before the process gives up opening files."""
    made = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("0"))
        document.save(
            made, encryption=pikepdf.Encryption(owner="prepare", user="")
        )  # ciphers are loaded at their first use
    without_actions(made)


def without_actions(content: BinaryIO, depth: int = 1) -> tuple[frozenset[ActiveContent], io.BytesIO | None]:
    """Return what acts by itself in a PDF, and a copy without it; no copy when nothing does.

    Raises CannotClean.

    `depth`: how many PDFs this one lies in, itself included.
    """
    content.seek(0)
    try:
        with pikepdf.open(content, suppress_warnings=True) as document:
            found = frozenset(_Removal(document, depth).run())
            if not found:
                return found, None
            copy = io.BytesIO()
            document.save(copy, compress_streams=False, encryption=False)
            return found, copy
    except pikepdf.PdfError as error:
        raise CannotClean from error


class _Removal:
    """Takes the actions out of one document, and says of which kinds they are."""

    def __init__(self, document: pikepdf.Pdf, depth: int) -> None:
        """Work on this document, which lies so deep in others."""
        self._document, self._depth = document, depth
        self._seen: set[tuple[int, int]] = set()

    def run(self) -> Iterator[ActiveContent]:
        """Yield each kind of what is taken out, as often as it is found. Raises CannotClean."""
        yield from self._from_catalog()
        for found in self._document.objects:
            yield from self._from(found, 0)

    def _from_catalog(self) -> Iterator[ActiveContent]:
        """Take out what the document as a whole does when it is opened."""
        root = self._document.Root
        opening = root.get("/OpenAction")
        if isinstance(opening, pikepdf.Dictionary) and str(opening.get("/S", "")) != "/GoTo":
            yield _ACTIONS.get(str(opening.get("/S", "")), ActiveContent.STARTS)
            del root["/OpenAction"]
        for holder, key in ((root.get("/Names"), "/JavaScript"), (root.get("/AcroForm"), "/XFA")):
            if isinstance(holder, pikepdf.Dictionary) and key in holder:
                yield ActiveContent.SCRIPT
                del holder[key]

    def _from(self, value: Any, nesting: int) -> Iterator[ActiveContent]:
        """Take the actions out of a value and of what is written inside it; what it refers to is looked at by
        itself.
        """
        if nesting > _MAX_NESTING:
            raise CannotClean
        if isinstance(value, pikepdf.Array):
            for item in value:
                if isinstance(item, pikepdf.Dictionary | pikepdf.Array) and not item.is_indirect:
                    yield from self._from(item, nesting + 1)
        elif isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            yield from self._from_dictionary(value)
            for key in list(value.keys()):
                held = value.get(key)
                if isinstance(held, pikepdf.Dictionary | pikepdf.Array) and not held.is_indirect:
                    yield from self._from(held, nesting + 1)

    def _from_dictionary(self, value: Any) -> Iterator[ActiveContent]:
        if "/AA" in value:  # what happens when a page is shown, a field is left, a file is closed
            yield ActiveContent.STARTS
            del value["/AA"]
        action = str(value.get("/S", ""))
        if _is_action(value) and action in _ACTIONS:
            yield _ACTIONS[action]
            _disarm(value)
        elif action == "/URI" and not _leads_to_the_web(value.get("/URI")):
            yield ActiveContent.OPENS_FILE
            _disarm(value)
        if "/JS" in value:
            yield ActiveContent.SCRIPT
            del value["/JS"]
        if str(value.get("/Subtype", "")) in _PLAYERS:
            played = [key for key in _PLAYED if key in value]
            yield from [ActiveContent.PLAYS] * bool(played)
            for key in played:
                del value[key]
        files = value.get("/EF")
        if isinstance(files, pikepdf.Dictionary):
            for file in files.values():
                yield from self._from_file(file)

    def _from_file(self, file: Any) -> Iterator[ActiveContent]:
        """Do the same in a PDF that the document carries."""
        if not isinstance(file, pikepdf.Stream) or file.objgen in self._seen:
            return
        self._seen.add(file.objgen)
        held = file.read_bytes()
        if b"%PDF-" not in held[:1024]:
            return
        if self._depth >= _MAX_DEPTH or len(held) > _MAX_INNER_BYTES:
            raise CannotClean
        found, copy = without_actions(io.BytesIO(held), self._depth + 1)
        yield from found
        if copy is not None:
            file.write(copy.getvalue())


def _is_action(value: Any) -> bool:
    """Whether a dictionary with a name under S is an action: parts of the structure and transitions have one
    too.
    """
    return str(value.get("/Type", "/Action")) == "/Action" and "/K" not in value


def _disarm(action: Any) -> None:
    """Replace an action by one that does nothing: what refers to it stays whole."""
    for key in list(action.keys()):
        if key not in ("/Type", "/Next"):
            del action[key]
    action["/S"], action["/N"] = pikepdf.Name.Named, pikepdf.Name("/None")


def _leads_to_the_web(address: Any) -> bool:
    try:
        return urlsplit(str(address).strip()).scheme.lower() in _WEB and not str(address).lstrip().startswith(
            "\\\\"
        )
    except ValueError:
        return False
