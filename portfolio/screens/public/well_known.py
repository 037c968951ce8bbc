"""Addresses that machines know: public keys, the issuer of credentials, the lists of withdrawals."""

from typing import TYPE_CHECKING

import segno
from flask import Blueprint, Response, abort, current_app, jsonify, render_template
from sqlalchemy import select

from portfolio.access.decorators import public_page
from portfolio.db.engine import read_session
from portfolio.domain.holdings.use_cases.credentials import find_revoked_indexes, sign_status_list
from portfolio.domain.ledger.models import LedgerTreeHead
from portfolio.domain.ledger.witness import latest_tree_head, ledger_origin, note_key
from portfolio.verifiable_credentials import Issuer, load_issuer
from portfolio.web.clock import now
from portfolio.web.headers import FOR_EVERYONE

bp = Blueprint("well_known", __name__)

if TYPE_CHECKING:
    from portfolio.signing_key import Keys

# The lists as they were signed last: the same text for an hour, unless a bit changes.
_signed: dict[tuple[object, ...], str] = {}
_MOST = 16
_LISTED = 100


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


@bp.get("/.well-known/checkpoints/")
@public_page
def checkpoints() -> Response:
    """List the roots of the ledger for outside witnesses, the latest first, and the keys that sign them."""
    config = current_app.config["SETTINGS"]
    origin, keys = ledger_origin(config.address), current_app.extensions["keys"]
    query = select(LedgerTreeHead.size, LedgerTreeHead.stamped_at).order_by(LedgerTreeHead.size.desc()).limit(_LISTED)
    found = read_session().execute(query).all()
    return jsonify(
        origin=origin,
        keys=[note_key(origin, jwk) for jwk in keys.jwks["keys"]],
        checkpoints=[{"size": size, "stamped_at": at.isoformat() if at else None} for size, at in found],
    )


@bp.get("/.well-known/checkpoints/latest")
@public_page
def latest_checkpoint() -> Response:
    """Publish the latest root of the ledger as a signed note (C2SP tlog-checkpoint); 404 before the first one."""
    head = latest_tree_head(read_session()) or abort(404)
    return Response(head.note, content_type="text/plain; charset=utf-8")


@bp.get("/.well-known/checkpoints/<int:size>")
@public_page
def checkpoint(size: int) -> Response:
    """Publish the root of the first entries of the ledger as a signed note."""
    head = read_session().get(LedgerTreeHead, size) or abort(404)
    return Response(head.note, content_type="text/plain; charset=utf-8")


@bp.get("/.well-known/checkpoints/<int:size>.tsr")
@public_page
def checkpoint_stamp(size: int) -> Response:
    """Publish what the authority answered about a root, as it came; 404 without an authority."""
    head = read_session().get(LedgerTreeHead, size)
    if head is None or head.stamp is None:
        abort(404)
    return Response(head.stamp, content_type="application/timestamp-reply")


@bp.get("/registre")
@public_page
def sheet() -> str:
    """Show the latest root of the ledger as a sheet to print and keep elsewhere, with the key that signs it."""
    head = latest_tree_head(read_session())
    origin = ledger_origin(current_app.config["SETTINGS"].address)
    key = note_key(origin, current_app.extensions["keys"].signer.jwk)
    codes = [("l’empreinte", _code(head.note)), ("la clé", _code(key))] if head else []
    return render_template("public/well_known/ledger_sheet.html", head=head, key=key, codes=codes)


def _code(text: str) -> str:
    drawn: str = segno.make(text, error="m", micro=False).svg_data_uri(border=4, dark="#000", light="#fff")
    return drawn


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
