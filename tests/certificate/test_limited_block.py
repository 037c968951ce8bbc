"""A block whose validity has ended counts no more for the whole, and a later jury grants it anew (R6, R7,
R13).
"""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from portfolio.db import append_only
from portfolio.db.engine import Database
from portfolio.domain.certification.models import Block
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.submission.use_cases.sealed_reads import load_sealed_dossier
from tests.certificate.test_two_sessions import SECOND_DAY, THEN, second_session
from tests.jury.builders import DAY, Scene, close, decide, deliberate, find, scene


def limited(db: Database, months: int) -> Scene:
    """A candidate of a version whose first block stays acquired some months only."""
    made = scene(db)
    with db.transaction() as session:
        dialect = session.get_bind().dialect.name
        for statement in append_only.drop_statements(dialect):
            session.connection().exec_driver_sql(statement)
        session.execute(update(Block).where(Block.id == made.blocks[0].id).values(validity_months=months))
    return made


def heard_again(db: Database, made: Scene) -> list[int]:
    """Hear the candidate a second time for what is left; return the blocks that they presented."""
    again = second_session(db, made)
    with db.reader() as session:
        presented = [block.number for block in load_sealed_dossier(session, again.submission_id).blocks]
    for block in made.blocks:
        if block.number in presented:
            for competency in block.competencies:
                find(db, again, competency)
            decide(db, again, block)
    close(db, again, THEN)
    return presented


@pytest.mark.parametrize(
    ("months", "presented", "grants", "awards"), [(3, [2, 3], 4, 0), (2, [1, 2, 3], 5, 1), (24, [2, 3], 4, 1)]
)
def test_a_block_whose_validity_has_ended_is_presented_again_and_makes_no_whole_before(
    db, months, presented, grants, awards
):
    made = limited(db, months)
    deliberate(db, made, refused=(2, 3))
    close(db, made)

    assert heard_again(db, made) == presented
    with db.reader() as session:
        assert [session.scalar(select(func.count()).select_from(kind)) for kind in (Grant, Award)] == [
            grants,
            awards,
        ]
        held = held_blocks(session, made.candidate.id, made.version_id, on=SECOND_DAY)
        assert (made.blocks[0].id in held) == bool(awards)
        labels = (
            session.scalars(select(Certificate).join(Grant).where(Grant.block_id == made.blocks[0].id))
            .first()
            .printed_text
        )
        assert labels["validity"]["months"] == months
        assert recompute(session).ok
        if months == 2:
            assert held[made.blocks[0].id].granted_on == SECOND_DAY
        assert DAY < SECOND_DAY
