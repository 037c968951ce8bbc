"""What the candidate says of a piece, and the files they send."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask_wtf.file import FileField, MultipleFileField
from wtforms import HiddenField
from wtforms.validators import ValidationError

from portfolio.dossier.forms import COMMENT_HELP, COMMENT_LABEL, COMMENT_LIMIT
from portfolio.evidence.rules import Anonymity, Authorship, Confidentiality, Description, EvidenceKind, period_fault
from portfolio.evidence.wording import ANONYMITY, AUTHORSHIP, CONFIDENTIALITY, KINDS, PERIODS
from portfolio.storage.kinds import ACCEPT_ATTRIBUTE
from portfolio.web.forms import CreationForm, DayField, LineField, ListField, OneOfField, ProseField, RevisedForm, pairs

NOTHING_CHOSEN = "Choisissez un fichier."
_ACCEPT = {"accept": ACCEPT_ATTRIBUTE}


class UploadForm(CreationForm):
    """New pieces: one a file. Sent from a competency, they are claimed for it."""

    files = MultipleFileField(
        "Vos fichiers", description="Vous pouvez en choisir plusieurs : chacun devient une pièce.", render_kw=_ACCEPT
    )
    competency = HiddenField()
    comment = ProseField(COMMENT_LABEL, limit=COMMENT_LIMIT, description=COMMENT_HELP)

    def validate_files(self, field: MultipleFileField) -> None:
        """Without a file there is no piece; a browser sends a nameless one when none was chosen."""
        field.data = [file for file in field.data or [] if file and file.filename]
        if not field.data:
            raise ValidationError(NOTHING_CHOSEN)


class ReplaceForm(CreationForm):
    """A new version of the file of a piece."""

    file = FileField("Le nouveau fichier", render_kw=_ACCEPT)

    def validate_file(self, field: FileField) -> None:
        """Without a file nothing is replaced."""
        if not field.data or not field.data.filename:
            raise ValidationError(NOTHING_CHOSEN)


class DescriptionForm(RevisedForm):
    """The cover note of a piece (domain §6)."""

    title = LineField(
        "Titre", missing="Donnez un titre : c’est lui que le jury lit d’abord.", description="Ce que c’est, en quelques mots."
    )
    kind = ListField("Nature", EvidenceKind)
    dated_from = DayField("Date", description="Celle du document, ou le début de la période. Une date approchée convient.")
    dated_to = DayField("Fin de la période", description="Seulement si la pièce couvre plusieurs mois.")
    experience_id = ListField("Expérience", UUID)
    own_role = ProseField("Votre rôle", description="Ce que vous avez fait pour que cette pièce existe. Dites « je ».")
    authorship = OneOfField("De qui est ce travail ?", Authorship, choices=AUTHORSHIP)
    own_part = ProseField("Votre part", description="Dans un travail à plusieurs : ce qui est de vous.")
    confidentiality = OneOfField("Est-ce confidentiel ?", Confidentiality, choices=CONFIDENTIALITY)
    anonymity = OneOfField("Cite-t-elle d’autres personnes ?", Anonymity, choices=ANONYMITY)
    web_address = LineField(
        "Adresse de la page", limit=2000, description="Nous ne visitons pas la page : c’est votre capture qui fait foi."
    )
    captured_on = DayField("Jour de votre capture", description="Le jour où vous avez enregistré la page.")

    def __init__(self, experiences: Iterable[tuple[UUID, str]], today: date, **more: Any) -> None:
        super().__init__(**more)
        self._today = today
        self.kind.choices = pairs([("", "Choisissez…"), *KINDS.items()])
        self.experience_id.choices = pairs([("", "Aucune, ou pas encore décrite"), *experiences])

    def validate_dated_from(self, field: DayField) -> None:
        """A piece is of the past, and its period runs forward."""
        if fault := period_fault(field.data, self.dated_to.data, self._today):
            raise ValidationError(PERIODS[fault])

    def validate_dated_to(self, field: DayField) -> None:
        """An end needs a beginning."""
        missing = self.dated_from.data is None and not self.dated_from.errors
        if missing and (fault := period_fault(None, field.data, self._today)):
            raise ValidationError(PERIODS[fault])

    def validate_captured_on(self, field: DayField) -> None:
        """A capture is of the past."""
        if fault := period_fault(field.data, None, self._today):
            raise ValidationError(PERIODS[fault])

    def validate_web_address(self, field: LineField) -> None:
        """An address is one a browser can open."""
        if field.data and not _is_web_address(field.data):
            raise ValidationError("Recopiez l’adresse entière, par exemple https://www.exemple.fr/page.")

    def value(self) -> Description:
        """What is said of the piece."""
        return Description(
            self.title.data or "", self.kind.data, self.dated_from.data, self.dated_to.data, self.experience_id.data,
            self.own_role.data or "", self.authorship.data, self.own_part.data or "", self.confidentiality.data,
            self.anonymity.data, self.web_address.data or "", self.captured_on.data,
        )  # fmt: skip


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and " " not in text
