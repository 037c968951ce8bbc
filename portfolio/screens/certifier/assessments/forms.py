"""Planning assessments, recording their results, cohorts, and how long a defence lasted."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask_wtf.file import FileField
from wtforms import HiddenField
from wtforms.validators import ValidationError

from portfolio.domain.assessment.rules import AssessmentKind, AssessmentOutcome, DefenceMinutes, PlannedValue, RetryRule
from portfolio.domain.assessment.use_cases.results import Examiner
from portfolio.domain.candidacy.rules.opening import has_livret2
from portfolio.domain.certification.rules.entry import Route
from portfolio.files.file_types.types import ACCEPT_ATTRIBUTE
from portfolio.screens.juror.forms.declarations import MinutesField
from portfolio.web.forms import (
    ConfirmField,
    FrenchDateField,
    IdempotentForm,
    MultiLineField,
    RadioChoiceField,
    SelectChoiceField,
    SingleLineField,
    pairs,
)
from portfolio.wording.assessment import KINDS, OUTCOMES, RETRIES
from portfolio.wording.candidacy import ROUTES

_WHOLE = "Toute la certification"


class PlannedForm(IdempotentForm):
    """A practical case or a deliverable that a version plans."""

    kind = SelectChoiceField("Nature", AssessmentKind, missing="Choisissez la nature.", choices=KINDS)
    title = MultiLineField("Ce qui est évalué", missing="Écrivez ce qui est évalué, comme la fiche le dit.", limit=2000)
    block = SelectChoiceField("Bloc", int)

    def __init__(self, blocks: Sequence[Any], value: PlannedValue | None = None, **more: Any) -> None:
        initial = {"kind": value.kind, "title": value.title, "block": value.block} if value else {}
        super().__init__(data=initial, **more)
        self.block.choices = pairs(
            [("", _WHOLE), *((block.number, f"Bloc {block.number} : {block.title}") for block in blocks)]
        )

    def value(self) -> PlannedValue:
        """Return what was typed."""
        assert self.kind.data is not None  # the form was validated
        return PlannedValue(self.kind.data, self.title.data or "", self.block.data)


class PlanForm(IdempotentForm):
    """Duration of a defence, and before which jury a candidate who failed goes."""

    revision = HiddenField(default="0")
    presentation = MinutesField("Présentation, en minutes")
    questions = MinutesField("Échange avec le jury, en minutes")
    retry = RadioChoiceField("Après un échec", RetryRule, missing="Choisissez la règle.", choices=RETRIES)

    def validate(self, extra_validators: Any = None) -> bool:
        """Both durations go together."""
        valid: bool = super().validate(extra_validators)
        if self.presentation.data and not self.questions.data:
            self.questions.errors = ["Donnez la durée de l’échange, ou effacez celle de la présentation."]
        if self.questions.data and not self.presentation.data:
            self.presentation.errors = ["Donnez la durée de la présentation, ou effacez celle de l’échange."]
        return valid and not self.errors

    @property
    def seen_revision(self) -> int:
        """Return the revision that the author had before them."""
        data = self.revision.data or ""
        return int(data) if data.isdecimal() and len(data) < 10 else 0

    def defence(self) -> DefenceMinutes | None:
        """Return the durations typed; None when there is no defence."""
        first, second = self.presentation.minutes, self.questions.minutes
        return DefenceMinutes(first, second) if first and second else None


class ResultForm(IdempotentForm):
    """The result of one assessment: which, when, by whom, with which outcome and document."""

    planned_id = SelectChoiceField("Évaluation", UUID, missing="Choisissez l’évaluation.")
    assessed_on = FrenchDateField("Date de l’évaluation", missing="Donnez la date de l’évaluation.")
    examiner_id = SelectChoiceField("Évaluateur ou évaluatrice", UUID)
    examiner = SingleLineField("Son nom, si la personne n’est pas dans la liste", limit=200)
    outcome = RadioChoiceField("Résultat", AssessmentOutcome, missing="Choisissez le résultat.")
    detail = MultiLineField("Note ou appréciation", limit=5000)
    document = FileField("Document", render_kw={"accept": ACCEPT_ATTRIBUTE})

    def __init__(
        self,
        planned: Sequence[tuple[UUID, str]],
        examiners: Sequence[Examiner] = (),
        *,
        corrects: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self._names = {person.id: person.name for person in examiners}
        self.examiner_id.choices = pairs([("", "Choisissez, ou écrivez un nom ci-dessous"), *self._names.items()])
        self.planned_id.choices = pairs([("", "Choisissez une évaluation"), *planned])
        offered = {
            outcome: words
            for outcome, words in OUTCOMES.items()
            if corrects or outcome is not AssessmentOutcome.WITHDRAWN
        }
        self.outcome.choices = pairs(offered)

    def validate(self, extra_validators: Any = None) -> bool:
        """An assessment has an examiner: a person of the list, or a name."""
        valid: bool = super().validate(extra_validators)
        if not self.examiner_id.data and not self.examiner.data and not self.examiner.errors:
            self.examiner.errors = ["Choisissez la personne qui a évalué dans la liste, ou écrivez son nom."]
        return valid and not self.errors

    @property
    def examined_by(self) -> tuple[str, UUID | None]:
        """Return who examined: the name typed, which the list never replaces, else the person chosen."""
        chosen: UUID | None = self.examiner_id.data
        if self.examiner.data or chosen is None:
            return self.examiner.data or "", None
        return self._names[chosen], chosen

    @property
    def brings_document(self) -> bool:
        """Tell whether a file came with the form."""
        return bool(self.document.data and self.document.data.filename)


class SealForm(IdempotentForm):
    """The box that is ticked before the record is fixed for a jury."""

    sure = ConfirmField(
        "J’ai relu ces résultats. Le jury les lira tels quels, et ce relevé ne s’efface pas.",
        missing="Relisez les résultats, puis cochez cette case pour arrêter le relevé.",
    )


class BelongingForm(IdempotentForm):
    """The cohort of a candidacy."""

    cohort_id = SelectChoiceField("Promotion", UUID)

    def __init__(self, cohorts: Sequence[Any], current: UUID | None = None, **more: Any) -> None:
        super().__init__(data={"cohort_id": current}, **more)
        self.cohort_id.choices = pairs([("", "Aucune promotion"), *((cohort.id, cohort.name) for cohort in cohorts)])


class CohortForm(IdempotentForm):
    """A cohort: its name, its certification, its route and its days."""

    name = SingleLineField(
        "Nom de la promotion", missing="Donnez le nom de la promotion, par exemple « Promotion 2026 »."
    )
    version_id = SelectChoiceField("Certification", UUID, missing="Choisissez la certification.")
    route = SelectChoiceField("Voie d’accès", Route, missing="Choisissez la voie d’accès.")
    starts_on = FrenchDateField("Premier jour", missing="Donnez le premier jour de la promotion.")
    ends_on = FrenchDateField("Dernier jour", missing="Donnez le dernier jour de la promotion.")

    def __init__(self, versions: Sequence[Any], **more: Any) -> None:
        super().__init__(**more)
        self.version_id.choices = pairs((version.id, version.label) for version in versions)
        self.route.choices = pairs((route, words) for route, words in ROUTES.items() if not has_livret2(route))
        if len(versions) == 1 and not self.is_submitted():
            self.version_id.data = versions[0].id

    def validate_ends_on(self, field: FrenchDateField) -> None:
        """Refuse a last day before the first one."""
        begins: date | None = self.starts_on.data
        if field.data and begins and field.data < begins:
            raise ValidationError("Le dernier jour est avant le premier. Vérifiez les deux dates.")
