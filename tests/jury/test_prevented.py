"""Check what prevents deciding and closing: each predicate alone, votes that do not stand."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.composition import PredicateId
from portfolio.domain.jury.rules.deliberation import ClosingErrorCode, DecisionRecord, Votes
from portfolio.domain.jury.rules.enums import College, Gender, JuryRefusal, Outcome, PresidencyVote, TiesAnswer
from portfolio.domain.jury_session.use_cases import minutes, planning
from portfolio.screens.certifier.sessions import page_queries
from tests.jury import builders as stage
from tests.jury.assert_refused import FREE, READ, RECUSAL, change, irregular, refusal_of, take_away
from tests.jury.builders import (
    EMPLOYEE,
    FIVE,
    ON_THE_DAY,
    TEACHER,
    VALIDATED,
    close,
    decide,
    find,
    get_ready,
    name,
    say,
    scene,
)


def test_the_president_finds_nothing_before_having_read(db):
    made = scene(db, ready=False)
    assert refusal_of(lambda: find(db, made, made.competencies[0])).code is JuryRefusal.NOT_READ


def test_nothing_is_decided_before_every_member_has_declared_and_read(db):
    made = scene(db, ready=False)
    get_ready(db, made, [made.members[seat].id for seat in made.members if seat is not Seat.TEACHER_TRAINER])
    find(db, made, made.competencies[0])
    refused = refusal_of(lambda: decide(db, made, made.blocks[0]))
    assert (refused.code, refused.facts["who"]) == (JuryRefusal.NOT_DELIBERATING, ("Inès Faure",))


def without_appointment(db, made):
    change(db, made, Seat.PRESIDENT, appointed_on=None)


def unqualified(db, made) -> None:
    """Nobody is qualified, for a candidate on a path that D6412-6 binds."""
    with db.transaction() as session:
        session.get_one(Hearing, made.hearing_id).submission.candidacy.admissible_on = date(2024, 4, 13)
    change(db, made, Seat.PRESIDENT, is_qualified=False)


ALONE = {
    PredicateId.J3: lambda db, made: swap_colleges(db, made),
    PredicateId.J4: without_appointment,
    PredicateId.J5: lambda db, made: name(db, made, EMPLOYEE, in_activity=False, seen=1),
    PredicateId.J6: lambda db, made: change(db, made, Seat.DIRECTOR_OR_DELEGATE, is_director=False),
    PredicateId.J7: lambda db, made: name(db, made, EMPLOYEE, ties=TEACHER.ties, ties_answer=TiesAnswer.LISTED, seen=1),
    PredicateId.J9: unqualified,
    PredicateId.J10: lambda db, made: say(db, made, made.members[Seat.TEACHER_TRAINER].id, RECUSAL),
    PredicateId.J10_KNOWN: lambda db, made: becomes_advisor(db, made),
    PredicateId.J14: lambda db, made: stage.check(db, made, [member.id for member in list(made.members.values())[:4]]),
}


def swap_colleges(db, made):
    """The president speaks for nobody; the director, for employers: J8 still holds."""
    change(db, made, Seat.PRESIDENT, college=College.NONE)
    change(db, made, Seat.DIRECTOR_OR_DELEGATE, college=College.EMPLOYERS)


def becomes_advisor(db, made):
    from portfolio.domain.candidacy.models import Candidacy

    with db.transaction() as session:
        session.get_one(Candidacy, made.candidacy_id).advisor_id = made.members[Seat.TEACHER_TRAINER].id


def test_a_path_begun_before_the_article_asks_for_no_qualified_member(db):
    made = scene(db, refused=())
    change(db, made, Seat.PRESIDENT, is_qualified=False)
    stage.close(db, made)
    with db.reader() as session:
        recorded = session.scalars(select(Minutes.composition)).one()["predicates"]
    assert {record["source"]["kind"] for record in recorded if record["id"] in {"J10", "J10a"}} == {"design"}
    assert "law" not in {record["source"]["kind"] for record in recorded}
    assert "J9" not in {record["id"] for record in recorded}


@pytest.mark.parametrize("alone", ALONE)
def test_closing_is_refused_for_each_predicate_alone(db, alone):
    made = scene(db, refused=())
    ALONE[alone](db, made)
    assert irregular(db, made) == [alone]
    with db.reader() as session:
        assert session.scalar(select(func.count()).select_from(Grant)) == 0


@pytest.mark.records(
    "hearing_closed", "juror_no_relation", "juror_read", "member_named", "pool_juror_added", "presence_checked"
)
def test_closing_is_refused_for_a_dossier_unread_alone(db):
    made = scene(db, members=FIVE, refused=())
    newcomer = name(db, made, TEACHER, email="neuve@exemple.fr", name="Nadia Klein", seen=1)
    say(db, made, newcomer, FREE)
    stage.check(db, made, [*(member.id for member in made.members.values() if member.name != "Inès Faure"), newcomer])
    faults = refusal_of(lambda: close(db, made)).facts["faults"]
    irregular = [fault for fault in faults if fault.code is ClosingErrorCode.IRREGULAR]
    assert [fault.facts["predicate"] for fault in irregular] == [PredicateId.J13]
    say(db, made, newcomer, READ)
    stage.deliberate(db, made)
    close(db, made)


def test_a_seat_emptied_late_is_refused_by_the_size_and_the_seat_together(db):
    """One seat less is always one member less (J1, J2): the pure rules show each alone."""
    made = scene(db, refused=())
    take_away(db, made, Seat.TEACHER_TRAINER)
    assert irregular(db, made)[:2] == [PredicateId.J1, PredicateId.J2]


@pytest.mark.records("parity_justified")
def test_a_jury_of_men_only_is_warned_not_refused_and_the_reason_is_kept(db):
    made = scene(db, refused=())
    change(db, made, Seat.EMPLOYEE_REPRESENTATIVE, gender=Gender.MAN)
    with db.reader() as session:
        (warned,) = [
            answer for answer in page_queries.load_session_page(session, made.session_id).answers if not answer.holds
        ]
    assert (warned.id, warned.prevents) == (PredicateId.J12, False)
    with db.transaction() as session:
        planning.justify_parity(session, made.session_id, "Aucune candidate.", by=made.certifier.id, at=ON_THE_DAY)
    close(db, made)
    with db.reader() as session:
        assert minutes.load_minutes_page(session, made.hearing_id).parity_reason == "Aucune candidate."


@pytest.mark.parametrize(
    ("votes", "code"),
    [
        (Votes(2, 3, None, PresidencyVote.AGAINST), ClosingErrorCode.VOTES_CONTRADICT),
        (Votes(5, None), ClosingErrorCode.VOTES_INCOMPLETE),
        (Votes(0, 0), ClosingErrorCode.VOTES_INCOMPLETE),
        (Votes(4, 2, None, PresidencyVote.FOR), ClosingErrorCode.VOTES_TOO_MANY),
    ],
)
def test_a_count_that_does_not_stand_prevents_closing(db, votes, code):
    made = scene(db, refused=())
    decide(db, made, made.blocks[0], replace(VALIDATED, votes=votes), revision=1)
    faults = refusal_of(lambda: close(db, made)).facts["faults"]
    assert [(fault.code, fault.block) for fault in faults] == [(code, made.blocks[0].id)]


def test_a_tie_is_the_presidents_and_both_counts_are_kept(db):
    made = scene(db, refused=())
    decide(
        db,
        made,
        made.blocks[0],
        DecisionRecord(Outcome.VALIDATED, votes=Votes(2, 2, None, PresidencyVote.FOR)),
        revision=1,
    )
    close(db, made)
    with db.reader() as session:
        kept = session.scalars(select(RecordedDecision).where(RecordedDecision.block_id == made.blocks[0].id)).one()
    assert (kept.votes_for, kept.votes_against, kept.votes.tied) == (2, 2, True)
