"""An appeal ends: refused, silent, or granted, and then the decision on its blocks alone is annulled."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.holdings.models.events import Appeal, AppealAnswer, GrantStatusChange
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.granting import GrantGround
from portfolio.domain.holdings.rules.status_changes import (
    AppealGrant,
    AppealInput,
    AppealKind,
    AppealOutcome,
    AppealState,
    ContestRefusal,
    EndingKind,
    StatusChange,
    StatusChangeKind,
    answer_due,
    appeal_state,
    granted_blocks,
)
from portfolio.domain.holdings.use_cases import appeals, proposals
from portfolio.domain.holdings.use_cases.contest_tasks import LaterAct, list_appeals, list_proposals, load_later_acts
from portfolio.domain.holdings.use_cases.endings import load_endings
from portfolio.domain.holdings.use_cases.recompute import explain, recompute
from portfolio.domain.holdings.use_cases.status_changes import change_status
from portfolio.domain.holdings.use_cases.status_history import load_outcomes, load_status_history
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury_session.use_cases import closing as closing_use_cases
from portfolio.domain.jury_session.use_cases import planning
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.domain.submission.rules.manifest import read_manifest, root_of
from portfolio.domain.submission.use_cases.submit import open_next_draft
from portfolio.errors import Refusal
from portfolio.screens.certifier.figures.queries import FigureFilter, load_figures
from tests import factories
from tests.holdings.closings import give_letters
from tests.jury.builders import DAY, FIVE, ON_THE_DAY, Scene, act, check, close, decide, find, get_ready, name, scene

FILED = DAY + timedelta(days=10)
LATER = ON_THE_DAY + timedelta(days=40)
ANSWERED = LATER.date()
SECOND_DAY = DAY + timedelta(days=60)
IDS = [UUID(int=number) for number in range(1, 5)]


def test_silence_past_its_day_is_a_refusal_and_a_court_has_no_such_day():
    due = date(2026, 8, 28)
    assert appeal_state(AppealKind.CERTIFIER, due, None, due) is AppealState.WAITING
    assert appeal_state(AppealKind.HIERARCHICAL, due, None, due + timedelta(1)) is AppealState.LAPSED
    assert appeal_state(AppealKind.COURT, due, None, due + timedelta(999)) is AppealState.WAITING
    late = appeal_state(AppealKind.CERTIFIER, due, AppealOutcome.GRANTED, due + timedelta(1))
    assert late is AppealState.GRANTED


@pytest.mark.parametrize(
    ("contested", "chosen", "expected"),
    [
        ((), (), ()),
        ((), (2,), (2,)),
        ((2,), (), (2,)),
        ((2, 3), (3,), (3,)),
        ((0, 1, 2, 3), (), ()),
        ((2,), (3,), None),
    ],
)
def test_an_appeal_annuls_the_blocks_chosen_among_those_it_contests(contested, chosen, expected):
    def of(numbers: Collection[int]) -> frozenset[UUID]:
        return frozenset(IDS[number] for number in numbers)

    found = granted_blocks(of(contested), frozenset(IDS), of(chosen))
    assert found == (ContestRefusal.NO_SUCH_BLOCK if expected is None else of(expected))


@pytest.fixture
def made(db: Database) -> Scene:
    """Blocks 1 and 2 validated, 3 and 4 refused, and the letter given."""
    made = scene(db, refused=(3, 4))
    close(db, made)
    with db.transaction() as session:
        give_letters(session, made.candidacy_id)
    return made


def appeal(db: Database, made: Scene, *numbers: int, kind: AppealKind = AppealKind.CERTIFIER) -> UUID:
    blocks = frozenset(block.id for block in made.blocks if block.number in numbers)
    with db.transaction() as session:
        asked = AppealInput(kind, FILED, FILED, "Mon budget était à la page 4.", blocks)
        return appeals.register(session, made.hearing_id, asked, by=made.certifier.id, at=LATER).id


def grant(db: Database, made: Scene, appeal_id: UUID, *, bias: bool = False, numbers: tuple[int, ...] = ()) -> None:
    chosen = frozenset(block.id for block in made.blocks if block.number in numbers)
    with db.transaction() as session:
        second = factories.certifier(session, made.body_id, f"Nour {appeal_id.hex[:6]}")
        asked = AppealGrant(ANSWERED, "Un membre n’avait pas lu la pièce.", chosen, bias=bias)
        proposal = appeals.propose_grant(session, made.hearing_id, appeal_id, asked, by=made.certifier.id, at=LATER)
        with pytest.raises(Refusal) as alone:
            appeals.confirm_grant(session, made.hearing_id, appeal_id, proposal.id, by=made.certifier.id, at=LATER)
        assert alone.value.code is ContestRefusal.SAME_PERSON
        appeals.confirm_grant(session, made.hearing_id, appeal_id, proposal.id, by=second.id, at=LATER)


def grounds(db: Database, made: Scene) -> list[GrantGround]:
    with db.reader() as session:
        assert recompute(session).ok
        return [answer.ground for answer in explain(session, made.candidacy_id, on=ANSWERED).answers]


def waiting(db: Database, made: Scene) -> list[tuple[int, list[int]]]:
    """Return the sealed dossiers that no jury hears, each with the blocks it presents."""
    numbers = {block.id: block.number for block in made.blocks}
    with db.reader() as session:
        rows = session.scalars(
            select(Submission)
            .outerjoin(Hearing, (Hearing.submission_id == Submission.id) & Hearing.is_current.is_(True))
            .where(Submission.candidacy_id == made.candidacy_id, Hearing.id.is_(None))
        )
        return [(row.number, sorted(numbers[block.block_id] for block in row.blocks)) for row in rows]


GRANTED, REFUSED, AGAIN = GrantGround.GRANTED, GrantGround.NOT_VALIDATED, GrantGround.ANNULLED_AWAITING_JURY


@pytest.mark.slow
def test_granted_it_annuls_its_block_alone_and_the_dossier_waits_for_another_jury(db: Database, made: Scene):
    assert grounds(db, made) == [GRANTED, GRANTED, REFUSED, REFUSED]
    grant(db, made, appeal(db, made, 3))
    assert grounds(db, made) == [GRANTED, GRANTED, AGAIN, REFUSED]
    due = answer_due(FILED)
    with db.reader() as session:
        (told,) = load_later_acts(session, [made.hearing_id], due + timedelta(1)).values()
    assert set(told) == {LaterAct(AppealState.GRANTED, ANSWERED), LaterAct(StatusChangeKind.ANNULMENT, ANSWERED)}
    assert waiting(db, made) == [(2, [3])]
    with db.reader() as session:
        acts = session.scalars(select(GrantStatusChange)).all()
        assert [(act.block_id, act.confirmed_by is not None) for act in acts] == [(made.blocks[2].id, True)]
        told = load_status_history(session, made.candidacy_id, notified=True).acts
        assert [(act.blocks, act.by_appeal) for act in told] == [((3,), True)]


def test_the_new_version_is_sealed_with_the_same_files_and_verifies(db: Database, made: Scene):
    grant(db, made, appeal(db, made, 3))
    with db.reader() as session:
        former, again = session.scalars(select(Submission).order_by(Submission.number)).all()
        assert (again.renews_id, again.root != former.root) == (former.id, True)
        assert {file.key for file in again.files} == {file.key for file in former.files}
        assert root_of(again.manifest) == again.root
        told = read_manifest(again.manifest)
        assert ([block.number for block in told.blocks], told.header.number) == ([3], 2)
        assert [held.number for held in told.held_blocks] == [1, 2]
        assert told.statement == read_manifest(former.manifest).statement


def _second_jury(db: Database, made: Scene, members=FIVE) -> Scene:
    with db.transaction() as session:
        asked = Planning(made.version_id, SECOND_DAY, "Bordeaux")
        day = planning.plan_session(session, made.body_id, asked, by=made.certifier.id, at=LATER)
        again = session.scalars(select(Submission).order_by(Submission.number.desc())).first()
        second = replace(made, session_id=day.id, submission_id=again.id, members={})
        for naming in members:
            second.members[naming.seat] = (
                factories.person(session, naming.name, naming.email)
                if (naming.email.startswith("neuf"))
                else made.members[naming.seat]
            )
    for naming in members:
        name(db, second, naming)
    return second


def test_the_second_jury_hears_the_annulled_block_and_grants_it(db: Database, made: Scene):
    grant(db, made, appeal(db, made, 3))
    second = _second_jury(db, made)
    with db.transaction() as session:
        second.hearing_id = planning.add_hearing(
            session, second.session_id, second.submission_id, by=made.certifier.id, at=LATER
        ).id
    get_ready(db, second, at=LATER)
    second.blocks = [block for block in made.blocks if block.number == 3]
    for competency in second.blocks[0].competencies:
        find(db, second, competency)
    decide(db, second, second.blocks[0])
    with db.transaction() as session:
        at = ON_THE_DAY + timedelta(days=60)
        closing_use_cases.close(session, second.hearing_id, by=second.president.id, at=at)
        give_letters(session, made.candidacy_id)
    assert grounds(db, made) == [GRANTED, GRANTED, GRANTED, REFUSED]


def test_for_bias_no_member_of_the_former_jury_judges_again(db: Database, made: Scene):
    grant(db, made, appeal(db, made, 3), bias=True)
    second = _second_jury(db, made)
    with pytest.raises(Refusal) as former, db.transaction() as session:
        planning.add_hearing(session, second.session_id, second.submission_id, by=made.certifier.id, at=LATER)
    assert former.value.code is JuryRefusal.MEMBER_JUDGED
    new = tuple(replace(naming, email=f"neuf-{naming.email}") for naming in FIVE)
    third = _second_jury(db, made, new)
    with db.transaction() as session:
        planning.add_hearing(session, third.session_id, third.submission_id, by=made.certifier.id, at=LATER)


def test_refused_or_given_up_it_changes_nothing_and_is_answered_once(db: Database, made: Scene):
    before = grounds(db, made)
    for outcome in (AppealOutcome.REJECTED, AppealOutcome.WITHDRAWN):
        appeal_id = appeal(db, made, 3)
        with db.transaction() as session:
            said = (outcome, ANSWERED, "Le jury a lu la page 4.")
            done = appeals.answer(session, made.hearing_id, appeal_id, *said, by=made.certifier.id, at=LATER)
            assert done.words["signatory"] == made.certifier.name
    assert (grounds(db, made), waiting(db, made)) == (before, [])
    third, said = appeal(db, made), (AppealOutcome.GRANTED, ANSWERED, "Seul.")
    with pytest.raises(Refusal) as two, db.transaction() as session:
        appeals.answer(session, made.hearing_id, third, *said, by=made.certifier.id, at=LATER)
    assert two.value.code is ContestRefusal.NEEDS_SECOND_MEMBER


def test_the_whole_decision_is_annulled_when_nothing_is_chosen(db: Database, made: Scene):
    grant(db, made, appeal(db, made))
    assert grounds(db, made) == [AGAIN] * 4
    assert waiting(db, made) == [(2, [1, 2, 3, 4])]
    with db.reader() as session:
        assert load_status_history(session, made.candidacy_id).acts[0].blocks == (1, 2, 3, 4)


def test_a_granted_block_is_annulled_alone_and_the_others_stay(db: Database, made: Scene):
    grant(db, made, appeal(db, made, 1, kind=AppealKind.COURT))
    assert grounds(db, made) == [AGAIN, GRANTED, REFUSED, REFUSED]
    assert waiting(db, made) == [(2, [1])]


def test_two_appeals_are_granted_one_after_the_other(db: Database, made: Scene):
    first, other = appeal(db, made, 3), appeal(db, made, 3, 4, kind=AppealKind.COURT)
    grant(db, made, first)
    grant(db, made, other, numbers=(3,))
    assert grounds(db, made) == [GRANTED, GRANTED, AGAIN, REFUSED]
    third = appeal(db, made, 3)
    grant(db, made, third, bias=True)
    with db.reader() as session:
        acts = session.scalars(select(GrantStatusChange).order_by(GrantStatusChange.sequence)).all()
        assert [(act.sequence, act.is_for_bias) for act in acts] == [(1, None), (2, True)]
        assert len(session.scalars(select(AppealAnswer)).all()) == 3


@pytest.mark.records("appeal_answered", "decision_annulled")
def test_a_draft_opened_again_keeps_the_block_to_present(db: Database, made: Scene):
    with db.transaction() as session:
        open_next_draft(session, made.candidacy_id, by=made.candidate.id, at=LATER)
    grant(db, made, appeal(db, made, 3))
    assert grounds(db, made) == [GRANTED, GRANTED, GrantGround.ANNULLED, REFUSED]
    assert waiting(db, made) == []


def test_an_absence_is_annulled_and_counts_no_more(db: Database):
    made = scene(db)
    check(db, made, [person.id for person in made.members.values()], Attendance.ABSENT)
    close(db, made)
    grant(db, made, appeal(db, made))
    assert set(grounds(db, made)) == {GrantGround.ANNULLED_AWAITING_JURY}
    assert waiting(db, made) == [(1, [1, 2, 3, 4])]
    with db.reader() as session:
        assert load_outcomes(session, [made.candidacy_id]) == {}
        assert load_status_history(session, made.candidacy_id).acts[0].blocks == ()


def test_an_appeal_before_a_planned_hearing_adds_no_other_dossier(db: Database, made: Scene):
    grant(db, made, appeal(db, made, 3))
    second = _second_jury(db, made)
    with db.transaction() as session:
        planning.add_hearing(session, second.session_id, second.submission_id, by=made.certifier.id, at=LATER)
    grant(db, made, appeal(db, made, 4))
    assert waiting(db, made) == []
    assert grounds(db, made) == [GRANTED, GRANTED, AGAIN, GrantGround.ANNULLED]


def test_only_blocks_of_the_decision_are_contested(db: Database, made: Scene):
    asked = AppealInput(AppealKind.CERTIFIER, FILED, FILED, "Un autre bloc.", frozenset({IDS[0]}))
    with pytest.raises(Refusal) as unknown, db.transaction() as session:
        appeals.register(session, made.hearing_id, asked, by=made.certifier.id, at=LATER)
    assert unknown.value.code is ContestRefusal.NO_SUCH_BLOCK


def test_what_an_appeal_makes_is_in_the_ledger(db: Database, made: Scene):
    grant(db, made, appeal(db, made, 3))
    with db.reader() as session:
        recorded = set(session.scalars(select(LedgerEntry.record_type)))
        assert {"appeal", "appeal_answer", "later_act"} <= recorded


def test_the_first_page_of_the_body_lists_appeals_and_what_waits_for_a_second_member(db: Database, made: Scene):
    answered_by = answer_due(FILED)
    first, by = appeal(db, made, 3), made.certifier.id
    court = appeal(db, made, 4, kind=AppealKind.COURT)

    def told(day: date = ANSWERED) -> set[tuple[bool, date | None, UUID]]:
        with db.reader() as session:
            rows = [*list_appeals(session, made.body_id, day), *list_proposals(session, made.body_id)]
            return {(row.is_proposal, row.until, row.where) for row in rows}

    assert told() == {(False, answered_by, made.hearing_id), (False, None, made.hearing_id)}
    # Silence ends the first one; a court answers some day.
    assert told(answered_by + timedelta(days=1)) == {(False, None, made.hearing_id)}
    with db.transaction() as session:
        grant_id = session.scalars(select(Grant.id).order_by(Grant.block_id)).first()
        appeals.propose_grant(session, made.hearing_id, first, AppealGrant(ANSWERED, "Partialité."), by=by, at=LATER)
        said = (AppealOutcome.REJECTED, ANSWERED, "Rejeté par le tribunal.")
        appeals.answer(session, made.hearing_id, court, *said, by=by, at=LATER)
        annulment = StatusChange(StatusChangeKind.ANNULMENT, "Jury irrégulier.", ANSWERED)
        proposals.propose(session, grant_id, annulment, act(), by=by, at=LATER)
    assert told() == {(True, None, made.hearing_id), (True, None, made.candidacy_id)}


def test_figures_count_neither_annulled_nor_suspended_blocks(db: Database, made: Scene):
    def counted() -> tuple[list[tuple[int, int, int]], int]:
        with db.reader() as session:
            figures = load_figures(session, FigureFilter(made.body_id))
            blocks = [(block.number, block.granted, block.refused) for block in figures.blocks]
            return blocks, sum(year.blocks for year in figures.years)

    assert counted() == ([(1, 1, 0), (2, 1, 0), (3, 0, 1), (4, 0, 1)], 2)
    grant(db, made, appeal(db, made, 1))
    grant(db, made, appeal(db, made, 3))
    assert counted() == ([(2, 1, 0), (4, 0, 1)], 1)
    with db.transaction() as session:
        last = session.scalars(select(Grant.id).where(Grant.block_id == made.blocks[1].id)).one()
        suspension = StatusChange(StatusChangeKind.SUSPENSION, "À examiner.", ANSWERED)
        change_status(session, last, suspension, act(), by=made.certifier.id, at=LATER)
    # The jury itself is in doubt: its refusal counts no more than what it granted.
    assert counted() == ([], 0)


def test_the_holder_reads_an_annulled_block_until_another_jury_decides(db: Database, made: Scene):
    def told() -> dict[UUID, tuple[int, ...]]:
        with db.reader() as session:
            ended = load_endings(session, made.candidate.id, ANSWERED)
            return {key: found[0].blocks for key, found in ended.items()}

    assert told() == {}
    grant(db, made, appeal(db, made, 1, 3))
    assert told() == {made.candidacy_id: (1, 3)}


def test_the_first_page_says_that_an_appeal_waits_until_it_is_answered_or_refused_by_silence(db: Database, made: Scene):
    def told(on: date) -> list[tuple[EndingKind, date | None]]:
        with db.reader() as session:
            ended = load_endings(session, made.candidate.id, on).get(made.candidacy_id, ())
            return [(each.kind, each.until) for each in ended]

    appeal_id = appeal(db, made, 3)
    with db.reader() as session:
        due = session.get_one(Appeal, appeal_id).answer_by
    assert told(due) == [(EndingKind.APPEAL, due)]
    assert told(due + timedelta(days=1)) == []
    grant(db, made, appeal_id)
    assert told(due) == [(EndingKind.ANNULMENT, None)]


@pytest.mark.records("appeal_grant_dropped", "appeal_grant_proposed", "appeal_registered")
def test_a_proposal_that_is_dropped_leaves_the_appeal_without_an_answer(db: Database, made: Scene):
    before, appeal_id = grounds(db, made), appeal(db, made, 3)
    asked, by = AppealGrant(ANSWERED, "Un membre n’avait pas lu la pièce."), made.certifier.id
    with db.transaction() as session:
        proposal = appeals.propose_grant(session, made.hearing_id, appeal_id, asked, by=by, at=LATER)
        appeals.drop_grant(session, made.hearing_id, appeal_id, proposal.id, by=by, at=LATER)
    with db.reader() as session:
        assert appeals.find_pending_grant(session, appeal_id) is None
    assert grounds(db, made) == before
