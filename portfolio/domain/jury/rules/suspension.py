"""A deliberation that was suspended, and the day on which it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Suspension:
    """Since when a deliberation is suspended, when it resumes if that is known, and for which day of
    resumption letters were last written.
    """

    since: datetime
    resumes_on: date | None
    written_for: date | None = None

    @property
    def is_to_write(self) -> bool:
        """Return whether nobody was written the day of the resumption."""
        return self.resumes_on is not None and self.resumes_on != self.written_for
