"""A real OpenID provider on loopback, made with the server side of Authlib; it can be told to answer wrongly.

It checks what a provider must check (client, redirect URI, PKCE, one use of a code), and signs with its own keys.
"""

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from werkzeug.serving import make_server

CLIENT_ID, CLIENT_SECRET = "acquis", "un-secret-de-test"


@dataclass
class Client:
    """The one client that the provider knows."""

    redirect_uris: tuple[str, ...]

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uris[0]

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in {"client_secret_basic", "client_secret_post"}

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class User:
    """Who signs in."""

    sub: str
    claims: dict[str, Any] = field(default_factory=dict)

    def get_user_id(self) -> str:
        return self.sub


@dataclass
class Code:
    """An authorization code, taken once."""

    code: str
    redirect_uri: str
    scope: str
    user: User
    nonce: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> str | None:
        return None

    def get_amr(self) -> list[str] | None:
        return None

    def is_expired(self) -> bool:
        return False


@dataclass
class Provider:
    """The provider as a test drives it: who signs in, and what is wrong with its answers."""

    issuer: str = ""
    user: User = field(default_factory=lambda: User("sujet-1", {"name": "Hélène Roche", "email": "helene@exemple.fr"}))
    # What the ID token holds beside, or instead of, what it should.
    token_claims: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    signs_with_known_key: bool = True
    signs_userinfo: bool = False
    userinfo: dict[str, Any] = field(default_factory=dict)
    refuses: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    ended: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: dict[str, User] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    curve_key: Any = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "k2"}))
    stranger: Any = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))

    def sign(self, claims: dict[str, Any]) -> str:
        """Sign as the test wants: with a known key, another one, a secret, or not at all."""
        if self.algorithm in {"none", "HS256"}:
            return self._sign_without_key(claims)
        key = self.curve_key if self.algorithm == "ES256" else self.key if self.signs_with_known_key else self.stranger
        return jwt.encode({"alg": self.algorithm, "kid": key.kid}, claims, key, algorithms=[self.algorithm])

    def _sign_without_key(self, claims: dict[str, Any]) -> str:
        """Write by hand what no library agrees to: no signature, or one whose secret is our public key (RFC
        8725 §2.1).
        """
        parts = [json.dumps(part).encode() for part in ({"alg": self.algorithm, "kid": self.key.kid}, claims)]
        text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
        public = self.key.as_pem(private=False)
        digest = hmac.digest(public, text, "sha256") if self.algorithm == "HS256" else b""
        return (text + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")).decode()


def _grant(provider: Provider) -> type[AuthorizationCodeGrant]:
    class Grant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = ["client_secret_basic", "client_secret_post"]

        def save_authorization_code(self, code: str, request: Any) -> Code:
            asked = request.payload.data
            provider.codes[code] = Code(
                code, request.payload.redirect_uri, request.payload.scope, request.user, asked.get("nonce", ""),
                asked.get("code_challenge", ""), asked.get("code_challenge_method", ""),
            )  # fmt: skip
            return provider.codes[code]

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            provider.codes.pop(authorization_code.code, None)

        def authenticate_user(self, authorization_code: Code) -> User:
            return authorization_code.user

    return Grant


def _openid(provider: Provider) -> OpenIDCode:
    class OpenId(OpenIDCode):
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return False

        def get_client_claims(self, client: Client) -> dict[str, Any]:
            return {"iss": provider.issuer, "aud": [client.get_client_id()]}

        def get_encode_header(self, client: Client) -> dict[str, Any]:
            return {"alg": "RS256", "kid": provider.key.kid}

        def generate_user_info(self, user: User, scope: str) -> dict[str, Any]:
            return {"sub": user.sub, **provider.token_claims}

        def resolve_client_private_key(self, client: Client) -> Any:
            return provider.key

        def encode_id_token(self, token: dict[str, Any], request: Any) -> str:
            good = super().encode_id_token(token, request)
            claims = jwt.decode(good, provider.key).claims
            plain = provider.algorithm == "RS256" and provider.signs_with_known_key
            return (
                good if plain else provider.sign({name: value for name, value in claims.items() if name != "at_hash"})
            )

    return OpenId(require_nonce=True)


def application(provider: Provider, redirect_uris: tuple[str, ...]) -> Flask:
    """Return the provider as a web application."""
    app, client = Flask("openid_provider"), Client(redirect_uris)
    server = AuthorizationServer(
        app,
        query_client=lambda client_id: client if client_id == CLIENT_ID else None,
        save_token=lambda token, request: provider.tokens.__setitem__(token["access_token"], request.user),
    )
    server.register_grant(_grant(provider), [_openid(provider), CodeChallenge(required=True)])

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Any:
        pages = {"authorization": "authorize", "token": "token", "userinfo": "userinfo", "end_session": "logout"}
        told = {f"{name}_endpoint": f"{provider.issuer}/{page}" for name, page in pages.items()}
        return jsonify({"issuer": provider.issuer, "jwks_uri": f"{provider.issuer}/jwks"} | told | provider.discovery)

    @app.get("/jwks")
    def jwks() -> Any:
        return jsonify(KeySet([provider.key, provider.curve_key]).as_dict(private=False))

    @app.get("/authorize")
    def authorize() -> Any:
        provider.asked.append(dict(request.args))
        if provider.refuses:
            answer = {"error": provider.refuses, "state": request.args["state"]}
            return redirect(f"{request.args['redirect_uri']}?{urlencode(answer)}")
        grant = server.get_consent_grant(end_user=provider.user)
        return server.create_authorization_response(grant_user=provider.user, grant=grant)

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    @app.get("/userinfo")
    def userinfo() -> Any:
        user = provider.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if user is None:
            return jsonify(error="invalid_token"), 401
        told = {"sub": user.sub, **user.claims, **provider.userinfo}
        if not provider.signs_userinfo:
            return jsonify(told)
        signed = provider.sign({"iss": provider.issuer, "aud": CLIENT_ID, **told})
        return app.response_class(signed, mimetype="application/jwt")

    @app.get("/logout")
    def logout() -> Any:
        provider.ended.append(dict(request.args))
        return redirect(request.args["post_logout_redirect_uri"])

    return app


@contextmanager
def running(*redirect_uris: str) -> Iterator[Provider]:
    """Serve a provider on a free port of this machine."""
    provider = Provider()
    server = make_server("127.0.0.1", 0, application(provider, redirect_uris), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
