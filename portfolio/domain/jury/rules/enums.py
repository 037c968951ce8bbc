"""The closed lists of the jury: what is declared of a member, found on a competency, decided for a block.

Refusal codes of the jury use cases.
"""

from enum import StrEnum


class College(StrEnum):
    """The college a member represents, if any (J3, J5, J8)."""

    EMPLOYERS = "employers"
    EMPLOYEES = "employees"
    NONE = "none"


class AffiliationKind(StrEnum):
    """Links of a member to an organisation that a jury must be independent of (J7)."""

    EMPLOYMENT = "employment"
    MANDATE = "mandate"
    TEACHING = "teaching"


class OrganisationKind(StrEnum):
    """Kinds of those organisations (J7)."""

    CERTIFIER = "certifier"
    CO_CERTIFIER = "co_certifier"
    TRAINING_BODY = "training_body"


class TiesAnswer(StrEnum):
    """The answer about a member's ties with the organisations of J7; silence is no answer (domain §4)."""

    UNANSWERED = "unanswered"
    NONE = "none"
    LISTED = "listed"


class Gender(StrEnum):
    """Gender that a member states, for the balance that J12 looks at; nothing else reads it."""

    WOMAN = "woman"
    MAN = "man"
    UNSAID = "unsaid"


class Declaration(StrEnum):
    """Declarations of a member about one candidate (J10)."""

    FREE = "free"
    RELATED = "related"


class RelationAsked(StrEnum):
    """Relations with the candidate that a member declares not to have (J10)."""

    # Professional or personal, and having accompanied them.
    ANY = "any"
    # Personal ties and personal interest: having taught the person is none.
    PERSONAL = "personal"


class StatementKind(StrEnum):
    """Statements that a member signs about one candidate: no relation exists (J10), or a recusal; having read the
    sealed dossier (J13).

    A recusal can be withdrawn until the minutes are closed; both stay recorded.
    """

    NO_RELATION = "no_relation"
    RECUSAL = "recusal"
    READ = "read"
    RECUSAL_WITHDRAWN = "recusal_withdrawn"


class Attendance(StrEnum):
    """Presence of the candidate; absent or excused, nothing is decided and nothing is lost (domain §5)."""

    HEARD = "heard"
    ABSENT = "absent"
    EXCUSED = "excused"


class FindingValue(StrEnum):
    """Findings on one competency."""

    ACQUIRED = "acquired"
    PARTIALLY = "partially"
    NOT_ACQUIRED = "not_acquired"


class PresidencyVote(StrEnum):
    """Votes of the presidency in a count that is typed by hand (J11)."""

    FOR = "for"
    AGAINST = "against"
    ABSTAINED = "abstained"
    ABSENT = "absent"


class SigningMethod(StrEnum):
    """Ways in which a member signs closed minutes."""

    PASSWORD = "password"  # noqa: S105 - a code, no secret
    PASSWORD_AND_CODE = "password_and_code"  # noqa: S105
    PASSKEY = "passkey"


class Demonstration(StrEnum):
    """Reasons why a competency without any claim is found acquired (R5)."""

    INTERVIEW = "demonstrated_at_interview"
    WORK_SIMULATION = "demonstrated_in_work_simulation"
    OTHER = "other"


class Outcome(StrEnum):
    """Outcomes of the decision on one block."""

    VALIDATED = "validated"
    NOT_VALIDATED = "not_validated"


class JuryRefusal(StrEnum):
    """The codes that `Refusal` carries for this noun."""

    VERSION_NOT_PUBLISHED = "jury_version_not_published"
    SEAT_UNKNOWN = "jury_seat_unknown"
    ALREADY_MEMBER = "jury_already_member"
    MEMBER_IS_CANDIDATE = "jury_member_is_candidate"
    MEMBER_IS_ADVISOR = "jury_member_is_advisor"
    MEMBER_JUDGED = "jury_member_judged"
    MEMBER_RELATED = "jury_member_related"
    ACCOMPANIED = "jury_declarant_accompanied"
    NO_REASON = "jury_no_reason"
    NOT_WAITING = "jury_not_waiting"
    OTHER_VERSION = "jury_other_version"
    SEALED_AFTER_SESSION = "jury_sealed_after_session"
    NOTES_TAKEN = "jury_notes_taken"
    SITTING_ENDS = "jury_sitting_ends"
    PRESENCE_NEEDS_REASON = "jury_presence_needs_reason"
    BALLOT_WAS_CLOSED = "jury_ballot_was_closed"
    NOT_PRESIDENT = "jury_not_president"
    OUT_OF_SCOPE = "jury_out_of_scope"
    BLOCK_HELD = "jury_block_held"
    ALREADY_CLOSED = "jury_already_closed"
    NOT_READY = "jury_not_ready"
    NOT_A_MEMBER = "jury_not_a_member"
    RECUSED = "jury_recused"
    NOT_RECUSED = "jury_not_recused"
    RECUSAL_IS_THEIRS = "jury_recusal_is_theirs"
    BARRED = "jury_barred"
    SESSION_OVER = "jury_session_over"
    NOT_DECLARED = "jury_not_declared"
    NOT_READ = "jury_not_read"
    NOT_DELIBERATING = "jury_not_deliberating"
    HOLDER_FIRST = "jury_holder_first"
    TIES_CONTRADICTED = "jury_ties_contradicted"
    STILL_OPEN = "jury_still_open"
    DID_NOT_DELIBERATE = "jury_did_not_deliberate"
    SIGNED_ALREADY = "jury_signed_already"
    OTHER_SEATS = "jury_other_seats"
    SITE_UNKNOWN = "jury_site_unknown"
    SITE_FIXED = "jury_site_fixed"
    SESSION_CANCELLED = "jury_session_cancelled"
    TOO_MANY_NOTES = "jury_too_many_notes"
    NOTE_GONE = "jury_note_gone"
    OPINIONS_GIVEN = "jury_opinions_given"
    OPINIONS_MISSING = "jury_opinions_missing"
    OPINIONS_YOURS_FIRST = "jury_opinions_yours_first"
    BEFORE_THE_DAY = "jury_before_the_day"
    ADJOURNED = "jury_adjourned"
    NOT_ADJOURNED = "jury_not_adjourned"
    NO_RESUMPTION_DAY = "jury_no_resumption_day"
    WAS_HEARD = "jury_was_heard"
    IRREGULAR_NOW = "jury_irregular_now"
    BALLOT_OPEN = "jury_ballot_open"
    BALLOT_CLOSED = "jury_ballot_closed"
    NOT_VOTING = "jury_not_voting"
    BALLOT_DECIDES = "jury_ballot_decides"
    DOSSIER_RETURNED = "jury_dossier_returned"
    REVIEWER_SAT = "jury_reviewer_sat"
