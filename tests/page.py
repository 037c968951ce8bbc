"""A client that checks every page it opens, as a screen reader would need it."""

import re
from collections import Counter
from functools import cached_property, lru_cache
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from lxml import etree
from werkzeug.test import TestResponse

_PARSER = etree.HTMLParser(encoding="utf-8")
# The text of the page itself: a drawing has titles of its own, and a script says nothing.
_TITLE = etree.XPath("//title[not(ancestor::svg)]//text()", smart_strings=False)
_TEXTS = etree.XPath(
    "//text()[not(ancestor::script) and not(ancestor::title[not(ancestor::svg)])]", smart_strings=False
)

# The only page that is not in French.
IN_ENGLISH = "/in-english"
# The parser gives these their own name for a value when a page gives them none.
_WITHOUT_VALUE = {"checked", "disabled", "multiple", "readonly", "selected"}


class Page:
    """What the checks and the tests need of an HTML page."""

    def __init__(self, html: str) -> None:
        root = etree.fromstring(html.encode(), _PARSER) if html.strip() else None
        self._root = root if root is not None else etree.Element("html")
        self.tags: list[tuple[str, dict[str, str]]] = [
            (str(element.tag), _attributes(element)) for element in self._root.iter(etree.Element)
        ]
        self.headings = ["".join(heading.itertext()) for heading in self._root.iter("h1")]
        self.title = "".join(_TITLE(self._root))

    @cached_property
    def texts(self) -> list[str]:
        """Each piece of text between two tags, in the order of the page."""
        return list(_TEXTS(self._root))

    @property
    def text(self) -> str:
        """Return what the page says, spaces folded, non-breaking ones included."""
        return re.sub(r"\s+", " ", " ".join(self.texts)).strip()

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        """Every tag of this name whose attributes have these values."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [found for name, found in self.tags if name == tag and wanted.items() <= found.items()]

    def hidden_fields(self, url: str) -> dict[str, str]:
        """Return the hidden fields of the form that is sent to this address; those of the whole page when it has
        none.
        """
        forms: list[tuple[str, dict[str, str]]] = []
        for tag, attributes in self.tags:
            if tag == "form":
                # A form that only reads carries no token: it is never the one that is sent.
                is_sent = attributes.get("method", "get").lower() == "post"
                forms.append((attributes.get("action", "") if is_sent else "", {}))
            elif tag == "input" and attributes.get("type") == "hidden" and "name" in attributes and forms:
                forms[-1][1][attributes["name"]] = attributes.get("value", "")
        own = next((fields for action, fields in forms if action.partition("#")[0] == url), None)
        return own if own is not None else {name: value for _, fields in forms for name, value in fields.items()}

    def hidden(self, name: str) -> str:
        """Return the value of the first field of this name."""
        return next(field.get("value", "") for field in self.all("input", name=name))

    def faults(self, lang: str = "fr") -> list[str]:
        """Return what a person using a keyboard or a screen reader would stumble on."""
        found = []
        if len(self.headings) != 1 or not self.headings[0].strip():
            found.append(f"one h1 is wanted, not {self.headings}")
        if not self.title.strip() or "–" not in self.title:
            found.append(f"title: {self.title!r}")
        if self.all("html") and self.all("html")[0].get("lang") != lang:
            found.append(f"lang is not {lang}")
        ids = [attributes["id"] for _, attributes in self.tags if "id" in attributes]
        found += [f"id twice: {name}" for name, times in Counter(ids).items() if times > 1]
        found += self._references(set(ids))
        if not any(link.get("href") == "#contenu" for link in self.all("a")) or "contenu" not in ids:
            found.append("no skip link")
        found += [f"style attribute on {tag}" for tag, attributes in self.tags if "style" in attributes]
        return found + self._unlabelled()

    def _references(self, ids: set[str]) -> list[str]:
        names = ("aria-describedby", "aria-labelledby", "for")
        return [
            f"{name}={one} leads nowhere on {tag}"
            for tag, attributes in self.tags
            for name in names
            for one in attributes.get(name, "").split()
            if one not in ids
        ]

    def _unlabelled(self) -> list[str]:
        labelled = {label.get("for") for label in self.all("label")}
        fields = [(tag, a) for tag, a in self.tags if tag in {"input", "select", "textarea"}]
        return [
            f"no label: {a.get('name')}"
            for tag, a in fields
            if a.get("type") not in {"hidden", "submit", "button"}
            and a.get("id") not in labelled
            and "aria-label" not in a
            and "aria-labelledby" not in a
        ]


def _attributes(element: Any) -> dict[str, str]:
    found = dict(element.attrib)
    found.update((name, "") for name in _WITHOUT_VALUE & found.keys())
    return found


@lru_cache(maxsize=4)
def page_of(html: str) -> Page:
    """Read a page; one that was checked as it came is not read again."""
    return Page(html)


def takes_file(app: Flask, address: str) -> bool:
    """Return whether the address of a form takes a file."""
    endpoint, _ = app.url_map.bind("localhost").match(address.partition("?")[0], "POST")
    return hasattr(app.view_functions[endpoint], "receives")


class CheckedClient(FlaskClient):
    """A browser without JavaScript; every HTML page it gets is checked."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("buffered", True)  # a file that is sent is read to its end, and closed
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.data and response.status_code not in range(300, 400):
            page = page_of(response.text)
            faults = page.faults("en" if response.request.path == IN_ENGLISH else "fr")
            faults += self._refused_files(page, response.request.path)
            assert not faults, f"{response.request.path}: {faults}"
        return response

    def _refused_files(self, page: Page, path: str) -> list[str]:
        """List the forms with a file whose address takes none: what a person sends would be refused."""
        forms = [
            form.get("action") or path
            for form in page.all("form", enctype="multipart/form-data")
            if form.get("method") == "post"
        ]
        return [f"no file is taken at {form}" for form in forms if not takes_file(self.application, form)]

    def page(self, url: str, status: int = 200) -> Page:
        """Open a page and read it."""
        response = self.get(url)
        assert response.status_code == status, f"{url}: {response.status_code}"
        return page_of(response.text)

    def send(
        self, url: str, data: dict[str, Any] | None = None, *, form: str | None = None, **more: Any
    ) -> TestResponse:
        """Fill the form of a page and send it, with the token and hidden fields that the page carries."""
        hidden = self.page(form or url).hidden_fields(url)
        return self.post(url, data={**hidden, **(data or {})}, **more)

    def log_in(self, email: str, password: str) -> TestResponse:
        """Log in as a person would, with a token of forms that no page is opened for."""
        with self.session_transaction() as kept:
            secret = kept.setdefault("csrf_token", "of this client")
        token = URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token").dumps(secret)
        return self.post(
            "/connexion", data={"email": email, "password": password, "suite": "", "csrf_token": str(token)}
        )
