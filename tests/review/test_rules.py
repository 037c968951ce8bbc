"""The law of the advisor's review."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.candidacy.rules.stage import PathStep
from portfolio.domain.dossier.rules.assessment import (
    Assessment,
    Change,
    ChangeKind,
    PieceSeen,
    Seen,
    changes_between,
    is_outdated,
    needs_comment,
    seen_from,
)
from portfolio.domain.review.rules.priority import (
    GROUPS,
    QUIET_AFTER,
    URGENCY,
    AttentionGround,
    AttentionReason,
    CompetencyFacts,
    DossierFacts,
    Priority,
    WaitingFor,
    priority_of,
    waiting_for,
)

AT = datetime(2022, 3, 1, 12, tzinfo=UTC)
OPENED = AT - timedelta(days=60)
CALM = DossierFacts(
    PathStep.WRITE, OPENED, (CompetencyFacts(), CompetencyFacts()), last_activity=AT - timedelta(days=1)
)


def ago(days: float) -> datetime:
    return AT - timedelta(days=days)


def causes(facts: DossierFacts) -> list[AttentionReason]:
    return [ground.cause for ground in priority_of(facts, AT).grounds]


def test_a_mark_is_outdated_only_when_what_the_advisor_saw_has_changed() -> None:
    assert is_outdated("a" * 64, "b" * 64)
    assert not is_outdated("a" * 64, "a" * 64)


def test_only_a_covered_competency_may_be_marked_without_a_comment() -> None:
    assert [needs_comment(value) for value in Assessment] == [False, True, True]


def test_a_dossier_whose_claims_all_have_an_opinion_needs_nothing() -> None:
    marked = CompetencyFacts(claimed_since=ago(9), marked_at=ago(2))
    assert causes(replace(CALM, competencies=(marked, CompetencyFacts()))) == [AttentionReason.NOTHING]


def test_someone_who_waits_comes_before_an_opinion_to_review_which_comes_before_an_opinion_to_give() -> None:
    facts = (
        CompetencyFacts(claimed_since=ago(5)),
        CompetencyFacts(claimed_since=ago(9), marked_at=ago(8), outdated=True),
        CompetencyFacts(claimed_since=ago(9), marked_at=ago(3), waiting_since=ago(2)),
    )
    assert causes(replace(CALM, competencies=facts)) == [
        AttentionReason.UNANSWERED,
        AttentionReason.OUTDATED,
        AttentionReason.UNMARKED,
    ]


def test_a_ground_counts_its_competencies_and_keeps_the_longest_wait() -> None:
    waiting = (CompetencyFacts(waiting_since=ago(2)), CompetencyFacts(waiting_since=ago(7)))
    first = priority_of(replace(CALM, competencies=waiting), AT).first
    assert (first.cause, first.count, first.since) == (AttentionReason.UNANSWERED, 2, ago(7))


def test_a_competency_without_a_claim_does_not_wait_for_an_opinion() -> None:
    assert AttentionReason.UNMARKED not in causes(CALM)


@pytest.mark.parametrize(("silence", "told"), [(QUIET_AFTER - timedelta(hours=1), False), (QUIET_AFTER, True)])
def test_a_draft_is_quiet_after_three_weeks_without_a_line(silence: timedelta, told: bool) -> None:
    assert (AttentionReason.QUIET in causes(replace(CALM, last_activity=AT - silence))) is told


@pytest.mark.parametrize(
    ("last_day", "told"), [(date(2022, 2, 28), True), (date(2022, 3, 31), True), (date(2022, 4, 1), False)]
)
def test_an_admissibility_that_lapses_within_a_month_is_told_while_nothing_is_begun(last_day: date, told: bool) -> None:
    facts = replace(CALM, last_activity=None, lapse_on=last_day)
    assert (causes(facts)[0] is AttentionReason.LAPSE) is told
    assert AttentionReason.NOT_BEGUN in causes(facts)


def test_an_admissibility_does_not_lapse_once_a_step_is_recorded() -> None:
    assert causes(replace(CALM, lapse_on=AT.date())) == [AttentionReason.NOTHING]


@pytest.mark.parametrize(
    ("stage", "cause"),
    [
        (PathStep.SCHEDULE, AttentionReason.SUBMITTED),
        (PathStep.HEAR, AttentionReason.JURY_FIXED),
        (PathStep.SUSPENDED, AttentionReason.SUSPENDED),
        (PathStep.OBTAINED, AttentionReason.COMPLETE),
        (PathStep.DECIDED, AttentionReason.NEXT_SUBMISSION),
    ],
)
def test_after_the_submission_there_is_no_opinion_to_give(stage: PathStep, cause: AttentionReason) -> None:
    to_mark = (
        CompetencyFacts(claimed_since=ago(9)),
        CompetencyFacts(claimed_since=ago(9), marked_at=ago(8), outdated=True),
    )
    assert causes(replace(CALM, stage=stage, competencies=to_mark, missing_blocks=2)) == [cause]


def test_a_question_asked_after_the_submission_still_waits_for_an_answer() -> None:
    asked = replace(CALM, stage=PathStep.HEAR, competencies=(CompetencyFacts(waiting_since=ago(1)),))
    assert causes(asked) == [AttentionReason.UNANSWERED]


MOMENTS = st.integers(0, 90).map(ago)
COMPETENCIES = st.builds(
    CompetencyFacts,
    claimed_since=st.none() | MOMENTS,
    marked_at=st.none() | MOMENTS,
    waiting_since=st.none() | MOMENTS,
    outdated=st.just(False),
).flatmap(lambda one: st.booleans().map(lambda old: replace(one, outdated=old and one.marked_at is not None)))
DOSSIERS = st.builds(
    DossierFacts,
    stage=st.sampled_from(PathStep),
    opened_at=MOMENTS,
    competencies=st.lists(COMPETENCIES, max_size=6).map(tuple),
    last_activity=st.none() | MOMENTS,
    lapse_on=st.none() | st.dates(date(2022, 1, 1), date(2022, 6, 1)),
    missing_blocks=st.integers(1, 4),
)


@given(DOSSIERS)
def test_every_dossier_has_a_ground_and_its_grounds_go_from_the_most_pressing(facts: DossierFacts) -> None:
    ranks = [URGENCY[ground.cause] for ground in priority_of(facts, AT).grounds]
    assert ranks
    assert ranks == sorted(set(ranks))


@given(DOSSIERS)
def test_the_order_of_competencies_changes_nothing(facts: DossierFacts) -> None:
    assert priority_of(facts, AT) == priority_of(replace(facts, competencies=tuple(reversed(facts.competencies))), AT)


@given(DOSSIERS, MOMENTS)
def test_a_new_question_never_lowers_the_place_of_a_dossier(facts: DossierFacts, asked: datetime) -> None:
    more = replace(facts, competencies=(*facts.competencies, CompetencyFacts(waiting_since=asked)))
    assert priority_of(more, AT).place() <= priority_of(facts, AT).place()


PIECES = st.dictionaries(st.integers(1, 40), st.builds(PieceSeen, *[st.integers(1, 9)] * 3), max_size=6)
SEEN = st.builds(Seen, st.integers(0, 99), PIECES)


@given(SEEN)
def test_what_was_seen_is_read_back_as_it_was_written(seen: Seen) -> None:
    assert seen_from(str(seen)) == seen


@given(st.text())
def test_any_text_can_be_read_as_something_seen(text: str) -> None:
    assert seen_from(text).narrative >= 0


@given(SEEN, SEEN)
def test_changes_name_only_pieces_that_one_side_knows(before: Seen, after: Seen) -> None:
    known = {0, *before.pieces, *after.pieces}
    changes = changes_between(before, after)
    assert changes
    assert {change.piece for change in changes} <= known


def test_each_kind_of_change_is_named() -> None:
    before = Seen(1, {1: PieceSeen(1, 1, 1), 2: PieceSeen(1, 1, 1), 3: PieceSeen(1, 1, 1), 4: PieceSeen(1, 1, 1)})
    after = Seen(2, {2: PieceSeen(2, 1, 1), 3: PieceSeen(1, 1, 2), 4: PieceSeen(1, 2, 1), 5: PieceSeen(1, 1, 1)})
    assert changes_between(before, after) == (
        Change(0, ChangeKind.NARRATIVE),
        Change(1, ChangeKind.CLAIM_REMOVED),
        Change(2, ChangeKind.CLAIM_REWORDED),
        Change(3, ChangeKind.FILE_REPLACED),
        Change(4, ChangeKind.PIECE_DESCRIBED),
        Change(5, ChangeKind.CLAIM_ADDED),
    )


def test_a_change_that_no_revision_explains_is_still_told() -> None:
    assert changes_between(Seen(1), Seen(1)) == (Change(0, ChangeKind.OTHER),)


def test_every_ground_is_found_under_one_heading():
    assert sorted(cause for group in GROUPS.values() for cause in group) == sorted(AttentionReason)


def test_a_dossier_is_found_under_each_of_its_grounds():
    need = Priority((AttentionGround(AttentionReason.UNANSWERED, AT), AttentionGround(AttentionReason.QUIET, AT)))
    assert waiting_for(need) == {WaitingFor.ANSWER, WaitingFor.NUDGE}
