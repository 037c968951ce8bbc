"""Opening a candidacy, giving it an advisor.

The partner that a candidacy comes through, among those found by a search.

The form that returns a sealed dossier for completion, and the one that gives another day.

Forms of an act on many candidacies: each carries the candidacies that its page showed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from wtforms import BooleanField, HiddenField
from wtforms.validators import Length, ValidationError

from portfolio.domain.admissibility.use_cases.corrections import Correction
from portfolio.domain.candidacy.rules.candidate_sheet import CANDIDATE_HEADINGS, CandidateColumn
from portfolio.domain.candidacy.rules.deadlines import DeadlineKind, Regime
from portfolio.domain.candidacy.rules.missed_deadlines import LapseOutcome, MissedDeadline, Ruling
from portfolio.domain.candidacy.rules.opening import Birth, NewCandidacy, PersonInput, Scope
from portfolio.domain.candidacy.rules.stage import ClosureKind
from portfolio.domain.certification.rules.case_package import read_day
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.group_acts.rules import MAX_CANDIDACIES, GroupActKind
from portfolio.domain.group_acts.use_cases.orders import OrderedAct
from portfolio.domain.submission.rules.returns import (
    MAX_REQUEST_CHARS,
    MAX_REQUESTS,
    RequestInput,
    ReturnInput,
    requests_of,
)
from portfolio.screens.account.login.forms import EmailField
from portfolio.web.forms import (
    ConfirmField,
    FrenchDateField,
    IdempotentForm,
    MultiChoiceField,
    MultiLineField,
    RadioChoiceField,
    SelectChoiceField,
    SingleLineField,
    pairs,
)
from portfolio.web.sheets import SheetForm
from portfolio.wording.candidacy import CLOSURES, DELAYS, OUTCOMES, REGIMES, ROUTES, SCOPES

_BEGAN_LABEL = "Date de la recevabilité, ou du début de la formation"
_NO_DAY = "Donnez la date de la décision de recevabilité, ou du début de la formation."


class OpeningForm(IdempotentForm):
    """Everything that opens a candidacy."""

    version_id = SelectChoiceField("Certification", UUID, missing="Choisissez la certification.")
    candidate_name = SingleLineField("Prénom et nom", missing="Donnez le nom de la candidate ou du candidat.")
    candidate_email = EmailField("Adresse électronique", missing="Donnez l’adresse : l’invitation y est envoyée.")
    postal_address = MultiLineField("Adresse postale", limit=500)
    route = SelectChoiceField(
        "Voie d’accès", Route, missing="Choisissez la voie d’accès.", choices=ROUTES, default=Route.VAE
    )
    regime = RadioChoiceField(
        "Procédure", Regime, missing="Choisissez la procédure.", choices=REGIMES, default=Regime.FRANCE_VAE
    )
    scope = RadioChoiceField("Étendue", Scope, missing="Choisissez l’étendue.", choices=SCOPES, default=Scope.WHOLE)
    block_ids = MultiChoiceField("Blocs demandés", UUID)
    admissible_on = FrenchDateField(_BEGAN_LABEL, missing=_NO_DAY)
    expiry_override = MultiLineField("Motif pour ouvrir malgré l’expiration", limit=2000)
    route_override = MultiLineField("Motif pour ouvrir par une voie fermée", limit=2000)
    route_confirmed = BooleanField("Je confirme que cette voie est ouverte pour cette certification")
    advisor_name = SingleLineField("Prénom et nom")
    advisor_email = EmailField("Adresse électronique", missing="")

    def __init__(self, versions: Sequence[Any], today: date, **more: Any) -> None:
        super().__init__(**more)
        self._today = today
        self.version_id.choices = pairs((version.id, version.label) for version in versions)
        self.block_ids.choices = pairs(choice for version in versions for choice in version.blocks)
        if len(versions) == 1 and not self.is_submitted():
            self.version_id.data = versions[0].id

    def validate_admissible_on(self, field: FrenchDateField) -> None:
        """A decision to come is not a decision."""
        if field.data and field.data > self._today:
            raise ValidationError("Cette date ne peut pas être à venir.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Beside each field: a name without an address cannot be invited, an address without a name greets nobody."""
        valid: bool = super().validate(extra_validators)
        if self.advisor_name.data and not self.advisor_email.data:
            self.advisor_email.errors = ["Donnez l’adresse de l’accompagnateur, ou effacez son nom."]
        if self.advisor_email.data and not self.advisor_name.data:
            self.advisor_name.errors = ["Donnez le nom de l’accompagnateur, ou effacez son adresse."]
        if self.scope.data is Scope.BLOCKS and not self.block_ids.data:
            self.block_ids.errors = ["Cochez au moins un bloc, ou choisissez toute la certification."]
        return valid and not self.errors

    def value(self) -> NewCandidacy:
        """Return what was decided."""
        advisor = PersonInput(self.advisor_email.data, self.advisor_name.data) if self.advisor_email.data else None
        return NewCandidacy(
            version_id=self.version_id.data,
            candidate=PersonInput(self.candidate_email.data, self.candidate_name.data),
            route=self.route.data,
            regime=self.regime.data,
            scope=self.scope.data,
            block_ids=tuple(self.block_ids.data or ()),
            admissible_on=self.admissible_on.data,
            advisor=advisor,
            expiry_override=self.expiry_override.data or "",
            route_override=self.route_override.data or "",
            route_confirmed=bool(self.route_confirmed.data),
            postal_address=self.postal_address.data or "",
        )


class AddressForm(IdempotentForm):
    """The postal address and the telephone of one candidate."""

    postal_address = MultiLineField("Adresse postale", limit=500)
    phone = SingleLineField("Téléphone", limit=40)


class AdvisorForm(IdempotentForm):
    """The advisor a candidacy is given to."""

    name = SingleLineField("Prénom et nom", missing="Donnez le nom de cette personne.")
    email = EmailField("Adresse électronique", missing="Donnez l’adresse : l’invitation y est envoyée.")

    def value(self) -> PersonInput:
        """Return the person named."""
        return PersonInput(self.email.data, self.name.data)


class BirthForm(IdempotentForm):
    """Birth that the certificate states; all empty, it says nothing."""

    born_on = FrenchDateField("Date de naissance")
    birth_place = SingleLineField("Lieu de naissance")
    birth_name = SingleLineField("Nom de naissance")

    def __init__(self, today: date, birth: Birth | None = None, **more: Any) -> None:
        current = {"born_on": birth.on, "birth_place": birth.place, "birth_name": birth.name} if birth else {}
        super().__init__(data=current, **more)
        self._today = today

    def validate_born_on(self, field: FrenchDateField) -> None:
        """Nobody is born tomorrow."""
        if field.data and field.data > self._today:
            raise ValidationError("Cette date est à venir. Vérifiez l’année de naissance.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Beside each field: the day and the place go together, and a name at birth does not stand alone."""
        valid: bool = super().validate(extra_validators)
        some = self.birth_place.data or self.birth_name.data
        if some and not self.born_on.data and not self.born_on.errors:
            self.born_on.errors = ["Donnez la date de naissance, ou videz les trois champs."]
        if (self.born_on.data or self.birth_name.data) and not self.birth_place.data:
            self.birth_place.errors = ["Donnez le lieu de naissance, ou videz les trois champs."]
        return valid and not self.errors

    def value(self) -> Birth | None:
        """Return what was typed, or None when nothing was."""
        if not self.born_on.data:
            return None
        return Birth(self.born_on.data, self.birth_place.data or "", self.birth_name.data or "")


class RulingForm(IdempotentForm):
    """The certifier's word on a delay that passed."""

    kind = RadioChoiceField("Le délai", DeadlineKind, missing="Choisissez le délai.")
    outcome = RadioChoiceField("Décision", LapseOutcome, missing="Choisissez la décision.", choices=OUTCOMES)
    reason = MultiLineField("Motif", missing="Écrivez le motif : la personne le lira.", limit=5000)
    decided_on = FrenchDateField("Date de la décision", missing="Donnez la date de la décision.")
    sure = ConfirmField(
        "J’ai relu ce motif. La personne le lira tel quel, et il ne s’efface pas.",
        missing="Relisez le motif, puis cochez cette case pour enregistrer la décision.",
    )

    def __init__(self, overruns: Sequence[MissedDeadline], **more: Any) -> None:
        super().__init__(**more)
        self.kind.choices = pairs((overrun.kind, DELAYS[overrun.kind]) for overrun in overruns)
        if len(overruns) == 1 and not self.is_submitted():
            self.kind.data = overruns[0].kind

    def value(self) -> Ruling:
        """Return what was decided."""
        typed: dict[str, Any] = self.data
        return Ruling(typed["kind"], typed["outcome"], typed["reason"], typed["decided_on"])


class CorrectionForm(IdempotentForm):
    """The candidate as they should have been named, and the blocks asked for."""

    candidate_name = SingleLineField("Prénom et nom", missing="Donnez le nom de la candidate ou du candidat.")
    candidate_email = EmailField("Adresse électronique", missing="Donnez l’adresse : l’invitation y est envoyée.")
    postal_address = MultiLineField("Adresse postale", limit=500)
    scope = RadioChoiceField("Étendue", Scope, missing="Choisissez l’étendue.", choices=SCOPES)
    block_ids = MultiChoiceField("Blocs demandés", UUID)

    def __init__(self, blocks: Sequence[tuple[UUID, str]], **more: Any) -> None:
        super().__init__(**more)
        self.block_ids.choices = pairs(blocks)

    def value(self) -> Correction:
        """Return what is corrected."""
        person = PersonInput(self.candidate_email.data, self.candidate_name.data)
        blocks = tuple(self.block_ids.data or ())
        return Correction(person, self.scope.data, blocks, self.postal_address.data or "")


class ClosureForm(IdempotentForm):
    """Reason why a candidacy is closed, abandoned or opened again."""

    kind = RadioChoiceField("Ce que vous enregistrez", ClosureKind, missing="Choisissez ce que vous enregistrez.")
    reason = MultiLineField("Motif", missing="Écrivez le motif : la personne le lira.", limit=2000)

    def __init__(self, is_closed: bool, **more: Any) -> None:
        super().__init__(**more)
        offered = (ClosureKind.REOPENED,) if is_closed else (ClosureKind.ABANDONED, ClosureKind.CLOSED)
        self.kind.choices = pairs((kind, CLOSURES[kind]) for kind in offered)
        if is_closed and not self.is_submitted():
            self.kind.data = ClosureKind.REOPENED


class BulkOpeningForm(SheetForm, OpeningForm):
    """A list of people, and the values that they share."""

    headings = CANDIDATE_HEADINGS
    admissible_on = FrenchDateField(_BEGAN_LABEL)
    group = SingleLineField("Groupe ou promotion")

    def __init__(self, versions: Sequence[Any], today: date, **more: Any) -> None:
        super().__init__(versions, today, **more)
        self._first_day: Any = None  # a date, where `admissible_on` has none
        del self.candidate_name, self.candidate_email, self.postal_address

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the day only where a line does not say its own."""
        valid = super().validate(extra_validators)
        day = self.admissible_on
        if day.data is None and not day.errors:
            sheet = self.read() if (self.lines.data or "").strip() else None
            said = [own.get(CandidateColumn.ADMISSIBLE_ON, "") for _, own in sheet.cells()] if sheet else []
            # What all of them share is checked too: it then has the first of these days.
            self._first_day = min(filter(None, map(read_day, said)), default=None)
            day.errors = [] if all(said) and self._first_day else [_NO_DAY]
        return valid and not day.errors

    def shared(self) -> NewCandidacy:
        """Return what every candidacy has; its person is nobody yet."""
        advisor = PersonInput(self.advisor_email.data, self.advisor_name.data) if self.advisor_email.data else None
        return NewCandidacy(
            version_id=self.version_id.data,
            candidate=PersonInput("", ""),
            route=self.route.data,
            regime=self.regime.data,
            scope=self.scope.data,
            block_ids=tuple(self.block_ids.data or ()),
            admissible_on=self.admissible_on.data or self._first_day,
            advisor=advisor,
            expiry_override=self.expiry_override.data or "",
            route_override=self.route_override.data or "",
            route_confirmed=bool(self.route_confirmed.data),
            group=self.group.data or "",
        )


class CandidacyPartnerForm(IdempotentForm):
    """One of the partners found, or none."""

    partner_id = RadioChoiceField("Partenaire", UUID)

    def __init__(self, partners: Iterable[tuple[UUID, str]], **more: Any) -> None:
        super().__init__(**more)
        self.partner_id.choices = [("", "Aucun : la candidature vient directement à votre organisme"), *partners]


class ReturnForm(IdempotentForm):
    """Request for a completed dossier: what is asked, why, and by which day."""

    requests = MultiLineField(
        "Ce qui est demandé, un point par ligne",
        missing="Écrivez au moins un point : la personne le verra dans sa liste.",
        limit=8000,
    )
    reason = MultiLineField("Motif", missing="Écrivez le motif : la personne le lira.", limit=2000)
    due_on = FrenchDateField(
        "À compléter au plus tard le", missing="Donnez la date avant laquelle compléter le dossier."
    )

    def __init__(self, competencies: Mapping[str, UUID], **more: Any) -> None:
        super().__init__(**more)
        self._competencies = competencies

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, then the number and the length of what is asked."""
        valid = super().validate(extra_validators)
        asked = self._asked()
        if len(asked) > MAX_REQUESTS:
            self.requests.errors = [f"Demandez {MAX_REQUESTS} points au plus, un par ligne. Il y en a {len(asked)}."]
        elif any(len(request.text) > MAX_REQUEST_CHARS for request in asked):
            self.requests.errors = [
                f"Un point fait {MAX_REQUEST_CHARS} caractères au plus. Raccourcissez le plus long."
            ]
        return valid and not self.requests.errors

    def _asked(self) -> tuple[RequestInput, ...]:
        return requests_of(self.requests.data or "", self._competencies)

    def value(self) -> ReturnInput:
        """Return what is asked."""
        assert self.due_on.data is not None
        return ReturnInput(self.reason.data or "", self.due_on.data, self._asked())


class ReturnDayForm(IdempotentForm):
    """Another day for what is asked."""

    due_on = FrenchDateField("Nouvelle date", missing="Donnez la nouvelle date.")


_ID_CHARS = 32


def join_ids(ids: Collection[UUID]) -> str:
    """Return ids as one field carries them."""
    return "".join(each.hex for each in ids)


def split_ids(text: str) -> tuple[UUID, ...]:
    """Read ids back; empty when they cannot be read or are too many."""
    if len(text) % _ID_CHARS or len(text) > MAX_CANDIDACIES * _ID_CHARS:
        return ()
    try:
        return tuple(UUID(text[start : start + _ID_CHARS]) for start in range(0, len(text), _ID_CHARS))
    except ValueError:
        return ()


class GroupActForm(IdempotentForm):
    """An act that needs no word: a new invitation."""

    acte = HiddenField()
    ids = HiddenField(validators=[Length(max=MAX_CANDIDACIES * _ID_CHARS)])
    kind = GroupActKind.INVITE

    @property
    def chosen(self) -> Sequence[UUID]:
        """Return the candidacies that the page showed."""
        return split_ids(self.ids.data or "")

    def value(self) -> OrderedAct:
        """Return what is ordered."""
        return OrderedAct(self.kind)


class GroupAdvisorForm(GroupActForm):
    """Advisor who is to accompany them."""

    name = SingleLineField("Prénom et nom", missing="Donnez le nom de cette personne.")
    email = EmailField("Adresse électronique", missing="Donnez l’adresse : l’invitation y est envoyée.")
    kind = GroupActKind.ASSIGN

    def value(self) -> OrderedAct:
        """Return what is ordered."""
        return OrderedAct(self.kind, advisor=PersonInput(self.email.data, self.name.data))


class GroupLetterForm(GroupActForm):
    """Letter that is written to them."""

    subject = SingleLineField("Objet", missing="Donnez un objet : c’est ce que la personne lit d’abord.")
    text = MultiLineField("Texte", missing="Écrivez le texte du courrier.", limit=5_000)
    kind = GroupActKind.WRITE

    def value(self) -> OrderedAct:
        """Return what is ordered."""
        return OrderedAct(self.kind, subject=self.subject.data, text=self.text.data)


FORMS: dict[GroupActKind, type[GroupActForm]] = {
    GroupActKind.INVITE: GroupActForm,
    GroupActKind.ASSIGN: GroupAdvisorForm,
    GroupActKind.WRITE: GroupLetterForm,
}
