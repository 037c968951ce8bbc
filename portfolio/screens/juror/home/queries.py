"""What a juror sees first: the sessions where they sit, their candidates, what waits for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, union
from sqlalchemy.orm import Session, joinedload

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.certification.use_cases.jury_rules import load_jury_rules
from portfolio.domain.jury.models.sessions import (
    DecisionDraft,
    FindingDraft,
    Hearing,
    HearingMember,
    JuryMember,
    JurySession,
    belongs_to_jury,
    sat_in_closed_hearing,
)
from portfolio.domain.jury.models.summons import Summons
from portfolio.domain.jury.rules.member_status import JurorStep, MemberState, deliberating, voting
from portfolio.domain.jury.rules.reading import ReadingExtent
from portfolio.domain.jury.rules.summons import CalendarMethod, SummonedAs
from portfolio.domain.jury.use_cases.declarations import load_member_states_by_hearing
from portfolio.domain.jury.use_cases.exclusions import load_readable_drafts
from portfolio.domain.jury.use_cases.loaders import rule_of
from portfolio.domain.jury.use_cases.reading import load_extents
from portfolio.domain.jury.use_cases.summons import answer_token
from portfolio.domain.submission.models import Submission
from portfolio.screens.certifier.sessions.unscheduled_dossiers import block_numbers


@dataclass(frozen=True)
class HomeHearing:
    """A candidate whom the person will hear, or heard, and how far the notes are."""

    id: UUID
    candidate: str
    blocks: tuple[int, ...]
    closed_at: datetime | None
    found: int
    decided: int
    over: bool
    step: JurorStep
    presides: bool
    ready: bool
    checked: bool
    extent: ReadingExtent
    # Whether what is read is a record of assessments, without a livret 2.
    is_record: bool = False
    # When the candidate is heard, in minutes after midnight in Paris; empty while the order of passage is not
    # fixed.
    start_minute: int | None = None
    end_minute: int | None = None

    @property
    def waits_for(self) -> bool:
        """Whether the person still has something to do for this candidate."""
        asked = self.presides or self.step in (JurorStep.DECLARE, JurorStep.READ)
        return self.closed_at is None and self.step not in (JurorStep.RECUSED, JurorStep.BARRED) and asked

    @property
    def all_decided(self) -> bool:
        """Whether every block presented has a decision in the notes."""
        return self.decided >= len(self.blocks)


@dataclass(frozen=True)
class HomeSession:
    """A session where the person sits, with its candidates."""

    id: UUID
    held_on: date
    place: str
    certification: str
    seat: Seat
    substitute: bool
    hearings: tuple[HomeHearing, ...]
    start_minute: int | None = None
    end_minute: int | None = None
    video_link: str = ""
    day_contact: str = ""
    is_cancelled: bool = False
    # The link of the summons that the person has not answered; empty when none waits.
    summons_token: str = ""

    @property
    def first_open(self) -> HomeHearing | None:
        """The first hearing that is not closed, one that waits for the person before any other."""
        waits = (hearing for hearing in self.hearings if hearing.waits_for)
        return next(waits, next((hearing for hearing in self.hearings if hearing.closed_at is None), None))

    @property
    def to_declare(self) -> tuple[str, ...]:
        """The candidates of whom the person has to declare, in the order of passage."""
        return tuple(
            row.candidate for row in self.hearings if row.closed_at is None and row.step is JurorStep.DECLARE
        )

    @property
    def to_read(self) -> tuple[str, ...]:
        """The candidates whose dossier the person has declared of and has to read, in the order of
        passage.
        """
        return tuple(
            row.candidate for row in self.hearings if row.closed_at is None and row.step is JurorStep.READ
        )

    @property
    def waits_for(self) -> bool:
        """Whether one of its hearings waits for the person."""
        return any(hearing.waits_for for hearing in self.hearings)


# A page of sessions: those to come and the latest first, then the older ones.
SESSIONS_PER_PAGE = 20


def _page_of_sessions(session: Session, person_id: UUID, page: int) -> list[UUID]:
    """Return the sessions of one page of a juror, the latest day first, and one more when there is a next
    page.
    """
    now = select(JuryMember.session_id).where(JuryMember.person_id == person_id)
    closed = select(Hearing.session_id).join(HearingMember, HearingMember.hearing_id == Hearing.id)
    own = union(now, closed.where(HearingMember.person_id == person_id)).subquery()
    query = select(JurySession.id).join(own, own.c.session_id == JurySession.id)
    ordered = query.order_by(JurySession.held_on.desc(), JurySession.id).offset(
        (page - 1) * SESSIONS_PER_PAGE
    )
    return list(session.scalars(ordered.limit(SESSIONS_PER_PAGE + 1)))


def has_older_sessions(session: Session, person_id: UUID, page: int) -> bool:
    """Return whether a juror sat in sessions older than those of this page."""
    return len(_page_of_sessions(session, person_id, page)) > SESSIONS_PER_PAGE


def load_juror_home(
    session: Session, person_id: UUID, closed_since: datetime | None = None, page: int = 1
) -> tuple[HomeSession, ...]:
    """Gather one page of the sessions where a person sits, the next day first, in a constant number of
    queries.

    A dossier whose minutes were closed before `closed_since` is counted, but its candidate no longer named
    (domain §8).
    """
    seats = _load_seats(session, person_id, _page_of_sessions(session, person_id, page)[:SESSIONS_PER_PAGE])
    version = joinedload(JurySession.version)
    query = (
        select(JurySession)
        .where(JurySession.id.in_(seats))
        .options(version.defer(CertificationVersion.entry))
    )
    juries = session.scalars(query.options(version.joinedload(CertificationVersion.certification))).all()
    load_jury_rules(session, {jury.version_id for jury in juries})
    hearings = _hearings_in(session, person_id, {jury.id: jury.version for jury in juries}, closed_since)
    summons = _unanswered_summons(session, person_id, seats)
    sessions = [
        _home_session(jury, *seats[jury.id], hearings.get(jury.id, ()), summons.get(jury.id, ""))
        for jury in juries
    ]
    return tuple(sorted(sessions, key=lambda one: (one.held_on, one.id)))


def _load_seats(
    session: Session, person_id: UUID, sessions: Collection[UUID]
) -> dict[UUID, tuple[Seat, int]]:
    """Find the seat and rank of a person in each session: the one they hold now, else the one of a hearing
    closed with them.
    """
    closed = select(Hearing.session_id, HearingMember.seat, HearingMember.rank).join(
        Hearing, sat_in_closed_hearing(person_id)
    )
    now = select(JuryMember.session_id, JuryMember.seat, JuryMember.rank).where(
        JuryMember.person_id == person_id
    )
    rows = [
        *session.execute(closed.where(Hearing.session_id.in_(sessions))),
        *session.execute(now.where(JuryMember.session_id.in_(sessions))),
    ]
    return {session_id: (seat, rank) for session_id, seat, rank in rows}


def _unanswered_summons(session: Session, person_id: UUID, sessions: Collection[UUID]) -> dict[UUID, str]:
    """Find, for each session, the link of the summons that waits for the person's answer."""
    query = select(Summons).where(Summons.session_id.in_(sessions), Summons.person_id == person_id)
    waiting = query.where(
        Summons.summoned_as == SummonedAs.JUROR,
        Summons.answer.is_(None),
        Summons.method == CalendarMethod.REQUEST,
    )
    return {row.session_id: answer_token(row) for row in session.scalars(waiting)}


def _home_session(
    jury: JurySession, seat: Seat, rank: int, hearings: tuple[HomeHearing, ...], summons_token: str
) -> HomeSession:
    label = f"{jury.version.certification.code} · {jury.version.title}"
    return HomeSession(
        *(jury.id, jury.held_on, jury.place, label, seat, rank > 0, hearings),
        start_minute=jury.start_minute,
        end_minute=jury.end_minute,
        video_link=jury.video_link or "",
        day_contact=jury.day_contact or "",
        is_cancelled=jury.cancelled_at is not None,
        summons_token=summons_token,
    )


def _hearings_in(
    session: Session,
    person_id: UUID,
    versions: Mapping[UUID, CertificationVersion],
    closed_since: datetime | None,
) -> Mapping[UUID, tuple[HomeHearing, ...]]:
    query = select(Hearing).where(Hearing.session_id.in_(versions), belongs_to_jury(person_id))
    candidacy = joinedload(Hearing.submission).joinedload(Submission.candidacy)
    rows = session.scalars(query.options(candidacy.joinedload(Candidacy.candidate))).all()
    ids = [row.id for row in rows]
    found = Counter(draft.hearing_id for draft in load_readable_drafts(session, FindingDraft, ids))
    decided = Counter(draft.hearing_id for draft in load_readable_drafts(session, DecisionDraft, ids))
    numbers = block_numbers(session, [row.submission_id for row in rows])
    sittings = load_member_states_by_hearing(session, rows)
    extents = load_extents(session, rows, person_id)
    listed: dict[UUID, tuple[HomeHearing, ...]] = {}
    for row in sorted(rows, key=_passage):
        name, blocks = row.submission.candidacy.candidate_name, numbers.get(row.submission_id, ())
        over = closed_since is not None and row.closed_at is not None and row.closed_at < closed_since
        name = "" if over else name
        rule = rule_of(versions[row.session_id], row.submission.candidacy.route)
        where = _where(sittings[row.id], rule.quorum, person_id)
        told = (found[row.id], decided[row.id], over, *where, extents[row.id])
        shown = (row.submission.kind is not None, row.start_minute, row.end_minute)
        one = HomeHearing(row.id, name, blocks, row.closed_at, *told, *shown)
        listed[row.session_id] = (*listed.get(row.session_id, ()), one)
    return listed


def _passage(row: Hearing) -> tuple[bool, int, str, UUID]:
    """Return the order of passage; candidates without an hour come last, by name."""
    return (
        row.start_minute is None,
        row.start_minute or 0,
        row.submission.candidacy.candidate_name.casefold(),
        row.id,
    )


def _where(
    sitting: tuple[MemberState, ...], quorum: int | None, person_id: UUID
) -> tuple[JurorStep, bool, bool, bool]:
    """How far the person is for a candidate, whether they preside, whether all are ready, whether presence
    was checked.
    """
    seated = deliberating(sitting)
    own = next(member_state for member_state in sitting if member_state.person == person_id)
    presides = own in seated and own.member.seat is Seat.PRESIDENT
    ready = all(member_state.step is JurorStep.READY for member_state in voting(sitting, quorum))
    return own.step, presides, ready, any(member_state.present is not None for member_state in sitting)
