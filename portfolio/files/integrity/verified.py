"""Check that a kept file has the digest of its row; it is read again only when the store says that it changed."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

from portfolio.files.storage.store import FileStore, StoreError, digest_of

# Digests that one process remembers; the oldest is forgotten first.
REMEMBERED = 10_000


class NotIntact(StoreError):  # noqa: N818
    """The kept file is not the one that was received."""


class Verified:
    """The digests of the files that this process has read, each under what the store says of the file."""

    def __init__(self, store: FileStore) -> None:
        """Read the files of this store."""
        self._store = store
        self._known: OrderedDict[str, tuple[Hashable, str]] = OrderedDict()
        self._lock = Lock()

    def is_intact(self, key: str, sha256: str) -> bool:
        """Return whether the file kept under this key has this digest; raises KeyNotFound, StoreUnavailable,
        InvalidKey.

        Of a file in a folder the store says its inode, size, modification and change: an ordinary owner
        cannot set the last.
        """
        state = self._store.state(key)
        with self._lock:
            known = self._known.get(key)
        if known is None or known[0] != state:
            known = (state, self._read(key))
            if self._store.state(key) == state:
                self._remember(key, known)
        return known[1] == sha256

    def check(self, key: str, sha256: str) -> None:
        """Raise NotIntact when the file kept under this key has another digest, and what `is_intact` raises."""
        if not self.is_intact(key, sha256):
            raise NotIntact(key)

    def _read(self, key: str) -> str:
        with self._store.open(key) as content:
            try:
                return digest_of(content)[1]
            except OSError:  # a disk that cannot read it back any more
                return ""

    def _remember(self, key: str, known: tuple[Hashable, str]) -> None:
        with self._lock:
            self._known[key] = known
            self._known.move_to_end(key)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
