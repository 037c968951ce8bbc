"""Sound and video: the container is walked to its end; what is inside is not decoded here.

Read the duration of a recording from its container, in whole seconds; None where it is absent.

An MP3, or an MP2 of a radio: after its labels come frames of sound that follow each other.

Recordings that browsers do not play: told by their first bytes.

The worker opens them to make one that does.
"""

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

# A longer one is a mistake of its container.
_LONGEST = 48 * 3600
_TAIL = 128 * 1024
_OPUS_RATE = 48_000


def whole_seconds(units: float, rate: float) -> int | None:
    """Return a length in seconds, rounded up; None when the container gives none that is sensible."""
    if rate <= 0 or units <= 0 or not math.isfinite(units / rate) or units / rate > _LONGEST:
        return None
    return math.ceil(units / rate)


def iso_seconds(header: bytes) -> int | None:
    """Return how long a film or a sound of MP4 plays, from the first bytes of its movie header (mvhd)."""
    if len(header) < 32:
        return None
    if header[0] == 1:
        scale, length = struct.unpack_from(">IQ", header, 20)
    else:
        scale, length = struct.unpack_from(">II", header, 12)
    unknown = 0xFFFFFFFF if header[0] == 0 else 0xFFFFFFFFFFFFFFFF
    return None if length == unknown else whole_seconds(length, scale)


def ogg_seconds(content: BinaryIO, size: int, beginning: bytes) -> int | None:
    """Return how long an Ogg plays, from the beginning of its first packet and the position that its last
    page tells.
    """
    rate, skipped = 0, 0
    if beginning.startswith(b"\x01vorbis") and len(beginning) >= 16:
        (rate,) = struct.unpack_from("<I", beginning, 12)
    elif beginning.startswith(b"OpusHead") and len(beginning) >= 12:
        rate, (skipped,) = _OPUS_RATE, struct.unpack_from("<H", beginning, 10)
    content.seek(max(0, size - _TAIL))
    tail = content.read(_TAIL)
    at = tail.rfind(b"OggS")
    if at < 0 or len(tail) < at + 14:
        return None
    (position,) = struct.unpack_from("<q", tail, at + 6)
    return whole_seconds(position - skipped, rate)


def webm_seconds(head: bytes) -> int | None:
    """Return how long a WebM plays, from its first bytes: a browser that records writes no length."""
    at = head.find(b"\x15\x49\xa9\x66")  # the element Info
    found = head.find(b"\x44\x89", at) if at >= 0 else -1
    if found < 0 or len(head) < found + 11:
        return None
    width = head[found + 2] & 0x7F
    if width not in (4, 8):
        return None
    (length,) = struct.unpack_from(">f" if width == 4 else ">d", head, found + 3)
    scale = head.find(b"\x2a\xd7\xb1", at)
    nanoseconds = 1_000_000
    if 0 <= scale < len(head) - 12 and 1 <= (count := head[scale + 3] & 0x7F) <= 8:
        nanoseconds = int.from_bytes(head[scale + 4 : scale + 4 + count], "big")
    return whole_seconds(length * nanoseconds, 1_000_000_000)


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
    """Return the sound or video; raises FileRejected: OTHER_MEDIA, DAMAGED (cut before its end, or nothing to play)."""
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
    """Return a length, None if it was not known when the recording began, and where what it measures starts."""
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


_FRAMES_WANTED = 3
_MOST_FRAMES = 500_000
_PADDING = 64 * 1024
_MOST_LABELS = 8
_KBPS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_KBPS_MP2 = (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384)
_HERTZ = (44_100, 48_000, 32_000)
_LAYER_3, _LAYER_2, _NO_LAYER = 0b01, 0b10, 0b00
_HALVINGS = {0b11: 0, 0b10: 1, 0b00: 2}


def validate_mp3(content: BinaryIO, size: int) -> DetectedFile:
    """Return the MP3 or the MP2; raises FileRejected: DAMAGED (no sound after the labels), OTHER_MEDIA.

    One cut at its end still plays.
    """
    start = _after_labels(content)
    if start >= size:
        raise FileRejected(RejectionReason.DAMAGED, {"kind": FileType.MP3})
    content.seek(start)
    padding = content.read(_PADDING)
    at = start + len(padding) - len(padding.lstrip(b"\0"))
    first, layer = at, _layer_at(content, at)
    if layer == _NO_LAYER and start and _is_adts(content, at):
        return DetectedFile(FileType.AAC)
    for _ in range(_FRAMES_WANTED):
        if at >= size:
            break
        content.seek(at)
        at += _frame_length(content.read(4))
    kind = FileType.MP2 if layer == _LAYER_2 else FileType.MP3
    return DetectedFile(kind, seconds=_seconds(content, first, size))


def _is_adts(content: BinaryIO, at: int) -> bool:
    """Return whether a frame of AAC begins here: radios write the labels of an MP3 before them."""
    content.seek(at)
    header = content.read(2)
    return len(header) == 2 and header[0] == 0xFF and header[1] & 0xF6 == 0xF0


def _layer_at(content: BinaryIO, at: int) -> int:
    content.seek(at)
    header = content.read(2)
    return header[1] >> 1 & 3 if len(header) == 2 else 0


def _seconds(content: BinaryIO, at: int, size: int) -> int | None:
    """Return how long the frames play, up to the labels at the end; None when they do not follow each other so far."""
    samples, hertz = 0, 0
    for _ in range(_MOST_FRAMES):
        content.seek(at)
        header = content.read(4)
        try:
            at += _frame_length(header)
        except FileRejected:
            break
        lower = header[1] >> 3 & 3
        samples, hertz = (
            samples + (1152 if lower == 0b11 or header[1] >> 1 & 3 == _LAYER_2 else 576),
            _HERTZ[header[2] >> 2 & 3] >> _HALVINGS[lower],
        )
    return whole_seconds(samples, hertz) if hertz and at >= size - _PADDING else None


def _after_labels(content: BinaryIO) -> int:
    """Return where the labels end: programs that add a cover may write theirs before those of another."""
    at = 0
    for _ in range(_MOST_LABELS):
        content.seek(at)
        head = content.read(10)
        if not head.startswith(b"ID3") or len(head) < 10:
            break
        length = 0
        for byte in head[6:]:
            length = length << 7 | byte & 0x7F
        at += 10 + length + (10 if head[5] & 0x10 else 0)
    return at


def _frame_length(header: bytes) -> int:
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        raise FileRejected(RejectionReason.DAMAGED, {"kind": FileType.MP3})
    version, layer, rate, pace = header[1] >> 3 & 3, header[1] >> 1 & 3, header[2] >> 4, header[2] >> 2 & 3
    if layer not in (_LAYER_3, _LAYER_2) or version not in _HALVINGS or not 0 < rate < 15 or pace == 3:
        raise FileRejected(RejectionReason.OTHER_MEDIA)
    is_first, is_mp2 = version == 0b11, layer == _LAYER_2
    kbps = ((_KBPS_MP2 if is_mp2 else _KBPS_1) if is_first else _KBPS_2)[rate]
    hertz = _HERTZ[pace] >> _HALVINGS[version]
    return (144 if is_first or is_mp2 else 72) * kbps * 1000 // hertz + (header[2] >> 1 & 1)


_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
# The pictures of a film of a disc, with the sound or without it.
_PROGRAM_STREAMS = (b"\0\0\x01\xba", b"\0\0\x01\xb3")
# A packet of a camcorder's stream begins so, every 188 bytes, or every 192 with the time before each.
_PACKET = 0x47
_PACKETS = ((0, 188), (4, 192))
_BEGINNINGS: Mapping[bytes, FileType] = {
    b"fLaC": FileType.FLAC,
    b"#!AMR\n": FileType.AMR,
    b"#!AMR-WB\n": FileType.AMR,
    _ASF: FileType.WMA,
    **dict.fromkeys(_PROGRAM_STREAMS, FileType.MPEG),
    b"caff\0\x01": FileType.CAF,
    b".snd\0\0": FileType.AU,
    bytes.fromhex("726966662e91cf11a5d628db04c10000"): FileType.W64,
    b"\x02dss": FileType.DSS,
    b"\x03dss": FileType.DSS,
    b"FLV\x01": FileType.FLV,
    bytes.fromhex("060e2b34020501010d0102"): FileType.MXF,
}
# A picture of the digital camcorders of tape: 12 or 10 sequences, each begun by the same blocks of 80 bytes.
_DV_BEGINNING, _DV_BLOCK = b"\x1f\x07\0", 80
_DV_NEXT = b"\x3f\x07\0"
_OGG_FILMS = (b"\x80theora", b"OVP80")
_OGG_HEAD = 4096
_THREEGP = (b"3gp", b"3g2", b"3ge", b"3gs", b"3gr")


def open_recording(head: bytes) -> DetectedFile | None:
    """Return the recording of a rarer kind that begins so; None when it is not one."""
    for beginning, kind in _BEGINNINGS.items():
        if head.startswith(beginning):
            return DetectedFile(kind)
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return DetectedFile(FileType.AVI)
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return DetectedFile(FileType.AIFF)
    if head[4:8] == b"ftyp" and head[8:11] in _THREEGP:
        return DetectedFile(FileType.THREEGP)
    if head.startswith(b"\x1aE\xdf\xa3") and b"matroska" in head[:64]:
        return DetectedFile(FileType.MKV)
    if head.startswith(b"OggS") and any(sign in head[:_OGG_HEAD] for sign in _OGG_FILMS):
        return DetectedFile(FileType.OGV)
    if head.startswith(_DV_BEGINNING) and head[_DV_BLOCK : _DV_BLOCK + 3] == _DV_NEXT:
        return DetectedFile(FileType.DV)
    if _is_transport_stream(head):
        return DetectedFile(FileType.MTS)
    if _is_dolby(head):
        return DetectedFile(FileType.AC3)
    return DetectedFile(FileType.AAC) if _is_adts_frame(head) else None


def _is_transport_stream(head: bytes) -> bool:
    """Return whether the first five packets of a transport stream are where they have to be."""
    return any(
        len(head) > first + 4 * length and all(head[first + place * length] == _PACKET for place in range(5))
        for first, length in _PACKETS
    )


def _is_dolby(head: bytes) -> bool:
    """Return whether a frame of AC-3 or of its successor begins here, of a version that exists."""
    if len(head) < 6 or not head.startswith(b"\x0b\x77"):
        return False
    version = head[5] >> 3
    return (version <= 10 and head[4] & 0x3F < 38) or 10 < version <= 16


def _is_adts_frame(head: bytes) -> bool:
    """Return whether two frames of AAC follow each other."""
    if len(head) < 9 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return False
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return 7 < length < len(head) - 2 and head[length] == 0xFF and head[length + 1] & 0xF6 == 0xF0
