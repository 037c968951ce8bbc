"""Signing the sworn statement."""

from __future__ import annotations

from wtforms import BooleanField
from wtforms.validators import DataRequired

from portfolio.web.forms import CreationForm


class SubmissionForm(CreationForm):
    """The one box that seals a dossier."""

    sworn = BooleanField(
        "J’ai lu cette déclaration et je la signe",
        validators=[DataRequired("Lisez la déclaration, puis cochez cette case pour la signer.")],
    )
