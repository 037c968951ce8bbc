"""Check how a result is called, on its page and on lists (R8)."""

import pytest

from portfolio.domain.holdings.rules.completion import Label
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.holdings.use_cases.status_history import load_outcomes
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.wording.holdings.grants import explanation_as_json, outcome_message
from tests.holdings.edges import CONFIRMATION, NOVEMBER, SUSPENSION, act, again, jury
from tests.holdings.status_changes import acquire, told


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
    act(db, world, StatusChangeKind.WITHDRAWAL, 2)
    assert named(db, world.candidacy.id) == "Validation partielle de la certification, 1\u00a0bloc retiré"


def named(db, candidacy_id):
    with db.reader() as session:
        outcome = load_outcomes(session, [candidacy_id]).get(candidacy_id)
        return outcome and outcome_message(outcome)
