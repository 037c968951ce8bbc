"""Documents of Pages, Numbers and Keynote: Apple's own programs alone read them, but most hold a preview."""

from __future__ import annotations

from zipfile import ZipFile

from portfolio.files.file_types.formats.gzip_stream import gunzip
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

# The whole document as a PDF where its author asked for it, else a picture of its beginning; the best first.
PREVIEWS = ("QuickLook/Preview.pdf", "preview.jpg", "QuickLook/Thumbnail.jpg", "QuickLook/Thumbnail.png")
_PACKED, _MAIN = ".iwa", "Index/Document.iwa"
_BEFORE_2013 = {"index.apxl": FileType.KEYNOTE, "index.apxl.gz": FileType.KEYNOTE}
_XML_BEFORE_2013 = ("index.xml", "index.xml.gz")
_SLIDES = ("Index/Slide", "Index/MasterSlide", "Index/TemplateSlide")
_BEHIND_PASSWORD = (".iwpv2", ".iwph")
# The first object of a document of Pages is of the type 10,000, that of the two others of the type 1.
_PAGES_TYPE = b"\x08\x90\x4e"
_NUMBERS_ROOT = b"<ls:document"
_HEAD, _FIRST_OBJECT = 4096, 64


def kind_of(archive: ZipFile) -> DetectedFile | None:
    """Return the kind of document of Apple, None of another archive; raise FileRejected: PASSWORD,
    OTHER_OFFICE (without a preview).
    """
    names = archive.namelist()
    kind = _kind_of_today(archive, names) or _kind_of_before_2013(archive, names)
    if kind is None:
        return None
    if any(name.endswith(_BEHIND_PASSWORD) for name in names):
        raise FileRejected(RejectionReason.PASSWORD, {"kind": kind})
    if not any(preview in names for preview in PREVIEWS):
        raise FileRejected(RejectionReason.OTHER_OFFICE)
    return DetectedFile(kind)


def _kind_of_today(archive: ZipFile, names: list[str]) -> FileType | None:
    if not any(name.endswith(_PACKED) for name in names):
        return None
    if any(name.startswith(_SLIDES) for name in names):
        return FileType.KEYNOTE
    return (
        FileType.PAGES if _MAIN in names and _PAGES_TYPE in _head(archive, _MAIN)[:64] else FileType.NUMBERS
    )


def _kind_of_before_2013(archive: ZipFile, names: list[str]) -> FileType | None:
    for name, kind in _BEFORE_2013.items():
        if name in names:
            return kind
    for name in _XML_BEFORE_2013:
        if name in names and any(entry_name.startswith("QuickLook/") for entry_name in names):
            head = _head(archive, name)
            if name.endswith(".gz"):
                head = gunzip(head, _HEAD)
            return FileType.NUMBERS if _NUMBERS_ROOT in head else FileType.PAGES
    return None


def _head(archive: ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(_HEAD)
