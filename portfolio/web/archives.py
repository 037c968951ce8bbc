"""Send a ZIP as it is written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask import Response, stream_with_context

from portfolio.db.engine import close_read_session
from portfolio.files.filenames import attachment_headers
from portfolio.files.zip_stream import ZipMember, stream_zip


def zip_response(
    members: Iterable[ZipMember], name: str, *, digests: str = "", at: datetime | None = None
) -> Response:
    """Stream an archive as an attachment, in flat memory; no connection to the database is held while it is
    sent.

    `digests` names the file of the archive that lists the SHA-256 of every other one.
    """
    close_read_session()
    headers = attachment_headers(name, "application/zip") | {"Cache-Control": "no-store"}
    return Response(
        stream_with_context(stream_zip(members, digests, at)), headers=headers, direct_passthrough=True
    )
