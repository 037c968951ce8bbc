"""Declarations of members, presence, and texts written after closing."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, PasswordField
from wtforms.validators import ValidationError

from portfolio.domain.assessment.rules import DefenceMinutes
from portfolio.domain.jury.models.deliberation import JurorNote
from portfolio.domain.jury.rules.enums import Attendance, RelationAsked, StatementKind
from portfolio.domain.jury.rules.member_status import MemberDeclarations, MemberState
from portfolio.domain.jury.rules.opinions import NoteInput, NoteKind, ReadingExtent
from portfolio.files.file_types.types import SCAN_ACCEPT_ATTRIBUTE
from portfolio.french_text import date_fr
from portfolio.web.forms import (
    ConfirmField,
    Form,
    FrenchDateField,
    IdempotentForm,
    MultiChoiceField,
    MultiLineField,
    RadioChoiceField,
    SelectChoiceField,
    SingleLineField,
    VersionedForm,
    clean_line,
    pairs,
)
from portfolio.wording.jury import ATTENDANCES, SHORT_STATEMENTS, statement_words
from portfolio.wording.jury.opinions import NOTE_KINDS, little_read_message

ACCEPT = {"accept": SCAN_ACCEPT_ATTRIBUTE}


class DeclarationForm(IdempotentForm):
    """No relation, or a recusal, which is then asked to be confirmed."""

    kind = RadioChoiceField("Votre déclaration", StatementKind, missing="Choisissez l’une des deux déclarations.")

    def __init__(self, candidate: str, relation: RelationAsked, **more: Any) -> None:
        super().__init__(**more)
        open_to = (StatementKind.NO_RELATION, StatementKind.RECUSAL)
        self.kind.choices = pairs([(kind, statement_words(kind, candidate, relation=relation)) for kind in open_to])

    @property
    def recuses(self) -> bool:
        """Tell whether the member chose to recuse."""
        return self.kind.data is StatementKind.RECUSAL

    def said(self, person: UUID) -> MemberDeclarations:
        """Return what was declared."""
        kind: Any = self.kind.data
        return MemberDeclarations(person, kind)


class RecusalForm(IdempotentForm):
    """A recusal, confirmed: its sentence is ticked, and a reason may be given."""

    reason = MultiLineField("Motif de la récusation", limit=2000)
    sure = ConfirmField("", missing="Cochez la phrase pour confirmer votre récusation.")

    def __init__(self, candidate: str, **more: Any) -> None:
        super().__init__(**more)
        self.sure.label.text = statement_words(StatementKind.RECUSAL, candidate)


class WithdrawalForm(IdempotentForm):
    """A recusal withdrawn: the sentence that is signed is ticked."""

    sure = ConfirmField("", missing="Cochez la phrase pour retirer votre récusation.")

    def __init__(self, candidate: str, relation: RelationAsked, **more: Any) -> None:
        super().__init__(**more)
        self.sure.label.text = statement_words(StatementKind.RECUSAL_WITHDRAWN, candidate, relation=relation)


class MoveForm(IdempotentForm):
    """The session to which a hearing is moved."""

    session_id = SelectChoiceField("Nouvelle session", UUID, missing="Choisissez la session qui entendra la personne.")
    reason = MultiLineField("Pourquoi la séance commencée s’arrête", limit=2000)

    def __init__(self, sessions: Iterable[Any], **more: Any) -> None:
        super().__init__(**more)
        self.session_id.choices = [(session.id, f"{date_fr(session.held_on)}, {session.place}") for session in sessions]


class SignedDocumentForm(IdempotentForm):
    """A signed form of a member: whose, what it says, its day, its scan."""

    person_id = SelectChoiceField("Membre du jury", UUID, missing="Dites de qui est ce formulaire.")
    kinds = MultiChoiceField(
        "Ce que la personne a signé",
        StatementKind,
        missing="Cochez ce que la personne a signé.",
        choices=SHORT_STATEMENTS,
    )
    signed_on = FrenchDateField("Signé le", missing="Donnez la date qui figure sur le formulaire.")
    reason = MultiLineField("Motif de la récusation", limit=2000)
    scan = FileField("Le formulaire signé, numérisé", render_kw=ACCEPT)

    def __init__(self, members: Iterable[MemberState], today: date, **more: Any) -> None:
        super().__init__(**more)
        self._today = today
        self.person_id.choices = pairs([(member.person, member.member.name) for member in members])

    def validate_kinds(self, field: MultiChoiceField) -> None:
        """A recusal says nothing else."""
        if StatementKind.RECUSAL in field.data and len(field.data) > 1:
            raise ValidationError("Une personne récusée ne déclare et n’atteste rien d’autre.")

    def validate_signed_on(self, field: FrenchDateField) -> None:
        """Nobody signs tomorrow."""
        if field.data and field.data > self._today:
            raise ValidationError("Cette date est à venir. Donnez celle de la signature.")

    def validate_scan(self, field: FileField) -> None:
        """Ask for the scan, which is the proof."""
        if not field.data or not field.data.filename:
            raise ValidationError("Joignez le formulaire signé.")

    def said(self) -> list[MemberDeclarations]:
        """Return what the form says, in the order in which it is done."""
        typed: dict[str, Any] = self.data
        order = (StatementKind.RECUSAL_WITHDRAWN, StatementKind.NO_RELATION, StatementKind.READ, StatementKind.RECUSAL)
        return [
            MemberDeclarations(typed["person_id"], kind, typed["reason"] or "", typed["signed_on"])
            for kind in order
            if kind in typed["kinds"]
        ]


class ReadingForm(IdempotentForm):
    """The attestation of having read (J13): its sentence is ticked, then signed."""

    sure = ConfirmField("", missing="Cochez la phrase que vous attestez, une fois le dossier lu.")

    elsewhere = BooleanField("")

    def __init__(
        self, candidate: str, *, is_record: bool = False, extent: ReadingExtent | None = None, **more: Any
    ) -> None:
        super().__init__(**more)
        self.sure.label.text = statement_words(StatementKind.READ, candidate, is_record=is_record)
        self._extent, self._is_record = extent, is_record

    @property
    def asks_again(self) -> bool:
        """Tell whether few exhibits were opened here, so that the attestation needs a second answer."""
        return self._extent is not None and self._extent.is_little

    def validate_elsewhere(self, field: BooleanField) -> None:
        """Ask a second time when few exhibits were opened here."""
        if self.asks_again and self._extent is not None and not field.data:
            raise ValidationError(little_read_message(self._extent, is_record=self._is_record))


class PresenceForm(IdempotentForm):
    """Members who are there for one candidate."""

    present = MultiChoiceField("Membres présents", UUID)
    attendance = RadioChoiceField(
        "La personne candidate", Attendance, missing="Indiquez si la personne est là.", choices=ATTENDANCES
    )
    reason = MultiLineField("Pourquoi les présences sont corrigées", limit=2000)

    def __init__(self, members: Iterable[MemberState], **more: Any) -> None:
        super().__init__(**more)
        self.present.choices = pairs([(member.person, member.member.name) for member in members])


class ParityForm(IdempotentForm):
    """Reason why women and men do not both sit."""

    reason = MultiLineField("Pourquoi le jury n’est pas mixte", missing="Écrivez le motif.", limit=2000)


class DeliberationDayForm(Form):
    """The day on which the jury deliberated, where the minutes are closed on another one; it changes nothing."""

    class Meta(Form.Meta):
        """A form that is read, by its address."""

        csrf = False

    deliberated_on = FrenchDateField("Jour où le jury a délibéré", missing="Donnez le jour où le jury a délibéré.")


class ClosingForm(IdempotentForm):
    """The president's signature: the password again, after the last word."""

    sure = ConfirmField(
        "J’ai relu ce procès-verbal en entier. Une fois signé, il ne change plus.",
        missing="Cochez cette case pour clore le procès-verbal.",
    )
    # The day of the deliberation, as the page that was read says it.
    deliberated_on = FrenchDateField("Jour de la délibération")
    password = PasswordField("Votre mot de passe, pour signer")

    def validate_password(self, field: PasswordField) -> None:
        """A signature without it is none."""
        if not field.data:
            raise ValidationError("Tapez votre mot de passe : c’est lui qui signe le procès-verbal.")


class SignMinutesForm(IdempotentForm):
    """The signature of a member under closed minutes; a passkey stands in place of the password."""

    password = PasswordField("Votre mot de passe, pour signer", render_kw={"autocomplete": "current-password"})


class VoidForm(IdempotentForm):
    """Reason why a sitting has no effect (R10), and the certifier's signature."""

    reason = MultiLineField(
        "Pourquoi cette séance est sans effet",
        missing="Dites quelle irrégularité empêche ce jury de décider.",
        limit=5000,
    )
    password = PasswordField("Votre mot de passe, pour signer")

    def validate_password(self, field: PasswordField) -> None:
        """A signature without it is none."""
        if not field.data:
            raise ValidationError("Tapez votre mot de passe : c’est lui qui signe ce procès-verbal.")


class RectificationForm(IdempotentForm):
    """Rectification of closed minutes."""

    text = MultiLineField(
        "Ce qui est rectifié", missing="Dites ce qui est inexact, et ce qu’il faut lire à la place.", limit=5000
    )
    sure = ConfirmField(
        "J’ai relu ce texte. Une fois inscrit, il ne change plus et ne s’efface pas.",
        missing="Relisez le texte, puis cochez cette case pour l’inscrire.",
    )


MOST_MINUTES = 480


class MinutesField(SingleLineField):
    """A duration in whole minutes; the sentence says what to write."""

    def post_validate(self, form: Any, validation_stopped: bool) -> None:  # noqa: ARG002
        """Refuse anything but a number of minutes between 1 and eight hours."""
        if self.data and self.minutes is None:
            raise ValidationError(f"Écrivez un nombre de minutes, de 1 à {MOST_MINUTES}.")

    @property
    def minutes(self) -> int | None:
        """Return the number of minutes typed; None when nothing is, or nothing readable."""
        text = (self.data or "").strip()
        number = int(text) if text.isdecimal() and len(text) < 5 else 0
        return number if 1 <= number <= MOST_MINUTES else None


class DefenceForm(IdempotentForm):
    """Duration of a defence."""

    presentation = MinutesField("Présentation, en minutes", missing="Donnez la durée de la présentation.")
    questions = MinutesField("Échange avec le jury, en minutes", missing="Donnez la durée de l’échange.")

    def value(self) -> DefenceMinutes:
        """Return what was typed."""
        return DefenceMinutes(self.presentation.minutes or 0, self.questions.minutes or 0)


MAX_NOTE_CHARS = 4000
_MISSING = "Écrivez votre note, ou quittez cette page : rien n’est encore enregistré."


class NoteForm(IdempotentForm):
    """A new note; the hidden fields hold its place."""

    kind = RadioChoiceField("C’est…", NoteKind, missing="Choisissez : une note, ou une question.", choices=NOTE_KINDS)
    text = MultiLineField("Votre note", missing=_MISSING, limit=MAX_NOTE_CHARS)
    competency = HiddenField()
    exhibit = HiddenField()
    page = HiddenField()
    second = HiddenField()

    def value(self) -> NoteInput:
        """Return the note with its place; an unreadable place is left out."""
        kind: Any = self.kind.data
        exhibit = clean_line(self.exhibit.data or "")[:20] or None
        place = (_uuid(self.competency.data), exhibit, _number(self.page.data), _number(self.second.data))
        return NoteInput(kind, self.text.data or "", *place)


class NoteChangeForm(VersionedForm):
    """A note that is changed."""

    kind = RadioChoiceField("C’est…", NoteKind, missing="Choisissez : une note, ou une question.", choices=NOTE_KINDS)
    text = MultiLineField("Votre note", missing=_MISSING, limit=MAX_NOTE_CHARS)


def note_form(
    competency: UUID | None = None, exhibit: str | None = None, page: int | None = None, second: int | None = None
) -> NoteForm:
    """Return an empty form pinned to a place."""
    place = {"competency": competency, "exhibit": exhibit, "page": page, "second": second}
    texts = {name: str(value) for name, value in place.items() if value is not None}
    return NoteForm(formdata=None, kind=NoteKind.NOTE, **texts)


def change_form(note: JurorNote) -> NoteChangeForm:
    """Return the form of a note as it is stored."""
    return NoteChangeForm(formdata=None, kind=note.kind, text=note.text, revision=str(note.revision))


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 8 else None


class SessionSiteForm(IdempotentForm):
    """One of the sites of the body, or none."""

    site_id = SelectChoiceField("Lieu enregistré", UUID)

    def __init__(self, sites: Iterable[tuple[str, str]], **more: Any) -> None:
        super().__init__(**more)
        self.site_id.choices = [("", "Aucun lieu enregistré"), *sites]
