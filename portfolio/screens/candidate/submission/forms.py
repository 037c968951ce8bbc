"""Signing the sworn statement."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField
from wtforms.validators import DataRequired

from portfolio.web.forms import FrenchDateField, IdempotentForm


class SubmissionForm(IdempotentForm):
    """The one box that seals a dossier, and the blocks that the screen said would be sealed."""

    sworn = BooleanField(
        "J’ai lu cette déclaration et je la signe",
        validators=[DataRequired("Lisez la déclaration, puis cochez cette case pour la signer.")],
    )
    blocks = HiddenField()

    @property
    def seen(self) -> frozenset[int]:
        """The numbers of those blocks; what cannot be read is no block."""
        return frozenset(
            int(number)
            for number in (self.blocks.data or "").split()
            if number.isascii() and number.isdecimal()
        )


class TickForm(IdempotentForm):
    """Whether one thing that is asked is done; empty for one that is to do again."""

    done = HiddenField()


class PostponeForm(IdempotentForm):
    """Whether a block is kept for a later deposit; empty for one that is presented."""

    postponed = HiddenField()


class MeetingForm(IdempotentForm):
    """The day of the advisor's meeting after the jury."""

    held_on = FrenchDateField("Jour de l’entretien", missing="Donnez le jour de l’entretien.")
