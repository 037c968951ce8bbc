"""The form that returns a sealed dossier for completion, and the one that gives another day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from portfolio.domain.submission.rules.returns import (
    MAX_REQUEST_CHARS,
    MAX_REQUESTS,
    RequestInput,
    ReturnInput,
    requests_of,
)
from portfolio.web.forms import FrenchDateField, IdempotentForm, MultiLineField


class ReturnForm(IdempotentForm):
    """What is asked, why, and by which day."""

    requests = MultiLineField(
        "Ce qui est demandé, un point par ligne",
        missing="Écrivez au moins un point : la personne le verra dans sa liste.",
        limit=8000,
    )
    reason = MultiLineField("Motif", missing="Écrivez le motif : la personne le lira.", limit=2000)
    due_on = FrenchDateField(
        "À compléter au plus tard le", missing="Donnez la date avant laquelle compléter le dossier."
    )

    def __init__(self, competencies: Mapping[str, UUID], **more: Any) -> None:
        super().__init__(**more)
        self._competencies = competencies

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, then the number and the length of what is asked."""
        valid = super().validate(extra_validators)
        asked = self._asked()
        if len(asked) > MAX_REQUESTS:
            self.requests.errors = [
                f"Demandez {MAX_REQUESTS} points au plus, un par ligne. Il y en a {len(asked)}."
            ]
        elif any(len(request.text) > MAX_REQUEST_CHARS for request in asked):
            self.requests.errors = [
                f"Un point fait {MAX_REQUEST_CHARS} caractères au plus. Raccourcissez le plus long."
            ]
        return valid and not self.requests.errors

    def _asked(self) -> tuple[RequestInput, ...]:
        return requests_of(self.requests.data or "", self._competencies)

    def value(self) -> ReturnInput:
        """What is asked."""
        assert self.due_on.data is not None
        return ReturnInput(self.reason.data or "", self.due_on.data, self._asked())


class ReturnDayForm(IdempotentForm):
    """Another day for what is asked."""

    due_on = FrenchDateField("Nouvelle date", missing="Donnez la nouvelle date.")
