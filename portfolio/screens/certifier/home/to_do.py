"""What waits for a body today, over all its candidacies and sessions: read in a constant number of
queries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.db.paging import BoundedCount
from portfolio.domain.candidacy_listing.rules import TO_NOTIFY
from portfolio.domain.certification.use_cases.watching import count_open_notices
from portfolio.domain.certifying_body.settings import load_body_settings
from portfolio.domain.holdings.use_cases.signatures import count_unsigned
from portfolio.domain.holdings.use_cases.suspensions import SuspendedDecision, list_suspended_decisions
from portfolio.domain.integrity_checks.use_cases import Integrity, load_integrity
from portfolio.domain.jury.rules.closing import day_of
from portfolio.domain.notification.rules.to_do import DUE_SOON, Task, TaskKind, sort_tasks
from portfolio.screens.certifier.home.counts import find_jury_deadline, list_sealed, load_count
from portfolio.screens.certifier.home.deadlines import UnruledLapse, load_unruled_lapses
from portfolio.screens.certifier.home.overdue_returns import OverdueReturns, list_overdue_returns
from portfolio.screens.certifier.notifications.pending import load_pending_results
from portfolio.screens.certifier.sessions.session_follow_up import (
    SessionToFollowUp,
    list_sessions_to_follow_up,
)

# Beyond so many of one kind, they are one task that leads to their list.
SINGLE_TASKS = 3
# Each suspended decision is ruled on by itself; the page names so many, the oldest first.
MAX_SUSPENSIONS = 20


def load_to_do_list(
    session: Session, body_id: UUID, today: date, *, sealed: int, letters: int = 0
) -> tuple[Task, ...]:
    """Return everything that waits for a body, the most pressing first.

    `sealed` counts the dossiers that no session hears, `letters` the letters that wait.
    """
    to_notify = _to_notify(session, body_id)
    tasks = [
        *_to_restore(load_integrity(session, body_id, today)),
        *_to_word(session, body_id, to_notify),
        *to_notify,
        *_to_confirm(list_suspended_decisions(session, body_id)),
        *_to_rule(*load_unruled_lapses(session, body_id, today, SINGLE_TASKS + 1)),
        *_to_decide_on(list_overdue_returns(session, body_id, today, SINGLE_TASKS + 1)),
        *_to_hear(session, body_id, sealed),
        *_to_follow(list_sessions_to_follow_up(session, body_id, today), today),
    ]
    if to_sign := count_unsigned(session, body_id):
        tasks.append(Task(TaskKind.SIGN, number=to_sign))
    if notices := count_open_notices(session, body_id):
        tasks.append(Task(TaskKind.REGISTER, number=notices))
    if letters:
        tasks.append(Task(TaskKind.LETTERS, number=letters))
    return sort_tasks(tasks, today)


def _to_restore(found: Integrity) -> Iterator[Task]:
    """What the checks of the night give to do; nothing while all is as it was recorded."""
    if found.has_difference:
        yield Task(TaskKind.CHECKS)
    elif found.is_unfinished:
        yield Task(TaskKind.CHECKS, number=1)
    if found.last is not None and found.is_late:
        yield Task(TaskKind.CHECKS, since=day_of(found.last.ended_at))
    for damaged_dossier in found.damaged:
        yield Task(
            TaskKind.FILE,
            (damaged_dossier.candidate,) if damaged_dossier.candidate else (),
            where=damaged_dossier.candidacy_id,
            number=damaged_dossier.files,
        )


def _to_word(session: Session, body_id: UUID, to_notify: Sequence[Task]) -> Iterator[Task]:
    """Ask for the text on remedies, without which no result of the body can be notified."""
    if to_notify and not load_body_settings(session, body_id).may_notify:
        until = min((task.until for task in to_notify if task.until), default=None)
        number = sum(max(1, task.number) if task.where is None else 1 for task in to_notify)
        yield Task(TaskKind.REMEDIES, until=until, number=number)


def _to_notify(session: Session, body_id: UUID) -> tuple[Task, ...]:
    """Return the results to notify: each by itself while they are few, else all of them as one task."""
    waiting = load_pending_results(session, body_id, SINGLE_TASKS + 1)
    single = tuple(
        Task(TaskKind.NOTIFY, (each.candidate,), each.until, each.decided_on, each.candidacy_id, each.number)
        for each in waiting
    )
    if len(waiting) <= SINGLE_TASKS:
        return single
    number = load_count(session, body_id, TO_NOTIFY)
    until = min((each.until for each in waiting if each.until), default=None)
    names = tuple(each.candidate for each in waiting[:SINGLE_TASKS])
    return (Task(TaskKind.NOTIFY, names, until, waiting[0].decided_on, number=number),)


def _to_confirm(suspended: Sequence[SuspendedDecision]) -> Iterator[Task]:
    if len(suspended) > MAX_SUSPENSIONS:
        suspended = suspended[:MAX_SUSPENSIONS]
    for suspended_decision in suspended:
        yield Task(
            TaskKind.SUSPENSION,
            (suspended_decision.candidate,),
            since=suspended_decision.since,
            where=suspended_decision.candidacy_id,
            certificate=suspended_decision.certificate,
        )


def _to_rule(lapses: Sequence[UnruledLapse], count: BoundedCount) -> Iterator[Task]:
    names = tuple(each.candidate for each in lapses[:SINGLE_TASKS])
    if len(lapses) > SINGLE_TASKS:
        yield Task(TaskKind.LAPSE, names, lapses[0].until, number=count.number)
        return
    for each in lapses:
        yield Task(TaskKind.LAPSE, (each.candidate,), each.until, where=each.candidacy_id)


def _to_decide_on(overdue: OverdueReturns) -> Iterator[Task]:
    """Yield the returned dossiers whose day passed: each by itself while they are few."""
    if len(overdue.first) > SINGLE_TASKS:
        names = tuple(each.candidate for each in overdue.first[:SINGLE_TASKS])
        yield Task(TaskKind.RETURN, names, overdue.first[0].due_on, number=overdue.number)
        return
    for each in overdue.first:
        yield Task(TaskKind.RETURN, (each.candidate,), each.due_on, where=each.candidacy_id)


def _to_hear(session: Session, body_id: UUID, number: int) -> Iterator[Task]:
    """Yield one task for all the dossiers that no session hears, however many.

    The earliest delay is that of all.
    """
    if number:
        waiting = list_sealed(session, body_id, SINGLE_TASKS + 1)
        names = tuple(each.candidate for each in waiting)
        yield Task(
            TaskKind.JURY,
            names,
            find_jury_deadline(session, body_id),
            day_of(waiting[0].submitted_at),
            number=number,
        )


def _to_follow(sessions: Sequence[SessionToFollowUp], today: date) -> Iterator[Task]:
    for session in sessions:
        names = tuple(each.candidate for each in session.hearings)
        late = tuple(each.candidate for each in session.hearings if not each.ready)
        if session.held_on >= today and not session.regular:
            yield Task(TaskKind.SEATS, names, session.held_on, where=session.id, number=session.empty)
        if session.held_on <= today and names:
            yield Task(TaskKind.MINUTES, names, session.held_on, where=session.id)
        elif late and session.held_on <= today + DUE_SOON:
            yield Task(TaskKind.READING, late, session.held_on, where=session.id)
