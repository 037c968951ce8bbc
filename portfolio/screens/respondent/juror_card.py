"""A person whom a body proposes for its juries fills in their own card, by a link without account."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, FieldList, FormField
from wtforms import Form as PlainForm

from portfolio.access.decorators import public_page
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.rules.composition import EXTERNAL_MONTHS, Affiliation
from portfolio.domain.jury.rules.enums import AffiliationKind, College, Gender, OrganisationKind, TiesAnswer
from portfolio.domain.jury.rules.juror_card import AvailabilityPeriod, HalfDay, JurorCard, PoolRefusal
from portfolio.domain.jury_session.use_cases import pool
from portfolio.errors import Conflict, Refusal
from portfolio.web.clock import now
from portfolio.web.forms import (
    FrenchDateField,
    MultiLineField,
    RadioChoiceField,
    SelectChoiceField,
    SingleLineField,
    VersionedForm,
    remember_result,
)
from portfolio.web.request_limits import mark_link_opened
from portfolio.wording.jury import COLLEGES, GENDERS, TIE_KINDS, TIE_WITHS, ties_answers
from portfolio.wording.jury.labels import TIES_CONTRADICTED
from portfolio.wording.jury.pool import AVAILABILITIES, HALVES

bp = Blueprint("juror_card", __name__, url_prefix="/fiche-jure")


@bp.get("/<token>")
@public_page
def card(token: str) -> ResponseReturnValue:
    """Show the person's card, while the link works."""
    juror = pool.find_card(read_session(), token, at=now())
    if juror is None:
        return _ended()
    mark_link_opened()
    return _page(juror, token, own_card_form(juror.to_value(), juror.revision))


@bp.post("/<token>")
@public_page
def save_card(token: str) -> ResponseReturnValue:
    """Save what the person says of themselves, or show the form again with everything that was typed."""
    juror = pool.find_card(read_session(), token, at=now())
    if juror is None:
        return _ended()
    mark_link_opened()
    form = OwnCardForm()
    if not form.validate():
        return _page(juror, token, form), 422
    try:
        with transaction() as db:
            pool.fill_card(db, token, form.value(juror.email), revision=form.seen_revision, at=now())
            remember_result(db, url_for(".card", token=token))
    except (Conflict, Refusal) as stopped:
        close_read_session()
        current = pool.find_card(read_session(), token, at=now())
        if current is None or (isinstance(stopped, Refusal) and stopped.code is PoolRefusal.LINK_ENDED):
            return _ended()
        if isinstance(stopped, Refusal):
            raise
        form.revision.data = str(stopped.revision)
        return _page(current, token, form, changed=True), 409
    session["notice"] = "Vos réponses sont enregistrées. Vous pouvez encore les changer avec le même lien."
    return redirect(url_for(".card", token=token), 303)


def _page(juror: Juror, token: str, form: OwnCardForm, **more: Any) -> str:
    body = read_session().get_one(CertifyingBody, juror.body_id)
    return render_template(
        "respondent/juror_card/own_card.html", juror=juror, token=token, form=form, body=body, **more
    )


def _ended() -> tuple[str, int]:
    return render_template("shared/link_ended.html"), 404


TIES = 3


class TieForm(PlainForm):
    """One contract or mandate; a line left empty says nothing."""

    kind = SelectChoiceField("Nature du lien", AffiliationKind, choices=[("", "Aucun"), *TIE_KINDS.items()])
    with_whom = SelectChoiceField("Avec qui", OrganisationKind, choices=[("", "Choisissez"), *TIE_WITHS.items()])
    organisation = SingleLineField("Nom de l’organisme", limit=300)
    ended_on = FrenchDateField("Terminé le")

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was said on this line."""
        ended = any(text.strip() for text in self.ended_on.raw_data or [])
        return not (self.kind.data or self.with_whom.data or self.organisation.data or ended)

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the rest of a line that was begun; the fields alone cannot, for each may be left empty."""
        right = super().validate(extra_validators)
        for field, is_missing, sentence in self._gaps():
            if is_missing and not field.errors:
                field.errors = [sentence]
                right = False
        return right

    def _gaps(self) -> list[tuple[Any, bool, str]]:
        begun = not self.is_empty
        # Its own name is known to the body: it is written when the member is named.
        needs_name = begun and self.with_whom.data is not OrganisationKind.CERTIFIER
        return [
            (self.kind, begun and not self.kind.data, "Choisissez la nature de ce lien, ou effacez la ligne."),
            (self.with_whom, begun and not self.with_whom.data, "Choisissez avec qui est ce lien."),
            (self.organisation, needs_name and not self.organisation.data, "Donnez le nom de l’organisme."),
        ]

    def value(self) -> Affiliation:
        """Return the link declared."""
        typed: dict[str, Any] = self.data
        return Affiliation(typed["kind"], typed["with_whom"], typed["organisation"] or "", typed["ended_on"])


PERIODS = 3


class PeriodForm(PlainForm):
    """Days during which a person is free, or is not; a line left empty says nothing."""

    first_day = FrenchDateField("Du")
    last_day = FrenchDateField("Au")
    half = SelectChoiceField("Moment", HalfDay, choices=[("", "Toute la journée"), *HALVES.items()])
    state = SelectChoiceField("Disponible ?", str, choices=AVAILABILITIES)

    @property
    def is_empty(self) -> bool:
        """Tell whether no day was typed on this line."""
        return not any(
            text.strip() for field in (self.first_day, self.last_day) for text in field.raw_data or []
        ) and not (self.first_day.data or self.last_day.data)

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the first day, and for days in their order; a single day needs no last one."""
        right: bool = super().validate(extra_validators)
        if self.is_empty or not right:
            return right
        if self.first_day.data is None:
            self.first_day.errors = ["Donnez le premier jour."]
        elif self.last_day.data and self.last_day.data < self.first_day.data:
            self.last_day.errors = ["Le dernier jour est avant le premier. Corrigez l’une des deux dates."]
        return not self.errors

    def value(self) -> AvailabilityPeriod:
        """Return the period."""
        first: Any = self.first_day.data
        return AvailabilityPeriod(first, self.last_day.data or first, self.half.data or None, self.state.data != "busy")


class OwnCardForm(VersionedForm):
    """Card that a person fills in about themselves."""

    name = SingleLineField("Prénom et nom", missing="Donnez le prénom et le nom.")
    quality = SingleLineField("Fonction", limit=300)
    profession = SingleLineField("Métier", limit=200)
    employer = SingleLineField("Employeur", limit=300)
    phone = SingleLineField("Téléphone", limit=40)
    postal_address = MultiLineField("Adresse postale", limit=500)
    college = RadioChoiceField("Qui la personne représente-t-elle ?", College, choices=COLLEGES)
    gender = RadioChoiceField("La personne est…", Gender, choices=GENDERS)
    in_activity = BooleanField("En activité professionnelle")
    is_professional = BooleanField("Exerce un métier visé par une certification")
    attends_on_site = BooleanField("Peut venir sur place")
    attends_by_video = BooleanField("Peut siéger en visioconférence")
    ties_answer = RadioChoiceField("Liens avec l’organisme", TiesAnswer, choices=ties_answers(EXTERNAL_MONTHS))
    ties = FieldList(FormField(TieForm), min_entries=TIES, max_entries=20)
    periods = FieldList(FormField(PeriodForm), min_entries=PERIODS, max_entries=60)

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse an answer about ties that contradicts the lines below it; what was typed stays."""
        right: bool = super().validate(extra_validators)
        listed = any(not entry.form.is_empty for entry in self.ties)
        answer = self.ties_answer.data
        if (answer is TiesAnswer.NONE and listed) or (answer is TiesAnswer.LISTED and not listed):
            self.ties_answer.errors = [TIES_CONTRADICTED]
            return False
        return right

    def _values(self) -> dict[str, Any]:
        typed: dict[str, Any] = {name: self.data[name] for name in OWN}
        typed["college"] = typed["college"] or College.NONE
        typed["gender"] = typed["gender"] or Gender.UNSAID
        typed["ties_answer"] = typed["ties_answer"] or TiesAnswer.UNANSWERED
        typed["ties"] = tuple(entry.form.value() for entry in self.ties if not entry.form.is_empty)
        typed["periods"] = tuple(entry.form.value() for entry in self.periods if not entry.form.is_empty)
        return typed

    def value(self, email: str) -> JurorCard:
        """Return what the person says; the address is that of the card."""
        return JurorCard(email=email, **self._values())


OWN = (
    "name",
    "quality",
    "profession",
    "employer",
    "phone",
    "postal_address",
    "college",
    "gender",
    "in_activity",
    "is_professional",
    "attends_on_site",
    "attends_by_video",
    "ties_answer",
)


def card_lists(card: JurorCard) -> dict[str, Any]:
    """Return the lines of a card that its form repeats, with an empty one after each list."""
    ties = [
        {name: getattr(tie, name) for name in ("kind", "with_whom", "organisation", "ended_on")} for tie in card.ties
    ]
    periods = [
        {
            "first_day": period.first_day,
            "last_day": period.last_day,
            "half": period.half,
            "state": "free" if period.is_available else "busy",
        }
        for period in card.periods
    ]
    return {"ties": [*ties, {}], "periods": [*periods, {}]}


def own_card_form(card: JurorCard, revision: int) -> OwnCardForm:
    """Open the person's form on their card."""
    return OwnCardForm(
        formdata=None, revision=str(revision), **{name: getattr(card, name) for name in OWN}, **card_lists(card)
    )
