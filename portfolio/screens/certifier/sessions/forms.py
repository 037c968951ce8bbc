"""Planning a session, naming a member, putting a dossier on a list."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask_wtf.file import FileField
from wtforms import BooleanField, FieldList, FormField
from wtforms.validators import ValidationError

from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.juries import NO_TERMS
from portfolio.domain.certification.rules.jury_rule import Seat, SeatTerms
from portfolio.domain.jury.rules.composition import EXTERNAL_MONTHS
from portfolio.domain.jury.rules.enums import College, Gender, TiesAnswer
from portfolio.domain.jury.rules.juror_card import MemberInput, Planning
from portfolio.files.file_types.types import SCAN_ACCEPT_ATTRIBUTE
from portfolio.screens.account.login.forms import EmailField
from portfolio.screens.respondent.juror_card import TIES, TieForm
from portfolio.web.forms import (
    FrenchDateField,
    IdempotentForm,
    MultiChoiceField,
    MultiLineField,
    RadioChoiceField,
    SelectChoiceField,
    SingleLineField,
    VersionedForm,
    pairs,
)
from portfolio.wording.certification import ROUTE_NAMES
from portfolio.wording.jury import COLLEGES, GENDERS, ties_answers
from portfolio.wording.jury.labels import TIES_CONTRADICTED


class PlanForm(IdempotentForm):
    """The day and the place of a session, and what it certifies."""

    version_id = SelectChoiceField("Certification", UUID, missing="Choisissez la certification.")
    held_on = FrenchDateField("Date de la session", missing="Donnez la date à laquelle le jury se réunit.")
    route = SelectChoiceField("Voie d’accès", Route, choices=ROUTE_NAMES)
    site_id = SelectChoiceField("Lieu enregistré", UUID)
    place = SingleLineField("Lieu", limit=300)
    same_hours = BooleanField("Mêmes heures", default=True)

    def __init__(
        self, versions: Sequence[Any], today: date, sites: Sequence[tuple[str, str]] = (), hours: str = "", **more: Any
    ) -> None:
        super().__init__(**more)
        self._today = today
        self._sites = dict(sites)
        self.offers_hours = bool(hours)
        self.same_hours.label.text = hours or "Mêmes heures"
        self.site_id.choices = [("", "Aucun lieu enregistré"), *sites]
        self.version_id.choices = [(version.id, version.label) for version in versions]
        if len(versions) == 1 and not self.is_submitted():
            self.version_id.data = versions[0].id
        if not self.is_submitted():
            self.route.data = Route.VAE

    def validate_held_on(self, field: FrenchDateField) -> None:
        """A jury meets today or later: no dossier sealed now could be heard by a past one."""
        if field.data and field.data < self._today:
            raise ValidationError("Cette date est passée. Choisissez aujourd’hui ou un jour à venir.")

    def validate(self, extra_validators: Any = None) -> bool:
        """A session is held somewhere: at a recorded site, whose name is then the place, or at the place typed."""
        valid: bool = super().validate(extra_validators)
        if not self.place.data and self.site_id.data:
            self.place.data = self._sites.get(str(self.site_id.data), "")[:300]
        if not self.place.data and not self.place.errors:
            self.place.errors = ["Dites où le jury se réunit, par exemple une ville ou « à distance »."]
        return valid and not self.errors

    def value(self, external_months: int) -> Planning:
        """Return what was decided."""
        typed: dict[str, Any] = self.data
        return Planning(
            typed["version_id"],
            typed["held_on"],
            typed["place"],
            external_months,
            typed["route"] or None,
            typed["site_id"],
        )


class EndingForm(IdempotentForm):
    """The reason that an act asks when it ends the sittings under way."""

    reason = MultiLineField("Pourquoi la séance commencée s’arrête", limit=2000)


class RemovalForm(IdempotentForm):
    """The reason for which a member is taken off a jury that has begun; the naming on the same page has its own."""

    removal_reason = MultiLineField("Pourquoi la séance commencée s’arrête", limit=2000)


class MemberForm(IdempotentForm, VersionedForm):
    """Person who sits in a seat, and what is declared of them."""

    reason = MultiLineField("Pourquoi la séance commencée s’arrête", limit=2000)
    name = SingleLineField("Prénom et nom", missing="Donnez le nom de la personne.")
    email = EmailField("Adresse électronique", missing="Donnez l’adresse de cette personne.")
    quality = SingleLineField(
        "Qualité", missing="Dites à quel titre la personne siège, par exemple sa fonction.", limit=300
    )
    college = RadioChoiceField(
        "Qui la personne représente-t-elle ?",
        College,
        missing="Choisissez qui la personne représente.",
        choices=COLLEGES,
    )
    gender = RadioChoiceField("La personne est…", Gender, choices=GENDERS)
    appointed_by = SingleLineField("Qui a désigné la personne ?", limit=300)
    appointed_on = FrenchDateField("Désignée le")
    appointed_by_director = BooleanField("L’acte est signé par la direction de l’établissement")
    appointment = FileField("L’acte de nomination, signé", render_kw={"accept": SCAN_ACCEPT_ATTRIBUTE})
    in_activity = BooleanField("En activité professionnelle à la date de la session")
    qualified = BooleanField("Qualifiée pour la certification visée")
    is_professional = BooleanField("Exerce un métier visé par la certification")
    trade = SingleLineField("Quel métier ?", limit=200)
    quality_basis = SingleLineField("Ce qui le montre", limit=500)
    meets_seat = BooleanField("La personne a la qualité que ce siège demande")
    is_director = BooleanField("C’est le directeur ou la directrice de l’établissement")
    delegated_from = FrenchDateField("Délégation à partir du")
    delegated_until = FrenchDateField("Jusqu’au")
    ties_answer = RadioChoiceField("Liens avec l’organisme", TiesAnswer, choices=ties_answers(EXTERNAL_MONTHS))
    ties = FieldList(FormField(TieForm), min_entries=TIES, max_entries=20)

    def validate_delegated_until(self, field: FrenchDateField) -> None:
        """A delegation begins before it ends."""
        if field.data and not self.delegated_from.data:
            raise ValidationError("Donnez aussi le premier jour de la délégation.")
        if field.data and self.delegated_from.data and field.data < self.delegated_from.data:
            raise ValidationError("La délégation se termine avant d’avoir commencé : corrigez l’une des deux dates.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse an answer about ties that contradicts the lines below it; what was typed stays."""
        right: bool = super().validate(extra_validators)
        listed = any(not entry.form.is_empty for entry in self.ties)
        answer = self.ties_answer.data
        if (answer is TiesAnswer.NONE and listed) or (answer is TiesAnswer.LISTED and not listed):
            self.ties_answer.errors = [TIES_CONTRADICTED]
            return False
        return right

    @property
    def act(self) -> Any:
        """Return the document of the appointment, when one was chosen."""
        file: Any = self.appointment.data
        return file if file and file.filename else None

    def value(self, seat: Seat, rank: int = 0, place: int = 1) -> MemberInput:
        """Return who is named, and what is declared of them."""
        ties = tuple(entry.form.value() for entry in self.ties if not entry.form.is_empty)
        typed: dict[str, Any] = {name: self.data[name] for name in _DECLARED}
        typed["gender"] = typed["gender"] or Gender.UNSAID
        typed["ties_answer"] = typed["ties_answer"] or TiesAnswer.UNANSWERED
        return MemberInput(seat=seat, rank=rank, ties=ties, seen=self.seen_revision, place=place, **typed)


_DECLARED = (
    "email",
    "name",
    "quality",
    "college",
    "gender",
    "appointed_by",
    "appointed_on",
    "appointed_by_director",
    "quality_basis",
    "in_activity",
    "is_director",
    "delegated_from",
    "delegated_until",
    "qualified",
    "is_professional",
    "trade",
    "meets_seat",
    "ties_answer",
)


def member_form(named: MemberInput | None, terms: SeatTerms = NO_TERMS) -> MemberForm:
    """Open the form of a seat on the person who sits there; an empty one proposes what the rule says of the seat."""
    if named is None:
        college = College(terms.college.value) if terms.college else None
        told = {"college": college, "appointed_by": terms.appointed_by}
        return MemberForm(formdata=None, revision="0", ties_answer=TiesAnswer.UNANSWERED, **told)
    ties = [
        {name: getattr(tie, name) for name in ("kind", "with_whom", "organisation", "ended_on")} for tie in named.ties
    ]
    declared = {name: getattr(named, name) for name in _DECLARED}
    return MemberForm(formdata=None, ties=[*ties, {}], revision=str(named.seen), **declared)


class ListForm(IdempotentForm):
    """The sealed dossiers that are put on a session's list."""

    submission_id = MultiChoiceField("Qui est inscrit à cette session", UUID, missing="Cochez au moins une personne.")

    def __init__(self, names: Mapping[UUID, str], **more: Any) -> None:
        super().__init__(**more)
        self.submission_id.choices = pairs(names)
