"""PDFs whose technical attachments were read as pages are drawn anew, and no other. On both stores."""

from __future__ import annotations

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import select

from portfolio.domain.evidence.models.evidence import EvidenceFile
from portfolio.domain.evidence.models.renditions import Rendition
from portfolio.domain.evidence.rules.rendition import METHOD, RenditionKind
from portfolio.domain.evidence.use_cases.renditions import request_renditions
from tests import factories
from tests.factories import AT
from tests.review.test_digest_migration import load

MIGRATION = load("0105_technical_attachments")


@pytest.mark.parametrize(("name", "method"), [("attestation.json", 0), ("annexe.txt", METHOD)])
def test_only_pages_made_of_technical_attachments_are_made_again(db, name, method):
    with db.transaction() as session:
        piece = factories.world(session).pieces[0]
        file = session.scalars(select(EvidenceFile).where(EvidenceFile.evidence_id == piece.id)).one()
        file.mime = "application/pdf"
        request_renditions(session, file, at=AT)
        session.flush()
        made = select(Rendition).where(Rendition.file_id == file.id, Rendition.kind == RenditionKind.PAGES)
        session.scalars(made).one().contents = {"files": [{"name": name, "page": 3, "pages": 1}]}
    with (
        db.engine.execution_options(writes=True).begin() as connection,
        Operations.context(MigrationContext.configure(connection)),
    ):
        MIGRATION.upgrade()
    with db.reader() as session:
        assert session.scalars(made).one().method == method
