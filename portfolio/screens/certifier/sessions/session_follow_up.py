"""The sessions that a certifier still has to follow: seats to fill, members who have not read, minutes to close."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Date, Select, Uuid, and_, bindparam, exists, select, union_all
from sqlalchemy.orm import Session, joinedload

from portfolio.db.engine import fetch_rows
from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import name_order
from portfolio.domain.candidacy.models import Candidacy, Submission, candidate_display_name
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.certification.use_cases.jury_rules import load_jury_rules
from portfolio.domain.jury.models.deliberation import is_suspended, next_day_of_hearing
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession, is_away
from portfolio.domain.jury.models.statements import Summons
from portfolio.domain.jury.rules.member_status import JurorStep, MemberState, voting
from portfolio.domain.jury.rules.passage import CalendarMethod, SentSummons, SummonsAnswer, SummonsEvent, is_outdated
from portfolio.domain.jury.rules.predicates import is_regular
from portfolio.domain.jury_session.use_cases.conflicts_of_interest import heard_candidate, load_barred_among
from portfolio.domain.jury_session.use_cases.declarations import load_member_states_by_hearing
from portfolio.domain.jury_session.use_cases.exclusions import is_excluded
from portfolio.domain.jury_session.use_cases.loaders import rule_of_hearing, rule_of_session
from portfolio.domain.jury_session.use_cases.minutes import answers_of, binds_one, last_composition
from portfolio.domain.jury_session.use_cases.summons import event_at, event_of
from portfolio.domain.notification.rules.to_do import DUE_SOON

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
    late = _late_names(session, body_id, [jury for jury, *_ in to_come if jury.id in near])
    return tuple(
        SessionToFollowUp(
            *(key, held_on, heard, late.get(key, ()), juries.get(key), suspended.get(key, ())),
            *_summons_facts(told.get(key, ()), juries.get(key)),
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


def _summoned(name: str, sent: SentSummons | None, answer: SummonsAnswer | None, event: SummonsEvent) -> _Summoned:
    is_told = sent is not None and sent.method is CalendarMethod.REQUEST
    return _Summoned(name, is_outdated(sent, event), is_told, answer is SummonsAnswer.CANNOT_COME)


def _summons_facts(
    concerned: Sequence[_Summoned], jury: JuryToComplete | None
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Return who cannot come, whose summons is no longer true, and how many have none that could be written."""
    absent = _sorted(each.name for each in concerned if each.cannot_come and not each.is_due)
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


def _late_names(session: Session, body_id: UUID, juries: Collection[JurySession]) -> dict[UUID, tuple[str, ...]]:
    """Return, for each of these juries, the candidates before whom a member who votes has still to declare or
    to read, in four queries.
    """
    if not juries:
        return {}
    candidacy = joinedload(Hearing.submission).joinedload(Submission.candidacy).joinedload(Candidacy.candidate)
    sessions = [jury.id for jury in juries]
    query = select(Hearing).where(Hearing.session_id.in_(sessions), Hearing.closed_at.is_(None))
    hearings = session.scalars(query.options(candidacy)).all()
    barred = load_barred_among(session, [heard_candidate(hearing, body_id) for hearing in hearings])
    states = load_member_states_by_hearing(session, hearings, juries, barred)
    late: dict[UUID, list[str]] = {key: [] for key in sessions}
    for hearing in hearings:
        if not _is_ready(hearing, states[hearing.id]):
            late[hearing.session_id].append(hearing.submission.candidacy.candidate_name)
    return {key: _sorted(names) for key, names in late.items()}


def _is_ready(hearing: Hearing, sitting: tuple[MemberState, ...]) -> bool:
    return all(member.step is JurorStep.READY for member in voting(sitting, rule_of_hearing(hearing).quorum))
