"""Refusal codes of signing and sending."""

from __future__ import annotations

from enum import StrEnum


class DocumentRefusal(StrEnum):
    """Why a document is not signed, or a notification does not leave."""

    NO_SIGNATORY = "paper_no_signatory"
    NOT_SIGNATORY = "paper_not_signatory"
    FOREIGN_SIGNATORY = "paper_foreign_signatory"
    NO_REMEDIES = "paper_no_remedies"
    NOT_DECIDED = "paper_not_decided"
    ALREADY_NOTIFIED = "paper_already_notified"
    INCOMPLETE = "paper_incomplete"
