"""Addresses that machines know: public keys, the issuer of credentials, the lists of withdrawals."""

from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, current_app, jsonify

from portfolio.access.decorators import public_page
from portfolio.db.engine import read_session
from portfolio.domain.holdings.use_cases.credentials import find_revoked_indexes, sign_status_list
from portfolio.verifiable_credentials import Issuer, load_issuer
from portfolio.web.clock import now
from portfolio.web.headers import FOR_EVERYONE

bp = Blueprint("well_known", __name__)

if TYPE_CHECKING:
    from portfolio.signing_key import Keys

# The lists as they were signed last: the same text for an hour, unless a bit changes.
_signed: dict[tuple[object, ...], str] = {}
_MOST = 16


@bp.get("/.well-known/jwks.json")
@public_page
def jwks() -> Response:
    """Publish every key whose signature on a head is ours (RFC 7517, RFC 8037)."""
    keys: Keys = current_app.extensions["keys"]
    return jsonify(keys.jwks)


@bp.get("/.well-known/did.json")
@public_page
def did() -> Response:
    """Publish the keys that sign credentials, the former ones included; 404 where the address is not public."""
    document = _issuer().did_document
    if document is None:
        abort(404)
    return _for_everyone(jsonify(document))


@bp.get("/statuts/retraits/<int:number>")
@public_page
def withdrawals(number: int) -> Response:
    """Publish a list of the credentials withdrawn or annulled: nobody learns about which one it was asked."""
    return _list(number, token=False)


@bp.get("/statuts/retraits/<int:number>.jwt")
@public_page
def withdrawals_token(number: int) -> Response:
    """Publish the same list as a JWT, for the credentials that are one."""
    return _list(number, token=True)


def _list(number: int, *, token: bool) -> Response:
    revoked = find_revoked_indexes(read_session(), number)
    if revoked is None:
        abort(404)
    issuer, at = _issuer(), now().replace(minute=0, second=0, microsecond=0)
    key = (issuer.address, issuer.keys.published[-1]["kid"], number, token, at, *revoked)
    if key not in _signed:
        if len(_signed) >= _MOST:
            _signed.clear()
        _signed[key] = sign_status_list(issuer, number, revoked, at, token=token)
    return _for_everyone(Response(_signed[key], content_type="application/vc+jwt" if token else "application/vc"))


def _issuer() -> Issuer:
    config = current_app.config["SETTINGS"]
    return load_issuer(config.data, config.address)


def _for_everyone(response: Response) -> Response:
    """Let every site read what is public, and keep it for an hour."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = FOR_EVERYONE
    return response
