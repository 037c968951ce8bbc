"""Two places: behind a login, and behind a link."""

from flask import Blueprint, Response

bp = Blueprint("attestation", __name__)


@bp.after_request
def keep_out_of_indexes(response: Response) -> Response:
    """Ask search engines not to index these: their address is a key."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
