"""A form saved while its author rests: the same view, a short answer."""

from __future__ import annotations

from flask import Response, request


def is_autosave() -> bool:
    """Return whether a form was sent by static/js/autosave.js rather than by its button."""
    return request.headers.get("X-Requested-With") == "autosave"


def autosaved(revision: int) -> Response:
    """Answer that it is saved, and the revision to build on."""
    return Response(status=204, headers={"X-Revision": str(revision)})
