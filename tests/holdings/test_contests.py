"""Observations before a withdrawal, the second member's confirmation, appeals with their clock."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.holdings.models.events import GrantStatusChange
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.status_changes import (
    AppealInput,
    AppealKind,
    AppealOutcome,
    ContestRefusal,
    GrantStatus,
    InvitationInput,
    ObservationInput,
    ObservationManner,
    StatusChange,
    StatusChangeKind,
    confirmation_refusal,
    invitation_refusal,
    months_later,
    observation_refusal,
)
from portfolio.domain.holdings.use_cases import appeals, contest_tasks, proposals
from portfolio.domain.holdings.use_cases.effective_status import load_status_changes
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.holdings.use_cases.status_changes import load_candidacy_of
from portfolio.domain.retention.rules import OBSERVATION_MONTHS, Hold
from portfolio.domain.retention.use_cases.facts import load_dated
from portfolio.errors import Refusal
from tests import factories
from tests.jury.builders import DAY, ON_THE_DAY, Scene, act, close, scene

LATER = ON_THE_DAY + timedelta(days=40)
INVITED = InvitationInput("Deux pages viennent d’un autre dossier.", DAY + timedelta(days=5), DAY + timedelta(days=20))


def test_two_months_later_is_the_same_day_or_the_last_of_the_month():
    assert months_later(date(2026, 6, 18), 2) == date(2026, 8, 18)
    assert months_later(date(2026, 12, 31), 2) == date(2027, 2, 28)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 30))
def test_a_month_later_never_goes_back_and_never_past_the_month(day, months):
    later = months_later(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day <= day.day


def test_an_invitation_leaves_time_to_answer_and_silence_waits_for_its_end():
    assert invitation_refusal(INVITED, DAY) is ContestRefusal.IN_THE_FUTURE
    short = InvitationInput("x", DAY, DAY + timedelta(days=3))
    assert invitation_refusal(short, DAY) is ContestRefusal.TOO_SHORT
    silent = ObservationInput(ObservationManner.NONE, DAY + timedelta(days=10))
    days = (INVITED.invited_on, INVITED.answer_by)
    assert observation_refusal(silent, *days, DAY + timedelta(days=12)) is ContestRefusal.DELAY_RUNNING
    assert observation_refusal(silent, *days, DAY + timedelta(days=30)) is None
    early = ObservationInput(ObservationManner.HEARD, DAY)
    assert observation_refusal(early, *days, DAY + timedelta(days=30)) is ContestRefusal.BEFORE_INVITATION
    assert confirmation_refusal(UUID(int=1), UUID(int=1)) is ContestRefusal.SAME_PERSON


@pytest.fixture
def made(db: Database) -> Scene:
    made = scene(db, refused=())
    close(db, made)
    return made


def grant_of(db: Database) -> UUID:
    with db.reader() as session:
        return session.scalars(select(Grant.id).order_by(Grant.block_id)).first()


def status(db: Database, made: Scene, grant: UUID) -> GrantStatus:
    with db.reader() as session:
        assert recompute(session).ok
        return load_status_changes(session, made.candidate.id).of_grant(session.get_one(Grant, grant))


def withdrawal() -> StatusChange:
    return StatusChange(StatusChangeKind.WITHDRAWAL, "Plagiat.", DAY + timedelta(days=30), DAY + timedelta(days=15))


def test_a_withdrawal_waits_for_observations_then_for_a_second_member(db: Database, made: Scene):
    grant, by = grant_of(db), made.certifier.id
    with pytest.raises(Refusal) as unheard, db.transaction() as session:
        proposals.propose(session, grant, withdrawal(), act(), by=by, at=LATER)
    assert unheard.value.code is ContestRefusal.NO_OBSERVATION
    with db.transaction() as session:
        second = factories.certifier(session, made.body_id, "Nour Haddad")
        invitation = contest_tasks.invite(session, grant, INVITED, by=by, at=LATER)
        heard = ObservationInput(ObservationManner.HEARD, DAY + timedelta(days=15), "La personne reconnaît les faits.")
        contest_tasks.record_observation(session, grant, invitation.id, heard, by=by, at=LATER)
        proposal = proposals.propose(session, grant, withdrawal(), act(), by=by, at=LATER)
    assert status(db, made, grant) is GrantStatus.HELD
    with pytest.raises(Refusal) as alone, db.transaction() as session:
        proposals.confirm(session, grant, proposal.id, by=by, at=LATER)
    assert alone.value.code is ContestRefusal.SAME_PERSON
    assert status(db, made, grant) is GrantStatus.HELD
    with db.transaction() as session:
        proposals.confirm(session, grant, proposal.id, by=second.id, at=LATER)
    assert status(db, made, grant) is GrantStatus.WITHDRAWN
    with db.reader() as session:
        row = session.scalars(select(GrantStatusChange)).one()
        assert (row.decided_by, row.confirmed_by, row.file_key) == (by, second.id, proposal.file_key)
    with pytest.raises(Refusal) as again, db.transaction() as session:
        proposals.confirm(session, grant, proposal.id, by=second.id, at=LATER)
    assert again.value.code is ContestRefusal.NOT_PENDING


def holds_on(db: Database, candidacy_id: UUID, day: date) -> tuple[Hold, ...]:
    with db.reader() as session:
        return load_dated(session, [candidacy_id], day)[candidacy_id].facts.holds


@pytest.mark.records("grant_withdrawal_dropped")
def test_an_invitation_that_nothing_follows_holds_a_dossier_for_twelve_months_after_its_end(db: Database, made: Scene):
    grant, by, last = grant_of(db), made.certifier.id, INVITED.answer_by
    with db.reader() as session:
        candidacy_id = load_candidacy_of(session, session.get_one(Grant, grant)).id
    with db.transaction() as session:
        invitation = contest_tasks.invite(session, grant, INVITED, by=by, at=LATER)
    end = months_later(last, OBSERVATION_MONTHS)
    assert holds_on(db, candidacy_id, last) == holds_on(db, candidacy_id, end) == (Hold.OBSERVATIONS,)
    assert holds_on(db, candidacy_id, end + timedelta(days=1)) == ()
    late = ObservationInput(ObservationManner.WRITTEN, last + timedelta(days=9), "Je conteste.")
    with db.transaction() as session:
        contest_tasks.record_observation(session, grant, invitation.id, late, by=by, at=LATER + timedelta(days=60))
    # The answer counts anew, then the proposal holds as long as it waits, and the decision ends both.
    assert holds_on(db, candidacy_id, end + timedelta(days=1)) == (Hold.OBSERVATIONS,)
    assert holds_on(db, candidacy_id, end + timedelta(days=10)) == ()
    with db.transaction() as session:
        proposal = proposals.propose(session, grant, withdrawal(), act(), by=by, at=LATER + timedelta(days=61))
    assert holds_on(db, candidacy_id, date(2090, 1, 1)) == (Hold.PROPOSAL,)
    with db.transaction() as session:
        proposals.drop(session, grant, proposal.id, by=by, at=LATER + timedelta(days=62))
    assert holds_on(db, candidacy_id, end) == ()


@pytest.mark.records("grant_annulment_dropped")
def test_a_proposal_that_is_dropped_changes_nothing(db: Database, made: Scene):
    grant, by = grant_of(db), made.certifier.id
    annulment = StatusChange(StatusChangeKind.ANNULMENT, "Jury irrégulier.", DAY + timedelta(days=30))
    with db.transaction() as session:
        proposal = proposals.propose(session, grant, annulment, act(), by=by, at=LATER)
        with pytest.raises(Refusal) as twice:
            proposals.propose(session, grant, annulment, act(), by=by, at=LATER)
        assert twice.value.code is ContestRefusal.ALREADY_PROPOSED
        proposals.drop(session, grant, proposal.id, by=by, at=LATER)
    assert status(db, made, grant) is GrantStatus.HELD
    with db.transaction() as session:
        assert proposals.propose(session, grant, annulment, act(), by=by, at=LATER).id != proposal.id


def test_an_appeal_has_its_clock_and_one_answer(db: Database, made: Scene):
    by, filed = made.certifier.id, DAY + timedelta(days=10)
    before = AppealInput(AppealKind.CERTIFIER, DAY - timedelta(days=1), DAY, "Trop tôt.")
    with pytest.raises(Refusal) as early, db.transaction() as session:
        appeals.register(session, made.hearing_id, before, by=by, at=LATER)
    assert early.value.code is ContestRefusal.BEFORE_DECISION
    with db.transaction() as session:
        appeal = AppealInput(AppealKind.CERTIFIER, filed, filed, "Un membre n’avait pas lu.")
        row = appeals.register(session, made.hearing_id, appeal, by=by, at=LATER)
        assert row.answer_by == months_later(filed, 2)
        details = appeals.list_appeals(session, made.hearing_id)[0]
        assert details.days_left(filed) == (row.answer_by - filed).days
        sent = (AppealOutcome.REJECTED, filed + timedelta(days=5), "Chaque membre a lu.")
        appeals.answer(session, made.hearing_id, row.id, *sent, by=by, at=LATER)
        with pytest.raises(Refusal) as twice:
            appeals.answer(session, made.hearing_id, row.id, *sent, by=by, at=LATER)
        assert twice.value.code is ContestRefusal.ALREADY_ANSWERED
        assert appeals.list_appeals(session, made.hearing_id)[0].days_left(filed) is None
