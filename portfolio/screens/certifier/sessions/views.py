"""The certifier plans sessions, seats their juries, and puts sealed dossiers on their lists."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page, session_page
from portfolio.access.jury import SessionAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.account.rules import MemberTask
from portfolio.domain.admissibility.use_cases.accommodations import load_arrangements
from portfolio.domain.certification.use_cases.partners import list_sites, site_choices
from portfolio.domain.holdings.use_cases.contest_tasks import load_later_acts
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.juror_card import (
    MOST_SUBSTITUTES,
    READING_DAYS,
    MemberInput,
    SeatPrefill,
    member_input,
)
from portfolio.domain.jury_session.use_cases import declarations, loaders, planning
from portfolio.domain.jury_session.use_cases.former_jury import find_former_jury
from portfolio.domain.jury_session.use_cases.letters import load_absence_letters
from portfolio.domain.jury_session.use_cases.pool import find_juror
from portfolio.domain.jury_session.use_cases.seats import SeatDetails, first_empty_seat, seat_key
from portfolio.domain.jury_session.use_cases.summons import site_of_session
from portfolio.errors import Conflict, Refusal
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.candidacies.queries import list_published_versions
from portfolio.screens.certifier.certifications.views import as_uuid, has_many_versions
from portfolio.screens.certifier.sessions import listing_queries, page_queries
from portfolio.screens.certifier.sessions.forms import ListForm, MemberForm, PlanForm, RemovalForm, member_form
from portfolio.screens.certifier.sessions.listing_queries import MAX_DOSSIERS, UnscheduledDossier
from portfolio.screens.certifier.sessions.summons_queries import load_session_day, step_of
from portfolio.screens.evidence_files.downloads import send_copy
from portfolio.screens.evidence_files.uploads import (
    error_status,
    max_file_bytes,
    open_upload_batch,
    run_once_with_files,
    store_scan,
)
from portfolio.screens.juror.forms.declarations import ParityForm
from portfolio.web.clock import now, today
from portfolio.web.forms import IdempotentForm, pairs, refusal_message, run_once, run_or_refuse
from portfolio.web.listing import Listing, read_state
from portfolio.web.request_limits import accepts_file
from portfolio.wording import jury
from portfolio.wording.admissibility import arrangements_message
from portfolio.wording.certification import ROUTE_NAMES
from portfolio.wording.certification.register import habilitation_sentence
from portfolio.wording.holdings import contests

bp = blueprint_of(__name__)


@bp.get("/sessions/<uuid:session_id>/candidats")
@session_page(Permission.MANAGE_SESSION)
def list_form(case: SessionAccess) -> ResponseReturnValue:
    """Show who can be put on the list, at which hour, and who cannot and why."""
    return _page(case)


@bp.post("/sessions/<uuid:session_id>/candidats")
@session_page(Permission.MANAGE_SESSION)
def add_hearings(case: SessionAccess) -> ResponseReturnValue:
    """Put sealed dossiers on the session's list: all of them, or none."""
    names = {
        row.submission_id: row.candidate for row in page_queries.load_session_page(read_session(), case.id).waiting
    }
    form = ListForm(names)
    if not form.validate():
        # Another tab was quicker, or a dossier is not of this session.
        gone = [("", Refusal(JuryRefusal.NOT_WAITING))] if form.submission_id.raw_data else []
        return _page(case, form, gone), 409 if gone else 422
    wanted = {id: name for id, name in names.items() if id in set(form.submission_id.data or ())}

    def act(db: Session) -> str:
        listed = planning.add_hearings(db, case.id, wanted, by=current_user.id, at=now())
        session["notice"] = jury.listed_message(listed)
        return url_for(".session", session_id=case.id, _anchor="candidats")

    try:
        return run_once(form.nonce.data, act)
    except planning.ListStoppedError as stopped:
        close_read_session()
        return _page(case, form, stopped.refusals), 409


def _page(case: SessionAccess, form: ListForm | None = None, stopped: Sequence[tuple[str, Refusal]] = ()) -> str:
    page = page_queries.load_session_page(read_session(), case.id)
    able = [row for row in page.waiting if row.obstacle is None]
    row = read_session().get_one(JurySession, case.id)
    slots = planning.free_slots(read_session(), row, [each.submission_id for each in able])
    has_hours = planning.hours_of(row) is not None
    shown = form or ListForm({}, formdata=None)
    if form is None:
        shown.submission_id.data = [each.submission_id for each in able if each.submission_id in slots or not has_hours]
    shown.submission_id.choices = pairs(
        (each.submission_id, jury.waiting_label(each, slots.get(each.submission_id), has_hours=has_hours))
        for each in able
    )
    said = [(name, refusal_message(refusal)) for name, refusal in stopped]
    others = [each for each in page.waiting if each.obstacle is not None]
    more = {"others": others, "stopped": said, "has_hours": has_hours, "is_cut": len(page.waiting) >= MAX_DOSSIERS}
    return render_template("certifier/sessions/list.html", page=page, form=shown, say=jury, **more)


@bp.post("/sessions/<uuid:session_id>/candidats/<uuid:hearing_id>/retirer")
@session_page(Permission.MANAGE_SESSION)
def remove_hearing(case: SessionAccess, hearing_id: UUID) -> ResponseReturnValue:
    """Take a candidate off the list."""
    form = IdempotentForm()
    form.validate()

    def act(db: Session) -> str:
        planning.remove_hearing(db, case.id, hearing_id, by=current_user.id, at=now())
        return url_for(".session", session_id=case.id, _anchor="candidats")

    return run_once(form.nonce.data, act)


@bp.get("/sessions")
@certifier_page(Permission.MANAGE_SESSION)
def sessions(body: BodyAccess) -> ResponseReturnValue:
    """List the sessions of the body, and the dossiers that wait for one."""
    filters = listing_queries.load_session_filters(read_session(), body.id)
    state = read_state(filters, listing_queries.SORTS)
    page = listing_queries.load_sessions_page(read_session(), body.id, today(), state)
    listing = Listing(
        "certifier.sessions.sessions",
        {},
        state,
        filters,
        listing_queries.SORTS,
        page.page,
        page.count,
        "Lieu de la session",
    )
    return render_template(
        "certifier/sessions/sessions.html", page=page, listing=listing, today=today(), reading_days=READING_DAYS
    )


@bp.get("/sessions/nouvelle")
@certifier_page(Permission.MANAGE_SESSION, keeps_limits=True)
def plan_form(body: BodyAccess) -> ResponseReturnValue:
    """Show the form that plans a session, filled in for the dossier of a candidacy when one is given."""
    dossier = _dossier_to_hear(body)
    only = dossier.version_id if dossier else as_uuid(request.args.get("certification", ""))
    if only is None and has_many_versions(read_session(), body.id):
        return redirect(url_for("certifier.certifications.index", pour="session"), 303)
    versions = list_published_versions(read_session(), body.id, only, body.limits(MemberTask.SESSIONS))
    form = _plan_form(body, versions)
    latest = planning.find_latest_session(read_session(), body.id)
    form.place.data = latest.place if latest else read_session().get_one(CertifyingBody, body.id).city
    if dossier:
        form.route.data = dossier.route
    return _plan_page(form, versions, dossier)


def _dossier_to_hear(body: BodyAccess) -> UnscheduledDossier | None:
    candidacy_id = as_uuid(request.args.get("candidature", ""))
    if candidacy_id is None:
        return None
    return listing_queries.find_dossier_to_hear(read_session(), body.id, candidacy_id, today())


def _plan_form(body: BodyAccess, versions: Any) -> PlanForm:
    former = planning.find_latest_session(read_session(), body.id, has_hours=True)
    hours = jury.former_hours_message(former) if former else ""
    return PlanForm(versions, today(), site_choices(list_sites(read_session(), body.id)), hours)


def _plan_page(form: PlanForm, versions: Any, dossier: UnscheduledDossier | None = None, stopped: str = "") -> str:
    several = loaders.have_several_rules(read_session(), [version.id for version in versions])
    shown = {"form": form, "versions": versions, "several": several, "dossier": dossier, "stopped": stopped}
    return render_template("certifier/sessions/plan.html", **shown)


@bp.post("/sessions/nouvelle")
@certifier_page(Permission.MANAGE_SESSION, keeps_limits=True)
def plan_session(body: BodyAccess) -> ResponseReturnValue:
    """Plan a session, and put on its list the dossier that it was planned for."""
    dossier = _dossier_to_hear(body)
    only = dossier.version_id if dossier else None
    if only is None and has_many_versions(read_session(), body.id):
        only = as_uuid(request.form.get("version_id", ""))
    versions = list_published_versions(read_session(), body.id, only, body.limits(MemberTask.SESSIONS))
    form = _plan_form(body, versions)
    if not form.validate():
        return _plan_page(form, versions, dossier), 422
    months: int = current_app.config["SETTINGS"].external_months

    def act(db: Session) -> str:
        same_hours = bool(form.same_hours.data)
        planned = planning.plan_session(
            db, body.id, form.value(months), same_hours=same_hours, by=current_user.id, at=now()
        )
        if dossier:
            planning.add_hearing(db, planned.id, dossier.submission_id, by=current_user.id, at=now())
        return url_for(".session", session_id=planned.id)

    return run_or_refuse(form.nonce.data, act, lambda stopped: _plan_page(form, versions, dossier, stopped))


@bp.get("/sessions/<uuid:session_id>", endpoint="session")
@session_page(Permission.MANAGE_SESSION)
def show_session(case: SessionAccess) -> ResponseReturnValue:
    """Show one session: who sits, what is checked, who is heard."""
    return _session_page(case)


def _session_page(case: SessionAccess, parity: ParityForm | None = None) -> str:
    page = page_queries.load_session_page(read_session(), case.id)
    shown = parity or ParityForm(formdata=None, reason=page.parity_reason)
    again = IdempotentForm(formdata=None)
    site = site_of_session(read_session(), case.id)
    more: dict[str, Any] = {"today": today(), "reading_days": READING_DAYS, "routes": ROUTE_NAMES, "site": site}
    former = find_former_jury(read_session(), read_session().get_one(JurySession, case.id)) if page.empty_seat else None
    more["former_on"] = former.held_on if former else None
    more["habilitation"] = habilitation_sentence(site.answer) if site and site.answer else ""
    has_server = current_app.config["SETTINGS"].smtp is not None
    standing: dict[str, Any] = {"has_server": has_server, "is_regular": page.regular}
    more["day"] = load_session_day(read_session(), case.id, page.hearings, **standing)
    more["step"] = step_of(page, more["day"], today(), READING_DAYS)
    more["absences"] = load_absence_letters(read_session(), case.id)
    more["arrangements"] = load_arrangements(read_session(), [row.candidacy_id for row in page.hearings])
    more["arrangements_message"] = arrangements_message
    closed = [hearing.id for hearing in page.hearings if hearing.closed_at and not hearing.voided]
    more |= {"later": load_later_acts(read_session(), closed, today()), "later_message": contests.later_message}
    return render_template("certifier/sessions/session.html", page=page, say=jury, again=again, parity=shown, **more)


@bp.post("/sessions/<uuid:session_id>/mixite")
@session_page(Permission.MANAGE_SESSION)
def justify_parity(case: SessionAccess) -> ResponseReturnValue:
    """Write why women and men do not both sit (J12)."""
    form = ParityForm()
    if not form.validate():
        return _session_page(case, form), 422

    def act(db: Session) -> str:
        planning.justify_parity(db, case.id, form.reason.data or "", by=current_user.id, at=now())
        return url_for(".session", session_id=case.id, _anchor="verifie")

    return run_once(form.nonce.data, act)


@bp.get("/sessions/<uuid:session_id>/sieges/<seat>")
@session_page(Permission.MANAGE_SESSION)
def seat(case: SessionAccess, seat: str) -> ResponseReturnValue:
    """Show who sits in a seat, and the form that names someone there."""
    return _seat_page(case, seat)


@bp.get("/sessions/<uuid:session_id>/sieges/<seat>/suppleants/<int:number>")
@session_page(Permission.MANAGE_SESSION)
def substitute(case: SessionAccess, seat: str, number: int) -> ResponseReturnValue:
    """Show a substitute of a seat, and the form that names one."""
    return _seat_page(case, seat, number)


def _seat_page(case: SessionAccess, seat: str, rank: int = 0, form: MemberForm | None = None, **more: Any) -> str:
    page = page_queries.load_session_page(read_session(), case.id)
    holder = next((seat_details for seat_details in page.seats if seat_details.key == seat), None)
    if holder is None or (rank and holder.named is None) or rank > MOST_SUBSTITUTES:
        abort(404)
    view = (
        holder
        if not rank
        else next(
            (seat_details for seat_details in holder.substitutes if _rank(seat_details.named) == rank), _empty(holder)
        )
    )
    view = replace(view, alike=holder.alike, terms=holder.terms)
    shown = form or member_form(_prefilled(case, view, rank) or view.named, view.terms)
    more["pool"] = page_queries.list_pool_suggestions(read_session(), case.id, holder.seat) if form is None else ()
    shown.ties_answer.choices = pairs(jury.ties_answers(page.external_months))
    more |= {"view": view, "holder": holder, "rank": rank, "form": shown, "limit": max_file_bytes()}
    return render_template(
        "certifier/sessions/seat.html", page=page, say=jury, again=RemovalForm(formdata=None), **more
    )


def _prefilled(case: SessionAccess, view: SeatDetails, rank: int) -> MemberInput | None:
    """Return the card of the juror that the address names, for this seat; None when it names none of the pool."""
    with suppress(ValueError):
        row = read_session().get_one(JurySession, case.id)
        juror = find_juror(read_session(), row.body_id, UUID(request.args.get("jure", "")))
        if juror is None:
            return None
        seen = view.named.seen if view.named else 0
        return member_input(
            SeatPrefill(juror.to_value(), view.seat, view.place, rank, row.version.certification_id, seen)
        )
    return None


def _empty(holder: SeatDetails) -> SeatDetails:
    """Return the seat of a substitute whom nobody named yet."""
    return SeatDetails(holder.seat, place=holder.place)


def _rank(named: MemberInput | None) -> int:
    return named.rank if named else 0


@bp.get("/sessions/<uuid:session_id>/actes/<uuid:document_id>")
@session_page(Permission.MANAGE_SESSION)
def appointment_document(case: SessionAccess, document_id: UUID) -> ResponseReturnValue:
    """Send the act that appointed the president."""
    document = declarations.find_signed_document(read_session(), case.id, document_id)
    if document is None:
        abort(404)
    return send_copy(document.key, document.name, document.mime, document.size)


@bp.post("/sessions/<uuid:session_id>/sieges/<seat>")
@accepts_file()
@session_page(Permission.MANAGE_SESSION)
def name_member(case: SessionAccess, seat: str) -> ResponseReturnValue:
    """Seat a person, or say what prevents it and keep what was typed."""
    return _name(case, seat, 0)


@bp.post("/sessions/<uuid:session_id>/sieges/<seat>/suppleants/<int:number>")
@accepts_file()
@session_page(Permission.MANAGE_SESSION)
def name_substitute(case: SessionAccess, seat: str, number: int) -> ResponseReturnValue:
    """Name a substitute of a seat."""
    return _name(case, seat, number)


def _name(case: SessionAccess, seat: str, rank: int) -> ResponseReturnValue:
    found = seat_key(seat)
    if found is None or rank > MOST_SUBSTITUTES:
        abort(404)
    form = MemberForm()
    if not form.validate():
        return _seat_page(case, seat, rank, form), 422
    naming = form.value(found[0], rank, found[1])
    with open_upload_batch() as opened:
        document = store_scan(opened, form.appointment, form.act) if form.act else None
        if form.act and document is None:
            return _seat_page(case, seat, rank, form), error_status(form.appointment)

        def act(db: Session) -> str:
            reason = form.reason.data or ""
            planning.name_member(db, case.id, naming, document, reason=reason, by=current_user.id, at=now())
            following = first_empty_seat(db, case.id) if "next" in request.form else None
            if following is not None:
                return url_for(".seat", session_id=case.id, seat=following)
            return url_for(".session", session_id=case.id, _anchor="composition")

        try:
            response = run_once_with_files(opened, form.nonce.data, act)
        except Conflict as conflict:
            form.revision.data = str(conflict.revision)
            return _seat_page(case, seat, rank, form, theirs=conflict.theirs), 409
        except Refusal as refusal:
            sentence = refusal_message(refusal)
            return _seat_page(case, seat, rank, form, stopped=sentence), 409
    return response


@bp.post("/sessions/<uuid:session_id>/membres/<uuid:member_id>/retirer")
@session_page(Permission.MANAGE_SESSION)
def remove_member(case: SessionAccess, member_id: UUID) -> ResponseReturnValue:
    """Empty a seat, with the reason that a sitting under way asks."""
    form = RemovalForm()
    form.validate()

    def act(db: Session) -> str:
        planning.remove_member(db, case.id, member_id, form.removal_reason.data or "", by=current_user.id, at=now())
        return url_for(".session", session_id=case.id, _anchor="composition")

    return run_once(form.nonce.data, act)


def _run_once(act: Any) -> Any:
    form = IdempotentForm()
    form.validate()
    return run_once(form.nonce.data, act)
