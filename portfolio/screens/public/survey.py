"""The survey of a holder, opened by a signed link without an account: eight questions, or to be asked no more."""

from uuid import UUID

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from portfolio.access.decorators import public_page
from portfolio.db.engine import read_session, transaction
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.follow_up import use_cases
from portfolio.domain.follow_up.models import FollowUp
from portfolio.screens.certifier.follow_up.views import SurveyForm
from portfolio.web.clock import now
from portfolio.web.forms import Form

bp = Blueprint("survey", __name__)


def _found(follow_up_id: UUID, mark: str) -> FollowUp:
    key = str(current_app.config["SECRET_KEY"])
    return use_cases.find_signed(read_session(), follow_up_id, mark, key) or abort(404)


def _page(row: FollowUp, form: SurveyForm) -> str:
    body = read_session().get_one(CertifyingBody, row.body_id).name
    return render_template("public/survey.html", form=form, act=Form(formdata=None), body=body, row=row)


@bp.get("/enquete/<uuid:follow_up_id>/<mark>")
@public_page
def questions(follow_up_id: UUID, mark: str) -> ResponseReturnValue:
    """Show the eight questions; answers already given are not shown again."""
    return _page(_found(follow_up_id, mark), SurveyForm(formdata=None))


@bp.post("/enquete/<uuid:follow_up_id>/<mark>")
@public_page
def answer(follow_up_id: UUID, mark: str) -> ResponseReturnValue:
    """Keep the answers of a holder."""
    row, form = _found(follow_up_id, mark), SurveyForm()
    if not form.validate():
        return _page(row, form), 422
    with transaction() as db:
        use_cases.record_answer(db, db.get_one(FollowUp, follow_up_id), form.value(), by=None, at=now())
    return render_template("public/survey_end.html", title="Merci, vos réponses sont enregistrées")


@bp.post("/enquete/<uuid:follow_up_id>/<mark>/arret")
@public_page
def refuse(follow_up_id: UUID, mark: str) -> ResponseReturnValue:
    """Ask a holder nothing any more."""
    _found(follow_up_id, mark)
    with transaction() as db:
        use_cases.refuse(db, db.get_one(FollowUp, follow_up_id), at=now())
    return render_template("public/survey_end.html", title="Nous ne vous poserons plus de questions")
