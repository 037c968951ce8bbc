"""The types of files that evidence may have, the reasons to refuse one, and the values that say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Family(StrEnum):
    """What a person would call the file."""

    DOCUMENT = "document"
    IMAGE = "image"
    SPREADSHEET = "spreadsheet"
    SLIDES = "slides"
    TEXT = "text"
    MAIL = "mail"
    ARCHIVE = "archive"
    AUDIO = "audio"
    VIDEO = "video"


class FileKind(StrEnum):
    """A type of file that is accepted; its value is the extension that its copies carry."""

    PDF = "pdf"
    JPEG = "jpg"
    PNG = "png"
    WEBP = "webp"
    GIF = "gif"
    TIFF = "tiff"
    HEIC = "heic"
    AVIF = "avif"
    DOC = "doc"
    DOCX = "docx"
    ODT = "odt"
    RTF = "rtf"
    XLS = "xls"
    XLSX = "xlsx"
    ODS = "ods"
    CSV = "csv"
    PPT = "ppt"
    PPTX = "pptx"
    ODP = "odp"
    TEXT = "txt"
    HTML = "html"
    EPUB = "epub"
    SVG = "svg"
    BMP = "bmp"
    ZIP = "zip"
    EML = "eml"
    MSG = "msg"
    MP3 = "mp3"
    M4A = "m4a"
    WAV = "wav"
    OGG = "ogg"
    MP4 = "mp4"
    MOV = "mov"
    WEBM = "webm"
    FLAC = "flac"
    AAC = "aac"
    AMR = "amr"
    AIFF = "aiff"
    WMA = "wma"
    MKV = "mkv"
    AVI = "avi"
    THREEGP = "3gp"

    @property
    def mime(self) -> str:
        """The media type that copies are sent with."""
        return _TYPES[self][0]

    @property
    def family(self) -> Family:
        """What a person would call the file."""
        return _TYPES[self][1]

    @property
    def extensions(self) -> tuple[str, ...]:
        """The endings that a name of this type may have, without the dot, the usual one first."""
        return (self.value, *_ALSO_NAMED.get(self, ()))


_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"

_TYPES: Mapping[FileKind, tuple[str, Family]] = {
    FileKind.PDF: ("application/pdf", Family.DOCUMENT),
    FileKind.JPEG: ("image/jpeg", Family.IMAGE),
    FileKind.PNG: ("image/png", Family.IMAGE),
    FileKind.WEBP: ("image/webp", Family.IMAGE),
    FileKind.GIF: ("image/gif", Family.IMAGE),
    FileKind.TIFF: ("image/tiff", Family.IMAGE),
    FileKind.HEIC: ("image/heic", Family.IMAGE),
    FileKind.AVIF: ("image/avif", Family.IMAGE),
    FileKind.DOC: ("application/msword", Family.DOCUMENT),
    FileKind.DOCX: (f"{_OOXML}.wordprocessingml.document", Family.DOCUMENT),
    FileKind.ODT: (f"{_ODF}.text", Family.DOCUMENT),
    FileKind.RTF: ("application/rtf", Family.DOCUMENT),
    FileKind.XLS: ("application/vnd.ms-excel", Family.SPREADSHEET),
    FileKind.XLSX: (f"{_OOXML}.spreadsheetml.sheet", Family.SPREADSHEET),
    FileKind.ODS: (f"{_ODF}.spreadsheet", Family.SPREADSHEET),
    FileKind.CSV: ("text/csv", Family.SPREADSHEET),
    FileKind.PPT: ("application/vnd.ms-powerpoint", Family.SLIDES),
    FileKind.PPTX: (f"{_OOXML}.presentationml.presentation", Family.SLIDES),
    FileKind.ODP: (f"{_ODF}.presentation", Family.SLIDES),
    FileKind.TEXT: ("text/plain", Family.TEXT),
    FileKind.EML: ("message/rfc822", Family.MAIL),
    FileKind.MSG: ("application/vnd.ms-outlook", Family.MAIL),
    FileKind.MP3: ("audio/mpeg", Family.AUDIO),
    FileKind.M4A: ("audio/mp4", Family.AUDIO),
    FileKind.WAV: ("audio/wav", Family.AUDIO),
    FileKind.OGG: ("audio/ogg", Family.AUDIO),
    FileKind.MP4: ("video/mp4", Family.VIDEO),
    FileKind.MOV: ("video/quicktime", Family.VIDEO),
    FileKind.WEBM: ("video/webm", Family.VIDEO),
    FileKind.HTML: ("text/html", Family.TEXT),
    FileKind.EPUB: ("application/epub+zip", Family.DOCUMENT),
    FileKind.SVG: ("image/svg+xml", Family.DOCUMENT),
    FileKind.BMP: ("image/bmp", Family.IMAGE),
    FileKind.ZIP: ("application/zip", Family.ARCHIVE),
    FileKind.FLAC: ("audio/flac", Family.AUDIO),
    FileKind.AAC: ("audio/aac", Family.AUDIO),
    FileKind.AMR: ("audio/amr", Family.AUDIO),
    FileKind.AIFF: ("audio/aiff", Family.AUDIO),
    FileKind.WMA: ("video/x-ms-asf", Family.VIDEO),
    FileKind.MKV: ("video/x-matroska", Family.VIDEO),
    FileKind.AVI: ("video/x-msvideo", Family.VIDEO),
    FileKind.THREEGP: ("video/3gpp", Family.VIDEO),
}

# Nothing inside a Markdown file tells it from plain text: its name may say so, its type does not.
_ALSO_NAMED: Mapping[FileKind, tuple[str, ...]] = {
    FileKind.JPEG: ("jpeg", "jpe", "jfif"),
    FileKind.TIFF: ("tif",),
    FileKind.HEIC: ("heif", "hif"),
    FileKind.DOCX: ("dotx",),
    FileKind.XLSX: ("xltx",),
    FileKind.PPTX: ("ppsx", "potx"),
    FileKind.ODT: ("ott",),
    FileKind.ODS: ("ots",),
    FileKind.ODP: ("otp",),
    FileKind.CSV: ("tsv", "txt"),
    FileKind.TEXT: ("md", "markdown"),
    FileKind.OGG: ("oga", "opus"),
    FileKind.MP4: ("m4v",),
    FileKind.HTML: ("htm", "xhtml"),
    FileKind.AIFF: ("aif",),
    FileKind.WMA: ("wmv", "asf"),
    FileKind.MKV: ("mka",),
    FileKind.THREEGP: ("3g2",),
}

# For <input accept>: a help to the person who chooses, never a check.
ACCEPT_ATTRIBUTE = ",".join(f".{extension}" for kind in FileKind for extension in kind.extensions)


class RefusalCode(StrEnum):
    """Why a file is not accepted as evidence; wording.py has the sentence of each."""

    EMPTY = "empty"
    DAMAGED = "damaged"
    PASSWORD = "password"  # noqa: S105 - a reason, not a secret
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_DEMANDING = "too_demanding"
    SWELLS = "swells"
    ARCHIVE = "archive"
    SPANNED = "spanned"
    WEB_PAGE = "web_page"
    DRAWING = "drawing"
    PROGRAM = "program"
    SHORTCUT = "shortcut"
    MACROS = "macros"
    REMOTE_CONTENT = "remote_content"
    COMMANDS = "commands"
    DDE = "dde"
    EMBEDDED_PROGRAM = "embedded_program"
    LAUNCHES = "launches"
    OTHER_IMAGE = "other_image"
    OTHER_MEDIA = "other_media"
    OTHER_OFFICE = "other_office"
    EBOOK = "ebook"
    UNKNOWN = "unknown"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True)
class Sniffed:
    """What a file really is, once opened; `pages` is known of a PDF and of a TIFF, `seconds` of most recordings."""

    kind: FileKind
    pages: int | None = None
    seconds: int | None = None

    @property
    def mime(self) -> str:
        """The media type that copies are sent with."""
        return self.kind.mime

    @property
    def extension(self) -> str:
        """The extension that copies carry, without the dot."""
        return self.kind.value


@dataclass
class Refused(Exception):  # noqa: N818 - the word of the domain
    """The file is not accepted, and why; `facts` are the figures its sentence tells."""

    code: RefusalCode
    facts: Mapping[str, int | str] = field(default_factory=dict)

    def __str__(self) -> str:
        """The code and the facts, for a log: no word of the file itself."""
        return f"{self.code}: {dict(self.facts)}"
