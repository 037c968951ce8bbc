"""A member's opinions: written, given, then opened to the jury."""

from typing import Any
from uuid import UUID

from flask import redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.decorators import hearing_page
from portfolio.access.jury import HearingAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.jury_session.use_cases import opinions
from portfolio.errors import Conflict, Refusal
from portfolio.screens.juror.forms.decisions import GiveOpinionsForm, OpinionForm
from portfolio.screens.juror.hearing.blueprint import bp
from portfolio.screens.juror.hearing.reading import competency_page, render_reader
from portfolio.web.clock import now, today
from portfolio.web.forms import refusal_message, run_or_refuse
from portfolio.wording.jury import opinions as opinion_words


@bp.get("/jurys/<uuid:hearing_id>/avis")
@hearing_page(Permission.READ_HEARING)
def own_opinions(case: HearingAccess) -> ResponseReturnValue:
    """Show one's own opinions, and give them when each competency has one."""
    return _opinions_page(case)


@bp.post("/jurys/<uuid:hearing_id>/competences/<uuid:competency_id>/avis")
@hearing_page(Permission.READ_HEARING)
def record_opinion(case: HearingAccess, competency_id: UUID) -> ResponseReturnValue:
    """Record one's own opinion on a competency."""
    form = OpinionForm()
    if not form.validate():
        return competency_page(case, competency_id, opinion_form=form), 422
    try:
        with transaction() as db:
            revision = form.seen_revision
            opinions.record_opinion(
                db, case.id, competency_id, form.to_value(), revision=revision, by=current_user.id, at=now()
            )
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return competency_page(case, competency_id, opinion_form=form, own_conflict=conflict.theirs), 409
    except Refusal as refusal:
        stopped = refusal_message(refusal)
        return competency_page(case, competency_id, opinion_form=form, opinion_stopped=stopped), 409
    session["notice"] = "Votre avis est enregistré. Les autres membres ne le voient pas encore."
    return redirect(url_for(".competency", hearing_id=case.id, competency_id=competency_id, _anchor="mon-avis"), 303)


@bp.post("/jurys/<uuid:hearing_id>/avis")
@hearing_page(Permission.READ_HEARING)
def give_opinions(case: HearingAccess) -> ResponseReturnValue:
    """Give one's opinions; the last member present who does opens them."""
    form = GiveOpinionsForm()
    if not form.validate():
        return _opinions_page(case, form), 422

    def act(db: Session) -> str:
        opinions.give_opinions(db, case.id, by=current_user.id, at=now())
        return url_for(".deliberation", hearing_id=case.id)

    return run_or_refuse(
        form.nonce.data, act, lambda sentence: _opinions_page(case, form, stopped=sentence), "Vos avis sont remis."
    )


@bp.post("/jurys/<uuid:hearing_id>/avis/ouvrir")
@hearing_page(Permission.DECIDE)
def open_opinions(case: HearingAccess) -> ResponseReturnValue:
    """Open the opinions before all are given."""
    with transaction() as db:
        opinions.open_opinions(db, case.id, by=current_user.id, at=now())
    session["notice"] = "Les avis remis sont ouverts : le jury les lit."
    return redirect(url_for(".deliberation", hearing_id=case.id), 303)


def _opinions_page(case: HearingAccess, form: GiveOpinionsForm | None = None, **more: Any) -> str:
    own = opinions.own_opinions(read_session(), case.id, current_user.id)
    more |= {
        "given": opinions.has_given(read_session(), case.id, current_user.id),
        "own_opinions": own,
        "today": today(),
    }
    shown = form or GiveOpinionsForm(formdata=None)
    return render_reader(
        "juror/hearing/opinions.html", case, here="own_opinions", form=shown, opinion_words=opinion_words, **more
    )
