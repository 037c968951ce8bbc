"""Copies of moving pictures and of sounds play the same, and hold none of what was written beside them."""

from __future__ import annotations

import contextlib
import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import FileType
from portfolio.files.metadata_removal.byte_edits import CannotClean
from portfolio.files.metadata_removal.ogg import _sum
from tests import samples
from tests.evidence.test_metadata_removal import CANARY, cleaned

FRAMES = 3


def gif() -> bytes:
    """Three pictures with a remark, XMP as the drawing programs write it, and something after the end."""
    out = io.BytesIO()
    first, *others = (Image.new("RGB", (20, 10), colour) for colour in ("red", "green", "blue"))
    first.save(out, "GIF", save_all=True, append_images=others, duration=100, loop=0, comment=CANARY)
    made = out.getvalue()
    at = made.index(b"!\xf9")
    # XMP is no list of blocks: a reader that takes it for one falls into a slide that leads to its end.
    xmp = (
        b'!\xff\x0bXMP DataXMP<x:xmpmeta exif:GPSLatitude="'
        + CANARY
        + b'"/>\x01'
        + bytes(range(255, -1, -1))
        + b"\0"
    )
    return made[:at] + xmp + made[at:] + CANARY


def labels() -> bytes:
    """Tags as phones and editors write them in a WebM: a place, a title, a file joined."""
    tag = samples.ebml(0x67C8, samples.ebml(0x45A3, b"LOCATION") + samples.ebml(0x4487, CANARY))
    joined = samples.ebml(0x1941A469, samples.ebml(0x61A7, samples.ebml(0x465C, CANARY * 20)))
    return samples.ebml(0x1254C367, samples.ebml(0x7373, tag)) + joined


def wav() -> bytes:
    listed = b"INFOIARL" + struct.pack("<I", len(CANARY)) + CANARY
    return (
        samples.wav()
        + b"LIST"
        + struct.pack("<I", len(listed))
        + listed
        + b"iXML"
        + struct.pack("<I", len(CANARY))
        + CANARY
    )


def mp3() -> bytes:
    ape = CANARY + b"APETAGEX" + struct.pack("<4I", 2000, 32 + len(CANARY), 1, 0) + bytes(8)
    made = samples.mp3()
    return made.replace(b"Bilan", CANARY[:5]) + ape + b"TAG" + CANARY.ljust(125, b"\0")


RECORDINGS = {
    FileType.GIF: gif(),
    FileType.WEBM: samples.webm(inside=labels()),
    FileType.WAV: wav(),
    FileType.MP3: mp3(),
    FileType.OGG: samples.ogg(remarks=b"GEO_LOCATION=" + CANARY),
}


@pytest.mark.parametrize("kind", RECORDINGS, ids=str)
def test_a_copy_of_a_recording_tells_nothing_that_was_written_beside_it(kind):
    original = RECORDINGS[kind]
    assert CANARY[:5] in original
    copy = cleaned(original, kind)
    assert CANARY[:5] not in copy
    assert sniff(io.BytesIO(original), len(original)).kind is sniff(io.BytesIO(copy), len(copy)).kind is kind
    assert cleaned(copy, kind) == copy


def test_a_copy_of_a_moving_picture_moves_the_same():
    before, after = (
        Image.open(io.BytesIO(one))
        for one in (RECORDINGS[FileType.GIF], cleaned(RECORDINGS[FileType.GIF], FileType.GIF))
    )
    shown = [
        [frame.convert("RGB").tobytes() for frame in ImageSequence.Iterator(one)] for one in (before, after)
    ]
    assert shown[0] == shown[1]
    assert len(shown[0]) == FRAMES
    assert after.info["loop"] == 0


def test_nothing_moves_in_a_copy_of_a_film_and_its_pictures_stay():
    original = RECORDINGS[FileType.WEBM]
    copy = cleaned(original, FileType.WEBM)
    assert len(copy) == len(original)
    assert copy.index(b"SEEN") == original.index(b"SEEN")
    assert b"Camera" not in copy


@pytest.mark.parametrize("kind", [b"\x11", b"\x21"], ids=["subtitles", "positions"])
def test_a_film_with_a_track_that_is_neither_seen_nor_heard_is_not_given(kind):
    track = samples.ebml(0x83, b"\x01")
    with pytest.raises(CannotClean):
        cleaned(samples.webm().replace(track, samples.ebml(0x83, kind)), FileType.WEBM)


@pytest.mark.parametrize("codec", [b"\x01vorbis", b"OpusHead", b"Speex   "])
def test_the_remarks_of_a_sound_go_over_several_pages_and_each_page_has_its_sum_again(codec):
    original = samples.ogg(codec, b"METADATA_BLOCK_PICTURE=" + CANARY * 4000)
    copy = cleaned(original, FileType.OGG)
    assert CANARY not in copy
    assert len(copy) == len(original)
    pages = [b"OggS" + one for one in copy.split(b"OggS")[2:]]
    assert len(pages) > 1
    for page in pages:
        assert struct.unpack_from("<I", page, 22) == (_sum(page[:22] + bytes(4) + page[26:]),)


def test_the_sum_of_a_page_is_the_one_that_players_compute():
    assert _sum(b"123456789") == 0x89A1897F


@given(st.sampled_from(sorted(RECORDINGS)), st.integers(0, 10**6), st.binary(min_size=1, max_size=8))
def test_whatever_is_inside_a_recording_a_copy_is_cut_from_it_or_refused(kind, place, noise):
    content = bytearray(RECORDINGS[kind])
    place %= len(content)
    content[place : place + len(noise)] = noise
    with contextlib.suppress(CannotClean):
        cleaned(bytes(content), kind)
