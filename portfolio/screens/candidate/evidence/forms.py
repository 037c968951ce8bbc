"""Forms by which the candidate describes a piece, and the files they send.

The form by which a candidate claims a place of a piece without leaving the viewer.
"""

import re
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask_wtf.file import FileField, MultipleFileField
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, HiddenField, IntegerField
from wtforms.validators import ValidationError

from portfolio.access.candidacy import CandidacyAccess
from portfolio.db.engine import read_session
from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.rules.anchors import QUOTE_MAX_CHARS, Anchor, AnchorErrorCode, parse_region, passage_with
from portfolio.domain.dossier.rules.citation import CITATION_MAX_CHARS, CitationError, CitationUnit
from portfolio.domain.dossier.rules.description import (
    Anonymity,
    Authorship,
    Confidentiality,
    CoverNote,
    EvidenceKind,
    period_error,
)
from portfolio.domain.dossier.rules.quota import UploadRequest
from portfolio.domain.dossier.use_cases.claims import MarkedPlace
from portfolio.domain.dossier.use_cases.conversions import FileExtent, load_file_extent
from portfolio.files.file_types.types import ACCEPT_ATTRIBUTE, FileRejected, RejectionReason
from portfolio.files.storage.store import TooLarge
from portfolio.screens.candidate.dossier import competency_page
from portfolio.screens.candidate.dossier.forms import COMMENT_HELP, COMMENT_LABEL, COMMENT_LIMIT, CommentForm
from portfolio.screens.candidate.evidence import queries
from portfolio.screens.evidence_files.viewer import anchor_from_fields
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
from portfolio.wording.anchors import ERRORS, PLACE_LABELS, ZONES
from portfolio.wording.evidence import (
    ANONYMITY,
    AUTHORSHIP,
    CONFIDENTIALITY,
    KINDS,
    PASSAGE_HELP,
    PERIODS,
    citation_error_message,
    refused_message,
)

NOTHING_CHOSEN = "Choisissez un fichier."
_ACCEPT = {"accept": ACCEPT_ATTRIBUTE}


class CompletedUploadsField(HiddenField):
    """The files that came in parts before the form, by their identities."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep what reads as an identity."""
        self.data = [
            UUID(value) for value in valuelist if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value)
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
        """Return what is wrong, in a sentence."""
        return str(next(iter(self.errors.values()))[0])

    def value(self) -> UploadRequest:
        """Return the file that is announced."""
        return UploadRequest(self.name.data or "", self.size.data, self.mark.data or "")


class UploadForm(IdempotentForm):
    """New pieces: one a file. Sent from a competency, they are claimed for it."""

    files = MultipleFileField(
        "Vos fichiers", description="Vous pouvez en choisir plusieurs : chacun devient une pièce.", render_kw=_ACCEPT
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
        """Return the files that came with the form, those of the camera last."""
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
    dated_to = FrenchDateField("Fin de la période", description="Seulement si la pièce couvre plusieurs mois.")
    experience_id = SelectChoiceField("Expérience", UUID)
    own_role = MultiLineField(
        "Votre rôle", description="Ce que vous avez fait pour que cette pièce existe. Dites « je »."
    )
    authorship = RadioChoiceField("Qui a fait ce travail ?", Authorship, choices=AUTHORSHIP)
    own_part = MultiLineField("Votre part", description="Dans un travail d’équipe, ce que vous avez fait vous-même.")
    confidentiality = RadioChoiceField("Est-ce confidentiel ?", Confidentiality, choices=CONFIDENTIALITY)
    anonymity = RadioChoiceField("La pièce cite-t-elle d’autres personnes ?", Anonymity, choices=ANONYMITY)
    web_address = SingleLineField(
        "Adresse de la page",
        limit=2000,
        description="Nous ne visitons pas la page : c’est votre capture qui sert de preuve.",
    )
    captured_on = FrenchDateField("Jour de votre capture", description="Le jour où vous avez enregistré la page.")

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
        """Return what is said of the piece."""
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


class PlaceForm(CommentForm, IdempotentForm):
    """The competency that a place shows, where the place is, and why."""

    competency = SelectChoiceField("Quelle compétence ?", UUID, missing="Choisissez une compétence.")
    passage = SingleLineField(PLACE_LABELS[CitationUnit.PAGES], limit=CITATION_MAX_CHARS)
    zone = SelectChoiceField("Où, dans la page ?", str, choices=ZONES)
    quote = MultiLineField(
        "Mots du document à citer",
        limit=QUOTE_MAX_CHARS,
        description=("Recopiez-les depuis « Texte de la page », ou surlignez-les sur la page avec « Citer des mots »."),
    )
    page = HiddenField()
    region = HiddenField()
    position = HiddenField()

    def __init__(
        self, choices: Iterable[tuple[UUID, str]], extent: FileExtent, page: int, claimed: Collection[UUID], **more: Any
    ) -> None:
        super().__init__(**more)
        self._extent, self._claimed = extent, claimed
        self.competency.choices = pairs([("", "Choisissez"), *choices])
        self.passage.label.text = PLACE_LABELS[extent.unit]
        self.passage.description = PASSAGE_HELP[CitationUnit.MINUTES if self.plays else CitationUnit.PAGES]
        if not self.is_submitted():
            self.page.data = str(page)
            self.passage.data = str(page) if extent.pages > 1 and not self.plays else ""

    def is_comment_wanted(self) -> bool:
        """Return whether a claim is made: one that is completed keeps what it says."""
        return self.competency.data not in self._claimed

    @property
    def plays(self) -> bool:
        """Tell whether places of the file are moments."""
        return self._extent.unit is CitationUnit.MINUTES

    @property
    def has_pages(self) -> bool:
        """Tell whether there are pages to choose."""
        return self._extent.pages > 1

    def validate_passage(self, field: SingleLineField) -> None:
        """Pages, or moments, must be in the file."""
        answer = passage_with(None, field.data or "", self._extent.unit, self._extent.last)
        if isinstance(answer, CitationError):
            raise ValidationError(
                citation_error_message(answer, CitationUnit.MINUTES if self.plays else CitationUnit.PAGES)
            )

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse a region that is none, beside what each field refuses."""
        sound = super().validate(extra_validators)
        region = parse_region(self.region.data or "")
        if isinstance(region, AnchorErrorCode):
            self.zone.errors = [ERRORS[region]]
        return sound and not isinstance(region, AnchorErrorCode)

    def place(self) -> MarkedPlace:
        """Return the place: a region that was drawn goes before a zone that was chosen, and quoted words
        before both.
        """
        anchor = None if self.plays else self._anchor()
        return MarkedPlace(self._extent.version, self.passage.data or "", anchor)

    def _anchor(self) -> Anchor | None:
        fields = {name: str(self[name].data or "") for name in ("page", "region", "zone", "quote", "position")}
        return anchor_from_fields(self._extent.version, **fields)


def place_form(case: CandidacyAccess, evidence_id: UUID, number: int, page: int = 1) -> PlaceForm | None:
    """Return the form of a version that can be claimed: the current one, of a draft that is open; None otherwise."""
    file = queries.find_current_file(read_session(), case.id, evidence_id) if case.is_editable else None
    if file is None or file.number != number:
        return None
    choices = competency_page.list_claimable_competencies(read_session(), case.id)
    claimed = set(read_session().scalars(select(Claim.competency_id).where(Claim.evidence_id == evidence_id)))
    return PlaceForm(choices, load_file_extent(read_session(), file), page, claimed)
