"""The votes of a jury: each member present once, the president's own vote decides a tie and counts once
(J11).
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.deliberation import MemberVote
from portfolio.domain.jury.models.sessions import DecisionDraft
from portfolio.domain.jury.rules.ballots import VoteChoice, is_complete, outcome_of, tally
from portfolio.domain.jury.rules.enums import Outcome, StatementKind
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury.rules.refusals import JuryRefusal
from portfolio.domain.jury.use_cases import ballots
from portfolio.domain.jury.use_cases.declarations import record_statement
from portfolio.errors import Refusal
from tests.jury.builders import NOT_VALIDATED, ON_THE_DAY, VALIDATED, Scene, check, decide, find, scene

FOR, AGAINST, ABSTAIN = VoteChoice
PEOPLE = [UUID(int=number) for number in range(1, 7)]
CHOICES = (None, *VoteChoice)
VOTES = (
    st.integers(0, 4**6 - 1)
    .map(lambda seed: {one: CHOICES[seed >> 2 * n & 3] for n, one in enumerate(PEOPLE)})
    .map(lambda votes: {person: choice for person, choice in votes.items() if choice is not None})
)
VOTERS = st.integers(0, 2**6 - 1).map(
    lambda seed: frozenset(one for n, one in enumerate(PEOPLE) if seed >> n & 1)
)


@given(VOTES, VOTERS)
def test_every_voter_counts_once_and_nobody_else_does(votes, voters):
    counts = tally(votes, voters)
    assert counts.total + counts.abstained == len(voters)
    assert counts == tally({person: choice for person, choice in votes.items() if person in voters}, voters)
    assert is_complete(votes, voters) is (bool(voters) and voters <= votes.keys())


@given(VOTES, VOTERS, st.sampled_from(PEOPLE))
def test_the_president_decides_a_tie_and_only_a_tie(votes, voters, president):
    counts, outcome = tally(votes, voters), outcome_of(votes, voters, president)
    if counts.in_favour > counts.against:
        assert outcome is Outcome.VALIDATED
    elif counts.in_favour < counts.against:
        assert outcome is Outcome.NOT_VALIDATED
    elif outcome is not None:
        assert president in voters
        assert (votes[president] is FOR) is (outcome is Outcome.VALIDATED)
    assert (
        outcome_of(votes, voters, president, casting_vote=False) is not Outcome.VALIDATED
        or counts.in_favour > counts.against
    )


@pytest.fixture
def made(db: Database) -> Scene:
    made = scene(db)
    for competency in made.blocks[0].competencies:
        find(db, made, competency)
    return made


def opened(db: Database, made: Scene) -> UUID:
    with db.transaction() as session:
        return ballots.open_ballot(
            session, made.hearing_id, made.blocks[0].id, by=made.president.id, at=ON_THE_DAY
        ).id


def vote(db: Database, made: Scene, ballot: UUID, seat: Seat, choice: VoteChoice) -> bool:
    with db.transaction() as session:
        by = made.members[seat].id
        return ballots.cast_vote(session, made.hearing_id, ballot, choice, by=by, at=ON_THE_DAY)


def vote_all(db: Database, made: Scene, ballot: UUID, *choices: VoteChoice) -> list[bool]:
    return [vote(db, made, ballot, seat, choice) for seat, choice in zip(made.members, choices, strict=False)]


def test_the_last_vote_closes_the_ballot_and_the_counts_go_to_the_decision(db: Database, made: Scene):
    ballot = opened(db, made)
    with pytest.raises(Refusal) as refused:
        decide(db, made, made.blocks[0])
    assert refused.value.code is JuryRefusal.BALLOT_OPEN
    assert vote_all(db, made, ballot, FOR, FOR, AGAINST, ABSTAIN, FOR) == [False] * 4 + [True]
    with pytest.raises(Refusal) as late:
        vote(db, made, ballot, Seat.PRESIDENT, AGAINST)
    assert late.value.code is JuryRefusal.BALLOT_CLOSED
    decide(db, made, made.blocks[0])
    with db.reader() as session:
        draft = session.query(DecisionDraft).one()
        assert (draft.votes_for, draft.votes_against, draft.votes_abstained) == (3, 1, 1)


def test_a_vote_changed_before_the_end_counts_once(db: Database, made: Scene):
    ballot = opened(db, made)
    vote(db, made, ballot, Seat.PRESIDENT, FOR)
    vote(db, made, ballot, Seat.PRESIDENT, AGAINST)
    with db.reader() as session:
        assert session.query(MemberVote).one().choice is AGAINST


def test_on_a_tie_the_decision_is_the_one_the_president_voted_for(db: Database, made: Scene):
    ballot = opened(db, made)
    vote_all(db, made, ballot, FOR, AGAINST, FOR, AGAINST, ABSTAIN)
    with pytest.raises(Refusal) as refused:
        decide(db, made, made.blocks[0], NOT_VALIDATED)
    assert refused.value.code is JuryRefusal.CASTING_VOTE
    decide(db, made, made.blocks[0], VALIDATED)


def test_the_vote_of_a_member_who_recuses_afterwards_no_longer_counts(db: Database, made: Scene):
    ballot = opened(db, made)
    vote_all(db, made, ballot, FOR, FOR, AGAINST, AGAINST, AGAINST)
    manager = made.members[Seat.PEDAGOGICAL_MANAGER].id
    with db.transaction() as session:
        recusal = MemberDeclarations(manager, StatementKind.RECUSAL)
        record_statement(session, made.hearing_id, recusal, by=manager, at=ON_THE_DAY)
        state = ballots.load_ballots(session, session.get_one(ballots.Hearing, made.hearing_id), ())
        assert state[made.blocks[0].id].is_open is False
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        ballots.open_ballot(session, made.hearing_id, made.blocks[0].id, by=made.president.id, at=ON_THE_DAY)
    assert refused.value.code is JuryRefusal.IRREGULAR_NOW


def test_no_vote_is_opened_while_a_member_is_missing(db: Database, made: Scene):
    there = [one.id for seat, one in made.members.items() if seat is not Seat.TEACHER_TRAINER]
    check(db, made, there)
    with pytest.raises(Refusal) as refused:
        opened(db, made)
    assert refused.value.code is JuryRefusal.IRREGULAR_NOW
    check(db, made, [member.id for member in made.members.values()])
    assert opened(db, made) == opened(db, made)


def test_only_the_president_opens_and_closes_a_vote(db: Database, made: Scene):
    juror, ballot = made.members[Seat.TEACHER_TRAINER].id, opened(db, made)
    with pytest.raises(Refusal) as opening, db.transaction() as session:
        ballots.open_ballot(session, made.hearing_id, made.blocks[0].id, by=juror, at=ON_THE_DAY)
    with pytest.raises(Refusal) as closing, db.transaction() as session:
        ballots.close_ballot(session, made.hearing_id, ballot, by=juror, at=ON_THE_DAY)
    assert {opening.value.code, closing.value.code} == {JuryRefusal.NOT_PRESIDENT}


def test_a_record_without_a_ballot_keeps_its_own_counts(db: Database, made: Scene):
    decide(db, made, made.blocks[0], replace(VALIDATED, reason="À main levée."))
    with db.reader() as session:
        assert session.query(DecisionDraft).one().votes_for is None
