"""A download that was cut goes on from where it was: the parts that a browser asks for (RFC 9110 §14)."""

from typing import Any


def assert_resumes(client: Any, url: str) -> bytes:
    """Check that every part of what is downloaded here can be asked for; return the whole."""
    whole = client.get(url)
    assert whole.status_code == 200, whole.text
    size, version = len(whole.data), whole.headers["ETag"]
    assert (whole.headers["Accept-Ranges"], whole.headers["Content-Length"]) == ("bytes", str(size))
    middle = size // 2
    for asked, first, end in (
        (f"bytes={middle}-", middle, size),
        (f"bytes=0-{middle}", 0, middle + 1),
        ("bytes=-7", size - 7, size),
        (f"bytes=1-{size * 2}", 1, size),
    ):
        for named in ({}, {"If-Range": version}):
            part = client.get(url, headers={"Range": asked} | named)
            assert (part.status_code, part.headers["Content-Range"]) == (206, f"bytes {first}-{end - 1}/{size}")
            assert part.headers["Content-Length"] == str(end - first)
            assert part.data == whole.data[first:end]
            for name in ("Content-Type", "Content-Disposition", "Content-Security-Policy", "ETag", "Cache-Control"):
                assert part.headers.get(name) == whole.headers.get(name), name
    for ignored in (
        {"Range": "bytes=5-9", "If-Range": '"another"'},
        {"Range": "bytes=5-9", "If-Range": "Mon, 30 Nov 2026 10:00:00 GMT"},
        {"Range": "bytes=0-1,5-9"},
        {"Range": "lines=0-1"},
        {"Range": "bytes=?"},
    ):
        answer = client.get(url, headers=ignored)
        assert (answer.status_code, answer.data) == (200, whole.data), ignored
    beyond = client.get(url, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
    assert "Le téléchargement ne peut pas reprendre" in beyond.text
    head = client.head(url, headers={"Range": "bytes=5-9"})
    assert (head.status_code, head.headers["Content-Length"], head.data) == (200, str(size), b"")
    assert head.headers["Accept-Ranges"] == "bytes"
    known = client.get(url, headers={"If-None-Match": version})
    assert (known.status_code, known.data) == (304, b"")
    return bytes(whole.data)
