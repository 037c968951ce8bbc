"""What an advisor does with a draft: marks, and a conversation about a competency."""

from collections.abc import Iterable
from datetime import datetime

from demo.builder import Stage, Walk
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.review.use_cases.assessments import assess_competency, load_review_basis
from portfolio.domain.review.use_cases.messages import mark_thread_read, post_message


def mark(stage: Stage, walk: Walk, label: str, value: Assessment, comment: str, at: datetime) -> None:
    """The advisor marks a competency as its page shows it at this moment."""
    competency = stage.competencies[label]
    with stage.database.transaction() as session:
        digest, seen = load_review_basis(session, walk.candidacy_id, competency)
        seen_basis = f"{digest} {seen}"
        assess_competency(session, walk.candidacy_id, competency, value, comment, seen_basis, by=walk.advisor_id, at=at)
        stage.open_dossier(session, walk.advisor_id, walk.candidacy_id, at)


def ask(stage: Stage, walk: Walk, label: str, text: str, at: datetime) -> None:
    """The advisor says or asks something about a competency."""
    with stage.database.transaction() as session:
        post_message(
            session, walk.candidacy_id, stage.competencies[label], text, by=walk.advisor_id, at=at, read_until=at
        )
        stage.open_dossier(session, walk.advisor_id, walk.candidacy_id, at)


def answer(stage: Stage, walk: Walk, label: str, text: str, at: datetime) -> None:
    """The candidate answers."""
    with stage.database.transaction() as session:
        post_message(
            session, walk.candidacy_id, stage.competencies[label], text, by=walk.candidate_id, at=at, read_until=at
        )


def read(stage: Stage, walk: Walk, labels: Iterable[str], at: datetime) -> None:
    """The candidate has read what was said of these competencies until this moment."""
    with stage.database.transaction() as session:
        for label in labels:
            mark_thread_read(session, walk.candidacy_id, stage.competencies[label], at, by=walk.candidate_id, at=at)
