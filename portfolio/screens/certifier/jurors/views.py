"""The pool of jurors of a certifying body: the list, a card, the link by which a person fills in their own."""

from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.rules.enums import College
from portfolio.domain.jury.rules.juror_card import CARD_LINK_DAYS, PoolQuery, PoolRefusal, Workload
from portfolio.domain.jury.rules.juror_sheet import read_jurors
from portfolio.domain.jury_session.use_cases import conflicts_of_interest, pool
from portfolio.errors import Conflict, Refusal
from portfolio.files.conversion.tables import MAX_TABLE_BYTES
from portfolio.screens.account.navigation import delivery_notice
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.jurors import queries
from portfolio.screens.certifier.jurors.forms import CardForm, ConflictForm, JurorSheetForm, LiftForm, card_form
from portfolio.web.clock import now, today
from portfolio.web.forms import IdempotentForm, clean_line, remember_result, run_once, run_or_refuse
from portfolio.web.request_limits import accepts_file
from portfolio.wording import jury
from portfolio.wording.jury import pool as pool_wording

bp = blueprint_of(__name__)


@bp.get("/jures")
@certifier_page(Permission.MANAGE_SESSION)
def jurors(body: BodyAccess) -> ResponseReturnValue:
    """Show one page of the pool."""
    asked = asked_of_request()
    page = queries.load_pool_page(read_session(), body.id, asked, today())
    choices = queries.certification_choices(read_session(), body.id)
    more: dict[str, Any] = {"say": pool_wording, "seats": jury.SEATS, "again": IdempotentForm(formdata=None)}
    return render_template("certifier/jurors/jurors.html", page=page, asked=asked, certifications=choices, **more)


def asked_of_request() -> PoolQuery:
    """Read what the address asks of the list; what cannot be read asks nothing."""
    number = request.args.get("page", "1")
    return PoolQuery(
        clean_line(request.args.get("nom", ""))[:200],
        _code(College, "college"),
        _code(Seat, "siege"),
        _code(UUID, "certification"),
        _code(date.fromisoformat, "libre"),
        request.args.get("liste") == "retires",
        int(number[:6]) if number.isascii() and number.isdecimal() else 1,
    )


def _code(kind: Any, name: str) -> Any:
    with suppress(ValueError):
        return kind(request.args.get(name, ""))
    return None


@bp.get("/jures/nouveau")
@certifier_page(Permission.MANAGE_SESSION)
def new_juror(body: BodyAccess) -> ResponseReturnValue:
    """Show an empty card."""
    return _card_page(body, card_form(queries.certification_choices(read_session(), body.id)))


@bp.post("/jures/nouveau")
@certifier_page(Permission.MANAGE_SESSION)
def add_juror(body: BodyAccess) -> ResponseReturnValue:
    """Add a person to the pool, and send them the link of their card when asked."""
    form = CardForm(queries.certification_choices(read_session(), body.id))
    if not form.validate():
        return _card_page(body, form), 422
    sends_link = "link" in request.form

    def act(db: Session) -> str:
        juror = pool.add_juror(db, body.id, form.value(), by=current_user.id, at=now())
        session["notice"] = f"{juror.name} est dans la liste des jurés."
        if sends_link:
            pool.send_card_link(db, juror, by=current_user.id, at=now())
            session["notice"] += f" {delivery_notice()}"
        return url_for(".juror", juror_id=juror.id)

    try:
        return run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _card_page(body, form, refused=refusal), 409


@bp.get("/jures/liste")
@certifier_page(Permission.MANAGE_SESSION)
def sheet_form(body: BodyAccess) -> ResponseReturnValue:  # noqa: ARG001
    """Show the form that takes a list of jurors."""
    return _sheet_page(JurorSheetForm(formdata=None))


def _sheet_page(form: JurorSheetForm, **more: Any) -> str:
    names = {"sheet": None, "stopped": "", "say": pool_wording} | more
    return render_template("certifier/jurors/sheet.html", form=form, **names)


@bp.post("/jures/liste")
@accepts_file(lambda _settings: MAX_TABLE_BYTES, has_long_text=True)
@certifier_page(Permission.MANAGE_SESSION)
def add_many(body: BodyAccess) -> ResponseReturnValue:
    """Show the card that each line of a list makes; once that is accepted, add them all or none."""
    form = JurorSheetForm()
    sheet = form.read() if form.validate() else None
    if sheet is None:
        if not form.errors:
            form.lines.errors = ["Ajoutez une ligne de titres : au moins Nom et Courriel."]
        return _sheet_page(form), 422
    lines = read_jurors(sheet.cells(), jury.SEATS, queries.certification_codes(read_session(), body.id))
    wrong = [line for line in lines if line.fault]
    known = queries.known_jurors(read_session(), body.id, [line.card.email for line in lines])
    right = [line.card for line in lines if not line.fault and line.card.email.casefold() not in known]
    if not form.is_accepted or not right or (wrong and not form.set_aside.data):
        told = [pool_wording.wrong_juror_message(line) for line in wrong]
        shown = {"sheet": sheet, "right": right, "wrong": told, "known": known}
        return _sheet_page(form, **shown), 422 if form.is_accepted else 200

    def act(db: Session) -> str:
        for card in right:
            added = pool.add_juror(db, body.id, card, by=current_user.id, at=now())
            if form.links.data:
                pool.send_card_link(db, added, by=current_user.id, at=now())
        session["notice"] = pool_wording.added_message(len(right))
        if form.links.data:
            session["notice"] += f" {delivery_notice(several=True)}"
        return url_for(".jurors")

    return run_or_refuse(form.nonce.data, act, lambda sentence: _sheet_page(form, stopped=sentence))


@bp.get("/jures/<uuid:juror_id>")
@certifier_page(Permission.MANAGE_SESSION)
def juror(body: BodyAccess, juror_id: UUID) -> ResponseReturnValue:
    """Show a card, and what the person did in juries."""
    row = _found(read_session(), body, juror_id)
    form = card_form(queries.certification_choices(read_session(), body.id), row.to_value(), row.revision)
    return _card_page(body, form, row)


@bp.post("/jures/<uuid:juror_id>")
@certifier_page(Permission.MANAGE_SESSION)
def change_juror(body: BodyAccess, juror_id: UUID) -> ResponseReturnValue:
    """Correct a card, or show that it was saved meanwhile."""
    row = _found(read_session(), body, juror_id)
    form = CardForm(queries.certification_choices(read_session(), body.id))
    if not form.validate():
        return _card_page(body, form, row), 422
    try:
        with transaction() as db:
            juror = _found(db, body, juror_id, lock=True)
            revision = form.seen_revision
            pool.change_juror(db, juror, form.value(), revision=revision, by=current_user.id, at=now())
            remember_result(db, url_for(".juror", juror_id=juror_id))
    except (Conflict, Refusal) as stopped:
        close_read_session()
        row = _found(read_session(), body, juror_id)
        if isinstance(stopped, Conflict):
            form.revision.data = str(stopped.revision)
            return _card_page(body, form, row, theirs=stopped.theirs), 409
        return _card_page(body, form, row, refused=stopped), 409
    session["notice"] = "La fiche est enregistrée."
    return redirect(url_for(".juror", juror_id=juror_id), 303)


@bp.post("/jures/<uuid:juror_id>/lien")
@certifier_page(Permission.MANAGE_SESSION)
def send_link(body: BodyAccess, juror_id: UUID) -> ResponseReturnValue:
    """Write to the person the link of their card."""

    def act(db: Session) -> str:
        pool.send_card_link(db, _found(db, body, juror_id, lock=True), by=current_user.id, at=now())
        session["notice"] = f"Le lien de la fiche est écrit. {delivery_notice()}"
        return url_for(".juror", juror_id=juror_id)

    return _run_once(act)


@bp.post("/jures/<uuid:juror_id>/retirer")
@certifier_page(Permission.MANAGE_SESSION)
def remove_juror(body: BodyAccess, juror_id: UUID) -> ResponseReturnValue:
    """Take a person out of the pool."""

    def act(db: Session) -> str:
        juror = _found(db, body, juror_id, lock=True)
        pool.remove_juror(db, juror, by=current_user.id, at=now())
        session["notice"] = f"{juror.name} n’est plus dans la liste des jurés."
        return url_for(".jurors")

    return _run_once(act)


@bp.post("/jures/<uuid:juror_id>/remettre")
@certifier_page(Permission.MANAGE_SESSION)
def restore_juror(body: BodyAccess, juror_id: UUID) -> ResponseReturnValue:
    """Put a person back into the pool."""

    def act(db: Session) -> str:
        juror = _found(db, body, juror_id, lock=True)
        pool.restore_juror(db, juror, by=current_user.id, at=now())
        session["notice"] = f"{juror.name} est de nouveau dans la liste des jurés."
        return url_for(".juror", juror_id=juror_id)

    return _run_once(act)


@bp.post("/jures/anciens-membres")
@certifier_page(Permission.MANAGE_SESSION)
def import_former_members(body: BodyAccess) -> ResponseReturnValue:
    """Take the members of earlier juries into the pool."""

    def act(db: Session) -> str:
        added = pool.import_former_members(db, body.id, by=current_user.id, at=now())
        session["notice"] = (
            f"{added} personnes sont ajoutées à la liste." if added > 1 else "Une personne est ajoutée à la liste."
        )
        return url_for(".jurors")

    return _run_once(act)


@bp.post("/jures/<uuid:juror_id>/liens-candidats")
@certifier_page(Permission.MANAGE_SESSION)
def record_conflict(body: BodyAccess, juror_id: UUID) -> ResponseReturnValue:
    """Record that the person cannot judge a candidate."""
    _found(read_session(), body, juror_id)
    form = ConflictForm(conflicts_of_interest.list_candidates(read_session(), body.id))
    if not form.validate():
        if request.form.get("candidate_id"):
            abort(404)
        session["notice"] = "Choisissez un candidat et la nature du lien."
        return redirect(url_for(".juror", juror_id=juror_id, _anchor="candidats"), 303)
    candidate_id: Any = form.candidate_id.data
    kind: Any = form.kind.data

    def act(db: Session) -> str:
        juror = _found(db, body, juror_id, lock=True)
        conflicts_of_interest.record_conflict(db, juror, candidate_id, kind, by=current_user.id, at=now())
        return url_for(".juror", juror_id=juror_id, _anchor="candidats")

    return run_once(form.nonce.data, act)


@bp.post("/jures/<uuid:juror_id>/liens-candidats/<uuid:conflict_id>/retirer")
@certifier_page(Permission.MANAGE_SESSION)
def remove_conflict(body: BodyAccess, juror_id: UUID, conflict_id: UUID) -> ResponseReturnValue:
    """Remove what was recorded by mistake."""

    def act(db: Session) -> str:
        juror = _found(db, body, juror_id, lock=True)
        conflicts_of_interest.remove_conflict(db, juror, conflict_id, by=current_user.id, at=now())
        return url_for(".juror", juror_id=juror_id, _anchor="candidats")

    return _run_once(act)


@bp.get("/jures/<uuid:juror_id>/liens-candidats/<uuid:conflict_id>/ecarter")
@certifier_page(Permission.MANAGE_SESSION)
def lift_form(body: BodyAccess, juror_id: UUID, conflict_id: UUID) -> ResponseReturnValue:
    """Show what setting a found conflict aside does, and ask why it is no relation."""
    return _lift_page(body, juror_id, conflict_id, LiftForm(formdata=None))


@bp.post("/jures/<uuid:juror_id>/liens-candidats/<uuid:conflict_id>/ecarter")
@certifier_page(Permission.MANAGE_SESSION)
def lift_conflict(body: BodyAccess, juror_id: UUID, conflict_id: UUID) -> ResponseReturnValue:
    """Set a found conflict aside, with the reason."""
    form = LiftForm()
    if not form.validate():
        return _lift_page(body, juror_id, conflict_id, form), 422
    reason = form.reason.data or ""

    def act(db: Session) -> str:
        juror = _found(db, body, juror_id, lock=True)
        conflicts_of_interest.lift_conflict(db, juror, conflict_id, reason, by=current_user.id, at=now())
        session["notice"] = (
            "Le lien est écarté, avec votre raison. La personne peut de nouveau siéger pour ce candidat."
        )
        return url_for(".juror", juror_id=juror_id, _anchor="candidats")

    return run_once(form.nonce.data, act)


def _lift_page(body: BodyAccess, juror_id: UUID, conflict_id: UUID, form: LiftForm) -> str:
    juror = _found(read_session(), body, juror_id)
    found = (row for row in conflicts_of_interest.list_conflicts(read_session(), juror_id) if row.id == conflict_id)
    conflict = next((row for row in found if not row.is_pinned and row.lifted_at is None), None)
    if conflict is None:
        abort(404)
    return render_template("certifier/jurors/lift.html", juror=juror, conflict=conflict, form=form)


def _card_page(
    body: BodyAccess,
    form: CardForm,
    row: Juror | None = None,
    refused: Refusal | None = None,
    theirs: dict[str, str] | None = None,
) -> str:
    db = read_session()
    load = queries.load_workloads(db, body.id, [row.email], today()).get(row.email, Workload()) if row else Workload()
    more: dict[str, Any] = {"load": load, "juries": queries.list_juries_of(db, body.id, row.email) if row else ()}
    more["stopped"] = pool_wording.REFUSALS[PoolRefusal(refused.code)](refused.facts) if refused else ""
    more["other_id"] = refused.facts.get("juror_id") if refused else None
    if row is not None:
        more["conflicts"] = conflicts_of_interest.list_conflicts(db, row.id)
        more["conflict_form"] = ConflictForm(
            conflicts_of_interest.list_candidates(db, body.id), formdata=None, prefix=""
        )
    more |= {"theirs": theirs, "days": CARD_LINK_DAYS, "again": IdempotentForm(formdata=None), "now": now()}
    return render_template(
        "certifier/jurors/juror.html", juror=row, form=form, say=pool_wording, seats=jury.SEATS, **more
    )


def _found(db: Session, body: BodyAccess, juror_id: UUID, *, lock: bool = False) -> Juror:
    row = pool.find_juror(db, body.id, juror_id, lock=lock)
    if row is None:
        abort(404)
    return row


def _run_once(act: Any) -> ResponseReturnValue:
    form = IdempotentForm()
    form.validate()
    return run_once(form.nonce.data, act)
