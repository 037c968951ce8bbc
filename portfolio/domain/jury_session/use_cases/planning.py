"""Plan a session: create it, appoint members to seats, add candidates.

The hours of a session as its rows hold them, and the interview of a candidate who joins it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.account.use_cases import invite
from portfolio.domain.admissibility.use_cases.accommodations import load_arrangements
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission, is_superseded
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certification.use_cases.partners import find_site
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JuryMemberAffiliation, JurySession
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.juror_card import MemberInput, Planning
from portfolio.domain.jury.rules.member_status import SeatChange
from portfolio.domain.jury.rules.passage import SessionHours, Slot, free_slot
from portfolio.domain.jury.rules.sitting import SittingEnding
from portfolio.domain.jury_session.use_cases.conflicts_of_interest import load_incompatibilities
from portfolio.domain.jury_session.use_cases.declarations import store_signed_document
from portfolio.domain.jury_session.use_cases.letters import notify_hearing_cancelled, notify_seat_withdrawn
from portfolio.domain.jury_session.use_cases.loaders import has_same_seats, is_seat_of
from portfolio.domain.jury_session.use_cases.pool import add_named_member, compare_members
from portfolio.domain.jury_session.use_cases.sittings import (
    EndingAct,
    begun_and_acted_on,
    end_under_way,
    forget_opinions_of_others,
    require_reason,
)
from portfolio.domain.ledger.recording import append
from portfolio.domain.submission.use_cases.assessment_record import check_session_day
from portfolio.errors import Conflict, Refusal

# The columns of a session that hold its hours.
HOURS = (
    *("start_minute", "end_minute", "interview_minutes", "pause_minutes"),
    *("lunch_start_minute", "lunch_end_minute"),
)


def hours_of(jury: JurySession) -> SessionHours | None:
    """Return the hours of a session; None while they are not fixed."""
    if jury.start_minute is None or jury.end_minute is None or jury.interview_minutes is None:
        return None
    lunch = (jury.lunch_start_minute, jury.lunch_end_minute)
    return SessionHours(jury.start_minute, jury.end_minute, jury.interview_minutes, jury.pause_minutes or 0, *lunch)


def order_of(hearings: Collection[Hearing]) -> list[Hearing]:
    """Return hearings in the order of passage; those without an hour come last, the oldest deposit first."""
    return sorted(hearings, key=lambda row: (row.start_minute is None, row.start_minute or 0, *_deposit(row)))


def is_by_deposit(hearings: Collection[Hearing]) -> bool:
    """Return whether the order of passage is that of the deposits, the oldest first."""
    ordered = [row.id for row in order_of(hearings)]
    return ordered == [row.id for row in sorted(hearings, key=_deposit)]


def _deposit(row: Hearing) -> tuple[datetime, int]:
    return row.submission.submitted_at, row.id.int


def extra_minutes(session: Session, submissions: Collection[UUID]) -> dict[UUID, int]:
    """Return by how many minutes accommodations lengthen the interview of each of these submissions."""
    query = select(Submission.id, Submission.candidacy_id).where(Submission.id.in_(submissions))
    of = {row.id: row.candidacy_id for row in session.execute(query)}
    arranged = load_arrangements(session, of.values())
    return {each: sum(found.extra_minutes for found in arranged.get(candidacy, ())) for each, candidacy in of.items()}


def free_slots(session: Session, jury: JurySession, submissions: Sequence[UUID]) -> dict[UUID, Slot]:
    """Return the next free interview of each submission, in their order: none for those that the day cannot hold,
    nor for anybody while hours are not fixed.
    """
    hours = hours_of(jury)
    if hours is None:
        return {}
    taken = [
        Slot(row.start_minute, row.end_minute)
        for row in jury.hearings
        if row.start_minute is not None and row.end_minute is not None
    ]
    more, found = extra_minutes(session, submissions), {}
    for submission_id in submissions:
        free = free_slot(hours, taken, more.get(submission_id, 0))
        if free is not None:
            found[submission_id] = free
            taken.append(free)
    return found


def place_in_day(session: Session, jury: JurySession, hearing: Hearing) -> None:
    """Give a candidate who joins a session the next free interview, where there is one."""
    hearing.start_minute = hearing.end_minute = None
    free = free_slots(session, jury, [hearing.submission_id]).get(hearing.submission_id)
    if free is not None:
        hearing.start_minute, hearing.end_minute = free.start, free.end


def plan_session(
    session: Session, body_id: UUID, planning: Planning, *, same_hours: bool = False, by: UUID, at: datetime
) -> JurySession:
    """Plan a day for one published version of the body's own. Raises Refusal when it is not one.

    `same_hours`: it has those of the last session that has some.
    """
    query = select(CertificationVersion).join(Certification).where(Certification.body_id == body_id)
    version = session.scalar(query.where(CertificationVersion.id == planning.version_id))
    if version is None or not version.is_offered:
        raise Refusal(JuryRefusal.VERSION_NOT_PUBLISHED)
    if planning.site_id is not None and find_site(session, body_id, planning.site_id) is None:
        raise Refusal(JuryRefusal.SITE_UNKNOWN)
    jury = JurySession(
        body_id=body_id,
        version_id=version.id,
        held_on=planning.held_on,
        place=planning.place,
        site_id=planning.site_id,
        external_months=planning.external_months,
        planned_at=at,
        route=planning.route,
    )
    former = find_latest_session(session, body_id, has_hours=True) if same_hours else None
    for name in HOURS if former else ():
        setattr(jury, name, getattr(former, name))
    session.add(jury)
    session.flush()
    record_event(session, "session_planned", ("jury_session", jury.id), by=by, at=at, held_on=planning.held_on)
    return jury


def name_member(
    session: Session,
    session_id: UUID,
    naming: MemberInput,
    appointment: ReceivedFile | None = None,
    *,
    reason: str = "",
    by: UUID,
    at: datetime,
    defers_conflicts: bool = False,
) -> JuryMember:
    """Seat a person, found or invited by e-mail, in place of the person who sat there; or correct what is
    declared of them.

    A composition that is not yet regular may be named: the predicates say what is missing. `appointment` is
    the document of the act that appoints a member (J4); without one, the document already attached stays.
    Minutes already closed keep the jury recorded at their closing; a person who comes ends the sittings under way, for
    `reason`: the new composition begins with nothing (domain §10). Raises Refusal when the seat is not one of
    the entry's or has no holder yet to substitute, the person sits elsewhere, or is one of the candidates
    still to hear or their advisor without anyone in the same seat to replace them (J10), or the answer about
    ties contradicts the ties listed (J7); Conflict when the seat changed since the form was opened.
    `defers_conflicts`: several members are named together, and `check_open_hearings` asks J10 of them all.
    """
    jury = _locked(session, session_id)
    _check_not_cancelled(jury)
    if naming.contradicts_ties:
        raise Refusal(JuryRefusal.TIES_CONTRADICTED, months=jury.external_months)
    if not is_seat_of(jury, naming.seat, naming.place):
        raise Refusal(JuryRefusal.SEAT_UNKNOWN)
    in_seat = {
        jury_member.rank: jury_member
        for jury_member in jury.members
        if (jury_member.seat, jury_member.place or 1) == (naming.seat, naming.place)
    }
    if naming.rank and 0 not in in_seat:
        raise Refusal(JuryRefusal.HOLDER_FIRST)
    _check_seen(in_seat.get(naming.rank), naming)
    seated = in_seat.get(naming.rank)
    body_name = session.get_one(CertifyingBody, jury.body_id).name
    is_other = seated is None or seated.person.email != naming.email.strip().casefold()
    # Before the seat changes: what a sitting did is kept with those who sat.
    act = EndingAct(SittingEnding.MEMBERS_CHANGED, reason, by, at)
    change = SeatChange(naming.seat, naming.place, naming.rank, seated.person_id if seated else None)
    ended = end_under_way(session, jury, act, change) if is_other else []
    member = _seat(session, jury, seated, naming, by=by, at=at, defers_conflicts=defers_conflicts)
    _declare(member, naming, body_name)
    if is_other:
        forget_opinions_of_others(session, jury)
        add_named_member(session, jury.body_id, naming, jury.version.certification_id, by=by, at=at)
        compare_members(session, jury.id, at=at)
    require_reason(session, ended, reason)
    document = store_signed_document(session, jury.id, appointment, by=by, at=at)
    if document is not None:
        member.appointment_id = document.id
    facts = {"seat": naming.seat, "rank": naming.rank, "member": member.person_id}
    facts |= {"place": naming.place} if naming.place > 1 else {}
    record_event(session, "member_named", ("jury_session", jury.id), by=by, at=at, **facts)
    append(session, [*ended, *([document] if document is not None else [])], at=at)  # last: it takes the ledger's lock
    return member


def find_latest_session(session: Session, body_id: UUID, *, has_hours: bool = False) -> JurySession | None:
    """Return the session that a body planned last, where its next one may be alike: same place, same hours."""
    query = select(JurySession).where(JurySession.body_id == body_id, JurySession.cancelled_at.is_(None))
    if has_hours:
        query = query.where(JurySession.start_minute.is_not(None))
    return session.scalar(query.order_by(JurySession.planned_at.desc(), JurySession.id.desc()).limit(1))


def remove_member(
    session: Session, session_id: UUID, member_id: UUID, reason: str = "", *, by: UUID, at: datetime
) -> None:
    """Empty a seat; one already empty stays so. It ends the sittings under way, for `reason` (domain §10).

    Raise Refusal when the session is cancelled, substitutes stay behind, or a sitting ends without a reason.
    """
    jury = _locked(session, session_id)
    _check_not_cancelled(jury)
    member = next((jury_member for jury_member in jury.members if jury_member.id == member_id), None)
    if member is None:
        return
    if member.rank == 0 and any(
        jury_member.seat is member.seat and jury_member.place == member.place and jury_member.rank
        for jury_member in jury.members
    ):
        raise Refusal(JuryRefusal.HOLDER_FIRST)
    notify_seat_withdrawn(session, member, jury, at=at)
    facts = {"seat": member.seat, "member": member.person_id}
    # Before the seat is emptied: what a sitting did is kept with those who sat.
    act = EndingAct(SittingEnding.MEMBERS_CHANGED, reason, by, at)
    ended = end_under_way(session, jury, act, SeatChange(member.seat, member.place or 1, member.rank, member.person_id))
    require_reason(session, ended, reason)
    session.delete(member)
    forget_opinions_of_others(session, jury)
    record_event(session, "member_removed", ("jury_session", jury.id), by=by, at=at, **facts)
    append(session, ended, at=at)  # last: it takes the ledger's lock


def justify_parity(session: Session, session_id: UUID, reason: str, *, by: UUID, at: datetime) -> None:
    """Write why women and men do not both sit (J12); minutes already closed keep the reason that they hold."""
    jury = _locked(session, session_id)
    _check_not_cancelled(jury)
    jury.parity_reason = reason
    record_event(session, "parity_justified", ("jury_session", session_id), by=by, at=at)


class ListStoppedError(Exception):
    """Rules stop people who join a list together: nobody joins. `refusals` says who, and why."""

    def __init__(self, refusals: Sequence[tuple[str, Refusal]]) -> None:
        super().__init__(*(name for name, _ in refusals))
        self.refusals = tuple(refusals)


def add_hearing(session: Session, session_id: UUID, submission_id: UUID, *, by: UUID, at: datetime) -> Hearing:
    """Put a sealed dossier on a session's list.

    Raises Refusal when it is heard already, of another version, sealed after the session's day, when the rule
    of its route asks for other seats, or when the candidate or their advisor sits (J10).
    """
    jury = _locked(session, session_id)
    _check_listed(session, jury, submission_id)
    return _list(session, jury, [submission_id], by=by, at=at)[0]


def add_hearings(
    session: Session, session_id: UUID, names: Mapping[UUID, str], *, by: UUID, at: datetime
) -> list[Hearing]:
    """Put sealed dossiers on a session's list together, each with the next free interview, in their order.

    `names` are those of the candidates, by submission. Raise ListStoppedError with everyone whom `add_hearing` would
    refuse: nobody is listed then.
    """
    jury = _locked(session, session_id)
    refusals = []
    for submission_id, name in names.items():
        try:
            _check_listed(session, jury, submission_id)
        except Refusal as refusal:
            refusals.append((name, refusal))
    if refusals:
        raise ListStoppedError(refusals)
    return _list(session, jury, list(names), by=by, at=at)


def _check_listed(session: Session, jury: JurySession, submission_id: UUID) -> None:
    _check_not_cancelled(jury)
    candidacy, submission = _waiting(session, submission_id)
    if session.scalar(select(Hearing.id).where(Hearing.session_id == jury.id, Hearing.submission_id == submission_id)):
        raise Refusal(JuryRefusal.NOT_WAITING)
    if candidacy.version_id != jury.version_id:
        raise Refusal(JuryRefusal.OTHER_VERSION)
    if day_of(submission.submitted_at) > jury.held_on:
        raise Refusal(JuryRefusal.SEALED_AFTER_SESSION, day=jury.held_on.isoformat())
    check_seats(jury, candidacy)
    check_session_day(session, submission, jury.held_on)
    check_members_free(session, jury, candidacy)


def _list(session: Session, jury: JurySession, submissions: Sequence[UUID], *, by: UUID, at: datetime) -> list[Hearing]:
    slots, hearings = free_slots(session, jury, submissions), []
    for submission_id in submissions:
        slot = slots.get(submission_id)
        hearing = Hearing(session_id=jury.id, submission_id=submission_id, listed_at=at)
        hearing.start_minute, hearing.end_minute = (slot.start, slot.end) if slot else (None, None)
        session.add(hearing)
        session.flush()
        facts = {"jury_session": jury.id, "submission": submission_id}
        record_event(session, "hearing_added", ("hearing", hearing.id), by=by, at=at, **facts)
        hearings.append(hearing)
    compare_members(session, jury.id, at=at)
    return hearings


def remove_hearing(session: Session, session_id: UUID, hearing_id: UUID, *, by: UUID, at: datetime) -> None:
    """Take a candidate off the list, so that another session may hear them.

    Raises Refusal once its jury acted on it.
    """
    _locked(session, session_id)
    hearing = session.get(Hearing, hearing_id, with_for_update=True)
    if hearing is None or hearing.session_id != session_id:
        return
    if hearing.closed_at is not None:
        raise Refusal(JuryRefusal.ALREADY_CLOSED)
    if begun_and_acted_on(session, [hearing_id])[1]:
        raise Refusal(JuryRefusal.NOTES_TAKEN)
    notify_hearing_cancelled(session, hearing, at=at)
    session.delete(hearing)
    record_event(session, "hearing_removed", ("hearing", hearing_id), by=by, at=at, jury_session=session_id)


def _locked(session: Session, session_id: UUID) -> JurySession:
    """Take the session's row first: naming, adding and closing wait for one another there."""
    return session.get_one(JurySession, session_id, with_for_update=True)


def _check_not_cancelled(jury: JurySession) -> None:
    if jury.cancelled_at is not None:
        raise Refusal(JuryRefusal.SESSION_CANCELLED, day=jury.held_on.isoformat())


def _check_seen(seated: JuryMember | None, naming: MemberInput) -> None:
    revision = seated.revision if seated else 0
    if revision != naming.seen:
        theirs = {"email": seated.person.email, "name": seated.name, "quality": seated.quality} if seated else {}
        raise Conflict(theirs, revision)


def _seat(
    session: Session,
    jury: JurySession,
    seated: JuryMember | None,
    naming: MemberInput,
    *,
    by: UUID,
    at: datetime,
    defers_conflicts: bool,
) -> JuryMember:
    if seated is not None and seated.person.email == naming.email.strip().casefold():
        seated.revision += 1
        return seated
    person = invite(session, naming.email, naming.name, jury.body_id, by=by, at=at, why="juror")
    if any(member.person_id == person.id for member in jury.members):
        raise Refusal(JuryRefusal.ALREADY_MEMBER, name=naming.name)
    if not defers_conflicts:
        others = [
            other_member
            for other_member in jury.members
            if other_member is not seated
            and (other_member.seat, other_member.place or 1) == (naming.seat, naming.place)
        ]
        for candidacy in _candidacies(session, jury.id):
            _check_replaced(session, person, naming.name, others, candidacy)
    revision = 1
    if seated is not None:
        # A new row, so that nothing declared of the one who left is read as the newcomer's.
        revision = seated.revision + 1
        notify_seat_withdrawn(session, seated, jury, at=at)
        session.delete(seated)
        session.flush()
    place = naming.place if naming.place > 1 else None
    member = JuryMember(
        session_id=jury.id, person=person, seat=naming.seat, place=place, rank=naming.rank, revision=revision, ties=[]
    )
    member.named_at = at
    session.add(member)
    return member


def _declare(member: JuryMember, naming: MemberInput, body_name: str) -> None:
    member.display_name = naming.name
    member.quality = naming.quality
    member.gender = naming.gender
    member.appointed_on = naming.appointed_on
    member.appointed_by_director = naming.appointed_by_director
    member.college = naming.college
    member.in_activity = naming.in_activity
    member.is_director = naming.is_director
    member.delegated_from = naming.delegated_from
    member.delegated_until = naming.delegated_until
    member.is_qualified = naming.qualified
    member.is_professional = naming.is_professional
    member.trade = naming.trade
    member.meets_seat = naming.meets_seat
    member.appointed_by = naming.appointed_by
    member.quality_basis = naming.quality_basis
    member.ties_answer = naming.settled_ties
    member.ties = [
        JuryMemberAffiliation(
            kind=tie.kind,
            organisation_kind=tie.with_whom,
            # A tie with the body itself needs no name: it is the body's.
            organisation=tie.organisation or body_name,
            ended_on=tie.ended_on,
        )
        for tie in naming.ties
    ]


def _candidacies(session: Session, session_id: UUID) -> list[Candidacy]:
    """List the candidacies still to hear, held still: an advisor given meanwhile waits and is then told no."""
    query = (
        select(Candidacy)
        .join(Submission, Submission.candidacy_id == Candidacy.id)
        .join(Hearing, Hearing.submission_id == Submission.id)
        .where(Hearing.session_id == session_id, Hearing.closed_at.is_(None))
        .order_by(Candidacy.id)
        .with_for_update(read=True, of=Candidacy)
    )
    return list(session.scalars(query))


def check_seats(jury: JurySession, candidacy: Candidacy) -> None:
    """Raise Refusal when the rule of the candidate's route asks for other seats than those of the session."""
    if not has_same_seats(jury, candidacy.route):
        raise Refusal(JuryRefusal.OTHER_SEATS, candidate=candidacy.candidate_name)


def check_members_free(session: Session, jury: JurySession, candidacy: Candidacy) -> None:
    """Refuse a candidate whom a member may not judge, when no substitute of the same seat can take their
    place (J10).
    """
    for member in jury.members:
        others = [
            other_member
            for other_member in jury.members
            if other_member is not member and (other_member.seat, other_member.place) == (member.seat, member.place)
        ]
        _check_replaced(session, member.person, member.name, others, candidacy)


def check_open_hearings(session: Session, jury: JurySession) -> None:
    """Refuse a jury in which a seat has nobody who may judge one of the candidates still to hear (J10)."""
    for candidacy in _candidacies(session, jury.id):
        check_members_free(session, jury, candidacy)


def _check_replaced(
    session: Session, person: Person, name: str, others: Collection[JuryMember], candidacy: Candidacy
) -> None:
    """Refuse a person who may not judge a candidate, unless another person of the same seat may; never
    the candidate.
    """
    try:
        _check_free(session, person, name, candidacy)
    except Refusal as refusal:
        barred = load_incompatibilities(session, [candidacy.candidate_id], candidacy.version.certification.body_id)
        excluded = barred.barred_from(candidacy.candidate_id, candidacy.advisor_id)
        if refusal.code is JuryRefusal.MEMBER_IS_CANDIDATE or all(
            other_member.person_id in excluded for other_member in others
        ):
            raise


def _check_free(session: Session, person: Person, name: str, candidacy: Candidacy) -> None:
    """Refuse to seat the candidate, who accompanies or accompanied them (J10, D6412-6), who judged them with bias."""
    facts = {"name": name, "candidate": candidacy.candidate_name}
    known = load_incompatibilities(session, [candidacy.candidate_id], candidacy.version.certification.body_id).value_of(
        candidacy
    )
    if person.id == candidacy.candidate_id:
        raise Refusal(JuryRefusal.MEMBER_IS_CANDIDATE, **facts)
    if person.id in known.accompanied_by:
        raise Refusal(JuryRefusal.MEMBER_IS_ADVISOR, **facts)
    if person.id in known.related:
        raise Refusal(JuryRefusal.MEMBER_RELATED, **facts)
    if person.id in known.judged_by:
        raise Refusal(JuryRefusal.MEMBER_JUDGED, **facts)


def _waiting(session: Session, submission_id: UUID) -> tuple[Candidacy, Submission]:
    submission = session.scalar(select(Submission).where(Submission.id == submission_id, ~is_superseded()))
    if submission is None:
        raise Refusal(JuryRefusal.NOT_WAITING)
    candidacy = session.get_one(Candidacy, submission.candidacy_id, with_for_update=True)
    if session.scalar(select(Hearing.id).where(Hearing.submission_id == submission_id, Hearing.is_current.is_(True))):
        raise Refusal(JuryRefusal.NOT_WAITING)
    return candidacy, submission
