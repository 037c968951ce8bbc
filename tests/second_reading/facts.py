"""What happened to a person, in plain values: what the second reading is asked, and nothing else.

Imports nothing of the product. Words are those of the domain: « validated », « france_vae », « president ».
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

VALIDATED, NOT_VALIDATED, UNDECIDED = "validated", "not_validated", "undecided"
FOR, AGAINST, ABSTAINS = "for", "against", "abstain"
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
    """A jury on its day, for one candidate."""

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
    """A decision that the presidency drafts on a block, with the votes that it counted by hand, if any."""

    outcome: str
    reason: str = ""
    override: str = ""
    recommendation: str = ""
    counted: tuple[int | None, int | None, int | None] = (None, None, None)


@dataclass(slots=True, frozen=True)
class Ballot:
    """A vote on a block: what each member chose; an open one decides nothing."""

    votes: tuple[tuple[int, str], ...]
    closed: bool = True
    # Whether the members who can vote when the minutes are closed are those who could vote then.
    same_voters: bool = True


@dataclass(slots=True, frozen=True)
class Deliberation:
    """What the jury did on one block: findings, then drafts and ballots in the order in which they came."""

    block: int
    findings: tuple[Finding, ...]
    acts: tuple[Draft | Ballot, ...]


@dataclass(slots=True, frozen=True)
class LaterAct:
    """What the certifier does later to what was granted."""

    kind: str
    on: date
    reason: str = "Motif"
    heard_on: date | None = None


@dataclass(slots=True, frozen=True)
class Hearing:
    """One candidate before one jury."""

    reference: str
    version: int
    route: str
    begun_on: date | None
    regime: str
    submitted_on: date
    lapse: str
    scope: frozenset[int]
    jury: Jury
    deliberations: tuple[Deliberation, ...]
    attendance: str = "heard"
    closed_on: date | None = None
    later: tuple[LaterAct, ...] = ()
    withdrawn: frozenset[int] = frozenset()
    # The blocks of an appeal that was granted: their decision alone is annulled.
    appealed: frozenset[int] = frozenset()
    # Whether the sitting is suspended, and on which day it is to resume, once that is known.
    suspended: bool = False
    resumes_on: date | None = None


@dataclass(slots=True, frozen=True)
class Acquisition:
    """A block acquired by another way, once the certifier has verified it; or held before, with its own end."""

    reference: str
    block: int
    on: date
    verified: bool = True
    until: date | None = None
    imported: bool = False
    annulled: bool = False
    withdrawn: bool = False


@dataclass(slots=True, frozen=True)
class Equivalence:
    """The certifier rules that these blocks, held together, count for another one."""

    reference: str
    asked: frozenset[int]
    counts_for: int
    kind: str
    declared_on: date
    replaced_on: date | None = None


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
