"""An entry as plain JSON values: the contract of the command line, and the draft that a screen corrects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import to_builtins

from portfolio.domain.certification.rules.doubts import Doubt
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.entry_schema import EntryForm


def entry_as_json(entry: Entry, *, sentence: Callable[[Doubt], str] | None = None) -> dict[str, Any]:
    """Give an entry as JSON values, with exactly the keys of `flask import-certification --json`.

    With `sentence` (wording.doubt_sentence) a doubt's "what" is its French sentence, as the command line
    prints it. Without it a doubt keeps its code and "facts": the form to store, from which `entry_from_json`
    gives the same entry.
    """
    written: dict[str, Any] = _plain(to_builtins(EntryForm.of(entry)))
    if (
        sentence is not None
    ):  # the contract of the command line, where a jury has no sources and a route no rule of its own
        written["doubts"] = [{"where": doubt.where, "what": sentence(doubt)} for doubt in entry.doubts]
        (written["jury"] or {}).pop("sources", None)
        for route in written["routes"]:
            route.pop("rule", None)
    return written


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
