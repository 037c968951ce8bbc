"""To-do list of a body and its order: overdue and near deadlines first, then the longest waits (design)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

# A day as near as this comes before everything that has none: it is also the delay of a notification
# (R6412-7).
DUE_SOON = timedelta(days=15)


class TaskKind(StrEnum):
    """Tasks that wait, in the order in which people suffer from it."""

    CHECKS = "checks"  # the nightly checks found a difference, were not run to their end, or are late
    FILE = "file"  # files of a dossier that are not those that were received: nobody can read them
    MINUTES = "minutes"  # a jury has sat, its minutes are not closed
    APPEAL = "appeal"  # an appeal to answer, before its silence refuses it
    ERASURE = "erasure"  # a request for erasure, to answer within a month (article 12 of the GDPR)
    CONFIRM = "confirm"  # a decision that one member proposed and another one confirms
    PRESIDENCY = "presidency"  # a jury of today whose president recused, without a substitute
    ABSENCE = "absence"  # a summoned member or candidate who answered that they cannot come
    UPDATE = "update"  # a session whose day, hours or place changed after its summons
    RESUMPTION = "resumption"  # a suspended sitting, to resume on a day that is known or not
    NOTIFY = "notify"  # a result that its candidate was not told
    REMEDIES = "remedies"  # results that cannot be notified: the body wrote no text on remedies
    SUSPENSION = "suspension"  # a suspended decision, to confirm or to annul (R10)
    # A dossier returned for completion whose day passed: to give another day, or to let the jury read.
    RETURN = "return"
    LAPSE = "lapse"  # an admissibility whose delay passed: what a jury validates waits for a ruling (R3)
    JURY = "jury"  # sealed dossiers that no session hears
    SIGN = "sign"  # certificates without a signature
    SEATS = "seats"  # a session to come whose jury is not regular yet
    SUMMONS = "summons"  # a session whose jury is complete and whose summons are not all written
    READING = "reading"  # a session whose members have not all declared and read
    REGISTER = "register"  # notices of the register that nobody read
    LETTERS = "letters"  # letters that have not reached their readers
    PROPOSED = "proposed"  # a decision that the reader proposed: another member confirms it


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: for whom, by which day if the law or a session sets one, where (a candidacy, a
    session, a hearing).

    `number` counts what the sentence counts: the deposit, the certificates, the empty seats.
    """

    kind: TaskKind
    who: tuple[str, ...] = ()
    until: date | None = None
    since: date | None = None
    where: UUID | None = None
    number: int = 0
    # The certificate from which a suspended decision is ruled on.
    certificate: str = ""

    def days_left(self, today: date) -> int | None:
        """Return how many days are left, 0 on the day itself, negative once it has passed; None when nothing sets a
        day.
        """
        return None if self.until is None else (self.until - today).days


def sort_tasks(tasks: Iterable[Task], today: date) -> tuple[Task, ...]:
    """Put what is late or due within fifteen days first, by its day; then the rest by how much people wait for it."""
    ranks = list(TaskKind)

    def key(task: Task) -> tuple[bool, date, int, date, date]:
        near = task.until is not None and task.until <= today + DUE_SOON
        due = task.until or date.max
        return not near, due if near else date.min, ranks.index(task.kind), due, task.since or date.max

    return tuple(sorted(tasks, key=key))
