"""Partners and sites, as a certifier types them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

from wtforms import BooleanField, HiddenField
from wtforms.validators import ValidationError

from portfolio.domain.certification.rules.entry import Habilitation, HabilitationState
from portfolio.web.forms import Form, FrenchDateField, IdempotentForm, RadioChoiceField, SingleLineField
from portfolio.wording.certification import HABILITATION_NAMES, HABILITATION_STATES


class PartnerSearchForm(Form):
    """A part of a name, or of a SIRET. It only reads: no token is needed."""

    class Meta(Form.Meta):
        """A form that is sent by GET."""

        csrf = False

    partenaire = SingleLineField("Nom ou SIRET du partenaire")


class PartnerForm(IdempotentForm):
    """A partner and the days of its habilitation."""

    revision = HiddenField(default="0")
    name = SingleLineField("Nom du partenaire", missing="Donnez le nom du partenaire.", limit=300)
    siret = SingleLineField("SIRET", limit=20)
    habilitation = RadioChoiceField("Ce que le partenaire peut faire", Habilitation)
    state = RadioChoiceField("État de l’habilitation", HabilitationState)
    starts_on = FrenchDateField("Début de l’habilitation")
    ends_on = FrenchDateField("Dernier jour de l’habilitation")

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.habilitation.choices = [
            (habilitation, name.capitalize()) for habilitation, name in HABILITATION_NAMES.items()
        ]
        self.state.choices = [(state, name.capitalize()) for state, name in HABILITATION_STATES.items()]

    def validate_siret(self, field: SingleLineField) -> None:
        """A SIRET has fourteen digits."""
        field.data = "".join((field.data or "").split())
        if field.data and not re.fullmatch(r"[0-9]{14}", field.data):
            raise ValidationError("Un SIRET a 14 chiffres. Vérifiez-le, ou laissez ce champ vide.")

    def validate_ends_on(self, field: FrenchDateField) -> None:
        """The last day comes after the first one."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError("L’habilitation finit avant de commencer. Corrigez une des deux dates.")

    @property
    def seen_revision(self) -> int:
        """Return the revision that the author had before them; an unreadable one counts as none."""
        data = self.revision.data or ""
        return int(data) if data.isdecimal() and len(data) < 10 else 0

    @property
    def days(self) -> tuple[date | None, date | None]:
        """Return the first and the last day."""
        return self.starts_on.data, self.ends_on.data


class SiteForm(IdempotentForm):
    """A place where juries meet."""

    revision = HiddenField(default="0")
    name = SingleLineField("Nom du lieu", missing="Donnez un nom à ce lieu, par exemple la ville.", limit=200)
    address = SingleLineField("Adresse", limit=300)
    is_retired = BooleanField("Ne plus proposer ce lieu pour de nouvelles sessions")

    @property
    def seen_revision(self) -> int:
        """Return the revision that the author had before them; an unreadable one counts as none."""
        data = self.revision.data or ""
        return int(data) if data.isdecimal() and len(data) < 10 else 0


class NewSiteForm(SiteForm):
    """A new place, of the certifier or of the partner from whose page the form was opened."""

    partner_id = HiddenField()

    @property
    def partner(self) -> UUID | None:
        """Return the partner whose place it is; an unreadable identity is none."""
        try:
            return UUID(self.partner_id.data or "")
        except ValueError:
            return None
