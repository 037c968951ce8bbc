"""What the candidate says of a piece, and the files they send."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask_wtf.file import FileField, MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, HiddenField, IntegerField
from wtforms.validators import ValidationError

from portfolio.domain.evidence.rules.description import (
    Anonymity,
    Authorship,
    Confidentiality,
    CoverNote,
    EvidenceKind,
    period_error,
)
from portfolio.domain.evidence.rules.quota import UploadRequest
from portfolio.files.file_types.types import ACCEPT_ATTRIBUTE, FileRejected, RejectionReason
from portfolio.files.storage.store import TooLarge
from portfolio.screens.candidate.dossier.forms import COMMENT_HELP, COMMENT_LABEL, COMMENT_LIMIT
from portfolio.web.forms import (
    Form,
    FrenchDateField,
    IdempotentForm,
    MultiLineField,
    RadioChoiceField,
    SelectChoiceField,
    SingleLineField,
    VersionedForm,
    pairs,
)
from portfolio.wording.evidence import ANONYMITY, AUTHORSHIP, CONFIDENTIALITY, KINDS, PERIODS, refused_message

NOTHING_CHOSEN = "Choisissez un fichier."
_ACCEPT = {"accept": ACCEPT_ATTRIBUTE}


class CompletedUploadsField(HiddenField):
    """The files that came in parts before the form, by their identities."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep what reads as an identity."""
        self.data = [
            UUID(value)
            for value in valuelist
            if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value)
        ]

    def _value(self) -> str:
        return ""


class UploadRequestForm(Form):
    """A file that is about to come in parts."""

    name = SingleLineField("Nom du fichier", missing="Donnez le nom du fichier.", limit=1000)
    size = IntegerField("Taille")
    mark = SingleLineField("Marque", missing="La marque du fichier manque.", limit=64)

    def __init__(self, limit: int, **more: Any) -> None:
        super().__init__(**more)
        self._limit = limit

    def validate_size(self, field: IntegerField) -> None:
        """A file is not empty, and within the limit."""
        if not field.data or field.data < 1:
            raise ValidationError(refused_message(FileRejected(RejectionReason.EMPTY), None))
        if field.data > self._limit:
            raise ValidationError(refused_message(TooLarge(self._limit), None))

    @property
    def first_error(self) -> str:
        """What is wrong, in a sentence."""
        return str(next(iter(self.errors.values()))[0])

    def value(self) -> UploadRequest:
        """The file that is announced."""
        return UploadRequest(self.name.data or "", self.size.data, self.mark.data or "")


class UploadForm(IdempotentForm):
    """New pieces: one a file. Sent from a competency, they are claimed for it."""

    files = MultipleFileField(
        "Vos fichiers",
        description="Vous pouvez en choisir plusieurs : chacun devient une pièce.",
        render_kw=_ACCEPT,
    )
    photos = MultipleFileField("Prendre une photo", render_kw={"accept": "image/*", "capture": "environment"})
    joined = BooleanField("Réunir les photos en une seule pièce, une par page")
    sent = CompletedUploadsField(default=())
    competency = HiddenField()
    comment = MultiLineField(COMMENT_LABEL, limit=COMMENT_LIMIT, description=COMMENT_HELP)
    twice = BooleanField("Ajouter quand même ce fichier une deuxième fois")

    def validate_files(self, field: MultipleFileField) -> None:
        """Without a file there is no piece; a browser sends a nameless one when none was chosen."""
        field.data = _named(field.data)
        self.photos.data = _named(self.photos.data)
        if not field.data and not self.photos.data and not self.sent.data:
            raise ValidationError(NOTHING_CHOSEN)

    @property
    def chosen(self) -> list[FileStorage]:
        """The files that came with the form, those of the camera last."""
        return [*(self.files.data or []), *(self.photos.data or [])]


def _named(files: Iterable[FileStorage] | None) -> list[FileStorage]:
    return [file for file in files or [] if file and file.filename]


class ReplaceForm(IdempotentForm):
    """A new version of the file of a piece."""

    file = FileField("Le nouveau fichier", render_kw=_ACCEPT)
    sent = CompletedUploadsField(default=())

    def validate_file(self, field: FileField) -> None:
        """Without a file nothing is replaced."""
        field.data = field.data if field.data and field.data.filename else None
        if not field.data and not self.sent.data:
            raise ValidationError(NOTHING_CHOSEN)


class DescriptionForm(VersionedForm):
    """The cover note of a piece (domain §6)."""

    title = SingleLineField(
        "Titre",
        missing="Donnez un titre : c’est lui que le jury lit d’abord.",
        description="Ce que c’est, en quelques mots.",
    )
    kind = SelectChoiceField("Nature", EvidenceKind)
    dated_from = FrenchDateField(
        "Date", description="Celle du document, ou le début de la période. Une date approchée convient."
    )
    dated_to = FrenchDateField(
        "Fin de la période", description="Seulement si la pièce couvre plusieurs mois."
    )
    experience_id = SelectChoiceField("Expérience", UUID)
    own_role = MultiLineField(
        "Votre rôle", description="Ce que vous avez fait pour que cette pièce existe. Dites « je »."
    )
    authorship = RadioChoiceField("Qui a fait ce travail ?", Authorship, choices=AUTHORSHIP)
    own_part = MultiLineField(
        "Votre part", description="Dans un travail d’équipe, ce que vous avez fait vous-même."
    )
    confidentiality = RadioChoiceField("Est-ce confidentiel ?", Confidentiality, choices=CONFIDENTIALITY)
    anonymity = RadioChoiceField("La pièce cite-t-elle d’autres personnes ?", Anonymity, choices=ANONYMITY)
    web_address = SingleLineField(
        "Adresse de la page",
        limit=2000,
        description="Nous ne visitons pas la page : c’est votre capture qui sert de preuve.",
    )
    captured_on = FrenchDateField(
        "Jour de votre capture", description="Le jour où vous avez enregistré la page."
    )

    def __init__(self, experiences: Iterable[tuple[UUID, str]], today: date, **more: Any) -> None:
        super().__init__(**more)
        self._today = today
        self.kind.choices = pairs([("", "Choisissez…"), *KINDS.items()])
        self.experience_id.choices = pairs([("", "Aucune, ou pas encore décrite"), *experiences])

    def validate_dated_from(self, field: FrenchDateField) -> None:
        """A piece is of the past, and its period runs forward."""
        if fault := period_error(field.data, self.dated_to.data, self._today):
            raise ValidationError(PERIODS[fault])

    def validate_dated_to(self, field: FrenchDateField) -> None:
        """An end needs a beginning."""
        missing = self.dated_from.data is None and not self.dated_from.errors
        if missing and (fault := period_error(None, field.data, self._today)):
            raise ValidationError(PERIODS[fault])

    def validate_captured_on(self, field: FrenchDateField) -> None:
        """A capture is of the past."""
        if fault := period_error(field.data, None, self._today):
            raise ValidationError(PERIODS[fault])

    def validate_web_address(self, field: SingleLineField) -> None:
        """An address is one a browser can open."""
        if field.data and not _is_web_address(field.data):
            raise ValidationError("Recopiez l’adresse entière, par exemple https://www.exemple.fr/page.")

    def value(self) -> CoverNote:
        """What is said of the piece."""
        return CoverNote(
            self.title.data or "", self.kind.data, self.dated_from.data, self.dated_to.data,
            self.experience_id.data, self.own_role.data or "", self.authorship.data, self.own_part.data or "",
            self.confidentiality.data, self.anonymity.data, self.web_address.data or "",
            self.captured_on.data,
        )  # fmt: skip


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and " " not in text
