"""Lists of candidacies and certificates are sorted by last name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.domain.account.rules import sort_name

revision = "0109"
down_revision = "0108"
branch_labels = None
depends_on = None

KEYS = {"candidacy_listing": "candidacy_id", "certificate_listing": "certificate_id"}
CHUNK = 1000


def upgrade() -> None:
    """Write the sorted name of each row again, from « first last » without case and accents."""
    for name, key in KEYS.items():
        table = sa.table(name, sa.column(key, sa.Uuid()), sa.column("sort_name", sa.String()))
        rows = op.get_bind().execute(sa.select(table.c[key], table.c.sort_name)).all()
        change = table.update().where(table.c[key] == sa.bindparam("row")).values(sort_name=sa.bindparam("sorted"))
        for start in range(0, len(rows), CHUNK):
            values = [{"row": row[0], "sorted": sort_name(row[1])} for row in rows[start : start + CHUNK]]
            op.get_bind().execute(change, values)


def downgrade() -> None:
    """Leave the names: lists only sort by them."""
