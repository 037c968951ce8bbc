"""Who accompanied a candidacy keeps, in what they said of it, the name that its body typed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and fill it for those who accompany now; of those who did before, the name of the account goes on."""
    op.add_column("accompaniment", sa.Column("named", sa.String(200), nullable=True))
    id_, name = sa.Uuid(), sa.String(200)
    path = sa.table("candidacy", sa.column("id", id_), sa.column("advisor_id", id_), sa.column("advisor_named", name))
    kept = sa.table("accompaniment", sa.column("candidacy_id", id_), sa.column("person_id", id_), sa.column("named", name))
    now = sa.select(path.c.advisor_named).where(path.c.id == kept.c.candidacy_id, path.c.advisor_id == kept.c.person_id)
    op.execute(sa.update(kept).values(named=now.scalar_subquery()))
