"""The editions of a dossier: what is made of it, in which state, and when a failed attempt is tried again
[design].
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

# Longer than a worker may be silent: it writes its progress every half second.
LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 3
RETRY_AFTER = timedelta(seconds=30)


class EditionKind(StrEnum):
    """What is made of a dossier."""

    READING = "reading"
    ARCHIVAL = "archival"
    BOOKLET = "booklet"
    ZIP = "zip"
    FRANCE_VAE = "francevae"
    # The reading edition of a dossier that is not sealed.
    DRAFT = "draft"
    # The texts of a dossier, sealed or not, in the DOCX template of the certifier.
    WORD = "word"


class EditionState(StrEnum):
    """How far an edition is."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (EditionState.WAITING, EditionState.MAKING)


class EditionRefusal(StrEnum):
    """Why no edition is made."""

    NO_BOOK = "edition_no_book"
    NOT_READY = "edition_not_ready"
    NO_TEMPLATE = "edition_no_template"


def next_attempt(attempts: int, at: datetime) -> datetime | None:
    """Return when an edition that failed so many times is tried again; None when it is given up."""
    return None if attempts >= MAX_ATTEMPTS else at + RETRY_AFTER * attempts


class ImportRefusal(StrEnum):
    """Why an archive does not become a dossier here."""

    HERE_ALREADY = "import_here_already"
    OTHER_CERTIFICATION = "import_other_certification"
    NOT_AN_ARCHIVE = "import_not_an_archive"
    FILE_CHANGED = "import_file_changed"
