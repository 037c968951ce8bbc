"""Verifiable credentials (W3C VC 2.0, Open Badges 3.0): the issuer's keys, the two secured forms, the status list.

Nothing is fetched: the two JSON-LD contexts stand in `static/contexts/`, pinned by their digest.
"""

import gzip
import hashlib
import json
import re
import secrets
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import base58
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey
from joserfc.util import urlsafe_b64encode
from pyld import jsonld

from portfolio.signing_key import (
    SEED_BYTES,
    LostKeyError,
    parse_seed,
    public_jwk,
    publish_key,
    read_or_create_secret,
    write_secret,
)

KEY_FILE = "credential.key"
PUBLIC_FILE = "credential.jwks.json"  # every key that ever signed a credential: what an older one signed stays good
CRYPTOSUITE = "eddsa-rdfc-2022"
CONTEXTS = ("https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json")
_FILES = {
    CONTEXTS[0]: ("credentials-v2.json", "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"),
    CONTEXTS[1]: ("open-badges-3.0.3.json", "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84"),
}
_FOLDER = Path(__file__).parents[1] / "static" / "contexts"
_DID_CONTEXTS = (
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/security/jwk/v1",
)
# The codes of the two kinds of keys in a Multikey.
_ED25519, _P256 = b"\xed\x01", b"\x80\x24"
# The least that the standard allows: one person is not found by the size of the list.
LIST_BITS = 131_072
_A_MOMENT = "1970-01-01T00:00:00Z"


class UnknownContextError(ValueError):
    """A context that is not in the repository: it is never fetched."""


class DroppedTermError(ValueError):
    """A term that the contexts do not define: the proof would not cover it."""


@dataclass(frozen=True)
class CredentialKeys:
    """The two keys that sign now, made from one secret, and every public key that ever signed, the latest last."""

    edwards: Ed25519PrivateKey
    curve: ec.EllipticCurvePrivateKey
    published: tuple[dict[str, str], ...]


def load_credential_keys(folder: Path) -> CredentialKeys:
    """Read the keys of a data folder, or make them; raise LostKeyError when they are gone but signed before."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / KEY_FILE
    has_published = (folder / PUBLIC_FILE).exists()  # asked first: another process may be making both
    if has_published and not path.exists():
        raise LostKeyError(path)
    edwards, curve = _keys_from(parse_seed(read_or_create_secret(path)))
    publish_key(folder / PUBLIC_FILE, public_jwk(edwards.public_key()))
    return CredentialKeys(edwards, curve, publish_key(folder / PUBLIC_FILE, _curve_jwk(curve.public_key())))


def rotate_credential_keys(folder: Path) -> CredentialKeys:
    """Replace the secret by a new one; the former public keys stay published, and what they signed stays good."""
    if (folder / KEY_FILE).exists():
        load_credential_keys(folder)  # what signed until now is published before it is replaced
    write_secret(folder / KEY_FILE, urlsafe_b64encode(secrets.token_bytes(SEED_BYTES)).decode())
    return load_credential_keys(folder)


def _keys_from(seed: bytes) -> tuple[Ed25519PrivateKey, ec.EllipticCurvePrivateKey]:
    scalar = int.from_bytes(_derived(seed, b"acquis credential P-256", 48))
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    return (
        Ed25519PrivateKey.from_private_bytes(_derived(seed, b"acquis credential Ed25519", 32)),
        ec.derive_private_key(scalar % (order - 1) + 1, ec.SECP256R1()),
    )


def _derived(seed: bytes, use: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt=None, info=use).derive(seed)


def _curve_jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    public = ECKey.import_key(key)
    named = public.as_dict(private=False)
    return {name: str(named[name]) for name in ("kty", "crv", "x", "y")} | {
        "kid": public.thumbprint(),
        "alg": "ES256",
        "use": "sig",
    }


def did_of_site(address: str) -> str:
    """Return the did:web of a site that strangers reach over TLS; empty for any other."""
    parts = urlsplit(address)
    is_public = parts.scheme == "https" and "." in (parts.hostname or "") and not (parts.hostname or "")[-1].isdigit()
    return f"did:web:{quote(parts.netloc, safe='')}" if is_public and not parts.path.strip("/") else ""


@dataclass(frozen=True)
class Issuer:
    """Signer of credentials for one address: a did:web, or the keys' own did:key where no stranger reaches it."""

    address: str
    keys: CredentialKeys

    @cached_property
    def site_did(self) -> str:
        """Return the did:web of the address; empty without a public one."""
        return did_of_site(self.address)

    @cached_property
    def document_did(self) -> str:
        """Return the DID that issues what carries a Data Integrity proof."""
        return self.site_did or f"did:key:{_multikey(self.keys.edwards.public_key())}"

    @cached_property
    def token_did(self) -> str:
        """Return the DID that issues a JWT."""
        return self.site_did or f"did:key:{_multikey(self.keys.curve.public_key())}"

    @cached_property
    def token_key(self) -> ECKey:
        return ECKey.import_key(self.keys.curve)

    @cached_property
    def _token_method(self) -> str:
        name = self.token_key.thumbprint() if self.site_did else self.token_did.removeprefix("did:key:")
        return f"{self.token_did}#{name}"

    def sign_document(self, content: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        """Return a credential with its Data Integrity proof; raise DroppedTermError for what the proof would not cover.

        The issuer is the DID of the key, whatever the content says.
        """
        named = {**content, "issuer": {**content["issuer"], "id": self.document_did}}
        proof = _proof(f"{self.document_did}#{_multikey(self.keys.edwards.public_key())}", moment(at))
        options = _proof_quads(tuple(named["@context"]), proof["verificationMethod"]).replace(_A_MOMENT, moment(at))
        told = hashlib.sha256(options.encode()).digest() + hashlib.sha256(_quads(named).encode()).digest()
        value = base58.b58encode(self.keys.edwards.sign(told)).decode()
        return {**named, "proof": {**proof, "proofValue": f"z{value}"}}

    def sign_token(self, content: Mapping[str, Any]) -> str:
        """Return a credential as a compact JWT signed ES256, with the claims that the profile of Open Badges wants."""
        payload = {**content, "issuer": {**content["issuer"], "id": self.token_did}}
        payload |= {
            "iss": self.token_did,
            "jti": content["id"],
            "sub": content["credentialSubject"]["id"],
            "nbf": _seconds(content["validFrom"]),
        }
        if until := content.get("validUntil"):
            payload["exp"] = _seconds(until)
        header = {"alg": "ES256", "kid": self._token_method, "typ": "JWT"}
        return jws.serialize_compact(header, as_text(payload), self.token_key, algorithms=["ES256"])

    @property
    def token_keys(self) -> dict[str, dict[str, str]]:
        """Return every key that ever signed a JWT, by what its name ends with: its thumbprint, or itself."""
        found: dict[str, dict[str, str]] = {}
        for jwk in self.keys.published:
            if jwk["kty"] == "EC":
                public = {name: jwk[name] for name in ("kty", "crv", "x", "y")}
                named = _multikey(ECKey.import_key(dict(jwk)).get_op_key("verify"))
                found[named] = found[jwk["kid"]] = public
        return found

    @property
    def did_document(self) -> dict[str, Any] | None:
        """Return the DID document of the site: P-256 methods first, the current one at their head; None without a
        public address.
        """
        if not self.site_did:
            return None
        methods = [dict(method) for method in _methods(self.site_did, self.keys.published)]
        return {
            "@context": list(_DID_CONTEXTS),
            "id": self.site_did,
            "verificationMethod": methods,
            "assertionMethod": [method["id"] for method in methods],
        }


def load_issuer(folder: Path, address: str) -> Issuer:
    """Return what signs the credentials of an installation; raise LostKeyError as `load_credential_keys` does."""
    return Issuer(address.rstrip("/"), load_credential_keys(folder))


def _methods(did: str, published: Sequence[Mapping[str, str]]) -> Iterator[Mapping[str, Any]]:
    # Some verifiers check a status list with the first method, whatever the list names.
    latest_first = published[::-1]
    for jwk in sorted(latest_first, key=lambda one: one["kty"] != "EC"):
        if jwk["kty"] == "EC":
            public = {name: jwk[name] for name in ("kty", "crv", "x", "y")}
            yield {"id": f"{did}#{jwk['kid']}", "type": "JsonWebKey", "controller": did, "publicKeyJwk": public}
        else:
            key = OKPKey.import_key({name: jwk[name] for name in ("kty", "crv", "x")}).get_op_key("verify")
            named = _multikey(key)
            yield {"id": f"{did}#{named}", "type": "Multikey", "controller": did, "publicKeyMultibase": named}


def _multikey(key: Any) -> str:
    if isinstance(key, Ed25519PublicKey):
        coded = _ED25519 + key.public_bytes_raw()
    else:
        x962, compressed = serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
        coded = _P256 + key.public_bytes(x962, compressed)
    return f"z{base58.b58encode(coded).decode()}"


def as_text(value: Any) -> str:
    """Return a credential as the text that is kept and served: without spaces, so that each character counts."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def moment(at: datetime) -> str:
    """Return a moment as credentials write it: to the second, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def encoded_list(indexes: Collection[int]) -> str:
    """Return a bitstring with these bits set as Bitstring Status List encodes it; always the same bytes."""
    bits = bytearray(LIST_BITS // 8)
    for index in indexes:
        bits[index // 8] |= 0x80 >> index % 8
    return f"u{urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).decode()}"


@cache
def _context(url: str) -> dict[str, Any]:
    if url not in _FILES:
        raise UnknownContextError(url)
    name, digest = _FILES[url]
    content = (_FOLDER / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise UnknownContextError(f"{name} is not what its digest says")
    document: dict[str, Any] = json.loads(content)
    return document


def _load(url: str, _options: object = None) -> dict[str, Any]:
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": _context(url)}


def _proof(method: str, created: str) -> dict[str, str]:
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }


@cache
def _proof_quads(contexts: tuple[str, ...], method: str) -> str:
    """Return the canonical statements of a proof: one node, a statement a term, so that its moment moves no line."""
    return _quads({"@context": list(contexts), **_proof(method, _A_MOMENT)})


def _quads(document: Mapping[str, Any]) -> str:
    options: Any = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": _load}
    return str(jsonld.normalize(expanded_whole(document), options))


def expanded_whole(document: Mapping[str, Any]) -> list[Any]:
    """Return a document in expanded form; raise DroppedTermError when it has fewer values than the document, or a name
    that no context defines.
    """
    # Without a base, a name that is not defined stays as it is written.
    options: Any = {"documentLoader": _load, "base": None}
    expanded: list[Any] = jsonld.expand(dict(document), options)
    if _count(expanded) != _count(document) or not all(":" in name for name in _names(expanded)):
        raise DroppedTermError(document.get("id", ""))
    return expanded


def _count(value: Any) -> int:
    if isinstance(value, Mapping):
        return 1 if "@value" in value else sum(_count(each) for key, each in value.items() if key != "@context")
    return sum(map(_count, value)) if isinstance(value, list) else 1


def _names(value: Any) -> Iterator[str]:
    """Yield the identifiers, types and properties of an expanded value."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            if key in ("@id", "@type"):
                yield from [each] if isinstance(each, str) else each
            elif not key.startswith("@"):
                yield key
                yield from _names(each)
            elif key != "@value":
                yield from _names(each)
    elif isinstance(value, list):
        for each in value:
            yield from _names(each)


_PNG = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"openbadgecredential"
_SVG_NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
_IN_SVG = re.compile(
    r"<openbadges:credential[^>]*>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</openbadges:credential>", re.DOTALL
)


def baked_png(picture: bytes, text: str) -> bytes:
    """Return a PNG that carries a credential, as Open Badges 3.0 bakes it: an iTXt chunk after the first one."""
    content = b"iTXt" + _KEYWORD + b"\0\0\0\0\0" + text.encode()
    chunk = (len(content) - 4).to_bytes(4) + content + zlib.crc32(content).to_bytes(4)
    header_end = len(_PNG) + 25
    return picture[:header_end] + chunk + picture[header_end:]


def baked_svg(picture: str, text: str) -> str:
    """Return an SVG that carries a credential, as Open Badges 3.0 bakes it: an element at the head of the picture."""
    told = text.replace("]]>", "]]\\u003e")
    head, _, drawing = picture.partition(">")
    carried = f"<openbadges:credential><![CDATA[{told}]]></openbadges:credential>"
    return f'{head} xmlns:openbadges="{_SVG_NAMESPACE}">{carried}{drawing}'


def carried_text(content: bytes) -> str:
    """Return the credential that a file is or carries: JSON, JWT, baked PNG or SVG; empty when there is none."""
    if content.startswith(_PNG):
        return _in_png(content)
    text = content.decode("utf-8", "replace").strip().removeprefix("\ufeff")
    if text.startswith("<"):
        found = _IN_SVG.search(text)
        return found[1].strip() if found else ""
    return text


def _in_png(content: bytes) -> str:
    place = len(_PNG)
    while place + 8 <= len(content):
        size = int.from_bytes(content[place : place + 4])
        chunk = content[place + 4 : place + 8 + size]
        if chunk.startswith(b"iTXt" + _KEYWORD + b"\0\0"):
            parts = chunk[4:].split(b"\0", 5)
            return parts[5].decode("utf-8", "replace") if len(parts) > 5 else ""
        place += 12 + size
    return ""
