"""A copy for others shows the same picture and tells no place; what is not made as its format says is not
given.
"""

from __future__ import annotations

import contextlib
import io
import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin, TiffImagePlugin
from pillow_heif import register_heif_opener

from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import FileRejected, FileType
from portfolio.files.metadata_removal import client
from portfolio.files.metadata_removal.byte_edits import (
    ByteEdit,
    CannotClean,
    apply_edits,
    edited_size,
    edits_from_json,
    edits_to_json,
    sorted_edits,
)
from portfolio.files.metadata_removal.byte_reader import ByteReader
from portfolio.files.metadata_removal.child_main import COPIERS, FINDERS
from portfolio.files.metadata_removal.client import HOLDING, LOCATED, ScanUnavailable, geotaggable_type, scan
from portfolio.files.sandbox import process

CORPUS = Path(os.environ.get("ACQUIS_CORPUS", "/nowhere"))
CANARY = b"Canari de Saint-Malo"
register_heif_opener()


def cleaned(content: bytes, kind: FileType) -> bytes:
    """The copy, found in this process: the child is tried below."""
    cuts = sorted_edits(FINDERS[kind](ByteReader(io.BytesIO(content), len(content))), len(content))
    copy = b"".join(apply_edits(io.BytesIO(content), edits_from_json(edits_to_json(cuts), len(content))))
    assert len(copy) == edited_size(len(content), cuts)
    return copy


def picture() -> Image.Image:
    image = Image.effect_noise((64, 48), 60).convert("RGB")
    image.paste("red", (0, 0, 20, 20))
    return image


def mapped() -> TiffImagePlugin.ImageFileDirectory_v2:
    """The entries of a TIFF with a description, a place, and a place again in its XMP."""
    entries = TiffImagePlugin.ImageFileDirectory_v2()
    entries[270], entries[700] = CANARY.decode(), xmp()
    entries[34853] = {1: "N", 2: (48.0, 38.0, 57.0), 29: CANARY.decode()}
    return entries


def located(turn: int = 6) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = exif[0x010F] = CANARY.decode()
    exif[0x0112] = turn
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[29] = "N", (48.0, 38.0, 57.0), CANARY.decode()
    return exif


def xmp() -> bytes:
    return b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + CANARY + b"</x:xmpmeta>"


def saved(name: str, **more: object) -> bytes:
    out = io.BytesIO()
    picture().save(out, name, **more)
    return out.getvalue()


def pictures() -> dict[FileType, bytes]:
    noted = PngImagePlugin.PngInfo()
    noted.add_text("Comment", CANARY.decode())
    noted.add_itxt("XML:com.adobe.xmp", xmp().decode())
    return {
        FileType.JPEG: saved("JPEG", exif=located(), xmp=xmp(), comment=CANARY) + CANARY,
        FileType.PNG: saved("PNG", exif=located(), pnginfo=noted) + CANARY,
        FileType.WEBP: saved("WEBP", exif=located(), xmp=xmp(), lossless=True) + CANARY,
        FileType.TIFF: saved("TIFF", tiffinfo=mapped()),
        FileType.HEIC: saved("HEIF", exif=located().tobytes(), xmp=xmp()),
        FileType.AVIF: saved("AVIF", exif=located(1).tobytes(), xmp=xmp()),
    }


@pytest.mark.parametrize("kind", pictures(), ids=str)
def test_a_copy_of_a_picture_is_the_same_picture_and_tells_no_place(kind):
    original = pictures()[kind]
    assert CANARY in original
    copy = cleaned(original, kind)
    if kind is FileType.TIFF:  # its description stays: people write it
        assert copy.count(CANARY) == original.count(CANARY) - 2 == 1
    else:
        assert CANARY not in copy
    shown, before = Image.open(io.BytesIO(copy)), Image.open(io.BytesIO(original))
    assert shown.tobytes() == before.tobytes()
    assert not dict(shown.getexif().get_ifd(0x8825))
    assert sniff(io.BytesIO(copy), len(copy)).kind is kind


@pytest.mark.parametrize("kind", [FileType.JPEG, FileType.PNG, FileType.WEBP], ids=str)
def test_a_copy_stays_the_right_way_up(kind):
    copy = Image.open(io.BytesIO(cleaned(pictures()[kind], kind)))
    assert dict(copy.getexif()) == {0x0112: 6}


@pytest.mark.parametrize("kind", pictures(), ids=str)
def test_a_copy_of_a_copy_has_nothing_more_to_leave_out(kind):
    copy = cleaned(pictures()[kind], kind)
    assert cleaned(copy, kind) == copy


def box(name: bytes, *parts: bytes) -> bytes:
    inside = b"".join(parts)
    return struct.pack(">I4s", 8 + len(inside), name) + inside


def track(handler: bytes, start: int, sizes: list[int]) -> bytes:
    table = box(
        b"stbl",
        box(b"stsd", bytes(8)),
        box(b"stsc", struct.pack(">IIIII", 0, 1, 1, len(sizes), 1)),
        box(b"stsz", struct.pack(">III", 0, 0, len(sizes)), *(struct.pack(">I", siz) for siz in sizes)),
        box(b"stco", struct.pack(">III", 0, 1, start)),
    )
    media = box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(12)), box(b"minf", table))
    return box(b"trak", box(b"tkhd", bytes(80)), media, box(b"udta", CANARY))


WORDS = b"\0\x1bLatitude, disait l'affiche."


def film(fragment: bytes = b"") -> bytes:
    """A film that is seen, with a track of positions, subtitles that tell some and others, and places told in
    four more ways.
    """
    head = box(b"ftyp", b"isom", bytes(4), b"isom")
    seen, told, flown = b"SEEN" * 10, CANARY * 3, b"[latitude: 48.64] " + CANARY
    start = len(head) + 8
    data = box(b"mdat", seen, told, flown, WORDS)
    movie = box(
        b"moov",
        box(b"mvhd", bytes(96)),
        track(b"vide", start, [len(seen)]),
        track(b"meta", start + len(seen), [len(CANARY)] * 3),
        track(b"sbtl", start + len(seen + told), [len(flown)]),
        track(b"text", start + len(seen + told + flown), [len(WORDS)]),
        box(b"udta", box(b"\xa9xyz", CANARY)),
        box(b"meta", bytes(4), CANARY),
    )
    return head + data + movie + fragment + box(b"uuid", bytes(16), CANARY) + box(b"free", CANARY)


@pytest.mark.parametrize("kind", [FileType.MP4, FileType.MOV])
def test_a_copy_of_a_film_plays_the_same_and_tells_no_place_not_even_by_its_track_of_positions(kind):
    original = film()
    copy = cleaned(original, kind)
    assert CANARY not in copy
    assert len(copy) == len(original), "nothing moves: what plays is where the tables say"
    assert b"SEEN" * 10 in copy
    assert WORDS in copy
    assert copy.count(b"trak") == 2
    assert sniff(io.BytesIO(copy), len(copy)).kind is FileType.MP4
    assert cleaned(copy, kind) == copy


def test_a_film_in_pieces_with_a_track_of_positions_is_not_given():
    with pytest.raises(CannotClean):
        cleaned(film(box(b"moof", box(b"mfhd", bytes(8)))), FileType.MP4)


def test_a_film_whose_tables_lie_is_not_given():
    with pytest.raises(CannotClean):
        cleaned(film().replace(b"stsz", b"stsx"), FileType.MP4)


@given(st.sampled_from(sorted(pictures())), st.integers(0, 10**6), st.binary(min_size=1, max_size=8))
def test_whatever_is_inside_a_file_a_copy_is_cut_from_it_or_refused(kind, place, noise):
    content = bytearray(BROKEN[kind])
    place %= len(content)
    content[place : place + len(noise)] = noise
    with contextlib.suppress(CannotClean):
        cleaned(bytes(content), kind)


BROKEN = pictures()


def test_the_look_is_had_in_a_child_that_gave_up_everything(monkeypatch):
    content = pictures()[FileType.JPEG]
    cuts = scan(io.BytesIO(content), FileType.JPEG, len(content))
    assert CANARY not in b"".join(apply_edits(io.BytesIO(content), cuts))
    with pytest.raises(CannotClean):
        scan(io.BytesIO(b"\xff\xd8nothing"), FileType.JPEG, 9)
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(ScanUnavailable):
        scan(io.BytesIO(content), FileType.JPEG, len(content))


def test_a_machine_too_busy_for_the_look_puts_it_off_and_refuses_nothing(monkeypatch):
    content = pictures()[FileType.JPEG]
    monkeypatch.setattr(client, "_SECONDS", 1)
    monkeypatch.setattr(process, "_CHILD", "import os, time; os.write(1, b'ready\\n'); time.sleep(60)")
    with pytest.raises(ScanUnavailable):
        scan(io.BytesIO(content), FileType.JPEG, len(content))


def test_what_the_child_can_look_into_is_what_is_asked_of_it():
    assert not set(FINDERS) & set(COPIERS)
    assert set(FINDERS) | set(COPIERS) == LOCATED | HOLDING
    assert geotaggable_type("application/pdf") is None


@pytest.mark.parametrize(
    "kept", [b"", b"3", b"[[1]]", b'[["a", 2, ""]]', b"[[5, 2, null]]", b"[[0, 99, null]]", b'[[0, 2, "zz"]]']
)
def test_cuts_that_are_none_of_this_file_are_refused(kept):
    with pytest.raises(ValueError, match=r".*"):
        edits_from_json(kept, 10)


def test_cuts_are_applied_in_pieces_whatever_their_size():
    content = bytes(range(256)) * 4000
    cuts = [ByteEdit(0, 0, b"before"), ByteEdit(10, 700_000, None), ByteEdit(800_000, 900_000)]
    assert b"".join(apply_edits(io.BytesIO(content), cuts)) == (
        b"before" + content[:10] + bytes(699_990) + content[700_000:800_000] + content[900_000:]
    )


def real_files() -> list[Path]:
    return sorted(CORPUS.glob("*/*")) if CORPUS.is_dir() else []


# A film without its pictures: its tables lead nowhere.
NOT_GIVEN = {"testMP4_QuickTimeMetadata.mov"}


@pytest.mark.parametrize("path", real_files(), ids=lambda path: path.name)
def test_a_copy_of_a_real_file_is_what_the_original_is_and_looks_the_same(path):
    content = path.read_bytes()
    try:
        kind = sniff(io.BytesIO(content), len(content)).kind
    except FileRejected:
        return
    if kind not in LOCATED:
        return
    if path.name in NOT_GIVEN:
        with pytest.raises(CannotClean):
            cleaned(content, kind)
        return
    copy = cleaned(content, kind)
    assert sniff(io.BytesIO(copy), len(copy)).kind is kind
    assert b"GPSLatitude" not in copy
    if kind.family == "image":
        shown, before = Image.open(io.BytesIO(copy)), Image.open(io.BytesIO(content))
        assert shown.tobytes() == before.tobytes()
        assert not dict(shown.getexif().get_ifd(0x8825))
        assert shown.getexif().get(0x0112, 1) == before.getexif().get(0x0112, 1) or kind is FileType.HEIC
        assert shown.info.get("icc_profile") == before.info.get("icc_profile")
