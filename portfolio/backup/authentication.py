"""Authentication of backups: a key of the installation, which no backup holds, signs each of them.

The manifest has the digest of every part and of the list of files, and the list those of every file. Whoever
writes in the folder of the backups, and reads the keys that a backup holds, has not this one.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from portfolio.backup.errors import BackupError, BackupFailure
from portfolio.backup.repository import NAME_FORMAT, Backup, FileCopy
from portfolio.signing_key import parse_seed, read_or_create_secret

KEY_FILE, SIGNATURE = "backup.key", "backup.json.sig"
_DOMAIN = b"Acquis backup 1\n"


@dataclass(frozen=True)
class BackupKey:
    """The private key of an installation's backups."""

    seed: bytes

    @classmethod
    def load(cls, data: Path) -> BackupKey:
        """Read the key of a data folder, or make it; raise ValueError for a file that holds none."""
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(parse_seed(read_or_create_secret(data / KEY_FILE)))

    @property
    def public(self) -> str:
        """The public key, as it is given to a restore: 43 characters."""
        return urlsafe_b64encode(self._private.public_key().public_bytes_raw()).decode()

    @property
    def place(self) -> str:
        """The folder of the files copied under this key: those of another one are never written over."""
        return f"files-{hashlib.sha256(self.public.encode()).hexdigest()[:12]}"

    def sign(self, manifest: bytes) -> str:
        """Return the signature of a manifest."""
        return urlsafe_b64encode(self._private.sign(_DOMAIN + manifest)).decode()

    def seal(self, copy: FileCopy) -> FileCopy:
        """Return a copy with the proof that this installation wrote it: later backups name it too."""
        return replace(copy, mac=self._mac(copy))

    def has_sealed(self, copy: FileCopy) -> bool:
        """Return whether this installation wrote this line of the journal."""
        return hmac.compare_digest(copy.mac.encode(), self._mac(copy).encode())

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def _mac(self, copy: FileCopy) -> str:
        return hmac.new(self.seed, _DOMAIN + replace(copy, mac="").line.encode(), hashlib.sha256).hexdigest()


def choose_public_key(data: Path, given: str) -> str:
    """Return the public key that a backup must be signed with: the one given, or that of this data folder.

    Raise BackupError when there is neither.
    """
    if given:
        return given.strip()
    if not (data / KEY_FILE).exists():
        raise BackupError(BackupFailure.NO_PUBLIC_KEY)
    return BackupKey.load(data).public


def is_signed(public: str, content: bytes, signature: bytes) -> bool:
    """Return whether the holder of this key signed this; raise BackupError for what is no key."""
    try:
        key = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(public.encode()))
    except ValueError as error:
        raise BackupError(BackupFailure.BAD_PUBLIC_KEY) from error
    try:
        key.verify(urlsafe_b64decode(signature), _DOMAIN + content)
    except (InvalidSignature, ValueError):
        return False
    return True


def check_signature(backup: Backup, public: str) -> None:
    """Raise BackupError unless the holder of this key made this very backup, when its name says."""
    path = backup.folder / SIGNATURE
    if not path.exists():
        raise BackupError(BackupFailure.UNSIGNED, backup.name)
    try:
        is_ours = is_signed(public, backup.content, path.read_bytes())
    except OSError as error:
        raise BackupError(BackupFailure.NOT_OURS, backup.name) from error
    if not is_ours:
        raise BackupError(BackupFailure.NOT_OURS, backup.name)
    # An older backup under a newer name.
    if backup.manifest.get("name") != backup.made_at.strftime(NAME_FORMAT):
        raise BackupError(BackupFailure.NOT_OURS, backup.name)
