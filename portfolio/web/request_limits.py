"""Limits on request bodies (throttle): bytes by route and session, 64 kB without a session; fields and parts,
counted while a form is read.

The network that an address belongs to: what one subscriber does is counted together.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from io import BytesIO
from ipaddress import IPv6Address, ip_address, ip_network
from operator import attrgetter
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Protocol
from urllib.parse import unquote_to_bytes

from flask import Flask, Request, current_app, request
from flask import session as cookie
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

# The fields of a form together, and so the body of a request to a page that takes no file.
FORM_MAX_BYTES = 1024 * 1024
# The body of a request whose session cookie is absent, forged, or signed without a login or a link of a third
# party.
ANONYMOUS_BODY_BYTES = 64 * 1024
# The texts of a form in memory, where an odd sign makes each of the others wider: no more than a body of plain ones; a
# form that brings a file has a few short ones.
TEXTS_BYTES, TEXTS_BESIDE_FILE_BYTES = FORM_MAX_BYTES, 128 * 1024
# Bodies in between that may hold a long text are answered one at a time: a page that shows it again takes twenty-five
# times its memory.
SHORT_BODY_BYTES, LONG_BODY_BYTES = 32 * 1024, 8 * 1024 * 1024
MAX_FIELDS = 10_000
# No multipart form of ours has so many parts, fields and files together.
MAX_PARTS = 300
# Bytes of each file of a form that stay in memory: a form may have hundreds of files.
_FILE_MEMORY_BYTES = 4 * 1024
_CHUNK_BYTES = 64 * 1024
# Bytes of a text that are decoded together.
_STEP_BYTES = 4 * 1024
# Of a text in memory, beside its signs.
_HEAD_BYTES = sys.getsizeof("é") - 1
_FIELDS = "application/x-www-form-urlencoded"
# In the session cookie: the token of a login, as Flask-Login keeps it, and the mark of a third party who
# opened their link.
_LOGIN, _LINK = "_user_id", "link_opened"
_WITHOUT_BODY = {"GET", "HEAD", "OPTIONS"}

View = Callable[..., Any]


class Settings(Protocol):
    """The limits of the installation, in bytes."""

    upload_limit: int


Limit = Callable[[Any], int]


def accepts_file(limit: Limit = attrgetter("upload_limit"), *, has_long_text: bool = False) -> Callable[[View], View]:
    """Say how large a file a view takes: this setting, in bytes. The others take none.

    `has_long_text`: the form also takes what the file holds, as a text.
    """

    def mark(view: View) -> View:
        view.receives, view.has_long_text = limit, has_long_text  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask) -> None:
    """Bound what the application reads of a body, and count fields and parts while they are read, whatever
    server is in front.
    """
    app.request_class = _Request

    @app.before_request
    def _bound() -> None:
        length = request.content_length
        # The session is not read for a page: its answer would depend on the cookie.
        is_small = request.method in _WITHOUT_BODY or (length is not None and length <= ANONYMOUS_BODY_BYTES)
        request.max_content_length = (
            ANONYMOUS_BODY_BYTES if is_small else _bound_for(app, request.method, request.path, cookie)
        )
        if request.mimetype == _FIELDS:  # such a form holds no file
            request.max_content_length = min(request.max_content_length, FORM_MAX_BYTES)
        has_long_text = _has_long_text(app.view_functions.get(request.endpoint or ""), length or 0)
        request.max_form_memory_size = TEXTS_BYTES if has_long_text else TEXTS_BESIDE_FILE_BYTES


def mark_link_opened() -> None:
    """Sign in the session cookie that a third party opened a valid link: the pages of links keep their own bound."""
    if _LINK not in cookie:
        cookie[_LINK] = True


def max_body(app: Flask, method: str, path: str, cookies: str) -> int:
    """Return how many bytes the body may have, by the signature of the session cookie alone, without a query.

    The cookie of a session that has ended keeps the bound: the page that asks to log in again carries what was typed.
    """
    session = app.session_interface.open_session(app, app.request_class({"HTTP_COOKIE": cookies}))
    return _bound_for(app, method, path, session or {})


def is_long_body(app: Flask, method: str, path: str, length: int) -> bool:
    """Tell whether a body may hold texts so long that no two such are answered at once."""
    return length > SHORT_BODY_BYTES and _has_long_text(_view(app, method, path), length)


def max_body_size(app: Flask, method: str, path: str) -> int:
    """Return how many bytes the body of a request to this address may have, with a session, its file and its
    fields together.
    """
    return _address_bound(app, _view(app, method, path))


def _bound_for(app: Flask, method: str, path: str, session: Mapping[str, Any]) -> int:
    view = _view(app, method, path)
    is_known = _LOGIN in session or (_LINK in session and _is_public(view)) or _reads_token(view)
    return _address_bound(app, view) if is_known else ANONYMOUS_BODY_BYTES


def _address_bound(app: Flask, view: View | None) -> int:
    return _file_limit(view, app.config["SETTINGS"]) + FORM_MAX_BYTES


def file_limit() -> int:
    """Answer how large a file, in bytes, the page of this request takes: 0 for none."""
    return _file_limit(current_app.view_functions.get(request.endpoint or ""), current_app.config["SETTINGS"])


def _file_limit(view: View | None, settings: Settings) -> int:
    own: Limit | None = getattr(view, "receives", None)
    return own(settings) if own else 0


def _has_long_text(view: View | None, length: int) -> bool:
    return length <= LONG_BODY_BYTES and getattr(view, "has_long_text", True)


def _is_public(view: View | None) -> bool:
    """Tell whether a view is for everyone; an address that is none of ours is."""
    return view is None or getattr(view, "permission", None) == "public"


def _reads_token(view: View | None) -> bool:
    """Tell whether a view reads a token before the body: its bytes wait on the disk until then."""
    return getattr(view, "permission", None) == "token"


def _view(app: Flask, method: str, path: str) -> View | None:
    try:
        endpoint, _ = app.url_map.bind("").match(path, method)
    except HTTPException:
        return None
    return app.view_functions.get(endpoint)


class FormParser(FormDataParser):
    """Read the fields of a form in flat memory: their bytes and headers together are bounded, and so is their number.

    Werkzeug bounds each field of a form with files, alone, and takes eighty bytes of memory for each byte of an escaped
    text. Each file goes to a temporary file; browsers with JavaScript send heavy ones in parts, as raw bodies.
    """

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,  # noqa: ARG002
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """Return the stream, the fields and the files; none of a body that is no form.

        Raise RequestEntityTooLarge beyond a bound; no file stays open then.
        """
        most = self.max_form_memory_size or FORM_MAX_BYTES
        if mimetype == _FIELDS:
            return stream, MultiDict(_bounded(_read_fields(stream), most)), MultiDict()
        boundary = (options or {}).get("boundary", "").encode("ascii", "replace")
        if mimetype != "multipart/form-data" or not boundary:
            return stream, MultiDict(), MultiDict()
        with ExitStack() as opened:
            try:
                fields, files = _read_parts(stream, boundary, opened)
                fields = _bounded(fields, most)
            except ValueError:
                return stream, MultiDict(), MultiDict()
            except (OSError, RequestEntityTooLarge):
                while stream.read(_CHUNK_BYTES):
                    pass  # the page of the error asks for the form again: it finds none
                raise
            opened.pop_all()  # the request closes them
            return stream, MultiDict(fields), MultiDict(files)


def _bounded(fields: Iterable[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    """Return the fields; raise RequestEntityTooLarge when their texts take more memory: one odd sign among a million
    others makes each of them four bytes wide.
    """
    kept, left = [], most
    for name, value in fields:
        left -= _width(name) + _width(value)
        if left < 0:
            raise RequestEntityTooLarge
        kept.append((name, value))
    return kept


def _width(text: str) -> int:
    """Return how many bytes the signs of a text take in memory."""
    return len(text) if text.isascii() else sys.getsizeof(text) - _HEAD_BYTES


def _read_fields(stream: IO[bytes]) -> Iterator[tuple[str, str]]:
    """Yield the fields of a form without files."""
    content = stream.read()
    if content.count(b"&") >= MAX_FIELDS:
        raise RequestEntityTooLarge
    for field in content.split(b"&"):
        if field:
            name, _, value = field.partition(b"=")
            yield _unquoted(name), _unquoted(value)


def _unquoted(content: bytes) -> str:
    """Return the text of a name or of a value, some thousand bytes at a time."""
    plain, pieces, start = content.replace(b"+", b" "), [], 0
    while start < len(plain):
        end = start + _STEP_BYTES
        cut = plain.rfind(b"%", end - 2, end)  # an escape of three bytes stays whole
        end = end if cut < 0 else cut
        pieces.append(unquote_to_bytes(plain[start:end]))
        start = end
    return b"".join(pieces).decode("utf-8", "replace")


def _read_parts(
    stream: IO[bytes], boundary: bytes, opened: ExitStack
) -> tuple[list[tuple[str, str]], list[tuple[str, FileStorage]]]:
    """Return the fields and the files of a form with files; raise ValueError when it is none."""
    decoder = MultipartDecoder(boundary, FORM_MAX_BYTES, max_parts=MAX_PARTS)
    fields: list[tuple[str, str]] = []
    files: list[tuple[str, FileStorage]] = []
    part: Field | File | None = None
    content: IO[bytes] = BytesIO()
    left = FORM_MAX_BYTES
    for event in _events(decoder, stream):
        if isinstance(event, Field | File):
            part, is_file = event, isinstance(event, File)
            content = opened.enter_context(_temporary_file() if is_file else BytesIO())
            left -= sum(len(name) + len(value) for name, value in event.headers)
        elif isinstance(event, Data):
            left -= 0 if isinstance(part, File) else len(event.data)
            content.write(event.data)
        if left < 0:
            raise RequestEntityTooLarge
        if isinstance(event, Data) and not event.more_data:
            content.seek(0)
            if isinstance(part, File):
                kind = part.headers.get("content-type")
                files.append((part.name, FileStorage(content, part.filename, part.name, kind)))
            elif part is not None:
                fields.append((part.name, content.read().decode("utf-8", "replace")))
    return fields, files


def _events(decoder: MultipartDecoder, stream: IO[bytes]) -> Iterator[Event]:
    while True:
        content = stream.read(_CHUNK_BYTES)
        decoder.receive_data(content or None)
        while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
            yield event
        if not content:
            return


class _Request(Request):
    form_data_parser_class = FormParser

    @property
    def is_json(self) -> bool:
        """Return False: no page takes JSON, which Flask-WTF would read as a form, however deep it is."""
        return False


def _temporary_file() -> IO[bytes]:
    return SpooledTemporaryFile(_FILE_MEMORY_BYTES)


# One subscriber is given a whole network of this length, with as many addresses as they like.
_IPV6_PREFIX = 64


def network_address(address: str | None) -> str:
    """Return the address under which tries and requests are counted: an IPv4 address, or an IPv6 network of
    one subscriber.
    """
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or ""
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped or ip_network((found, _IPV6_PREFIX), strict=False))
    return str(found)
