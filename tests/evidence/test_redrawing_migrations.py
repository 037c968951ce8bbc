"""Pages that were read wrongly are drawn anew, and no others. On both stores."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import Page, Rendition
from portfolio.domain.dossier.rules.rendition import METHOD
from portfolio.domain.dossier.use_cases.renditions import request_renditions
from tests import factories
from tests.factories import AT

pytestmark = pytest.mark.both

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"


def load(subject: str) -> ModuleType:
    """Return the migration of this subject; its number may change until it is published."""
    spec = importlib.util.spec_from_file_location(subject, next(VERSIONS.glob(f"*_{subject}.py")))
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    return migration


def drawn(db: Database, mime: str, *, contents: object = None, hidden: int = 0, text: str = "") -> object:
    """A file of this type whose one page was drawn; the order of its pages."""
    with db.transaction() as session:
        piece = factories.world(session).pieces[0]
        file = session.scalars(select(EvidenceFile).where(EvidenceFile.evidence_id == piece.id)).one()
        file.mime = mime
        request_renditions(session, file, at=AT)
        session.flush()
        made = session.scalars(select(Rendition).where(Rendition.file_id == file.id)).one()
        made.contents = contents
        session.add(Page(rendition_id=made.id, number=1, hidden=hidden, text=text))
        return made.id


def method_after(db: Database, subject: str, rendition_id: object) -> int:
    """Return the way in which the pages are said to be drawn, once the migration of this subject has run."""
    with (
        db.engine.execution_options(writes=True).begin() as connection,
        Operations.context(MigrationContext.configure(connection)),
    ):
        load(subject).upgrade()
    with db.reader() as session:
        return session.get_one(Rendition, rendition_id).method


@pytest.mark.parametrize(("name", "method"), [("attestation.json", 0), ("annexe.txt", METHOD)])
def test_only_pages_made_of_technical_attachments_are_made_again(db, name, method):
    contents = {"files": [{"name": name, "page": 3, "pages": 1}]}
    made = drawn(db, "application/pdf", contents=contents)
    assert method_after(db, "technical_attachments", made) == method


@pytest.mark.parametrize(
    ("mime", "hidden", "method"), [("application/pdf", 3, 0), ("application/pdf", 0, METHOD), ("text/csv", 3, METHOD)]
)
def test_only_pdfs_that_were_said_to_hide_text_are_drawn_again(db, mime, hidden, method):
    assert method_after(db, "second_look", drawn(db, mime, hidden=hidden)) == method


@pytest.mark.parametrize(
    ("hidden", "text", "method"), [(2, "", 0), (0, "Please wait…", 0), (0, "Attestation", METHOD), (-1, "", METHOD)]
)
def test_pdfs_said_to_hide_text_and_forms_that_ask_to_wait_are_drawn_again(db, hidden, text, method):
    made = drawn(db, "application/pdf", hidden=hidden, text=text)
    assert method_after(db, "second_look_at_scans", made) == method


@pytest.mark.parametrize(("hidden", "method"), [(2, 0), (0, METHOD), (-1, METHOD)])
def test_every_file_said_to_hide_text_is_drawn_again(db, hidden, method):
    assert method_after(db, "icons_of_notes", drawn(db, "application/msword", hidden=hidden)) == method
