"""Identify a file: libmagic chooses the format, then the format is opened.

Runs in the sandbox.
"""

import codecs
import io
from typing import BinaryIO

from portfolio.files.file_types.formats import compound, image, mail, pdf
from portfolio.files.file_types.formats.compound import refuse_active_streams
from portfolio.files.file_types.formats.container import validate_container
from portfolio.files.file_types.formats.media import open_recording, validate_media, validate_mp3
from portfolio.files.file_types.formats.rich import validate_rtf
from portfolio.files.file_types.formats.sealed import is_sealed
from portfolio.files.file_types.formats.text import validate_text
from portfolio.files.file_types.libmagic import open_magic
from portfolio.files.file_types.types import DetectedFile, FileRejected, RejectionReason

_HEAD = 256 * 1024
_ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "cp1252", "cp437", "latin-1")
_ARCHIVES = {
    "application/x-7z-compressed",
    "application/x-rar",
    "application/vnd.rar",
    "application/x-tar",
    "application/gzip",
    "application/x-bzip2",
    "application/x-xz",
    "application/zstd",
    "application/x-lzma",
    "application/x-iso9660-image",
    "application/vnd.ms-cab-compressed",
    "application/x-arj",
    "application/x-lzh-compressed",
    "application/x-lha",
    "application/x-ace-compressed",
    "application/x-stuffit",
    "application/x-compress",
    "application/x-lz4",
    "application/x-lzip",
    "application/x-xar",
    "application/x-cpio",
}
_PROGRAMS = {
    "application/x-dosexec",
    "application/vnd.microsoft.portable-executable",
    "application/x-executable",
    "application/x-pie-executable",
    "application/x-sharedlib",
    "application/x-object",
    "application/x-mach-binary",
    "application/x-msi",
    "application/x-java-applet",
    "application/java-archive",
    "application/vnd.android.package-archive",
}
_PDF, _SHORTCUT = b"%PDF-", b"L\0\0\0\x01\x14\x02\0"
# Readers look for the beginning of a PDF so far: programs of the web write their warnings before it.
_BEFORE_PDF = 1024
_CODESTREAM = b"\xff\x4f\xff\x51"
# Boxes with which films of QuickTime begin, brands of which libmagic has never heard among them.
_FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"wide")
# A list of properties of Apple in binary, and the one in which Safari keeps a page.
_PROPERTIES, _OF_SAFARI = b"bplist00", b"WebMainResource"
_NOTHING_KNOWN = "application/octet-stream"
_DRAWN = {"application/postscript"}


class FileTypeDetector:
    """Holds what has to be loaded before the process gives up opening files."""

    def __init__(self) -> None:
        """Load libmagic's table, the decoders of images and the encodings of texts and names."""
        self._magic = open_magic()
        for encoding in _ENCODINGS:
            codecs.lookup(encoding)
        image.prepare()
        self._samples = [pdf.sample(), image.sample(), mail.sample()]

    def warm_up(self) -> None:
        """Open a small file of each kind that comes most."""
        for sample in self._samples:
            self.identify(io.BytesIO(sample), len(sample))

    def identify(self, content: BinaryIO, size: int) -> DetectedFile:
        """Answer what the content is once opened; raises FileRejected with the reason."""
        content.seek(0)
        head = content.read(_HEAD)
        if not head:
            raise FileRejected(RejectionReason.EMPTY)
        return _opened(content, size, head, self._magic.from_buffer(head))


def _opened(content: BinaryIO, size: int, head: bytes, mime: str) -> DetectedFile:
    # Containers first: libmagic takes some genuine documents for plain ZIP files or for nothing at all.
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return validate_container(content, size)
    if mime in _PROGRAMS:
        raise FileRejected(RejectionReason.PROGRAM)
    if zipped := image.open_zipped_drawing(content, head):
        return zipped
    if mime in _ARCHIVES:
        raise FileRejected(RejectionReason.ARCHIVE)
    if head.startswith(compound.SIGNATURE):
        found = compound.validate_compound(content)
        refuse_active_streams(content)
        return found
    if rare := open_recording(head):
        return rare
    if head.lstrip().startswith(_PDF):
        return pdf.validate_pdf(content)
    if head.startswith(_SHORTCUT):
        raise FileRejected(RejectionReason.SHORTCUT)
    if is_sealed(head):
        raise FileRejected(RejectionReason.LOCKED)
    if head.startswith(_PROPERTIES) and _OF_SAFARI in head:
        raise FileRejected(RejectionReason.WEB_ARCHIVE)
    if mime in _DRAWN:
        raise FileRejected(RejectionReason.OTHER_OFFICE, {"program": "PostScript"})
    if mime.startswith(("text/", "application/")) and _PDF in head[:_BEFORE_PDF] and (late := _late_pdf(content)):
        return late
    if mime in ("text/rtf", "application/rtf"):
        return validate_rtf(content, size)
    return _opened_by_family(content, size, head, mime)


def _late_pdf(content: BinaryIO) -> DetectedFile | None:
    """Answer the PDF that begins after a few words, if those words are not about a PDF."""
    try:
        return pdf.validate_pdf(content)
    except FileRejected as refusal:
        if refusal.code in (RejectionReason.PASSWORD, RejectionReason.LOCKED):
            raise
        return None


def _opened_by_family(content: BinaryIO, size: int, head: bytes, mime: str) -> DetectedFile:
    if mime == "audio/mpeg" or head.startswith(b"ID3"):
        return validate_mp3(content, size)
    if drawing := image.open_drawing(content, head):
        return drawing
    if head.startswith(_CODESTREAM):
        mime = "image/x-jp2-codestream"
    if mime.startswith("image/") and mime != "image/svg+xml":
        return image.validate_image(content, _exact_image(head, mime))
    if mime.startswith(("audio/", "video/")) or mime == "application/ogg":
        return validate_media(content, size, mime)
    if mime == _NOTHING_KNOWN and head[4:8] in _FIRST_BOXES:
        return validate_media(content, size, "video/mp4" if head[4:8] == b"ftyp" else "video/quicktime")
    # Mails, web pages and texts are told from each other by reading them: libmagic often takes one for
    # another.
    return validate_text(content)


def _exact_image(head: bytes, mime: str) -> str:
    """HEIC and AVIF share a container: the brands it lists say which decoder it wants."""
    if head[4:8] == b"ftyp" and b"avif" in head[8 : int.from_bytes(head[:4], "big")]:
        return "image/avif"
    return mime
