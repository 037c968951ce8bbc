"""A ZIP written as it is sent: memory holds one chunk, whatever the size of the archive."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

CHUNK_BYTES = 64 * 1024
# What is compressed already gains nothing from another pass.
_STORED = (".pdf", ".png", ".jpg", ".jpeg", ".webp", ".zip", ".mp4", ".mp3", ".m4a", ".docx", ".xlsx", ".pptx")


@dataclass(frozen=True)
class ZipMember:
    """One file of an archive: its name, and how its bytes are read when their turn comes."""

    name: str
    read: Callable[[], Iterable[bytes]]


class _Sink:
    """Collects what the archive writes until it is sent; it cannot seek, so the archive never does."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def drain(self) -> bytes:
        data, self._parts = b"".join(self._parts), []
        return data


def stream_zip(members: Iterable[ZipMember], digests: str = "") -> Iterator[bytes]:
    """Yield the bytes of an archive of these members.

    `digests` names a last file that lists the SHA-256 of every other one; empty for none.
    """
    sink, lines = _Sink(), []
    with ZipFile(sink, "w", allowZip64=True) as archive:  # type: ignore[call-overload]  # it only writes
        for member in members:
            digest = hashlib.sha256()
            with archive.open(_info(member.name), "w", force_zip64=True) as target:
                for chunk in member.read():
                    digest.update(chunk)
                    target.write(chunk)
                    yield sink.drain()
            lines.append(f"{digest.hexdigest()}  {member.name}\n")
            yield sink.drain()
        if digests:
            archive.writestr(_info(digests), "".join(lines))
    yield sink.drain()


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = ZIP_STORED if name.lower().endswith(_STORED) else ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info
