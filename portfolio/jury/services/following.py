"""The sessions that a certifier still has to follow: seats to fill, members who have not read, minutes to close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, selectinload

from portfolio.candidacy.models import Candidacy
from portfolio.certification.services import load_jury_rules
from portfolio.jury.models import Hearing, JurySession
from portfolio.jury.rules import JurorStep, SittingMember, is_regular, voting
from portfolio.jury.services.loading import WITH_MEMBERS, rule_of, rule_of_session
from portfolio.jury.services.recorded import answers_by_session
from portfolio.jury.services.sitting import sittings_of
from portfolio.submission.models import Submission


@dataclass(frozen=True, slots=True)
class FollowedHearing:
    """A candidate not decided yet, and whether every member who deliberates has declared and read."""

    id: UUID
    candidate: str
    ready: bool


@dataclass(frozen=True, slots=True)
class FollowedSession:
    """A session to come, or one whose minutes are not all closed; `empty` counts the seats that nobody holds."""

    id: UUID
    held_on: date
    regular: bool
    empty: int
    hearings: tuple[FollowedHearing, ...]


def followed_sessions(session: Session, body_id: UUID, today: date) -> tuple[FollowedSession, ...]:
    """List the sessions of a body that are not over, the next day first, in a constant number of queries."""
    unclosed = exists().where(Hearing.session_id == JurySession.id, Hearing.closed_at.is_(None))
    query = (
        select(JurySession)
        .where(JurySession.body_id == body_id, or_(JurySession.held_on >= today, unclosed))
        .order_by(JurySession.held_on, JurySession.id)
    )
    heard = selectinload(JurySession.hearings).joinedload(Hearing.submission).joinedload(Submission.candidacy)
    found = session.scalars(query.options(*WITH_MEMBERS, heard.joinedload(Candidacy.candidate))).all()
    sittings = sittings_of(session, [hearing for jury in found for hearing in jury.hearings]) if found else {}
    load_jury_rules(session, {jury.version_id for jury in found})
    answers = answers_by_session(session, found)
    return tuple(_followed(jury, sittings, is_regular(answers[jury.id])) for jury in found)


def _followed(jury: JurySession, sittings: dict[UUID, tuple[SittingMember, ...]], regular: bool) -> FollowedSession:
    waiting = [
        FollowedHearing(
            one.id,
            one.submission.candidacy.candidate_name,
            all(
                member.step is JurorStep.READY
                for member in voting(sittings[one.id], rule_of(jury.version, one.submission.candidacy.route).quorum)
            ),
        )
        for one in jury.hearings
        if one.closed_at is None
    ]
    named = {(member.seat, member.place or 1) for member in jury.members if member.rank == 0}
    waiting.sort(key=lambda one: (one.candidate.casefold(), one.id))
    return FollowedSession(jury.id, jury.held_on, regular, len(set(rule_of_session(jury).places) - named), tuple(waiting))
