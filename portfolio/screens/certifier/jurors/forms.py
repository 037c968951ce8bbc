"""The card of a juror: the form of the body, and the shorter one of the person."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wtforms import BooleanField
from wtforms.validators import ValidationError

from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.rules.enums import TiesAnswer
from portfolio.domain.jury.rules.juror_card import ConflictKind, JurorCard
from portfolio.domain.jury.rules.juror_sheet import JUROR_HEADINGS, MAX_KM
from portfolio.screens.account.login.forms import EmailField
from portfolio.screens.respondent.juror_card import OWN, OwnCardForm, card_lists
from portfolio.web.forms import (
    FrenchDateField,
    IdempotentForm,
    MultiChoiceField,
    MultiLineField,
    SelectChoiceField,
    SingleLineField,
)
from portfolio.web.sheets import SheetForm
from portfolio.wording.jury import SEATS
from portfolio.wording.jury.pool import CONFLICTS


class JurorSheetForm(SheetForm):
    """A list of people to propose for juries."""

    headings = JUROR_HEADINGS
    links = BooleanField("Écrire à chaque personne le lien de sa fiche, pour ses liens et ses disponibilités")


class CardForm(OwnCardForm, IdempotentForm):
    """The whole card, as the body keeps it."""

    email = EmailField("Adresse électronique", missing="Donnez l’adresse de cette personne.")
    seats = MultiChoiceField("À quels sièges peut-on la nommer ?", Seat, choices=SEATS)
    qualified_for = MultiChoiceField("Certifications pour lesquelles la personne est qualifiée", UUID)
    is_director = BooleanField("C’est le directeur ou la directrice de l’établissement")
    delegated_from = FrenchDateField("Délégation à partir du")
    delegated_until = FrenchDateField("Jusqu’au")
    distance_km = SingleLineField("Distance jusqu’au lieu des jurys, en kilomètres", limit=10)

    def __init__(self, certifications: Sequence[tuple[UUID, str]], **more: Any) -> None:
        super().__init__(**more)
        self.qualified_for.choices = list(certifications)

    def validate_delegated_until(self, field: FrenchDateField) -> None:
        """A delegation begins before it ends."""
        if field.data and (not self.delegated_from.data or field.data < self.delegated_from.data):
            raise ValidationError("Donnez d’abord le premier jour de la délégation, avant ce jour-ci.")

    def validate_distance_km(self, field: SingleLineField) -> None:
        """A distance is a whole number of kilometres."""
        text = (field.data or "").strip()
        if text and not (text.isascii() and text.isdecimal() and int(text) <= MAX_KM):
            raise ValidationError("Écrivez un nombre entier de kilomètres, par exemple 45.")

    def value(self, email: str = "") -> JurorCard:
        """Return the card."""
        typed = self._values() | {name: self.data[name] for name in OF_THE_BODY}
        typed["seats"] = tuple(typed["seats"] or ())
        typed["qualified_for"] = frozenset(typed["qualified_for"] or ())
        distance = (self.distance_km.data or "").strip()
        return JurorCard(email=email or self.email.data or "", distance_km=int(distance) if distance else None, **typed)


class ConflictForm(IdempotentForm):
    """A candidate whom a juror cannot judge, and why."""

    candidate_id = SelectChoiceField("Candidat", UUID, missing="Choisissez un candidat.")
    kind = SelectChoiceField("Nature du lien avec ce candidat", ConflictKind, missing="Choisissez.", choices=CONFLICTS)

    def __init__(self, candidates: Sequence[tuple[UUID, str]], **more: Any) -> None:
        super().__init__(**more)
        self.candidate_id.choices = [("", "Choisissez"), *candidates]


class LiftForm(IdempotentForm):
    """Reason why a conflict that was found is no relation."""

    reason = MultiLineField(
        "Pourquoi ce n’est pas un lien", missing="Écrivez pourquoi : un contrôle peut vous le demander.", limit=2000
    )


OF_THE_BODY = ("seats", "qualified_for", "is_director", "delegated_from", "delegated_until")


def card_form(certifications: Sequence[tuple[UUID, str]], card: JurorCard | None = None, revision: int = 0) -> CardForm:
    """Open the body's form on a card, or empty."""
    if card is None:
        return CardForm(
            certifications, formdata=None, revision="0", attends_on_site=True, ties_answer=TiesAnswer.UNANSWERED
        )
    kept = {name: getattr(card, name) for name in (*OWN, *OF_THE_BODY)}
    kept |= {"email": card.email, "distance_km": "" if card.distance_km is None else str(card.distance_km)}
    return CardForm(certifications, formdata=None, revision=str(revision), **kept, **card_lists(card))
