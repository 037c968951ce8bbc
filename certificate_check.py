#!/usr/bin/env python3
"""Vérifie un certificat numérique sans réseau et sans le site qui l'a délivré. Demande Python et `cryptography`.

    python certificate_check.py [DOSSIER]

DOSSIER : où l'archive du certificat a été ouverte (certificat.jwt, certificat.json, cles.json, retraits.jwt, et
registre.json s'il y est). Sans DOSSIER, celui de ce programme. Le code de sortie est 0 quand le certificat est valide,
1 quand il a été retiré à la date de la liste jointe, 2 quand il ne peut pas être vérifié ou qu'un fichier a changé.
"""

import base64
import gzip
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

Keys = dict[str, dict[str, str]]
# What differs between the two forms: the claims of a JWT, the proof of the other, and where each names its list.
_OWN = {"iss", "jti", "sub", "nbf", "exp", "proof", "issuer", "credentialStatus"}


def decoded(text: str) -> bytes:
    """Return bytes written in base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read_token(token: str, keys: Keys) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what a JWT says and the key that signed it; raise ValueError, KeyError or InvalidSignature."""
    head, payload, signature = token.strip().split(".")
    header, raw = json.loads(decoded(head)), decoded(signature)
    issuer, _, name = header["kid"].partition("#")
    key = keys[name]
    if header["alg"] != "ES256" or len(raw) != 64:
        raise ValueError("ES256")
    numbers = [int.from_bytes(decoded(key[one]), "big") for one in ("x", "y")]
    public = ec.EllipticCurvePublicNumbers(numbers[0], numbers[1], ec.SECP256R1()).public_key()
    signed = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public.verify(signed, f"{head}.{payload}".encode(), ec.ECDSA(SHA256()))
    said = json.loads(decoded(payload))
    if said["issuer"]["id"] != issuer:
        raise ValueError("issuer")
    return said, key


def thumbprint(key: dict[str, str]) -> str:
    """Return the RFC 7638 thumbprint of a key, which the issuer publishes and prints."""
    told = json.dumps({name: key[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(told.encode()).digest()).rstrip(b"=").decode()


def root_from(digest: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes:
    """Return the root that a leaf and its proof give (RFC 9162); raise ValueError for a proof of another length."""
    if count == 1 or not path:
        if count != 1 or path:
            raise ValueError("path")
        return digest
    half = 1 << (count - 1).bit_length() - 1
    if index < half:
        left, right = root_from(digest, index, half, path[:-1]), path[-1]
    else:
        left, right = path[-1], root_from(digest, index - half, count - half, path[:-1])
    return hashlib.sha256(b"\1" + left + right).digest()


def check_ledger(folder: Path, number: str) -> str:
    """Return the key that signed the root of the ledger under which this certificate is; raise what a fault raises."""
    proof = json.loads((folder / "registre.json").read_text("utf-8"))
    entry = proof["entry"]
    opened = hashlib.sha256(bytes.fromhex(proof["salt"]) + b"certificate.number\0=" + number.encode()).hexdigest()
    if entry["act"] != "certificate" or entry["digests"]["number"] != opened:
        raise ValueError("number")
    told = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    leaf = hashlib.sha256(b"\0" + hashlib.sha256(told).digest()).digest()
    note = (folder / "registre.checkpoint").read_bytes().decode("utf-8")
    text, _, signature = note.partition("\n\n\u2014 ")
    origin, size, root = text.split("\n")
    name, _, signed = signature.strip().partition(" ")
    if not 1 <= entry["seq"] <= int(size) or name != origin:
        raise ValueError("size")
    path = [bytes.fromhex(one) for one in proof["path"]]
    if root_from(leaf, entry["seq"] - 1, int(size), path) != base64.b64decode(root):
        raise ValueError("root")
    raw = base64.b64decode(signed)
    for line in (folder / "registre-cles.txt").read_text("utf-8").split():
        if line.split("+", 2)[:2] == [origin, raw[:4].hex()]:
            public = base64.b64decode(line.split("+", 2)[2])
            if hashlib.sha256(f"{origin}\n".encode() + public).digest()[:4] != raw[:4]:
                raise ValueError("key")
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[4:], f"{text}\n".encode())
            break
    else:
        raise ValueError("key")
    stamp = folder / "registre.tsr"
    if stamp.exists() and hashlib.sha512(note.encode()).digest() not in stamp.read_bytes():
        raise ValueError("stamp")
    return line


def main(words: Sequence[str]) -> int:
    """Check what a folder holds, and say it; return the status."""
    folder = Path(words[0]) if words else Path(__file__).parent
    try:
        keys = json.loads((folder / "cles.json").read_text("utf-8"))
        said, key = read_token((folder / "certificat.jwt").read_text("ascii"), keys)
        shown = json.loads((folder / "certificat.json").read_text("utf-8"))
        if {name: shown[name] for name in shown.keys() - _OWN} != {name: said[name] for name in said.keys() - _OWN}:
            raise ValueError("forms")
        listed, _ = read_token((folder / "retraits.jwt").read_text("ascii"), keys)
        status = said["credentialStatus"]
        if listed["id"].rpartition("/")[2] != status["statusListCredential"].rpartition("/")[2]:
            raise ValueError("list")
        bits = gzip.decompress(decoded(listed["credentialSubject"]["encodedList"][1:]))
        place = int(status["statusListIndex"])
        ledger = check_ledger(folder, said["id"].rpartition("/")[2]) if (folder / "registre.json").exists() else ""
        is_withdrawn = bool(bits[place // 8] & (0x80 >> place % 8))
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, InvalidSignature) as error:
        print(f"NE PEUT PAS ÊTRE VÉRIFIÉ : un fichier manque ou a été modifié ({type(error).__name__} {error}).")
        return 2
    print(
        f"{said['name']}\nDélivré par {said['issuer']['name']} ({said['issuer']['id']}), le {said['awardedDate'][:10]}."
    )
    print(f"Signature exacte, de la clé {thumbprint(key)}.")
    print("Comparez cette clé avec celle que l'organisme publie ou donne : elle seule dit qui a signé.")
    if ledger:
        print(f"Inscrit au registre de l'organisme, sous la clé {ledger}.")
    if (folder / "registre.tsr").exists():
        print("La date d'une autorité est jointe. Pour la vérifier :")
        print("    openssl ts -verify -data registre.checkpoint -in registre.tsr -CAfile autorite.pem")
    print(f"{'RETIRÉ' if is_withdrawn else 'VALIDE'} à la date de la liste jointe : {listed['validFrom'][:10]}.")
    return int(is_withdrawn)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
