"""Planning a session, naming a member, and what the president writes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask_wtf.file import FileField
from wtforms import BooleanField, FieldList, FormField
from wtforms import Form as PlainForm
from wtforms.validators import ValidationError

from portfolio.account.forms import EmailField
from portfolio.jury.rules import (
    College,
    DecisionRecord,
    FindingRecord,
    FindingValue,
    Gender,
    Ground,
    Naming,
    Outcome,
    Planning,
    Seat,
    Tie,
    TieKind,
    TieWith,
    Votes,
)
from portfolio.jury.wording import COLLEGES, FINDINGS, GENDERS, GROUNDS, OUTCOMES, TIE_KINDS, TIE_WITHS
from portfolio.storage.kinds import ACCEPT_ATTRIBUTE
from portfolio.web.forms import CreationForm, DayField, LineField, ListField, OneOfField, ProseField, RevisedForm

TIES = 3


class PlanForm(CreationForm):
    """The day and the place of a session, and what it certifies."""

    version_id = ListField("Certification", UUID, missing="Choisissez la certification.")
    held_on = DayField("Date de la session", missing="Donnez la date à laquelle le jury se réunit.")
    place = LineField("Lieu", missing="Dites où le jury se réunit, par exemple une ville ou « à distance ».", limit=300)

    def __init__(self, versions: Sequence[Any], today: date, **more: Any) -> None:
        super().__init__(**more)
        self._today = today
        self.version_id.choices = [(version.id, version.label) for version in versions]
        if len(versions) == 1 and not self.is_submitted():
            self.version_id.data = versions[0].id

    def validate_held_on(self, field: DayField) -> None:
        """A jury meets today or later: no dossier sealed now could be heard by a past one."""
        if field.data and field.data < self._today:
            raise ValidationError("Cette date est passée. Choisissez aujourd’hui ou un jour à venir.")

    def value(self, external_months: int) -> Planning:
        """What was decided."""
        typed: dict[str, Any] = self.data
        return Planning(typed["version_id"], typed["held_on"], typed["place"], external_months)


class TieForm(PlainForm):
    """One contract or mandate; a line left empty says nothing."""

    kind = ListField("Nature du lien", TieKind, choices=[("", "Aucun"), *TIE_KINDS.items()])
    with_whom = ListField("Avec qui", TieWith, choices=[("", "Choisissez"), *TIE_WITHS.items()])
    organisation = LineField("Nom de l’organisme", limit=300)
    ended_on = DayField("Terminé le")

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said on this line."""
        ended = any(text.strip() for text in self.ended_on.raw_data or [])
        return not (self.kind.data or self.with_whom.data or self.organisation.data or ended)

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the rest of a line that was begun; the fields alone cannot, for each may be left empty."""
        right = super().validate(extra_validators)
        for field, lacks, sentence in self._gaps():
            if lacks and not field.errors:
                field.errors = [sentence]
                right = False
        return right

    def _gaps(self) -> list[tuple[Any, bool, str]]:
        begun = not self.is_empty
        return [
            (self.kind, begun and not self.kind.data, "Dites quel est ce lien, ou effacez la ligne."),
            (self.with_whom, begun and not self.with_whom.data, "Dites avec qui est ce lien."),
            (self.organisation, begun and not self.organisation.data, "Donnez le nom de l’organisme."),
        ]

    def value(self) -> Tie:
        """The link declared."""
        typed: dict[str, Any] = self.data
        return Tie(typed["kind"], typed["with_whom"], typed["organisation"], typed["ended_on"])


class MemberForm(CreationForm, RevisedForm):
    """Who sits in a seat, and what is declared of them."""

    name = LineField("Prénom et nom", missing="Donnez le nom de la personne.")
    email = EmailField("Adresse électronique", missing="Donnez l’adresse : l’invitation y est envoyée.")
    quality = LineField("Qualité", missing="Dites à quel titre la personne siège, par exemple sa fonction.", limit=300)
    college = OneOfField("La personne siège comme…", College, missing="Choisissez une réponse.", choices=COLLEGES)
    gender = OneOfField("La personne est…", Gender, choices=GENDERS)
    appointed_on = DayField("Nommée à la présidence le")
    appointed_by_director = BooleanField("L’acte est signé par la direction de l’établissement")
    appointment = FileField("L’acte de nomination, signé", render_kw={"accept": ACCEPT_ATTRIBUTE})
    in_activity = BooleanField("En activité professionnelle à la date de la session")
    qualified = BooleanField("Qualifiée pour la certification visée")
    is_director = BooleanField("C’est le directeur ou la directrice de l’établissement")
    delegated_from = DayField("Délégation à partir du")
    delegated_until = DayField("Jusqu’au")
    ties = FieldList(FormField(TieForm), min_entries=TIES, max_entries=20)

    def validate_delegated_until(self, field: DayField) -> None:
        """A delegation begins before it ends."""
        if field.data and not self.delegated_from.data:
            raise ValidationError("Donnez aussi le premier jour de la délégation.")
        if field.data and self.delegated_from.data and field.data < self.delegated_from.data:
            raise ValidationError("La délégation se termine avant d’avoir commencé : corrigez l’une des deux dates.")

    @property
    def act(self) -> Any:
        """The document of the appointment, when one was chosen."""
        file: Any = self.appointment.data
        return file if file and file.filename else None

    def value(self, seat: Seat, rank: int = 0) -> Naming:
        """Who is named, and what is declared of them."""
        ties = tuple(entry.form.value() for entry in self.ties if not entry.form.is_empty)
        typed: dict[str, Any] = {name: self.data[name] for name in _DECLARED}
        typed["gender"] = typed["gender"] or Gender.UNSAID
        return Naming(seat=seat, rank=rank, ties=ties, seen=self.seen_revision, **typed)


_DECLARED = (
    "email",
    "name",
    "quality",
    "college",
    "gender",
    "appointed_on",
    "appointed_by_director",
    "in_activity",
    "is_director",
    "delegated_from",
    "delegated_until",
    "qualified",
)


def member_form(named: Naming | None) -> MemberForm:
    """Open the form of a seat on whoever sits there."""
    if named is None:
        return MemberForm(formdata=None, revision="0")
    ties = [{name: getattr(tie, name) for name in ("kind", "with_whom", "organisation", "ended_on")} for tie in named.ties]
    declared = {name: getattr(named, name) for name in _DECLARED}
    return MemberForm(formdata=None, ties=[*ties, {}], revision=str(named.seen), **declared)


class HearingForm(CreationForm):
    """The sealed dossier that is put on a session's list."""

    submission_id = ListField("Dossier", UUID, missing="Choisissez un dossier.")

    def __init__(self, waiting: Sequence[Any], **more: Any) -> None:
        super().__init__(**more)
        self.submission_id.choices = [(one.submission_id, one.candidate) for one in waiting]


class FindingForm(RevisedForm):
    """What the president records for one competency."""

    value = OneOfField("Constat du jury", FindingValue, missing="Choisissez un constat.", choices=FINDINGS)
    reason = ProseField("Motif")
    ground = OneOfField("Où le jury l’a-t-il vue démontrée ?", Ground, choices=GROUNDS)
    ground_text = ProseField("Précisions", limit=2000)

    def record(self) -> FindingRecord:
        """The finding; a ground only stands beside a competency that is acquired."""
        typed: dict[str, Any] = self.data
        ground = typed["ground"] if typed["value"] is FindingValue.ACQUIRED else None
        return FindingRecord(typed["value"], typed["reason"] or "", ground, (typed["ground_text"] or "") if ground else "")


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


class DecisionForm(RevisedForm):
    """What the president intends for one block."""

    outcome = OneOfField("Décision du jury", Outcome, missing="Choisissez une décision.", choices=OUTCOMES)
    reason = ProseField("Motif de la décision")
    override_reason = ProseField("Pourquoi le jury s’écarte des constats")
    recommendation = ProseField("Préconisations au candidat")
    no_recommendation = ProseField("Sans préconisation : pourquoi", limit=2000)
    votes_for = LineField("Voix pour", limit=3)
    votes_against = LineField("Voix contre", limit=3)

    def validate_no_recommendation(self, field: ProseField) -> None:
        """It is one or the other."""
        if field.data and self.recommendation.data:
            raise ValidationError(
                "Le jury préconise déjà quelque chose ci-dessus : gardez l’un des deux textes, effacez l’autre."
            )

    def validate_votes_for(self, field: LineField) -> None:
        """A count is a number."""
        _check_count(field)

    def validate_votes_against(self, field: LineField) -> None:
        """A count is a number."""
        _check_count(field)

    def record(self) -> DecisionRecord:
        """The decision."""
        typed: dict[str, Any] = self.data
        texts = (typed[name] or "" for name in ("reason", "override_reason", "recommendation"))
        votes = Votes(_count(typed["votes_for"]), _count(typed["votes_against"]))
        refused = typed["outcome"] is Outcome.NOT_VALIDATED
        return DecisionRecord(typed["outcome"], *texts, votes, (typed["no_recommendation"] or "") if refused else "")


def _check_count(field: LineField) -> None:
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
    )
