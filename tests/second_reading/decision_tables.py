"""Decision tables and lists of requirements.

A decision table names its questions in French; its first line that applies decides, and gives its sentence. A list of
requirements is read otherwise: each is asked, and every one must hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tests.second_reading.facts import TRAINING, VAE

YES, NO = True, False


@dataclass(frozen=True)
class Line:
    """One line of a table: what must be answered to its questions, what follows, and its sentence."""

    when: Mapping[str, bool]
    then: str
    says: str


@dataclass(frozen=True)
class Table:
    """A decision table: the first line that applies decides; the last one applies always."""

    name: str
    source: str
    questions: tuple[str, ...]
    lines: tuple[Line, ...]

    def decide(self, answers: Mapping[str, bool]) -> Line:
        """Return the line that decides; a question left out of a line is indifferent to it."""
        return next(line for line in self.lines if all(answers[q] is a for q, a in line.when.items()))


@dataclass(frozen=True)
class Requirement:
    """A condition among others that must all hold; `name` is that of the fault when it does not."""

    name: str
    says: str
    source: str


@dataclass(frozen=True)
class Predicate(Requirement):
    """A condition on a jury: which routes it is asked of, since when its article binds, what it does if false.

    `effect`: « blocks », « warns », or « optional » for a warning that the rule of the version may ask for.
    """

    effect: str = "blocks"
    law: str = ""
    routes: tuple[str, ...] = (VAE, *TRAINING, "individual")
    law_since: date | None = None
    # Asked by its article alone: where it does not bind, nothing asks it.
    only_by_law: bool = False
