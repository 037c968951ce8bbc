"""What a mark stands on is said by numbers and revisions alone: quicker to compare, and no longer than it must be.

A mark that stood on what is there today stands on it still; one that did not, does not.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

CLAIMS = """
SELECT claim.candidacy_id, claim.competency_id, claim.id, claim.revision, evidence.id, evidence.number, evidence.revision,
       evidence_file.number, evidence_file.sha256
FROM claim
JOIN evidence ON evidence.id = claim.evidence_id
JOIN evidence_file ON evidence_file.evidence_id = evidence.id
WHERE evidence.removed_at IS NULL AND claim.candidacy_id IN (SELECT candidacy_id FROM mark)
  AND evidence_file.number = (SELECT max(number) FROM evidence_file newest WHERE newest.evidence_id = evidence.id)
"""
NARRATIVES = """
SELECT candidacy_id, competency_id, id, revision FROM narrative WHERE candidacy_id IN (SELECT candidacy_id FROM mark)
"""


def upgrade() -> None:
    """Say in the new words what each mark stands on, where it is what is there now."""
    store = op.get_bind()
    old: defaultdict[tuple[Any, Any], list[str]] = defaultdict(list)
    new: defaultdict[tuple[Any, Any], list[str]] = defaultdict(list)
    for candidacy, competency, claim, claimed, piece, number, described, version, sha256 in store.execute(sa.text(CLAIMS)):
        old[candidacy, competency].append(f"claim {_uuid(claim)} {claimed} {_uuid(piece)} {described} {sha256}")
        new[candidacy, competency].append(f"{_uuid(claim).hex} {claimed} {number}.{described}.{version}")
    for candidacy, competency, narrative, told in store.execute(sa.text(NARRATIVES)):
        old[candidacy, competency].append(f"narrative {_uuid(narrative)} {told}")
        new[candidacy, competency].append(f"{_uuid(narrative).hex} {told}")
    change = sa.text("UPDATE mark SET basis = :new WHERE candidacy_id = :candidacy AND competency_id = :competency AND basis = :old")
    for (candidacy, competency), parts in old.items():
        names = {"candidacy": candidacy, "competency": competency}
        store.execute(change, names | {"old": _digest(parts), "new": _digest(new[candidacy, competency])})


def _uuid(kept: Any) -> UUID:
    return kept if isinstance(kept, UUID) else UUID(kept)


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()
