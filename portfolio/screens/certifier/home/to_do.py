"""What waits for a body today, over all its candidacies and sessions: read in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.domain.candidacy.rules.deadlines import deadlines_for
from portfolio.domain.candidacy.rules.opening import regime_for
from portfolio.domain.candidacy.rules.stage import Stage
from portfolio.domain.candidacy.use_cases.lapses import UnruledLapse, list_unruled_lapses
from portfolio.domain.certification.use_cases.watching import count_open_notices
from portfolio.domain.certifying_body.settings import load_body_settings
from portfolio.domain.holdings.use_cases.suspensions import SuspendedDecision, list_suspended_decisions
from portfolio.domain.integrity_checks.use_cases import Integrity, load_integrity
from portfolio.domain.jury.rules.closing import day_of
from portfolio.domain.notification.rules.to_do import DUE_SOON, Task, TaskKind, sort_tasks
from portfolio.screens.certifier.candidacies.queries import CandidacySummary
from portfolio.screens.certifier.notifications.pending import PendingDocuments, load_pending
from portfolio.screens.certifier.sessions.session_follow_up import SessionToFollowUp, list_sessions_to_follow_up

# Beyond so many, the admissibilities to rule on are one task that leads to their list.
SINGLE_LAPSES = 3


def load_to_do_list(
    session: Session, body_id: UUID, rows: Sequence[CandidacySummary], today: date, *, letters: int = 0
) -> tuple[Task, ...]:
    """Everything that waits for a body, the most pressing first; `rows` are its candidacies, `letters` counts those that wait."""
    papers = load_pending(session, body_id)
    to_notify = list(_to_notify(papers, rows))
    tasks = [
        *_to_restore(load_integrity(session, body_id, today)),
        *_to_word(session, body_id, to_notify),
        *to_notify,
        *_to_confirm(list_suspended_decisions(session, body_id)),
        *_to_rule(list_unruled_lapses(session, body_id, today)),
        *_to_hear(rows),
        *_to_follow(list_sessions_to_follow_up(session, body_id, today), today),
    ]
    if papers.to_sign:
        tasks.append(Task(TaskKind.SIGN, number=papers.to_sign))
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
    for one in found.damaged:
        yield Task(TaskKind.FILE, (one.candidate,) if one.candidate else (), where=one.candidacy_id, number=one.files)


def _to_word(session: Session, body_id: UUID, to_notify: Sequence[Task]) -> Iterator[Task]:
    """Ask for the text on remedies, without which no result of the body can be notified."""
    if to_notify and not load_body_settings(session, body_id).may_notify:
        until = min((task.until for task in to_notify if task.until), default=None)
        yield Task(TaskKind.REMEDIES, until=until, number=len(to_notify))


def _to_notify(papers: PendingDocuments, rows: Sequence[CandidacySummary]) -> Iterator[Task]:
    known = {row.id: row for row in rows}
    for one in papers.to_notify:
        row = known[one.candidacy_id]
        clocks = deadlines_for(regime_for(row.route, row.regime), row.admissible_on, decided_on=one.decided_on)
        until = next((clock.until for clock in clocks), None)
        yield Task(TaskKind.NOTIFY, (one.candidate,), until, one.decided_on, one.candidacy_id, one.number)


def _to_confirm(suspended: Sequence[SuspendedDecision]) -> Iterator[Task]:
    for one in suspended:
        yield Task(TaskKind.SUSPENSION, (one.candidate,), since=one.since, where=one.candidacy_id, certificate=one.certificate)


def _to_rule(lapses: Sequence[UnruledLapse]) -> Iterator[Task]:
    if len(lapses) > SINGLE_LAPSES:
        yield Task(TaskKind.LAPSE, tuple(one.candidate for one in lapses), lapses[0].until, number=len(lapses))
        return
    for one in lapses:
        yield Task(TaskKind.LAPSE, (one.candidate,), one.until, where=one.candidacy_id)


def _to_hear(rows: Sequence[CandidacySummary]) -> Iterator[Task]:
    """One thing to do for all who wait, however many: they are put on one list. The earliest delay is that of all."""
    waiting = sorted((row for row in rows if row.stage is Stage.SEALED), key=lambda row: (row.submitted_at, row.id))
    if not waiting:
        return
    sealed = [(row, day_of(row.submitted_at)) for row in waiting if row.submitted_at]
    clocks = [clock for row, day in sealed for clock in deadlines_for(regime_for(row.route, row.regime), row.admissible_on, day)]
    until = min((clock.until for clock in clocks), default=None)
    yield Task(TaskKind.JURY, tuple(row.candidate for row in waiting), until, sealed[0][1], number=len(waiting))


def _to_follow(sessions: Sequence[SessionToFollowUp], today: date) -> Iterator[Task]:
    for one in sessions:
        names = tuple(each.candidate for each in one.hearings)
        late = tuple(each.candidate for each in one.hearings if not each.ready)
        if one.held_on >= today and not one.regular:
            yield Task(TaskKind.SEATS, names, one.held_on, where=one.id, number=one.empty)
        if one.held_on <= today and names:
            yield Task(TaskKind.MINUTES, names, one.held_on, where=one.id)
        elif late and one.held_on <= today + DUE_SOON:
            yield Task(TaskKind.READING, late, one.held_on, where=one.id)
