"""Forms of the advisor about a competency, and what both say to each other."""

from datetime import datetime
from typing import Any

from wtforms import HiddenField

from portfolio.domain.dossier.rules.anchors import Anchor
from portfolio.domain.dossier.rules.assessment import Assessment, ReviewRefusal, needs_comment
from portfolio.domain.review.rules.messages import Frequency
from portfolio.screens.evidence_files.viewer import anchor_from_fields
from portfolio.web.forms import (
    Form,
    IdempotentForm,
    MultiChoiceField,
    MultiLineField,
    RadioChoiceField,
    SelectChoiceField,
    VersionedForm,
)
from portfolio.wording.anchors import ZONES
from portfolio.wording.review import MARKS, REFUSALS, RHYTHMS


class AssessmentForm(IdempotentForm):
    """The advisor's opinion on what they have before them: `basis` says what that was."""

    value = RadioChoiceField(
        "Ce que montre le dossier", Assessment, choices=MARKS, missing="Choisissez l’un des trois avis."
    )
    comment = MultiLineField(
        "Votre commentaire",
        description=(
            "La personne que vous accompagnez le lit, le jury jamais. Indispensable si la compétence n’est "
            "pas couverte."
        ),
    )
    basis = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the reason that is owed when the competency is not fully covered."""
        sound = super().validate(extra_validators)
        if self.value.data and needs_comment(self.value.data) and not self.comment.data and not self.comment.errors:
            self.comment.errors = [REFUSALS[ReviewRefusal.COMMENT_MISSING]({})]
            return False
        return sound


class ReadForm(Form):
    """That the conversation was read, up to the last words that the page showed."""

    until = HiddenField()

    @property
    def seen_until(self) -> datetime | None:
        """Return the moment of those words; what cannot be read as one is as if nothing had been shown."""
        try:
            moment = datetime.fromisoformat(self.until.data or "")
        except ValueError:
            return None
        return moment if moment.tzinfo else None


class MessageForm(IdempotentForm, ReadForm):
    """A message about one competency; who writes it has read what the page showed."""

    text = MultiLineField("Votre message", missing="Écrivez votre message avant de l’envoyer.")


class SeveralForm(IdempotentForm):
    """A message to several people at once."""

    people = MultiChoiceField("À qui", str, missing="Choisissez au moins une personne.")
    text = MultiLineField(
        "Votre message",
        missing="Écrivez votre message avant de l’envoyer.",
        description="Chaque personne le reçoit à son nom seul. Elle y répond comme à tout message.",
    )


class PlacedMessageForm(MessageForm):
    """A message about one competency, written beside a page of a piece."""

    zone = SelectChoiceField("Où, dans la page ?", str, choices=ZONES)
    page = HiddenField()
    region = HiddenField()
    quote = HiddenField()
    position = HiddenField()

    def anchor(self, version: int) -> Anchor | None:
        """Return the place that the message names in this version of the file; None when it names none."""
        fields = {name: str(self[name].data or "") for name in ("page", "region", "zone", "quote", "position")}
        return anchor_from_fields(version, **fields)


class EditMessageForm(VersionedForm):
    """A message that its author corrects."""

    text = MultiLineField("Votre message", missing="Écrivez votre message, ou retirez-le ci-dessous.")


class NoteForm(VersionedForm):
    """Note that the advisor notes for themselves."""

    revision = HiddenField(default="0")
    note = MultiLineField("Vos notes sur cette compétence")


class NotificationsForm(Form):
    """Frequency of letters about their conversations."""

    rhythm = RadioChoiceField(
        "Quand vous prévenir", Frequency, choices=RHYTHMS, missing="Choisissez l’une des trois réponses."
    )
