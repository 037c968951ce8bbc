"""A version that lets its juries deliberate without everyone: who counts, who decides, what the minutes keep."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.rules.composition import PredicateId
from portfolio.domain.jury.rules.deliberation import ClosingErrorCode, Votes
from portfolio.domain.jury.rules.enums import JuryRefusal, PresidencyVote, StatementKind
from portfolio.domain.jury_session.use_cases import closing as closing_use_cases
from portfolio.domain.notification.use_cases.document_data import find_minutes_data
from portfolio.errors import Refusal
from portfolio.screens.certifier.sessions.page_queries import load_session_page
from portfolio.wording.documents import minutes_value
from portfolio.wording.jury import closing_error_message
from tests.jury.builders import DAY, VALIDATED, Scene, check, close, decide, deliberate, say, scene

FOUR = {"quorum": 4}


def convened(db, absent: tuple[Seat, ...], **jury: object) -> Scene:
    """Everyone but the absent declares and reads; presence is checked."""
    made = scene(db, ready=False, jury=jury or FOUR)
    there = [one.id for seat, one in made.members.items() if seat not in absent]
    for person in there:
        say(db, made, person, StatementKind.NO_RELATION)
        say(db, made, person, StatementKind.READ)
    check(db, made, there)
    return made


def faults(db, made: Scene) -> list[str]:
    with db.reader() as session:
        found = closing_use_cases.preview_closing(session, made.hearing_id, DAY).faults
        return [
            closing_error_message(closing_error)
            for closing_error in found
            if closing_error.code is ClosingErrorCode.IRREGULAR
        ]


def test_with_a_quorum_a_jury_decides_without_an_absent_member(db):
    made = convened(db, (Seat.TEACHER_TRAINER,))
    deliberate(db, made)
    decide(db, made, made.blocks[0], replace(VALIDATED, votes=Votes(3, 1, None, PresidencyVote.FOR)), revision=1)
    close(db, made)
    with db.reader() as session:
        kept = session.scalars(select(Minutes)).one().composition
        printed = minutes_value(find_minutes_data(session, made.hearing_id))
    assert kept["quorum"] == 4
    assert [one["seat"] for one in kept["members"] if not one["present"]] == ["teacher_trainer"]
    assert (
        printed.quorum == "4 membres présents sur les 5 qui siègent. Le quorum est de 4 membres, présidence comprise."
    )
    assert printed.blocks[0].votes == ("Valider le bloc 1 ? 3 voix pour, 1 voix contre.",)


def test_five_votes_are_too_many_when_four_deliberate(db):
    made = convened(db, (Seat.TEACHER_TRAINER,))
    deliberate(db, made)
    decide(db, made, made.blocks[0], replace(VALIDATED, votes=Votes(4, 1, None, PresidencyVote.FOR)), revision=1)
    with db.reader() as session:
        codes = [fault.code for fault in closing_use_cases.preview_closing(session, made.hearing_id, DAY).faults]
    assert codes == [ClosingErrorCode.VOTES_TOO_MANY]


def test_below_its_quorum_a_jury_does_not_decide(db):
    made = convened(db, (Seat.TEACHER_TRAINER, Seat.PEDAGOGICAL_MANAGER))
    deliberate(db, made)
    (found,) = faults(db, made)
    assert "membres sont présents" in found
    assert "J14" not in found
    with pytest.raises(Refusal) as refused:
        close(db, made)
    assert refused.value.code is JuryRefusal.NOT_READY


def test_a_quorum_never_does_without_the_president(db):
    made = convened(db, (Seat.PRESIDENT,))
    with db.reader() as session:
        answers = {
            answer.id: answer for answer in closing_use_cases.preview_closing(session, made.hearing_id, DAY).answers
        }
    assert not answers[PredicateId.J14].holds
    assert answers[PredicateId.J14].facts["presided"] is False


def test_without_a_quorum_an_absent_member_is_waited_for(db):
    made = convened(db, (Seat.TEACHER_TRAINER,), external_min=0.4)
    with db.reader() as session:
        wrong = {
            answer.id
            for answer in closing_use_cases.preview_closing(session, made.hearing_id, DAY).answers
            if answer.prevents
        }
    assert wrong == {PredicateId.J10, PredicateId.J13, PredicateId.J14}


def test_half_of_external_members_warns_where_the_version_asks_for_it_and_nowhere_else(db):
    for jury, asked in (({"half_external": True}, True), ({"external_min": 0.4}, False)):
        made = scene(db, jury=jury) if asked else scene(db, members=(), heard=False, jury=jury)
        with db.reader() as session:
            answers = {answer.id: answer for answer in load_session_page(session, made.session_id).answers}
        assert (PredicateId.J15 in answers) is asked
        if asked:
            assert (answers[PredicateId.J15].holds, answers[PredicateId.J15].prevents) == (False, False)
            deliberate(db, made)
            close(db, made)
