"""A cohort goes before a jury in one act, and those who failed are proposed the next one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import abort, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.assessment.use_cases.grids import CohortGrid, load_cohort_grid
from portfolio.domain.jury_session.use_cases import cohort_sessions
from portfolio.domain.jury_session.use_cases.cohort_sessions import CohortJury
from portfolio.domain.jury_session.use_cases.planning import ListStoppedError
from portfolio.errors import Refusal
from portfolio.screens.certifier.assessments.blueprint import bp
from portfolio.web.clock import now, today
from portfolio.web.forms import (
    ConfirmField,
    IdempotentForm,
    MultiChoiceField,
    SelectChoiceField,
    pairs,
    refusal_message,
    run_once,
    run_or_refuse,
)
from portfolio.wording import assessment as words
from portfolio.wording.jury import listed_message


class CohortJuryForm(IdempotentForm):
    """People of a cohort, and the session that hears them."""

    people = MultiChoiceField("Qui passe devant ce jury", UUID, missing="Cochez au moins une personne.")
    session_id = SelectChoiceField("Session", UUID, missing="Choisissez la session.")
    sure = ConfirmField(
        "J’ai relu ces résultats. Le jury les lira tels quels, et ces relevés ne s’effacent pas.",
        missing="Relisez les résultats, puis cochez cette case.",
    )

    def __init__(self, jury: CohortJury, **more: Any) -> None:
        super().__init__(**more)
        able = [member for member in jury.members if member.may_go]
        self.people.choices = pairs((member.candidacy_id, words.cohort_member_label(member)) for member in able)
        self.session_id.choices = pairs(
            [("", "Choisissez"), *((each.id, words.session_label(each)) for each in jury.sessions)]
        )
        if not self.is_submitted():
            self.people.data = [member.candidacy_id for member in able if member.is_ready]
            proposed = jury.next_session if any(member.has_failed for member in able) else None
            first = proposed or (jury.sessions[0] if jury.sessions else None)
            self.session_id.data = first.id if first else None


def _found(body: BodyAccess, cohort_id: UUID) -> tuple[CohortGrid, CohortJury]:
    grid = load_cohort_grid(read_session(), body.id, cohort_id) or abort(404)
    return grid, cohort_sessions.load_cohort_jury(read_session(), grid, today())


def _page(
    grid: CohortGrid,
    jury: CohortJury,
    form: CohortJuryForm,
    sentence: str = "",
    *,
    stopped: Sequence[tuple[str, Refusal]] = (),
) -> str:
    again = IdempotentForm(formdata=None)
    names: dict[str, Any] = {"jury": jury, "form": form, "again": again, "say": words, "sentence": sentence}
    names["stopped"] = [(name, refusal_message(refusal)) for name, refusal in stopped]
    return render_template("certifier/assessments/jury.html", line=grid.line, **names)


@bp.get("/promotions/<uuid:cohort_id>/jury")
@certifier_page(Permission.MANAGE_SESSION)
def cohort_jury(body: BodyAccess, cohort_id: UUID) -> ResponseReturnValue:
    """Show who of a cohort may go before which jury."""
    grid, jury = _found(body, cohort_id)
    return _page(grid, jury, CohortJuryForm(jury, formdata=None))


@bp.post("/promotions/<uuid:cohort_id>/jury")
@certifier_page(Permission.MANAGE_SESSION)
def bring_cohort(body: BodyAccess, cohort_id: UUID) -> ResponseReturnValue:
    """Seal the records of these people and put them on the list of a session: all of them, or none."""
    grid, jury = _found(body, cohort_id)
    form = CohortJuryForm(jury)
    if not form.validate():
        return _page(grid, jury, form), 422
    chosen = [member for member in jury.members if member.candidacy_id in set(form.people.data)]
    session_id: UUID = form.session_id.data

    def act(db: Session) -> str:
        done = cohort_sessions.bring_to_session(db, chosen, session_id, by=current_user.id, at=now())
        session["notice"] = listed_message(done)
        return url_for("certifier.sessions.session", session_id=session_id, _anchor="candidats")

    try:
        return run_once(form.nonce.data, act)
    except ListStoppedError as stopped:
        return _page(grid, jury, form, stopped=stopped.refusals), 409


@bp.post("/promotions/<uuid:cohort_id>/suite")
@certifier_page(Permission.MANAGE_SESSION)
def move_failed(body: BodyAccess, cohort_id: UUID) -> ResponseReturnValue:
    """Put those who failed in the next cohort, as the rule of the entry asks."""
    grid, jury = _found(body, cohort_id)
    form = IdempotentForm()
    form.validate()
    following = jury.next_cohort
    if following is None or not jury.failed:
        return _page(grid, jury, CohortJuryForm(jury, formdata=None), words.NOBODY_TO_MOVE), 409

    def act(db: Session) -> str:
        failed = [member.candidacy_id for member in jury.failed]
        done = cohort_sessions.move_to_cohort(db, failed, following.id, by=current_user.id, at=now())
        session["notice"] = words.moved_message(done, following.name)
        return url_for(".cohort_jury", cohort_id=following.id)

    return run_or_refuse(
        form.nonce.data, act, lambda sentence: _page(grid, jury, CohortJuryForm(jury, formdata=None), sentence)
    )
