"""What the president writes: a finding, a decision."""

from __future__ import annotations

from typing import Any

from wtforms.validators import ValidationError

from portfolio.domain.jury.rules.deliberation import DecisionRecord, FindingRecord, Votes
from portfolio.domain.jury.rules.enums import Demonstration, FindingValue, Outcome
from portfolio.web.forms import MultiLineField, RadioChoiceField, SingleLineField, VersionedForm
from portfolio.wording.jury import FINDINGS, GROUNDS, OUTCOMES


class FindingForm(VersionedForm):
    """What the president records for one competency."""

    value = RadioChoiceField(
        "Constat du jury", FindingValue, missing="Choisissez un constat.", choices=FINDINGS
    )
    reason = MultiLineField("Motif")
    ground = RadioChoiceField("Où cette compétence a-t-elle été démontrée ?", Demonstration, choices=GROUNDS)
    ground_text = MultiLineField("Précisions", limit=2000)

    def record(self) -> FindingRecord:
        """The finding; a ground only stands beside a competency that is acquired."""
        typed: dict[str, Any] = self.data
        ground = typed["ground"] if typed["value"] is FindingValue.ACQUIRED else None
        return FindingRecord(
            typed["value"], typed["reason"] or "", ground, (typed["ground_text"] or "") if ground else ""
        )


def finding_form(record: FindingRecord | None, revision: int) -> FindingForm:
    """Open the form of a finding on what is kept."""
    if record is None:
        return FindingForm(formdata=None, revision=str(revision))
    return FindingForm(
        formdata=None,
        revision=str(revision),
        value=record.value,
        reason=record.reason,
        ground=record.ground,
        ground_text=record.ground_text,
    )


class DecisionForm(VersionedForm):
    """What the president intends for one block."""

    outcome = RadioChoiceField(
        "Décision du jury", Outcome, missing="Choisissez une décision.", choices=OUTCOMES
    )
    reason = MultiLineField("Motif de la décision")
    override_reason = MultiLineField("Pourquoi le jury s’écarte des constats")
    recommendation = MultiLineField("Préconisations à la personne candidate")
    no_recommendation = MultiLineField("Pourquoi le jury ne préconise rien", limit=2000)
    votes_for = SingleLineField("Pour", limit=3)
    votes_against = SingleLineField("Contre", limit=3)
    votes_abstained = SingleLineField("Abstentions", limit=3)

    def validate_no_recommendation(self, field: MultiLineField) -> None:
        """It is one or the other."""
        if field.data and self.recommendation.data:
            raise ValidationError(
                "Le jury préconise déjà quelque chose ci-dessus : gardez l’un des deux textes, effacez "
                "l’autre."
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
        """The decision."""
        typed: dict[str, Any] = self.data
        texts = (typed[name] or "" for name in ("reason", "override_reason", "recommendation"))
        votes = Votes(*(_count(typed[name]) for name in ("votes_for", "votes_against", "votes_abstained")))
        refused = typed["outcome"] is Outcome.NOT_VALIDATED
        return DecisionRecord(
            typed["outcome"], *texts, votes, (typed["no_recommendation"] or "") if refused else ""
        )


def _check_count(field: SingleLineField) -> None:
    if field.data and not (field.data.isascii() and field.data.isdecimal()):
        raise ValidationError("Écrivez un nombre de voix, en chiffres, ou laissez vide.")


def _count(text: str | None) -> int | None:
    return int(text) if text else None


def _shown(count: int | None) -> str:
    return "" if count is None else str(count)


def decision_form(record: DecisionRecord | None, revision: int) -> DecisionForm:
    """Open the form of a decision on what is kept."""
    if record is None:
        return DecisionForm(formdata=None, revision=str(revision))
    return DecisionForm(
        formdata=None,
        revision=str(revision),
        outcome=record.outcome,
        reason=record.reason,
        override_reason=record.override_reason,
        recommendation=record.recommendation,
        no_recommendation=record.no_recommendation,
        votes_for=_shown(record.votes.in_favour),
        votes_against=_shown(record.votes.against),
        votes_abstained=_shown(record.votes.abstained),
    )
