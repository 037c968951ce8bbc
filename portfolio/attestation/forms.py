"""What the candidate asks of a third party, and what the third party types."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from flask_wtf.file import FileField
from wtforms import BooleanField
from wtforms.validators import DataRequired, ValidationError

from portfolio.attestation.rules import Asking, Quality, Tie, Words, unsaid
from portfolio.attestation.wording import OATH, QUALITIES, TIES
from portfolio.evidence.rules import period_fault
from portfolio.evidence.wording import PERIODS
from portfolio.storage.kinds import ACCEPT_ATTRIBUTE
from portfolio.web.forms import (
    CreationForm,
    DayField,
    Form,
    LineField,
    ListField,
    ManyOfField,
    OneOfField,
    ProseField,
    RevisedForm,
    pairs,
)

WANTED_LIMIT = 1500
WORDS_LIMIT = 6000
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]]+@[^\s@<>,;:\"()\[\]]+\.[^\s@<>,;:\"()\[\].]{2,}")
_NO_QUALITY = "Choisissez ce qui convient le mieux."


class _Period(Form):
    """Two dates of the past, the first before the second."""

    began_on = DayField("Début de la période", description="Le premier du mois convient si le jour est oublié.")
    ended_on = DayField("Fin de la période", description="Rien à écrire si cela dure encore.")
    _today: date

    def validate_began_on(self, field: DayField) -> None:
        """A period begins in the past, and runs forward."""
        if fault := period_fault(field.data, self.ended_on.data, self._today):
            raise ValidationError(PERIODS[fault])

    def validate_ended_on(self, field: DayField) -> None:
        """An end needs a beginning."""
        if self.began_on.data is None and not self.began_on.errors and (fault := period_fault(None, field.data, self._today)):
            raise ValidationError(PERIODS[fault])


class AskingForm(_Period, CreationForm):
    """Whom to ask, and what."""

    name = LineField("Son prénom et son nom", missing="Donnez son prénom et son nom : la lettre commence par là.")
    email = LineField(
        "Son adresse électronique", missing="Donnez son adresse : la demande lui est adressée là.", limit=254,
        description="De préférence son adresse professionnelle : elle inspire confiance au jury.",
    )  # fmt: skip
    quality = ListField("Ce que cette personne est, ou était, pour vous", Quality, missing=_NO_QUALITY)
    organisation = LineField("Son organisation", limit=300, description="L’entreprise, l’association ou le service.")
    experience_id = ListField("L’expérience concernée", UUID, missing="Choisissez l’expérience dont elle peut parler.")
    wanted = ProseField(
        "Ce que vous souhaitez lui faire confirmer", limit=WANTED_LIMIT,
        missing="Écrivez en quelques phrases ce que cette personne peut confirmer : sans cela, elle ne saura pas quoi écrire.",
        description="Des faits qu’elle a vus, pas des qualités. Elle le lira ; le jury aussi. Elle répondra avec ses mots.",
    )  # fmt: skip
    competencies = ManyOfField("Les compétences concernées", UUID)

    def __init__(
        self, experiences: Iterable[tuple[UUID, str]], competencies: Iterable[tuple[UUID, str]], today: date, **more: Any
    ) -> None:
        super().__init__(**more)
        self._today = today
        self.quality.choices = pairs([("", "Choisissez…"), *QUALITIES.items()])
        self.experience_id.choices = pairs([("", "Choisissez…"), *experiences])
        self.competencies.choices = pairs(competencies)

    def validate_email(self, field: LineField) -> None:
        """An address is one that a letter can reach."""
        if field.data and not _ADDRESS.fullmatch(field.data):
            raise ValidationError("Écrivez l’adresse entière, comme dans « prenom.nom@exemple.fr ».")

    def value(self) -> Asking:
        """What is asked, and of whom."""
        return Asking(
            self.name.data or "", self.email.data or "", self.quality.data, self.organisation.data or "",
            self.experience_id.data, self.wanted.data or "", self.began_on.data, self.ended_on.data,
            tuple(self.competencies.data or ()),
        )  # fmt: skip


class WordsForm(_Period, RevisedForm):
    """What the third party writes; it may be kept half-way, so nothing is required here."""

    quality = ListField("Ce que vous êtes, ou étiez, pour cette personne", Quality)
    organisation = LineField("Votre organisation, à cette époque", limit=300)
    capacity = ProseField(
        "Comment connaissez-vous cette personne ?", limit=2000,
        description="Votre fonction, depuis quand, comment vous travailliez ensemble.",
    )  # fmt: skip
    tie = OneOfField("Avez-vous un autre lien avec cette personne, de famille ou d’intérêt ?", Tie, choices=TIES)
    seen = ProseField(
        "Qu’avez-vous vu cette personne faire ?", limit=WORDS_LIMIT,
        description="Des faits que vous avez constatés vous-même : ce qu’elle a fait, comment, avec quel résultat.",
    )  # fmt: skip
    often = ProseField("Quand, et à quelle fréquence ?", limit=2000, description="Par exemple « chaque semaine en 2019 ».")
    more = ProseField("Ce que vous souhaitez ajouter", limit=WORDS_LIMIT)

    def __init__(self, today: date, **more: Any) -> None:
        super().__init__(**more)
        self._today = today
        self.quality.choices = pairs([("", "Choisissez…"), *QUALITIES.items()])

    def value(self) -> Words:
        """What is written so far."""
        return Words(
            self.quality.data, self.organisation.data or "", self.began_on.data, self.ended_on.data, self.capacity.data or "",
            self.seen.data or "", self.often.data or "", self.more.data or "", self.tie.data,
        )  # fmt: skip

    def is_whole(self) -> bool:
        """Whether the text may be signed as it stands; each field that is missing says what to give."""
        for name in unsaid(self.value()):
            self[name].errors = [_MISSING[name]]
        return not unsaid(self.value())


_MISSING = {
    "quality": _NO_QUALITY,
    "capacity": "Écrivez en une phrase comment vous connaissez cette personne.",
    "seen": "Écrivez au moins une chose que vous avez vu cette personne faire.",
    "tie": "Répondez par oui ou par non : le jury doit le savoir.",
}


class AnnexForm(Form):
    """A file that goes with the text."""

    file = FileField("Votre document", render_kw={"accept": ACCEPT_ATTRIBUTE})

    def validate_file(self, field: FileField) -> None:
        """Without a file nothing is joined."""
        if not field.data or not field.data.filename:
            raise ValidationError("Choisissez un fichier.")


class DeclineForm(Form):
    """A refusal, with or without a reason."""

    reason = ProseField("Votre raison", limit=1000, description="La personne qui vous a écrit lira cette raison.")


class SigningForm(RevisedForm):
    """The signature: a name, an oath, the code that was sent to the address."""

    name = LineField(
        "Votre prénom et votre nom", missing="Écrivez votre prénom et votre nom en toutes lettres : c’est votre signature.",
        description="Tels qu’ils doivent figurer sur l’attestation.",
    )  # fmt: skip
    oath = BooleanField(OATH, validators=[DataRequired("Cochez cette phrase pour attester sur l’honneur.")])
    code = LineField("Le code à six chiffres", missing="Recopiez les six chiffres reçus, ou demandez un code.", limit=20)

    def validate_name(self, field: LineField) -> None:
        """A full name has two words."""
        if field.data and len(field.data.split()) < 2:
            raise ValidationError("Écrivez votre prénom et votre nom en toutes lettres.")

    @property
    def digits(self) -> str:
        """The code, without the spaces that phones put in."""
        return re.sub(r"\s", "", self.code.data or "")


class NothingForm(Form):
    """A button alone: nothing but the token."""
