"""A suspended decision is found by a condition of the query, which says of every history what the rule says."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.holdings.models.events import GrantStatusChange
from portfolio.domain.holdings.rules.status_changes import GrantStatus, StatusChangeKind, status_after
from portfolio.domain.holdings.use_cases.status_changes import any_suspended, list_suspended_decisions
from portfolio.domain.jury.models.deliberation import Minutes
from tests import factories
from tests.jury import builders

FIRST_DAY = date(2026, 7, 1)
HISTORIES = tuple(kinds for length in range(4) for kinds in product(StatusChangeKind, repeat=length))


def test_the_query_finds_what_the_rule_calls_suspended_after_every_history_of_acts(db: Database) -> None:
    made = builders.scene(db, refused=(2,))
    builders.close(db, made)
    with db.transaction() as session:
        other = factories.body(session, "Un autre institut")
        (minutes,) = session.scalars(select(Minutes))
        found = {kinds: _found(session, made, minutes, kinds) for kinds in HISTORIES}
        assert not list_suspended_decisions(session, other.id)
    expected = {
        kinds: _days(kinds, StatusChangeKind.SUSPENSION)[-1:] if status_after(kinds) is GrantStatus.SUSPENDED else []
        for kinds in HISTORIES
    }
    assert found == expected
    assert sum(map(bool, expected.values())) > 10


def _found(session: Session, made: builders.Scene, minutes: Minutes, kinds: Sequence[StatusChangeKind]) -> list[date]:
    """Record acts in this order, and return since when the query says that the decision is suspended."""
    with session.begin_nested() as history:
        session.add_all(
            GrantStatusChange(
                kind=kind,
                minutes_id=minutes.id,
                sequence=rank,
                reason="Relu.",
                heard_on=FIRST_DAY,
                decided_on=FIRST_DAY + timedelta(days=rank),
                decided_by=made.certifier.id,
                recorded_at=builders.ON_THE_DAY,
            )
            for rank, kind in enumerate(kinds)
        )
        session.flush()
        found = [each.since for each in list_suspended_decisions(session, made.body_id)]
        is_any = session.scalar(select(any_suspended()), {"body": made.body_id})
        assert bool(is_any) is bool(found)
        history.rollback()
    return found


def _days(kinds: Sequence[StatusChangeKind], wanted: StatusChangeKind) -> list[date]:
    return [FIRST_DAY + timedelta(days=rank) for rank, kind in enumerate(kinds) if kind is wanted]
