"""Forms of the president: a finding, a decision.

What members write before and during a deliberation: opinions, the interview sheet, votes, an adjournment.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField
from wtforms.validators import ValidationError

from portfolio.domain.jury.models.deliberation import InterviewEntry, JurorOpinion
from portfolio.domain.jury.rules.deliberation import DecisionRecord, FindingRecord, Votes
from portfolio.domain.jury.rules.enums import Demonstration, FindingValue, Outcome, PresidencyVote
from portfolio.domain.jury.rules.member_status import MemberState
from portfolio.domain.jury.rules.opinions import InterviewInput, InterviewKind, OpinionInput, VoteChoice
from portfolio.domain.jury_session.use_cases.hearing_page import AssessedBlock, AssessedCompetency, HearingPageData
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
    pairs,
)
from portfolio.wording.jury import FINDINGS, GROUNDS, OUTCOMES
from portfolio.wording.jury.deliberation import PRESIDENCY_VOTES
from portfolio.wording.jury.opinions import CHOICES, INTERVIEW_KINDS


class FindingForm(VersionedForm):
    """Finding that the president records for one competency."""

    value = RadioChoiceField("Constat du jury", FindingValue, missing="Choisissez un constat.", choices=FINDINGS)
    reason = MultiLineField("Motif")
    ground = RadioChoiceField("Où cette compétence a-t-elle été démontrée ?", Demonstration, choices=GROUNDS)
    ground_text = MultiLineField("Précisions", limit=2000)

    def record(self) -> FindingRecord:
        """Return the finding; a ground only stands beside a competency that is acquired."""
        typed: dict[str, Any] = self.data
        ground = typed["ground"] if typed["value"] is FindingValue.ACQUIRED else None
        return FindingRecord(
            typed["value"], typed["reason"] or "", ground, (typed["ground_text"] or "") if ground else ""
        )


def finding_form(record: FindingRecord | None, revision: int) -> FindingForm:
    """Open the form of a finding on what is kept."""
    return FindingForm(formdata=None, revision=str(revision), **finding_values(record))


def finding_values(record: FindingRecord | None) -> dict[str, Any]:
    """Return what is kept of a finding, by field."""
    names = ("value", "reason", "ground", "ground_text")
    return {name: getattr(record, name) for name in names} if record else {}


class DecisionForm(VersionedForm):
    """Decision that the president intends for one block."""

    outcome = RadioChoiceField("Décision du jury", Outcome, missing="Choisissez une décision.", choices=OUTCOMES)
    reason = MultiLineField("Motif de la décision")
    override_reason = MultiLineField("Pourquoi le jury s’écarte des constats")
    recommendation = MultiLineField("Préconisations à la personne candidate")
    no_recommendation = MultiLineField("Pourquoi le jury ne préconise rien", limit=2000)
    votes_for = SingleLineField("Pour", limit=3)
    votes_against = SingleLineField("Contre", limit=3)
    votes_abstained = SingleLineField("Abstentions", limit=3)
    votes_presidency = RadioChoiceField("Vote de la présidence", PresidencyVote, choices=PRESIDENCY_VOTES)

    def validate_no_recommendation(self, field: MultiLineField) -> None:
        """It is one or the other."""
        if field.data and self.recommendation.data:
            raise ValidationError(
                "Le jury préconise déjà quelque chose ci-dessus : gardez l’un des deux textes, effacez l’autre."
            )

    def validate_votes_for(self, field: SingleLineField) -> None:
        """A count is a number."""
        _check_count(field)

    def validate_votes_against(self, field: SingleLineField) -> None:
        """A count is a number."""
        _check_count(field)

    def validate_votes_abstained(self, field: SingleLineField) -> None:
        """A count is a number."""
        _check_count(field)

    def record(self) -> DecisionRecord:
        """Return the decision."""
        typed: dict[str, Any] = self.data
        reason, override, expected = (typed[name] or "" for name in ("reason", "override_reason", "recommendation"))
        in_favour, against, abstained = (
            _count(typed[name]) for name in ("votes_for", "votes_against", "votes_abstained")
        )
        votes = Votes(in_favour, against, abstained, typed["votes_presidency"] or None)
        refused = typed["outcome"] is Outcome.NOT_VALIDATED
        nothing_more = (typed["no_recommendation"] or "") if refused else ""
        return DecisionRecord(typed["outcome"], reason, override, expected, votes, nothing_more)


def _check_count(field: SingleLineField) -> None:
    if field.data and not (field.data.isascii() and field.data.isdecimal()):
        raise ValidationError("Écrivez un nombre de voix, en chiffres, ou laissez vide.")


def _count(text: str | None) -> int | None:
    return int(text) if text else None


def _shown(count: int | None) -> str:
    return "" if count is None else str(count)


def decision_form(record: DecisionRecord | None, revision: int) -> DecisionForm:
    """Open the form of a decision on what is kept."""
    return DecisionForm(formdata=None, revision=str(revision), **decision_values(record))


def decision_values(record: DecisionRecord | None) -> dict[str, Any]:
    """Return what is kept of a decision, by field."""
    if record is None:
        return {}
    names = ("outcome", "reason", "override_reason", "recommendation", "no_recommendation")
    votes = (record.votes.in_favour, record.votes.against, record.votes.abstained)
    counts = zip(("votes_for", "votes_against", "votes_abstained"), map(_shown, votes), strict=True)
    kept = {name: getattr(record, name) for name in names} | dict(counts)
    return kept | {"votes_presidency": record.votes.presidency}


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
        self.asked_by.choices = pairs([("", "Le jury"), *((member.person, member.member.name) for member in members)])

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
    return InterviewChangeForm(formdata=None, competency_id=row.competency_id, revision=str(row.revision), **stored)


class VoteForm(IdempotentForm):
    """A vote: one button a choice."""

    choice = RadioChoiceField("Mon vote", VoteChoice, missing="Choisissez votre vote.", choices=CHOICES)


class AdjournmentForm(IdempotentForm):
    """Reason why the deliberation stops, and when it goes on."""

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
    """Moment when an adjourned deliberation goes on."""

    reason = None  # type: ignore[assignment]  # the way of WTForms to take out a field


class ResumeForm(IdempotentForm):
    """Members who are there when the deliberation goes on."""

    present = MultiChoiceField("Membres présents à la reprise", UUID)

    def __init__(self, members: Iterable[MemberState], **more: Any) -> None:
        super().__init__(**more)
        self.present.choices = pairs([(member.person, member.member.name) for member in members])


# The token stands once, in the form around.
_INNER = {"csrf": False}
_MISSING_GROUND = "Dites où ont été démontrées les compétences sans pièce."


class WholeBlockForm(Form):
    """A block whose competencies are all acquired, and where those without evidence were demonstrated."""

    whole = BooleanField("Tout le bloc est acquis, et validé")
    ground = SelectChoiceField(
        "Où les compétences sans pièce ont été démontrées",
        Demonstration,
        choices=[("", "Choisissez"), *GROUNDS.items()],
    )


class FindingsGrid:
    """The forms of one table, opened on what is kept or filled with what was typed."""

    def __init__(self, page: HearingPageData, typed: MultiDict[str, str] | None = None) -> None:
        self.form = IdempotentForm() if typed is not None else IdempotentForm(formdata=None)
        self._typed = typed
        self.lines: dict[UUID, FindingForm] = {}
        self.blocks: dict[UUID, DecisionForm] = {}
        self.whole: dict[UUID, WholeBlockForm] = {}
        self._open = [block for block in page.blocks if block.open]
        for block in self._open:
            kept = {"revision": str(block.revision), **decision_values(block.decision)}
            self.blocks[block.id] = self._made(DecisionForm, f"b{block.number}", kept)
            self.whole[block.id] = self._made(WholeBlockForm, f"tout{block.number}", {})
            for line in block.competencies:
                kept = {"revision": str(line.revision), **finding_values(line.finding)}
                self.lines[line.id] = self._made(FindingForm, f"c{line.label}", kept)

    def _made(self, kind: Any, prefix: str, kept: dict[str, Any]) -> Any:
        return kind(self._typed, prefix=prefix, meta=_INNER, data=kept)

    def rebase(self, page: HearingPageData) -> None:
        """Let what was typed replace what another save wrote meanwhile."""
        for block in page.blocks:
            if block.id in self.blocks:
                self.blocks[block.id].revision.data = str(block.revision)
            for line in block.competencies:
                if line.id in self.lines:
                    self.lines[line.id].revision.data = str(line.revision)

    def validate(self) -> bool:
        """Check the fields; what is not answered yet is no error, and a whole block asks its ground once."""
        right = self.form.validate()
        for block in self._open:
            whole = self.whole[block.id]
            right = whole.validate() and right
            if whole.whole.data:
                if any(not line.claims for line in block.competencies) and not whole.ground.data:
                    whole.ground.errors = [_MISSING_GROUND]
                    right = False
                self._acquire(block, whole.ground.data)
        filled = [form for form in self.lines.values() if form.value.raw_data and form.value.raw_data[0]]
        filled += [form for form in self.blocks.values() if form.outcome.raw_data and form.outcome.raw_data[0]]
        answers = [form.validate() for form in filled]  # each of them: every error is shown
        return all(answers) and right

    def _acquire(self, block: AssessedBlock, ground: Demonstration | None) -> None:
        """Answer for each competency of a block and for its decision; a reason that was typed stays."""
        for line in block.competencies:
            form = self.lines[line.id]
            form.value.data, form.value.raw_data = FindingValue.ACQUIRED, [FindingValue.ACQUIRED.value]
            if not line.claims and not form.ground.data:
                form.ground.data = ground
        decision = self.blocks[block.id]
        decision.outcome.data, decision.outcome.raw_data = Outcome.VALIDATED, [Outcome.VALIDATED.value]

    def findings(self) -> Iterator[tuple[AssessedCompetency, FindingForm]]:
        """Yield the competencies whose finding is answered and changes."""
        for block in self._open:
            for line in block.competencies:
                form = self.lines[line.id]
                if form.value.data and form.record() != line.finding:
                    yield line, form

    def decisions(self) -> Iterator[tuple[AssessedBlock, DecisionForm]]:
        """Yield the blocks whose decision is answered and changes."""
        for block in self._open:
            form = self.blocks[block.id]
            if form.outcome.data and form.record() != block.decision:
                yield block, form
