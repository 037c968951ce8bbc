"""What an advisor and a candidate do, in a line each."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.dossier.models.dossier import CoverageReview, Narrative
from portfolio.domain.dossier.rules.assessment import Assessment, ReviewRefusal
from portfolio.domain.dossier.use_cases.draft_rows import write_content_digests
from portfolio.domain.review.use_cases.assessments import assess_competency, load_reviews
from portfolio.domain.review.use_cases.messages import post_message
from portfolio.errors import Refusal
from portfolio.screens.advisor.dossier.queries import find_competency_page
from tests import factories
from tests.factories import AT, World

LATER = AT + timedelta(days=1)


@contextmanager
def reading(db: Database) -> Iterator[Session]:
    session = db.reader()
    yield session
    session.close()


def basis(session: Session, made: World, place: int = 0) -> str:
    return find_competency_page(session, made.candidacy.id, made.competencies[place].id, made.advisor.id).basis


def mark(
    session: Session, made: World, value: Assessment, comment: str = "", at: datetime = AT, place: int = 0
) -> CoverageReview:
    ids = made.candidacy.id, made.competencies[place].id
    return assess_competency(session, *ids, value, comment, basis(session, made, place), by=made.advisor.id, at=at)


def remark(session: Session, made: World, text: str, by: UUID, at: datetime = AT, place: int = 0) -> None:
    post_message(session, made.candidacy.id, made.competencies[place].id, text, by=by, at=at)


def refused(caught: pytest.ExceptionInfo[Refusal]) -> ReviewRefusal:
    return caught.value.code


def standing(db: Database, made: World, place: int = 0):
    with reading(db) as session:
        return load_reviews(session, made.candidacy.id, [made.competencies[place].id])[made.competencies[place].id]


def hold(db: Database, made: World, block: int) -> None:
    with db.transaction() as session:
        factories.held(session, made.candidacy, made.version.blocks[block].id, AT.date())


def edit_narrative(session: Session, made: World) -> None:
    row = session.scalars(select(Narrative).where(Narrative.competency_id == made.competencies[0].id)).one()
    row.situation, row.revision = "Autre chose.", row.revision + 1
    write_digests(session, made)


def add_claim(session: Session, made: World) -> None:
    factories.claim(session, made.pieces[4], made.competencies[0])
    write_digests(session, made)


def write_digests(session: Session, made: World) -> None:
    """Write what a use case writes when it saves, for a change made here without one."""
    write_content_digests(session, made.candidacy.id, [competency.id for competency in made.competencies])


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    told: list[str] = []

    def listen(_connection, _cursor, statement, *_more) -> None:
        told.append(statement)

    event.listen(db.engine, "before_cursor_execute", listen)
    yield told
    event.remove(db.engine, "before_cursor_execute", listen)
