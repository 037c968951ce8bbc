"""Planning assessments, recording their results, cohorts, and how long a defence lasted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask_wtf.file import FileField
from wtforms import HiddenField
from wtforms.validators import ValidationError

from portfolio.assessment.rules import AssessmentKind, AssessmentOutcome, DefenceMinutes, PlannedValue, RetryRule
from portfolio.assessment.wording import KINDS, OUTCOMES, RETRIES
from portfolio.candidacy.rules import Route, has_livret2
from portfolio.candidacy.wording import ROUTES
from portfolio.storage.kinds import ACCEPT_ATTRIBUTE
from portfolio.web.forms import CreationForm, DayField, LineField, ListField, OneOfField, ProseField, SureField, pairs

MOST_MINUTES = 480
_WHOLE = "Toute la certification"


class MinutesField(LineField):
    """A duration in whole minutes; the sentence says what to write."""

    def post_validate(self, form: Any, validation_stopped: bool) -> None:  # noqa: ARG002
        """Refuse anything but a number of minutes between 1 and eight hours."""
        if self.data and self.minutes is None:
            raise ValidationError(f"Écrivez un nombre de minutes, de 1 à {MOST_MINUTES}.")

    @property
    def minutes(self) -> int | None:
        """The number of minutes typed; None when nothing is, or nothing readable."""
        text = (self.data or "").strip()
        number = int(text) if text.isdecimal() and len(text) < 5 else 0
        return number if 1 <= number <= MOST_MINUTES else None


class PlannedForm(CreationForm):
    """A practical case or a deliverable that a version plans."""

    kind = ListField("Nature", AssessmentKind, missing="Choisissez la nature.", choices=KINDS)
    title = ProseField("Ce qui est évalué", missing="Écrivez ce qui est évalué, comme la fiche le dit.", limit=2000)
    block = ListField("Bloc", int)

    def __init__(self, blocks: Sequence[Any], value: PlannedValue | None = None, **more: Any) -> None:
        initial = {"kind": value.kind, "title": value.title, "block": value.block} if value else {}
        super().__init__(data=initial, **more)
        self.block.choices = pairs([("", _WHOLE), *((one.number, f"Bloc {one.number} : {one.title}") for one in blocks)])

    def value(self) -> PlannedValue:
        """What was typed."""
        assert self.kind.data is not None  # the form was validated
        return PlannedValue(self.kind.data, self.title.data or "", self.block.data)


class PlanForm(CreationForm):
    """How long a defence lasts, and before which jury a candidate who failed goes."""

    revision = HiddenField(default="0")
    presentation = MinutesField("Présentation, en minutes")
    questions = MinutesField("Échange avec le jury, en minutes")
    retry = OneOfField("Après un échec", RetryRule, missing="Choisissez la règle.", choices=RETRIES)

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
        """The revision that the author had before them."""
        data = self.revision.data or ""
        return int(data) if data.isdecimal() and len(data) < 10 else 0

    def defence(self) -> DefenceMinutes | None:
        """The durations typed; None when there is no defence."""
        first, second = self.presentation.minutes, self.questions.minutes
        return DefenceMinutes(first, second) if first and second else None


class DefenceForm(CreationForm):
    """How long a defence lasted."""

    presentation = MinutesField("Présentation, en minutes", missing="Donnez la durée de la présentation.")
    questions = MinutesField("Échange avec le jury, en minutes", missing="Donnez la durée de l’échange.")

    def value(self) -> DefenceMinutes:
        """What was typed."""
        return DefenceMinutes(self.presentation.minutes or 0, self.questions.minutes or 0)


class ResultForm(CreationForm):
    """The result of one assessment: which, when, by whom, with which outcome and document."""

    planned_id = ListField("Évaluation", UUID, missing="Choisissez l’évaluation.")
    assessed_on = DayField("Date de l’évaluation", missing="Donnez la date de l’évaluation.")
    examiner = LineField("Évaluateur ou évaluatrice", missing="Donnez le nom de la personne qui a évalué.")
    outcome = OneOfField("Résultat", AssessmentOutcome, missing="Choisissez le résultat.")
    detail = ProseField("Note ou appréciation", limit=5000)
    document = FileField("Document", render_kw={"accept": ACCEPT_ATTRIBUTE})

    def __init__(self, planned: Sequence[tuple[UUID, str]], *, corrects: bool = False, **more: Any) -> None:
        super().__init__(**more)
        self.planned_id.choices = pairs([("", "Choisissez une évaluation"), *planned])
        offered = {one: words for one, words in OUTCOMES.items() if corrects or one is not AssessmentOutcome.WITHDRAWN}
        self.outcome.choices = pairs(offered)

    @property
    def brings_document(self) -> bool:
        """Whether a file came with the form."""
        return bool(self.document.data and self.document.data.filename)


class SealForm(CreationForm):
    """The box that is ticked before the record is fixed for a jury."""

    sure = SureField(
        "J’ai relu ces résultats. Le jury les lira tels quels, et ce relevé ne s’efface pas.",
        missing="Relisez les résultats, puis cochez cette case pour arrêter le relevé.",
    )


class BelongingForm(CreationForm):
    """The cohort of a candidacy."""

    cohort_id = ListField("Promotion", UUID)

    def __init__(self, cohorts: Sequence[Any], current: UUID | None = None, **more: Any) -> None:
        super().__init__(data={"cohort_id": current}, **more)
        self.cohort_id.choices = pairs([("", "Aucune promotion"), *((one.id, one.name) for one in cohorts)])


class CohortForm(CreationForm):
    """A cohort: its name, its certification, its route and its days."""

    name = LineField("Nom de la promotion", missing="Donnez le nom de la promotion, par exemple « Promotion 2026 ».")
    version_id = ListField("Certification", UUID, missing="Choisissez la certification.")
    route = ListField("Voie d’accès", Route, missing="Choisissez la voie d’accès.")
    starts_on = DayField("Premier jour", missing="Donnez le premier jour de la promotion.")
    ends_on = DayField("Dernier jour", missing="Donnez le dernier jour de la promotion.")

    def __init__(self, versions: Sequence[Any], **more: Any) -> None:
        super().__init__(**more)
        self.version_id.choices = pairs((version.id, version.label) for version in versions)
        self.route.choices = pairs((route, words) for route, words in ROUTES.items() if not has_livret2(route))
        if len(versions) == 1 and not self.is_submitted():
            self.version_id.data = versions[0].id

    def validate_ends_on(self, field: DayField) -> None:
        """The last day is not before the first one."""
        begins: date | None = self.starts_on.data
        if field.data and begins and field.data < begins:
            raise ValidationError("Le dernier jour est avant le premier. Vérifiez les deux dates.")
