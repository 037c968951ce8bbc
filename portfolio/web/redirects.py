"""A form that a script sent is told where to go, so that the browser itself goes there."""

from __future__ import annotations

from flask import Flask, Response, request

REDIRECTIONS = {301, 302, 303, 307, 308}


def init_app(app: Flask) -> None:
    """Answer static/js/upload.js with an address instead of a redirection.

    A script cannot read a redirection: it follows it, and the message that the next page shows once is spent
    unseen.
    """

    @app.after_request
    def _name_the_address(response: Response) -> Response:
        if request.headers.get("X-Requested-With") == "upload" and response.status_code in REDIRECTIONS:
            response.headers["X-Location"] = response.headers.pop("Location")
            response.status_code = 204
            response.set_data(b"")
        return response
