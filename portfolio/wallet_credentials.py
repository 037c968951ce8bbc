"""Certificates for the European wallets: SD-JWT VC given by OpenID4VCI 1.0 with a pre-authorised code (a trial)."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64encode

from portfolio.verifiable_credentials import Issuer, as_text

# The second number changes with the claims: a verifier knows a form by it.
CONFIGURATION, TYPE_PATH = "acquis-certificat-1", "/portefeuille/types/certificat/1"
PRE_AUTHORISED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
# ETSI TS 119 472-1: neither qualified nor of a public body.
CATEGORY = "urn:etsi:esi:eaa:eu:non-qualified"
LASTS = timedelta(minutes=10)
PIN_DIGITS = 6
_CLOCKS_APART = timedelta(minutes=5)


class ProofRefusedError(ValueError):
    """A proof of possession that is not of the key that it names, not for us, or not of now."""


@dataclass(frozen=True, slots=True)
class WalletClaims:
    """Values of one certificate for a wallet: `shown` is always told, `chosen` is what the holder may keep back."""

    shown: Mapping[str, str]
    chosen: Mapping[str, Any]


def sign_sd_jwt(issuer: Issuer, claims: WalletClaims, holder_key: Mapping[str, Any], at: datetime) -> str:
    """Return an SD-JWT VC bound to the key of a wallet (ES256), with each claim that the holder may keep back."""
    disclosures = [_disclosure(name, value) for name, value in claims.chosen.items()]
    payload = {
        "iss": issuer.address,
        "iat": int(at.timestamp()),
        "vct": f"{issuer.address}{TYPE_PATH}",
        "category": CATEGORY,
        "cnf": {"jwk": dict(holder_key)},
        **claims.shown,
        # Sorted, so that their order tells nothing.
        "_sd": sorted(_digest(each) for each in disclosures),
        "_sd_alg": "sha-256",
    }
    header = {"alg": "ES256", "typ": "dc+sd-jwt", "kid": issuer.token_key.thumbprint()}
    signed = jws.serialize_compact(header, as_text(payload), issuer.token_key, algorithms=["ES256"])
    return "~".join((signed, *disclosures, ""))


def _disclosure(name: str, value: Any) -> str:
    told = as_text([secrets.token_urlsafe(16), name, value])
    return urlsafe_b64encode(told.encode()).decode()


def _digest(disclosure: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(disclosure.encode("ascii")).digest()).decode()


def new_nonce(secret: str) -> str:
    """Return a value that a wallet signs within a few minutes; nothing is kept of it."""
    return _nonces(secret).dumps(secrets.token_urlsafe(8))


def _nonces(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="wallet nonce")


def holder_key_of(proof: str, address: str, secret: str, at: datetime) -> Mapping[str, Any]:
    """Return the public key that a wallet proves to have. Raise ProofRefusedError."""
    try:
        header = jws.extract_compact(proof.encode()).headers()
        if header.get("typ") != "openid4vci-proof+jwt" or header.get("alg") != "ES256":
            raise ProofRefusedError("form")
        named = header["jwk"]
        key: dict[str, str | list[str]] = {name: str(named[name]) for name in ("kty", "crv", "x", "y")}
        if (key["kty"], key["crv"]) != ("EC", "P-256"):
            raise ProofRefusedError("key")
        told = jws.deserialize_compact(proof, ECKey.import_key({**key}), algorithms=["ES256"])
        claims = _claims(told.payload)
        if claims.get("aud") != address or abs(at.timestamp() - float(claims["iat"])) > _CLOCKS_APART.total_seconds():
            raise ProofRefusedError("claims")
        _, signed_at = _nonces(secret).loads(str(claims.get("nonce")), return_timestamp=True)
        if abs(at - signed_at) > _CLOCKS_APART:  # another process, whose clock is ahead, may have signed it
            raise ProofRefusedError("nonce")
    except ProofRefusedError:
        raise
    except (JoseError, BadData, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProofRefusedError(type(error).__name__) from error
    return key


def _claims(payload: bytes) -> dict[str, Any]:
    found = json.loads(payload)
    if not isinstance(found, dict):
        raise ProofRefusedError("claims")
    return found


def issuer_metadata(address: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what a wallet asks of an issuer of credentials; `names`: the claims, by their name in French."""
    return {
        "credential_issuer": address,
        "credential_endpoint": f"{address}/portefeuille/certificat",
        "nonce_endpoint": f"{address}/portefeuille/nonce",
        "credential_configurations_supported": {
            CONFIGURATION: {
                "format": "dc+sd-jwt",
                "vct": f"{address}{TYPE_PATH}",
                "cryptographic_binding_methods_supported": ["jwk"],
                "credential_signing_alg_values_supported": ["ES256"],
                "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
                "credential_metadata": {
                    "display": [{"name": "Certificat (essai)", "locale": "fr"}],
                    "claims": [
                        {"path": [name], "display": [{"name": label, "locale": "fr"}]} for name, label in names.items()
                    ],
                },
            }
        },
    }


def server_metadata(address: str) -> dict[str, Any]:
    """Return what a wallet asks of the server that gives the tokens."""
    return {
        "issuer": address,
        "token_endpoint": f"{address}/portefeuille/jeton",
        "grant_types_supported": [PRE_AUTHORISED],
        "response_types_supported": [],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def type_metadata(address: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what the type of a certificate says of itself; it never changes under one address."""
    return {
        "vct": f"{address}{TYPE_PATH}",
        "name": "Certificat de blocs de compétences (essai)",
        "claims": [{"path": [name], "display": [{"lang": "fr", "label": label}]} for name, label in names.items()],
    }


def offer_of(address: str, code: str) -> dict[str, Any]:
    """Return the offer that a wallet reads in the code to scan."""
    grant = {"pre-authorized_code": code, "tx_code": {"length": PIN_DIGITS, "input_mode": "numeric"}}
    return {
        "credential_issuer": address,
        "credential_configuration_ids": [CONFIGURATION],
        "grants": {PRE_AUTHORISED: grant},
    }
