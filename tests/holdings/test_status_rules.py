"""Check what may be done to something granted, and what becomes of it: suspension, annulment, withdrawal,
rectification (R10–R12).
"""

from datetime import date, timedelta
from uuid import UUID

import pytest

from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import (
    CertificateRefusal,
    ContestRefusal,
    GrantStatus,
    InvitationInput,
    ObservationInput,
    ObservationManner,
    StatusChange,
    StatusChangeKind,
    answer_due,
    confirmation_refusal,
    invitation_refusal,
    observation_refusal,
    refusal_of,
    status_after,
    status_of_whole,
    takes_back,
)

GRANTED, TODAY = date(2026, 6, 18), date(2026, 9, 1)
DAY = timedelta(days=1)
SUSPENSION, CONFIRMATION, ANNULMENT, WITHDRAWAL, RECTIFICATION = StatusChangeKind
HELD, SUSPENDED, WITHDRAWN, ANNULLED, REPLACED = GrantStatus


def change(kind: StatusChangeKind, **more: object) -> StatusChange:
    heard = {"heard_on": TODAY - DAY} if kind is WITHDRAWAL else {}
    return StatusChange(**({"kind": kind, "reason": "Un membre était lié.", "decided_on": TODAY} | heard | more))


def refused(act: StatusChange, status: GrantStatus = HELD) -> CertificateRefusal | None:
    return refusal_of(act, status, GRANTED, TODAY)


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        ((), HELD),
        ((SUSPENSION,), SUSPENDED),
        ((SUSPENSION, CONFIRMATION), HELD),
        ((SUSPENSION, CONFIRMATION, SUSPENSION), SUSPENDED),
        ((SUSPENSION, RECTIFICATION), SUSPENDED),
        ((RECTIFICATION,), HELD),
        ((SUSPENSION, ANNULMENT), ANNULLED),
        ((ANNULMENT, CONFIRMATION), ANNULLED),
        ((WITHDRAWAL, ANNULMENT), WITHDRAWN),
        ((ANNULMENT, WITHDRAWAL), WITHDRAWN),
    ],
)
def test_a_suspension_lasts_until_its_word_and_what_ends_a_grant_is_for_ever(kinds, status):
    assert status_after(kinds) is status


@pytest.mark.parametrize(
    ("lost", "status"),
    [
        ((SUSPENDED,), SUSPENDED),
        ((SUSPENDED, ANNULLED), ANNULLED),
        ((ANNULLED, WITHDRAWN, SUSPENDED), WITHDRAWN),
        ((), REPLACED),
    ],
)
def test_a_whole_is_what_the_gravest_act_on_its_blocks_made_of_it(lost, status):
    assert status_of_whole(lost) is status


@pytest.mark.parametrize("kind", [SUSPENSION, ANNULMENT, WITHDRAWAL, RECTIFICATION])
def test_what_is_held_may_be_suspended_annulled_withdrawn_or_rectified(kind):
    assert refused(change(kind)) is None
    assert refused(change(kind, reason="  ")) is CertificateRefusal.NO_REASON


@pytest.mark.parametrize("kind", [CONFIRMATION, ANNULMENT, WITHDRAWAL, RECTIFICATION])
def test_what_is_suspended_may_be_confirmed_or_ended_and_not_suspended_again(kind):
    assert refused(change(kind), SUSPENDED) is None
    assert refused(change(SUSPENSION), SUSPENDED) is CertificateRefusal.ALREADY_SUSPENDED


@pytest.mark.parametrize("status", [HELD, REPLACED])
def test_only_what_is_suspended_is_confirmed(status):
    assert refused(change(CONFIRMATION), status) is CertificateRefusal.NOT_SUSPENDED


@pytest.mark.parametrize("status", [ANNULLED, WITHDRAWN])
def test_what_is_ended_can_only_be_rectified(status):
    for kind in (SUSPENSION, CONFIRMATION, ANNULMENT, WITHDRAWAL):
        assert refused(change(kind), status) is CertificateRefusal.ENDED
    assert refused(change(RECTIFICATION), status) is None


def test_an_act_is_decided_between_the_grant_and_today():
    for day in (GRANTED, TODAY):
        assert refused(change(SUSPENSION, decided_on=day)) is None
    assert refused(change(SUSPENSION, decided_on=TODAY + DAY)) is CertificateRefusal.DECIDED_TOMORROW
    assert refused(change(SUSPENSION, decided_on=GRANTED - DAY)) is CertificateRefusal.DECIDED_TOO_SOON


@pytest.mark.parametrize(
    ("heard_on", "refusal"),
    [
        (None, CertificateRefusal.NOT_HEARD),
        (GRANTED - DAY, CertificateRefusal.HEARD_TOO_SOON),
        (GRANTED, None),
        (TODAY, None),
        (TODAY + DAY, CertificateRefusal.HEARD_AFTER),
    ],
)
def test_a_withdrawal_needs_a_candidate_heard_after_the_grant_and_before_the_decision(heard_on, refusal):
    assert refused(change(WITHDRAWAL, heard_on=heard_on)) is refusal


def test_an_annulment_needs_nobody_heard():
    assert refused(change(ANNULMENT, heard_on=None)) is None


@pytest.mark.parametrize(("days", "refusal"), [(7, ContestRefusal.TOO_SHORT), (8, None)])
def test_an_invitation_gives_eight_days_and_may_be_of_today(days, refusal):
    assert invitation_refusal(InvitationInput("Deux pages copiées.", TODAY, TODAY + days * DAY), TODAY) is refusal
    late = InvitationInput("Deux pages copiées.", TODAY + DAY, TODAY + 30 * DAY)
    assert invitation_refusal(late, TODAY) is ContestRefusal.IN_THE_FUTURE


@pytest.mark.parametrize(
    ("given_on", "refusal"),
    [
        (TODAY, None),
        (TODAY + DAY, ContestRefusal.IN_THE_FUTURE),
        (GRANTED, None),
        (GRANTED - DAY, ContestRefusal.BEFORE_INVITATION),
    ],
)
def test_an_observation_is_given_from_the_day_of_the_invitation_to_today(given_on, refusal):
    written = ObservationInput(ObservationManner.WRITTEN, given_on, "Ce sont mes pages.")
    assert observation_refusal(written, GRANTED, TODAY, TODAY) is refusal


@pytest.mark.parametrize(("today", "refusal"), [(TODAY, ContestRefusal.DELAY_RUNNING), (TODAY + DAY, None)])
def test_silence_is_recorded_once_the_last_day_to_answer_is_over(today, refusal):
    assert observation_refusal(ObservationInput(ObservationManner.NONE, TODAY), GRANTED, TODAY, today) is refusal


def test_the_member_who_proposes_is_not_the_one_who_confirms():
    assert confirmation_refusal(UUID(int=1), UUID(int=1)) is ContestRefusal.SAME_PERSON
    assert confirmation_refusal(UUID(int=1), UUID(int=2)) is None


def test_two_months_of_silence_refuse_an_appeal():
    assert answer_due(date(2026, 6, 18)) == date(2026, 8, 18)
    assert answer_due(date(2026, 12, 31)) == date(2027, 2, 28)


@pytest.mark.parametrize("current", [None, *EquivalenceKind])
@pytest.mark.parametrize("ruled", EquivalenceKind)
def test_only_a_ruling_that_ends_an_equivalence_takes_it_back(current, ruled):
    assert takes_back(current, ruled) == (current == "identical" and ruled != "identical")
