"""The installation's Ed25519 key: made at the first start, published so that anyone can check what it signed."""

import binascii
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import GuestProtocol, OKPKey
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from portfolio.french_text import NBSP

SEED_BYTES = 32
KEY_FILE = "ledger.key"
PUBLIC_FILE = "ledger.jwks.json"  # every key this installation ever signed with: what an older one signed stays good
ALGORITHM = "EdDSA"  # the name that every signature made since the first version carries


class _Registry(jws.JWSRegistry):
    """The only algorithm of the product, by its name of RFC 8037.

    RFC 9864 prefers the name « Ed25519 »: signatures already delivered keep the older one, and the keys fix the curve.
    """

    max_payload_length = 2**24  # base64url characters; an attestation whose every field is full exceeds the default

    def get_alg(self, name: str) -> Any:
        """Return EdDSA; raise UnsupportedAlgorithmError for any other name."""
        if name != ALGORITHM:
            raise UnsupportedAlgorithmError(f"Algorithm of '{name}' is not allowed")
        return self.algorithms[name]


_REGISTRY = _Registry()


class Signer:
    """A private key and its published name, the RFC 7638 thumbprint."""

    def __init__(self, seed: bytes) -> None:
        self._private = private = Ed25519PrivateKey.from_private_bytes(seed)
        self._key = OKPKey.import_key(private)
        self.jwk = public_jwk(private.public_key())
        self.kid: str = self.jwk["kid"]

    def sign_jws(self, payload: bytes, *, kind: str = "") -> str:
        """Return a payload as a compact JSON Web Signature (RFC 7515, RFC 8037); `kind` is its `typ`."""
        header = {"alg": ALGORITHM, "kid": self.kid} | ({"typ": kind} if kind else {})
        return jws.serialize_compact(header, payload, self._key, registry=_REGISTRY)

    def sign(self, content: bytes) -> bytes:
        """Return the bare signature of a content that says itself what it is."""
        return self._private.sign(content)


@dataclass(frozen=True)
class Keys:
    """The key that signs now, and every public key whose signatures are ours."""

    signer: Signer
    published: tuple[dict[str, str], ...]

    def read_jws(self, token: str) -> bytes | None:
        """Return the payload that one of our keys signed as a compact JSON Web Signature; None for anything else."""
        try:
            return jws.deserialize_compact(token, self._named, registry=_REGISTRY).payload
        except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
            return None  # no text that comes from outside may stop a check

    def verify(self, token: str) -> bool:
        """Return whether one of our keys signed this compact JSON Web Signature."""
        return self.read_jws(token) is not None

    def _named(self, signature: GuestProtocol) -> OKPKey:
        key = self._known.get(signature.headers().get("kid", ""))
        if key is None:
            raise ValueError("not a key of ours")
        return key

    @cached_property
    def _known(self) -> dict[str, OKPKey]:
        return {jwk["kid"]: OKPKey.import_key(dict(jwk)) for jwk in self.published}

    @property
    def jwks(self) -> dict[str, Any]:
        """Return the public keys as RFC 7517 publishes them, the current one first."""
        current = self.signer.kid
        return {"keys": sorted(self.published, key=lambda jwk: jwk["kid"] != current)}


class LostKeyError(ValueError):
    """The key that signed the acts of this installation is gone: no other one takes its place unseen."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"La clé du registre a disparu{NBSP}: elle n’est ni dans LEDGER_KEY, ni dans le fichier "
            f"{path}, et cette installation a déjà signé des actes.\n"
            "Ce qui est signé se vérifie encore, mais rien de plus ne peut être signé sous cette clé.\n"
            "Remettez le fichier depuis une sauvegarde. S’il est perdu pour de bon, donnez une nouvelle clé "
            f"par LEDGER_KEY (32 octets en base64url){NBSP}: le changement de clé se verra dans le registre."
        )


def load_keys(folder: Path, key: str = "", *, has_signed: Callable[[], bool] = lambda: False) -> Keys:
    """Read the key of a data folder, or make it; `key` (32 bytes in base64url) stands before the file.

    `has_signed` says, when there is no key, whether the database holds signatures. Raise ValueError when the
    key cannot be read, LostKeyError when it is gone. Keep the list of public keys beside it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / KEY_FILE
    has_published = (folder / PUBLIC_FILE).exists()  # asked first: another process may be making both
    if not key and not path.exists() and (has_published or has_signed()) and not path.exists():
        raise LostKeyError(path)
    signer = Signer(parse_seed(key or read_or_create_secret(path)))
    return Keys(signer, publish_key(folder / PUBLIC_FILE, signer.jwk))


def public_jwk(key: Ed25519PublicKey) -> dict[str, str]:
    """Describe a public key as RFC 8037 says, named by its RFC 7638 thumbprint."""
    public = OKPKey.import_key(key)
    named = public.as_dict(private=False)
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": str(named["x"]),
        "kid": public.thumbprint(),
        "alg": ALGORITHM,
        "use": "sig",
    }


def read_or_create_secret(path: Path) -> str:
    """Read the secret of the folder, or make it; two processes that start together agree on one."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        _write(draft, urlsafe_b64encode(secrets.token_bytes(SEED_BYTES)).decode())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


def publish_key(path: Path, current: dict[str, str]) -> tuple[dict[str, str], ...]:
    """Add a public key to the list beside it, unless it is there; return the list, the latest key last."""
    known: list[dict[str, str]] = json.loads(path.read_text())["keys"] if path.exists() else []
    if all(jwk["kid"] != current["kid"] for jwk in known):
        known.append(current)
        write_secret(path, json.dumps({"keys": known}, indent=2))
    return tuple(known)


def write_secret(path: Path, content: str) -> None:
    """Put a file that its owner alone reads in the place of another, whole or not at all."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    _write(draft, content)
    draft.replace(path)


def _write(path: Path, content: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def parse_seed(text: str) -> bytes:
    """Return the 32 bytes of a secret; raise ValueError for anything else."""
    try:
        seed = urlsafe_b64decode(text.strip().encode("ascii"))
    except (binascii.Error, UnicodeEncodeError):
        seed = b""
    if len(seed) != SEED_BYTES:
        raise ValueError("the signing key must be 32 bytes in base64url")
    return seed
