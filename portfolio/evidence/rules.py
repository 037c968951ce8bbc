"""The law of evidence: its kinds, and what a piece must say about itself (domain §6)."""

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
