"""The installation's Ed25519 key: made at the first start, published so that anyone can check what it signed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SEED_BYTES = 32
KEY_FILE = "ledger.key"
PUBLIC_FILE = "ledger.jwks.json"  # every key this installation ever signed with: what an older one signed stays good


class Signer:
    """A private key and its published name, the RFC 7638 thumbprint."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.jwk = public_jwk(self._private.public_key())
        self.kid: str = self.jwk["kid"]

    def sign(self, message: bytes) -> str:
        """Sign; the answer is base64url, as in a JSON Web Signature."""
        return _base64url(self._private.sign(message))

    def sign_jws(self, payload: bytes) -> str:
        """Sign a JSON text as a compact JSON Web Signature (RFC 7515, RFC 8037): any JOSE library checks it with our keys."""
        header = json.dumps({"alg": "EdDSA", "kid": self.kid}, separators=(",", ":"))
        signed = f"{_base64url(header.encode())}.{_base64url(payload)}"
        return f"{signed}.{self.sign(signed.encode())}"


@dataclass(frozen=True)
class Keys:
    """The key that signs now, and every public key whose signatures are ours."""

    signer: Signer
    published: tuple[dict[str, str], ...]

    def verify(self, kid: str, message: bytes, signature: str) -> bool:
        """Whether one of our keys, of this name, signed this message."""
        key = self._known.get(kid)
        return key is not None and _signed(key, message, signature)

    def read_jws(self, jws: str) -> bytes | None:
        """Answer what one of our keys signed as a compact JSON Web Signature; None for anything else."""
        signed, _, signature = jws.rpartition(".")
        try:
            header, payload = (_from_base64url(part) for part in signed.split("."))
            said = json.loads(header)
        except ValueError:
            return None
        ours = isinstance(said, dict) and said.get("alg") == "EdDSA" and isinstance(said.get("kid"), str)
        return payload if ours and self.verify(said["kid"], signed.encode(), signature) else None

    @cached_property
    def _known(self) -> dict[str, Ed25519PublicKey]:
        return {jwk["kid"]: Ed25519PublicKey.from_public_bytes(_from_base64url(jwk["x"])) for jwk in self.published}

    @property
    def jwks(self) -> dict[str, Any]:
        """The public keys as RFC 7517 publishes them, the current one first."""
        current = self.signer.kid
        return {"keys": sorted(self.published, key=lambda jwk: jwk["kid"] != current)}


def load_keys(folder: Path, given: str = "") -> Keys:
    """Read the key of a data folder, or make it; `given` (32 bytes in base64url) stands before the file.

    Raises ValueError when the key cannot be read. Keeps the list of public keys beside it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    signer = Signer(_seed(given or _read_or_create(folder / KEY_FILE)))
    return Keys(signer, _published(folder / PUBLIC_FILE, signer.jwk))


def public_jwk(key: Ed25519PublicKey) -> dict[str, str]:
    """Describe a public key as RFC 8037 says, named by its RFC 7638 thumbprint."""
    x = _base64url(key.public_bytes_raw())
    named = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": x}, separators=(",", ":"))
    kid = _base64url(hashlib.sha256(named.encode()).digest())
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": "EdDSA", "use": "sig"}


def _signed(key: Ed25519PublicKey, message: bytes, signature: str) -> bool:
    try:
        key.verify(_from_base64url(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _read_or_create(path: Path) -> str:
    """Read the secret of the folder, or make it; two processes that start together agree on one."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        _write(draft, _base64url(secrets.token_bytes(SEED_BYTES)))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


def _published(path: Path, current: dict[str, str]) -> tuple[dict[str, str], ...]:
    known: list[dict[str, str]] = json.loads(path.read_text())["keys"] if path.exists() else []
    if all(jwk["kid"] != current["kid"] for jwk in known):
        known.append(current)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        _write(draft, json.dumps({"keys": known}, indent=2))
        draft.replace(path)
    return tuple(known)


def _write(path: Path, content: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _seed(text: str) -> bytes:
    try:
        seed = _from_base64url(text.strip())
    except ValueError:
        seed = b""
    if len(seed) != SEED_BYTES:
        raise ValueError("the signing key must be 32 bytes in base64url")
    return seed


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _from_base64url(text: str) -> bytes:
    """Read base64url, strictly: two writings of one signature would be two signatures. Raises ValueError."""
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error
    if _base64url(content) != text:
        raise ValueError("not base64url")
    return content
