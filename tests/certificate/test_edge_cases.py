"""The edge cases of domain §5, each by its name, through the real services; each time, what is stored is what the facts give."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select

from portfolio.candidacy.rules import Opening, Regime, Route, Scope, Someone
from portfolio.candidacy.services import open_candidacy
from portfolio.certificate.models import Award, Certificate, Grant
from portfolio.certificate.rules import CertificateRefusal, GrantStatus, Label, LaterKind
from portfolio.certificate.services import equivalences_page, grant_from_minutes, held_blocks, outcomes_of, public_certificate
from portfolio.certificate.wording import explanation_as_json, outcome_words
from portfolio.db import Database
from portfolio.journal.models import JournalLine
from portfolio.jury.rules import Attendance, day_of
from portfolio.refusal import Refusal
from portfolio.submission.services import reopen
from tests import factories
from tests.certificate.closings import JUNE, SEALED_AT, hearing, minutes, sealed
from tests.certificate.later import LATER, acquire, candidacy_on, equate, grant_of, grounds, later, second_version, standing, told

NOVEMBER = date(2026, 11, 5)
SUSPENSION, CONFIRMATION = LaterKind.SUSPENSION, LaterKind.CONFIRMATION
ANNULMENT, WITHDRAWAL = LaterKind.ANNULMENT, LaterKind.WITHDRAWAL


@pytest.fixture
def world(db: Database) -> factories.World:
    """A candidate with a complete draft."""
    with db.transaction() as session:
        return factories.world(session)


def jury(db: Database, world: factories.World, wins: tuple, loses: tuple = (), on: date = JUNE, **more: object) -> object:
    """Submit, be heard, close, grant."""
    with db.transaction() as session:
        blocks = world.version.blocks
        at = SEALED_AT if on == JUNE else SEALED_AT + timedelta(days=150)
        heard = hearing(session, sealed(session, world, at), on)
        closed = minutes(session, heard, [blocks[n - 1] for n in wins], [blocks[n - 1] for n in loses], **more)
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
        return closed


def again(db: Database, world: factories.World) -> None:
    with db.transaction() as session:
        reopen(session, world.candidacy.id, by=world.candidate.id, at=factories.AT)


def counted(db: Database) -> list[int]:
    with db.reader() as session:
        return [session.scalar(select(func.count()).select_from(kind)) for kind in (Grant, Award, Certificate)]


def last_grant(db: Database, world: factories.World, number: int) -> Grant:
    with db.reader() as session:
        return grant_of(session, world.candidate.id, world.version.blocks[number - 1])


def act(db: Database, world: factories.World, kind: LaterKind, number: int, **more: object) -> object:
    return later(db, kind, world.candidate.id, world.version.blocks[number - 1], world.certifier.id, **more)


def sentences(db: Database, world: factories.World) -> list[str]:
    return [one["sentence"] for one in explanation_as_json(told(db, world.candidacy.id))["blocks"]]


def test_two_of_three_competencies_acquired_grant_nothing_and_stay_as_a_recommendation(db, world):
    jury(db, world, wins=(1, 3, 4), loses=(2,))
    assert grounds(db, world.candidacy.id) == ["granted", "not_validated", "granted", "granted"]
    assert "gardé comme recommandation" in sentences(db, world)[1]


def test_complete_evidence_does_not_bind_the_jury_and_the_missing_competencies_are_named(db, world):
    jury(db, world, wins=(), loses=(1, 2, 3, 4))
    answers = told(db, world.candidacy.id).answers
    assert [[one.number for one in answer.missing] for answer in answers] == [["1.2"], ["2.2"], ["3.2"], ["4.2"]]
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
        scope = {one.block_id for one in second.blocks}
    assert scope == {world.version.blocks[1].id, world.version.blocks[2].id}


def test_an_unfavourable_decision_on_a_held_block_has_no_effect(db, world):
    with db.transaction() as session:
        first = hearing(session, sealed(session, world))
        other = hearing(session, _bare(session, world), NOVEMBER)
        for heard, wins in ((first, world.version.blocks), (other, [])):
            refused = [] if wins else world.version.blocks
            closed = minutes(session, heard, wins, refused)
            grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
    assert grounds(db, world.candidacy.id) == ["granted"] * 4
    assert counted(db) == [4, 1, 5]


def _bare(session, world):
    """A second sealed dossier of the same blocks, as another candidacy of the person would have."""
    from portfolio.submission.models import Submission, SubmittedBlock

    candidacy = candidacy_on(session, world.version, world.candidate.id)
    found = Submission(candidacy=candidacy, number=1, submitted_at=SEALED_AT, manifest=b"[]", root="00" * 32)
    session.add(found)
    session.flush()
    session.add_all(SubmittedBlock(submission_id=found.id, block_id=block.id) for block in world.version.blocks)
    session.flush()
    return found


@pytest.mark.parametrize("kind", ["identical", "partial", None])
def test_blocks_of_two_versions_are_summed_only_by_an_identical_equivalence(db, world, kind):
    jury(db, world, wins=(1, 2), loses=(3, 4))
    with db.transaction() as session:
        version = second_version(session, world.version)
        other = candidacy_on(session, version, world.candidate.id)
    if kind:
        equate(db, world.version.blocks[0], version.blocks[0], kind, world.certifier.id)
    with db.reader() as session:
        held = held_blocks(session, world.candidate.id, version.id)
        first = held_blocks(session, world.candidate.id, world.version.id)
    expected = {"identical": ("granted", [1]), "partial": ("partial_equivalence", []), None: ("not_presented", [])}[kind]
    assert (grounds(db, other.id)[0], [one.block_number for one in held.values()]) == expected
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
        first, other = hearing(session, sealed(session, world)), hearing(session, _bare(session, world), NOVEMBER)
        for heard in (first, other):
            closed = minutes(session, heard, world.version.blocks[:1])
            grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
    with db.reader() as session:
        assert session.scalar(select(JournalLine).where(JournalLine.verb == "block_granted_again")) is not None
    assert told(db, world.candidacy.id).answers[0].act.on == JUNE
    assert counted(db)[0] == 1


def test_when_the_earlier_session_is_closed_last_its_date_stands_and_the_other_certificate_is_replaced(db, world):
    with db.transaction() as session:
        first, other = hearing(session, sealed(session, world)), hearing(session, _bare(session, world), NOVEMBER)
        for heard in (other, first):
            closed = minutes(session, heard, world.version.blocks[:1])
            grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
        rows = session.scalars(select(Grant).order_by(Grant.serial)).all()
    assert [one.granted_on for one in rows] == [NOVEMBER, JUNE]
    assert [standing(db, one).status for one in rows] == [GrantStatus.REPLACED, GrantStatus.HELD]
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
        for heard in (hearing(session, _bare(session, world)), hearing(session, _bare(session, world))):
            closings.append(minutes(session, heard, world.version.blocks[3:]).id)

    def close(minutes_id: object) -> None:
        with db.transaction() as session:
            grant_from_minutes(session, minutes_id, by=world.certifier.id, at=factories.AT)

    threads = [Thread(target=close, args=(one,)) for one in closings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (counted(db)[1], told(db, world.candidacy.id).whole.on) == (1, JUNE)


def test_an_irregular_composition_grants_nothing_and_is_no_failure(db, world):
    jury(db, world, wins=(1, 2), loses=(3, 4), faults=["J8"])
    assert grounds(db, world.candidacy.id)[0] == "irregular_composition"
    assert "Ce n’est pas un échec" in sentences(db, world)[0]


def test_a_suspension_bears_on_everything_the_jury_gave_and_a_confirmation_restores_it(db, world):
    jury(db, world, wins=(1, 2, 3, 4))
    with db.reader() as session:
        award = session.scalars(select(Award)).one()
    act(db, world, SUSPENSION, 2)
    assert grounds(db, world.candidacy.id) == ["suspended"] * 4
    assert "Il n’est ni acquis ni perdu" in sentences(db, world)[0]
    assert {standing(db, award).status, standing(db, last_grant(db, world, 4)).status} == {GrantStatus.SUSPENDED}
    with db.reader() as session:
        assert held_blocks(session, world.candidate.id, world.version.id) == {}
    act(db, world, CONFIRMATION, 3)
    assert grounds(db, world.candidacy.id) == ["granted"] * 4
    assert (standing(db, award).status, counted(db)) == (GrantStatus.HELD, [4, 1, 5])


def test_after_an_annulment_a_new_jury_grants_anew_under_a_new_number(db, world):
    jury(db, world, wins=(1, 2), loses=(3, 4))
    act(db, world, SUSPENSION, 1)
    act(db, world, ANNULMENT, 1)
    old = last_grant(db, world, 1)
    assert grounds(db, world.candidacy.id)[:2] == ["annulled", "annulled"]
    assert standing(db, old).status is GrantStatus.ANNULLED
    again(db, world)
    jury(db, world, wins=(1,), loses=(2, 3, 4), on=NOVEMBER)
    new = last_grant(db, world, 1)
    assert (new.serial, new.granted_on, grounds(db, world.candidacy.id)[0]) == (2, NOVEMBER, "granted")
    assert standing(db, old).replaced_by != ""


def test_a_decision_that_stood_behind_an_annulled_one_is_granted_at_once(db, world):
    with db.transaction() as session:
        first, other = hearing(session, sealed(session, world)), hearing(session, _bare(session, world), NOVEMBER)
        for heard in (first, other):
            closed = minutes(session, heard, world.version.blocks[:1])
            grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
    act(db, world, ANNULMENT, 1)
    assert told(db, world.candidacy.id).answers[0].act.on == NOVEMBER
    assert last_grant(db, world, 1).serial == 2


def test_a_withdrawal_takes_one_block_and_with_it_the_whole_and_deletes_nothing(db, world):
    jury(db, world, wins=(1, 2, 3, 4))
    act(db, world, WITHDRAWAL, 3)
    assert grounds(db, world.candidacy.id) == ["granted", "granted", "withdrawn", "granted"]
    assert not told(db, world.candidacy.id).whole.obtained
    with db.reader() as session:
        award = session.scalars(select(Award)).one()
        number = session.scalars(select(Certificate.number).where(Certificate.award_id == award.id)).one()
        assert public_certificate(session, number).standing.status is GrantStatus.WITHDRAWN
    assert counted(db) == [4, 1, 5]


def test_a_rectification_changes_no_status(db, world):
    jury(db, world, wins=(1,), loses=(2, 3, 4))
    act(db, world, LaterKind.RECTIFICATION, 1)
    assert grounds(db, world.candidacy.id)[0] == "granted"


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        (CONFIRMATION, {}, CertificateRefusal.NOT_SUSPENDED),
        (WITHDRAWAL, {"heard_on": None}, CertificateRefusal.NOT_HEARD),
        (WITHDRAWAL, {"heard_on": JUNE - timedelta(days=1)}, CertificateRefusal.HEARD_TOO_SOON),
        (WITHDRAWAL, {"heard_on": date(2027, 2, 21)}, CertificateRefusal.HEARD_AFTER),
        (ANNULMENT, {"reason": "  "}, CertificateRefusal.NO_REASON),
        (ANNULMENT, {"decided_on": date(2027, 3, 2)}, CertificateRefusal.DECIDED_TOMORROW),
        (SUSPENSION, {"decided_on": JUNE - timedelta(days=1)}, CertificateRefusal.DECIDED_TOO_SOON),
    ],
)
def test_a_later_act_that_the_rules_forbid_is_refused_with_its_sentence_and_writes_nothing(db, world, kind, more, code):
    from portfolio.wording import refusals

    jury(db, world, wins=(1,), loses=(2, 3, 4))
    with pytest.raises(Refusal) as refused:
        act(db, world, kind, 1, **more)
    assert refused.value.code is code
    assert refusals()[code](refused.value.facts)
    assert grounds(db, world.candidacy.id)[0] == "granted"


def test_what_is_annulled_is_neither_suspended_nor_withdrawn_again(db, world):
    jury(db, world, wins=(1,), loses=(2, 3, 4))
    act(db, world, ANNULMENT, 1)
    for kind in (SUSPENSION, CONFIRMATION, ANNULMENT, WITHDRAWAL):
        with pytest.raises(Refusal, match="later_ended"):
            act(db, world, kind, 1)


def test_an_acquisition_by_another_route_counts_as_a_jury_does_and_completes_the_whole(db, world):
    jury(db, world, wins=(1, 2, 3), loses=(4,))
    acquire(db, world.candidacy.id, world.version.blocks[3], world.certifier.id)
    explanation = told(db, world.candidacy.id)
    assert (explanation.whole.on, explanation.result.label, counted(db)) == (JUNE, Label.FULL, [4, 1, 5])
    assert "par une autre voie" in sentences(db, world)[3]


def test_a_block_before_a_jury_or_already_held_is_not_acquired_again(db, world):
    with db.transaction() as session:
        sealed(session, world)
    with pytest.raises(Refusal, match="acquired_waiting"):
        acquire(db, world.candidacy.id, world.version.blocks[0], world.certifier.id)
    with db.transaction() as session:
        second = second_version(session, world.version)
        other = candidacy_on(session, second, world.candidate.id)
    acquire(db, other.id, second.blocks[0], world.certifier.id)
    for block, code in ((second.blocks[0], "acquired_held"), (world.version.blocks[0], "acquired_foreign")):
        with pytest.raises(Refusal, match=code):
            acquire(db, other.id, block, world.certifier.id)


def test_an_acquisition_withdrawn_takes_its_equivalence_with_it(db, world):
    with db.transaction() as session:
        second = second_version(session, world.version)
        other = candidacy_on(session, second, world.candidate.id)
    acquire(db, world.candidacy.id, world.version.blocks[0], world.certifier.id)
    equate(db, world.version.blocks[0], second.blocks[0], "identical", world.certifier.id)
    assert grounds(db, other.id)[0] == "granted"
    act(db, world, WITHDRAWAL, 1)
    assert (grounds(db, world.candidacy.id)[0], grounds(db, other.id)[0]) == ("withdrawn", "not_presented")


def test_a_later_ruling_replaces_an_equivalence_and_takes_nothing_from_who_holds_by_it(db, world):
    jury(db, world, wins=(1,), loses=(2, 3, 4))
    with db.transaction() as session:
        second = second_version(session, world.version)
        other = candidacy_on(session, second, world.candidate.id)
    one, two = world.version.blocks[0], second.blocks[0]
    equate(db, one, two, "partial", world.certifier.id)
    assert grounds(db, other.id)[0] == "partial_equivalence"
    equate(db, one, two, "identical", world.certifier.id)
    equate(db, one, two, "none", world.certifier.id)
    assert grounds(db, other.id)[0] == "granted"
    with db.reader() as session:
        page = equivalences_page(session, second.id)
    lines = {str(line.kind): line.until for line in page.lines}
    assert lines == {"none": None, "identical": day_of(LATER), "partial": day_of(LATER)}
    with pytest.raises(Refusal, match="equivalence_declared"):
        equate(db, one, two, "none", world.certifier.id)


def test_a_block_of_another_entry_of_the_same_body_may_count(db, world):
    jury(db, world, wins=(1,), loses=(2, 3, 4))
    with db.transaction() as session:
        elsewhere = factories.published_version(session, world.body.id, code="RNCP40000")
        other = candidacy_on(session, elsewhere, world.candidate.id)
    assert grounds(db, other.id)[0] == "not_presented"
    equate(db, world.version.blocks[0], elsewhere.blocks[0], "identical", world.certifier.id)
    assert grounds(db, other.id)[0] == "granted"


def test_blocks_of_two_bodies_are_never_equated(db, world):
    with db.transaction() as session:
        foreign = factories.published_version(session, factories.body(session).id, code="RNCP40001")
    with pytest.raises(Refusal, match="equivalence_elsewhere"):
        equate(db, world.version.blocks[0], foreign.blocks[0], "identical", world.certifier.id)


@pytest.mark.parametrize(("attendance", "label"), [(Attendance.ABSENT, "absent"), (Attendance.EXCUSED, "excused")])
def test_an_absence_is_called_by_its_name_until_what_was_asked_is_held(db, world, attendance, label):
    jury(db, world, wins=(), attendance=attendance)
    assert explanation_as_json(told(db, world.candidacy.id))["result"]["label"] == label
    for block in world.version.blocks:
        acquire(db, world.candidacy.id, block, world.certifier.id)
    assert told(db, world.candidacy.id).result.label is Label.FULL


@pytest.mark.parametrize(
    ("attendance", "words"), [(Attendance.ABSENT, "Absence au jury"), (Attendance.EXCUSED, "Absence excusée au jury")]
)
def test_a_list_calls_each_result_by_its_name_and_says_which_blocks_stand_no_more(db, world, attendance, words):
    assert named(db, world.candidacy.id) is None
    jury(db, world, wins=(), attendance=attendance)
    assert named(db, world.candidacy.id) == words
    again(db, world)
    jury(db, world, wins=(1, 2), on=NOVEMBER)
    assert named(db, world.candidacy.id) == "Validation partielle de la certification"
    act(db, world, SUSPENSION, 1)
    assert named(db, world.candidacy.id) == "Aucun bloc validé, 2\u00a0blocs suspendus"
    act(db, world, CONFIRMATION, 1)
    act(db, world, LaterKind.WITHDRAWAL, 2)
    assert named(db, world.candidacy.id) == "Validation partielle de la certification, 1\u00a0bloc retiré"


def named(db, candidacy_id):
    with db.reader() as session:
        outcome = outcomes_of(session, [candidacy_id]).get(candidacy_id)
        return outcome and outcome_words(outcome)


def test_a_candidacy_opened_on_a_version_whose_blocks_are_all_held_by_equivalence_makes_the_whole_at_once(db, world):
    jury(db, world, wins=(1, 2, 3, 4))
    with db.transaction() as session:
        second = second_version(session, world.version)
    for one, two in zip(world.version.blocks, second.blocks, strict=True):
        equate(db, one, two, "identical", world.certifier.id)
    assert counted(db)[1] == 1
    with db.transaction() as session:
        someone = Someone(world.candidate.email, world.candidate.name)
        opening = Opening(second.id, someone, Route.VAE, Regime.FRANCE_VAE, Scope.WHOLE, (), date(2027, 2, 20))
        opened = open_candidacy(session, world.body.id, opening, by=world.certifier.id, at=LATER)
    assert counted(db)[1] == 2
    assert told(db, opened.id).whole.obtained
