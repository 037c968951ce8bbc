"""The closed lists of the jury: what is declared of a member, found on a competency, decided for a block."""

from __future__ import annotations

from enum import StrEnum


class College(StrEnum):
    """The college a member represents, if any (J3, J5, J8)."""

    EMPLOYERS = "employers"
    EMPLOYEES = "employees"
    NONE = "none"


class AffiliationKind(StrEnum):
    """What links a member to an organisation that a jury must be independent of (J7)."""

    EMPLOYMENT = "employment"
    MANDATE = "mandate"
    TEACHING = "teaching"


class OrganisationKind(StrEnum):
    """Which of those organisations it is (J7)."""

    CERTIFIER = "certifier"
    CO_CERTIFIER = "co_certifier"
    TRAINING_BODY = "training_body"


class TiesAnswer(StrEnum):
    """The answer about a member's ties with the organisations of J7; silence is no answer (domain §4)."""

    UNANSWERED = "unanswered"
    NONE = "none"
    LISTED = "listed"


class Gender(StrEnum):
    """What a member states, for the balance that J12 looks at; nothing else reads it."""

    WOMAN = "woman"
    MAN = "man"
    UNSAID = "unsaid"


class Declaration(StrEnum):
    """What a member declares about one candidate (J10)."""

    FREE = "free"
    RELATED = "related"


class RelationAsked(StrEnum):
    """Which relations with the candidate a member declares not to have (J10)."""

    # Professional or personal, and having accompanied them.
    ANY = "any"
    # Personal ties and personal interest: having taught the person is none.
    PERSONAL = "personal"


class StatementKind(StrEnum):
    """What a member signs about one candidate: no relation exists (J10), or a recusal; having read the sealed
    dossier (J13).

    A recusal can be withdrawn until the minutes are closed; both stay recorded.
    """

    NO_RELATION = "no_relation"
    RECUSAL = "recusal"
    READ = "read"
    RECUSAL_WITHDRAWN = "recusal_withdrawn"


class Attendance(StrEnum):
    """Whether the candidate came; absent or excused, nothing is decided and nothing is lost (domain §5)."""

    HEARD = "heard"
    ABSENT = "absent"
    EXCUSED = "excused"


class FindingValue(StrEnum):
    """What is found on one competency."""

    ACQUIRED = "acquired"
    PARTIALLY = "partially"
    NOT_ACQUIRED = "not_acquired"


class Demonstration(StrEnum):
    """Why a competency without any claim is found acquired (R5)."""

    INTERVIEW = "demonstrated_at_interview"
    WORK_SIMULATION = "demonstrated_in_work_simulation"
    OTHER = "other"


class Outcome(StrEnum):
    """What is decided for one block."""

    VALIDATED = "validated"
    NOT_VALIDATED = "not_validated"
