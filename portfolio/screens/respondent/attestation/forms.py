"""Forms of the candidate's request for an attestation, and what the third party types."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from flask_wtf.file import FileField
from wtforms import BooleanField
from wtforms.validators import DataRequired, ValidationError

from portfolio.domain.dossier.rules.attestation import (
    ClaimedRelationship,
    Relationship,
    RequestText,
    Statement,
    missing_answers,
)
from portfolio.domain.dossier.rules.description import period_error
from portfolio.files.file_types.types import ACCEPT_ATTRIBUTE
from portfolio.web.forms import (
    Form,
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
from portfolio.wording.attestation import OATH, QUALITIES, TIES
from portfolio.wording.evidence import PERIODS

WANTED_LIMIT = 1500
WORDS_LIMIT = 6000
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]]+@[^\s@<>,;:\"()\[\]]+\.[^\s@<>,;:\"()\[\].]{2,}")
_NO_QUALITY = "Choisissez ce qui convient le mieux."


class _Period(Form):
    """Two dates of the past, the first before the second."""

    began_on = FrenchDateField("Début de la période", description="Le premier du mois convient si le jour est oublié.")
    ended_on = FrenchDateField("Fin de la période", description="Rien à écrire si cela dure encore.")
    _today: date

    def validate_began_on(self, field: FrenchDateField) -> None:
        """A period begins in the past, and runs forward."""
        if fault := period_error(field.data, self.ended_on.data, self._today):
            raise ValidationError(PERIODS[fault])

    def validate_ended_on(self, field: FrenchDateField) -> None:
        """An end needs a beginning."""
        if (
            self.began_on.data is None
            and not self.began_on.errors
            and (fault := period_error(None, field.data, self._today))
        ):
            raise ValidationError(PERIODS[fault])


class RequestForm(_Period, IdempotentForm):
    """Request for an attestation, and its addressee."""

    name = SingleLineField("Son prénom et son nom", missing="Donnez son prénom et son nom : la lettre commence par là.")
    email = SingleLineField(
        "Son adresse électronique", missing="Donnez son adresse : la demande lui est adressée là.", limit=254,
        description="De préférence son adresse professionnelle : elle inspire confiance au jury.",
    )  # fmt: skip
    quality = SelectChoiceField(
        "Ce que cette personne est, ou était, pour vous", ClaimedRelationship, missing=_NO_QUALITY
    )
    organisation = SingleLineField(
        "Son organisation", limit=300, description="L’entreprise, l’association ou le service."
    )
    experience_id = SelectChoiceField(
        "L’expérience concernée", UUID, missing="Choisissez l’expérience dont elle peut parler."
    )
    wanted = MultiLineField(
        "Ce que vous souhaitez lui faire confirmer",
        limit=WANTED_LIMIT,
        missing=(
            "Écrivez en quelques phrases ce que cette personne peut confirmer : sans cela, elle ne saura "
            "pas quoi écrire."
        ),
        description=(
            "Des faits qu’elle a vus, pas des qualités. Elle le lira ; le jury aussi. Elle répondra avec ses mots."
        ),
    )
    competencies = MultiChoiceField("Les compétences concernées", UUID)

    def __init__(
        self,
        experiences: Iterable[tuple[UUID, str]],
        competencies: Iterable[tuple[UUID, str]],
        today: date,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self._today = today
        self.quality.choices = pairs([("", "Choisissez…"), *QUALITIES.items()])
        self.experience_id.choices = pairs([("", "Choisissez…"), *experiences])
        self.competencies.choices = pairs(competencies)

    def validate_email(self, field: SingleLineField) -> None:
        """An address is one that a letter can reach."""
        if field.data and not _ADDRESS.fullmatch(field.data):
            raise ValidationError("Écrivez l’adresse entière, comme dans « prenom.nom@exemple.fr ».")

    def value(self) -> RequestText:
        """Return what is asked, and of whom."""
        return RequestText(
            self.name.data or "",
            self.email.data or "",
            self.quality.data,
            self.organisation.data or "",
            self.experience_id.data,
            self.wanted.data or "",
            self.began_on.data,
            self.ended_on.data,
            tuple(self.competencies.data or ()),
        )


class StatementForm(_Period, VersionedForm):
    """Statement that the third party writes; it may be kept half-way, so nothing is required here."""

    quality = SelectChoiceField("Ce que vous êtes, ou étiez, pour cette personne", ClaimedRelationship)
    organisation = SingleLineField("Votre organisation, à cette époque", limit=300)
    capacity = MultiLineField(
        "Comment connaissez-vous cette personne ?", limit=2000,
        description="Votre fonction, depuis quand, comment vous travailliez ensemble.",
    )  # fmt: skip
    tie = RadioChoiceField(
        "Avez-vous un autre lien avec cette personne, de famille ou d’intérêt ?", Relationship, choices=TIES
    )
    seen = MultiLineField(
        "Qu’avez-vous vu cette personne faire ?",
        limit=WORDS_LIMIT,
        description=("Des faits que vous avez constatés vous-même : ce qu’elle a fait, comment, avec quel résultat."),
    )
    often = MultiLineField(
        "Quand, et à quelle fréquence ?", limit=2000, description="Par exemple « chaque semaine en 2019 »."
    )
    more = MultiLineField("Ce que vous souhaitez ajouter", limit=WORDS_LIMIT)

    def __init__(self, today: date, **more: Any) -> None:
        super().__init__(**more)
        self._today = today
        self.quality.choices = pairs([("", "Choisissez…"), *QUALITIES.items()])

    def value(self) -> Statement:
        """Return what is written so far."""
        return Statement(
            self.quality.data, self.organisation.data or "", self.began_on.data, self.ended_on.data,
            self.capacity.data or "", self.seen.data or "", self.often.data or "", self.more.data or "",
            self.tie.data,
        )  # fmt: skip

    def is_whole(self) -> bool:
        """Return whether the text may be signed as it stands; each field that is missing says what to give."""
        for name in missing_answers(self.value()):
            self[name].errors = [_MISSING[name]]
        return not missing_answers(self.value())


_MISSING = {
    "quality": _NO_QUALITY,
    "capacity": "Écrivez en une phrase comment vous connaissez cette personne.",
    "seen": "Écrivez au moins une chose que vous avez vu cette personne faire.",
    "tie": "Répondez par oui ou par non : le jury doit le savoir.",
}


class AttachmentForm(Form):
    """A file that goes with the text."""

    file = FileField("Votre document", render_kw={"accept": ACCEPT_ATTRIBUTE})

    def validate_file(self, field: FileField) -> None:
        """Without a file nothing is joined."""
        if not field.data or not field.data.filename:
            raise ValidationError("Choisissez un fichier.")


class DeclineForm(IdempotentForm):
    """A refusal, with or without a reason."""

    reason = MultiLineField("Votre raison", limit=1000, description="La personne qui vous a écrit lira cette raison.")


class SigningForm(VersionedForm):
    """The signature: a name, an oath, the code that was sent to the address."""

    name = SingleLineField(
        "Votre prénom et votre nom",
        missing="Écrivez votre prénom et votre nom en toutes lettres : c’est votre signature.",
        description="Tels qu’ils doivent figurer sur l’attestation.",
    )  # fmt: skip
    oath = BooleanField(OATH, validators=[DataRequired("Cochez cette phrase pour attester sur l’honneur.")])
    code = SingleLineField(
        "Le code à six chiffres", missing="Recopiez les six chiffres reçus, ou demandez un code.", limit=20
    )

    def validate_name(self, field: SingleLineField) -> None:
        """A full name has two words."""
        if field.data and len(field.data.split()) < 2:
            raise ValidationError("Écrivez votre prénom et votre nom en toutes lettres.")

    @property
    def digits(self) -> str:
        """Return the code, without the spaces that phones put in."""
        return re.sub(r"\s", "", self.code.data or "")


class EmptyForm(IdempotentForm):
    """A button alone: nothing but the token."""
