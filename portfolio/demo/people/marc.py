"""Marc Lefort: invited, nothing written yet."""

from __future__ import annotations

from datetime import date

from portfolio.candidacy.rules import Someone

WHO = Someone("marc.lefort@exemple.fr", "Marc Lefort")
ADMISSIBLE_ON = date(2022, 1, 4)
