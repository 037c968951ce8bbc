"""The sessions that a certifier still has to follow: seats to fill, members who have not read, minutes to close."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Any
from uuid import UUID

import segno
from flask import Response, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import BindParameter, ColumnElement, Date, Select, Uuid, and_, bindparam, exists, select, union_all
from sqlalchemy.orm import Session, joinedload
from wtforms import FileField
from wtforms.validators import ValidationError

from portfolio.access.decorators import session_page
from portfolio.access.jury import SessionAccess
from portfolio.access.policy import Permission, may_write
from portfolio.db.engine import fetch_rows, read_session, transaction
from portfolio.documents.attendance import PresenceRow, PresenceSheet, presence_sheet_pdf
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.account.rules import name_order
from portfolio.domain.candidacy.models import Candidacy, Submission, candidate_display_name
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.certification.use_cases.jury_rules import load_jury_rules
from portfolio.domain.certifying_body.look import load_look
from portfolio.domain.jury.models.deliberation import is_suspended, next_day_of_hearing
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession, is_away
from portfolio.domain.jury.models.statements import Summons
from portfolio.domain.jury.rules.member_status import JurorStep, MemberState, missing, voting
from portfolio.domain.jury.rules.passage import CalendarMethod, SentSummons, SummonsAnswer, SummonsEvent, is_outdated
from portfolio.domain.jury.rules.predicates import is_regular
from portfolio.domain.jury_session.use_cases.conflicts_of_interest import heard_candidate, load_barred_among
from portfolio.domain.jury_session.use_cases.declarations import load_member_states_by_hearing
from portfolio.domain.jury_session.use_cases.exclusions import is_excluded
from portfolio.domain.jury_session.use_cases.loaders import rule_of_hearing, rule_of_session
from portfolio.domain.jury_session.use_cases.minutes import answers_of, binds_one, last_composition
from portfolio.domain.jury_session.use_cases.summons import event_at, event_of
from portfolio.domain.notification.rules.to_do import DUE_SOON
from portfolio.domain.presence import use_cases
from portfolio.domain.presence.rules import Convened
from portfolio.errors import Refusal
from portfolio.files.filenames import attachment_headers
from portfolio.french_text import date_fr
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.evidence_files.uploads import (
    error_status,
    max_file_bytes,
    open_upload_batch,
    run_once_with_files,
    store_scan,
)
from portfolio.screens.juror.forms.declarations import ACCEPT
from portfolio.web.clock import now, today
from portfolio.web.forms import Form, IdempotentForm, MultiChoiceField, pairs, refusal_message
from portfolio.web.request_limits import accepts_file
from portfolio.wording.jury import pool as say
from portfolio.wording.jury.schedule import hours_message, passage_message

bp = blueprint_of(__name__)


class PresenceScanForm(IdempotentForm):
    """A signed sheet, scanned: who signed on it."""

    people = MultiChoiceField("Qui a signé cette feuille", UUID, missing="Cochez les personnes qui ont signé.")
    scan = FileField("La feuille signée", render_kw=ACCEPT)

    def __init__(self, people: tuple[Convened, ...], **more: Any) -> None:
        super().__init__(**more)
        self.people.choices = pairs([(person.person_id, say.person_label(person)) for person in people])

    def validate_scan(self, field: FileField) -> None:
        """Ask for the scan, which is the proof."""
        if not field.data or not field.data.filename:
            raise ValidationError("Joignez la feuille signée.")


@bp.get("/sessions/<uuid:session_id>/presences")
@session_page(Permission.MANAGE_SESSION)
def presences(case: SessionAccess) -> ResponseReturnValue:
    """Show who has signed, and the two ways to sign."""
    return _page(case)


@bp.post("/sessions/<uuid:session_id>/presences/ouverture")
@session_page(Permission.MANAGE_SESSION)
def open_signing(case: SessionAccess) -> ResponseReturnValue:
    """Open the page that is handed round; its address is shown once."""
    try:
        with transaction() as db:
            code = use_cases.open_signing(db, case.id, by=current_user.id, at=now())
    except Refusal as refusal:
        return _page(case, stopped=refusal_message(refusal)), 409
    return _page(case, link=url_for("respondent.presence.sign_form", code=code, _external=True))


@bp.post("/sessions/<uuid:session_id>/presences/fermeture")
@session_page(Permission.MANAGE_SESSION)
def close_signing(case: SessionAccess) -> ResponseReturnValue:
    """Close the page that is handed round."""
    with transaction() as db:
        use_cases.close_signing(db, case.id, by=current_user.id, at=now())
    session["notice"] = "La page de signature est fermée."
    return redirect(url_for(".presences", session_id=case.id), 303)


@bp.post("/sessions/<uuid:session_id>/presences/feuille")
@accepts_file()
@session_page(Permission.MANAGE_SESSION)
def record_sheet(case: SessionAccess) -> ResponseReturnValue:
    """Keep a scanned sheet with the session, and who signed on it."""
    form = PresenceScanForm(use_cases.load_convened(read_session(), case.id))
    if not form.validate():
        return _page(case, form), 422
    with open_upload_batch() as opened:
        scan = store_scan(opened, form.scan, form.scan.data)
        if scan is None:
            return _page(case, form), error_status(form.scan)

        def act(db: Session) -> str:
            use_cases.record_sheet(db, case.id, form.people.data or [], scan, by=current_user.id, at=now())
            return url_for(".presences", session_id=case.id)

        try:
            response = run_once_with_files(opened, form.nonce.data, act)
        except Refusal as refusal:
            return _page(case, form, stopped=refusal_message(refusal)), 409
    session["notice"] = "La feuille est gardée avec la session."
    return response


@bp.get("/sessions/<uuid:session_id>/presences/feuille.pdf")
@session_page(Permission.MANAGE_SESSION)
def blank_sheet(case: SessionAccess) -> ResponseReturnValue:
    """Send the sheet to print and to sign by hand."""
    db = read_session()
    jury = db.get_one(JurySession, case.id)
    rows = tuple(
        PresenceRow(person.name, say.ROLES[person.role], passage_message(person.start_minute, person.end_minute))
        for person in use_cases.load_convened(db, case.id)
    )
    value = PresenceSheet(
        db.get_one(CertifyingBody, case.body_id).name,
        jury.version.title,
        date_fr(jury.held_on),
        hours_message(jury.start_minute, jury.end_minute),
        jury.place,
        rows,
        now(),
    )
    name = f"feuille-de-presence-{jury.held_on.isoformat()}.pdf"
    pdf = presence_sheet_pdf(value, load_look(db, case.body_id))
    return Response(pdf, headers=attachment_headers(name, "application/pdf"))


def _page(case: SessionAccess, form: PresenceScanForm | None = None, link: str = "", stopped: str = "") -> str:
    db = read_session()
    jury, people = db.get_one(JurySession, case.id), use_cases.load_convened(db, case.id)
    drawn = segno.make(link, error="m", micro=False).svg_data_uri(border=4, dark="#000", light="#fff") if link else ""
    awaited = tuple(person for person in people if person.refusal is None)
    return render_template(
        "certifier/sessions/presences.html", case=case, jury=jury, people=people, awaited=awaited, link=link,
        drawn=drawn, stopped=stopped, say=say, form=form or PresenceScanForm(awaited, formdata=None),
        opening=use_cases.find_open_signing(db, case.id, now()), sheets=use_cases.list_sheets(db, case.id),
        limit=max_file_bytes(), today=today(), may_keep=may_write(case.standing, Permission.MANAGE_SESSION),
        again=Form(formdata=None),
    )  # fmt: skip


# So many sessions before today, and so many to come, are followed at once.
MAX_SESSIONS = 8


@dataclass(frozen=True, slots=True)
class JuryToComplete:
    """The jury of a session of today or to come; `empty` counts the seats that nobody holds."""

    regular: bool
    empty: int


@dataclass(frozen=True, slots=True)
class SuspendedHearing:
    """A candidate whose jury suspended its sitting; the day of the resumption when it is known."""

    candidate: str
    resumes_on: date | None


@dataclass(frozen=True, slots=True)
class SessionToFollowUp:
    """A session to come, or one whose minutes are not all closed.

    `names`: its candidates not decided yet. `late`: those before whom a member has still to declare or to
    read, asked from fifteen days before the session. `jury`: None once the day has passed.
    """

    id: UUID
    held_on: date
    names: tuple[str, ...]
    late: tuple[str, ...]
    jury: JuryToComplete | None
    suspended: tuple[SuspendedHearing, ...] = ()
    # Who answered that they cannot come; whose summons is no longer true; how many have none, once the jury
    # is regular and somebody is heard.
    absent: tuple[str, ...] = ()
    misinformed: tuple[str, ...] = ()
    unsummoned: int = 0
    # The candidates of today for whom the presidency recused itself, or is barred, without a substitute.
    unpresided: tuple[str, ...] = ()
    # Whose absence is noted.
    away: tuple[str, ...] = ()

    def to_sign(self, today: date) -> tuple[str, ...]:
        """Return the candidates whose minutes are to close, without those of a sitting that is suspended."""
        due = {row.candidate for row in self.suspended if row.resumes_on and row.resumes_on <= today}
        waiting = {row.candidate for row in self.suspended} - due
        return tuple(name for name in self.names if name not in waiting | set(self.unpresided))


def list_sessions_to_follow_up(
    session: Session, body_id: UUID, today: date, unclosed: Collection[UUID]
) -> tuple[SessionToFollowUp, ...]:
    """List the first sessions of a body that are not over, the oldest day first, in a constant number of queries.

    `unclosed`: the oldest sessions before today that still have candidates to decide on.
    """
    asked = {"body": body_id, "today": today, "unclosed": list(unclosed)}
    rows = fetch_rows(session, _open_hearings(), asked)
    names, suspended = _names(rows), _suspended(rows)
    to_come = _load_juries(session, [key for held_on, key in names if held_on >= today])
    juries = {jury.id: _jury_to_complete(jury, composition, is_bound) for jury, composition, is_bound in to_come}
    told = _concerned([jury for jury, *_ in to_come], rows)
    near = {key for (held_on, key), heard in names.items() if today < held_on <= today + DUE_SOON and heard}
    declined = {key for key, concerned in told.items() if any(each.person and each.cannot_come for each in concerned)}
    sittings = _load_sittings(session, body_id, [jury for jury, *_ in to_come if jury.id in near | declined])
    late = {key: _late_names(sittings.get(key, ())) for key in near}
    return tuple(
        SessionToFollowUp(
            *(key, held_on, heard, late.get(key, ()), juries.get(key), suspended.get(key, ())),
            *_summons_facts(told.get(key, ()), juries.get(key), _missing_among(sittings.get(key, ()))),
            tuple(row.candidate for row in rows if row.id == key and row.unpresided and held_on == today),
            tuple(row.candidate for row in rows if row.id == key and row.away),
        )
        for (held_on, key), heard in names.items()
    )


@cache
def _open_hearings() -> Select[Any]:
    """Select the sessions to follow with their candidates not decided yet, or alone when they have none."""
    body: BindParameter[UUID] = bindparam("body", type_=Uuid())
    to_come = (
        select(JurySession.id)
        .where(JurySession.body_id == body, JurySession.held_on >= bindparam("today", type_=Date()))
        .where(JurySession.cancelled_at.is_(None))
        .order_by(JurySession.held_on, JurySession.id)
        .limit(MAX_SESSIONS)
        .subquery()
    )
    before = select(JurySession.id).where(JurySession.id.in_(bindparam("unclosed", expanding=True)))
    followed = union_all(before, select(to_come.c.id)).subquery()
    name = candidate_display_name(Person).label("candidate")
    columns: tuple[Any, ...] = (
        *(JurySession.id, JurySession.held_on, name),
        *(Hearing.id.label("hearing"), Hearing.start_minute, Hearing.end_minute),
        *(Summons.method, Summons.sequence, Summons.answer, Summons.starts_at, Summons.ends_at),
        *(Summons.place.label("told_place"), Summons.video_link, Summons.is_whole_day),
        is_suspended().label("suspended"),
        next_day_of_hearing().label("next_day"),
        _is_unpresided().label("unpresided"),
        is_away().label("away"),
    )
    return (
        select(*columns)
        .select_from(followed)
        .join(JurySession, JurySession.id == followed.c.id)
        .outerjoin(Hearing, and_(Hearing.session_id == JurySession.id, Hearing.closed_at.is_(None)))
        .outerjoin(Summons, Summons.hearing_id == Hearing.id)
        .outerjoin(Hearing.submission)
        .outerjoin(Submission.candidacy)
        .outerjoin(Candidacy.candidate)
        .where(JurySession.cancelled_at.is_(None))
    )


@dataclass(frozen=True, slots=True)
class _Summoned:
    """Someone concerned by a session to come: whether a letter is due to them, whether they had one."""

    name: str
    is_due: bool
    is_told: bool
    cannot_come: bool
    # A member; None for a candidate.
    person: UUID | None = None


def _concerned(juries: Collection[JurySession], rows: Sequence[Any]) -> dict[UUID, tuple[_Summoned, ...]]:
    """Return who is concerned by each of these sessions that hears somebody, and what they were written."""
    concerned: dict[UUID, tuple[_Summoned, ...]] = {}
    for jury in juries:
        heard = [row for row in rows if row.id == jury.id and row.hearing is not None and not row.suspended]
        candidates = (
            _summoned(row.candidate, _sent(row), row.answer, event_at(jury, row.start_minute, row.end_minute))
            for row in heard
        )
        members = (
            _summoned(
                member.name,
                member.summons.to_value() if member.summons else None,
                member.summons.answer if member.summons else None,
                event_of(jury),
                member.person_id,
            )
            for member in jury.members
        )
        concerned[jury.id] = (*members, *candidates) if heard else ()
    return concerned


def _sent(row: Any) -> SentSummons | None:
    """Return the last summons of the candidate of a row."""
    if row.method is None:
        return None
    told = SummonsEvent(row.starts_at, row.ends_at, row.told_place, row.video_link, row.is_whole_day)
    return SentSummons(told, row.method, row.sequence)


def _summoned(
    name: str, sent: SentSummons | None, answer: SummonsAnswer | None, event: SummonsEvent, person: UUID | None = None
) -> _Summoned:
    is_told = sent is not None and sent.method is CalendarMethod.REQUEST
    return _Summoned(name, is_outdated(sent, event), is_told, answer is SummonsAnswer.CANNOT_COME, person)


def _summons_facts(
    concerned: Sequence[_Summoned], jury: JuryToComplete | None, missing: Collection[UUID]
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Return who cannot come, of the members those whom nobody replaces; whose summons is no longer true, and how
    many have none that could be written.
    """
    declined = (each for each in concerned if each.cannot_come and not each.is_due)
    absent = _sorted(each.name for each in declined if each.person is None or each.person in missing)
    misinformed = _sorted(each.name for each in concerned if each.is_told and each.is_due)
    stands = jury is not None and jury.regular
    return absent, misinformed, sum(not each.is_told for each in concerned) if stands else 0


def _is_unpresided() -> ColumnElement[bool]:
    """Return whether everyone named to preside recused, or is barred, for the candidate of the row."""
    named = and_(JuryMember.session_id == JurySession.id, JuryMember.seat == Seat.PRESIDENT)
    able = exists().where(named, ~is_excluded(JuryMember.person_id)).correlate_except(JuryMember)
    return and_(Hearing.id.is_not(None), exists().where(named).correlate_except(JuryMember), ~able)


def _names(rows: Sequence[Any]) -> dict[tuple[date, UUID], tuple[str, ...]]:
    """Return the names of each session, the oldest day first."""
    names: dict[tuple[date, UUID], list[str]] = {}
    for row in rows:
        heard = names.setdefault((row.held_on, row.id), [])
        if row.candidate is not None:
            heard.append(row.candidate)
    return {key: _sorted(heard) for key, heard in sorted(names.items())}


def _suspended(rows: Sequence[Any]) -> dict[UUID, tuple[SuspendedHearing, ...]]:
    found: dict[UUID, tuple[SuspendedHearing, ...]] = {}
    for row in rows:
        if row.candidate is not None and row.suspended:
            day = row.next_day if row.next_day != row.held_on else None
            found[row.id] = (*found.get(row.id, ()), SuspendedHearing(row.candidate, day))
    return found


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=name_order))


def _load_juries(
    session: Session, ids: Collection[UUID]
) -> list[tuple[JurySession, Mapping[str, Any] | None, bool | None]]:
    """Return these sessions with their members and rules, and what their last minutes record, in two queries."""
    if not ids:
        return []
    rows = session.execute(_juries(), {"sessions": list(ids)}).unique(itemgetter(0))
    found = [(jury, composition, is_bound) for jury, composition, is_bound in rows]
    load_jury_rules(session, {jury.version_id for jury, *_ in found})
    return found


@cache
def _juries() -> Select[*tuple[Any, ...]]:
    """Select sessions with their members, as `WITH_MEMBERS` in one query: few sessions have few members."""
    members = joinedload(JurySession.members)
    return (
        select(JurySession, last_composition(), binds_one())
        .where(JurySession.id.in_(bindparam("sessions", expanding=True)))
        .options(
            members.options(joinedload(JuryMember.person), joinedload(JuryMember.ties), joinedload(JuryMember.summons)),
            joinedload(JurySession.version).defer(CertificationVersion.entry),
        )
    )


def _jury_to_complete(
    jury: JurySession, composition: Mapping[str, Any] | None, is_bound: bool | None
) -> JuryToComplete:
    named = {(member.seat, member.place or 1) for member in jury.members if member.rank == 0}
    empty = len(set(rule_of_session(jury).places) - named)
    return JuryToComplete(is_regular(answers_of(jury, composition, is_bound)), empty)


def _load_sittings(
    session: Session, body_id: UUID, juries: Collection[JurySession]
) -> dict[UUID, list[tuple[Hearing, tuple[MemberState, ...]]]]:
    """Return, for each of these juries, its open hearings and the members before each, in four queries."""
    if not juries:
        return {}
    candidacy = joinedload(Hearing.submission).joinedload(Submission.candidacy).joinedload(Candidacy.candidate)
    sessions = [jury.id for jury in juries]
    query = select(Hearing).where(Hearing.session_id.in_(sessions), Hearing.closed_at.is_(None))
    hearings = session.scalars(query.options(candidacy)).all()
    barred = load_barred_among(session, [heard_candidate(hearing, body_id) for hearing in hearings])
    states = load_member_states_by_hearing(session, hearings, juries, barred)
    found: dict[UUID, list[tuple[Hearing, tuple[MemberState, ...]]]] = {key: [] for key in sessions}
    for hearing in hearings:
        found[hearing.session_id].append((hearing, states[hearing.id]))
    return found


def _late_names(sittings: Iterable[tuple[Hearing, tuple[MemberState, ...]]]) -> tuple[str, ...]:
    """Return the candidates before whom a member who votes has still to declare or to read."""
    late = (hearing for hearing, sitting in sittings if not _is_ready(hearing, sitting))
    return _sorted(hearing.submission.candidacy.candidate_name for hearing in late)


def _missing_among(sittings: Iterable[tuple[Hearing, tuple[MemberState, ...]]]) -> frozenset[UUID]:
    """Return the members who do not come and whom nobody replaces, for one candidate at least."""
    return frozenset(state.person for _, sitting in sittings for state in missing(sitting))


def _is_ready(hearing: Hearing, sitting: tuple[MemberState, ...]) -> bool:
    return all(member.step is JurorStep.READY for member in voting(sitting, rule_of_hearing(hearing).quorum))
