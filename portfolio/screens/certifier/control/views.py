"""The control pack of a body: chosen by session or by period, streamed as one ZIP.

The period of a control pack.

The quality sample of a year, and the second look at one hearing.
"""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page, hearing_page, session_page
from portfolio.access.jury import HearingAccess, SessionAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.certifying_body.settings import load_body_settings
from portfolio.domain.jury.rules.quality_sample import ReviewConclusion
from portfolio.domain.jury_session.use_cases import quality_sample
from portfolio.screens.certifier.control import queries
from portfolio.screens.certifier.control.archive import DIGESTS, control_pack, period_title
from portfolio.web.clock import now, today
from portfolio.web.exports import zip_response
from portfolio.web.forms import Form, FrenchDateField, IdempotentForm, MultiLineField, RadioChoiceField, run_or_refuse
from portfolio.wording import certifying_body as words

bp = Blueprint("control", __name__)


class PeriodForm(Form):
    """Two days, both included; sent by GET."""

    since = FrenchDateField("Du", missing="Donnez le premier jour.")
    until = FrenchDateField("Au", missing="Donnez le dernier jour.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse a period whose last day comes before the first."""
        valid: bool = super().validate(extra_validators)
        if valid and self.since.data and self.until.data and self.since.data > self.until.data:
            self.until.errors = ["Le dernier jour vient avant le premier. Corrigez une des deux dates."]
            return False
        return valid


@bp.get("/organisme/controle")
@certifier_page(Permission.MANAGE_SESSION)
def pack_form(body: BodyAccess) -> ResponseReturnValue:
    """Ask for the period of an inspection, and say how many hearings it holds."""
    return _form(body)


@bp.get("/organisme/controle/dossier.zip")
@certifier_page(Permission.MANAGE_SESSION)
def pack(body: BodyAccess) -> ResponseReturnValue:
    """Send the pack of a period."""
    form = _period()
    if not form.validate():
        return _form(body, form), 422
    since, until = form.since.data, form.until.data
    found = queries.list_hearings(read_session(), body.id, since=since, until=until)
    if not found:
        return _form(body, form, empty=True), 404
    return zip_response(
        *control_pack(found, period_title(since, until), f"controle-{since}-{until}.zip"), digests=DIGESTS
    )


@bp.get("/sessions/<uuid:session_id>/controle.zip")
@session_page(Permission.MANAGE_SESSION)
def session_pack(case: SessionAccess) -> ResponseReturnValue:
    """Send the pack of one session; 404 while it hears nobody."""
    found = queries.list_hearings(read_session(), case.body_id, session_id=case.id)
    if not found:
        abort(404)
    return zip_response(
        *control_pack(found, "Dossier de contrôle : une session", f"controle-session-{_short(case.id)}.zip"),
        digests=DIGESTS,
    )


def _period() -> PeriodForm:
    return PeriodForm(formdata=request.args, meta={"csrf": False})


def _form(body: BodyAccess, form: PeriodForm | None = None, **more: Any) -> str:
    shown = form or PeriodForm(formdata=None, meta={"csrf": False})
    answer = words.inspection_answer(load_body_settings(read_session(), body.id))
    return render_template(
        "certifier/control/form.html", body=body, form=shown, limit=queries.MAX_HEARINGS, answer=answer, **more
    )


def _short(id: UUID) -> str:
    return str(id)[:8]


class ReviewForm(IdempotentForm):
    """Conclusion of the second look."""

    conclusion = RadioChoiceField(
        "Conclusion", ReviewConclusion, missing="Choisissez une conclusion.", choices=words.CONCLUSIONS
    )
    text = MultiLineField("Ce que vous avez vu", missing="Écrivez ce que vous avez vu.", limit=5000)


@bp.get("/organisme/relectures")
@certifier_page(Permission.MANAGE_SESSION)
def sample(body: BodyAccess) -> ResponseReturnValue:
    """List the hearings of a year that are looked at a second time."""
    asked = request.args.get("annee", "")
    year = (
        int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 and int(asked) > 1900 else today().year
    )
    rows = quality_sample.load_sample(read_session(), body.id, year)
    return render_template("certifier/control/sample.html", body=body, rows=rows, year=year, words=words)


@bp.get("/jurys/<uuid:hearing_id>/relecture")
@hearing_page(Permission.RECORD_PAPER)
def review(case: HearingAccess) -> ResponseReturnValue:
    """Show a closed hearing to look at again, or what the second look concluded."""
    if case.closed_at is None:
        return redirect(url_for("juror.hearing.presence", hearing_id=case.id), 303)
    return _review(case, ReviewForm(formdata=None))


@bp.post("/jurys/<uuid:hearing_id>/relecture")
@hearing_page(Permission.RECORD_PAPER)
def record_review(case: HearingAccess) -> ResponseReturnValue:
    """Record what the second look concludes."""
    form = ReviewForm()
    if not form.validate():
        return _review(case, form), 422
    typed: dict[str, Any] = form.data

    def act(db: Session) -> str:
        quality_sample.record_review(db, case.id, typed["conclusion"], typed["text"], by=current_user.id, at=now())
        return url_for(".review", hearing_id=case.id)

    return run_or_refuse(
        form.nonce.data, act, lambda sentence: _review(case, form, stopped=sentence), "La relecture est enregistrée."
    )


def _review(case: HearingAccess, form: ReviewForm, **more: Any) -> str:
    record = queries.load_hearing_record(read_session(), case.id)
    done = quality_sample.find_review(read_session(), case.id)
    return render_template("certifier/control/review.html", record=record, done=done, form=form, words=words, **more)
