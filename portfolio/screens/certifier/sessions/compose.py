"""The certifier asks for a jury from the pool, changes it by hand, names it; a member who withdraws is replaced."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import abort, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.decorators import session_page
from portfolio.access.jury import SessionAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.sessions import JuryMember
from portfolio.domain.jury.rules.day_proposal import DayProposal, Impossible, Place, ProposableJuror, seat_fits
from portfolio.domain.jury.rules.juror_card import ChosenMember, PoolRefusal
from portfolio.domain.jury_session.use_cases import propose_day
from portfolio.domain.jury_session.use_cases.pool import find_juror
from portfolio.domain.jury_session.use_cases.propose_day import DayScene
from portfolio.errors import Conflict, Refusal
from portfolio.french_text import enumeration
from portfolio.screens.account.navigation import delivery_notice
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.sessions.forms import EndingForm
from portfolio.web.clock import now
from portfolio.web.forms import refusal_message, run_once
from portfolio.wording import jury
from portfolio.wording.jury.schedule import impossible_message

bp = blueprint_of(__name__)

# How many people a seat offers in its list, and a replacement shows.
OPTIONS, REPLACEMENTS = 50, 20
MAX_RANKS = 4
Chosen = dict[Place, tuple[UUID, ...]]


@dataclass(frozen=True, slots=True)
class SeatChoice:
    """A seat of the form: its field, who is chosen, who may be, and the revision of who sits there now."""

    name: str
    place: Place
    rank: int
    chosen: UUID | None
    options: tuple[tuple[UUID, str], ...]
    seen: int


@bp.get("/sessions/<uuid:session_id>/composer")
@session_page(Permission.MANAGE_SESSION)
def compose(case: SessionAccess) -> ResponseReturnValue:
    """Propose a jury beside who sits already, or from nothing."""
    scene = propose_day.load_day_scene(read_session(), case.id)
    found = propose_day.propose(scene, keeps_members="tous" not in request.args)
    chosen = dict(found.seats) if isinstance(found, DayProposal) else dict(scene.problem.kept)
    return _page(case, scene, chosen, found)


@bp.post("/sessions/<uuid:session_id>/composer")
@session_page(Permission.MANAGE_SESSION)
def name_composition(case: SessionAccess) -> ResponseReturnValue:
    """Check what was chosen by hand, or name these people together."""
    scene = propose_day.load_day_scene(read_session(), case.id)
    form = EndingForm()
    rows = _typed(scene)
    if not form.validate():
        return _page(case, scene, _by_place(rows), form=form)
    if "check" in request.form:
        return _checked(case, scene, rows)

    def act(db: Session) -> str:
        reason = form.reason.data or ""
        named = propose_day.name_chosen(db, case.id, rows, reason, by=current_user.id, at=now())
        session["notice"] = (
            f"Le jury est nommé. {delivery_notice(several=len(named) > 1)}" if named else "Le jury est inchangé."
        )
        return url_for(".session", session_id=case.id, _anchor="composition")

    try:
        return run_once(form.nonce.data, act)
    except (Conflict, Refusal) as stopped:
        close_read_session()
        fresh = propose_day.load_day_scene(read_session(), case.id)
        return _page(case, fresh, _by_place(rows), stopped=_stopped_message(stopped), form=form), 409


def _checked(case: SessionAccess, scene: DayScene, rows: list[ChosenMember]) -> str:
    """Say what naming these people would give; nothing is recorded."""
    chosen, stopped = _by_place(rows), ""
    try:
        propose_day.check_chosen(read_session(), case.id, rows)
    except Refusal as refusal:
        stopped = refusal_message(refusal)
    return _page(case, scene, chosen, stopped=stopped, is_check=True)


@bp.get("/sessions/<uuid:session_id>/membres/<uuid:member_id>/remplacer")
@session_page(Permission.MANAGE_SESSION)
def replacement(case: SessionAccess, member_id: UUID) -> ResponseReturnValue:
    """Show who can take the place of a member, each checked for every candidate."""
    return _replacement_page(case, member_id)


@bp.post("/sessions/<uuid:session_id>/membres/<uuid:member_id>/remplacer")
@session_page(Permission.MANAGE_SESSION)
def replace_member(case: SessionAccess, member_id: UUID) -> ResponseReturnValue:
    """Name the person chosen in the place of the member."""
    form = EndingForm()
    if not form.validate():
        return _replacement_page(case, member_id, form=form), 422
    juror_id, seat = _uuid(request.form.get("juror_id", "")), request.form.get("seat", "")
    if juror_id is None or seat not in set(Seat):
        return _replacement_page(case, member_id), 422
    if find_juror(read_session(), case.body_id, juror_id) is None:
        abort(404)
    place, rank, seen = (_number(request.form.get(name, "")) for name in ("place", "rank", "seen"))
    chosen = ChosenMember(juror_id, Seat(seat), place, rank, seen)

    def act(db: Session) -> str:
        reason = form.reason.data or ""
        propose_day.replace_member(db, case.id, member_id, chosen, reason, by=current_user.id, at=now())
        session["notice"] = f"La personne est remplacée. {delivery_notice(several=True)}"
        return url_for(".session", session_id=case.id, _anchor="composition")

    try:
        return run_once(form.nonce.data, act)
    except (Conflict, Refusal) as stopped:
        if isinstance(stopped, Refusal) and stopped.code is PoolRefusal.SEAT_TAKEN:
            raise
        close_read_session()
        return _replacement_page(case, member_id, _stopped_message(stopped), form), 409


def _stopped_message(stopped: Conflict | Refusal) -> str:
    if isinstance(stopped, Refusal):
        return refusal_message(stopped)
    if not stopped.theirs:
        return "Entre-temps, quelqu’un d’autre a libéré un de ces sièges. Relisez, puis nommez."
    return f"Entre-temps, quelqu’un d’autre a nommé {stopped.theirs['name']} à un de ces sièges. Relisez, puis nommez."


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _uuid(text: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(text)
    return None


def _typed(scene: DayScene) -> list[ChosenMember]:
    """Read who is chosen; an empty rank is skipped, and those after it move up."""
    rows = []
    for seat, place in scene.problem.rule.places:
        rank = 0
        for number in range(MAX_RANKS):
            name = f"{seat}-{place}-{number}"
            juror_id = _uuid(request.form.get(name, ""))
            if juror_id is None:
                continue
            seen = _number(request.form.get(f"seen-{seat}-{place}-{rank}", ""))
            rows.append(ChosenMember(juror_id, seat, place, rank, seen))
            rank += 1
    return rows


def _by_place(rows: list[ChosenMember]) -> Chosen:
    found: Chosen = {}
    for row in rows:
        place = (row.seat, row.place)
        found[place] = (*found.get(place, ()), row.juror_id)
    return found


def _page(
    case: SessionAccess,
    scene: DayScene,
    chosen: Chosen,
    found: DayProposal | Impossible | None = None,
    *,
    stopped: str = "",
    is_check: bool = False,
    form: EndingForm | None = None,
) -> str:
    names = {id: candidate.name for id, candidate in scene.candidates.items()}
    known = {place: tuple(id for id in ranked if id in scene.cards) for place, ranked in chosen.items()}
    wrong = propose_day.answers_by_candidate(scene, known)
    more: dict[str, Any] = {"wrong": {names[id]: answers for id, answers in wrong.items() if answers}, "names": names}
    more |= {"is_check": is_check, "common": () if names else propose_day.common_answers(scene, known)}
    more["barred"] = [
        (names[hearing_id], jury.OF_SEAT[place[0]], scene.cards[holder].name)
        for hearing_id, place, holder in propose_day.list_barred(scene, known)
    ]
    more["irregular"] = len({*more["wrong"], *(row[0] for row in more["barred"])})
    more["impossible"] = impossible_message(found, names) if isinstance(found, Impossible) else None
    more["replaced"] = _replaced(scene, known)
    more["choices"] = [
        choice for place in scene.problem.rule.places for choice in _choices(scene, place, known.get(place, ()))
    ]
    more |= {"is_proposed": isinstance(found, DayProposal), "stopped": stopped, "scene": scene}
    row = propose_day.load_jury(read_session(), case.id)
    more |= _ending(scene, form)
    return render_template("certifier/sessions/compose.html", jury=row, say=jury, **more)


def _ending(scene: DayScene, form: EndingForm | None) -> dict[str, Any]:
    """Return the form that asks why a sitting ends, to be sent once, and the candidates of whom one would end."""
    fresh = EndingForm(formdata=None)
    fresh.reason.data = form.reason.data if form else ""
    fresh.reason.errors = form.reason.errors if form else ()
    return {"form": fresh, "begun": scene.begun, "enumeration": enumeration}


def _replaced(scene: DayScene, chosen: Chosen) -> list[tuple[str, str, str]]:
    """List who sits in the stead of the first person of a seat: candidate, substitute, person replaced."""
    free = {juror.id: juror.free_for for juror in scene.problem.jurors}
    found = []
    for hearing_id, candidate in scene.candidates.items():
        for ranked in chosen.values():
            sits = next((id for id in ranked if hearing_id in free[id]), None)
            if sits is not None and sits != ranked[0]:
                found.append((candidate.name, scene.cards[sits].name, scene.cards[ranked[0]].name))
    return found


def _choices(scene: DayScene, place: Place, ranked: tuple[UUID, ...]) -> list[SeatChoice]:
    seat, number = place
    options = _options(scene, place, ranked)
    found = []
    for rank in range(min(len(ranked) + 1, MAX_RANKS)):
        now_here: JuryMember | None = scene.seated.get((place, rank))
        chosen = ranked[rank] if rank < len(ranked) else None
        found.append(
            SeatChoice(f"{seat}-{number}-{rank}", place, rank, chosen, options, now_here.revision if now_here else 0)
        )
    return found


def _options(scene: DayScene, place: Place, ranked: tuple[UUID, ...]) -> tuple[tuple[UUID, str], ...]:
    fit = [juror for juror in scene.problem.jurors if juror.id in ranked or _fits(scene, juror, place)]
    fit.sort(key=lambda juror: (juror.id not in ranked, not juror.is_available, juror.load, juror.value.name))
    return tuple((juror.id, _label(scene, juror)) for juror in fit[:OPTIONS])


def _fits(scene: DayScene, juror: ProposableJuror, place: Place) -> bool:
    value = replace(juror.value, seat=place[0], place=place[1])
    return (not juror.seats or place[0] in juror.seats) and seat_fits(value, scene.problem.rule, scene.problem.on)


def _label(scene: DayScene, juror: ProposableJuror) -> str:
    barred = [candidate.name for id, candidate in scene.candidates.items() if juror.id in candidate.barred]
    parts = [juror.value.name, f"{juror.load} jury{'s' if juror.load > 1 else ''} en un an" if juror.load else ""]
    parts.append("pas disponible" if juror.id in scene.busy else "" if juror.is_available else "disponibilité inconnue")
    parts.append(f"lien avec {enumeration(barred)}" if barred else "")
    return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class ReplacementRow:
    """A juror who may take a seat: for which candidates the jury is then irregular, and why."""

    id: UUID
    label: str
    wrong: dict[str, Any]


def _replacement_page(case: SessionAccess, member_id: UUID, stopped: str = "", form: EndingForm | None = None) -> str:
    db = read_session()
    row = propose_day.load_jury(db, case.id)
    member = next((jury_member for jury_member in row.members if jury_member.id == member_id), None)
    if member is None:
        abort(404)
    scene = propose_day.load_day_scene(db, case.id, withdrawn=[member.person_id])
    place, gone = (member.seat, member.place or 1), scene.juror_of(member)
    seated = {id for ranked in scene.problem.kept.values() for id in ranked}
    fit = [juror for juror in scene.problem.jurors if juror.id not in seated and _fits(scene, juror, place)]
    fit.sort(
        key=lambda juror: (
            juror.id in scene.busy,
            len(scene.candidates) - len(juror.free_for),
            not juror.is_available,
            juror.load,
        )
    )
    rows = [_replacement(scene, juror, place, member.rank, gone) for juror in fit[:REPLACEMENTS]]
    rows.sort(key=lambda replacement_row: len(replacement_row.wrong))
    more: dict[str, Any] = {"rows": rows, "count_candidates": len(scene.candidates), "stopped": stopped}
    more |= _ending(scene, form)
    return render_template("certifier/sessions/replacement.html", jury=row, member=member, say=jury, **more)


def _replacement(scene: DayScene, juror: ProposableJuror, place: Place, rank: int, gone: UUID | None) -> ReplacementRow:
    seats = {**scene.problem.kept}
    ranked = [id for id in seats.get(place, ()) if id != gone]
    seats[place] = (*ranked[:rank], juror.id, *ranked[rank:])
    wrong = propose_day.answers_by_candidate(scene, seats)
    names = {scene.candidates[id].name: list(answers) for id, answers in wrong.items() if answers}
    free = juror.free_for
    for id, candidate in scene.candidates.items():
        if not any(
            (juror_id == juror.id and id in free) or (juror_id != juror.id and _is_free(scene, juror_id, id))
            for juror_id in seats[place]
        ):
            names.setdefault(candidate.name, [])
    return ReplacementRow(juror.id, _label(scene, juror), names)


def _is_free(scene: DayScene, juror_id: UUID, hearing_id: UUID) -> bool:
    return any(juror.id == juror_id and hearing_id in juror.free_for for juror in scene.problem.jurors)
