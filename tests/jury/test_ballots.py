"""The votes of a jury: each member present once, the president's own vote decides a tie and counts once (J11)."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.certification.models import Block
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.jury.models.deliberation import MemberVote, Minutes, RecordedDecision
from portfolio.domain.jury.models.sessions import DecisionDraft
from portfolio.domain.jury.rules.deliberation import ClosingErrorCode, Votes
from portfolio.domain.jury.rules.enums import JuryRefusal, Outcome, StatementKind
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury.rules.opinions import VoteChoice, is_complete, outcome_of, tally
from portfolio.domain.jury_session.use_cases import ballots
from portfolio.domain.jury_session.use_cases.closing import preview_closing
from portfolio.domain.jury_session.use_cases.declarations import record_statement
from portfolio.domain.jury_session.use_cases.hearing_page import load_hearing_page
from portfolio.domain.jury_session.use_cases.hearing_state import load_hearing_state
from portfolio.domain.jury_session.use_cases.suspension import adjourn, resume
from portfolio.errors import Refusal
from tests.jury.builders import (
    DAY,
    FIVE,
    NOT_VALIDATED,
    ON_THE_DAY,
    SUBSTITUTE,
    VALIDATED,
    Scene,
    check,
    close,
    decide,
    find,
    get_ready,
    scene,
)

FOR, AGAINST, ABSTAIN = VoteChoice
PEOPLE = [UUID(int=number) for number in range(1, 7)]
CHOICES = (None, *VoteChoice)
VOTES = (
    st.integers(0, 4**6 - 1)
    .map(lambda seed: {one: CHOICES[seed >> 2 * n & 3] for n, one in enumerate(PEOPLE)})
    .map(lambda votes: {person: choice for person, choice in votes.items() if choice is not None})
)
VOTERS = st.integers(0, 2**6 - 1).map(lambda seed: frozenset(one for n, one in enumerate(PEOPLE) if seed >> n & 1))


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
    else:
        decided = president in voters and votes.get(president) is FOR
        assert decided is (outcome is Outcome.VALIDATED)
    without = outcome_of(votes, voters, president, casting_vote=False)
    assert (without is Outcome.VALIDATED) is (counts.in_favour > counts.against)


@pytest.fixture
def made(db: Database) -> Scene:
    made = scene(db)
    for competency in made.blocks[0].competencies:
        find(db, made, competency)
    return made


def opened(db: Database, made: Scene) -> UUID:
    with db.transaction() as session:
        return ballots.open_ballot(session, made.hearing_id, made.blocks[0].id, by=made.president.id, at=ON_THE_DAY).id


def vote(db: Database, made: Scene, ballot: UUID, seat: Seat, choice: VoteChoice) -> bool:
    with db.transaction() as session:
        by = made.members[seat].id
        return ballots.cast_vote(session, made.hearing_id, ballot, choice, by=by, at=ON_THE_DAY)


def vote_all(db: Database, made: Scene, ballot: UUID, *choices: VoteChoice) -> list[bool]:
    return [vote(db, made, ballot, seat, choice) for seat, choice in zip(made.members, choices, strict=False)]


@pytest.mark.records("ballot_closed", "ballot_opened", "decision_recorded", "finding_recorded", "vote_cast")
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
    assert refused.value.code is JuryRefusal.BALLOT_DECIDES
    decide(db, made, made.blocks[0], VALIDATED)


def test_a_ballot_is_void_once_a_member_who_voted_in_it_recuses(db: Database, made: Scene):
    ballot = opened(db, made)
    vote_all(db, made, ballot, FOR, FOR, AGAINST, AGAINST, AGAINST)
    manager = made.members[Seat.PEDAGOGICAL_MANAGER].id
    with db.transaction() as session:
        recusal = MemberDeclarations(manager, StatementKind.RECUSAL)
        record_statement(session, made.hearing_id, recusal, by=manager, at=ON_THE_DAY)
    with db.reader() as session:
        state = load_hearing_state(session, made.hearing_id).value
        assert not state.ballots[made.blocks[0].id].stands
        assert state.decision_on(made.blocks[0].id) is None
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


# -- the last closed ballot decides, in whatever order the presidency wrote --

REASONED = replace(NOT_VALIDATED, override_reason="Le jury n’a pas été convaincu à l’entretien.")


def all_decided(db: Database) -> Scene:
    """Everything found acquired and every block noted « validated » before any vote."""
    return scene(db, refused=())


def faults(db: Database, made: Scene) -> set[ClosingErrorCode]:
    with db.reader() as session:
        return {fault.code for fault in preview_closing(session, made.hearing_id, DAY).faults}


def granted_blocks(db: Database) -> list[int]:
    with db.reader() as session:
        return sorted(session.scalars(select(Block.number).join(Grant, Grant.block_id == Block.id)))


def recorded_ballots(db: Database) -> list[dict[str, object]]:
    with db.reader() as session:
        return session.scalars(select(Minutes)).one().composition["course"]["ballots"]


@pytest.mark.parametrize(
    "votes",
    [(FOR, AGAINST, AGAINST, AGAINST, AGAINST), (AGAINST, FOR, FOR, AGAINST, ABSTAIN)],
    ids=["one to four", "tie with the presidency against"],
)
def test_a_vote_replaces_the_decision_noted_before_it(db: Database, votes: tuple[VoteChoice, ...]):
    made = all_decided(db)
    vote_all(db, made, opened(db, made), *votes)
    with db.reader() as session:
        page = load_hearing_page(session, made.hearing_id)
        block = page.block(made.blocks[0].id)
        assert block.decision.outcome is Outcome.NOT_VALIDATED
        assert block.is_superseded
        preview = preview_closing(session, made.hearing_id, DAY)
        assert [answer.granted for answer in preview.grants.answers] == [False, True, True, True]
        assert not preview.grants.whole.obtained
    with pytest.raises(Refusal) as refused:
        close(db, made)
    assert refused.value.code is JuryRefusal.NOT_READY
    decide(db, made, made.blocks[0], REASONED, revision=1)
    close(db, made)
    assert granted_blocks(db) == [2, 3, 4]
    (record,) = recorded_ballots(db)
    assert (record["block"], record["round"], record["outcome"]) == (1, 1, "not_validated")


def test_a_vote_that_validates_drops_the_reasons_of_the_refusal_noted_before_it(db: Database):
    made = scene(db, refused=(1,))
    find(db, made, made.blocks[0].competencies[-1], revision=1)
    vote_all(db, made, opened(db, made), FOR, FOR, FOR, FOR, AGAINST)
    close(db, made)
    assert granted_blocks(db) == [1, 2, 3, 4]
    with db.reader() as session:
        decision = next(row for row in session.scalars(select(RecordedDecision)) if row.block_id == made.blocks[0].id)
        assert (decision.outcome, decision.reason, decision.recommendation) == (Outcome.VALIDATED, "", "")
        assert (decision.votes_for, decision.votes_against, decision.votes_abstained) == (4, 1, 0)


def test_the_last_of_two_ballots_decides_and_both_are_in_the_minutes(db: Database):
    made = all_decided(db)
    vote_all(db, made, opened(db, made), FOR, AGAINST, AGAINST, AGAINST, AGAINST)
    vote_all(db, made, opened(db, made), FOR, FOR, FOR, AGAINST, AGAINST)
    close(db, made)
    assert granted_blocks(db) == [1, 2, 3, 4]
    assert [(one["round"], one["outcome"]) for one in recorded_ballots(db)] == [(1, "not_validated"), (2, "validated")]


def test_an_open_vote_holds_the_closing_up(db: Database):
    made = all_decided(db)
    ballot = opened(db, made)
    assert faults(db, made) == {ClosingErrorCode.BALLOT_OPEN}
    with pytest.raises(Refusal) as refused:
        close(db, made)
    assert refused.value.code is JuryRefusal.NOT_READY
    vote_all(db, made, ballot, FOR, FOR, FOR, FOR, FOR)
    close(db, made)


def test_a_decision_noted_after_the_vote_says_what_the_vote_gave(db: Database, made: Scene):
    vote_all(db, made, opened(db, made), FOR, AGAINST, AGAINST, AGAINST, FOR)
    with pytest.raises(Refusal) as refused:
        decide(db, made, made.blocks[0], VALIDATED)
    assert refused.value.code is JuryRefusal.BALLOT_DECIDES
    decide(db, made, made.blocks[0], REASONED)


def test_a_vote_against_what_the_findings_make_asks_why(db: Database):
    made = all_decided(db)
    vote_all(db, made, opened(db, made), FOR, AGAINST, AGAINST, AGAINST, AGAINST)
    decide(db, made, made.blocks[0], NOT_VALIDATED, revision=1)
    assert faults(db, made) == {ClosingErrorCode.OVERRIDE_REASON_MISSING}


def test_a_tie_without_the_presidencys_vote_validates_nothing_and_can_be_closed(db: Database):
    made = all_decided(db)
    vote_all(db, made, opened(db, made), ABSTAIN, FOR, FOR, AGAINST, AGAINST)
    decide(db, made, made.blocks[0], REASONED, revision=1)
    close(db, made)
    assert granted_blocks(db) == [2, 3, 4]
    assert recorded_ballots(db)[0]["tie_break"] == "abstention"


def test_a_vote_in_which_everybody_abstains_validates_nothing_and_can_be_closed(db: Database):
    made = all_decided(db)
    vote_all(db, made, opened(db, made), *[ABSTAIN] * 5)
    decide(db, made, made.blocks[0], REASONED, revision=1)
    close(db, made)
    assert granted_blocks(db) == [2, 3, 4]


@pytest.mark.parametrize("choices", [(FOR, AGAINST), (AGAINST, FOR)])
def test_a_jury_of_two_without_casting_vote_closes_on_one_to_one(db: Database, choices: tuple[VoteChoice, ...]):
    rule = {"size": 2, "seats": ["president", "employee_representative"], "casting_vote": False}
    made = scene(db, members=FIVE[:2], refused=(), jury=rule)
    vote_all(db, made, opened(db, made), *choices)
    with pytest.raises(Refusal) as refused:
        decide(db, made, made.blocks[0], VALIDATED, revision=1)
    assert refused.value.code is JuryRefusal.BALLOT_DECIDES
    decide(db, made, made.blocks[0], REASONED, revision=1)
    close(db, made)
    assert granted_blocks(db) == [2, 3, 4]
    assert recorded_ballots(db)[0]["tie_break"] == "no_casting_vote"


def test_a_jury_that_is_no_longer_the_one_that_voted_votes_again(db: Database):
    made = scene(db, members=(*FIVE, SUBSTITUTE), refused=())
    vote_all(db, made, opened(db, made), FOR, FOR, FOR, AGAINST, AGAINST)
    substitute = made.members.pop(Seat.TEACHER_TRAINER).id
    with db.transaction() as session:
        holder = session.scalars(select(Person).where(Person.email == FIVE[3].email)).one()
        recusal = MemberDeclarations(substitute, StatementKind.RECUSAL)
        record_statement(session, made.hearing_id, recusal, by=substitute, at=ON_THE_DAY)
        session.expunge(holder)
    made.members[Seat.TEACHER_TRAINER] = holder
    get_ready(db, made)
    assert faults(db, made) == {ClosingErrorCode.BALLOT_VOID, ClosingErrorCode.TO_CONFIRM}
    with pytest.raises(Refusal) as refused:
        close(db, made)
    assert refused.value.code is JuryRefusal.NOT_READY
    vote_all(db, made, opened(db, made), *[FOR] * 5)
    assert faults(db, made) == {ClosingErrorCode.TO_CONFIRM}
    for competency in made.competencies:
        find(db, made, competency, revision=1)
    with db.reader() as session:
        revisions = {draft.block_id: draft.revision for draft in session.scalars(select(DecisionDraft))}
    for block in made.blocks:
        decide(db, made, block, revision=revisions[block.id])
    close(db, made)
    assert granted_blocks(db) == [1, 2, 3, 4]


def test_a_vote_stands_after_a_suspension_when_the_same_members_resume(db: Database):
    made = all_decided(db)
    vote_all(db, made, opened(db, made), FOR, AGAINST, AGAINST, AGAINST, AGAINST)
    everybody = [member.id for member in made.members.values()]
    with db.transaction() as session:
        adjourn(session, made.hearing_id, "Panne.", None, by=made.president.id, at=ON_THE_DAY)
    with db.transaction() as session:
        resume(session, made.hearing_id, everybody, by=made.president.id, at=ON_THE_DAY)
    assert ClosingErrorCode.BALLOT_VOID not in faults(db, made)
    assert ClosingErrorCode.REFUSAL_REASON_MISSING in faults(db, made)


def test_a_member_who_voted_and_left_before_the_end_is_not_counted(db: Database):
    rule = {"quorum": 4}
    made = scene(db, refused=(), jury=rule)
    ballot = opened(db, made)
    vote(db, made, ballot, Seat.TEACHER_TRAINER, AGAINST)
    there = [one.id for seat, one in made.members.items() if seat is not Seat.TEACHER_TRAINER]
    check(db, made, there)
    with db.transaction() as session:
        ballots.close_ballot(session, made.hearing_id, ballot, by=made.president.id, at=ON_THE_DAY)
    with db.reader() as session:
        state = load_hearing_state(session, made.hearing_id).value.ballots[made.blocks[0].id]
        assert state.result.votes == Votes(0, 0, 4)
        assert state.stands
