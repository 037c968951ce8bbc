"""Check how long recordings play, as their containers say."""

import io
import struct

import pytest

from portfolio.files.file_types.detect import sniff
from tests import samples


def seconds(content: bytes) -> int | None:
    return sniff(io.BytesIO(content), len(content)).seconds


def film(scale: int, length: int) -> bytes:
    content = samples.iso_media()
    at = content.index(b"mvhd") + 4
    return content[: at + 12] + struct.pack(">II", scale, length) + content[at + 20 :]


@pytest.mark.parametrize(
    ("content", "length"),
    [
        (samples.wav(2.5), 3),
        (samples.mp3(frames=400), 11),
        (film(600, 54_321), 91),
        (film(0, 5), None),
        (film(600, 0xFFFFFFFF), None),
        (samples.webm(), None),
    ],
    ids=["wav", "mp3", "mp4", "no scale", "unknown", "recorded by a browser"],
)
def test_a_length_is_known_where_the_container_says_it(content, length):
    assert seconds(content) == length
