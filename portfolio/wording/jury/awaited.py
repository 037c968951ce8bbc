"""What the command line says of the jury that a candidacy awaits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from portfolio.domain.jury.rules.composition import PredicateAnswer
from portfolio.french_text import date_fr
from portfolio.wording.jury.predicates import predicate_message, remedy_message, source_message


def awaited_to_json(held_on: date, prevented_by: Sequence[PredicateAnswer]) -> dict[str, Any]:
    """Return the jury of a day, and each predicate that prevents it from deciding, with its sentence, mend
    and source.
    """
    return {
        "held_on": held_on.isoformat(),
        "regular": not prevented_by,
        "prevented_by": [
            {
                "id": str(predicate_answer.id),
                "sentence": predicate_message(predicate_answer),
                "mend": remedy_message(predicate_answer),
                "source": source_message(predicate_answer.source),
            }
            for predicate_answer in prevented_by
        ],
        "sentence": _sentence(held_on, prevented_by),
    }


def _sentence(held_on: date, prevented_by: Sequence[PredicateAnswer]) -> str:
    if not prevented_by:
        return f"Jury du {date_fr(held_on)} : composition régulière."
    reasons = " ".join(
        f"{answer.id} : {predicate_message(answer)} {remedy_message(answer)}" for answer in prevented_by
    )
    return f"Jury du {date_fr(held_on)} : il ne peut pas encore délibérer. {reasons}"
