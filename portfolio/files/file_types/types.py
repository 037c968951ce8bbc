"""The types of files that evidence may have, the reasons to refuse one, and the values that say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


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


class FileType(StrEnum):
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
    MPEG = "mpg"
    MTS = "mts"
    ICO = "ico"
    JP2 = "jp2"
    TGA = "tga"
    PPM = "ppm"
    PCX = "pcx"
    PSD = "psd"
    ODG = "odg"
    FODT = "fodt"
    FODS = "fods"
    FODP = "fodp"
    FODG = "fodg"
    EMF = "emf"
    WMF = "wmf"
    SVGZ = "svgz"
    PAGES = "pages"
    NUMBERS = "numbers"
    KEYNOTE = "key"
    MHTML = "mht"
    CAF = "caf"
    AC3 = "ac3"
    MP2 = "mp2"
    AU = "au"
    W64 = "w64"
    DSS = "dss"
    FLV = "flv"
    OGV = "ogv"
    DV = "dv"
    MXF = "mxf"
    XLSB = "xlsb"

    @property
    def mime(self) -> str:
        """Return the media type that copies are sent with."""
        return _TYPES[self][0]

    @property
    def family(self) -> FileCategory:
        """Return what a person would call the file."""
        return _TYPES[self][1]

    @property
    def extensions(self) -> tuple[str, ...]:
        """Return the endings that a name of this type may have, without the dot, the usual one first."""
        return (self.value, *_ALSO_NAMED.get(self, ()))


_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"

_TYPES: Mapping[FileType, tuple[str, FileCategory]] = {
    FileType.PDF: ("application/pdf", FileCategory.DOCUMENT),
    FileType.JPEG: ("image/jpeg", FileCategory.IMAGE),
    FileType.PNG: ("image/png", FileCategory.IMAGE),
    FileType.WEBP: ("image/webp", FileCategory.IMAGE),
    FileType.GIF: ("image/gif", FileCategory.IMAGE),
    FileType.TIFF: ("image/tiff", FileCategory.IMAGE),
    FileType.HEIC: ("image/heic", FileCategory.IMAGE),
    FileType.AVIF: ("image/avif", FileCategory.IMAGE),
    FileType.DOC: ("application/msword", FileCategory.DOCUMENT),
    FileType.DOCX: (f"{_OOXML}.wordprocessingml.document", FileCategory.DOCUMENT),
    FileType.ODT: (f"{_ODF}.text", FileCategory.DOCUMENT),
    FileType.RTF: ("application/rtf", FileCategory.DOCUMENT),
    FileType.XLS: ("application/vnd.ms-excel", FileCategory.SPREADSHEET),
    FileType.XLSX: (f"{_OOXML}.spreadsheetml.sheet", FileCategory.SPREADSHEET),
    FileType.ODS: (f"{_ODF}.spreadsheet", FileCategory.SPREADSHEET),
    FileType.CSV: ("text/csv", FileCategory.SPREADSHEET),
    FileType.PPT: ("application/vnd.ms-powerpoint", FileCategory.SLIDES),
    FileType.PPTX: (f"{_OOXML}.presentationml.presentation", FileCategory.SLIDES),
    FileType.ODP: (f"{_ODF}.presentation", FileCategory.SLIDES),
    FileType.TEXT: ("text/plain", FileCategory.TEXT),
    FileType.EML: ("message/rfc822", FileCategory.MAIL),
    FileType.MSG: ("application/vnd.ms-outlook", FileCategory.MAIL),
    FileType.MP3: ("audio/mpeg", FileCategory.AUDIO),
    FileType.M4A: ("audio/mp4", FileCategory.AUDIO),
    FileType.WAV: ("audio/wav", FileCategory.AUDIO),
    FileType.OGG: ("audio/ogg", FileCategory.AUDIO),
    FileType.MP4: ("video/mp4", FileCategory.VIDEO),
    FileType.MOV: ("video/quicktime", FileCategory.VIDEO),
    FileType.WEBM: ("video/webm", FileCategory.VIDEO),
    FileType.HTML: ("text/html", FileCategory.TEXT),
    FileType.EPUB: ("application/epub+zip", FileCategory.DOCUMENT),
    FileType.SVG: ("image/svg+xml", FileCategory.DOCUMENT),
    FileType.BMP: ("image/bmp", FileCategory.IMAGE),
    FileType.ZIP: ("application/zip", FileCategory.ARCHIVE),
    FileType.FLAC: ("audio/flac", FileCategory.AUDIO),
    FileType.AAC: ("audio/aac", FileCategory.AUDIO),
    FileType.AMR: ("audio/amr", FileCategory.AUDIO),
    FileType.AIFF: ("audio/aiff", FileCategory.AUDIO),
    FileType.WMA: ("video/x-ms-asf", FileCategory.VIDEO),
    FileType.MKV: ("video/x-matroska", FileCategory.VIDEO),
    FileType.AVI: ("video/x-msvideo", FileCategory.VIDEO),
    FileType.THREEGP: ("video/3gpp", FileCategory.VIDEO),
    FileType.MPEG: ("video/mpeg", FileCategory.VIDEO),
    FileType.MTS: ("video/mp2t", FileCategory.VIDEO),
    FileType.ICO: ("image/vnd.microsoft.icon", FileCategory.IMAGE),
    FileType.JP2: ("image/jp2", FileCategory.IMAGE),
    FileType.TGA: ("image/x-tga", FileCategory.IMAGE),
    FileType.PPM: ("image/x-portable-anymap", FileCategory.IMAGE),
    FileType.PCX: ("image/x-pcx", FileCategory.IMAGE),
    FileType.PSD: ("image/vnd.adobe.photoshop", FileCategory.IMAGE),
    FileType.ODG: (f"{_ODF}.graphics", FileCategory.DOCUMENT),
    FileType.FODT: ("application/x-fodt", FileCategory.DOCUMENT),
    FileType.FODS: ("application/x-fods", FileCategory.SPREADSHEET),
    FileType.FODP: ("application/x-fodp", FileCategory.SLIDES),
    FileType.FODG: ("application/x-fodg", FileCategory.DOCUMENT),
    FileType.EMF: ("image/emf", FileCategory.DOCUMENT),
    FileType.WMF: ("image/wmf", FileCategory.DOCUMENT),
    FileType.SVGZ: ("image/x-svgz", FileCategory.DOCUMENT),
    FileType.PAGES: ("application/vnd.apple.pages", FileCategory.DOCUMENT),
    FileType.NUMBERS: ("application/vnd.apple.numbers", FileCategory.SPREADSHEET),
    FileType.KEYNOTE: ("application/vnd.apple.keynote", FileCategory.SLIDES),
    FileType.MHTML: ("application/x-mimearchive", FileCategory.TEXT),
    FileType.CAF: ("audio/x-caf", FileCategory.AUDIO),
    FileType.AC3: ("audio/ac3", FileCategory.AUDIO),
    FileType.MP2: ("audio/x-mp2", FileCategory.AUDIO),
    FileType.AU: ("audio/basic", FileCategory.AUDIO),
    FileType.W64: ("audio/x-w64", FileCategory.AUDIO),
    FileType.DSS: ("audio/x-dss", FileCategory.AUDIO),
    FileType.FLV: ("video/x-flv", FileCategory.VIDEO),
    FileType.OGV: ("video/ogg", FileCategory.VIDEO),
    FileType.DV: ("video/x-dv", FileCategory.VIDEO),
    FileType.MXF: ("video/mxf", FileCategory.VIDEO),
    FileType.XLSB: ("application/vnd.ms-excel.sheet.binary", FileCategory.SPREADSHEET),
}

# Nothing inside a Markdown file tells it from plain text: its name may say so, its type does not.
_ALSO_NAMED: Mapping[FileType, tuple[str, ...]] = {
    FileType.JPEG: ("jpeg", "jpe", "jfif"),
    FileType.TIFF: ("tif",),
    FileType.HEIC: ("heif", "hif"),
    FileType.DOC: ("dot",),
    FileType.DOCX: ("dotx",),
    FileType.XLS: ("xlt",),
    FileType.XLSX: ("xltx",),
    FileType.PPT: ("pps", "pot"),
    FileType.PPTX: ("ppsx", "potx"),
    FileType.ODT: ("ott",),
    FileType.ODS: ("ots",),
    FileType.ODP: ("otp",),
    FileType.CSV: ("tsv", "txt"),
    FileType.TEXT: ("md", "markdown", "tex", "json", "xml", "yaml", "yml", "vcf", "ics", "log"),
    FileType.OGG: ("oga", "opus"),
    FileType.M4A: ("m4b",),
    FileType.MP4: ("m4v", "f4v"),
    FileType.HTML: ("htm", "xhtml"),
    FileType.AIFF: ("aif", "aifc"),
    FileType.WMA: ("wmv", "asf"),
    FileType.MKV: ("mka",),
    FileType.THREEGP: ("3g2",),
    FileType.MPEG: ("mpeg", "vob", "m2v", "mod"),
    FileType.MTS: ("m2ts", "ts"),
    FileType.JP2: ("j2k", "jpx", "jpf", "j2c"),
    FileType.PPM: ("pgm", "pbm", "pnm"),
    FileType.ODG: ("otg",),
    FileType.MHTML: ("mhtml",),
    FileType.AC3: ("eac3",),
    FileType.MP2: ("mpa",),
    FileType.AU: ("snd",),
    FileType.DV: ("dif",),
}

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
