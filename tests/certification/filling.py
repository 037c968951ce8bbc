"""Reads the form of a page as a browser would send it, so that a test changes one field and keeps the others
as shown.
"""

from html.parser import HTMLParser


class FilledForm(HTMLParser):
    """The fields of the form of this id, in order, with the values that the page shows."""

    def __init__(self, html: str, form_id: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.buttons: list[str] = []
        self._wanted = form_id
        self._inside = False
        self._text: list[str] | None = None
        self._name = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = got.get("id") == self._wanted
        if not self._inside:
            return
        if tag == "input":
            self._input(got)
        elif tag == "textarea":
            self._name, self._text = got["name"], []
        elif tag == "select":
            self._name = got["name"]
        elif tag == "option" and "selected" in got:
            self.fields.setdefault(self._name, []).append(got["value"])
        elif tag == "button":
            self.buttons.append(got.get("value", ""))

    def _input(self, got: dict[str, str]) -> None:
        if got.get("type") in {"checkbox", "radio"} and "checked" not in got:
            return
        if "name" in got and got.get("type") != "file":
            self.fields.setdefault(got["name"], []).append(got.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None:
            # A browser drops the first line end of a text area.
            self.fields.setdefault(self._name, []).append("".join(self._text).replace("\r\n", "\n").removeprefix("\n"))
            self._text = None
        elif tag == "form":
            self._inside = False

    def with_changes(self, **changes: str | list[str]) -> dict[str, str | list[str]]:
        """Return the fields to send, some of them changed; in names, « __ » stands for a hyphen."""
        named = {name.replace("__", "-"): value for name, value in changes.items()}
        return {**self.fields, **named}
