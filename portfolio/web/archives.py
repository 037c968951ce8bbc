"""Send a ZIP as it is written."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, stream_with_context

from portfolio.db.engine import close_read_session
from portfolio.files.filenames import attachment_headers
from portfolio.files.zip_stream import ZipMember, stream_zip

DIGESTS = "empreintes-sha256.txt"


def zip_response(members: Sequence[ZipMember], name: str) -> Response:
    """Stream an archive as an attachment, in flat memory; no connection to the database is held while it is sent."""
    close_read_session()
    headers = attachment_headers(name, "application/zip") | {"Cache-Control": "no-store"}
    return Response(stream_with_context(stream_zip(members, DIGESTS)), headers=headers, direct_passthrough=True)
