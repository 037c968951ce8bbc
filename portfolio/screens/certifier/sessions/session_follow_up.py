"""The sessions that a certifier still has to follow: seats to fill, members who have not read, minutes to
close.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, selectinload

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy_listing.models import ListingCount
from portfolio.domain.candidacy_listing.rules import CALLED
from portfolio.domain.certification.use_cases.jury_rules import load_jury_rules
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.rules.member_status import JurorStep, MemberState, voting
from portfolio.domain.jury.rules.predicates import is_regular
from portfolio.domain.jury.use_cases.conflicts_of_interest import heard_candidate, load_barred_among
from portfolio.domain.jury.use_cases.declarations import load_member_states_by_hearing
from portfolio.domain.jury.use_cases.loaders import WITH_MEMBERS, rule_of, rule_of_session
from portfolio.domain.jury.use_cases.recorded_answers import answers_of, last_composition
from portfolio.domain.submission.models import Submission

# So many sessions before today, and so many to come, are followed at once.
MAX_SESSIONS = 8


@dataclass(frozen=True, slots=True)
class HearingToFollowUp:
    """A candidate not decided yet, and whether every member who deliberates has declared and read."""

    id: UUID
    candidate: str
    ready: bool


@dataclass(frozen=True, slots=True)
class SessionToFollowUp:
    """A session to come, or one whose minutes are not all closed; `empty` counts the seats that nobody
    holds.
    """

    id: UUID
    held_on: date
    regular: bool
    empty: int
    hearings: tuple[HearingToFollowUp, ...]


def list_sessions_to_follow_up(session: Session, body_id: UUID, today: date) -> tuple[SessionToFollowUp, ...]:
    """List the first sessions of a body that are not over, the oldest day first, in a constant number of
    queries.
    """
    query = (
        select(JurySession, last_composition())
        .where(
            or_(
                JurySession.id.in_([*_unclosed(session, body_id, today)]),
                JurySession.id.in_(_to_come(body_id, today)),
            ),
            JurySession.cancelled_at.is_(None),
        )
        .order_by(JurySession.held_on, JurySession.id)
    )
    candidacy = (
        selectinload(JurySession.hearings).joinedload(Hearing.submission).joinedload(Submission.candidacy)
    )
    found = session.execute(query.options(*WITH_MEMBERS, candidacy.joinedload(Candidacy.candidate))).all()
    juries = [jury for jury, _ in found]
    hearings = [hearing for jury in juries for hearing in jury.hearings]
    heard = [heard_candidate(hearing, body_id) for hearing in hearings if hearing.closed_at is None]
    barred = load_barred_among(session, heard)
    sittings = load_member_states_by_hearing(session, hearings, juries, barred)
    load_jury_rules(session, {jury.version_id for jury in juries})
    return tuple(
        _to_follow_up(jury, sittings, is_regular(answers_of(jury, composition)))
        for jury, composition in found
    )


def _unclosed(session: Session, body_id: UUID, today: date) -> Iterator[UUID]:
    """Yield the oldest sessions before today that still have candidates to decide on, from the counts of the
    lists.
    """
    before = (
        ListingCount.body_id == body_id,
        ListingCount.facet == CALLED,
        ListingCount.value < today.isoformat(),
    )
    query = (
        select(ListingCount.value)
        .where(*before, ListingCount.number > 0)
        .order_by(ListingCount.value)
        .limit(MAX_SESSIONS)
    )
    for value in session.scalars(query):
        yield UUID(value.split()[1])


def _to_come(body_id: UUID, today: date) -> Select[UUID]:
    """Select the next sessions."""
    query = select(JurySession.id).where(
        JurySession.body_id == body_id, JurySession.held_on >= today, JurySession.cancelled_at.is_(None)
    )
    return query.order_by(JurySession.held_on, JurySession.id).limit(MAX_SESSIONS)


def _to_follow_up(
    jury: JurySession, sittings: dict[UUID, tuple[MemberState, ...]], regular: bool
) -> SessionToFollowUp:
    waiting = [
        HearingToFollowUp(
            hearing.id,
            hearing.submission.candidacy.candidate_name,
            all(
                member.step is JurorStep.READY
                for member in voting(
                    sittings[hearing.id], rule_of(jury.version, hearing.submission.candidacy.route).quorum
                )
            ),
        )
        for hearing in jury.hearings
        if hearing.closed_at is None
    ]
    named = {(member.seat, member.place or 1) for member in jury.members if member.rank == 0}
    waiting.sort(key=lambda one: (one.candidate.casefold(), one.id))
    return SessionToFollowUp(
        jury.id, jury.held_on, regular, len(set(rule_of_session(jury).places) - named), tuple(waiting)
    )
