"""Forms of the retention pages."""

from typing import Any

from wtforms import StringField
from wtforms.validators import ValidationError

from portfolio.domain.retention.rules import MONTHS, NOTICE_DAYS, LegalGround, Periods
from portfolio.web.forms import Form, IdempotentForm, MultiLineField, RadioChoiceField, VersionedForm, pairs
from portfolio.wording.retention import ANSWERS

ACCEPT = "accept"


class HoldForm(IdempotentForm):
    """Reason why a dossier is kept from being erased."""

    reason = MultiLineField("Motif", missing="Écrivez le motif : il explique pourquoi le dossier reste.", limit=2000)


class EndHoldForm(Form):
    """Reason why a hold ends."""

    end_reason = MultiLineField(
        "Motif de la levée", missing="Écrivez pourquoi vous levez cette conservation.", limit=2000
    )


class AnswerForm(IdempotentForm):
    """Answer of the body to a request for erasure."""

    decision = RadioChoiceField("Votre réponse", str, missing="Choisissez une réponse.")
    answer = MultiLineField("Explication", limit=2000)

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.decision.choices = pairs(ANSWERS)

    @property
    def ground(self) -> LegalGround | None:
        """Return the ground of law by which the dossier is kept; None when its erasure is accepted."""
        return None if self.decision.data == ACCEPT else LegalGround(self.decision.data)

    def validate_decision(self, field: RadioChoiceField) -> None:
        """Refuse an answer that is not offered."""
        if field.data not in ANSWERS:
            raise ValidationError("Choisissez une réponse.")


class PeriodsForm(VersionedForm):
    """Period for which the body keeps each kind of data."""

    appeal_months = StringField("Délai de recours après la notification, en mois")
    drafts_months = StringField("Brouillons, preuves non déposées et échanges, en mois après la fin des recours")
    sealed_months = StringField("Dossier déposé, pièces et notes du jury, en mois après la fin des recours")
    inactive_months = StringField("Dossier abandonné, en mois après la dernière activité")
    notice_days = StringField("Délai de prévenance de la personne, en jours")

    def value(self) -> Periods:
        """Return the periods that were typed."""
        return Periods(**{name: int(self[name].data or "") for name in _BOUNDS})

    def validate(self, extra_validators: Any = None) -> bool:
        """Check that each period is a whole number within its bounds."""
        valid = super().validate(extra_validators)
        for name, bounds in _BOUNDS.items():
            text = (self[name].data or "").strip()
            if not (text.isdecimal() and len(text) < 5 and int(text) in bounds):
                self[name].errors = [f"Écrivez un nombre entier entre {bounds[0]} et {bounds[-1]}."]
                valid = False
            self[name].data = text
        return bool(valid)


_BOUNDS = {
    "appeal_months": range(1, 25),
    "drafts_months": MONTHS,
    "sealed_months": MONTHS,
    "inactive_months": MONTHS,
    "notice_days": NOTICE_DAYS,
}
