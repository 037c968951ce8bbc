"""Why a use case of the jury says no."""

from __future__ import annotations

from enum import StrEnum


class JuryRefusal(StrEnum):
    """The codes that `Refusal` carries for this noun."""

    VERSION_NOT_PUBLISHED = "jury_version_not_published"
    SEAT_UNKNOWN = "jury_seat_unknown"
    ALREADY_MEMBER = "jury_already_member"
    MEMBER_IS_CANDIDATE = "jury_member_is_candidate"
    MEMBER_IS_ADVISOR = "jury_member_is_advisor"
    MEMBER_JUDGED = "jury_member_judged"
    ACCOMPANIED = "jury_declarant_accompanied"
    NO_REASON = "jury_no_reason"
    NOT_WAITING = "jury_not_waiting"
    OTHER_VERSION = "jury_other_version"
    SEALED_AFTER_SESSION = "jury_sealed_after_session"
    NOTES_TAKEN = "jury_notes_taken"
    NOT_PRESIDENT = "jury_not_president"
    OUT_OF_SCOPE = "jury_out_of_scope"
    BLOCK_HELD = "jury_block_held"
    ALREADY_CLOSED = "jury_already_closed"
    NOT_READY = "jury_not_ready"
    NOT_A_MEMBER = "jury_not_a_member"
    RECUSED = "jury_recused"
    NOT_RECUSED = "jury_not_recused"
    SESSION_OVER = "jury_session_over"
    NOT_DECLARED = "jury_not_declared"
    NOT_READ = "jury_not_read"
    NOT_DELIBERATING = "jury_not_deliberating"
    HOLDER_FIRST = "jury_holder_first"
    TIES_CONTRADICTED = "jury_ties_contradicted"
    STILL_OPEN = "jury_still_open"
    OTHER_SEATS = "jury_other_seats"
    SITE_UNKNOWN = "jury_site_unknown"
    SITE_FIXED = "jury_site_fixed"
    TOO_MANY_NOTES = "jury_too_many_notes"
    NOTE_GONE = "jury_note_gone"
