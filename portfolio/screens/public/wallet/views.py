"""A certificate given to a European wallet: the offer that its holder scans, and what a wallet asks (OpenID4VCI 1.0).

Off by default (docs/exploitation.md): without its setting, each of these addresses is unknown.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import segno
from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from config import Config
from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, public_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, transaction
from portfolio.domain.holdings.use_cases import credentials
from portfolio.screens.public.certificate.views import find_own_certificate
from portfolio.verifiable_credentials import load_issuer
from portfolio.wallet_credentials import (
    CONFIGURATION,
    LASTS,
    PRE_AUTHORISED,
    TYPE_PATH,
    ProofRefusedError,
    holder_key_of,
    issuer_metadata,
    new_nonce,
    offer_of,
    server_metadata,
    sign_sd_jwt,
    type_metadata,
)
from portfolio.web.clock import now
from portfolio.wording.documents.credential import WALLET_NAMES, wallet_claims

bp = Blueprint("wallet", __name__)
# Addresses that a wallet writes to without a cookie: a code or a token is the proof.
WRITES = ("public.wallet.token", "public.wallet.nonce", "public.wallet.credential")


def _settings() -> Config:
    """Return the settings; 404 where wallets are not offered."""
    settings: Config = current_app.config["SETTINGS"]
    if not settings.wallets:
        abort(404)
    return settings


@bp.post("/dossiers/<uuid:candidacy_id>/certificats/<certificate_number>/portefeuille")
@candidacy_page(Permission.SHARE_CERTIFICATE)
def offer(case: CandidacyAccess, certificate_number: str) -> ResponseReturnValue:
    """Show the code that a wallet scans and the digits that its holder types, for ten minutes."""
    address = _settings().address.rstrip("/")
    if not find_own_certificate(case, certificate_number).has_credential:
        abort(404)
    close_read_session()
    with transaction() as db:
        code, digits = credentials.offer(db, certificate_number, by=case.candidate_id, at=now())
    told = quote(json.dumps(offer_of(address, code), separators=(",", ":")))
    link = f"openid-credential-offer://?credential_offer={told}"
    drawn = segno.make(link, error="l", micro=False).svg_data_uri(border=4, dark="#000", light="#fff")
    minutes = int(LASTS.total_seconds() // 60)
    shown = {"number": certificate_number, "link": link, "code": drawn, "digits": digits, "minutes": minutes}
    answer = Response(render_template("public/wallet/offer.html", case=case, **shown))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/.well-known/openid-credential-issuer")
@public_page
def issuer() -> Response:
    """Say which certificates are given to wallets, and where."""
    return jsonify(issuer_metadata(_settings().address.rstrip("/"), WALLET_NAMES))


@bp.get("/.well-known/oauth-authorization-server")
@public_page
def server() -> Response:
    """Say where the code of an offer is exchanged."""
    return jsonify(server_metadata(_settings().address.rstrip("/")))


@bp.get("/.well-known/jwt-vc-issuer")
@public_page
def keys() -> Response:
    """Publish the keys by which a verifier checks what wallets hold, the former ones included."""
    config = _settings()
    published = load_issuer(config.data, config.address).keys.published
    return jsonify(issuer=config.address.rstrip("/"), jwks={"keys": [jwk for jwk in published if jwk["kty"] == "EC"]})


@bp.get(TYPE_PATH)
@public_page
def kind() -> Response:
    """Say what the type of these certificates is."""
    return jsonify(type_metadata(_settings().address.rstrip("/"), WALLET_NAMES))


@bp.post("/portefeuille/jeton")
@public_page
def token() -> ResponseReturnValue:
    """Exchange the code of an offer and its digits for a token, once."""
    _settings()
    if request.form.get("grant_type") != PRE_AUTHORISED:
        return _refused("unsupported_grant_type")
    code, digits = request.form.get("pre-authorized_code", ""), request.form.get("tx_code", "")
    with transaction() as db:
        given = credentials.exchange(db, code, digits, at=now())
    if given is None:
        return _refused("invalid_grant")
    return _kept({"access_token": given, "token_type": "Bearer", "expires_in": int(LASTS.total_seconds())})


@bp.post("/portefeuille/nonce")
@public_page
def nonce() -> Response:
    """Give a value that a wallet signs with its key."""
    return _kept({"c_nonce": new_nonce(_settings().secret_key)})


@bp.post("/portefeuille/certificat")
@public_page
def credential() -> ResponseReturnValue:
    """Give the certificate of a token, bound to the key that the wallet proves to have."""
    config, at = _settings(), now()
    address = config.address.rstrip("/")
    asked = _body()
    if asked.get("credential_configuration_id") != CONFIGURATION:
        return _refused("unknown_credential_configuration")
    try:
        key = holder_key_of(_proof_of(asked), address, config.secret_key, at)
    except ProofRefusedError:
        return _refused("invalid_proof")
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    close_read_session()
    with transaction() as db:
        certificate = credentials.take(db, given, at=at) if scheme == "Bearer" else None
        labels, number = (certificate.printed_text, certificate.number) if certificate else ({}, "")
    if not number:
        return _refused("invalid_token", 401)
    claims = wallet_claims(labels, number, address)
    signed = sign_sd_jwt(load_issuer(config.data, config.address), claims, key, at)
    return _kept({"credentials": [{"credential": signed}]})


def _body() -> Mapping[str, Any]:
    try:
        told = json.loads(request.get_data())
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _proof_of(asked: Mapping[str, Any]) -> str:
    proofs = asked.get("proofs")
    several = proofs.get("jwt") if isinstance(proofs, Mapping) else None
    one = several[0] if isinstance(several, list) and len(several) == 1 else ""
    return one if isinstance(one, str) else ""


def _refused(error: str, status: int = 400) -> ResponseReturnValue:
    answer = _kept({"error": error})
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer, status


def _kept(told: Mapping[str, Any]) -> Response:
    answer = jsonify(told)
    answer.headers["Cache-Control"] = "no-store"
    return answer
