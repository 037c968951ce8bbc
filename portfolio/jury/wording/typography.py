"""French keeps its high punctuation on the line of the word before it."""

from __future__ import annotations

import re

from portfolio.web.filters import NBSP

_BEFORE = re.compile(r"(?<=\S) (?=[:;?!»%])")
_AFTER = re.compile(r"« ")


def set_in_french(sentence: str) -> str:
    """Make the spaces before « : ; ? ! % » and inside guillemets non-breaking."""
    return _AFTER.sub(f"«{NBSP}", _BEFORE.sub(NBSP, sentence))
