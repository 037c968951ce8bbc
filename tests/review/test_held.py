"""Check what the advisor sees of blocks that are held today: later acts and equivalences count as everywhere else."""

from datetime import timedelta

import pytest

from portfolio.db.engine import Database
from portfolio.domain.dossier.rules.assessment import Assessment, ReviewRefusal
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.review.use_cases.assessments import assess_competency
from portfolio.domain.submission.use_cases.submit import open_next_draft
from portfolio.errors import Refusal
from portfolio.screens.advisor.board.queries import list_dossiers
from portfolio.screens.advisor.dossier.queries import find_competency_page
from tests import factories
from tests.holdings.closings import JUNE, SEALED_AT, hearing, minutes, sealed
from tests.holdings.status_changes import candidacy_on, equate, later, second_version


@pytest.fixture
def world(db: Database) -> factories.World:
    """A candidate whose first jury granted block 1, and whose draft is open for the rest."""
    with db.transaction() as session:
        made = factories.world(session)
        first, *others = made.version.blocks
        closed = minutes(session, hearing(session, sealed(session, made, SEALED_AT), JUNE), [first], others)
        grant_from_minutes(session, closed.id, by=made.certifier.id, at=factories.AT)
    with db.transaction() as session:
        open_next_draft(session, made.candidacy.id, by=made.candidate.id, at=factories.AT)
    return made


def held_on_board(db: Database, made: factories.World) -> dict[str, list[bool]]:
    with db.reader() as session:
        rows = list_dossiers(session, made.advisor.id, factories.AT + timedelta(days=1))
        return {str(row.candidacy_id): [block.held for block in row.blocks] for row in rows}


def test_a_suspended_block_is_not_shown_as_held_and_takes_a_mark_again(db: Database, world: factories.World) -> None:
    key = str(world.candidacy.id)
    assert held_on_board(db, world)[key] == [True, False, False, False]
    later(db, StatusChangeKind.SUSPENSION, world.candidate.id, world.version.blocks[0], world.certifier.id)
    assert held_on_board(db, world)[key] == [False] * 4
    later(db, StatusChangeKind.CONFIRMATION, world.candidate.id, world.version.blocks[0], world.certifier.id)
    assert held_on_board(db, world)[key] == [True, False, False, False]


def test_a_block_held_by_equivalence_is_held_for_the_advisor_too(db: Database, world: factories.World) -> None:
    with db.transaction() as session:
        other = second_version(session, world.version)
        candidacy = candidacy_on(session, other, world.candidate.id)
        candidacy.advisor_id = world.advisor.id
        blocks, theirs = list(other.blocks), other.blocks[0].competencies[0].id
    equate(db, world.version.blocks[0], blocks[0], "identical", world.certifier.id)
    equate(db, world.version.blocks[0], blocks[1], "partial", world.certifier.id)
    assert held_on_board(db, world)[str(candidacy.id)] == [True, False, False, False]
    with db.reader() as session:
        basis = find_competency_page(session, candidacy.id, theirs, candidacy.advisor_id).basis
    with db.transaction() as session, pytest.raises(Refusal) as refused:
        assess_competency(
            session, candidacy.id, theirs, Assessment.COVERED, "", basis, by=world.advisor.id, at=factories.AT
        )
    assert refused.value.code is ReviewRefusal.BLOCK_HELD
