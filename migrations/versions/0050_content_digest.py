"""A mark carries the digest of what its competency holds now, written when the candidate saves."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

CANDIDACIES = "SELECT DISTINCT candidacy_id FROM mark"
CLAIMS = """
SELECT claim.competency_id, claim.id, claim.revision, evidence.number, evidence.revision, max(evidence_file.number)
FROM claim
JOIN evidence ON evidence.id = claim.evidence_id
JOIN evidence_file ON evidence_file.evidence_id = evidence.id
WHERE evidence.removed_at IS NULL AND claim.candidacy_id = :candidacy
GROUP BY claim.competency_id, claim.id, claim.revision, evidence.number, evidence.revision
"""
NARRATIVES = "SELECT competency_id, id, revision FROM narrative WHERE candidacy_id = :candidacy"
WRITE = "UPDATE mark SET content_digest = :digest WHERE candidacy_id = :candidacy AND competency_id = :competency"


def upgrade() -> None:
    """Add the column, and write in it what the pages computed at each reading."""
    with op.batch_alter_table("mark") as table:
        table.add_column(sa.Column("content_digest", sa.String(64), nullable=False, server_default=""))
    with op.batch_alter_table("mark") as table:
        table.alter_column("content_digest", server_default=None)
    fill()


def fill() -> None:
    """Write the digest of every marked competency that has a claim or a narrative."""
    store = op.get_bind()
    for candidacy in store.scalars(sa.text(CANDIDACIES)).all():
        written = [
            {"candidacy": candidacy, "competency": competency, "digest": digest} for competency, digest in _digests(store, candidacy)
        ]
        if written:
            store.execute(sa.text(WRITE), written)


def _digests(store: Any, candidacy: Any) -> Iterator[tuple[Any, str]]:
    parts: defaultdict[Any, list[str]] = defaultdict(list)
    for competency, claim, claimed, number, described, version in store.execute(sa.text(CLAIMS), {"candidacy": candidacy}):
        parts[competency].append(f"{_hex(claim)} {claimed} {number}.{described}.{version}")
    for competency, narrative, written in store.execute(sa.text(NARRATIVES), {"candidacy": candidacy}):
        parts[competency].append(f"{_hex(narrative)} {written}")
    for competency, lines in parts.items():
        yield competency, hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _hex(kept: Any) -> str:
    return (kept if isinstance(kept, UUID) else UUID(kept)).hex
