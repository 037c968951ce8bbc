"""Every code of the review has its French sentence."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portfolio.domain.dossier.rules.assessment import Assessment, Change, ChangeKind, ReviewRefusal
from portfolio.domain.review.rules.priority import AttentionGround, AttentionReason
from portfolio.wording.review import MARK_HINTS, MARKS, REFUSALS, changes_message, ground_message, wait_message

AT = datetime(2022, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("cause", AttentionReason)
def test_every_cause_is_a_whole_sentence(cause: AttentionReason, count: int) -> None:
    told = ground_message(AttentionGround(cause, AT - timedelta(days=3), count, date(2022, 3, 20)), AT)
    assert told[0].isupper() or told[0].isdigit()
    assert told.endswith(".")
    assert "'" not in told


def test_every_mark_has_its_words_and_a_hint() -> None:
    assert set(MARKS) == set(MARK_HINTS) == set(Assessment)


@pytest.mark.parametrize("code", ReviewRefusal)
def test_every_refusal_says_something(code: ReviewRefusal) -> None:
    assert REFUSALS[code]({}).endswith(".")


@pytest.mark.parametrize("kind", ChangeKind)
def test_every_change_is_told_in_one_sentence(kind: ChangeKind) -> None:
    assert changes_message([Change(4, kind)]).startswith("Depuis, ")


def test_several_changes_make_one_sentence() -> None:
    told = changes_message(
        [Change(0, ChangeKind.NARRATIVE), Change(2, ChangeKind.CLAIM_REMOVED), Change(4, ChangeKind.FILE_REPLACED)]
    )
    assert told == (
        "Depuis, le récit a été modifié, la pièce\u00a02 n’est plus citée pour cette compétence et la pièce\u00a04 a un nouveau fichier."
    )


@pytest.mark.parametrize(
    ("wait", "told"),
    [
        (timedelta(hours=3), "depuis moins d’un jour"),
        (timedelta(days=1, hours=3), "depuis hier"),
        (timedelta(days=32), "depuis 32 jours"),
    ],
)
def test_a_wait_is_told_in_days(wait: timedelta, told: str) -> None:
    assert wait_message(AT - wait, AT) == told


@pytest.mark.parametrize(
    ("day", "told"), [(date(2022, 2, 28), "passé depuis le 28"), (date(2022, 3, 1), "caduque après le 1er")]
)
def test_a_delay_that_is_over_is_not_told_like_one_that_comes(day: date, told: str) -> None:
    assert told in ground_message(AttentionGround(AttentionReason.LAPSE, AT, day=day), AT)
