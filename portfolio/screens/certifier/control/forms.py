"""The period of a control pack."""

from __future__ import annotations

from typing import Any

from portfolio.web.forms import Form, FrenchDateField


class PeriodForm(Form):
    """Two days, both included; sent by GET."""

    since = FrenchDateField("Du", missing="Donnez le premier jour.")
    until = FrenchDateField("Au", missing="Donnez le dernier jour.")

    def validate(self, extra_validators: Any = None) -> bool:
        """The first day comes first."""
        valid: bool = super().validate(extra_validators)
        if valid and self.since.data and self.until.data and self.since.data > self.until.data:
            self.until.errors = ["Le dernier jour vient avant le premier. Corrigez une des deux dates."]
            return False
        return valid
