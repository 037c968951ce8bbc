"""Sound and video: the container is walked to its end; what is inside is not decoded here."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from portfolio.files.file_types.formats.duration import iso_seconds, ogg_seconds, webm_seconds, whole_seconds
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

_ISO: Mapping[str, FileType] = {
    "video/mp4": FileType.MP4,
    "video/x-m4v": FileType.MP4,
    "video/quicktime": FileType.MOV,
    "audio/mp4": FileType.M4A,
    "audio/x-m4a": FileType.M4A,
}
_WAV, _OGG, _WEBM = (
    ("audio/x-wav", "audio/wav", "audio/vnd.wave"),
    ("audio/ogg", "application/ogg"),
    ("video/webm", "audio/webm"),
)
_HEAD = 64 * 1024
_UNKNOWN_LENGTH = (0, 0xFFFFFFFF)
_SOUNDS_IN_OGG = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   ")


@dataclass(frozen=True)
class _Box:
    name: bytes
    start: int
    end: int


def validate_media(content: BinaryIO, size: int, mime: str) -> DetectedFile:
    """Return the sound or video; raises FileRejected: OTHER_MEDIA, DAMAGED (cut before its end, or nothing to
    play).
    """
    if mime in _ISO:
        return _validate_iso(content, size, _ISO[mime])
    if mime in _WAV:
        return _validate_wav(content, size)
    if mime in _OGG:
        return _validate_ogg(content, size)
    if mime in _WEBM:
        return _validate_webm(content, size)
    raise FileRejected(RejectionReason.OTHER_MEDIA)


def _validate_iso(content: BinaryIO, size: int, kind: FileType) -> DetectedFile:
    movie = next((box for box in _boxes(content, 0, size, kind) if box.name == b"moov"), None)
    list(_boxes(content, 0, size, kind))
    if movie is None:
        raise _damaged(kind)
    # Telephones record sound alone under the type of a video: what plays decides.
    if kind is FileType.MP4 and b"vide" not in set(_handlers(content, movie, kind)):
        kind = FileType.M4A
    header = next((_start(content, box) for box in _named(content, movie, b"mvhd", kind)), b"")
    return DetectedFile(kind, seconds=iso_seconds(header))


def _start(content: BinaryIO, box: _Box) -> bytes:
    content.seek(box.start)
    return content.read(min(box.end - box.start, 64))


def _boxes(content: BinaryIO, start: int, end: int, kind: FileType) -> Iterator[_Box]:
    while start + 8 <= end:
        length, name = struct.unpack(">I4s", _at(content, start, 8, kind))
        head = 8
        if length == 1:
            (length,), head = struct.unpack(">Q", _at(content, start + 8, 8, kind)), 16
        elif length == 0:
            length = end - start
        if length < head or start + length > end:
            raise _damaged(kind)
        yield _Box(name, start + head, start + length)
        start += length


def _handlers(content: BinaryIO, movie: _Box, kind: FileType) -> Iterator[bytes]:
    for track in _named(content, movie, b"trak", kind):
        for media in _named(content, track, b"mdia", kind):
            for handler in _named(content, media, b"hdlr", kind):
                yield _at(content, handler.start + 8, 4, kind)


def _named(content: BinaryIO, parent: _Box, name: bytes, kind: FileType) -> Iterator[_Box]:
    return (box for box in _boxes(content, parent.start, parent.end, kind) if box.name == name)


def _validate_wav(content: BinaryIO, size: int) -> DetectedFile:
    at, found, rate, seconds = 12, set(), 0, None
    while at + 8 <= size:
        name, length = struct.unpack("<4sI", _at(content, at, 8, FileType.WAV))
        found.add(name)
        if name == b"fmt " and length >= 12:
            (rate,) = struct.unpack("<I", _at(content, at + 16, 4, FileType.WAV))
        if name == b"data" and length in _UNKNOWN_LENGTH:  # recorded in one go, its length never written back
            break
        if at + 8 + length > size:
            raise _damaged(FileType.WAV)
        if name == b"data":
            seconds = whole_seconds(length, rate)
        at += 8 + length + length % 2
    if not {b"fmt ", b"data"} <= found:
        raise _damaged(FileType.WAV)
    return DetectedFile(FileType.WAV, seconds=seconds)


def _validate_ogg(content: BinaryIO, size: int) -> DetectedFile:
    count = _at(content, 26, 1, FileType.OGG)[0]
    body = sum(_at(content, 27, count, FileType.OGG))
    if not _at(content, 27 + count, 8, FileType.OGG).startswith(_SOUNDS_IN_OGG):
        raise FileRejected(RejectionReason.OTHER_MEDIA)
    if _at(content, 27 + count + body, 4, FileType.OGG) != b"OggS":
        raise _damaged(FileType.OGG)
    content.seek(27 + count)
    return DetectedFile(FileType.OGG, seconds=ogg_seconds(content, size, content.read(64)))


def _validate_webm(content: BinaryIO, size: int) -> DetectedFile:
    header, at = _ebml_length(content, 4)
    if header is None or b"webm" not in _at(content, at, min(header, 4096), FileType.WEBM):
        raise FileRejected(RejectionReason.OTHER_MEDIA)
    if _at(content, at + header, 4, FileType.WEBM) != b"\x18\x53\x80\x67":
        raise _damaged(FileType.WEBM)
    length, start = _ebml_length(content, at + header + 4)
    if length is not None and start + length > size:
        raise _damaged(FileType.WEBM)
    content.seek(start)
    return DetectedFile(FileType.WEBM, seconds=webm_seconds(content.read(_HEAD)))


def _ebml_length(content: BinaryIO, at: int) -> tuple[int | None, int]:
    """Return a length, None if it was not known when the recording began, and where what it measures
    starts.
    """
    first = _at(content, at, 1, FileType.WEBM)[0]
    width = 9 - first.bit_length()
    if width > 8:
        raise _damaged(FileType.WEBM)
    unknown = (1 << 7 * width) - 1
    value = int.from_bytes(_at(content, at, width, FileType.WEBM), "big") & unknown
    return None if value == unknown else value, at + width


def _at(content: BinaryIO, offset: int, count: int, kind: FileType) -> bytes:
    content.seek(offset)
    piece = content.read(count)
    if len(piece) < count:
        raise _damaged(kind)
    return piece


def _damaged(kind: FileType) -> FileRejected:
    return FileRejected(RejectionReason.DAMAGED, {"kind": kind})
