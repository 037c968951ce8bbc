"""Marc Lefort: invited, nothing written yet."""

from datetime import date

from portfolio.domain.candidacy.rules.opening import PersonInput

WHO = PersonInput("marc.lefort@exemple.fr", "Marc Lefort")
ADMISSIBLE_ON = date(2022, 1, 4)
