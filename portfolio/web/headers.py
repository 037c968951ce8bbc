"""Headers of every response, errors and redirections included, the refusal of writes that come from another
site (CSRF), and static files at an address that changes with their content: a browser keeps them for a year.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request, session
from flask.sansio.app import App
from flask_compress import Compress

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self'; form-action 'self'; manifest-src 'self'; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Certificates are shown to whoever has their number, and nobody finds them by a name.
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
# Where a voice is recorded, and nowhere else.
MICROPHONE = "camera=(), geolocation=(), microphone=(self)"
# An image of a page: a browser asks each time whether it changed, hence whether the person may still see it.
REVALIDATED = "private, no-cache"
FOR_EVERYONE = "public, max-age=3600"  # the same for whoever asks
COMPRESSED = ["text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"]
REDIRECTIONS = {301, 302, 303, 307, 308}
_VERSION = re.compile(r"^v-[0-9a-f]{12}/")
_MOUNTED = re.compile(r'data-module="([^"]+)"')
# In static/js/main.js, the file of a module; in each, what it imports.
_FILE_OF_MODULE = re.compile(r'"?([\w-]+)"?: \(\) => import\("\./([\w-]+\.js)"\)')
_IMPORTED = re.compile(r'from "\./([\w-]+\.js)"')
_MAIN = "main.js"


class StaticFiles:
    """The static files of a folder, served under an address; read once."""

    def __init__(self, folder: Path, address: str) -> None:
        """Read every file: their version is the digest of all of them."""
        digest = hashlib.sha256()
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(f"{path.relative_to(folder)}\n".encode() + path.read_bytes())
        self.prefix = f"{address}/v-{digest.hexdigest()[:12]}/"
        self._imports = {path.name: [*_IMPORTED.findall(path.read_text())] for path in (folder / "js").glob("*.js")}
        main = (folder / "js" / _MAIN).read_text()
        self._modules: Mapping[str, str] = dict(_FILE_OF_MODULE.findall(main))
        self.asset = cache(self.prefix.__add__)

    def is_current(self, path: str) -> bool:
        """Return whether an address names the content that is served here."""
        return path.startswith(self.prefix)

    def modules_of(self, body: str) -> list[str]:
        """Return the files of the modules that a page mounts, and what they import, to be fetched at once."""
        names = {name for found in set(_MOUNTED.findall(body)) for name in found.split()}
        waiting = sorted(self._modules[name] for name in names if name in self._modules)
        found: dict[str, None] = {}
        while waiting:
            file = waiting.pop(0)
            if file not in found and file != _MAIN:
                found[file] = None
                waiting += self._imports.get(file, [])
        return [self.asset(f"js/{file}") for file in found]


def serve_static_files(app: Flask) -> None:
    """Give templates the addresses of static files; serve each, whatever version its address bears."""
    files = StaticFiles(Path(app.static_folder or ""), app.static_url_path or "")
    app.view_functions["static"] = lambda filename: app.send_static_file(_VERSION.sub("", filename))
    app.extensions["static_files"] = files
    app.jinja_env.globals.update(asset=files.asset, modules_of=files.modules_of)


def init_app(app: Flask, address: str, files_at: str = "") -> None:
    """Set the headers on every response and check where writes come from; browsers may send files to `files_at` too."""
    own = urlsplit(address)
    security = SECURITY_HEADERS | {"Content-Security-Policy": _policy(files_at)}
    app.config.update(
        COMPRESS_REGISTER=False, COMPRESS_MIMETYPES=COMPRESSED, COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_STREAMS=False,
    )  # fmt: skip
    compress = Compress(app)

    @app.before_request
    def _refuse_other_sites() -> None:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None and site not in {"same-origin", "none"}:
            abort(403)
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc not in {own.netloc, request.host}:
            abort(403)

    @app.after_request
    def _close_what_is_not_sent(response: Response) -> Response:
        if request.method == "HEAD":
            response.close()  # a file that was opened, and that nobody reads to its end
        return response

    @app.after_request
    def _set_headers(response: Response) -> Response:
        for name, value in security.items():
            response.headers.setdefault(name, value)
        response.headers["Cache-Control"] = _cache_policy(app, response)
        if not _may_compress(response):
            return response
        if request.endpoint == "static":
            response.direct_passthrough = False
            response.make_sequence()  # short, and its file is closed
        return compress.after_request(response)

    redirect_scripts(app)


def answer_errors(app: App, prefix: str, answer: Callable[[int], Response]) -> None:
    """Give to a program, at the addresses under `prefix`, another answer than the page of an error."""

    @app.after_request
    def _answer(response: Response) -> Response:
        is_page = response.status_code >= HTTPStatus.BAD_REQUEST and response.mimetype == "text/html"
        return answer(response.status_code) if is_page and request.path.startswith(prefix) else response


def redirect_scripts(app: Flask) -> None:
    """Answer static/js/upload.js with an address instead of a redirection, so that the browser itself goes there.

    A script cannot read a redirection: it follows it, and the message that the next page shows once is spent unseen.
    """

    @app.after_request
    def _name_the_address(response: Response) -> Response:
        if request.headers.get("X-Requested-With") == "upload" and response.status_code in REDIRECTIONS:
            response.headers["X-Location"] = response.headers.pop("Location")
            response.status_code = 204
            response.set_data(b"")
        return response


def _policy(files_at: str) -> str:
    """Return the content policy, with the origin of the S3 when browsers send their files straight to it."""
    parts = urlsplit(files_at)
    allowed = f"connect-src 'self' {parts.scheme}://{parts.netloc}" if files_at else "connect-src 'self'"
    return CONTENT_POLICY.replace("connect-src 'self'", allowed)


def _cache_policy(app: Flask, response: Response) -> str:
    """Return how a browser keeps an answer: not at all, but a static file or an image that says so."""
    if response.status_code not in {200, 304}:
        return "no-store"
    asked = response.headers.get("Cache-Control")
    if request.endpoint != "static" and asked != FOR_EVERYONE:
        return REVALIDATED if asked == REVALIDATED else "no-store"
    session.accessed = False  # the same for everybody: Flask would have it vary by cookie
    if request.endpoint != "static":
        return FOR_EVERYONE
    is_fixed = app.extensions["static_files"].is_current(request.path) or request.path.endswith(".woff2")
    return "public, max-age=31536000, immutable" if is_fixed else FOR_EVERYONE


def _may_compress(response: Response) -> bool:
    """Return whether the length of a compressed answer teaches nobody what it holds (BREACH).

    That takes a page asked for by another site, again and again, with its own words in the address: a page
    is compressed when one of ours asks for it, or the person.
    """
    asked_by = request.headers.get("Sec-Fetch-Site")
    return response.status_code != 206 and (request.endpoint == "static" or asked_by in {"same-origin", "none"})
