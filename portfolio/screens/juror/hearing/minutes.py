"""The president reads the minutes through and signs; later, someone may rectify them by another entry (R12).

What changed in a dossier since the version whose reading a member attested.
"""

import base64
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import Response, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.access.decorators import hearing_page
from portfolio.access.jury import HearingAccess
from portfolio.access.policy import Permission, allows
from portfolio.db.engine import read_once, read_session, transaction
from portfolio.domain.account import passkeys
from portfolio.domain.account.rules import PasskeyPurpose
from portfolio.domain.assessment.rules import DefenceMinutes
from portfolio.domain.assessment.use_cases.plans import defence_planned
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.rules.status_changes import AppealState
from portfolio.domain.holdings.use_cases.contest_tasks import load_later_acts
from portfolio.domain.jury.models.deliberation import Adjournment, MinutesSignature, suspends, suspension_of
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.models.statements import Statement
from portfolio.domain.jury.rules.closing import Suspension
from portfolio.domain.jury.rules.composition import PredicateAnswer
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal, RelationAsked, SigningMethod
from portfolio.domain.jury.rules.member_status import MemberState, deliberating, vacated, voting
from portfolio.domain.jury.rules.session_step import minutes_step
from portfolio.domain.jury_session.use_cases import closing as closing_use_cases
from portfolio.domain.jury_session.use_cases import minutes as minutes_use_cases
from portfolio.domain.jury_session.use_cases import signing
from portfolio.domain.jury_session.use_cases.declarations import load_member_states, relation_of
from portfolio.domain.jury_session.use_cases.interview import defence_of
from portfolio.domain.jury_session.use_cases.loaders import WITH_MEMBERS, answers_while_open, in_order, rule_of_hearing
from portfolio.domain.jury_session.use_cases.minutes import find_recorded_answers
from portfolio.domain.jury_session.use_cases.new_version import find_version_read
from portfolio.domain.jury_session.use_cases.seats import seat_details
from portfolio.domain.jury_session.use_cases.sittings import is_begun
from portfolio.domain.submission.rules.comparison import excerpt
from portfolio.domain.submission.use_cases import verification
from portfolio.errors import Refusal
from portfolio.files.filenames import attachment_headers
from portfolio.screens.account.reauthentication import passkey_site, signature_error
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.juror.forms.declarations import (
    ClosingForm,
    DeliberationDayForm,
    RectificationForm,
    SignMinutesForm,
)
from portfolio.screens.juror.hearing.decisions import render_preview
from portfolio.screens.juror.hearing.reading import assessed_page_of, render_reader
from portfolio.web.clock import now, today
from portfolio.web.forms import refusal_message, run_once, run_or_refuse
from portfolio.wording import assessment as assessing
from portfolio.wording import editions as wording
from portfolio.wording import jury
from portfolio.wording.account import WRONG_PASSKEY
from portfolio.wording.holdings import contests
from portfolio.wording.holdings import grants as grants

bp = blueprint_of(__name__)


@bp.get("/jurys/<uuid:hearing_id>/cloture")
@hearing_page(Permission.DECIDE)
def closing_form(case: HearingAccess) -> ResponseReturnValue:
    """Show the minutes that are about to become final, and ask for the president's signature."""
    if case.closed_at is not None:
        return redirect(url_for(".minutes", hearing_id=case.id), 303)
    day_form = DeliberationDayForm(request.args) if "deliberated_on" in request.args else None
    day = day_form.deliberated_on.data if day_form is not None and day_form.validate() else None
    return _closing(case, ClosingForm(formdata=None, deliberated_on=day), day_form)


def _closing(case: HearingAccess, form: ClosingForm, day_form: DeliberationDayForm | None = None, **more: Any) -> str:
    day = form.deliberated_on.data
    shown = day_form or DeliberationDayForm(formdata=None, deliberated_on=day)
    return render_preview(case, "juror/hearing/closing.html", day, form=form, day_form=shown, **more)


@bp.post("/jurys/<uuid:hearing_id>/cloture")
@hearing_page(Permission.DECIDE)
def close_minutes(case: HearingAccess) -> ResponseReturnValue:
    """Sign and close the minutes; a second click goes where the first one led."""
    form = ClosingForm()
    if not form.validate():
        return _closing(case, form), 422
    if fault := signature_error(form.password.data or ""):
        form.password.errors = [fault]
        return _closing(case, form), 422

    def act(db: Session) -> str:
        closing_use_cases.close(db, case.id, form.deliberated_on.data, by=current_user.id, at=now())
        return url_for(".minutes", hearing_id=case.id)

    try:
        return run_once(form.nonce.data, act)
    except Refusal as refusal:
        if refusal.code is JuryRefusal.ALREADY_CLOSED:
            return _minutes(case, stopped=refusal_message(refusal)), 409
        return _closing(case, form, stopped=refusal_message(refusal)), 409


@bp.get("/jurys/<uuid:hearing_id>/resultat")
@hearing_page(Permission.READ_MINUTES)
def minutes(case: HearingAccess) -> ResponseReturnValue:
    """Show the closed minutes: what was decided, and what it granted."""
    if case.closed_at is None:
        return redirect(url_for(".preview" if case.is_juror else ".presence", hearing_id=case.id), 303)
    return _minutes(case)


def _minutes(case: HearingAccess, **more: Any) -> str:
    page = minutes_use_cases.load_minutes_page(read_session(), case.id)
    may_rectify = allows(case.standing, Permission.RECTIFY)
    names: dict[str, Any] = {"say": jury, "grants": grants, "assessing": assessing}
    later = load_later_acts(read_session(), [case.id], today()).get(case.id, ())
    names["appeals"] = contests.later_message([act for act in later if isinstance(act.what, AppealState)])
    heard = page.attendance == Attendance.HEARD and not page.void_reason
    lines = signing.list_signatures(read_session(), case.id)
    names["signatures"] = lines
    names["may_sign"] = any(line.person_id == current_user.id and line.signature is None for line in lines)
    names["sign_form"] = SignMinutesForm(formdata=None)
    names["step"] = minutes_step(is_changed=bool(page.since), is_heard=heard)
    return render_template("juror/hearing/result.html", page=page, case=case, may_rectify=may_rectify, **(names | more))


@bp.post("/jurys/<uuid:hearing_id>/signature/defi")
@hearing_page(Permission.READ_MINUTES)
def signature_options(case: HearingAccess) -> ResponseReturnValue:
    """Return what a browser needs to sign the minutes with a passkey."""
    site, options = passkey_site(), None
    with transaction() as db:
        signing.check_may_sign(db, case.id, current_user.id)
        if site is not None:
            over = signing.minutes_digest(db, case.id)
            purpose = PasskeyPurpose.SIGN
            options = passkeys.request_options(db, current_user.id, purpose, site, at=now(), over=over)
    if options is None:
        abort(404)
    return Response(options, mimetype="application/json")


@bp.post("/jurys/<uuid:hearing_id>/signature")
@hearing_page(Permission.READ_MINUTES)
def sign_minutes(case: HearingAccess) -> ResponseReturnValue:
    """Sign the minutes with the password and its second factor, or with a passkey over their digest."""
    form = SignMinutesForm()
    form.validate()
    answer, proof = request.form.get("passkey", ""), None
    method = SigningMethod.PASSKEY if answer else SigningMethod.PASSWORD
    signing.check_may_sign(read_session(), case.id, current_user.id)
    if answer:
        site = passkey_site()
        with transaction() as db:
            over = signing.minutes_digest(db, case.id)
            proof = passkeys.sign(db, current_user.id, answer, site, at=now(), over=over) if site else None
        fault = None if proof else WRONG_PASSKEY
    else:
        fault = signature_error(form.password.data or "")
        if current_user.has_second_factor:
            method = SigningMethod.PASSWORD_AND_CODE
    if fault:
        form.password.errors = [fault]
        return _minutes(case, sign_form=form), 422

    def act(db: Session) -> str:
        signing.sign_minutes(db, case.id, method, proof, by=current_user.id, at=now())
        return url_for(".minutes", hearing_id=case.id, _anchor="signatures")

    def stopped(sentence: str) -> str:
        return _minutes(case, unsigned=sentence)

    return run_or_refuse(form.nonce.data, act, stopped, "Votre signature est inscrite.")


@bp.get("/jurys/<uuid:hearing_id>/proces-verbal.json")
@hearing_page(Permission.READ_MINUTES)
def minutes_file(case: HearingAccess) -> ResponseReturnValue:
    """Send the minutes in the form whose digest is signed."""
    return _json_file(case, "proces-verbal", signing.minutes_form(read_session(), _closed(case)))


@bp.get("/jurys/<uuid:hearing_id>/signatures.json")
@hearing_page(Permission.READ_MINUTES)
def signatures_file(case: HearingAccess) -> ResponseReturnValue:
    """Send the signatures of the minutes, with all that checks those made by a passkey."""
    lines = signing.list_signatures(read_session(), _closed(case))
    told = [signature_value(line.name, line.signature) for line in lines if line.signature]
    return _json_file(case, "signatures", json.dumps(told, ensure_ascii=False, indent=1).encode())


def _closed(case: HearingAccess) -> UUID:
    if case.closed_at is None:
        raise Refusal(JuryRefusal.STILL_OPEN)
    return case.id


def signature_value(name: str, row: MinutesSignature) -> dict[str, str]:
    """Return a signature as a file holds it; bytes in base64."""
    told = {"name": name, "method": row.method.value, "digest": row.digest, "signed_at": row.signed_at.isoformat()}
    for part in ("credential_public", "client_data", "authenticator_data", "signature"):
        if (content := getattr(row, part)) is not None:
            told[part] = base64.b64encode(content).decode()
    return told


def _json_file(case: HearingAccess, name: str, content: bytes) -> Response:
    headers = attachment_headers(f"{name}-{case.id.hex[:8]}.json", "application/json")
    return Response(content, headers=headers)


@bp.get("/jurys/<uuid:hearing_id>/rectification")
@hearing_page(Permission.RECTIFY)
def rectification_form(case: HearingAccess) -> ResponseReturnValue:
    """Show the form that rectifies closed minutes."""
    if case.closed_at is None:
        raise Refusal(JuryRefusal.STILL_OPEN)
    return _rectification(case, RectificationForm(formdata=None))


@bp.post("/jurys/<uuid:hearing_id>/rectification")
@hearing_page(Permission.RECTIFY)
def rectify(case: HearingAccess) -> ResponseReturnValue:
    """Write a later entry beside the minutes, which do not change."""
    if case.closed_at is None:
        raise Refusal(JuryRefusal.STILL_OPEN)
    form = RectificationForm()
    if not form.validate():
        return _rectification(case, form), 422

    def act(db: Session) -> str:
        minutes_use_cases.rectify(db, case.id, form.text.data or "", by=current_user.id, at=now())
        return url_for(".minutes", hearing_id=case.id, _anchor="rectifications")

    response = run_once(form.nonce.data, act)
    session["notice"] = "La rectification est inscrite à la suite du procès-verbal."
    return response


def _rectification(case: HearingAccess, form: RectificationForm) -> str:
    page = minutes_use_cases.load_minutes_page(read_session(), case.id)
    return render_template("juror/hearing/rectification.html", page=page, form=form)


@bp.get("/jurys/<uuid:hearing_id>/changements")
@hearing_page(Permission.READ_HEARING)
def changes(case: HearingAccess) -> ResponseReturnValue:
    """Show what changed since the version that the member attested having read; nothing of one that they did not."""
    reader = read_session()
    page = assessed_page_of(case)
    before = find_version_read(reader, case.id, current_user.id, before=case.submission_id)
    after = verification.load_manifest(reader, case.submission_id)
    found = verification.compare_versions(reader, before, after) if before else None
    ids = {line.label: line.id for _block, line in page.lines}

    def competency_href(number: str) -> str:
        return url_for(".competency", hearing_id=case.id, competency_id=ids[number]) if number in ids else ""

    more = {"found": found, "changes": wording, "excerpt": excerpt, "competency_href": competency_href}
    return render_reader("juror/hearing/changes.html", case, page, here="changes", **more)


@dataclass(frozen=True)
class AttendancePageData:
    """A jury before one candidate: who declared, read, is there; who deliberates; what the predicates answer."""

    hearing_id: UUID
    session_id: UUID
    held_on: date
    place: str
    certification: str
    candidate: str
    closed_at: datetime | None
    attendance: Attendance
    sitting: tuple[MemberState, ...]
    answers: tuple[PredicateAnswer, ...]
    documents: dict[UUID, UUID]
    quorum: int | None = None
    substitutes: tuple[tuple[Seat, int, int | None], ...] = ()
    # Whether the jury reads an assessment record; how long the defence lasted, and how long the version plans
    # it.
    is_record: bool = False
    defence: DefenceMinutes | None = None
    defence_planned: DefenceMinutes | None = None
    # Which relations with the candidate its members deny (J10).
    relation: RelationAsked = RelationAsked.ANY
    # Its sitting under way made something.
    is_begun: bool = False
    suspension: Suspension | None = None

    @property
    def vacant(self) -> tuple[MemberState, ...]:
        """Return the holders, recused or barred, whose seat no substitute can take; none once the minutes
        are closed.
        """
        return vacated(self.sitting) if self.closed_at is None else ()

    def next_substitute(self, seat: Seat, place: int = 1) -> int | None:
        """Return the rank of the next substitute of a seat; None when there are as many as can be."""
        return next((rank for kind, number, rank in self.substitutes if (kind, number) == (seat, place)), None)

    def seated(self, seat: Seat, place: int = 1) -> MemberState | None:
        """Find who deliberates in a seat."""
        found = (
            member_state
            for member_state in deliberating(self.sitting)
            if (member_state.member.seat, member_state.member.place) == (seat, place)
        )
        return next(found, None)

    @property
    def deliberates(self) -> frozenset[UUID]:
        """Return who deliberates."""
        return frozenset(member_state.person for member_state in voting(self.sitting, self.quorum))

    @property
    def checked(self) -> bool:
        """Return whether presence was checked."""
        return any(member_state.present is not None for member_state in self.sitting)

    def member(self, person_id: UUID) -> MemberState | None:
        """Find a member."""
        return next((member_state for member_state in self.sitting if member_state.person == person_id), None)


@read_once
def load_attendance_page(session: Session, hearing_id: UUID) -> AttendancePageData:
    """Gather a jury before one candidate, in a constant number of queries."""
    jury = joinedload(Hearing.session)
    candidacy = joinedload(Hearing.submission).joinedload(Submission.candidacy)
    query = select(Hearing, is_begun(), Adjournment).outerjoin(Adjournment, suspends()).where(Hearing.id == hearing_id)
    hearing, has_begun, adjournment = session.execute(
        query.options(
            *(jury.options(member) for member in WITH_MEMBERS),
            jury.joinedload(JurySession.version).joinedload(CertificationVersion.certification),
            candidacy.joinedload(Candidacy.candidate),
        )
    ).one()
    rule = rule_of_hearing(hearing)
    sitting = load_member_states(session, hearing, hearing.session)
    version = hearing.session.version
    rows = select(Statement.person_id, Statement.document_id).where(Statement.hearing_id == hearing_id)
    return AttendancePageData(
        hearing.id,
        hearing.session_id,
        hearing.sitting_day,
        hearing.session.place,
        f"{version.certification.code} · {version.title}",
        hearing.submission.candidacy.candidate_name,
        hearing.closed_at,
        hearing.attendance,
        in_order(rule, sitting),
        find_recorded_answers(session, hearing.id) or answers_while_open(session, hearing, sitting),
        {person: document for person, document in session.execute(rows) if document is not None},
        rule.quorum,
        tuple((view.seat, view.place, view.next_rank) for view in seat_details(hearing.session)),
        hearing.submission.kind is not None,
        *_defences(session, hearing),
        relation_of(hearing),
        has_begun,
        suspension_of(adjournment, hearing) if adjournment is not None else None,
    )


def _defences(session: Session, hearing: Hearing) -> tuple[DefenceMinutes | None, DefenceMinutes | None]:
    """Return how long the defence lasted and how long it is planned; a livret 2 has none."""
    if hearing.submission.kind is None:
        return None, None
    return defence_of(session, hearing.id), defence_planned(session, hearing.session.version_id)
