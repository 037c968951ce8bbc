"""Recordings that browsers do not play: told by their first bytes.

The worker opens them to make one that does.
"""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.files.file_types.types import DetectedFile, FileType

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
    return DetectedFile(FileType.AAC) if _is_adts(head) else None


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


def _is_adts(head: bytes) -> bool:
    """Return whether two frames of AAC follow each other."""
    if len(head) < 9 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return False
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return 7 < length < len(head) - 2 and head[length] == 0xFF and head[length + 1] & 0xF6 == 0xF0
