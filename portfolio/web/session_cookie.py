"""Sign the session cookie so that a clock that steps back signs nobody out."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer


class SkewTolerantSigner(TimestampSigner):
    """Accept a signature dated after now: it is ours, so the clock is wrong, not the cookie.

    The clock of this machine stepped back, or another process a little ahead of it signed. The row of a
    session says when it ends.
    """

    def unsign(self, *args: Any, **kwargs: Any) -> Any:
        """Return what was signed; raise SignatureExpired when it is older than `max_age` seconds."""
        try:
            return super().unsign(*args, **kwargs)
        except SignatureExpired as error:
            if error.date_signed is None or error.date_signed <= self.timestamp_to_datetime(
                self.get_timestamp()
            ):
                raise
        return super().unsign(*args, **{**kwargs, "max_age": None})


class SkewTolerantSessions(SecureCookieSessionInterface):
    """Keep the session of Flask in a cookie that the clock of another process may have signed."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the serializer of Flask, with the signer above."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = SkewTolerantSigner
        return serializer
