"""Several statements read as one say what each says alone, narrowed with the session, on either store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import bindparam, event, select
from sqlalchemy.orm import with_loader_criteria

from portfolio.db.engine import Database, fetch_together, narrow
from portfolio.db.together import Together, side_by_side
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block, CertificationVersion
from tests import factories

pytestmark = pytest.mark.both

OF_PERSON = Candidacy.candidate_id == bindparam("person")
QUERIES = (
    select(Candidacy.id, Candidacy.route, Candidacy.admissible_on, Candidacy.version_id).where(OF_PERSON),
    select(Person.id, Person.email, Person.created_at).where(Person.id == bindparam("person")),
    select(Block.number, Block.id).join(Candidacy, Candidacy.version_id == Block.version_id).where(OF_PERSON).limit(2),
    select(Candidacy.id).where(OF_PERSON, Candidacy.id.is_(None)),
)


def plain(rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in rows), key=str)


def test_statements_read_together_say_what_each_says_alone_in_one_query(db: Database, world: factories.World) -> None:
    asked: list[str] = []
    person = {"person": world.candidate.id}
    with db.reader() as session:
        alone = [plain(session.execute(query, person).all()) for query in QUERIES]
        event.listen(db.engine, "before_cursor_execute", lambda *heard: asked.append(heard[2]))
        found = fetch_together(session, Together(*QUERIES), person)
    assert len(asked) == 1
    assert [plain(rows) for rows in found] == alone
    assert [len(rows) for rows in found] == [1, 1, 2, 0]
    assert (found[0][0].route, found[1][0].email) == (world.candidacy.route, world.candidate.email)


def test_statements_read_together_are_narrowed_with_their_session(db: Database, world: factories.World) -> None:
    together, person = Together(*QUERIES), {"person": world.candidate.id}
    with db.reader() as session:
        assert [len(rows) for rows in fetch_together(session, together, person)] == [1, 1, 2, 0]
        narrow(session, (with_loader_criteria(Candidacy, Candidacy.version_id.is_(None)),))
        assert [len(rows) for rows in fetch_together(session, together, person)] == [0, 1, 0, 0]


def test_objects_side_by_side_are_each_alone_in_their_row(db: Database, world: factories.World) -> None:
    query = side_by_side(
        CertificationVersion,
        (Block, Block.version_id == CertificationVersion.id),
        (Candidacy, Candidacy.version_id == CertificationVersion.id),
    ).where(CertificationVersion.id == world.version.id)
    with db.reader() as session:
        rows = session.execute(query).all()
        blocks = set(session.scalars(select(Block.id).where(Block.version_id == world.version.id)))
    assert {row.Block.id for row in rows if row.Block} == blocks
    assert [row.Candidacy.id for row in rows if row.Candidacy] == [world.candidacy.id]
    assert not [row for row in rows if row.Block and row.Candidacy]
