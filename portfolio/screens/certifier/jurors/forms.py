"""The card of a juror: the form of the body, and the shorter one of the person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wtforms import BooleanField, FieldList, FormField
from wtforms import Form as PlainForm
from wtforms.validators import ValidationError

from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.rules.composition import EXTERNAL_MONTHS
from portfolio.domain.jury.rules.enums import College, Gender, TiesAnswer
from portfolio.domain.jury.rules.juror_card import AvailabilityPeriod, ConflictKind, HalfDay, JurorCard
from portfolio.screens.account.login.forms import EmailField
from portfolio.screens.certifier.sessions.forms import TIES, TieForm
from portfolio.web.forms import (
    FrenchDateField,
    IdempotentForm,
    MultiChoiceField,
    MultiLineField,
    RadioChoiceField,
    SelectChoiceField,
    SingleLineField,
    VersionedForm,
)
from portfolio.wording.jury import COLLEGES, GENDERS, SEATS, ties_answers
from portfolio.wording.jury.labels import TIES_CONTRADICTED
from portfolio.wording.jury.pool import AVAILABILITIES, CONFLICTS, HALVES

PERIODS = 3
MAX_KM = 20_000


class PeriodForm(PlainForm):
    """Days during which a person is free, or is not; a line left empty says nothing."""

    first_day = FrenchDateField("Du")
    last_day = FrenchDateField("Au")
    half = SelectChoiceField("Moment", HalfDay, choices=[("", "Toute la journée"), *HALVES.items()])
    state = SelectChoiceField("Disponible ?", str, choices=AVAILABILITIES)

    @property
    def is_empty(self) -> bool:
        """Whether no day was typed on this line."""
        return not any(
            text.strip() for field in (self.first_day, self.last_day) for text in field.raw_data or []
        ) and not (self.first_day.data or self.last_day.data)

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the first day, and for days in their order; a single day needs no last one."""
        right: bool = super().validate(extra_validators)
        if self.is_empty or not right:
            return right
        if self.first_day.data is None:
            self.first_day.errors = ["Donnez le premier jour."]
        elif self.last_day.data and self.last_day.data < self.first_day.data:
            self.last_day.errors = ["Le dernier jour est avant le premier. Corrigez l’une des deux dates."]
        return not self.errors

    def value(self) -> AvailabilityPeriod:
        """Return the period."""
        first: Any = self.first_day.data
        return AvailabilityPeriod(
            first, self.last_day.data or first, self.half.data or None, self.state.data != "busy"
        )


class OwnCardForm(VersionedForm):
    """What a person says of themselves."""

    name = SingleLineField("Prénom et nom", missing="Donnez le prénom et le nom.")
    quality = SingleLineField("Fonction", limit=300)
    profession = SingleLineField("Métier", limit=200)
    employer = SingleLineField("Employeur", limit=300)
    phone = SingleLineField("Téléphone", limit=40)
    college = RadioChoiceField("Qui la personne représente-t-elle ?", College, choices=COLLEGES)
    gender = RadioChoiceField("La personne est…", Gender, choices=GENDERS)
    in_activity = BooleanField("En activité professionnelle")
    is_professional = BooleanField("Exerce un métier visé par une certification")
    attends_on_site = BooleanField("Peut venir sur place")
    attends_by_video = BooleanField("Peut siéger en visioconférence")
    ties_answer = RadioChoiceField(
        "Liens avec l’organisme", TiesAnswer, choices=ties_answers(EXTERNAL_MONTHS)
    )
    ties = FieldList(FormField(TieForm), min_entries=TIES, max_entries=20)
    periods = FieldList(FormField(PeriodForm), min_entries=PERIODS, max_entries=60)

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse an answer about ties that contradicts the lines below it; what was typed stays."""
        right: bool = super().validate(extra_validators)
        listed = any(not entry.form.is_empty for entry in self.ties)
        answer = self.ties_answer.data
        if (answer is TiesAnswer.NONE and listed) or (answer is TiesAnswer.LISTED and not listed):
            self.ties_answer.errors = [TIES_CONTRADICTED]
            return False
        return right

    def _values(self) -> dict[str, Any]:
        typed: dict[str, Any] = {name: self.data[name] for name in OWN}
        typed["college"] = typed["college"] or College.NONE
        typed["gender"] = typed["gender"] or Gender.UNSAID
        typed["ties_answer"] = typed["ties_answer"] or TiesAnswer.UNANSWERED
        typed["ties"] = tuple(entry.form.value() for entry in self.ties if not entry.form.is_empty)
        typed["periods"] = tuple(entry.form.value() for entry in self.periods if not entry.form.is_empty)
        return typed

    def value(self, email: str) -> JurorCard:
        """Return what the person says; the address is that of the card."""
        return JurorCard(email=email, **self._values())


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
        return JurorCard(
            email=email or self.email.data or "", distance_km=int(distance) if distance else None, **typed
        )


class ConflictForm(IdempotentForm):
    """A candidate whom a juror cannot judge, and why."""

    candidate_id = SelectChoiceField("Candidat", UUID, missing="Choisissez un candidat.")
    kind = SelectChoiceField(
        "Nature du lien avec ce candidat", ConflictKind, missing="Choisissez.", choices=CONFLICTS
    )

    def __init__(self, candidates: Sequence[tuple[UUID, str]], **more: Any) -> None:
        super().__init__(**more)
        self.candidate_id.choices = [("", "Choisissez"), *candidates]


class LiftForm(IdempotentForm):
    """Why a conflict that was found is no relation."""

    reason = MultiLineField(
        "Pourquoi ce n’est pas un lien",
        missing="Écrivez pourquoi : un contrôle peut vous le demander.",
        limit=2000,
    )


OWN = (
    "name",
    "quality",
    "profession",
    "employer",
    "phone",
    "college",
    "gender",
    "in_activity",
    "is_professional",
    "attends_on_site",
    "attends_by_video",
    "ties_answer",
)
OF_THE_BODY = ("seats", "qualified_for", "is_director", "delegated_from", "delegated_until")


def _lists(card: JurorCard) -> dict[str, Any]:
    ties = [
        {name: getattr(tie, name) for name in ("kind", "with_whom", "organisation", "ended_on")}
        for tie in card.ties
    ]
    periods = [
        {
            "first_day": period.first_day,
            "last_day": period.last_day,
            "half": period.half,
            "state": "free" if period.is_available else "busy",
        }
        for period in card.periods
    ]
    return {"ties": [*ties, {}], "periods": [*periods, {}]}


def own_card_form(card: JurorCard, revision: int) -> OwnCardForm:
    """Open the person's form on their card."""
    return OwnCardForm(
        formdata=None, revision=str(revision), **{name: getattr(card, name) for name in OWN}, **_lists(card)
    )


def card_form(
    certifications: Sequence[tuple[UUID, str]], card: JurorCard | None = None, revision: int = 0
) -> CardForm:
    """Open the body's form on a card, or empty."""
    if card is None:
        return CardForm(
            certifications,
            formdata=None,
            revision="0",
            attends_on_site=True,
            ties_answer=TiesAnswer.UNANSWERED,
        )
    kept = {name: getattr(card, name) for name in (*OWN, *OF_THE_BODY)}
    kept |= {"email": card.email, "distance_km": "" if card.distance_km is None else str(card.distance_km)}
    return CardForm(certifications, formdata=None, revision=str(revision), **kept, **_lists(card))
