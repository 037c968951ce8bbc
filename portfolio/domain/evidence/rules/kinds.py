"""Kinds of evidence, and the closed answers of a description (domain §6)."""

from __future__ import annotations

from enum import StrEnum


class EvidenceKind(StrEnum):
    """What a piece of evidence is."""

    EMPLOYER_ATTESTATION = "employer_attestation"
    THIRD_PARTY_ATTESTATION = "third_party_attestation"
    DELIVERABLE = "deliverable"
    REPORT = "report"
    PLAN = "plan"
    BUDGET = "budget"
    DASHBOARD = "dashboard"
    SCREENSHOT = "screenshot"
    PHOTO = "photo"
    RECORDING = "recording"
    EMAIL = "email"
    MEETING_MINUTES = "meeting_minutes"
    CONTRACT = "contract"
    PUBLISHED_CONTENT = "published_content"
    WEB_ADDRESS = "web_address"
    TRAINING_CERTIFICATE = "training_certificate"
    PRIOR_CERTIFICATE = "prior_certificate"


class Authorship(StrEnum):
    """Whose work the piece is."""

    MINE = "mine"
    SHARED = "shared"
    OTHER = "other"


class Confidentiality(StrEnum):
    """How far the piece may be shown."""

    OPEN = "open"
    RESTRICTED = "restricted"


class Anonymity(StrEnum):
    """Whether third parties named in the piece were made anonymous."""

    DONE = "done"
    NOT_NEEDED = "not_needed"
    NOT_YET = "not_yet"


def proposed_kind(mime: str, *, is_taken: bool) -> EvidenceKind | None:
    """Return what a file most often is, by its type; None when its type does not tell.

    `is_taken`: a camera wrote the day into the picture, so that it is no screenshot.
    """
    family = mime.partition("/")[0]
    if family in ("audio", "video"):
        return EvidenceKind.RECORDING
    if mime in ("message/rfc822", "application/vnd.ms-outlook"):
        return EvidenceKind.EMAIL
    if family == "image":
        return EvidenceKind.SCREENSHOT if mime == "image/png" and not is_taken else EvidenceKind.PHOTO
    return None


# Delivered by a body, whatever the person did in a post: neither a role nor an experience is asked of them.
CERTIFICATES = frozenset({EvidenceKind.TRAINING_CERTIFICATE, EvidenceKind.PRIOR_CERTIFICATE})
# Written by someone else by their very nature.
ATTESTATIONS = frozenset({EvidenceKind.EMPLOYER_ATTESTATION, EvidenceKind.THIRD_PARTY_ATTESTATION})
# They show something but say little: a sentence must say what to look at.
SILENT = frozenset({EvidenceKind.PHOTO, EvidenceKind.SCREENSHOT, EvidenceKind.DASHBOARD})
