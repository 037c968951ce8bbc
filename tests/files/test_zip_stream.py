"""An archive that is sent as it is written: any reader opens it, and each file is the one that was given."""

import hashlib
import io
import zipfile
from zipfile import ZipFile

import pytest

from portfolio.files.zip_stream import ZipMember, stored_zip_size, stream_zip


def test_any_reader_opens_an_archive_that_was_streamed():
    big = [b"x" * 70_000] * 3
    members = [
        ZipMember("INDEX.html", lambda: [b"<p>", b"bonjour</p>"]),
        ZipMember("jury/pi\u00e8ce.pdf", lambda: iter(big)),
    ]
    data = b"".join(stream_zip(members, digests="EMPREINTES.txt"))
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["INDEX.html", "jury/pi\u00e8ce.pdf", "EMPREINTES.txt"]
        assert archive.read("INDEX.html") == b"<p>bonjour</p>"
        listed = archive.read("EMPREINTES.txt").decode()
    assert f"{hashlib.sha256(b''.join(big)).hexdigest()}  jury/pi\u00e8ce.pdf" in listed


def test_a_member_is_read_only_when_its_turn_comes():
    read = []

    def member(name: str) -> ZipMember:
        return ZipMember(name, lambda: read.append(name) or [b"1"])

    stream = stream_zip([member("a"), member("b")])
    next(stream)
    assert read == ["a"]
    assert b"".join(stream)
    assert read == ["a", "b"]


# Sizes from which an archive writes longer numbers, that no test could fill: as the standard library does.
@pytest.mark.parametrize(("large", "many"), [(zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT), (1000, 4), (150, 3)])
def test_the_size_of_an_archive_is_known_before_it_is_written(monkeypatch, large, many):
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", large)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", many)
    sizes = [0, 1, 70_000, 999, 1000, 1001, 149]
    for count in range(len(sizes) + 1):
        members = [
            ZipMember(f"pièces/{size}.pdf", lambda size=size: [b"x" * size], size, is_stored=True)
            for size in sizes[:count]
        ]
        pieces = list(stream_zip(members))
        assert all(pieces)
        assert stored_zip_size(members) == sum(map(len, pieces))
