"""What the command line says of the jury that a candidacy awaits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from portfolio.jury.rules import PredicateAnswer
from portfolio.jury.wording.predicates import mend_sentence, predicate_sentence, source_sentence
from portfolio.web.filters import day


def awaited_as_json(held_on: date, prevented_by: Sequence[PredicateAnswer]) -> dict[str, Any]:
    """Return the jury of a day, and each predicate that prevents it from deciding, with its sentence, mend and source."""
    return {
        "held_on": held_on.isoformat(),
        "regular": not prevented_by,
        "prevented_by": [
            {
                "id": str(one.id),
                "sentence": predicate_sentence(one),
                "mend": mend_sentence(one),
                "source": source_sentence(one.source),
            }
            for one in prevented_by
        ],
        "sentence": _sentence(held_on, prevented_by),
    }


def _sentence(held_on: date, prevented_by: Sequence[PredicateAnswer]) -> str:
    if not prevented_by:
        return f"Jury du {day(held_on)} : composition régulière."
    said = " ".join(f"{one.id} : {predicate_sentence(one)} {mend_sentence(one)}" for one in prevented_by)
    return f"Jury du {day(held_on)} : il ne peut pas encore délibérer. {said}"
