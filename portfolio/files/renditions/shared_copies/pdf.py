"""PDF: what acts, calls another file or machine, or tells a place is taken out of the copy that others than
the owner receive.
"""

import base64
import io
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import pikepdf

from portfolio.files.file_types.types import ActiveContent

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
# How deep values may be written inside each other, and the largest picture that is unpacked.
_MAX_NESTING, _MOST_UNPACKED = 40, 128 << 20
# What a file or a page carries beside what it shows: other files, which are read here as pages.
_CARRIED = ("/EmbeddedFiles", "/EF", "/AF", "/RF", "/Collection", "/OPI")
# Segments of a JPEG in which cameras and programs write: EXIF and XMP, IPTC, comments.
_WRITTEN_IN = (0xE1, 0xED, 0xFE)
_PLACES = (b"GPS", b"photoshop:City", b"Iptc4xmp")


def prepare() -> None:
    """Load what reading and writing a PDF needs, before the process gives up opening files."""
    made = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        told = b"\xff\xd8\xff\xe1\x00\x02\xff\xd9"  # a picture in which a camera wrote
        document.Root.Picture = document.make_stream(told, Filter=[pikepdf.Name.DCTDecode])
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("0"))
        document.save(
            made, encryption=pikepdf.Encryption(owner="prepare", user="")
        )  # ciphers are loaded at their first use
    shared_pdf(made)


def shared_pdf(content: BinaryIO) -> tuple[frozenset[ActiveContent], io.BytesIO | None]:
    """Return what acts by itself in a PDF, and the copy that others receive; no copy of one in which there is
    nothing to take out.

    Raises ValueError or PdfError when that cannot be known for sure.
    """
    content.seek(0)
    with pikepdf.open(content, suppress_warnings=True) as document:
        removal = _Removal(document)
        found = frozenset(removal.run())
        if not found and not removal.has_changed:
            return found, None
        copy = io.BytesIO()
        # The same bytes each time: a download that was cut goes on with those of another request.
        document.save(copy, compress_streams=False, encryption=False, fix_metadata_version=False, deterministic_id=True)
        return found, copy


def remove_what_acts(document: pikepdf.Pdf) -> None:
    """Take out of a PDF what acts by itself, what it calls and what tells a place.

    Raises ValueError when that cannot be known for sure.
    """
    list(_Removal(document).run())


def remove_places(document: pikepdf.Pdf) -> bool:
    """Take out what the pictures and the metadata of a PDF tell of a place; return whether there was something.

    Raises ValueError when a picture is packed in a way that cannot be looked into.
    """
    streams = [found for found in document.objects if isinstance(found, pikepdf.Stream)]
    return sum(map(_without_places, streams)) > 0


class _Removal:
    """Takes the actions, the files and the places out of one document, and says what acted."""

    def __init__(self, document: pikepdf.Pdf) -> None:
        """Work on this document."""
        self._document = document
        # Whether something was taken out that did not act by itself.
        self.has_changed = False

    def run(self) -> Iterator[ActiveContent]:
        """Yield each kind of what acts and is taken out, as often as it is found. Raises ValueError."""
        yield from self._from_catalog()
        for found in self._document.objects:
            yield from self._from(found, 0)
        self.has_changed |= remove_places(self._document)

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
        """Take the actions out of a value and of what is written inside it; what it refers to is looked
        at by itself.
        """
        if nesting > _MAX_NESTING:
            raise ValueError("nested too deep")
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
        if _calls_a_file(value):
            yield ActiveContent.OPENS_FILE
        for key in _CARRIED:
            if key in value:
                self.has_changed = True
                del value[key]


def _calls_a_file(value: Any) -> bool:
    """Take out of a dictionary the file or the address that its content comes from; return whether there is
    one: a stream kept outside, a page of another PDF, a file given by its address.
    """
    outside = (
        *(("/F", "/FFilter", "/FDecodeParms") if isinstance(value, pikepdf.Stream) else ()),
        *(("/Ref",) if str(value.get("/Subtype", "")) == "/Form" else ()),
        *(("/F", "/UF") if str(value.get("/FS", "")) == "/URL" else ()),
    )
    called = [key for key in outside if key in value]
    for key in called:
        del value[key]
    return bool(called)


def _is_action(value: Any) -> bool:
    """Tell whether a dictionary with a name under S is an action: parts of the structure and transitions
    have one too.
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
        return urlsplit(str(address).strip()).scheme.lower() in _WEB and not str(address).lstrip().startswith("\\\\")
    except ValueError:
        return False


def _without_places(stream: Any) -> bool:
    """Take the place that a picture or metadata tells out of a stream; return whether it told one."""
    if str(stream.get("/Type", "")) == "/Metadata":
        tells = any(place in stream.read_bytes() for place in _PLACES)
        if tells:
            stream.write(b"")
        return tells
    found = compressed_picture(stream)
    if found is None:
        return False
    name, packed = found
    picture = _PICTURES[name](packed)
    if picture == packed:
        return False
    told = stream.get("/DecodeParms")
    kept = told[-1] if isinstance(told, pikepdf.Array) else told
    stream.write(picture, filter=pikepdf.Name(name), decode_parms=kept)
    return True


def filters_of(stream: pikepdf.Stream) -> list[str]:
    """Return the names of what a stream is packed with, the last one to undo at the end."""
    named = stream.get("/Filter")
    return [str(one) for one in named] if isinstance(named, pikepdf.Array) else [str(named)] if named else []


def compressed_picture(stream: pikepdf.Stream) -> tuple[str, bytes] | None:
    """Return the JPEG or JPEG 2000 that a stream is, after the name of its filter; None of another stream.

    Raises ValueError when it is packed once more in a way that cannot be looked into.
    """
    filters = filters_of(stream)
    if not filters or filters[-1] not in _PICTURES:
        return None
    content = stream.read_raw_bytes()
    for name in filters[:-1]:
        content = _unpacked(content, name)
    return filters[-1], content


def _unpacked(content: bytes, name: str) -> bytes:
    if name in ("/FlateDecode", "/Fl"):
        unpacking = zlib.decompressobj()
        found = unpacking.decompress(content, _MOST_UNPACKED)
        if not unpacking.unconsumed_tail:
            return found
    if name in ("/ASCII85Decode", "/A85"):
        return base64.a85decode(content.partition(b"~>")[0], ignorechars=b" \t\n\r\v\f\0")
    raise ValueError("a picture that cannot be looked into")


def _bare_jpeg(content: bytes) -> bytes:
    """Return a JPEG without what its camera wrote beside its pixels, nor what follows its end."""
    kept, at = [content[:2]], 2
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] != 0xDA:  # start of the pixels
        length = 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if content[at + 1] not in _WRITTEN_IN:
            kept.append(content[at : at + length])
        at += length
    end = content.find(b"\xff\xd9", at)
    kept.append(content[at : end + 2] if end >= 0 else content[at:])
    return b"".join(kept)


def _bare_jpx(content: bytes) -> bytes:
    """Return a JPEG 2000 whose boxes of other data (EXIF, XMP) are empty; a bare stream has none."""
    found, at = bytearray(content), 0
    while content[4:8] == b"jP  " and at + 8 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big") or len(content) - at
        if content[at + 4 : at + 8] in (b"uuid", b"xml "):
            found[at + 4 : at + length] = b"free" + bytes(min(length, len(content) - at) - 8)
        at += max(length, 8)
    return bytes(found)


_PICTURES: Mapping[str, Callable[[bytes], bytes]] = {
    "/DCTDecode": _bare_jpeg,
    "/DCT": _bare_jpeg,
    "/JPXDecode": _bare_jpx,
}
