"""The edge cases of domain §5, each as a scenario through the store: told, and recomputed without a difference."""

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import select

from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from portfolio.domain.jury.rules.enums import Attendance
from tests import factories
from tests.holdings.closings import JUNE, SEALED_AT, hearing, minutes, sealed
from tests.holdings.edges import NOVEMBER, again, bare, counted, jury, sentences
from tests.holdings.status_changes import acquire, candidacy_on, equate, grounds, second_version, standing, told


def test_two_of_three_competencies_acquired_grant_nothing_and_stay_as_a_recommendation(db, world):
    jury(db, world, wins=(1, 3, 4), loses=(2,))
    assert grounds(db, world.candidacy.id) == ["granted", "not_validated", "granted", "granted"]
    assert "gardé comme préconisation" in sentences(db, world)[1]


def test_complete_evidence_does_not_bind_the_jury_and_the_missing_competencies_are_named(db, world):
    jury(db, world, wins=(), loses=(1, 2, 3, 4))
    answers = told(db, world.candidacy.id).answers
    assert [[certified_competency.number for certified_competency in answer.missing] for answer in answers] == [
        ["1.2"],
        ["2.2"],
        ["3.2"],
        ["4.2"],
    ]
    assert counted(db) == [0, 0, 0]


@pytest.mark.parametrize("attendance", [Attendance.ABSENT, Attendance.EXCUSED])
def test_absent_or_excused_there_is_no_decision_and_no_loss(db, world, attendance):
    with db.transaction() as session:
        heard = hearing(session, sealed(session, world))
        closed = minutes(session, heard, attendance=attendance)
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
    assert grounds(db, world.candidacy.id) == [str(attendance)] * 4
    assert "Rien n’est perdu" in sentences(db, world)[0]


def test_a_second_session_has_only_the_missing_blocks_in_scope(db, world):
    jury(db, world, wins=(1, 4), loses=(2, 3))
    again(db, world)
    with db.transaction() as session:
        second = sealed(session, world, SEALED_AT + timedelta(days=150))
        scope = {block.block_id for block in second.blocks}
    assert scope == {world.version.blocks[1].id, world.version.blocks[2].id}


def test_an_unfavourable_decision_on_a_held_block_has_no_effect(db, world):
    with db.transaction() as session:
        first = hearing(session, sealed(session, world))
        other = hearing(session, bare(session, world), NOVEMBER)
        for heard, wins in ((first, world.version.blocks), (other, [])):
            refused = [] if wins else world.version.blocks
            closed = minutes(session, heard, wins, refused)
            grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
    assert grounds(db, world.candidacy.id) == ["granted"] * 4
    assert counted(db) == [4, 1, 5]


@pytest.mark.parametrize("kind", ["identical", "partial", None])
def test_blocks_of_two_versions_are_summed_only_by_an_identical_equivalence(db, world, kind):
    jury(db, world, wins=(1, 2), loses=(3, 4))
    with db.transaction() as session:
        version = second_version(session, world.version)
        other = candidacy_on(session, version, world.candidate.id)
    if kind:
        equate(db, world.version.blocks[0], version.blocks[0], kind, world.certifier.id)
    with db.reader() as session:
        held = held_blocks(session, world.candidate.id, version.id, on=None)
        first = held_blocks(session, world.candidate.id, world.version.id, on=None)
    expected = {"identical": ("granted", [1]), "partial": ("partial_equivalence", []), None: ("not_presented", [])}[
        kind
    ]
    assert (grounds(db, other.id)[0], [held_block.block_number for held_block in held.values()]) == expected
    assert grounds(db, other.id)[1] == "not_presented", "the same title without a row does not count"
    if kind == "identical":
        assert next(iter(held.values())).number == next(iter(first.values())).number


def test_the_whole_of_a_version_completed_by_an_equivalence_is_recorded_once_and_is_of_that_version_only(db, world):
    jury(db, world, wins=(1,), loses=(2, 3, 4))
    with db.transaction() as session:
        version = second_version(session, world.version)
        other = candidacy_on(session, version, world.candidate.id)
    for block in version.blocks[1:]:
        acquire(db, other.id, block, world.certifier.id)
    assert counted(db) == [4, 0, 4]
    equate(db, world.version.blocks[0], version.blocks[0], "identical", world.certifier.id)
    assert (told(db, other.id).whole.obtained, told(db, world.candidacy.id).whole.obtained) == (True, False)
    assert counted(db) == [4, 1, 5]


def test_a_block_granted_twice_keeps_its_earliest_date_and_the_second_is_logged(db, world):
    with db.transaction() as session:
        first, other = (hearing(session, sealed(session, world)), hearing(session, bare(session, world), NOVEMBER))
        for heard in (first, other):
            closed = minutes(session, heard, world.version.blocks[:1])
            grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
    with db.reader() as session:
        assert session.scalar(select(AuditEvent).where(AuditEvent.action == "block_granted_again")) is not None
    assert told(db, world.candidacy.id).answers[0].act.on == JUNE
    assert counted(db)[0] == 1


@pytest.mark.records("block_granted_again")
def test_when_the_earlier_session_is_closed_last_its_date_stands_and_the_other_certificate_is_replaced(db, world):
    with db.transaction() as session:
        first, other = (hearing(session, sealed(session, world)), hearing(session, bare(session, world), NOVEMBER))
        for heard in (other, first):
            closed = minutes(session, heard, world.version.blocks[:1])
            grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
        rows = session.scalars(select(Grant).order_by(Grant.serial)).all()
    assert [row.granted_on for row in rows] == [NOVEMBER, JUNE]
    assert [standing(db, row).status for row in rows] == [GrantStatus.REPLACED, GrantStatus.HELD]
    assert told(db, world.candidacy.id).answers[0].act.on == JUNE


def test_a_provisional_result_never_grants(db, world):
    with db.transaction() as session:
        hearing(session, sealed(session, world))
    assert grounds(db, world.candidacy.id) == ["awaiting_jury"] * 4


def test_the_fourth_block_by_two_juries_on_one_day_makes_one_whole(db, world):
    for block in world.version.blocks[:3]:
        acquire(db, world.candidacy.id, block, world.certifier.id)
    with db.transaction() as session:
        closings = []
        for heard in (hearing(session, bare(session, world)), hearing(session, bare(session, world))):
            closings.append(minutes(session, heard, world.version.blocks[3:]).id)

    def close(minutes_id: object) -> None:
        with db.transaction() as session:
            grant_from_minutes(session, minutes_id, by=world.certifier.id, at=factories.AT)

    threads = [Thread(target=close, args=(closing,)) for closing in closings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (counted(db)[1], told(db, world.candidacy.id).whole.on) == (1, JUNE)
