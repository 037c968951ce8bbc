"""The identity that certificates print, as the certifier puts it right."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import HiddenField

from portfolio.domain.holdings.rules.status_changes import Identity
from portfolio.screens.certifier.candidacies.forms import BirthForm
from portfolio.screens.certifier.certificates.proof_forms import ProofForm
from portfolio.web.forms import FrenchDateField, MultiLineField, SingleLineField


class IdentityForm(BirthForm, ProofForm):
    """The name and the birth to print from now on, why, and since when (R12)."""

    step = HiddenField(default="look")
    holder = SingleLineField("Nom imprimé", missing="Écrivez le nom à imprimer.")
    reason = MultiLineField(
        "Motif", missing="Dites ce qui était mal écrit, et sur quelle pièce vous l’avez vérifié.", limit=5000
    )
    decided_on = FrenchDateField("Date de la décision", missing="Donnez la date de la décision.")

    def __init__(self, today: date, identity: Identity | None = None, **more: Any) -> None:
        super().__init__(today, identity.birth if identity else None, **more)
        if identity is not None and not self.is_submitted():
            self.holder.data = identity.holder

    def identity(self) -> Identity:
        """Who the certificates will say the holder is."""
        return Identity(self.holder.data or "", self.value())
