"""What a certifier enters of an adversarial stage, of a confirmation, and of an appeal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_wtf.file import FileField
from wtforms import BooleanField

from portfolio.domain.holdings.rules.contests import (
    AppealGrant,
    AppealInput,
    AppealKind,
    AppealOutcome,
    InvitationInput,
    ObservationInput,
    ObservationManner,
)
from portfolio.screens.certifier.certificates.proof_forms import ACCEPTED
from portfolio.screens.certifier.notifications.forms import PasswordConfirmForm
from portfolio.web.forms import (
    FrenchDateField,
    IdempotentForm,
    MultiChoiceField,
    MultiLineField,
    RadioChoiceField,
    pairs,
)
from portfolio.wording.holdings.contests import APPEAL_KINDS, MANNERS, OUTCOMES


class InvitationForm(IdempotentForm):
    """The facts on which a person is invited to explain themselves, and until when."""

    facts = MultiLineField(
        "Les faits reprochés", missing="Écrivez les faits : la personne les lira.", limit=5000
    )
    invited_on = FrenchDateField("Invitation envoyée le", missing="Donnez la date de l’invitation.")
    answer_by = FrenchDateField("Réponse possible jusqu’au", missing="Donnez le dernier jour pour répondre.")

    def to_value(self) -> InvitationInput:
        """Return the invitation."""
        typed: dict[str, Any] = self.data
        return InvitationInput(typed["facts"], typed["invited_on"], typed["answer_by"])


class ObservationForm(IdempotentForm):
    """How the person answered."""

    manner = RadioChoiceField(
        "Réponse", ObservationManner, missing="Choisissez comment la personne a répondu.", choices=MANNERS
    )
    given_on = FrenchDateField("Le", missing="Donnez la date.")
    text = MultiLineField("Ce que la personne a dit ou écrit", limit=10000)
    proof = FileField("Le document, s’il y en a un", render_kw={"accept": ACCEPTED})

    def to_value(self) -> ObservationInput:
        """Return the observation."""
        typed: dict[str, Any] = self.data
        return ObservationInput(typed["manner"], typed["given_on"], typed["text"] or "")


class SecondMemberForm(PasswordConfirmForm):
    """The second member signs with their password."""


class AppealForm(IdempotentForm):
    """An appeal as it was received."""

    kind = RadioChoiceField("Recours", AppealKind, missing="Choisissez le recours.", choices=APPEAL_KINDS)
    filed_on = FrenchDateField("Formé le", missing="Donnez la date qui figure sur le recours.")
    received_on = FrenchDateField(
        "Reçu le", missing="Donnez la date de réception : le délai de réponse en part."
    )
    blocks = MultiChoiceField("Blocs dont la décision est contestée", UUID)
    grounds = MultiLineField(
        "Ce que la personne conteste", missing="Écrivez ce que la personne conteste.", limit=10000
    )
    proof = FileField("Le recours reçu, s’il est écrit", render_kw={"accept": ACCEPTED})

    def __init__(self, decided: Sequence[tuple[UUID, int, str]], **more: Any) -> None:
        super().__init__(**more)
        self.blocks.choices = _named(decided)

    def to_value(self) -> AppealInput:
        """Return the appeal."""
        typed: dict[str, Any] = self.data
        days = (typed["filed_on"], typed["received_on"])
        return AppealInput(typed["kind"], *days, typed["grounds"], frozenset(typed["blocks"] or ()))


def _named(decided: Sequence[tuple[UUID, int, str]]) -> Any:
    return pairs((block_id, f"Bloc {number} : {title}") for block_id, number, title in decided)


class AppealAnswerForm(PasswordConfirmForm):
    """Record how an appeal ended; granted, it waits for a second member."""

    outcome = RadioChoiceField("Réponse", AppealOutcome, missing="Choisissez la réponse.", choices=OUTCOMES)
    answered_on = FrenchDateField("Le", missing="Donnez la date de la réponse.")
    text = MultiLineField("Motif de la réponse", missing="Écrivez le motif de la réponse.", limit=10000)
    annulled = MultiChoiceField("S’il est accueilli : blocs dont la décision est annulée", UUID)
    bias = BooleanField("Le motif est la partialité d’un membre du jury")

    def __init__(self, contested: Sequence[tuple[UUID, int, str]], **more: Any) -> None:
        super().__init__(**more)
        self.annulled.choices = _named(contested)

    def to_grant(self) -> AppealGrant:
        """Return what granting the appeal would annul."""
        typed: dict[str, Any] = self.data
        chosen = frozenset(typed["annulled"] or ())
        return AppealGrant(typed["answered_on"], typed["text"], chosen, bias=bool(typed["bias"]))
