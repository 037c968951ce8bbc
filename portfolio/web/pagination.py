"""The number of a page of results, as the address of a list carries it."""

from __future__ import annotations

from flask import request

# Beyond, an offset costs the database more than a person can read.
MAX_PAGE = 1000


def page_number(name: str = "page") -> int:
    """Return the number of the page that the address asks for, from 1; 1 when it is no number."""
    wanted = request.args.get(name, "")
    return (
        min(max(int(wanted), 1), MAX_PAGE) if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 else 1
    )
