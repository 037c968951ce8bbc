"""The code of a certification: a number of the register, or a code that the certifier gives."""

from __future__ import annotations

import re
from enum import StrEnum

OWN_CODE = re.compile(r"(?!RNCP|RS\d)(?=.*[A-Z])[A-Z0-9](?:[A-Z0-9._-]{0,28}[A-Z0-9])?")


class CodeKind(StrEnum):
    """Who gives the code."""

    REGISTER = "register"
    OWN = "own"


def is_own_code(code: str) -> bool:
    """Return whether a code is one that a certifier may give; none of them can be taken for a number of the
    register.
    """
    return OWN_CODE.fullmatch(code) is not None


def normalised_code(typed: str, kind: CodeKind) -> str:
    """Return a typed code as it is stored: capitals, no space inside a number of the register, hyphens in an
    own code.
    """
    words = typed.upper().split()
    if kind is CodeKind.OWN:
        return "-".join(words)
    joined = "".join(words)
    return f"RNCP{joined}" if joined.isascii() and joined.isdecimal() else joined
