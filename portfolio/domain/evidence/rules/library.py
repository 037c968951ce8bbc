"""The filters and the orders of the list of pieces [design]."""

from __future__ import annotations

from enum import StrEnum


class LibraryState(StrEnum):
    """The filters that answer « what is left to do »."""

    UNUSED = "inutilisees"
    INCOMPLETE = "a-completer"
    LEFT_OUT = "non-jointes"


class LibraryOrder(StrEnum):
    """The orders of the list."""

    NUMBER = "numero"
    NEWEST = "recentes"
    DATE = "date"
    TITLE = "titre"
