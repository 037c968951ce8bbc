"""The jury of a session proposed from the pool: gather what is known of each juror, ask the rules, name
who was chosen.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, joinedload

from portfolio.db.engine import read_once
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.jury.models.deliberation import is_suspended
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.models.statements import Statement
from portfolio.domain.jury.rules.composition import Composition, MemberValue, PathValue, PredicateAnswer, common_path
from portfolio.domain.jury.rules.day_proposal import (
    DayProblem,
    DayProposal,
    Impossible,
    Place,
    ProposableJuror,
    propose_day,
)
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury.rules.juror_card import (
    Availability,
    ChosenMember,
    HalfDay,
    JurorCard,
    PoolRefusal,
    SeatPrefill,
    availability_on,
    member_input,
)
from portfolio.domain.jury.rules.passage import Slot, halves_of
from portfolio.domain.jury.rules.predicates import composition_answers
from portfolio.domain.jury_session.use_cases.conflicts_of_interest import heard_candidate, load_barred_among
from portfolio.domain.jury_session.use_cases.loaders import WITH_MEMBERS, path_of, rule_of_session
from portfolio.domain.jury_session.use_cases.planning import check_open_hearings, hours_of, name_member, order_of
from portfolio.domain.jury_session.use_cases.pool import WITH_CARD, shared_with, stored_conflicts
from portfolio.domain.jury_session.use_cases.sittings import is_begun
from portfolio.errors import Refusal

# How many jurors of the pool one proposal looks at: those named least, the members of the session first.
MAX_JURORS = 200


@dataclass(frozen=True, slots=True)
class HeardCandidate:
    """A candidate still to hear. `barred` holds the jurors of the pool who cannot judge them."""

    hearing_id: UUID
    name: str
    half: HalfDay | None
    barred: frozenset[UUID]
    path: PathValue


@dataclass(frozen=True, slots=True)
class DayScene:
    """Start of a proposal: the problem, the cards by juror, the candidates by hearing, who sits where now."""

    problem: DayProblem
    cards: Mapping[UUID, JurorCard]
    candidates: Mapping[UUID, HeardCandidate]
    seated: Mapping[tuple[Place, int], JuryMember]
    busy: frozenset[UUID]
    is_cut: bool
    # The candidates whose sitting under way another member would end.
    begun: tuple[str, ...] = ()

    def juror_of(self, member: JuryMember) -> UUID | None:
        """Return the card of a member; None for one who is not in the pool."""
        email = member.person.email
        return next((id for id, card in self.cards.items() if card.email == email), None)


@read_once
def load_jury(session: Session, session_id: UUID) -> JurySession:
    """Read a session with its members. Raises NoResultFound for an unknown session."""
    return session.scalars(select(JurySession).where(JurySession.id == session_id).options(*WITH_MEMBERS)).one()


def load_day_scene(session: Session, session_id: UUID, *, withdrawn: Collection[UUID] = ()) -> DayScene:
    """Gather the pool, the candidates and who sits, in a constant number of queries.

    `withdrawn` persons sit no more.
    """
    jury = load_jury(session, session_id)
    jurors, people, is_cut = _pool_of(session, jury)
    hearings, begun = _open_hearings(session, session_id)
    barred = load_barred_among(session, [heard_candidate(row, jury.body_id) for row in hearings])
    refused = _refused(session, jurors, people, hearings)
    candidates = {
        row.id: HeardCandidate(
            row.id,
            row.submission.candidacy.candidate_name,
            _half_of(row),
            frozenset(
                juror.id
                for juror in jurors
                if people.get(juror.email) in barred.get(row.id, ()) or (juror.id, row.id) in refused
            ),
            path_of(row.submission.candidacy),
        )
        for row in hearings
    }
    cards = {juror.id: juror.to_value() for juror in jurors}
    busy = frozenset(id for id, card in cards.items() if _is_busy(card, jury))
    gone = {juror.id for juror in jurors if people.get(juror.email) in set(withdrawn)}
    loads = _loads(session, jury, [juror.email for juror in jurors])
    proposable = [
        _proposable(jury, juror.id, cards[juror.id], people.get(juror.email), candidates.values(), loads, gone)
        for juror in jurors
    ]
    seated = {((row.seat, row.place or 1), row.rank): row for row in jury.members}
    kept = _kept(jury, {juror.email: juror.id for juror in jurors})
    problem = DayProblem(
        rule_of_session(jury),
        jury.held_on,
        proposable,
        list(candidates),
        kept,
        jury.external_months,
        path=common_path([candidate.path for candidate in candidates.values()], jury.route),
    )
    return DayScene(problem, cards, candidates, seated, busy, is_cut, begun)


def propose(scene: DayScene, *, keeps_members: bool = True) -> DayProposal | Impossible:
    """Return a jury for a day, beside who sits already or from nothing, or the smallest reason why there is none."""
    return propose_day(scene.problem if keeps_members else replace(scene.problem, kept={}))


def answers_by_candidate(
    scene: DayScene, seats: Mapping[Place, Sequence[UUID]]
) -> dict[UUID, tuple[PredicateAnswer, ...]]:
    """Return, for each candidate, the answers that prevent a jury chosen by hand, with the substitute who would sit."""
    return {hearing_id: _answers(scene, seats, hearing_id) for hearing_id in scene.candidates}


def common_answers(scene: DayScene, seats: Mapping[Place, Sequence[UUID]]) -> tuple[PredicateAnswer, ...]:
    """Return the answers that prevent a jury chosen by hand while no candidate is listed."""
    return _answers(scene, seats, None)


def _answers(
    scene: DayScene, seats: Mapping[Place, Sequence[UUID]], hearing_id: UUID | None
) -> tuple[PredicateAnswer, ...]:
    known = {juror.id: juror for juror in scene.problem.jurors}
    members = set()
    for (seat, place), ranked in seats.items():
        sits = next((id for id in ranked if hearing_id in known[id].free_for), ranked[0] if ranked else None)
        if sits is not None:
            members.add(replace(known[sits].value, seat=seat, place=place, meets_seat=True))
    problem = scene.problem
    path = scene.candidates[hearing_id].path if hearing_id is not None else problem.path
    jury = Composition(frozenset(members), problem.rule, problem.on, None, problem.external_months, path=path)
    return tuple(answer for answer in composition_answers(jury) if answer.prevents)


def list_barred(scene: DayScene, seats: Mapping[Place, Sequence[UUID]]) -> list[tuple[UUID, Place, UUID]]:
    """List the candidates whom nobody chosen for a seat may judge (J10): the hearing, the seat, its holder."""
    return [
        (hearing_id, place, ranked[0])
        for hearing_id, candidate in scene.candidates.items()
        for place, ranked in seats.items()
        if ranked and candidate.barred.issuperset(ranked)
    ]


def check_chosen(session: Session, session_id: UUID, chosen: Sequence[ChosenMember]) -> None:
    """Raise Refusal when a person is chosen twice, or left the pool; nothing is named."""
    _chosen_cards(session, load_jury(session, session_id), chosen)


def name_chosen(
    session: Session, session_id: UUID, chosen: Sequence[ChosenMember], reason: str = "", *, by: UUID, at: datetime
) -> list[JuryMember]:
    """Name the jurors chosen for the seats of a session, together; who sits there already stays as they are declared.

    Raise Refusal when a person is chosen twice, left the pool, a seat has nobody who may judge a candidate, or a
    sitting ends without its `reason`; Conflict when a seat was given to somebody since the page was opened. Nothing is
    named then.
    """
    jury = session.get_one(JurySession, session_id, with_for_update=True)
    cards = _chosen_cards(session, jury, chosen)
    named = []
    for chosen_member in sorted(chosen, key=lambda row: row.rank):
        card = cards[chosen_member.juror_id]
        here = next((row for row in jury.members if _stands(row, chosen_member)), None)
        if here is not None and here.person.email == card.email and here.revision == chosen_member.seen:
            continue
        prefill = SeatPrefill(
            card,
            chosen_member.seat,
            chosen_member.place,
            chosen_member.rank,
            jury.version.certification_id,
            chosen_member.seen,
        )
        typed = member_input(prefill)
        named.append(name_member(session, session_id, typed, reason=reason, by=by, at=at, defers_conflicts=True))
        session.flush()
        session.refresh(jury, ["members"])
    check_open_hearings(session, jury)
    record_event(session, "proposal_applied", ("jury_session", session_id), by=by, at=at, named=len(named))
    return named


def replace_member(
    session: Session,
    session_id: UUID,
    member_id: UUID,
    chosen: ChosenMember,
    reason: str = "",
    *,
    by: UUID,
    at: datetime,
) -> JuryMember:
    """Name a juror of the pool in the place of a member who withdraws, for `reason` where the jury has begun.

    Raise Refusal when the member left the seat meanwhile, with who was chosen; and what `name_chosen` raises.
    """
    jury = session.get_one(JurySession, session_id, with_for_update=True)
    here = next((row for row in jury.members if _stands(row, chosen)), None)
    if here is None or here.id != member_id:
        raise Refusal(PoolRefusal.SEAT_TAKEN, name=here.name if here else "")
    named = name_chosen(session, session_id, [chosen], reason, by=by, at=at)
    return named[0] if named else here


def _stands(row: JuryMember, chosen_member: ChosenMember) -> bool:
    return (row.seat, row.place or 1, row.rank) == (chosen_member.seat, chosen_member.place, chosen_member.rank)


def _chosen_cards(session: Session, jury: JurySession, chosen: Sequence[ChosenMember]) -> dict[UUID, JurorCard]:
    query = select(Juror).where(
        Juror.body_id == jury.body_id, Juror.id.in_({chosen_member.juror_id for chosen_member in chosen})
    )
    cards = {row.id: row.to_value() for row in session.scalars(query.options(*WITH_CARD))}
    counted: set[UUID] = set()
    for chosen_member in chosen:
        if chosen_member.juror_id not in cards:
            raise Refusal(PoolRefusal.UNKNOWN_JUROR)
        if chosen_member.juror_id in counted:
            raise Refusal(PoolRefusal.TWICE, name=cards[chosen_member.juror_id].name)
        counted.add(chosen_member.juror_id)
    return cards


def _pool_of(session: Session, jury: JurySession) -> tuple[list[Juror], dict[str, UUID], bool]:
    """List the jurors who can be proposed, the members of the session first, then those named least before; the account
    of each that has one, by address; and whether there are more.
    """
    emails = [row.person.email for row in jury.members]
    load = (
        select(func.count())
        .select_from(JuryMember)
        .join(JuryMember.person)
        .where(Person.email == Juror.email)
        .scalar_subquery()
    )
    query = (
        select(Juror, Person.id)
        .outerjoin(Person, Person.email == Juror.email)
        .where(Juror.body_id == jury.body_id, Juror.removed_at.is_(None) | Juror.email.in_(emails))
        .order_by(Juror.email.in_(emails).desc(), load, Juror.name, Juror.id)
        .limit(MAX_JURORS + 1)
        .options(*WITH_CARD)
    )
    rows = session.execute(query).all()
    people = {juror.email: person_id for juror, person_id in rows if person_id is not None}
    return [juror for juror, _ in rows[:MAX_JURORS]], people, len(rows) > MAX_JURORS


def _open_hearings(session: Session, session_id: UUID) -> tuple[list[Hearing], tuple[str, ...]]:
    """Return the hearings to hold, and the candidates whose sitting under way another member would end."""
    loaded = joinedload(Hearing.submission).joinedload(Submission.candidacy).joinedload(Candidacy.candidate)
    query = select(Hearing, and_(is_begun(), ~is_suspended())).options(loaded)
    rows = session.execute(query.where(Hearing.session_id == session_id, Hearing.closed_at.is_(None))).all()
    begun = sorted(hearing.submission.candidacy.candidate_name for hearing, is_under_way in rows if is_under_way)
    return order_of([hearing for hearing, _ in rows]), tuple(begun)


def _refused(
    session: Session, jurors: Collection[Juror], people: Mapping[str, UUID], hearings: Collection[Hearing]
) -> set[tuple[UUID, UUID]]:
    """Return the pairs (juror, hearing) that a conflict, a shared employer or a recusal about this
    candidate excludes.
    """
    of_candidate: dict[UUID, list[UUID]] = {}
    for row in hearings:
        of_candidate.setdefault(row.submission.candidacy.candidate_id, []).append(row.id)
    stored = stored_conflicts(session, [(juror.id, candidate) for juror in jurors for candidate in of_candidate])
    recorded = (pair for pair, row in stored.items() if row.lifted_at is None)
    pairs = {(juror, hearing) for juror, candidate in recorded for hearing in of_candidate[candidate]}
    pairs |= shared_with(session, jurors, hearings, stored)
    juror_of = {people[juror.email]: juror.id for juror in jurors if juror.email in people}
    withdrawn = select(Statement.withdraws_id).where(Statement.withdraws_id.is_not(None))
    recusals = session.execute(
        select(Statement.person_id, Candidacy.candidate_id)
        .join(Hearing, Hearing.id == Statement.hearing_id)
        .join(Hearing.submission)
        .join(Submission.candidacy)
        .where(
            Statement.kind == StatementKind.RECUSAL,
            Statement.id.not_in(withdrawn),
            Candidacy.candidate_id.in_(of_candidate),
            Statement.person_id.in_(juror_of),
        )
    )
    return pairs | {
        (juror_of[row.person_id], hearing) for row in recusals for hearing in of_candidate[row.candidate_id]
    }


def _half_of(row: Hearing) -> HalfDay | None:
    return None if row.start_minute is None else Slot(row.start_minute, row.end_minute or row.start_minute).half


def _halves(jury: JurySession) -> frozenset[HalfDay]:
    hours = hours_of(jury)
    return halves_of(hours) if hours else frozenset(HalfDay)


def _is_busy(card: JurorCard, jury: JurySession) -> bool:
    return all(availability_on(card.periods, jury.held_on, half) is Availability.BUSY for half in _halves(jury))


def _proposable(
    jury: JurySession,
    id: UUID,
    card: JurorCard,
    person: UUID | None,
    candidates: Collection[HeardCandidate],
    loads: Mapping[str, int],
    gone: Collection[UUID],
) -> ProposableJuror:
    named = member_input(
        SeatPrefill(card, rule_of_session(jury).seats[0], certification_id=jury.version.certification_id)
    )
    value = MemberValue(
        person or id,
        card.name,
        named.seat,
        named.college,
        named.in_activity,
        named.is_director,
        named.delegated_from,
        named.delegated_until,
        named.qualified,
        frozenset(named.ties),
        named.ties_answer,
        is_professional=named.is_professional,
        trade=named.trade,
    )
    halves = {half: availability_on(card.periods, jury.held_on, half) for half in HalfDay}
    asked = _halves(jury)
    free = frozenset(
        candidate.hearing_id
        for candidate in candidates
        if id not in candidate.barred
        and id not in gone
        and all(halves[half] is not Availability.BUSY for half in ((candidate.half,) if candidate.half else asked))
    )
    is_available = all(halves[half] is Availability.FREE for half in asked)
    return ProposableJuror(id, value, free, frozenset(card.seats), card.gender, loads.get(card.email, 0), is_available)


def _kept(jury: JurySession, ids: Mapping[str, UUID]) -> dict[Place, tuple[UUID, ...]]:
    found: dict[Place, list[UUID]] = {}
    for row in sorted(jury.members, key=lambda member: member.rank):
        if row.person.email in ids:
            found.setdefault((row.seat, row.place or 1), []).append(ids[row.person.email])
    return {place: tuple(ranked) for place, ranked in found.items()}


def _loads(session: Session, jury: JurySession, emails: Collection[str]) -> dict[str, int]:
    """Count the juries of the body that name each person, from a year before the session on."""
    since = date(jury.held_on.year - 1, jury.held_on.month, min(jury.held_on.day, 28))
    query = (
        select(Person.email, func.count())
        .join(JuryMember, JuryMember.person_id == Person.id)
        .join(JuryMember.session)
        .where(
            Person.email.in_(emails),
            JurySession.body_id == jury.body_id,
            JurySession.id != jury.id,
            JurySession.held_on >= since,
            JurySession.cancelled_at.is_(None),
        )
        .group_by(Person.email)
    )
    return {row[0]: row[1] for row in session.execute(query)}
