"""What members write before and during a deliberation: opinions, the interview sheet, votes, an
adjournment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from wtforms.validators import ValidationError

from portfolio.domain.jury.models.deliberation import InterviewEntry, JurorOpinion
from portfolio.domain.jury.rules.ballots import VoteChoice
from portfolio.domain.jury.rules.enums import FindingValue
from portfolio.domain.jury.rules.member_status import MemberState
from portfolio.domain.jury.rules.opinions import InterviewInput, InterviewKind, OpinionInput
from portfolio.web.forms import (
    ConfirmField,
    Form,
    FrenchDateField,
    IdempotentForm,
    MultiChoiceField,
    MultiLineField,
    RadioChoiceField,
    SelectChoiceField,
    VersionedForm,
    pairs,
)
from portfolio.wording.jury import FINDINGS
from portfolio.wording.jury.opinions import CHOICES, INTERVIEW_KINDS


class OpinionForm(VersionedForm):
    """One's own opinion on a competency."""

    opinion = RadioChoiceField("Mon avis", FindingValue, missing="Choisissez votre avis.", choices=FINDINGS)
    comment = MultiLineField("Pourquoi, en quelques mots", limit=2000)

    def to_value(self) -> OpinionInput:
        """Return the opinion."""
        opinion: Any = self.opinion.data
        return OpinionInput(opinion, self.comment.data or "")


def opinion_form(row: JurorOpinion | None) -> OpinionForm:
    """Return the form of an opinion as it is stored."""
    if row is None:
        return OpinionForm(formdata=None, revision="0")
    return OpinionForm(formdata=None, revision=str(row.revision), opinion=row.value, comment=row.comment)


class GiveOpinionsForm(IdempotentForm):
    """The opinions are given: they do not change afterwards."""

    sure = ConfirmField(
        "Je remets mes avis. Ils ne changent plus, et le jury les lira quand ils seront ouverts.",
        missing="Cochez la phrase pour remettre vos avis.",
    )


class _InterviewFields(Form):
    """The lines that a new entry and its correction share."""

    kind = RadioChoiceField("Moment", InterviewKind, missing="Choisissez le moment.", choices=INTERVIEW_KINDS)
    competency_id = SelectChoiceField("Compétence", UUID)
    question = MultiLineField(
        "La question posée, ou ce qui a été demandé", missing="Écrivez la question posée.", limit=2000
    )
    heard = MultiLineField(
        "Ce qui a été entendu ou vu", missing="Écrivez ce que la personne a répondu ou fait.", limit=4000
    )
    asked_by = SelectChoiceField("Posée par", UUID)

    def offer(self, competencies: Mapping[UUID, tuple[str, str]], members: Iterable[MemberState]) -> None:
        """Offer the competencies of the dossier and the members of the jury."""
        lines = [(id, f"{label} {text}"[:110]) for id, (label, text) in competencies.items()]
        self.competency_id.choices = pairs([("", "Tout le dossier"), *lines])
        self.asked_by.choices = pairs(
            [("", "Le jury"), *((member.person, member.member.name) for member in members)]
        )

    def to_value(self) -> InterviewInput:
        """Return the line."""
        typed: dict[str, Any] = self.data
        places = (typed["asked_by"] or None, typed["competency_id"] or None)
        return InterviewInput(typed["kind"], typed["question"] or "", typed["heard"] or "", *places)


class InterviewForm(_InterviewFields, IdempotentForm):
    """A new line of the interview sheet."""


class InterviewChangeForm(_InterviewFields, VersionedForm):
    """A line that is corrected."""


def interview_change_form(row: InterviewEntry) -> InterviewChangeForm:
    """Return the form of a line as it is stored."""
    stored = {"kind": row.kind, "question": row.question, "heard": row.heard, "asked_by": row.asked_by}
    return InterviewChangeForm(
        formdata=None, competency_id=row.competency_id, revision=str(row.revision), **stored
    )


class VoteForm(IdempotentForm):
    """A vote: one button a choice."""

    choice = RadioChoiceField("Mon vote", VoteChoice, missing="Choisissez votre vote.", choices=CHOICES)


class AdjournmentForm(IdempotentForm):
    """Why the deliberation stops, and when it goes on."""

    reason = MultiLineField(
        "Pourquoi la séance est suspendue", missing="Écrivez pourquoi : le procès-verbal le dira.", limit=2000
    )
    resumes_on = FrenchDateField("Jour de la reprise")

    def __init__(self, today: date, **more: Any) -> None:
        super().__init__(**more)
        self._today = today

    def validate_resumes_on(self, field: FrenchDateField) -> None:
        """A deliberation goes on today or later."""
        if field.data and field.data < self._today:
            raise ValidationError("Cette date est passée. Donnez celle de la reprise, ou laissez vide.")


class ResumptionDayForm(AdjournmentForm):
    """When an adjourned deliberation goes on."""

    reason = None


class ResumeForm(IdempotentForm):
    """Who is there when the deliberation goes on."""

    present = MultiChoiceField("Membres présents à la reprise", UUID)

    def __init__(self, members: Iterable[MemberState], **more: Any) -> None:
        super().__init__(**more)
        self.present.choices = pairs([(member.person, member.member.name) for member in members])
