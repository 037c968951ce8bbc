"""The rule of a jury as frozen values: its seats, and the conditions on the whole of it.

Decide a block from the findings on its competencies, by the rule of the certification version (R4).
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Seat(StrEnum):
    """Kinds of person that a jury's seat is for; the first five are those of the reference entry (J2, fiche)."""

    PRESIDENT = "president"
    EMPLOYEE_REPRESENTATIVE = "employee_representative"
    DIRECTOR_OR_DELEGATE = "director_or_delegate"
    TEACHER_TRAINER = "teacher_trainer"
    PEDAGOGICAL_MANAGER = "pedagogical_manager"
    EMPLOYER_REPRESENTATIVE = "employer_representative"
    EXTERNAL_PROFESSIONAL = "external_professional"
    # A seat of a rule that names no role: a professional of the trade, or any member.
    PROFESSIONAL = "professional"
    MEMBER = "member"


class JuryTerm(StrEnum):
    """One condition of a jury's rule, whose source is kept: J1 to J8 in this order, then those that only some
    rules have.
    """

    SIZE = "size"
    SEATS = "seats"
    PRESIDENT_COLLEGE = "president_college"
    PRESIDENT_APPOINTED = "president_appointed"
    EMPLOYEE_IN_ACTIVITY = "employee_in_activity"
    DIRECTOR_OR_DELEGATE = "director_or_delegate"
    EXTERNAL_MIN = "external_min"
    REPRESENTATIVES_MIN = "representatives_min"
    # As many employers as employees; as many members of the profession as teachers.
    COLLEGE_PARITY = "college_parity"
    TEACHING_PARITY = "teaching_parity"
    PROFESSIONALS_MIN = "professionals_min"
    # How many professionals may, or must, practise the same trade.
    TRADE_MAX = "trade_max"
    TRADE_MIN = "trade_min"
    EMPLOYERS_MIN = "employers_min"
    EMPLOYERS_MAX = "employers_max"
    EMPLOYEES_MIN = "employees_min"
    EMPLOYEES_MAX = "employees_max"
    QUORUM = "quorum"
    NO_CASTING_VOTE = "no_casting_vote"


class SeatCollege(StrEnum):
    """The college that a seat is kept for."""

    EMPLOYERS = "employers"
    EMPLOYEES = "employees"


class TermSource(StrEnum):
    """Sources of a condition: the entry's own text, the certifier who typed it, or this software by
    default (design).
    """

    ENTRY = "entry"
    CERTIFIER = "certifier"
    DESIGN = "design"


@dataclass(frozen=True, slots=True)
class SeatTerms:
    """Terms that one seat sets for the person who holds it, beside its kind: a college, a quality, and who appoints
    them.
    """

    college: SeatCollege | None = None
    quality: str = ""
    appointed_by: str = ""

    @property
    def is_to_confirm(self) -> bool:
        """Return whether the certifier has to confirm a quality or an appointment that no other answer tells."""
        return bool(self.quality or self.appointed_by)


class ParityBasis(StrEnum):
    """Among whom a parity is counted, where the rule says less than "named and present"."""

    # The members named: an absence on the day does not break the parity.
    NAMED = "named"
    # The members present on the day, however many were named.
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class JuryCondition:
    """A condition on the whole jury: a number of members, and the trade that it is about where it names one.

    `basis` is for a parity alone; without one, it is asked of the members named and again of those who deliberate.
    """

    term: JuryTerm
    count: int = 0
    text: str = ""
    basis: ParityBasis | None = None


@dataclass(frozen=True, slots=True)
class JuryRule:
    """Rule of composition of a jury: voting members, seats in order, minimum shares between 0 and 1 (J1, J2, J7, J8,
    fiche).

    `quorum` is how many must be present, the president among them; None asks for all of them (J14, design).
    `half_external` asks for a warning when fewer than half are external (J15, practice).
    """

    size: int | None
    seats: tuple[Seat, ...] = ()
    external_min: float | None = None
    representatives_min: float | None = None
    quorum: int | None = None
    half_external: bool = False
    # Where it is known; a condition without a source was never attributed. Two rules that ask the same are
    # equal.
    sources: tuple[tuple[JuryTerm, TermSource], ...] = field(default=(), compare=False)
    # What each seat asks, in the order of the seats; empty when no seat asks more than its kind.
    seat_terms: tuple[SeatTerms, ...] = ()
    conditions: tuple[JuryCondition, ...] = ()
    # Those of J3 to J6 that the rule does not ask although it has the seat.
    left_out: frozenset[JuryTerm] = frozenset()
    # On a tie the president's vote decides (J11), unless the certifier says otherwise.
    casting_vote: bool = True

    def condition(self, term: JuryTerm) -> JuryCondition | None:
        """Return a condition on the whole jury; None when the rule does not ask for it."""
        return next((condition for condition in self.conditions if condition.term is term), None)

    def terms_of_seat(self, rank: int) -> SeatTerms:
        """Return what a seat asks, by its rank in the rule."""
        return self.seat_terms[rank] if rank < len(self.seat_terms) else SeatTerms()

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was read or typed: the certifier has to settle it before publication."""
        return self == JuryRule(None)

    def source_of(self, term: JuryTerm) -> TermSource | None:
        """Return who asks for a condition; None where nobody recorded it."""
        return dict(self.sources).get(term)

    def asks(self, term: JuryTerm) -> bool:
        """Return whether the rule asks for a condition: J3 to J6 follow from a seat."""
        return bool(self.value_of(term))

    def value_of(self, term: JuryTerm) -> object:
        """Return what the rule asks for a condition."""
        if term in TERM_SEATS:
            return TERM_SEATS[term] in self.seats and term not in self.left_out
        if term in CONDITION_TERMS:
            return self.condition(term)
        return {
            JuryTerm.SIZE: self.size,
            JuryTerm.SEATS: tuple(
                sorted((seat, repr(self.terms_of_seat(rank))) for rank, seat in enumerate(self.seats))
            ),
            JuryTerm.EXTERNAL_MIN: self.external_min,
            JuryTerm.REPRESENTATIVES_MIN: self.representatives_min,
            JuryTerm.QUORUM: self.quorum,
            JuryTerm.NO_CASTING_VOTE: not self.casting_vote,
        }[term]


TERM_SEATS = {
    JuryTerm.PRESIDENT_COLLEGE: Seat.PRESIDENT,
    JuryTerm.PRESIDENT_APPOINTED: Seat.PRESIDENT,
    JuryTerm.EMPLOYEE_IN_ACTIVITY: Seat.EMPLOYEE_REPRESENTATIVE,
    JuryTerm.DIRECTOR_OR_DELEGATE: Seat.DIRECTOR_OR_DELEGATE,
}
# The conditions on the whole jury that only some rules have, in the order in which they are read aloud.
CONDITION_TERMS = (
    JuryTerm.COLLEGE_PARITY,
    JuryTerm.TEACHING_PARITY,
    JuryTerm.PROFESSIONALS_MIN,
    JuryTerm.TRADE_MAX,
    JuryTerm.TRADE_MIN,
    JuryTerm.EMPLOYERS_MIN,
    JuryTerm.EMPLOYERS_MAX,
    JuryTerm.EMPLOYEES_MIN,
    JuryTerm.EMPLOYEES_MAX,
)
PARITIES = (JuryTerm.COLLEGE_PARITY, JuryTerm.TEACHING_PARITY)


class DecisionRule(StrEnum):
    """Rules by which the findings on its competencies make a block (R4)."""

    EVERY = "every"
    THRESHOLD = "threshold"
    MEAN = "mean"
