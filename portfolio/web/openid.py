"""Sign-in by an OpenID Connect provider (OIDC): discovery, code flow with PKCE, and every check of what the provider
answers.

Nothing of an answer is believed before its signature, issuer, audience, nonce and dates are right. Sources: OpenID
Connect Core 1.0 §3.1 and §5.3, Discovery 1.0, RP-Initiated Logout 1.0, RFC 7636 (PKCE), RFC 9207 (issuer of an answer).
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from config import OpenIdPreset, OpenIdProvider

TIMEOUT_SECONDS = 6
METADATA_SECONDS = 600
# How far the clock of the provider may be from ours.
LEEWAY_SECONDS = 60
ANSWER_MAX_BYTES = 256 * 1024
# Signatures of a public key only: « none » and those of a shared secret (HS256…) are never accepted.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
SUBJECT_MAX, LABEL_MAX = 255, 300
# Shapes whose user information comes signed: a plain answer is refused.
_SIGNED_USERINFO = {OpenIdPreset.PROCONNECT, OpenIdPreset.FRANCECONNECT}
# The claims that make a name, by shape.
_NAMES = {
    OpenIdPreset.PLAIN: ("given_name", "family_name"),
    OpenIdPreset.PROCONNECT: ("given_name", "usual_name"),
    OpenIdPreset.FRANCECONNECT: ("given_name", "family_name"),
}


class OpenIdFault(StrEnum):
    """Reasons why a sign-in by a provider does not succeed."""

    AWAY = "away"
    SETTINGS = "settings"
    CODE = "code"
    ANSWER = "answer"
    LEVEL = "level"
    CANCELLED = "cancelled"
    STATE = "state"


class OpenIdError(Exception):
    """A sign-in by a provider that does not succeed; `detail` is for the log and names nobody."""

    def __init__(self, fault: OpenIdFault, detail: str = "") -> None:
        super().__init__(fault.value)
        self.fault, self.detail = fault, detail


@dataclass(frozen=True)
class Metadata:
    """Metadata that a provider publishes."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    auth_methods: tuple[str, ...] = ("client_secret_basic",)
    names_issuer: bool = False


@dataclass(frozen=True)
class SignedIn:
    """Person that a provider signed in; `is_strong`: by a level that the settings accept as a second factor."""

    issuer: str
    subject: str
    label: str
    id_token: str
    is_strong: bool


class OpenIdClient:
    """One provider, as this installation talks to it; what it says of itself is kept for some minutes."""

    def __init__(self, provider: OpenIdProvider, address: str) -> None:
        self.provider = provider
        self.redirect_uri = f"{address.rstrip('/')}/connexion/retour/{provider.name}"
        self.after_logout = f"{address.rstrip('/')}/connexion"
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def metadata(self) -> Metadata:
        """Return what the provider says of itself.

        Raise OpenIdError when it does not answer, or is another one.
        """
        if self._metadata is None or time.monotonic() - self._metadata[0] > METADATA_SECONDS:
            self._metadata = (time.monotonic(), self._discover())
        return self._metadata[1]

    def authorization_url(self, state: str, nonce: str, code_verifier: str) -> str:
        """Return where the browser goes to sign in."""
        # A provider that does not know PKCE ignores its parameters (RFC 7636 §5).
        more: dict[str, str] = {"nonce": nonce}
        if self.provider.acr_values:
            more["acr_values"] = " ".join(self.provider.acr_values)
        if self.provider.second_factor and self.provider.preset is not OpenIdPreset.PLAIN:
            more["claims"] = json.dumps({"id_token": {"amr": {"essential": False}}}, separators=(",", ":"))
        url, _ = self._session().create_authorization_url(
            self.metadata().authorization_endpoint, state=state, code_verifier=code_verifier, **more
        )
        return str(url)

    def check_answer(self, arguments: Mapping[str, str]) -> str:
        """Return the code that came back.

        Raise OpenIdError when the person gave up, or another provider answers.
        """
        metadata, issuer = self.metadata(), arguments.get("iss")
        if issuer != self.provider.issuer and (issuer is not None or metadata.names_issuer):
            raise OpenIdError(OpenIdFault.ANSWER, "issuer of the answer")
        if error := arguments.get("error"):
            gave_up = error in {"access_denied", "login_required", "interaction_required", "consent_required"}
            raise OpenIdError(OpenIdFault.CANCELLED if gave_up else OpenIdFault.CODE, error[:60])
        if not arguments.get("code"):
            raise OpenIdError(OpenIdFault.CODE, "no code")
        return arguments["code"]

    def exchange(self, code: str, code_verifier: str, nonce: str, *, at: datetime) -> SignedIn:
        """Give the code for tokens, check them, and return who signed in.

        Raise OpenIdError when anything is wrong.
        """
        metadata = self.metadata()
        with self._session() as session:
            token = _call(
                lambda: session.fetch_token(
                    metadata.token_endpoint, code=code, code_verifier=code_verifier,
                    redirect_uri=self.redirect_uri, timeout=TIMEOUT_SECONDS, allow_redirects=False,
                )
            )  # fmt: skip
        id_token, access_token = token.get("id_token"), token.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise OpenIdError(OpenIdFault.ANSWER, "no ID token")
        claims = self._check_id_token(id_token, access_token, nonce, at)
        told = {**claims, **self._userinfo(metadata, access_token, str(claims["sub"]))}
        methods = claims.get("amr") or []
        is_strong = not self.provider.second_factor.isdisjoint({str(claims.get("acr")), *map(str, methods)})
        return SignedIn(self.provider.issuer, str(claims["sub"]), self._label(told), id_token, is_strong)

    def logout_url(self, id_token: str, state: str) -> str | None:
        """Return where the browser goes to end the session of the provider; None when it has no such page."""
        try:
            page = self.metadata().end_session_endpoint
        except OpenIdError:
            return None
        if not page:
            return None
        values = {"id_token_hint": id_token, "post_logout_redirect_uri": self.after_logout, "state": state}
        return f"{page}{'&' if '?' in page else '?'}{urlencode(values)}"

    def _session(self) -> OAuth2Session:
        provider = self.provider
        known = self._metadata[1].auth_methods if self._metadata else ()
        in_body = provider.preset is not OpenIdPreset.PLAIN or "client_secret_basic" not in known
        return OAuth2Session(
            provider.client_id, provider.client_secret, scope=provider.scopes, redirect_uri=self.redirect_uri,
            token_endpoint_auth_method="client_secret_post" if in_body else "client_secret_basic",
            code_challenge_method="S256",
        )  # fmt: skip

    def _discover(self) -> Metadata:
        told = _get_json(f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != self.provider.issuer:
            raise OpenIdError(OpenIdFault.SETTINGS, "the provider names another issuer")
        pages = {name: str(told.get(name) or "") for name in _PAGES}
        if wrong := [name for name, url in pages.items() if (url or name in _NEEDED) and not is_safe(url)]:
            raise OpenIdError(OpenIdFault.SETTINGS, ", ".join(wrong))
        methods = tuple(map(str, told.get("token_endpoint_auth_methods_supported") or ("client_secret_basic",)))
        return Metadata(
            **pages,
            auth_methods=methods,
            names_issuer=told.get("authorization_response_iss_parameter_supported") is True,
        )

    def _key_set(self, *, anew: bool = False) -> KeySet:
        if anew or self._keys is None or time.monotonic() - self._keys[0] > METADATA_SECONDS:
            told = _get_json(self.metadata().jwks_uri)
            try:
                self._keys = (time.monotonic(), KeySet.import_key_set(told))  # type: ignore[arg-type]
            except (JoseError, KeyError, TypeError, ValueError) as error:
                raise OpenIdError(OpenIdFault.ANSWER, "keys") from error
        return self._keys[1]

    def _decode(self, token: str) -> jwt.Token:
        """Return a token whose signature is right; keys are read again once, for those that the provider
        has replaced.
        """
        for anew in (False, True):
            try:
                return jwt.decode(token, self._key_set(anew=anew), algorithms=list(ALGORITHMS))
            except (JoseError, ValueError, TypeError) as error:
                if anew:
                    raise OpenIdError(OpenIdFault.ANSWER, type(error).__name__) from error
        raise AssertionError

    def _check_id_token(self, id_token: str, access_token: str, nonce: str, at: datetime) -> Mapping[str, Any]:
        token, provider = self._decode(id_token), self.provider
        options: dict[str, Any] = {
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
        }
        params = {"nonce": nonce, "client_id": provider.client_id, "access_token": access_token}
        claims = CodeIDToken(token.claims, token.header, options, params)
        try:
            claims.validate(now=int(at.timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, TypeError, ValueError) as error:
            raise OpenIdError(
                OpenIdFault.ANSWER, f"{type(error).__name__} {getattr(error, 'claim', '')}".strip()
            ) from error
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX:
            raise OpenIdError(OpenIdFault.ANSWER, "sub")
        if provider.acr_values and not is_level_reached(str(claims.get("acr", "")), provider.acr_values):
            raise OpenIdError(OpenIdFault.LEVEL, "acr")
        return claims

    def _userinfo(self, metadata: Metadata, access_token: str, subject: str) -> Mapping[str, Any]:
        """Return the user information, of the same person as the ID token (Core §5.3.2); signed where the
        shape says so.
        """
        if not metadata.userinfo_endpoint:
            return {}
        answer = _get(metadata.userinfo_endpoint, {"Authorization": f"Bearer {access_token}"})
        is_signed = answer.headers.get("Content-Type", "").partition(";")[0].strip() == "application/jwt"
        if not is_signed and self.provider.preset in _SIGNED_USERINFO:
            raise OpenIdError(OpenIdFault.ANSWER, "user information is not signed")
        told: Mapping[str, Any] = self._signed_userinfo(answer.text.strip()) if is_signed else _object(answer)
        if told.get("sub") != subject:
            raise OpenIdError(OpenIdFault.ANSWER, "user information of somebody else")
        return told

    def _signed_userinfo(self, token: str) -> Mapping[str, Any]:
        claims = self._decode(token).claims
        audience = claims.get("aud", self.provider.client_id)
        audiences = audience if isinstance(audience, list) else [audience]
        if claims.get("iss", self.provider.issuer) != self.provider.issuer or self.provider.client_id not in audiences:
            raise OpenIdError(OpenIdFault.ANSWER, "user information of another provider or client")
        return claims

    def _label(self, told: Mapping[str, Any]) -> str:
        """Return the name and address that the provider gives, on one line."""
        names = [str(told.get(name) or "") for name in _NAMES[self.provider.preset]]
        name = " ".join(part for part in names if part) or str(told.get("name") or "")
        email = str(told.get("email") or "")
        shown = f"{name} ({email})" if name and email else name or email or self.provider.label
        return "".join(each for each in shown if each.isprintable())[:LABEL_MAX]


_PAGES = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint")
_NEEDED = _PAGES[:3]


def is_safe(url: str) -> bool:
    """Tell whether an address of a provider is encrypted, or of this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"})


def is_level_reached(level: str, asked: tuple[str, ...]) -> bool:
    """Tell whether a level is one of those asked for, or a higher one of the European levels (eidas1,
    eidas2, eidas3).
    """
    ranks = {f"eidas{rank}": rank for rank in (1, 2, 3)}
    lowest = min((ranks[each] for each in asked if each in ranks), default=4)
    return level in asked or ranks.get(level, 0) >= lowest


def _get(url: str, headers: Mapping[str, str] | None = None) -> requests.Response:
    answer: requests.Response = _call(
        lambda: requests.get(url, headers=dict(headers or {}), timeout=TIMEOUT_SECONDS, allow_redirects=False)
    )
    if answer.status_code != requests.codes.ok or len(answer.content) > ANSWER_MAX_BYTES:
        raise OpenIdError(OpenIdFault.AWAY, f"{urlsplit(url).path} {answer.status_code}")
    return answer


def _get_json(url: str) -> dict[str, Any]:
    return _object(_get(url))


def _object(answer: requests.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError as error:
        raise OpenIdError(OpenIdFault.AWAY, "not JSON") from error
    if not isinstance(told, dict):
        raise OpenIdError(OpenIdFault.AWAY, "not an object")
    return told


def _call(ask: Any) -> Any:
    try:
        return ask()
    except OAuthError as error:
        raise OpenIdError(OpenIdFault.CODE, str(error.error)[:60]) from error
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise OpenIdError(OpenIdFault.AWAY, type(error).__name__) from error
