"""The partner that a candidacy comes through, among those found by a search."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from portfolio.web.forms import IdempotentForm, RadioChoiceField


class CandidacyPartnerForm(IdempotentForm):
    """One of the partners found, or none."""

    partner_id = RadioChoiceField("Partenaire", UUID)

    def __init__(self, partners: Iterable[tuple[UUID, str]], **more: Any) -> None:
        super().__init__(**more)
        self.partner_id.choices = [
            ("", "Aucun : la candidature vient directement à votre organisme"),
            *partners,
        ]
