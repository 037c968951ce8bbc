"""What the advisor says of a competency, and what both say to each other."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField

from portfolio.review.rules import MarkValue, ReviewRefusal, needs_comment
from portfolio.review.wording import MARKS, REFUSALS
from portfolio.web.forms import CreationForm, OneOfField, ProseField


class MarkForm(CreationForm):
    """The advisor's opinion on what they have before them: `basis` says what that was."""

    value = OneOfField("Ce que montre le dossier", MarkValue, choices=MARKS, missing="Choisissez l’un des trois avis.")
    comment = ProseField(
        "Votre commentaire",
        description="La personne que vous accompagnez le lit, le jury jamais. Indispensable si la compétence n’est pas couverte.",
    )
    basis = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the reason that is owed when the competency is not fully covered."""
        sound = super().validate(extra_validators)
        if self.value.data and needs_comment(self.value.data) and not self.comment.data and not self.comment.errors:
            self.comment.errors = [REFUSALS[ReviewRefusal.COMMENT_MISSING]({})]
            return False
        return sound


class RemarkForm(CreationForm):
    """A message about one competency."""

    text = ProseField("Votre message", missing="Écrivez votre message avant de l’envoyer.")
