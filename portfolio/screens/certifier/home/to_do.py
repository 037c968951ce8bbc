"""Tasks that wait for a body today, over all its candidacies and sessions: read in a constant number of queries.

The first rows of each list of the first page of a certifier, with how many each has, in one query: delays,
admissibilities to rule on, overdue returns, sealed dossiers.

What the first page of a certifier shows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, ScalarSelect, Select, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from portfolio.access.body import reads_within
from portfolio.calendar import day_of
from portfolio.db.engine import fetch_rows, is_narrowed, narrow
from portfolio.domain.account.rules import EVERY_TASK, MemberTask, Tasks, readable_certifications
from portfolio.domain.admissibility.models import AdmissibilityRequest
from portfolio.domain.admissibility.rules import WAITING
from portfolio.domain.admissibility.use_cases.accommodations import waiting_accommodations
from portfolio.domain.admissibility.use_cases.requests import MAX_SHOWN, select_requests
from portfolio.domain.candidacy.rules.missed_deadlines import NEAR
from portfolio.domain.candidacy.rules.stage import Stage
from portfolio.domain.candidacy_listing.models import CandidacyListing, OpenDeadline
from portfolio.domain.certifying_body.rules import RemedyKind
from portfolio.domain.certifying_body.settings import load_body_settings
from portfolio.domain.complaint.rules import answer_due_on as complaint_due_on
from portfolio.domain.complaint.use_cases import list_waiting, load_complaint_days
from portfolio.domain.france_vae.models import FranceVaeCandidacy, FranceVaePush
from portfolio.domain.france_vae.rules import answer_due_on as france_vae_due_on
from portfolio.domain.france_vae.use_cases import list_waiting as list_france_vae
from portfolio.domain.holdings.use_cases.contest_tasks import ContestTask, list_appeals, list_proposals
from portfolio.domain.holdings.use_cases.signatures import count_unsigned
from portfolio.domain.holdings.use_cases.status_changes import SuspendedDecision, list_suspended_decisions
from portfolio.domain.integrity_checks.use_cases import Integrity, integrity_of, list_damaged_dossiers
from portfolio.domain.jury_session.use_cases.letters import unwritten_absences
from portfolio.domain.notification.rules.to_do import (
    DONE_BY,
    REMEDIES_OF,
    HomeFacts,
    HomeStep,
    Task,
    TaskKind,
    home_step,
    sort_tasks,
)
from portfolio.domain.retention.rules import answer_due_on
from portfolio.domain.retention.use_cases.requests import list_open_requests
from portfolio.domain.si_cpf.rules import transmission_due_on
from portfolio.domain.si_cpf.use_cases.awards import Clock, load_clock
from portfolio.screens.certifier.candidacies.list_views import ListedCandidacy, StageCounts, load_listed, select_latest
from portfolio.screens.certifier.home.counts import (
    MISSED_FOR,
    Figures,
    ListingCounts,
    jury_deadline,
    load_figures,
    load_listing_counts,
    sealed_dossiers,
)
from portfolio.screens.certifier.home.deadlines import (
    BODY,
    NAMED,
    ORDER,
    SOON,
    TODAY,
    Deadlines,
    deadlines_from,
    deadlines_of,
    number_of_deadlines,
    number_of_overdue_returns,
    number_of_unruled_lapses,
    overdue_returns,
    unruled_lapses,
)
from portfolio.screens.certifier.notifications.views import load_pending_results
from portfolio.screens.certifier.sessions.session_follow_up import SessionToFollowUp, list_sessions_to_follow_up

# Beyond so many of one kind, they are one task that leads to their list.
SINGLE_TASKS = 3
# The first page names so many of the candidacies opened last.
LATEST = 10


class _Panel(StrEnum):
    PASSED = "passed"
    NEAR = "near"
    LAPSES = "lapses"
    RETURNS = "returns"
    SEALED = "sealed"
    LATEST = "latest"


@dataclass(frozen=True, slots=True)
class FirstRows:
    """The first of each list, in its order: rows of `candidacy_id`, `candidate`, `until`, `moment` and
    `number`, how many the whole list has. `latest`: what `load_listed` reads of the candidacies opened last.
    """

    deadlines: Deadlines
    lapses: tuple[Any, ...]
    returns: tuple[Any, ...]
    sealed: tuple[Any, ...]
    latest: tuple[Any, ...]


def load_first_rows(session: Session, body_id: UUID, today: date) -> FirstRows:
    """Return the first rows of each list of a body, in one query."""
    found: dict[str, list[Any]] = {panel: [] for panel in _Panel}
    asked = {"body": body_id, "today": today, "soon": today + NEAR}
    for row in fetch_rows(session, _first_rows(), asked):
        found[row.panel].append(row)
    # What is joined keeps no order.
    return FirstRows(
        deadlines_from([*found[_Panel.PASSED], *found[_Panel.NEAR]], today),
        tuple(sorted(found[_Panel.LAPSES], key=lambda row: (row.latest, row.candidacy_id))),
        tuple(sorted(found[_Panel.RETURNS], key=lambda row: (row.until, row.candidacy_id))),
        tuple(sorted(found[_Panel.SEALED], key=lambda row: (row.moment, row.candidacy_id))),
        tuple(
            (row.candidacy_id, row.stage, row.deadline_on, row.outcome)
            for row in sorted(found[_Panel.LATEST], key=lambda row: (row.moment, row.candidacy_id), reverse=True)
        ),
    )


@cache
def _first_rows() -> CompoundSelect[Any]:
    passed, near = (deadlines_of(BODY, is_near, TODAY, SOON).order_by(*ORDER.columns) for is_near in (False, True))
    sealed = sealed_dossiers().add_columns(jury_deadline().label("until"))
    return union_all(
        # PostgreSQL takes the types of the columns from the first.
        _first(_Panel.PASSED, passed, NAMED, number_of_deadlines(is_near=False)),
        _first(_Panel.NEAR, near, NAMED, number_of_deadlines(is_near=True)),
        _first(_Panel.LAPSES, unruled_lapses(), SINGLE_TASKS + 1, number_of_unruled_lapses()),
        _first(_Panel.RETURNS, overdue_returns(), SINGLE_TASKS + 1, number_of_overdue_returns()),
        # How many are sealed is counted with the stages.
        _first(_Panel.SEALED, sealed, SINGLE_TASKS + 1, literal(0)),
        _first(_Panel.LATEST, select_latest(BODY), LATEST, literal(0)),
    )


def _first(panel: _Panel, rows: Select[Any], limit: int, number: ScalarSelect[int] | Any) -> Select[Any]:
    first = rows.limit(limit).subquery()
    columns = (first.c.get(name, cast(null(), kind)).label(name) for name, kind in _kinds())
    return select(literal(panel.value).label("panel"), *columns, number.label("number")).select_from(first)


def _kinds() -> Iterator[tuple[str, Any]]:
    yield "candidacy_id", OpenDeadline.candidacy_id.type
    yield "candidate", CandidacyListing.sort_name.type
    for name in ("kind", "since", "until", "latest", "source", "done_on", "is_seen"):
        yield name, getattr(OpenDeadline, name).type
    yield "moment", CandidacyListing.stage_since.type
    for name in ("stage", "deadline_on", "outcome"):
        yield name, getattr(CandidacyListing, name).type


# Each suspended decision is ruled on by itself; the page names so many, the oldest first.
MAX_SUSPENSIONS = 20


def load_to_do_list(
    session: Session,
    body_id: UUID,
    today: date,
    counts: ListingCounts,
    figures: Figures,
    first: FirstRows,
    member_id: UUID | None = None,
) -> tuple[Task, ...]:
    """Return everything that waits for a body, as a member reads it, the most pressing first; what its counts
    and figures say is empty is not asked for.
    """
    to_notify = _to_notify(session, body_id, counts.to_notify) if counts.to_notify else ()
    damaged = list_damaged_dossiers(session, body_id) if figures.has_damaged else ()
    suspended = list_suspended_decisions(session, body_id) if figures.has_suspended else ()
    tasks = [
        *_to_restore(integrity_of(figures.last_check, damaged, today)),
        *to_notify,
        *_to_settle(list_appeals(session, body_id, today) if figures.has_appeals else (), member_id),
        *_to_erase(list_open_requests(session, body_id) if figures.has_erasures else ()),
        *_to_reply(session, body_id, figures),
        *_to_arrange(session, body_id, figures),
        *_to_write(session, body_id, figures, today),
        *_to_admit(session, body_id, figures),
        *_to_settle(list_proposals(session, body_id) if figures.has_proposals else (), member_id),
        *_to_confirm(suspended),
        *_to_rule(first.lapses),
        *_to_decide_on(first.returns),
        *_to_hear(first.sealed, counts.stages.numbers.get(Stage.SEALED, 0)),
        *_to_follow(list_sessions_to_follow_up(session, body_id, today, counts.unclosed), today),
    ]
    tasks += [*_to_word(session, body_id, figures, to_notify, tasks)]
    if figures.has_unsigned and (to_sign := count_unsigned(session, body_id)):
        tasks.append(Task(TaskKind.SIGN, number=to_sign))
    if figures.has_si_cpf:
        tasks += _to_transmit(load_clock(session, body_id))
    if figures.has_france_vae:
        tasks += _to_answer(*list_france_vae(session, body_id))
    if figures.notices:
        tasks.append(Task(TaskKind.REGISTER, number=figures.notices))
    if figures.letters:
        tasks.append(Task(TaskKind.LETTERS, number=figures.letters))
    return sort_tasks(tasks, today)


def _to_transmit(clock: Clock) -> Iterator[Task]:
    """Return the awards to tell to the Caisse des Dépôts, by the day of the oldest one, and those to suppress."""
    if clock.owed and clock.oldest:
        until = transmission_due_on(clock.oldest)
        yield Task(TaskKind.SI_CPF, until=until, since=clock.oldest, number=clock.owed)
    if clock.to_remove:
        yield Task(TaskKind.SI_CPF, number=clock.to_remove)


def _to_answer(waiting: Sequence[FranceVaeCandidacy], failed: Sequence[FranceVaePush]) -> Iterator[Task]:
    """Open or refuse what France VAE gave, by the day of the oldest file; look at what it did not take."""
    if waiting:
        since = day_of(waiting[0].sent_at) if waiting[0].sent_at else None
        names, until = tuple(link.name for link in waiting[:SINGLE_TASKS]), since and france_vae_due_on(since)
        yield Task(TaskKind.FRANCE_VAE, names, until, since, number=len(waiting))
    if failed:
        since = day_of(min(push.asked_at for push in failed))
        yield Task(TaskKind.FRANCE_VAE_SENDING, since=since, number=len(failed))


def _to_restore(found: Integrity) -> Iterator[Task]:
    """Return what the checks of the night give to do; nothing while all is as it was recorded."""
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


def _to_word(
    session: Session, body_id: UUID, figures: Figures, to_notify: Sequence[Task], tasks: Iterable[Task]
) -> Iterator[Task]:
    """Ask for the texts on remedies without which no result is notified, nothing refused, ended or answered."""
    if to_notify and not load_body_settings(session, body_id).may_notify:
        until = min((task.until for task in to_notify if task.until), default=None)
        number = sum(max(1, task.number) if task.where is None else 1 for task in to_notify)
        yield Task(TaskKind.REMEDIES, until=until, number=number)
    asked = {REMEDIES_OF[task.kind] for task in tasks if task.kind in REMEDIES_OF} - figures.worded
    if asked:
        yield Task(TaskKind.TEXTS, kinds=tuple(kind for kind in RemedyKind if kind in asked))


def _to_notify(session: Session, body_id: UUID, number: int) -> tuple[Task, ...]:
    """Return the results to notify: each by itself while they are few, else all of them as one task."""
    waiting = load_pending_results(session, body_id, SINGLE_TASKS + 1)
    single = tuple(
        Task(TaskKind.NOTIFY, (each.candidate,), each.until, each.decided_on, each.candidacy_id, each.number)
        for each in waiting
    )
    if len(waiting) <= SINGLE_TASKS:
        return single
    until = min((each.until for each in waiting if each.until), default=None)
    names = tuple(each.candidate for each in waiting[:SINGLE_TASKS])
    return (Task(TaskKind.NOTIFY, names, until, waiting[0].decided_on, number=number),)


def _to_settle(contests: Iterable[ContestTask], member_id: UUID | None) -> Iterator[Task]:
    """Answer an appeal before its silence refuses it; confirm what another member proposed; wait for another
    one to confirm what the reader proposed.
    """
    for each in contests:
        proposed = TaskKind.PROPOSED if each.proposed_by == member_id else TaskKind.CONFIRM
        kind = proposed if each.is_proposal else TaskKind.APPEAL
        named: dict[str, Any] = {"certificate": each.certificate, "subject": each.subject}
        yield Task(kind, (each.candidate,), each.until, each.since, each.where, **named)


def _to_erase(requests: Sequence[Any]) -> Iterator[Task]:
    """Answer each request for erasure within one month of it."""
    for each in requests:
        asked_on = day_of(each.asked_at)
        yield Task(TaskKind.ERASURE, (each.candidate,), answer_due_on(asked_on), asked_on, each.candidacy_id)


def _to_reply(session: Session, body_id: UUID, figures: Figures) -> Iterator[Task]:
    """Answer each complaint within the delay that the body announces."""
    if figures.has_complaints:
        days = load_complaint_days(session, body_id)
        for complaint, who in list_waiting(session, body_id):
            since = complaint.received_on
            yield Task(TaskKind.COMPLAINT, (who,), complaint_due_on(since, days), since, complaint.id)


def _to_arrange(session: Session, body_id: UUID, figures: Figures) -> Iterator[Task]:
    """Decide each arrangement that is asked for the day of a jury."""
    if figures.has_accommodations:
        for candidacy_id, candidate, asked_at in session.execute(waiting_accommodations(body_id)):
            yield Task(TaskKind.ACCOMMODATION, (candidate,), None, day_of(asked_at), candidacy_id)


def _to_admit(session: Session, body_id: UUID, figures: Figures) -> Iterator[Task]:
    """Decide each request of admissibility, or its appeal, within its clock."""
    if figures.has_requests:
        waiting = select_requests(body_id).where(AdmissibilityRequest.state.in_(WAITING))
        for row in session.scalars(waiting.order_by(AdmissibilityRequest.sent_on).limit(MAX_SHOWN)):
            until = row.clock.until if row.clock else None
            yield Task(TaskKind.ADMISSIBILITY, (row.name,), until, row.appealed_on or row.sent_on, row.id)


def _to_write(session: Session, body_id: UUID, figures: Figures, today: date) -> Iterator[Task]:
    """Write to each person without whom a jury met."""
    if figures.has_missed:
        for where, candidate, held_on in session.execute(
            unwritten_absences(literal(body_id), literal(today - MISSED_FOR)).limit(MAX_SUSPENSIONS)
        ):
            yield Task(TaskKind.MISSED, (candidate,), None, held_on, where)


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


def _to_rule(lapses: Sequence[Any]) -> Iterator[Task]:
    names = tuple(each.candidate for each in lapses[:SINGLE_TASKS])
    if len(lapses) > SINGLE_TASKS:
        yield Task(TaskKind.LAPSE, names, lapses[0].until, number=lapses[0].number)
        return
    for each in lapses:
        yield Task(TaskKind.LAPSE, (each.candidate,), each.until, where=each.candidacy_id)


def _to_decide_on(overdue: Sequence[Any]) -> Iterator[Task]:
    """Yield the returned dossiers whose day passed: each by itself while they are few."""
    if len(overdue) > SINGLE_TASKS:
        names = tuple(each.candidate for each in overdue[:SINGLE_TASKS])
        yield Task(TaskKind.RETURN, names, overdue[0].until, number=overdue[0].number)
        return
    for each in overdue:
        yield Task(TaskKind.RETURN, (each.candidate,), each.until, where=each.candidacy_id)


def _to_hear(sealed: Sequence[Any], number: int) -> Iterator[Task]:
    """Yield one task for all the dossiers that no session hears, however many.

    The earliest delay is that of all.
    """
    if number and sealed:
        names = tuple(each.candidate for each in sealed)
        yield Task(TaskKind.JURY, names, sealed[0].until, day_of(sealed[0].moment), number=number)


def _to_follow(sessions: Sequence[SessionToFollowUp], today: date) -> Iterator[Task]:
    for session in sessions:
        if session.jury is not None and not session.jury.regular:
            yield Task(TaskKind.SEATS, session.names, session.held_on, where=session.id, number=session.jury.empty)
        for kind, who in ((TaskKind.ABSENCE, session.absent), (TaskKind.UPDATE, session.misinformed)):
            if who:
                yield Task(kind, who, session.held_on, where=session.id, number=len(who))
        if session.unsummoned and session.held_on > today:
            number = session.unsummoned
            yield Task(TaskKind.SUMMONS, session.names, session.held_on, where=session.id, number=number)
        if session.unpresided:
            yield Task(TaskKind.PRESIDENCY, session.unpresided, session.held_on, where=session.id)
        for row in session.suspended:
            yield Task(TaskKind.RESUMPTION, (row.candidate,), row.resumes_on, where=session.id)
        if session.held_on <= today and session.to_sign(today):
            due = tuple(sorted(session.to_sign(today), key=session.away.__contains__))
            away = sum(name in session.away for name in due)
            yield Task(TaskKind.MINUTES, due, session.held_on, where=session.id, number=away)
        elif session.late:
            yield Task(TaskKind.READING, session.late, session.held_on, where=session.id)


@dataclass(frozen=True, slots=True)
class Console:
    """First page of a body: its tasks, its delays, its candidacies by stage, those opened last."""

    figures: Figures
    step: HomeStep
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
    given: Tasks = EVERY_TASK,
) -> Console:
    """Return what the first page of a body shows to a member: what every body shows in four queries, then
    those of the tasks that there are. What waits is asked once for each limit that a task of the member has.
    """
    acts: dict[frozenset[UUID], set[MemberTask]] = {}
    for task, limits in given.items():
        acts.setdefault(limits, set()).add(task)
    readable, tasks = readable_certifications(given) or frozenset(), list[Task]()
    for limits in sorted(acts.keys() | {readable}, key=lambda each: each == readable):
        if member_id is not None and (limits or is_narrowed(session)):
            narrow(session, reads_within(limits, member_id) if limits else ())
        figures = load_figures(session, body_id, has_server=has_server, at=at)
        counts = load_listing_counts(session, body_id, today)
        first = load_first_rows(session, body_id, today)
        if own := acts.get(limits, set()) - {MemberTask.READING}:
            found = load_to_do_list(session, body_id, today, counts, figures, first, member_id)
            tasks += [task for task in found if DONE_BY[task.kind] in own]
    late, near, begun = first.deadlines.passed_count, first.deadlines.near_count, figures.beginnings
    facts = HomeFacts(
        given.keys(),
        *(begun.has_imported, begun.has_published, len(tasks), late.number, near.number, counts.stages.total),
    )
    latest = load_listed(session, first.latest)
    return Console(figures, home_step(facts), sort_tasks(tasks, today), first.deadlines, counts.stages, latest)
