"""Recordings that browsers do not play: told by their first bytes.

The worker opens them to make one that does.
"""

from __future__ import annotations

from portfolio.files.file_types.types import DetectedFile, FileType

_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_PROGRAM_STREAM = b"\0\0\x01\xba"
# A packet of a camcorder's stream begins so, every 188 bytes, or every 192 with the time before each.
_PACKET = 0x47
_PACKETS = ((0, 188), (4, 192))
_THREEGP = (b"3gp", b"3g2", b"3ge", b"3gs", b"3gr")


def open_recording(head: bytes) -> DetectedFile | None:
    """Return the recording of a rarer kind that begins so; None when it is not one."""
    if head.startswith(b"fLaC"):
        return DetectedFile(FileType.FLAC)
    if head.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return DetectedFile(FileType.AMR)
    if head.startswith(_ASF):
        return DetectedFile(FileType.WMA)
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return DetectedFile(FileType.AVI)
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return DetectedFile(FileType.AIFF)
    if head[4:8] == b"ftyp" and head[8:11] in _THREEGP:
        return DetectedFile(FileType.THREEGP)
    if head.startswith(b"\x1aE\xdf\xa3") and b"matroska" in head[:64]:
        return DetectedFile(FileType.MKV)
    if head.startswith(_PROGRAM_STREAM):
        return DetectedFile(FileType.MPEG)
    if _is_transport_stream(head):
        return DetectedFile(FileType.MTS)
    return DetectedFile(FileType.AAC) if _is_adts(head) else None


def _is_transport_stream(head: bytes) -> bool:
    """Return whether the first five packets of a transport stream are where they have to be."""
    return any(
        len(head) > first + 4 * length and all(head[first + place * length] == _PACKET for place in range(5))
        for first, length in _PACKETS
    )


def _is_adts(head: bytes) -> bool:
    """Return whether two frames of AAC follow each other."""
    if len(head) < 9 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return False
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return 7 < length < len(head) - 2 and head[length] == 0xFF and head[length + 1] & 0xF6 == 0xF0
