"""The types of files that evidence may have, the reasons to refuse one, and the values that say so.

What is made of each type: page images, a playable copy, or the text alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Self


class FileCategory(StrEnum):
    """Families of files, as a person names them."""

    DOCUMENT = "document"
    IMAGE = "image"
    SPREADSHEET = "spreadsheet"
    SLIDES = "slides"
    TEXT = "text"
    MAIL = "mail"
    ARCHIVE = "archive"
    AUDIO = "audio"
    VIDEO = "video"


_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"


class FileType(StrEnum):
    """A type of file that is accepted; its value is the extension that its copies carry.

    Each is declared with the media type that its copies are sent with, what a person would call it, and the other
    endings that its name may have.
    """

    mime: str
    family: FileCategory
    # Without the dot, the usual one first.
    extensions: tuple[str, ...]

    def __new__(cls, value: str, mime: str = "", family: FileCategory = FileCategory.DOCUMENT, *also: str) -> Self:
        """Make a member of its declaration."""
        member = str.__new__(cls, value)
        member._value_, member.mime, member.family, member.extensions = value, mime, family, (value, *also)
        return member

    PDF = ("pdf", "application/pdf", FileCategory.DOCUMENT)
    JPEG = ("jpg", "image/jpeg", FileCategory.IMAGE, "jpeg", "jpe", "jfif")
    PNG = ("png", "image/png", FileCategory.IMAGE)
    WEBP = ("webp", "image/webp", FileCategory.IMAGE)
    GIF = ("gif", "image/gif", FileCategory.IMAGE)
    TIFF = ("tiff", "image/tiff", FileCategory.IMAGE, "tif")
    HEIC = ("heic", "image/heic", FileCategory.IMAGE, "heif", "hif")
    AVIF = ("avif", "image/avif", FileCategory.IMAGE)
    DOC = ("doc", "application/msword", FileCategory.DOCUMENT, "dot")
    DOCX = ("docx", f"{_OOXML}.wordprocessingml.document", FileCategory.DOCUMENT, "dotx")
    ODT = ("odt", f"{_ODF}.text", FileCategory.DOCUMENT, "ott")
    RTF = ("rtf", "application/rtf", FileCategory.DOCUMENT)
    XLS = ("xls", "application/vnd.ms-excel", FileCategory.SPREADSHEET, "xlt")
    XLSX = ("xlsx", f"{_OOXML}.spreadsheetml.sheet", FileCategory.SPREADSHEET, "xltx")
    ODS = ("ods", f"{_ODF}.spreadsheet", FileCategory.SPREADSHEET, "ots")
    CSV = ("csv", "text/csv", FileCategory.SPREADSHEET, "tsv", "txt")
    PPT = ("ppt", "application/vnd.ms-powerpoint", FileCategory.SLIDES, "pps", "pot")
    PPTX = ("pptx", f"{_OOXML}.presentationml.presentation", FileCategory.SLIDES, "ppsx", "potx")
    ODP = ("odp", f"{_ODF}.presentation", FileCategory.SLIDES, "otp")
    # Nothing inside a Markdown file tells it from plain text: its name may say so, its type does not.
    TEXT = (
        *("txt", "text/plain", FileCategory.TEXT),
        *("md", "markdown", "tex", "json", "xml", "yaml", "yml", "vcf", "ics", "log"),
    )
    HTML = ("html", "text/html", FileCategory.TEXT, "htm", "xhtml")
    EPUB = ("epub", "application/epub+zip", FileCategory.DOCUMENT)
    SVG = ("svg", "image/svg+xml", FileCategory.DOCUMENT)
    BMP = ("bmp", "image/bmp", FileCategory.IMAGE)
    ZIP = ("zip", "application/zip", FileCategory.ARCHIVE)
    EML = ("eml", "message/rfc822", FileCategory.MAIL)
    MSG = ("msg", "application/vnd.ms-outlook", FileCategory.MAIL)
    MP3 = ("mp3", "audio/mpeg", FileCategory.AUDIO)
    M4A = ("m4a", "audio/mp4", FileCategory.AUDIO, "m4b")
    WAV = ("wav", "audio/wav", FileCategory.AUDIO)
    OGG = ("ogg", "audio/ogg", FileCategory.AUDIO, "oga", "opus")
    MP4 = ("mp4", "video/mp4", FileCategory.VIDEO, "m4v", "f4v")
    MOV = ("mov", "video/quicktime", FileCategory.VIDEO)
    WEBM = ("webm", "video/webm", FileCategory.VIDEO)
    FLAC = ("flac", "audio/flac", FileCategory.AUDIO)
    AAC = ("aac", "audio/aac", FileCategory.AUDIO)
    AMR = ("amr", "audio/amr", FileCategory.AUDIO)
    AIFF = ("aiff", "audio/aiff", FileCategory.AUDIO, "aif", "aifc")
    WMA = ("wma", "video/x-ms-asf", FileCategory.VIDEO, "wmv", "asf")
    MKV = ("mkv", "video/x-matroska", FileCategory.VIDEO, "mka")
    AVI = ("avi", "video/x-msvideo", FileCategory.VIDEO)
    THREEGP = ("3gp", "video/3gpp", FileCategory.VIDEO, "3g2")
    MPEG = ("mpg", "video/mpeg", FileCategory.VIDEO, "mpeg", "vob", "m2v", "mod")
    MTS = ("mts", "video/mp2t", FileCategory.VIDEO, "m2ts", "ts")
    ICO = ("ico", "image/vnd.microsoft.icon", FileCategory.IMAGE)
    JP2 = ("jp2", "image/jp2", FileCategory.IMAGE, "j2k", "jpx", "jpf", "j2c")
    TGA = ("tga", "image/x-tga", FileCategory.IMAGE)
    PPM = ("ppm", "image/x-portable-anymap", FileCategory.IMAGE, "pgm", "pbm", "pnm")
    PCX = ("pcx", "image/x-pcx", FileCategory.IMAGE)
    PSD = ("psd", "image/vnd.adobe.photoshop", FileCategory.IMAGE)
    ODG = ("odg", f"{_ODF}.graphics", FileCategory.DOCUMENT, "otg")
    FODT = ("fodt", "application/x-fodt", FileCategory.DOCUMENT)
    FODS = ("fods", "application/x-fods", FileCategory.SPREADSHEET)
    FODP = ("fodp", "application/x-fodp", FileCategory.SLIDES)
    FODG = ("fodg", "application/x-fodg", FileCategory.DOCUMENT)
    EMF = ("emf", "image/emf", FileCategory.DOCUMENT)
    WMF = ("wmf", "image/wmf", FileCategory.DOCUMENT)
    SVGZ = ("svgz", "image/x-svgz", FileCategory.DOCUMENT)
    PAGES = ("pages", "application/vnd.apple.pages", FileCategory.DOCUMENT)
    NUMBERS = ("numbers", "application/vnd.apple.numbers", FileCategory.SPREADSHEET)
    KEYNOTE = ("key", "application/vnd.apple.keynote", FileCategory.SLIDES)
    MHTML = ("mht", "application/x-mimearchive", FileCategory.TEXT, "mhtml")
    CAF = ("caf", "audio/x-caf", FileCategory.AUDIO)
    AC3 = ("ac3", "audio/ac3", FileCategory.AUDIO, "eac3")
    MP2 = ("mp2", "audio/x-mp2", FileCategory.AUDIO, "mpa")
    AU = ("au", "audio/basic", FileCategory.AUDIO, "snd")
    W64 = ("w64", "audio/x-w64", FileCategory.AUDIO)
    DSS = ("dss", "audio/x-dss", FileCategory.AUDIO)
    FLV = ("flv", "video/x-flv", FileCategory.VIDEO)
    OGV = ("ogv", "video/ogg", FileCategory.VIDEO)
    DV = ("dv", "video/x-dv", FileCategory.VIDEO, "dif")
    MXF = ("mxf", "video/mxf", FileCategory.VIDEO)
    XLSB = ("xlsb", "application/vnd.ms-excel.sheet.binary", FileCategory.SPREADSHEET)


def is_scan(mime: str, family: str) -> bool:
    """Tell whether a file can show a signature made by hand: a PDF, or a picture."""
    return mime == FileType.PDF.mime or family == FileCategory.IMAGE


# For <input accept> of a signed document: the same, as names.
SCAN_ACCEPT_ATTRIBUTE = ",".join(
    f".{extension}" for kind in FileType if is_scan(kind.mime, kind.family) for extension in kind.extensions
)
# For <input accept>: a help to the person who chooses, never a check.
ACCEPT_ATTRIBUTE = ",".join(f".{extension}" for kind in FileType for extension in kind.extensions)


class RejectionReason(StrEnum):
    """Reasons why a file is not accepted as evidence; wording.py has the sentence of each."""

    EMPTY = "empty"
    DAMAGED = "damaged"
    PASSWORD = "password"  # noqa: S105 - a reason, not a secret
    LOCKED = "locked"
    COMPRESSION = "compression"
    UNSAFE_NAMES = "unsafe_names"
    TOO_MANY_PIXELS = "too_many_pixels"
    RESOURCE_LIMIT = "resource_limit"
    DECOMPRESSION_BOMB = "decompression_bomb"
    ARCHIVE = "archive"
    SPANNED = "spanned"
    WEB_PAGE = "web_page"
    WEB_ARCHIVE = "web_archive"
    ACTIVE_DRAWING = "active_drawing"
    PROGRAM = "program"
    SHORTCUT = "shortcut"
    MACROS = "macros"
    REMOTE_CONTENT = "remote_content"
    FORMULA_INJECTION = "formula_injection"
    DDE = "dde"
    ENTITIES = "entities"
    EMBEDDED_PROGRAM = "embedded_program"
    LAUNCHES = "launches"
    DYNAMIC_FORM = "dynamic_form"
    OTHER_IMAGE = "other_image"
    OTHER_MEDIA = "other_media"
    OTHER_OFFICE = "other_office"
    NO_PREVIEW = "no_preview"
    EBOOK = "ebook"
    UNKNOWN = "unknown"
    NOT_CHECKED = "not_checked"
    INFECTED = "infected"
    TOO_LARGE_TO_SCAN = "too_large_to_scan"
    NOT_SCANNED = "not_scanned"


class ActiveContent(StrEnum):
    """Acts that a document would do by itself, and a copy for others does without; wording/files.py has the words
    of each.
    """

    SCRIPT = "script"
    STARTS = "starts"
    OPENS_FILE = "opens_file"
    SENDS_FORM = "sends_form"
    PLAYS = "plays"


@dataclass(frozen=True)
class DetectedFile:
    """Type of a file, once opened; `pages` is known of a PDF and of a TIFF, `seconds` of most recordings."""

    kind: FileType
    pages: int | None = None
    seconds: int | None = None
    # The day that a camera wrote into a photograph.
    taken_on: date | None = None

    @property
    def mime(self) -> str:
        """Return the media type that copies are sent with."""
        return self.kind.mime

    @property
    def extension(self) -> str:
        """Return the extension that copies carry, without the dot."""
        return self.kind.value


@dataclass
class FileRejected(Exception):  # noqa: N818 - the word of the domain
    """The file is not accepted, and why; `facts` are the figures its sentence tells."""

    code: RejectionReason
    facts: Mapping[str, int | str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the code and the facts, for a log: no word of the file itself."""
        return f"{self.code}: {dict(self.facts)}"


PDF_TYPE = "application/pdf"


class Converter(StrEnum):
    """The program that made the pages."""

    LIBREOFFICE = "libreoffice"
    TEXT = "text"
    MEDIA = "media"
    PREVIEW = "preview"


class Route(StrEnum):
    """Ways to make the files of a kind readable."""

    OFFICE = "office"
    TYPESET = "typeset"
    CONTAINER = "container"
    PREVIEW = "preview"
    MEDIA = "media"


_OFFICE = {
    FileType.DOC, FileType.DOCX, FileType.ODT, FileType.RTF, FileType.XLS, FileType.XLSX, FileType.ODS,
    FileType.PPT, FileType.PPTX, FileType.ODP, FileType.ODG, FileType.FODT, FileType.FODS, FileType.FODP,
    FileType.FODG, FileType.EMF, FileType.WMF, FileType.XLSB,
}  # fmt: skip


_CONTAINERS = {FileType.EML, FileType.MSG, FileType.ZIP}


_TYPESET = {
    FileType.TEXT, FileType.CSV, FileType.HTML, FileType.EPUB, FileType.SVG, FileType.SVGZ, FileType.MHTML,
}  # fmt: skip


# Only Apple's own programs read these: the preview that the file holds is shown.
_PREVIEWED = {FileType.PAGES, FileType.NUMBERS, FileType.KEYNOTE}


def file_kind(media_type: str) -> FileType | None:
    """Return the kind of file that has this media type."""
    return next((kind for kind in FileType if kind.mime == media_type), None)


def route_of(kind: FileType) -> Route | None:
    """Return how files of this kind are made readable; None of a PDF and of an image, which are drawn as they are."""
    if kind in _OFFICE:
        return Route.OFFICE
    if kind in _CONTAINERS:
        return Route.CONTAINER
    if kind in _TYPESET:
        return Route.TYPESET
    if kind in _PREVIEWED:
        return Route.PREVIEW
    return Route.MEDIA if kind.family in (FileCategory.AUDIO, FileCategory.VIDEO) else None


# Where LibreOffice is not installed, or fails: calamine reads the values of workbooks, lxml the words of its documents.
WORKBOOKS = frozenset({FileType.XLS, FileType.XLSX, FileType.XLSB, FileType.ODS})
OPENDOCUMENTS = frozenset(
    {FileType.ODT, FileType.ODP, FileType.ODG, FileType.FODT, FileType.FODS, FileType.FODP, FileType.FODG}
)


def is_converted(media_type: str) -> bool:
    """Return whether something is made of a file of this type before its pages are drawn, or it is played."""
    kind = file_kind(media_type)
    return kind is not None and route_of(kind) is not None


def is_played(media_type: str) -> bool:
    """Return whether a file of this type is a recording."""
    kind = file_kind(media_type)
    return kind is not None and route_of(kind) is Route.MEDIA


# Pages drawn of one file: a whole dossier has 50 to 120 (domain §2).
MAX_PAGES = 500


def kind_of(mime: str) -> FileType | None:
    """Answer the kind of file that has this media type, if its pages can be drawn: a PDF or an image."""
    kind = file_kind(mime)
    return kind if kind is FileType.PDF or (kind and kind.family is FileCategory.IMAGE) else None


def pages_of(mime: str, counted: int | None) -> int:
    """Answer how many pages can be read of a file: those counted when it was received, 1 of an image, 0 of
    what is not read here.

    Of a file of which pages are made first, it is 1 until they are (services.conversions).
    """
    return (counted or 1) if kind_of(mime) or is_converted(mime) else 0


SheetExtent = tuple[str, int, int]


@dataclass(frozen=True)
class Converted:
    """A file that was made, in a folder that is deleted soon: a PDF, or a recording that browsers play."""

    path: Path
    media_type: str
    pages: int
    converter: Converter
    # More was in the file than is shown; of a table, how many rows are shown, and how many there are.
    is_cut: bool = False
    rows: tuple[int, int] | None = None
    # Of a workbook: the name of each sheet shown, its last row and its last column.
    sheets: tuple[SheetExtent, ...] = ()
    seconds: int | None = None
    # Files inside the file, as plain values of InnerEntry.
    entries: tuple[Mapping[str, Any], ...] = field(default=())
    # A picture of a recording: a frame of a film, the waves of a sound.
    poster: Path | None = None
