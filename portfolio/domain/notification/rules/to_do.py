"""To-do list of a body and its order: overdue and near deadlines first, then the longest waits (design)."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from portfolio.domain.account.rules import MemberTask
from portfolio.domain.certifying_body.rules import RemedyKind
from portfolio.domain.holdings.rules.status_changes import ProposalSubject

# A day as near as this comes before everything that has none: it is also the delay of a notification
# (R6412-7).
DUE_SOON = timedelta(days=15)


class TaskKind(StrEnum):
    """Tasks that wait, in the order in which people suffer from it."""

    CHECKS = "checks"  # the nightly checks found a difference, were not run to their end, or are late
    FILE = "file"  # files of a dossier that are not those that were received: nobody can read them
    MINUTES = "minutes"  # a jury has sat, its minutes are not closed
    APPEAL = "appeal"  # an appeal to answer, before its silence refuses it
    ADMISSIBILITY = "admissibility"  # a request, or the appeal of its refusal, to decide within its clock
    ACCOMMODATION = "accommodation"  # an arrangement for the day of the jury, to decide
    COMPLAINT = "complaint"  # a complaint to answer within the delay that the body announces
    ERASURE = "erasure"  # a request for erasure, to answer within a month (article 12 of the GDPR)
    CONFIRM = "confirm"  # a decision that one member proposed and another one confirms
    PRESIDENCY = "presidency"  # a jury of today whose president recused, without a substitute
    ABSENCE = "absence"  # a summoned member or candidate who answered that they cannot come
    MISSED = "missed"  # a person without whom a jury met, and to whom nobody wrote
    UPDATE = "update"  # a session whose day, hours or place changed after its summons
    RESUMPTION = "resumption"  # a suspended sitting, to resume on a day that is known or not
    NOTIFY = "notify"  # a result that its candidate was not told
    REMEDIES = "remedies"  # results that cannot be notified: the body wrote no text on remedies
    TEXTS = "texts"  # refusals, endings or answers that wait, without the text on remedies of their letters
    SUSPENSION = "suspension"  # a suspended decision, to confirm or to annul (R10)
    # A dossier returned for completion whose day passed: to give another day, or to let the jury read.
    RETURN = "return"
    LAPSE = "lapse"  # an admissibility whose delay passed: what a jury validates waits for a ruling (R3)
    JURY = "jury"  # sealed dossiers that no session hears
    SIGN = "sign"  # certificates without a signature
    SI_CPF = "si_cpf"  # awards that the Caisse des Dépôts has not accepted yet (R6113-17-2)
    FRANCE_VAE = "france_vae"  # candidacies of France VAE to open here or to refuse, within two months (R6412-4)
    FRANCE_VAE_SENDING = "france_vae_sending"  # what France VAE refused, or tells otherwise than it was sent
    SEATS = "seats"  # a session to come whose jury is not regular yet
    SUMMONS = "summons"  # a session whose jury is complete and whose summons are not all written
    READING = "reading"  # a session whose members have not all declared and read
    REGISTER = "register"  # notices of the register that nobody read
    LETTERS = "letters"  # letters that have not reached their readers
    PROPOSED = "proposed"  # a decision that the reader proposed: another member confirms it


_OF_SECRETARIAT = {
    *(TaskKind.ADMISSIBILITY, TaskKind.FILE, TaskKind.RETURN, TaskKind.LAPSE, TaskKind.LETTERS),
    *(TaskKind.FRANCE_VAE, TaskKind.FRANCE_VAE_SENDING),
}
_OF_SESSIONS = {
    *(TaskKind.MINUTES, TaskKind.PRESIDENCY, TaskKind.ABSENCE, TaskKind.MISSED, TaskKind.UPDATE, TaskKind.RESUMPTION),
    *(TaskKind.JURY, TaskKind.SEATS, TaskKind.SUMMONS, TaskKind.READING),
}
# The decisions whose letters cite remedies of their own, by the task that makes one.
REMEDIES_OF: Mapping[TaskKind, RemedyKind] = {
    TaskKind.ADMISSIBILITY: RemedyKind.ADMISSIBILITY,
    TaskKind.SUSPENSION: RemedyKind.ANNULMENT,
    TaskKind.CONFIRM: RemedyKind.ANNULMENT,
    TaskKind.COMPLAINT: RemedyKind.COMPLAINT,
}
# The task of the members who do each: what is not of another one commits the body.
DONE_BY: Mapping[TaskKind, MemberTask] = {
    **dict.fromkeys(TaskKind, MemberTask.SIGNATURE),
    **dict.fromkeys(_OF_SECRETARIAT, MemberTask.SECRETARIAT),
    **dict.fromkeys(_OF_SESSIONS, MemberTask.SESSIONS),
    TaskKind.REGISTER: MemberTask.CERTIFICATIONS,
}


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
    # On what the decision bears that a second member confirms.
    subject: ProposalSubject | None = None
    # The kinds of decisions whose text on remedies is not written.
    kinds: tuple[RemedyKind, ...] = ()

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


class HomeStep(StrEnum):
    """First proposals of the first page of a body to one of its members."""

    IMPORT = "import"
    PUBLISH = "publish"
    TASK = "task"
    LATE = "late"
    NEAR = "near"
    OPEN = "open"
    UP_TO_DATE = "up_to_date"
    NOT_YOURS = "not_yours"


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """Facts that decide the first step of a member: their tasks, what waits for these, and what the body has."""

    given: AbstractSet[MemberTask]
    has_imported: bool
    has_published: bool
    tasks: int = 0
    late: int = 0
    near: int = 0
    candidacies: int = 0


def home_step(facts: HomeFacts) -> HomeStep:
    """Return the first step: what a new body begins with, what waits, the delays, then the first candidacy
    (design). A member is proposed what one of their tasks does, and never told that all is done when the
    tasks of others may wait.
    """
    opens, imports = MemberTask.SECRETARIAT in facts.given, MemberTask.CERTIFICATIONS in facts.given
    asked = {
        HomeStep.IMPORT: imports and not facts.has_imported,
        HomeStep.PUBLISH: (imports or MemberTask.SIGNATURE in facts.given) and not facts.has_published,
        HomeStep.TASK: facts.tasks > 0,
        HomeStep.LATE: opens and facts.late > 0,
        HomeStep.NEAR: opens and facts.near > 0,
        HomeStep.OPEN: opens and facts.has_published and not facts.candidacies,
        HomeStep.UP_TO_DATE: facts.given >= set(MemberTask) and facts.has_published,
    }
    return next((step for step, applies in asked.items() if applies), HomeStep.NOT_YOURS)
