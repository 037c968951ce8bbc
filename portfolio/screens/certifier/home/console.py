"""What the first page of a certifier shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.domain.notification.rules.to_do import Task
from portfolio.screens.certifier.candidacies.list_queries import ListedCandidacy, StageCounts, load_latest
from portfolio.screens.certifier.home.counts import load_listing_counts
from portfolio.screens.certifier.home.deadlines import Deadlines
from portfolio.screens.certifier.home.figures import Figures, load_figures
from portfolio.screens.certifier.home.first_rows import load_first_rows
from portfolio.screens.certifier.home.to_do import load_to_do_list

# The first page names so many of the candidacies opened last.
LATEST = 10


@dataclass(frozen=True, slots=True)
class Console:
    """What waits for a body, its delays, its candidacies by stage, those opened last."""

    figures: Figures
    tasks: tuple[Task, ...]
    deadlines: Deadlines
    counts: StageCounts
    latest: tuple[ListedCandidacy, ...]


def load_console(
    session: Session,
    body_id: UUID,
    today: date,
    *,
    has_server: bool,
    at: datetime,
    member_id: UUID | None = None,
) -> Console:
    """Return what the first page of a body shows to a member: what every body shows in five queries, then
    those of the tasks that there are.
    """
    figures = load_figures(session, body_id, has_server=has_server, at=at)
    counts = load_listing_counts(session, body_id, today)
    first = load_first_rows(session, body_id, today)
    return Console(
        figures,
        load_to_do_list(session, body_id, today, counts, figures, first, member_id),
        first.deadlines,
        counts.stages,
        load_latest(session, body_id, LATEST),
    )
