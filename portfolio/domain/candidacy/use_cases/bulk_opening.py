"""Open many candidacies at once, from lines copied out of a spreadsheet: all of them, or none and each wrong line named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.domain.candidacy.rules.bulk_lines import CandidateLine
from portfolio.domain.candidacy.rules.opening import CandidacyRefusal, NewCandidacy, PersonInput
from portfolio.domain.candidacy.use_cases.opening import open_candidacy
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that the rules refuse, with the code and the facts of the refusal."""

    line: CandidateLine
    code: CandidacyRefusal
    facts: dict[str, object]


class LinesRefusedError(Exception):
    """Some lines are refused: the transaction that raises it writes nothing."""

    def __init__(self, refused: Sequence[RefusedLine]) -> None:
        super().__init__(len(refused))
        self.refused = tuple(refused)


def open_candidacies(
    session: Session, body_id: UUID, shared: NewCandidacy, lines: Sequence[CandidateLine], *, by: UUID, at: datetime
) -> int:
    """Open a candidacy for each line with what all of them share, and return how many were opened.

    Raise LinesRefusedError, with every line that the rules refuse, when there is one.
    """
    refused = []
    for line in lines:
        opening = replace(shared, candidate=PersonInput(line.email, line.name))
        try:
            with session.begin_nested():
                open_candidacy(session, body_id, opening, by=by, at=at)
        except Refusal as refusal:
            refused.append(RefusedLine(line, CandidacyRefusal(refusal.code), refusal.facts))
    if refused:
        raise LinesRefusedError(refused)
    return len(lines)
