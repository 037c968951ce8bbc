"""The recorded site of a session."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from portfolio.web.forms import IdempotentForm, SelectChoiceField


class SessionSiteForm(IdempotentForm):
    """One of the sites of the body, or none."""

    site_id = SelectChoiceField("Lieu enregistré", UUID)

    def __init__(self, sites: Iterable[tuple[str, str]], **more: Any) -> None:
        super().__init__(**more)
        self.site_id.choices = [("", "Aucun lieu enregistré"), *sites]
