"""Read the blocks of versions, once in a session for a published version: they never change."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, selectinload

from portfolio.domain.certification.models import Block, CertificationVersion

Blocks = tuple[Block, ...]
_KNOWN = "version_blocks"  # the blocks of the published versions that a session has read
_BLOCKS = (
    select(Block, CertificationVersion.published_at)
    .join(CertificationVersion, CertificationVersion.id == Block.version_id)
    .where(Block.version_id.in_(bindparam("versions", expanding=True)))
    .order_by(Block.version_id, Block.number)
    .options(selectinload(Block.competencies))
)


def load_blocks(session: Session, version_id: UUID) -> Blocks:
    """List the blocks of a version with their competencies, in the order of the certification."""
    return load_blocks_by_version(session, (version_id,))[version_id]


def load_blocks_by_version(session: Session, versions: Collection[UUID]) -> dict[UUID, Blocks]:
    """List the same for each of several versions."""
    known: dict[UUID, Blocks] = session.info.setdefault(_KNOWN, {})
    wanted = [version_id for version_id in versions if version_id not in known]
    found: dict[UUID, list[Block]] = {version_id: [] for version_id in wanted}
    published = set()
    for block, published_at in session.execute(_BLOCKS, {"versions": wanted}) if wanted else ():
        found[block.version_id].append(block)
        if published_at is not None:
            published.add(block.version_id)
    known |= {version_id: tuple(found[version_id]) for version_id in published}
    return {version_id: known.get(version_id) or tuple(found[version_id]) for version_id in versions}
