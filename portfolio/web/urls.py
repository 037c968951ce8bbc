"""The address of this installation; addresses that differ by one value only, built once for a whole page;
where one came from.

Numbers in addresses.
"""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from uuid import UUID

from flask import current_app, request, url_for
from werkzeug.routing import IntegerConverter, Map

from portfolio.web.form_recovery import safe_path

NOBODY = UUID(int=0)
# No file has a page of this number; the page comes last in an address.
_NO_NUMBER = 10**15
_NO_LABEL = "no-exhibit"
_SAFE_IN_QUERY = "!$'()*,/:;?@"  # as the router writes them


def base_url() -> str:
    """Return where people find this installation, without a slash at its end."""
    address: str = current_app.config["SETTINGS"].address
    return address.rstrip("/")


def url_builder(endpoint: str, parameter: str, **values: Any) -> Callable[[UUID], str]:
    """Return what makes the address of each id: a page of a thousand lines builds one."""
    values[parameter] = NOBODY
    before, _, after = url_for(endpoint, **values).partition(str(NOBODY))
    return lambda item_id: f"{before}{item_id}{after}"


def query_url_builder(endpoint: str, **values: Any) -> Callable[..., str]:
    """Return what makes an address with any query: `build(page=3, q="dune")`."""
    return partial(_with_query, url_for(endpoint, **values))


def page_url_builder(endpoint: str, **values: Any) -> Callable[..., str]:
    """Return what makes the address of each page of a file, with any query: `build(page=3, zoom=50)`."""
    before, _, after = url_for(endpoint, page=_NO_NUMBER, **values).rpartition(str(_NO_NUMBER))
    return lambda page, **query: _with_query(f"{before}{page}{after}", **query)


def label_url_builder(endpoint: str, **values: Any) -> Callable[..., str]:
    """Return what makes the address of each exhibit, with any query: `build("B2-03", page=3)`."""
    before, _, after = url_for(endpoint, label=_NO_LABEL, **values).rpartition(_NO_LABEL)
    return lambda label, **query: _with_query(f"{before}{quote(label)}{after}", **query)


def _with_query(address: str, **query: object) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"{address}?{urlencode(given, safe=_SAFE_IN_QUERY)}" if given else address


def safe_referrer() -> str | None:
    """Return the page of ours from which the request was sent; None when it is unknown, elsewhere, or the very one
    that was refused.

    A form is often sent to the address of its own page, which can still be read.
    """
    sent = urlsplit(request.referrer or "")
    refused = request.method == "GET" and sent.path == request.path
    if sent.netloc != request.host or not sent.path or refused:
        return None
    return safe_path(f"{sent.path}?{sent.query}" if sent.query else sent.path)


# The largest number that a column of both stores holds.
MAX_DATABASE_INT = 2**31 - 1


class BoundedIntConverter(IntegerConverter):
    """A number in an address; one that no row can have is the address of nothing, not a fault of the store."""

    def __init__(self, map: Map, **more: Any) -> None:
        """Bound what is read, unless the route bounds it more."""
        super().__init__(map, **{"max": MAX_DATABASE_INT, **more})
