"""The deliberation, live: one page for the whole jury, read again every other second; votes and adjournments.

The addresses of the exhibits and competencies of a hearing, built once for the page that lists them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, abort, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.decorators import hearing_page
from portfolio.access.jury import HearingAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.jury.models.deliberation import Adjournment, Ballot
from portfolio.domain.jury_session.use_cases import ballots, live, suspension
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.juror.forms.decisions import AdjournmentForm, ResumeForm, ResumptionDayForm, VoteForm
from portfolio.web.clock import now, today
from portfolio.web.forms import run_once, run_or_refuse
from portfolio.web.urls import label_url_builder, url_builder
from portfolio.wording import jury
from portfolio.wording.jury import opinions as opinion_words

bp = blueprint_of(__name__)

_RESUMED = "La séance reprend. Les présences et la composition sont vérifiées de nouveau."
_RESUMED_BY_OTHERS = (
    "La séance reprend avec d’autres membres : chaque constat et chaque décision préparée est à enregistrer de "
    "nouveau, et chaque vote à refaire. Ce que la séance suspendue a fait reste au procès-verbal."
)


@bp.get("/jurys/<uuid:hearing_id>/deliberation")
@hearing_page(Permission.READ_HEARING)
def deliberation(case: HearingAccess) -> ResponseReturnValue:
    """Show the deliberation; `?ecran=partage` omits what is private to one member, for a projected screen."""
    return render_template("juror/hearing/deliberation.html", **_context(case))


@bp.get("/jurys/<uuid:hearing_id>/deliberation/etat")
@hearing_page(Permission.READ_HEARING)
def deliberation_state(case: HearingAccess) -> Response:
    """Send the part of the page that changes, or 304 when nothing that this person sees has changed."""
    fingerprint = live.live_fingerprint(read_session(), case.id, with_drafts=case.sees_drafts)
    tag = f"{fingerprint}-{'p' if case.is_president else 'm'}-{_is_shared():d}"
    if request.if_none_match.contains(tag):
        response = make_response("", 304)
    else:
        response = make_response(render_template("juror/hearing/_live.html", **_context(case)))
        response.mimetype = "text/plain"  # a part of a page, which is no page by itself
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache, private"
    return response


@bp.post("/jurys/<uuid:hearing_id>/blocs/<uuid:block_id>/vote")
@hearing_page(Permission.DECIDE)
def open_ballot(case: HearingAccess, block_id: UUID) -> ResponseReturnValue:
    """Open a vote on a block."""
    with transaction() as db:
        ballots.open_ballot(db, case.id, block_id, by=current_user.id, at=now())
    return redirect(url_for(".deliberation", hearing_id=case.id, _anchor=f"bloc-{block_id}"), 303)


@bp.post("/jurys/<uuid:hearing_id>/votes/<uuid:ballot_id>")
@hearing_page(Permission.READ_HEARING)
def cast_vote(case: HearingAccess, ballot_id: UUID) -> ResponseReturnValue:
    """Cast one's own vote."""
    _ballot_or_404(case, ballot_id)
    form = VoteForm()
    if not form.validate():
        return _deliberation(case, stopped="Choisissez pour, contre ou abstention."), 422
    choice: Any = form.choice.data

    def act(db: Session) -> str:
        ballots.cast_vote(db, case.id, ballot_id, choice, by=current_user.id, at=now())
        return url_for(".deliberation", hearing_id=case.id)

    return run_or_refuse(
        form.nonce.data, act, lambda sentence: _deliberation(case, stopped=sentence), "Votre vote est enregistré."
    )


@bp.post("/jurys/<uuid:hearing_id>/votes/<uuid:ballot_id>/cloture")
@hearing_page(Permission.DECIDE)
def close_ballot(case: HearingAccess, ballot_id: UUID) -> ResponseReturnValue:
    """Close a vote: members who did not vote abstain."""
    _ballot_or_404(case, ballot_id)
    with transaction() as db:
        ballots.close_ballot(db, case.id, ballot_id, by=current_user.id, at=now())
    return redirect(url_for(".deliberation", hearing_id=case.id), 303)


@bp.get("/jurys/<uuid:hearing_id>/suspension")
@hearing_page(Permission.DECIDE)
def adjournment_form(case: HearingAccess) -> ResponseReturnValue:
    """Show the form that adjourns the deliberation, or the one that resumes it."""
    return _adjournment_page(case)


@bp.post("/jurys/<uuid:hearing_id>/suspension")
@hearing_page(Permission.DECIDE)
def adjourn(case: HearingAccess) -> ResponseReturnValue:
    """Adjourn the deliberation."""
    form = AdjournmentForm(today())
    if not form.validate():
        return _adjournment_page(case, form), 422

    def act(db: Session) -> str:
        suspension.adjourn(db, case.id, form.reason.data or "", form.resumes_on.data, by=current_user.id, at=now())
        return url_for(".deliberation", hearing_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "La séance est suspendue. Tout ce qui est noté est gardé."
    return response


@bp.post("/jurys/<uuid:hearing_id>/suspension/reprise")
@hearing_page(Permission.DECIDE)
def change_resumption(case: HearingAccess) -> ResponseReturnValue:
    """Set the day on which the deliberation goes on."""
    form = ResumptionDayForm(today())
    if not form.validate():
        return _adjournment_page(case, day_form=form), 422

    def act(db: Session) -> str:
        suspension.change_resumption(db, case.id, form.resumes_on.data, by=current_user.id, at=now())
        return url_for(".adjournment_form", hearing_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "Le jour de la reprise est enregistré. L’organisme peut l’écrire à chacun."
    return response


@bp.post("/jurys/<uuid:hearing_id>/reprise")
@hearing_page(Permission.DECIDE)
def resume(case: HearingAccess) -> ResponseReturnValue:
    """Resume the deliberation with the members who are there now."""
    form = ResumeForm(live.load_live_state(read_session(), case.id).page.sitting)
    if not form.validate():
        return _adjournment_page(case, resuming=form), 422

    def act(db: Session) -> str:
        same = suspension.resume(db, case.id, form.present.data or [], by=current_user.id, at=now())
        session["notice"] = _RESUMED if same else _RESUMED_BY_OTHERS
        return url_for(".deliberation", hearing_id=case.id)

    return run_once(form.nonce.data, act)


def _deliberation(case: HearingAccess, **more: Any) -> str:
    return render_template("juror/hearing/deliberation.html", **_context(case), **more)


def _is_shared() -> bool:
    return request.args.get("ecran") == "partage"


def _context(case: HearingAccess) -> dict[str, Any]:
    shared = _is_shared()
    state = live.load_live_state(read_session(), case.id, with_drafts=case.sees_drafts, shared=shared)
    presides = case.is_president and state.page.closed_at is None and not shared
    votes = current_user.id in state.voters and state.page.closed_at is None and not shared
    names = {"say": jury, "opinion_words": opinion_words, "today": today()}
    own = state.page.member(current_user.id)
    return names | {
        "live": state,
        "page": state.page,
        "presides": presides,
        "votes": votes,
        "shared": shared,
        "own": own,
        "vote_form": VoteForm(formdata=None),
    }


def _adjournment_page(
    case: HearingAccess,
    form: AdjournmentForm | None = None,
    resuming: ResumeForm | None = None,
    day_form: ResumptionDayForm | None = None,
) -> str:
    state = live.load_live_state(read_session(), case.id)
    there = [member_state.person for member_state in state.page.sitting if member_state.present]
    return render_template(
        "juror/hearing/adjournment.html",
        page=state.page,
        adjournment=state.adjournment,
        form=form or AdjournmentForm(today(), formdata=None),
        day_form=day_form or _resumption_day_form(state.adjournment),
        resuming=resuming or ResumeForm(state.page.sitting, formdata=None, present=there),
        say=jury,
    )


def _resumption_day_form(row: Adjournment | None) -> ResumptionDayForm:
    return ResumptionDayForm(today(), formdata=None, resumes_on=row.resumes_on if row else None)


def _ballot_or_404(case: HearingAccess, ballot_id: UUID) -> None:
    """Answer 404 for a vote of another hearing."""
    ballot = read_session().get(Ballot, ballot_id)
    if ballot is None or ballot.hearing_id != case.id:
        abort(404)


@dataclass(frozen=True, slots=True)
class HearingUrls:
    """Maker of the addresses of each exhibit and of its file, by its label, and of each competency, by its id."""

    exhibit: Callable[..., str]
    file: Callable[..., str]
    competency: Callable[[UUID], str]


def hearing_urls(hearing_id: UUID) -> HearingUrls:
    """Return the addresses of a hearing; a page asks once for each of its lines and builds them once."""
    built: dict[UUID, HearingUrls] = g.setdefault("hearing_urls", {})
    if hearing_id not in built:
        built[hearing_id] = HearingUrls(
            label_url_builder("juror.hearing.exhibit", hearing_id=hearing_id),
            label_url_builder("juror.hearing.exhibit_file", hearing_id=hearing_id),
            url_builder("juror.hearing.competency", "competency_id", hearing_id=hearing_id),
        )
    return built[hearing_id]
