"""Errors of use cases: a refusal code with its facts; the wording of each noun has the sentence."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """A rule said no. Shown as a page (409) with the sentence of its code."""

    def __init__(self, code: StrEnum, **facts: Any) -> None:
        super().__init__(str(code))
        self.code = code
        self.facts = facts


class Conflict(Exception):  # noqa: N818
    """Someone saved a newer text since the form was opened; both are shown, nothing is lost.

    `theirs` maps the names of the form's fields to what is stored now; `revision` is the one to build on.
    """

    def __init__(self, current_values: Mapping[str, str], revision: int) -> None:
        super().__init__("conflict")
        self.theirs = dict(current_values)
        self.revision = revision
