"""The types of files that evidence may have, the reasons to refuse one, and the values that say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Self


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


# For <input accept>: a help to the person who chooses, never a check.
ACCEPT_ATTRIBUTE = ",".join(f".{extension}" for kind in FileType for extension in kind.extensions)


class RejectionReason(StrEnum):
    """Reasons why a file is not accepted as evidence; wording.py has the sentence of each."""

    EMPTY = "empty"
    DAMAGED = "damaged"
    PASSWORD = "password"  # noqa: S105 - a reason, not a secret
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
