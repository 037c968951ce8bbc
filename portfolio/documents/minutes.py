"""Papers of a jury: the minutes for one candidate, signed by the president, or a draft that says it is one; the
statement of what a juror is owed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from portfolio.documents.typesetting import typeset
from portfolio.documents.values import (
    BlockName,
    CertificationName,
    HeldName,
    LedgerCheckpoint,
    Signature,
    to_template_value,
)
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look

Mark = Literal["full", "half", "none"]


@dataclass(frozen=True, slots=True)
class SeatedMember:
    """A member in a seat.

    The last five are French sentences or words, as data: « Présente », « Aucune relation, le … ».
    """

    seat: str
    name: str
    quality: str
    college: str = ""
    presence: str = ""
    declaration: str = ""
    reading: str = ""
    ties: str = ""


@dataclass(frozen=True, slots=True)
class Predicate:
    """One condition of the composition: what is asked, what is answered, who asks it, whether it holds; None
    when nobody asks it.
    """

    question: str
    answer: str
    source: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class FoundCompetency:
    """Finding on a competency: `finding` in French, `mark` for its sign, the reason, the ground without a
    claim (R5).
    """

    number: str
    text: str
    finding: str
    mark: Mark
    reason: str = ""
    ground: str = ""


@dataclass(frozen=True, slots=True)
class DecidedBlock:
    """Decision on a block, why, and what the jury recommends; `votes` names the question, the count and the outcome
    of each vote, in French.
    """

    block: BlockName
    validated: bool
    reason: str
    competencies: tuple[FoundCompetency, ...]
    override_reason: str = ""
    recommendation: str = ""
    no_recommendation: str = ""
    votes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rectification:
    """Text added later to these minutes, which do not change (R12): its text, its author, its moment in French."""

    text: str
    author: str
    moment: str


@dataclass(frozen=True, slots=True)
class FormerSitting:
    """A sitting that ended before the one that these minutes close: its day and its end, what it did, in French."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Minutes:
    """Values of the minutes.

    `drawn_at` dates the file; `rectifications` were written after they were signed (R12). `others` are named
    in the session and did not sit for this candidate. `void` says why the sitting had no effect (R10): such
    minutes are signed for the certifier.
    """

    number: str
    certifier: str
    certification: CertificationName
    candidate: str
    held_on: date
    place: str
    result: str
    submission: str
    root: str
    drawn_at: datetime
    members: tuple[SeatedMember, ...]
    predicates: tuple[Predicate, ...]
    blocks: tuple[DecidedBlock, ...]
    others: tuple[SeatedMember, ...] = ()
    held: tuple[HeldName, ...] = ()
    quorum: str = ""
    justification: str = ""
    attendance: str = ""
    admissibility: str = ""
    void: str = ""
    rectifications: tuple[Rectification, ...] = ()
    # What the body decided of it later, in French (R10–R12).
    since: tuple[str, ...] = ()
    # Empty for a livret 2; an assessment record names its route, and how long its defence lasted.
    route: str = ""
    defence: str = ""
    # What the jury heard or saw beside what it read, as the rows keep it.
    heard: str = ""
    # What happened to the sitting, in French: suspensions and resumptions, departures and arrivals.
    course: tuple[str, ...] = ()
    former: tuple[FormerSitting, ...] = ()
    ledger: LedgerCheckpoint | None = None
    signed_by: Signature | None = None


def minutes_pdf(value: Minutes, look: Look = PLAIN_LOOK) -> bytes:
    """Return the minutes as a PDF, marked as a draft without value until signed; raises DocumentTooLarge."""
    return typeset("minutes", to_template_value(value), at=value.drawn_at, look=look)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One session, in French: its day and place, the seat, the candidates heard, and the amounts."""

    on: str
    seat: str
    heard: str
    sitting: str
    travel: str
    total: str


@dataclass(frozen=True, slots=True)
class FeeStatement:
    """Values of a statement; `note` says what the sum does not count."""

    body: str
    address: tuple[str, ...]
    siret: str
    place: str
    juror: str
    period: str
    lines: tuple[StatementLine, ...]
    total: str
    note: str
    issued_at: datetime


def fee_statement_pdf(value: FeeStatement, look: Look = PLAIN_LOOK) -> bytes:
    """Return the statement as a PDF; raise DocumentTooLarge."""
    values: dict[str, Any] = to_template_value(value)
    return typeset("fees", values, at=value.issued_at, look=look)
