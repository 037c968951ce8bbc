"""The public keys of the installation, where everyone looks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, jsonify

from portfolio.access.decorators import public_page

bp = Blueprint("well_known", __name__)

if TYPE_CHECKING:
    from portfolio.signing_key import Keys


@bp.get("/.well-known/jwks.json")
@public_page
def jwks() -> Response:
    """Publish every key whose signature on a head is ours (RFC 7517, RFC 8037)."""
    keys: Keys = current_app.extensions["keys"]
    return jsonify(keys.jwks)
