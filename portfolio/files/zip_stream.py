"""A ZIP written as it is sent: memory holds one chunk, whatever the size of the archive."""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

CHUNK_BYTES = 64 * 1024
_Moment = tuple[int, int, int, int, int, int]
# The earliest that a ZIP can tell.
_NO_MOMENT: _Moment = (1980, 1, 1, 0, 0, 0)
# What is compressed already gains nothing from another pass.
_STORED = (".pdf", ".png", ".jpg", ".jpeg", ".webp", ".zip", ".mp4", ".mp3", ".m4a", ".docx", ".xlsx", ".pptx")


@dataclass(frozen=True)
class ZipMember:
    """One file of an archive: its name, and how its bytes are read when their turn comes.

    `size` is how many bytes it has, when that is known; a member that `is_stored` is sent as it is, never compressed.
    """

    name: str
    read: Callable[[], Iterable[bytes]]
    size: int | None = None
    is_stored: bool = False


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


def stream_zip(members: Iterable[ZipMember], digests: str = "", at: datetime | None = None) -> Iterator[bytes]:
    """Yield the bytes of an archive of these members, dated `at`.

    `digests` names a last file that lists the SHA-256 of every other one; empty for none. Never yields nothing: an
    empty piece would end an answer.
    """
    yield from filter(None, _pieces(members, digests, at))


def _pieces(members: Iterable[ZipMember], digests: str, at: datetime | None) -> Iterator[bytes]:
    moment = at.timetuple()[:6] if at is not None else _NO_MOMENT
    sink, lines = _Sink(), []
    with ZipFile(sink, "w", allowZip64=True) as archive:  # type: ignore[call-overload]  # it only writes
        for member in members:
            digest = hashlib.sha256() if digests else None
            with archive.open(
                _info(member.name, moment, is_stored=member.is_stored), "w", force_zip64=_is_large(member.size)
            ) as target:
                for chunk in member.read():
                    if digest is not None:
                        digest.update(chunk)
                    target.write(chunk)
                    yield sink.drain()
            if digest is not None:
                lines.append(f"{digest.hexdigest()}  {member.name}\n")
            yield sink.drain()
        if digests:
            archive.writestr(_info(digests, moment), "".join(lines))
    yield sink.drain()


def _is_large(size: int | None) -> bool:
    return size is None or size >= zipfile.ZIP64_LIMIT


# Bytes of the parts of an archive beside names and contents (APPNOTE.TXT 4.3 and 4.5.3).
_HEADER, _DESCRIPTOR, _ENTRY, _END = 30, 16, 46, 22
# What numbers of eight bytes add to each.
_LARGE_HEADER, _LARGE_DESCRIPTOR, _LARGE_END, _EXTRA, _LARGE_FIELD = 20, 8, 76, 4, 8


def stored_zip_size(members: Iterable[ZipMember]) -> int:
    """Return how many bytes an archive has whose members are all stored as they are, and whose sizes are known."""
    place = count = entries = 0
    for member in members:
        assert member.is_stored
        assert member.size is not None
        is_large = _is_large(member.size)
        name = len(member.name.encode())
        large_fields = 2 * (member.size > zipfile.ZIP64_LIMIT) + (place > zipfile.ZIP64_LIMIT)
        extra = _EXTRA + _LARGE_FIELD * large_fields if large_fields else 0
        entries += _ENTRY + name + extra
        place += _HEADER + name + member.size + _DESCRIPTOR + is_large * (_LARGE_HEADER + _LARGE_DESCRIPTOR)
        count += 1
    is_large = count > zipfile.ZIP_FILECOUNT_LIMIT or max(place, entries) > zipfile.ZIP64_LIMIT
    return place + entries + _END + (_LARGE_END if is_large else 0)


def _info(name: str, moment: _Moment, *, is_stored: bool = False) -> ZipInfo:
    info = ZipInfo(name, moment)
    info.compress_type = ZIP_STORED if is_stored or name.lower().endswith(_STORED) else ZIP_DEFLATED
    info.external_attr, info.create_system = 0o644 << 16, 3
    return info
