"""Check what later acts make of grants: suspended, confirmed, annulled, withdrawn, rectified (R10–R12)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.status_changes import CertificateRefusal, GrantStatus, StatusChangeKind
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from portfolio.errors import Refusal
from portfolio.screens.public.certificate.views import find_public_certificate
from tests import factories
from tests.holdings.closings import JUNE, hearing, minutes, sealed
from tests.holdings.edges import (
    ANNULMENT,
    CONFIRMATION,
    NOVEMBER,
    SUSPENSION,
    WITHDRAWAL,
    act,
    bare,
    counted,
    jury,
    sentences,
)
from tests.holdings.status_changes import grant_of, grounds, standing, told


def last_grant(db: Database, world: factories.World, number: int) -> Grant:
    with db.reader() as session:
        return grant_of(session, world.candidate.id, world.version.blocks[number - 1])


def test_an_irregular_composition_grants_nothing_and_is_no_failure(db, world):
    jury(db, world, wins=(1, 2), loses=(3, 4), faults=["J8"])
    assert grounds(db, world.candidacy.id)[0] == "irregular_composition"
    assert "Ce n’est pas un échec" in sentences(db, world)[0]


@pytest.mark.records("grant_confirmation")
def test_a_suspension_bears_on_everything_the_jury_gave_and_a_confirmation_restores_it(db, world):
    jury(db, world, wins=(1, 2, 3, 4))
    with db.reader() as session:
        award = session.scalars(select(Award)).one()
    act(db, world, SUSPENSION, 2)
    assert grounds(db, world.candidacy.id) == ["suspended"] * 4
    assert "Il n’est ni acquis ni perdu" in sentences(db, world)[0]
    assert {standing(db, award).status, standing(db, last_grant(db, world, 4)).status} == {GrantStatus.SUSPENDED}
    with db.reader() as session:
        assert held_blocks(session, world.candidate.id, world.version.id, on=None) == {}
    act(db, world, CONFIRMATION, 3)
    assert grounds(db, world.candidacy.id) == ["granted"] * 4
    assert (standing(db, award).status, counted(db)) == (GrantStatus.HELD, [4, 1, 5])


def test_after_an_annulment_a_new_jury_grants_anew_under_a_new_number(db, world):
    jury(db, world, wins=(1, 2), loses=(3, 4))
    act(db, world, SUSPENSION, 1)
    act(db, world, ANNULMENT, 1)
    old = last_grant(db, world, 1)
    # The whole decision is annulled, what it refused as well: the sealed dossier waits for another jury.
    assert grounds(db, world.candidacy.id) == ["annulled_awaiting_jury"] * 4
    assert standing(db, old).status is GrantStatus.ANNULLED
    jury(db, world, wins=(1,), loses=(2, 3, 4), on=NOVEMBER)
    new = last_grant(db, world, 1)
    assert (new.serial, new.granted_on, grounds(db, world.candidacy.id)[0]) == (2, NOVEMBER, "granted")
    assert standing(db, old).replaced_by != ""


def test_a_decision_that_stood_behind_an_annulled_one_is_granted_at_once(db, world):
    with db.transaction() as session:
        first, other = (hearing(session, sealed(session, world)), hearing(session, bare(session, world), NOVEMBER))
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
        assert find_public_certificate(session, number).standing.status is GrantStatus.WITHDRAWN
    assert counted(db) == [4, 1, 5]


@pytest.mark.records("grant_rectification")
def test_a_rectification_changes_no_status(db, world):
    jury(db, world, wins=(1,), loses=(2, 3, 4))
    act(db, world, StatusChangeKind.RECTIFICATION, 1)
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
    from portfolio.wording.refusal_messages import refusals

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
