"""What an advisor does with a draft: marks, and a conversation about a competency."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from portfolio.demo.stage import Stage, Walk
from portfolio.review.rules import MarkValue
from portfolio.review.services import basis_of, mark_competency, read_thread, say


def mark(stage: Stage, walk: Walk, label: str, value: MarkValue, comment: str, at: datetime) -> None:
    """The advisor marks a competency as its page shows it at this moment."""
    competency = stage.competencies[label]
    with stage.database.transaction() as session:
        digest, seen = basis_of(session, walk.candidacy_id, competency)
        seen_basis = f"{digest} {seen}"
        mark_competency(session, walk.candidacy_id, competency, value, comment, seen_basis, by=walk.advisor_id, at=at)


def ask(stage: Stage, walk: Walk, label: str, text: str, at: datetime) -> None:
    """The advisor says or asks something about a competency."""
    with stage.database.transaction() as session:
        say(session, walk.candidacy_id, stage.competencies[label], text, by=walk.advisor_id, at=at, read_until=at)


def answer(stage: Stage, walk: Walk, label: str, text: str, at: datetime) -> None:
    """The candidate answers."""
    with stage.database.transaction() as session:
        say(session, walk.candidacy_id, stage.competencies[label], text, by=walk.candidate_id, at=at, read_until=at)


def read(stage: Stage, walk: Walk, labels: Iterable[str], at: datetime) -> None:
    """The candidate has read what was said of these competencies until this moment."""
    with stage.database.transaction() as session:
        for label in labels:
            read_thread(session, walk.candidacy_id, stage.competencies[label], at, by=walk.candidate_id, at=at)
