"""The same jury as the last time: the members of the latest session with the same seats, named again with their
declarations.

The composition of the jury that a candidacy awaits: what prevents it from deciding, before any minutes.

A sitting found irregular before a decision: it has no effect, and the dossier waits for another jury (R10).
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.rules.composition import PredicateAnswer
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.juror_card import MemberInput, PoolRefusal
from portfolio.domain.jury.rules.sitting import SittingEnding
from portfolio.domain.jury_session.use_cases.closing import lock_hearing, record_minutes, write_minutes
from portfolio.domain.jury_session.use_cases.hearing_state import load_hearing_state
from portfolio.domain.jury_session.use_cases.loaders import WITH_MEMBERS, require_open, rule_of_session
from portfolio.domain.jury_session.use_cases.planning import name_member
from portfolio.domain.jury_session.use_cases.sittings import EndingAct
from portfolio.errors import Refusal

# How many earlier sessions are looked at for one whose seats are the same.
LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class FormerMember:
    """A member of the earlier jury, as they were declared then.

    `act_on` is the day of a president's appointment.
    """

    id: UUID
    person_id: UUID
    named: MemberInput
    act_on: date | None
    has_document: bool


@dataclass(frozen=True, slots=True)
class FormerJury:
    """The latest jury that has the seats of a session."""

    session_id: UUID
    held_on: date
    members: tuple[FormerMember, ...]


def find_former_jury(session: Session, jury: JurySession) -> FormerJury | None:
    """Return the latest session of the same certification with the same seats and a member; None when there is none."""
    certification = select(CertificationVersion.certification_id).where(CertificationVersion.id == jury.version_id)
    query = (
        select(JurySession)
        .join(JurySession.version)
        .where(
            JurySession.body_id == jury.body_id,
            JurySession.id != jury.id,
            JurySession.cancelled_at.is_(None),
            CertificationVersion.certification_id.in_(certification),
            exists().where(JuryMember.session_id == JurySession.id),
        )
        .order_by(JurySession.held_on.desc(), JurySession.planned_at.desc(), JurySession.id)
        .limit(LOOKED_AT)
    )
    seats = Counter(rule_of_session(jury).seats)
    rows = session.scalars(query.options(*WITH_MEMBERS))
    former = next((row for row in rows if Counter(rule_of_session(row).seats) == seats), None)
    return _to_value(former) if former is not None else None


def seat_former_members(
    session: Session,
    session_id: UUID,
    members: Collection[UUID],
    seen: dict[tuple[str, int, int], int],
    *,
    keeps_act: bool,
    reason: str = "",
    by: UUID,
    at: datetime,
) -> list[JuryMember]:
    """Name the chosen members of the former jury in their seats again; who sits there already stays.

    `seen` holds the revision of each seat (seat, number, rank) that the form showed; `keeps_act` says that
    the act which appointed the president also holds for this session. Raise Refusal when there is no former
    jury, and what `name_member` raises: a seat given meanwhile is a Conflict, with who was chosen.
    """
    jury = session.get_one(JurySession, session_id, with_for_update=True)
    former = find_former_jury(session, jury)
    if former is None:
        raise Refusal(PoolRefusal.NO_FORMER_JURY)
    chosen = sorted(
        (row for row in former.members if row.id in set(members)), key=lambda row: (row.named.rank, row.named.seat)
    )
    seated = {jury_member.person_id for jury_member in jury.members}
    named = []
    for row in chosen:
        if row.person_id in seated:
            continue
        key = (str(row.named.seat), row.named.place, row.named.rank)
        again = _again(row, seen.get(key, 0), keeps_act=keeps_act)
        member = name_member(session, session_id, again, reason=reason, by=by, at=at)
        if keeps_act and row.has_document:
            member.appointment_id = session.get_one(JuryMember, row.id).appointment_id
        named.append(member)
    record_event(session, "former_jury_named", ("jury_session", session_id), by=by, at=at, former=former.session_id)
    return named


def _again(row: FormerMember, seen: int, *, keeps_act: bool) -> MemberInput:
    act_on = row.act_on if keeps_act else None
    return replace(
        row.named, seen=seen, appointed_on=act_on, appointed_by_director=row.named.appointed_by_director and keeps_act
    )


def _to_value(jury: JurySession) -> FormerJury:
    places = {place: rank for rank, place in enumerate(rule_of_session(jury).places)}
    ranked = sorted(
        jury.members,
        key=lambda jury_member: (places.get((jury_member.seat, jury_member.place or 1), len(places)), jury_member.rank),
    )
    members = (
        FormerMember(
            jury_member.id,
            jury_member.person_id,
            jury_member.to_input(),
            jury_member.appointed_on,
            jury_member.appointment_id is not None,
        )
        for jury_member in ranked
    )
    return FormerJury(jury.id, jury.held_on, tuple(members))


@dataclass(frozen=True, slots=True)
class AwaitedJury:
    """A hearing whose minutes are open, and the answers that prevent its jury from deciding now (R3)."""

    hearing_id: UUID
    held_on: date
    prevented_by: tuple[PredicateAnswer, ...]


def list_awaited_juries(session: Session, candidacy_id: UUID) -> tuple[AwaitedJury, ...]:
    """Return the open hearings of a candidacy, the earliest day first."""
    query = (
        select(Hearing.id).join(Submission).where(Submission.candidacy_id == candidacy_id, Hearing.closed_at.is_(None))
    )
    found = (_awaited(session, hearing_id) for hearing_id in session.scalars(query).all())
    return tuple(sorted(found, key=lambda jury: (jury.held_on, jury.hearing_id)))


def _awaited(session: Session, hearing_id: UUID) -> AwaitedJury:
    answers = load_hearing_state(session, hearing_id).value.answers
    held_on = session.get_one(Hearing, hearing_id).sitting_day
    return AwaitedJury(hearing_id, held_on, tuple(answer for answer in answers if answer.prevents))


def void_hearing(session: Session, hearing_id: UUID, reason: str, *, by: UUID, at: datetime) -> Minutes:
    """End a sitting without effect: its minutes say why and who sat, decide nothing, and count as no failure (R10).

    The sealed dossier waits for another session, and the candidate is told. Raises Refusal: already closed, a session
    that is cancelled, whose hearings are moved, or no reason. The caller has asked for the password again: it is a
    signature.
    """
    hearing = lock_hearing(session, hearing_id)
    require_open(hearing)
    if not reason.strip():
        raise Refusal(JuryRefusal.NO_REASON)
    state = load_hearing_state(session, hearing_id)
    act = EndingAct(SittingEnding.VOID, reason.strip(), by, at)
    minutes = write_minutes(session, state, act, min(hearing.sitting_day, day_of(at)))
    hearing.closed_at, hearing.is_current, hearing.is_void = at, None, True
    session.flush()
    record_event(session, "sitting_voided", ("hearing", hearing_id), by=by, at=at, minutes=minutes.number)
    record_minutes(session, minutes.id, at=at)  # last but for the e-mail: it takes the ledger's lock
    email_candidate(session, state.candidacy, EmailTemplate.DECIDED_LATER, at=at)
    return minutes
