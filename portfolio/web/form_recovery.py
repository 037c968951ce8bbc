"""Nothing typed is lost: a form that came without a live session or token is kept and sent again by its author."""

import json
from urllib.parse import unquote, urlsplit

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

MAX_PACKED_CHARS = 400_000
# Longer than the address of any page of ours, its search and filters included.
MAX_PATH_CHARS = 2_000
HIDDEN = {"csrf_token", "nonce", "revision", "basis", "kept", "kept_path", "suite"}
SECRET = {"password", "password_again", "current_password", "code", "csrf_token"}


def safe_path(path: str | None) -> str:
    """Return a path of this site to go on to; anything else becomes the home page."""
    return own_page(path) or "/"


def own_page(path: str | None) -> str:
    """Return a path of this site; anything else, a control character or too long a text becomes an empty text.

    A page that would itself lead to another one is none of those that ask to log in.
    """
    if not path or len(path) > MAX_PATH_CHARS or not path.isprintable():
        return ""
    if not path.startswith("/") or path.startswith("//") or "\\" in path or "suite=" in unquote(path):
        return ""
    try:
        parts = urlsplit(path)
    except ValueError:
        return ""
    return "" if parts.scheme or parts.netloc else path


def submitted_fields() -> list[tuple[str, str]]:
    """Every field of the form just received, in order, but for passwords and the old token."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in SECRET]


def prose_fields(fields: list[tuple[str, str]]) -> list[str]:
    """Return the submitted fields that are prose; codes and ids of a form would puzzle its author."""
    return [value for name, value in fields if name not in HIDDEN and " " in value.strip()]


def unsaved_text() -> list[str]:
    """Return the prose of a refused form, for its author to copy; empty when it is too long."""
    if request.method != "POST":
        return []
    try:
        typed = prose_fields(submitted_fields())
    except RequestEntityTooLarge:  # the page of an error is the first to read what a program sent
        return []
    return typed if sum(map(len, typed)) <= MAX_PACKED_CHARS else []


def serialize_fields(fields: list[tuple[str, str]]) -> str:
    """Pack fields to travel through the login page; too much to carry becomes nothing."""
    text = json.dumps(fields)
    return text if len(text) <= MAX_PACKED_CHARS else ""


def deserialize_fields(text: str) -> list[tuple[str, str]]:
    """Read fields packed by `packed`; anything else is an empty list."""
    if len(text) > MAX_PACKED_CHARS:
        return []
    try:
        pairs = json.loads(text)
        return [(str(name), str(value)) for name, value in pairs]
    except (ValueError, TypeError, RecursionError):  # a list within a list, a thousand times
        return []


def packed_fields_or_nothing(text: str | None) -> str:
    """Return fields packed by `packed`, as they are; anything else becomes an empty text."""
    return text if text and deserialize_fields(text) else ""


def login_required_response() -> ResponseReturnValue:
    """Answer a stranger the same whether the object exists or not: a page leads to the log-in and comes back (303: a
    checker of links finds it sound), anything else is not found. What a form sent is kept until then.
    """
    from portfolio.screens.account.login.forms import LoginForm  # the form needs the application's own field classes

    here = request.full_path.rstrip("?")
    # A script reads the status: it is not led to a page.
    if request.method in {"GET", "HEAD"} and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":
        return redirect(url_for("account.login.login", suite=own_page(here) or None), 303)
    fields = serialize_fields(submitted_fields()) if request.method == "POST" else ""
    here = here if request.method == "GET" else request.path
    form = LoginForm(
        formdata=None, suite=own_page(here), kept=fields, kept_path=own_page(request.path) if fields else ""
    )
    return render_template("account/login/login.html", form=form, interrupted=True, kept=bool(fields)), 404


def resubmit_page(path: str, fields: list[tuple[str, str]], status: int = 200) -> Response:
    """Show what was typed, with one button that sends it again under a fresh token."""
    shown = prose_fields(fields)
    page = render_template(
        "errors/resume.html", path=safe_path(path), fields=fields, shown=shown, home=url_for("certifier.home.home")
    )
    return make_response(page, status)
