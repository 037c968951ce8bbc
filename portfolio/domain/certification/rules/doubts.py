"""Doubts of the readers of register entries."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# Codes of drafts and versions stored before, and the one that means the same now.
FOLDED_DOUBTS = {"jury_of_other_route": "jury_taken_from_route", "prerequisite": "block_prerequisite"}


class DoubtCode(StrEnum):
    """Doubts of a reader: points that a reader is not sure of, or deduced, and a person must look at."""

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
    PERMANENCE_STATED = "permanence_stated"
    PARTIAL_VALIDATION = "partial_validation"
    SPECIFIC_REGISTER = "specific_register"
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
    COMPETENCIES_NESTED = "competencies_nested"
    COMPETENCY_TWICE = "competency_twice"
    COMPETENCY_NUMBERING = "competency_numbering"
    COMPETENCY_WITHOUT_TEXT = "competency_without_text"
    BLOCKS_ALIKE = "blocks_alike"
    ELEMENT_TWICE = "element_twice"
    TEXT_UNREADABLE = "text_unreadable"
    TEXT_MISENCODED = "text_misencoded"
    DIRECTION_REMOVED = "direction_removed"
    LEVEL_UNKNOWN = "level_unknown"
    LEVEL_DIFFERS = "level_differs"
    CODE_UNKNOWN = "code_unknown"
    WORD_CUT = "word_cut"
    CORRESPONDENCE_ABSENT = "correspondence_absent"
    DATE_IMPLAUSIBLE = "date_implausible"
    ACT_OUTSIDE_REGISTRATION = "act_outside_registration"
    ACT_NOT_KEPT = "act_not_kept"
    ACT_NOT_OF_CREATION = "act_not_of_creation"
    REGISTRATION_KIND_UNKNOWN = "registration_kind_unknown"
    ENTRY_INACTIVE = "entry_inactive"
    ENTRY_NOT_PUBLISHED = "entry_not_published"
    OPTIONS_READ = "options_read"
    OPTION_UNCLEAR = "option_unclear"
    STATED = "stated"

    @classmethod
    def _missing_(cls, value: object) -> DoubtCode | None:
        """Return the code that took the place of one stored before."""
        renamed = FOLDED_DOUBTS.get(value) if isinstance(value, str) else None
        return cls(renamed) if renamed else None


# Doubts about what readers deduce from a text since the first of them.
ABOUT_DEDUCED = frozenset(
    {
        DoubtCode.JURY_CONDITION_READ,
        DoubtCode.JURY_RULE_OF_ROUTE,
        DoubtCode.JURY_OF_ROUTE_EMPTY,
        DoubtCode.JURY_SEATS_PROPOSED,
        DoubtCode.COMPETENCIES_NESTED,
        DoubtCode.COMPETENCY_TWICE,
        DoubtCode.COMPETENCY_NUMBERING,
        DoubtCode.COMPETENCY_WITHOUT_TEXT,
        DoubtCode.BLOCKS_ALIKE,
        DoubtCode.ELEMENT_TWICE,
        DoubtCode.TEXT_UNREADABLE,
        DoubtCode.TEXT_MISENCODED,
        DoubtCode.DIRECTION_REMOVED,
        DoubtCode.DATE_IMPLAUSIBLE,
        DoubtCode.ACT_OUTSIDE_REGISTRATION,
        DoubtCode.LEVEL_DIFFERS,
        DoubtCode.CODE_UNKNOWN,
        DoubtCode.WORD_CUT,
        DoubtCode.CORRESPONDENCE_ABSENT,
        DoubtCode.ACT_NOT_KEPT,
        DoubtCode.PERMANENCE_STATED,
        DoubtCode.PARTIAL_VALIDATION,
        DoubtCode.SPECIFIC_REGISTER,
        DoubtCode.ACT_NOT_OF_CREATION,
        DoubtCode.ENTRY_INACTIVE,
        DoubtCode.ENTRY_NOT_PUBLISHED,
        DoubtCode.OPTIONS_READ,
        DoubtCode.OPTION_UNCLEAR,
    }
)
# Doubts about which blocks, routes, jury or certifier an entry has, how long a block holds, and what
# certificates print: what people are granted follows from them, so they are answered before publication.
ABOUT_RIGHTS = ABOUT_DEDUCED | frozenset(
    {
        DoubtCode.ACT_ABROGATES,
        DoubtCode.CERTIFIERS_COLUMN_LOST,
        DoubtCode.COMPETENCY_ONLY_IN_BLOCK,
        DoubtCode.COMPETENCY_ONLY_IN_LIST,
        DoubtCode.COMPETENCIES_CUT,
        DoubtCode.COMPETENCIES_MERGED,
        DoubtCode.COMPETENCIES_MISSING,
        DoubtCode.BLOCK_NUMBERING,
        DoubtCode.BLOCK_COUNT_DIFFERS,
        DoubtCode.BLOCK_OF_OTHER_ENTRY,
        DoubtCode.BLOCK_PREREQUISITE,
        DoubtCode.BLOCKS_MISSING,
        DoubtCode.CUT_TO_CHECK,
        DoubtCode.CUT_WHOLE,
        DoubtCode.FRAMEWORK_WITHOUT_BLOCKS,
        DoubtCode.ROUTES_COLUMNS_LOST,
        DoubtCode.ROUTE_UNKNOWN,
        DoubtCode.ROUTE_ABSENT,
        DoubtCode.PERMANENCE_MIXED,
        DoubtCode.PERMANENCE_OF_BLOCK,
        DoubtCode.PERMANENCE_LIMITED,
        DoubtCode.PERMANENCE_UNKNOWN,
        *(code for code in DoubtCode if code.startswith("jury_")),
    }
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing to look at: where it stands ("blocks.3.competencies.2"), its code, and the facts its
    sentence quotes.
    """

    where: str
    what: DoubtCode
    facts: tuple[str, ...] = ()
