"""The register entry as frozen values: what a reader answers with, and what a version is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from portfolio.domain.certification.rules.book_frame import FrameSection
from portfolio.domain.certification.rules.decision_rule import DecisionRule
from portfolio.domain.certification.rules.details import CutRule, EntryDetails


class Route(StrEnum):
    """The six ways to a certification, in the order of an entry's table."""

    INITIAL_TRAINING = "initial_training"
    APPRENTICESHIP = "apprenticeship"
    CONTINUING_TRAINING = "continuing_training"
    PROFESSIONALISATION = "professionalisation_contract"
    INDIVIDUAL = "individual"
    VAE = "vae"


class Seat(StrEnum):
    """Whom a jury's seat is for; the first five are those of the reference entry (J2, fiche)."""

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
    """One condition of a jury's rule, whose source is kept: J1 to J8 in this order, then those that only some rules have."""

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
    """Who asks for a condition: the entry's own text, the certifier who typed it, or this software by default (design)."""

    ENTRY = "entry"
    CERTIFIER = "certifier"
    DESIGN = "design"


class SiteKind(StrEnum):
    """What happens at a site."""

    CERTIFICATION = "certification"
    PREPARATION = "preparation"


class Permanence(StrEnum):
    """How long a granted block stays valid (R6)."""

    UNLIMITED = "unlimited"
    LIMITED = "limited"


# Codes of drafts and versions stored before, and the one that means the same now.
FOLDED_DOUBTS = {"jury_of_other_route": "jury_taken_from_route", "prerequisite": "block_prerequisite"}


class DoubtCode(StrEnum):
    """What a reader is not sure of, or deduced, and a person must look at."""

    TITLES_DIFFER = "titles_differ"
    TITLE_MISSING = "title_missing"
    CODE_DEDUCED = "code_deduced"
    SECTION_MISSING = "section_missing"
    CERTIFIERS_COLUMN_LOST = "certifiers_column_lost"
    OTHER_WORDING = "other_wording"
    COMPETENCY_ONLY_IN_BLOCK = "competency_only_in_block"
    COMPETENCY_ONLY_IN_LIST = "competency_only_in_list"
    COMPETENCIES_WITHOUT_BULLETS = "competencies_without_bullets"
    GENERAL_LIST_MISSING = "general_list_missing"
    TEXT_SET_ASIDE = "text_set_aside"
    HYPHEN_REMOVED = "hyphen_removed"
    HYPHEN_KEPT = "hyphen_kept"
    CERTIFICATE_NOT_STATED = "certificate_not_stated"
    ASSESSMENTS_SPLIT = "assessments_split"
    ASSESSMENT_MISSING = "assessment_missing"
    BLOCK_NUMBERING = "block_numbering"
    BLOCK_COUNT_DIFFERS = "block_count_differs"
    BLOCK_TITLE_MISSING = "block_title_missing"
    BLOCK_OF_OTHER_ENTRY = "block_of_other_entry"
    DELIVERABLE_COUNT_DIFFERS = "deliverable_count_differs"
    ROUTES_COLUMNS_LOST = "routes_columns_lost"
    ROUTE_UNKNOWN = "route_unknown"
    ROUTE_ABSENT = "route_absent"
    TERRITORY_UNKNOWN = "territory_unknown"
    CODE_ONLY_MENTIONED = "code_only_mentioned"
    ENTRY_REPLACED = "entry_replaced"
    TITLE_CUT_AT_BLANK_LINE = "title_cut_at_blank_line"
    BLOCK_PREREQUISITE = "block_prerequisite"
    PERMANENCE_MIXED = "permanence_mixed"
    PERMANENCE_OF_BLOCK = "permanence_of_block"
    ACT_ABROGATES = "act_abrogates"
    REGISTRATION_DATE_IMPOSSIBLE = "registration_date_impossible"
    REGISTRATION_EXPIRY_DIFFERS = "registration_expiry_differs"
    JURY_TAKEN_FROM_ROUTE = "jury_taken_from_route"
    JURY_SEAT_DEDUCED = "jury_seat_deduced"
    JURY_RATIO_IS_MAXIMUM = "jury_ratio_is_maximum"
    JURY_RATIO_OF_INTERNAL_MEMBERS = "jury_ratio_of_internal_members"
    JURY_IN_COLUMNS = "jury_in_columns"
    COMPETENCIES_CUT = "competencies_cut"
    COMPETENCY_WRITTEN_TWICE = "competency_written_twice"
    FIELD_NOT_KEPT = "field_not_kept"
    FRAMEWORK_WITHOUT_CODE = "framework_without_code"
    FRAMEWORK_WITHOUT_BLOCKS = "framework_without_blocks"
    HEADING_SET_ASIDE = "heading_set_aside"
    ITEM_WITHOUT_PARENT = "item_without_parent"
    ITEM_WITH_SEVERAL_PARENTS = "item_with_several_parents"
    PAGE_COLUMNS_LOST = "page_columns_lost"
    JURY_MISSING = "jury_missing"
    JURY_TEXTS_DIFFER = "jury_texts_differ"
    JURY_SIZE_UNKNOWN = "jury_size_unknown"
    JURY_SIZE_READ_FROM_MINIMUM = "jury_size_read_from_minimum"
    JURY_SIZE_DIFFERS = "jury_size_differs"
    JURY_SEAT_UNKNOWN = "jury_seat_unknown"
    JURY_RATIO_UNKNOWN = "jury_ratio_unknown"
    JURY_RATIO_READ_AS_MINIMUM = "jury_ratio_read_as_minimum"
    REGISTRATION_START_DEDUCED = "registration_start_deduced"
    REGISTRATION_END_DEDUCED = "registration_end_deduced"
    REGISTRATION_DATES_MISSING = "registration_dates_missing"
    REGISTRATION_TITLE_MISSING = "registration_title_missing"
    REGISTRATION_DURATION_DIFFERS = "registration_duration_differs"
    REGISTRATION_GAP = "registration_gap"
    REGISTRATION_OVERLAP = "registration_overlap"
    PERMANENCE_LIMITED = "permanence_limited"
    PERMANENCE_UNKNOWN = "permanence_unknown"
    PREDECESSOR_WITHOUT_CODE = "predecessor_without_code"
    ENCODING_GUESSED = "encoding_guessed"
    CHARACTERS_REPLACED = "characters_replaced"
    CUT_TO_CHECK = "cut_to_check"
    CUT_WHOLE = "cut_whole"
    COMPETENCIES_MERGED = "competencies_merged"
    COMPETENCIES_MISSING = "competencies_missing"
    BLOCKS_MISSING = "blocks_missing"
    MARKUP_REMOVED = "markup_removed"
    DATE_UNREADABLE = "date_unreadable"
    ANSWER_UNREADABLE = "answer_unreadable"
    JURY_NOT_CERTAIN = "jury_not_certain"
    JURY_RULE_OF_ROUTE = "jury_rule_of_route"
    JURY_OF_ROUTE_EMPTY = "jury_of_route_empty"
    JURY_CONDITION_READ = "jury_condition_read"
    JURY_SEATS_PROPOSED = "jury_seats_proposed"
    STATED = "stated"

    @classmethod
    def _missing_(cls, value: object) -> DoubtCode | None:
        """Return the code that took the place of one stored before."""
        renamed = FOLDED_DOUBTS.get(value) if isinstance(value, str) else None
        return cls(renamed) if renamed else None


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing to look at: where it stands ("blocks.3.competencies.2"), its code, and the facts its sentence quotes."""

    where: str
    what: DoubtCode
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Registration:
    """One act of registration; both days belong to it. A date that could not be read is None, and prevents publication."""

    title: str
    act: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class SeatTerms:
    """What one seat asks of the person who holds it, beside its kind: a college, a quality, and who appoints them."""

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
    """How a jury is composed: voting members, seats in order, minimum shares between 0 and 1 (J1, J2, J7, J8, fiche).

    `quorum` is how many must be present, the president among them; None asks for all of them (J14, design). `half_external`
    asks for a warning when fewer than half are external (J15, practice).
    """

    size: int | None
    seats: tuple[Seat, ...] = ()
    external_min: float | None = None
    representatives_min: float | None = None
    quorum: int | None = None
    half_external: bool = False
    # Where it is known; a condition without a source was never attributed. Two rules that ask the same are equal.
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
            JuryTerm.SEATS: tuple(sorted((seat, repr(self.terms_of_seat(rank))) for rank, seat in enumerate(self.seats))),
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


@dataclass(frozen=True, slots=True)
class RouteEntry:
    """One way in: open is None when the entry does not tell; unknown is not "no".

    `rule` is the rule of this route's own jury; None takes the rule of the entry. An empty one waits for the certifier.
    """

    route: Route
    open: bool | None
    jury: str | None = None
    rule: JuryRule | None = None


@dataclass(frozen=True, slots=True)
class EntryCompetency:
    """A competency as its block words it; alias is the general list's wording when it really differs."""

    number: int
    text: str
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class CompetencySource:
    """The text that the competencies of a block were cut out of, and the rule that cut it."""

    text: str
    cut: CutRule


@dataclass(frozen=True, slots=True)
class EntryBlock:
    """A competency block: the only unit that can be granted (R1). `code` is the register's, unique within its entry only."""

    number: int
    title: str
    competencies: tuple[EntryCompetency, ...]
    assessments: tuple[str, ...] = ()
    certificate_stated: bool = False
    code: str | None = None
    source: CompetencySource | None = None
    # How this block is decided (R4) when it is not as the version says, and how long it stays acquired when that is limited (R6).
    decision_rule: DecisionRule | None = None
    decision_threshold: int | None = None
    validity_months: int | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A place, on one line as the entry writes it, and the body that declared it where the entry says so."""

    kind: SiteKind
    site: str
    declared_by: str | None = None


@dataclass(frozen=True, slots=True)
class Holders:
    """How many people obtain the certification in a year at one site, on average."""

    site: str
    holders: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A register entry as read: facts of the entry, and the reader's doubts about them."""

    code: str
    title: str
    blocks: tuple[EntryBlock, ...]
    titles_seen: tuple[str, ...] = ()
    level: str | None = None
    level_1969: str | None = None
    nsf: tuple[str, ...] = ()
    rome: tuple[str, ...] = ()
    certifiers: tuple[str, ...] = ()
    signatory: str | None = None
    predecessor: str | None = None
    registrations: tuple[Registration, ...] = ()
    routes: tuple[RouteEntry, ...] = ()
    jury: JuryRule | None = None
    deliverables: tuple[str, ...] = ()
    defence: str | None = None
    permanence: Permanence | None = None
    sites: tuple[Site, ...] = ()
    holders_per_year: tuple[Holders, ...] = ()
    details: EntryDetails | None = None
    # How the livret 2 is laid out, as the certifier asks; empty for the usual outline. The register says nothing of it.
    frame: tuple[FrameSection, ...] = ()
    doubts: tuple[Doubt, ...] = field(default=())

    @property
    def registered_until(self) -> date | None:
        """The last day of the latest registration; None when no end is known."""
        return max((r.until for r in self.registrations if r.until is not None), default=None)
