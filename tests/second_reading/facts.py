"""What happened to a person, in plain values: what the second reading is asked, and nothing else.

Imports nothing of the product. Words are those of the domain: « validated », « france_vae », « president ».
"""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

VALIDATED, NOT_VALIDATED, UNDECIDED = "validated", "not_validated", "undecided"
FOR, AGAINST, ABSTAINS = "for", "against", "abstain"
# How the presidency voted, in a count that is typed by hand.
VOICES = (VOICE_FOR, VOICE_AGAINST, VOICE_ABSTAINED, VOICE_ABSENT) = ("for", "against", "abstained", "absent")
HEARD, ABSENT, EXCUSED = "heard", "absent", "excused"
# How a sitting ends: its minutes are closed, it is suspended, another one replaces it, or nothing follows.
CLOSED, SUSPENDED = "closed", "suspended"
REPLACED = ("moved", "day_changed", "members_changed")
CANCELLED, VOID = "cancelled", "void"
VAE, INDIVIDUAL = "vae", "individual"
TRAINING = ("initial_training", "apprenticeship", "continuing_training", "professionalisation_contract")
PRESIDENT, EMPLOYEE = "president", "employee_representative"
DIRECTOR, TEACHER, MANAGER = "director_or_delegate", "teacher_trainer", "pedagogical_manager"


@dataclass(slots=True, frozen=True)
class Block:
    """A block of a version: its number, how many competencies, how many months it stays valid if limited."""

    id: int
    version: int
    number: int
    competencies: int = 2
    months: int | None = None
    option: str = ""


@dataclass(slots=True, frozen=True)
class Version:
    """A version of a certification: its blocks, how many of their options the whole asks for, how findings make a
    block, and its registrations.
    """

    number: int
    blocks: tuple[Block, ...]
    rule: str = "every"
    threshold: int | None = None
    registrations: tuple[tuple[date, date], ...] = ()
    options: int = 1


@dataclass(slots=True, frozen=True)
class Tie:
    """A contract or a mandate of a member; without an end it is current."""

    with_whom: str
    organisation: str
    ended_on: date | None = None


@dataclass(slots=True, frozen=True)
class Member:
    """A member in a seat, what is known of them, and what they stated for this candidate."""

    person: int
    seat: str
    college: str = "none"
    in_activity: bool = False
    director: bool = False
    delegated_from: date | None = None
    delegated_until: date | None = None
    qualified: bool = False
    answered: bool = True
    ties: tuple[Tie, ...] = ()
    gender: str = "unsaid"
    # True: signed that nothing ties them to the candidate. False: recused. None: said nothing.
    free: bool | None = True
    taught: bool = False
    read: bool = True
    present: bool = True


@dataclass(slots=True, frozen=True)
class JuryRule:
    """What the version asks of its juries; None where its entry says nothing."""

    size: int | None
    seats: tuple[str, ...]
    external: Fraction | None
    colleges: Fraction | None
    quorum: int | None = None
    half_external: bool = False
    casting_vote: bool = True
    left_out: frozenset[str] = frozenset()
    # Who asks for each condition of the rule, where the version keeps it: the entry, the certifier, this software.
    asked_by: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, frozen=True)
class Jury:
    """A composition on one day, for one candidate."""

    on: date
    rule: JuryRule
    members: tuple[Member, ...]
    appointed_on: date | None = None
    appointed_by_director: bool = True
    act_attached: bool = True
    gender_reason: str = ""
    months: int = 24
    accompanied_by: frozenset[int] = frozenset()
    related: frozenset[int] = frozenset()
    biased: frozenset[int] = frozenset()
    candidate: int = 0
    bodies: frozenset[str] | None = None


@dataclass(slots=True, frozen=True)
class Finding:
    """What is found on one competency; « claimed »: the sealed dossier claims a piece for it."""

    value: str | None
    reason: str = ""
    ground: str | None = None
    ground_text: str = ""
    claimed: bool = True


@dataclass(slots=True, frozen=True)
class Draft:
    """A decision that the presidency drafts on a block, with the votes that it counted by hand, if any, and how the
    presidency voted in them.
    """

    outcome: str
    reason: str = ""
    override: str = ""
    recommendation: str = ""
    counted: tuple[int | None, int | None, int | None] = (None, None, None)
    voice: str | None = None


@dataclass(slots=True, frozen=True)
class Ballot:
    """A vote on a block: what each member chose, and the day it was closed on, that of the sitting if it is not said;
    an open one decides nothing.
    """

    votes: tuple[tuple[int, str], ...]
    closed: bool = True
    # Whether the members who can vote when the minutes are closed are those who could vote then.
    same_voters: bool = True
    on: date | None = None


@dataclass(slots=True, frozen=True)
class Deliberation:
    """Acts of one sitting on one block: findings, then drafts and ballots in the order in which they came."""

    block: int
    findings: tuple[Finding, ...]
    acts: tuple[Draft | Ballot, ...]


@dataclass(slots=True, frozen=True)
class Presence:
    """Statements of one sitting on the presence of the candidate and of the members; `after`: the last thing that the
    jury had made then (« interview », « finding », « ballot », « closed ballot », or nothing yet).
    """

    attendance: str
    reason: str = ""
    after: str = ""
    moves_members: bool = False


@dataclass(slots=True, frozen=True)
class Sitting:
    """One composition, on one day, for one candidate: what it made, and how it ended."""

    jury: Jury
    deliberations: tuple[Deliberation, ...]
    ending: str = CLOSED
    said: tuple[Presence, ...] = ()
    # Of a sitting that is suspended, the day on which it is to resume, once that is known.
    resumes_on: date | None = None


@dataclass(slots=True, frozen=True)
class LaterAct:
    """Act of the certifier on something granted before, who proposed it and who confirmed it."""

    kind: str
    on: date
    reason: str = "Motif"
    heard_on: date | None = None
    proposed_by: int = 1
    confirmed_by: int | None = 2


@dataclass(slots=True, frozen=True)
class Hearing:
    """One candidate before a jury, in one sitting or several, in order."""

    reference: str
    version: int
    route: str
    begun_on: date | None
    regime: str
    submitted_on: date
    lapse: str
    scope: frozenset[int]
    sittings: tuple[Sitting, ...]
    # When the minutes are closed, if somebody tries; the day of the deliberation that the presidency states then.
    closed_at: datetime | None = None
    stated_on: date | None = None
    later: tuple[LaterAct, ...] = ()
    withdrawn: frozenset[int] = frozenset()
    # The blocks of an appeal that was granted: their decision alone is annulled.
    appealed: frozenset[int] = frozenset()

    @property
    def last(self) -> Sitting:
        """Return the last sitting."""
        return self.sittings[-1]

    @property
    def closed_on(self) -> date | None:
        """Return the day of the closing."""
        return self.closed_at.date() if self.closed_at else None


@dataclass(slots=True, frozen=True)
class Acquisition:
    """A block acquired by another way, once the certifier has verified it; or held before, with its own end.

    `recorded_at`: when the ledger has it.
    """

    reference: str
    block: int
    on: date
    recorded_at: datetime
    verified: bool = True
    until: date | None = None
    imported: bool = False
    annulled: bool = False
    withdrawn: bool = False


@dataclass(slots=True, frozen=True)
class Equivalence:
    """The certifier rules that these blocks, held together, count for another one, until another ruling replaces it."""

    reference: str
    asked: frozenset[int]
    counts_for: int
    kind: str
    declared_at: datetime
    replaced_at: datetime | None = None

    @property
    def declared_on(self) -> date:
        """Return the day of the declaration."""
        return self.declared_at.date()


@dataclass(slots=True, frozen=True)
class History:
    """Everything that happened to one person, in no particular order."""

    versions: tuple[Version, ...]
    hearings: tuple[Hearing, ...] = ()
    acquisitions: tuple[Acquisition, ...] = ()
    equivalences: tuple[Equivalence, ...] = ()
    requested: frozenset[int] = frozenset()
    whole_scope: bool = True
    # Blocks before a jury now, and blocks decided whose letter has not left.
    waiting: frozenset[int] = frozenset()
    deliberated: frozenset[int] = frozenset()
    # The days on which a document is delivered, and on which one asks what is held.
    today: date = date(2026, 6, 1)
