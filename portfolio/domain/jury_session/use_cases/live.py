"""The state of a deliberation, read again and again by the screens of the jury."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.domain.jury.models.deliberation import (
    Adjournment,
    Ballot,
    InterviewEntry,
    MemberVote,
    OpinionsGiven,
    OpinionsOpened,
)
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing, JuryMember
from portfolio.domain.jury.models.statements import MemberAttendance, Statement
from portfolio.domain.jury.rules.member_status import MemberState, voters_now
from portfolio.domain.jury.rules.opinions import BallotState, ComparedOpinions
from portfolio.domain.jury_session.use_cases.deliberation import compared_opinions, find_opened, members_who_gave
from portfolio.domain.jury_session.use_cases.exclusions import is_barred
from portfolio.domain.jury_session.use_cases.hearing_page import HearingPageData, hearing_page_data
from portfolio.domain.jury_session.use_cases.hearing_state import load_hearing_state
from portfolio.domain.jury_session.use_cases.loaders import find_adjournment, rule_of_hearing


@dataclass(frozen=True)
class LiveState:
    """State of the deliberation that every member of the jury sees at one moment; opinions only once they are open."""

    page: HearingPageData
    voters: frozenset[UUID]
    gave_opinions: frozenset[UUID]
    opinions_are_open: bool
    opinions: tuple[ComparedOpinions, ...]
    ballots: Mapping[UUID, BallotState]
    adjournment: Adjournment | None

    @property
    def adjournment_reason(self) -> str:
        """Return why the deliberation was adjourned; nothing of a president recused or barred since."""
        if self.adjournment is None:
            return ""
        excluded = {member_state.person for member_state in self.page.sitting if member_state.is_excluded}
        return "" if self.adjournment.adjourned_by in excluded else self.adjournment.reason

    @property
    def awaited(self) -> tuple[MemberState, ...]:
        """Return the members who vote and have not given their opinions."""
        return tuple(
            member_state
            for member_state in self.page.sitting
            if member_state.person in self.voters - self.gave_opinions
        )

    @property
    def irregular(self) -> bool:
        """Return whether a predicate forbids the jury to decide now."""
        return any(answer.prevents for answer in self.page.answers)


def load_live_state(session: Session, hearing_id: UUID, *, with_drafts: bool = True, shared: bool = False) -> LiveState:
    """Read the deliberation of a hearing, in a constant number of queries.

    `shared`: for a screen that every member sees, with drafts only once the opinions are open.
    """
    state = load_hearing_state(session, hearing_id)
    hearing, sitting = state.hearing, state.sitting
    is_open = find_opened(session, hearing_id) is not None
    is_for_all = is_open or hearing.closed_at is not None
    return LiveState(
        hearing_page_data(state, with_drafts=is_for_all if shared else with_drafts),
        voters_now(sitting, rule_of_hearing(hearing).quorum),
        members_who_gave(session, hearing_id),
        is_open,
        compared_opinions(session, hearing, sitting),
        state.value.ballots,
        find_adjournment(session, hearing_id),
    )


def live_fingerprint(session: Session, hearing_id: UUID, *, with_drafts: bool = True) -> str:
    """Return a digest that changes when what a member sees changes, and never with an opinion, a vote or a
    draft that is hidden.

    Small aggregates only: screens ask for it every other second.
    """
    parts: list[object] = [
        session.execute(select(Hearing.attendance, Hearing.closed_at).where(Hearing.id == hearing_id)).one()
    ]
    drafts = (FindingDraft, DecisionDraft) if with_drafts else ()
    for table in (*drafts, InterviewEntry):
        totals = select(func.count(), func.sum(table.revision)).where(table.hearing_id == hearing_id)
        parts.append(session.execute(totals).one())
    parts.append(_rows(session.execute(select(OpinionsGiven.person_id).where(OpinionsGiven.hearing_id == hearing_id))))
    parts.append(session.scalar(select(OpinionsOpened.id).where(OpinionsOpened.hearing_id == hearing_id)))
    presence = select(MemberAttendance.person_id, MemberAttendance.present).where(
        MemberAttendance.hearing_id == hearing_id
    )
    parts.append(_rows(session.execute(presence)))
    parts.append(session.scalar(select(func.count()).select_from(Statement).where(Statement.hearing_id == hearing_id)))
    stops = select(Adjournment.id, Adjournment.resumed_at).where(Adjournment.hearing_id == hearing_id)
    parts.append(_rows(session.execute(stops)))
    ballots = (
        select(Ballot.id, Ballot.closed_at, MemberVote.person_id)
        .outerjoin(MemberVote, MemberVote.ballot_id == Ballot.id)
        .where(Ballot.hearing_id == hearing_id)
    )
    parts.append(_rows(session.execute(ballots)))
    barred = select(JuryMember.person_id).join(Hearing, Hearing.session_id == JuryMember.session_id)
    parts.append(_rows(session.execute(barred.where(Hearing.id == hearing_id, is_barred(JuryMember.person_id)))))
    members = select(func.count(), func.sum(JuryMember.revision)).join(
        Hearing, Hearing.session_id == JuryMember.session_id
    )
    parts.append(session.execute(members.where(Hearing.id == hearing_id)).one())
    return hashlib.sha256(repr([str(part) for part in parts]).encode()).hexdigest()[:32]


def _rows(result: Iterable[object]) -> list[str]:
    return sorted(str(row) for row in result)
