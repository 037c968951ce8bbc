"""An MP3, or an MP2 of a radio: after its labels come frames of sound that follow each other."""

from __future__ import annotations

from typing import BinaryIO

from portfolio.files.file_types.formats.duration import whole_seconds
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

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
    """Return how long the frames play, up to the labels at the end; None when they do not follow each other
    so far.
    """
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
