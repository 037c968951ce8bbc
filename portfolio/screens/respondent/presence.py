"""The device that is handed round on the day of a jury: each person signs their presence by their own code."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.decorators import public_page
from portfolio.db.engine import read_session, transaction
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.domain.presence import use_cases
from portfolio.domain.presence.models import PresenceOpening
from portfolio.domain.presence.rules import Convened, presence_code
from portfolio.errors import Refusal
from portfolio.web.clock import now, today
from portfolio.web.forms import Form, SelectChoiceField, SingleLineField, pairs, refusal_message
from portfolio.wording.jury import pool as say

bp = Blueprint("presence", __name__, url_prefix="/emargement")


class SigningForm(Form):
    """A name of the list, and the code of that person."""

    person_id = SelectChoiceField("Votre nom", UUID, missing="Choisissez votre nom.")
    code = SingleLineField("Votre code à six chiffres", missing="Tapez votre code.", limit=20)

    def __init__(self, people: tuple[Convened, ...], **more: Any) -> None:
        super().__init__(**more)
        self.person_id.choices = pairs(
            [("", "Choisissez"), *((person.person_id, say.person_label(person)) for person in people)]
        )


@bp.get("/<code>")
@public_page
def sign_form(code: str) -> ResponseReturnValue:
    """Show the names of those who have still to sign, and ask for a code."""
    opening = use_cases.find_signing(read_session(), code, now())
    if opening is None:
        return _ended()
    return _page(opening, code, SigningForm(_awaited(opening), formdata=None))


@bp.post("/<code>")
@public_page
def sign(code: str) -> ResponseReturnValue:
    """Sign the presence of the person whose code was typed, or say why not."""
    opening = use_cases.find_signing(read_session(), code, now())
    if opening is None:
        return _ended()
    people = use_cases.load_convened(read_session(), opening.session_id)
    form = SigningForm(people)
    if not form.validate():
        return _page(opening, code, form), 422
    person_id, key = form.person_id.data, str(current_app.config["SECRET_KEY"])
    try:
        with transaction() as db:
            found = use_cases.find_signing(db, code, now())
            if found is None:
                return _ended()
            answer = use_cases.sign_by_code(db, found, person_id, form.code.data or "", key, at=now())
    except Refusal as refusal:
        return _page(opening, code, form, refusal_message(refusal)), 409
    if not answer.is_signed:
        form.code.errors = [say.wait_message(answer.wait) if answer.wait else say.WRONG_CODE]
        return _page(opening, code, form), 429 if answer.wait else 422
    name = next(person.name for person in people if person.person_id == person_id)
    session["notice"] = f"{name}, votre présence est signée. Passez l’appareil à la personne suivante."
    return redirect(url_for(".sign_form", code=code), 303)


def own_presence_code(session_id: UUID, person_id: UUID, held_on: date) -> str:
    """Return the code of a person, in two halves, on the day of their jury; '' on another day."""
    key = str(current_app.config["SECRET_KEY"])
    return say.spaced_code(presence_code(key, session_id, person_id)) if held_on == today() else ""


def _awaited(opening: PresenceOpening) -> tuple[Convened, ...]:
    people = use_cases.load_convened(read_session(), opening.session_id)
    return tuple(person for person in people if person.refusal is None)


def _page(opening: PresenceOpening, code: str, form: SigningForm, stopped: str = "") -> str:
    db = read_session()
    jury = db.get_one(JurySession, opening.session_id)
    people = use_cases.load_convened(db, opening.session_id)
    return render_template(
        "respondent/presence/sign.html", jury=jury, form=form, stopped=stopped, people=people, say=say,
        awaited=_awaited(opening), code=code,
    )  # fmt: skip


def _ended() -> tuple[str, int]:
    return render_template("shared/link_ended.html"), 404
