"""Refusal codes of a submission, and of opening the next draft."""

from __future__ import annotations

from enum import StrEnum


class SubmissionKind(StrEnum):
    """What a submission seals beside a livret 2, which has no kind."""

    ASSESSMENT_RECORD = "assessment_record"


class SubmissionRefusal(StrEnum):
    """Why a dossier is not sealed, or a draft not opened again."""

    STATEMENT_NOT_SIGNED = "statement_not_signed"
    NOT_READY = "dossier_not_ready"
    MASKING = "masking_not_applied"
    NOT_SCANNED = "file_not_scanned"
    LAPSED = "admissibility_lapsed"
    BLOCK_HELD = "block_held_already"
    BLOCK_SUSPENDED = "block_suspended"
    SCOPE_CHANGED = "scope_changed"
    BEFORE_A_JURY = "blocks_before_a_jury"
    NEVER_SUBMITTED = "never_submitted"
    NOT_DECIDED = "submission_not_decided"
    NOT_NOTIFIED = "submission_not_notified"
    NOTHING_LEFT = "no_block_left"
    ONLY_SUSPENDED_LEFT = "only_suspended_left"
    NOT_RETURNABLE = "dossier_not_returnable"
    RETURNED_ALREADY = "dossier_returned_already"
    JURY_HAS_BEGUN = "returned_jury_has_begun"
    DUE_DAY_PASSED = "return_day_passed"
    DUE_DAY_AFTER_JURY = "return_day_after_jury"
    NOT_RETURNED = "dossier_not_returned"
    REQUEST_GONE = "return_request_gone"
