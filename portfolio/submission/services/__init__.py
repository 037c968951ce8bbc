"""Sealing a dossier, reading what was sealed, checking that it still is what it was."""

from portfolio.submission.models import SealedFile
from portfolio.submission.services.checking import Difference, verify
from portfolio.submission.services.reading import (
    ChecklistPage,
    ReceiptPage,
    checklist_page,
    last_submission_id,
    manifest_of,
    receipt_page,
    sealed,
    sealed_file,
)
from portfolio.submission.services.submitting import reopen, submit

__all__ = [
    "ChecklistPage",
    "Difference",
    "ReceiptPage",
    "SealedFile",
    "checklist_page",
    "last_submission_id",
    "manifest_of",
    "receipt_page",
    "reopen",
    "sealed",
    "sealed_file",
    "submit",
    "verify",
]
