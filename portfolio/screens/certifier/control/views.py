"""The control pack of a body: chosen by session or by period, prepared by a worker as one ZIP.

The period of a control pack.

The quality sample of a year, and the second look at one hearing.
"""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page, hearing_page, session_page
from portfolio.access.jury import HearingAccess, SessionAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.certifying_body.settings import load_body_settings
from portfolio.domain.jury.rules.quality_sample import ReviewConclusion
from portfolio.domain.jury_session.use_cases import quality_sample
from portfolio.domain.submission.rules.returns import PackKind
from portfolio.domain.submission.use_cases import editions
from portfolio.domain.submission.use_cases.editions import PackSource
from portfolio.files.file_types.types import FileType
from portfolio.french_text import NBSP
from portfolio.screens.candidate.submission.editions import EditionSummary, send_made, summary_of
from portfolio.screens.certifier.control import queries
from portfolio.screens.certifier.control.archive import period_title
from portfolio.web.clock import now, today
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
    """Ask for the period of an inspection; with one, show how far its pack is."""
    form = _period()
    if "since" not in request.args:
        return _form(body)
    pack = _of_period(body, form)
    return _form(body, form, pack=_card(pack)) if pack else (_form(body, form), _status(form))


@bp.post("/organisme/controle")
@certifier_page(Permission.MANAGE_SESSION)
def request_pack(body: BodyAccess) -> ResponseReturnValue:
    """Have the pack of a period prepared."""
    form = _period()
    if (pack := _of_period(body, form)) is None:
        return _form(body, form), _status(form)
    _request(pack)
    since, until = form.since.data.isoformat(), form.until.data.isoformat()
    return redirect(url_for(".pack_form", since=since, until=until, _anchor=PackKind.CONTROL.value), 303)


@bp.post("/organisme/controle/arreter")
@certifier_page(Permission.MANAGE_SESSION)
def cancel_pack(body: BodyAccess) -> ResponseReturnValue:
    """Stop the preparation of the pack of a period."""
    _cancel(_of_period(body, _period()))
    return redirect(url_for(".pack_form", since=request.args.get("since"), until=request.args.get("until")), 303)


@bp.get("/organisme/controle/dossier.zip")
@certifier_page(Permission.MANAGE_SESSION)
def pack(body: BodyAccess) -> ResponseReturnValue:
    """Send the pack of a period once it is prepared."""
    form = _period()
    if (found := _of_period(body, form)) is None:
        return _form(body, form), _status(form)
    return _sent(found, f"controle-{form.since.data}-{form.until.data}.zip")


@bp.get("/sessions/<uuid:session_id>/controle")
@session_page(Permission.MANAGE_SESSION)
def session_pack_page(case: SessionAccess) -> ResponseReturnValue:
    """Show how far the pack of one session is."""
    return render_template("certifier/control/session.html", session_id=case.id, pack=_card(_of_session(case)))


@bp.post("/sessions/<uuid:session_id>/controle")
@session_page(Permission.MANAGE_SESSION)
def request_session_pack(case: SessionAccess) -> ResponseReturnValue:
    """Have the pack of one session prepared."""
    _request(_of_session(case))
    return redirect(url_for(".session_pack_page", session_id=case.id, _anchor=PackKind.CONTROL.value), 303)


@bp.post("/sessions/<uuid:session_id>/controle/arreter")
@session_page(Permission.MANAGE_SESSION)
def cancel_session_pack(case: SessionAccess) -> ResponseReturnValue:
    """Stop the preparation of the pack of one session."""
    _cancel(_of_session(case))
    return redirect(url_for(".session_pack_page", session_id=case.id), 303)


@bp.get("/sessions/<uuid:session_id>/controle.zip")
@session_page(Permission.MANAGE_SESSION)
def session_pack(case: SessionAccess) -> ResponseReturnValue:
    """Send the pack of one session once it is prepared; 404 while it hears nobody."""
    return _sent(_of_session(case), f"controle-session-{_short(case.id)}.zip")


def _of_period(body: BodyAccess, form: PeriodForm) -> PackSource | None:
    """Return the pack of the period of a form; None when it is not valid, or holds no hearing."""
    if not form.validate():
        return None
    since, until = form.since.data, form.until.data
    title = period_title(since, until)
    return queries.find_pack(read_session(), body.id, title, on=today(), since=since, until=until)


def _of_session(case: SessionAccess) -> PackSource:
    title = f"Dossier de contrôle{NBSP}: session {_short(case.id)}"
    found = queries.find_pack(read_session(), case.body_id, title, on=today(), session_id=case.id)
    return found or abort(404)


def _request(pack: PackSource) -> None:
    with transaction() as db:
        editions.request_pack(db, pack, by=current_user.id, at=now())


def _cancel(pack: PackSource | None) -> None:
    with transaction() as db:
        found = editions.find_pack(db, pack.root) if pack else None
        if found is not None:
            editions.cancel_edition(db, found.id, by=current_user.id, at=now())


def _sent(pack: PackSource, name: str) -> Response:
    return send_made(editions.find_pack(read_session(), pack.root), name, FileType.ZIP.mime)


def _card(pack: PackSource) -> EditionSummary:
    return summary_of(PackKind.CONTROL, editions.find_pack(read_session(), pack.root))


def _period() -> PeriodForm:
    return PeriodForm(formdata=request.values, meta={"csrf": False})


def _status(form: PeriodForm) -> int:
    return 422 if form.errors else 404


def _form(body: BodyAccess, form: PeriodForm | None = None, *, pack: EditionSummary | None = None) -> str:
    shown = form or PeriodForm(formdata=None, meta={"csrf": False})
    answer = words.inspection_answer(load_body_settings(read_session(), body.id))
    return render_template(
        "certifier/control/form.html",
        body=body, form=shown, limit=queries.MAX_HEARINGS, answer=answer, pack=pack, days=request.args.to_dict(),
        empty=form is not None and pack is None and not form.errors,
    )  # fmt: skip


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
