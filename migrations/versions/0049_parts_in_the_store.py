"""The parts of an upload are listed where its bytes are, in the folder or in the S3, and no longer in its row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the columns; an upload under way keeps its row, and its bytes come again from the beginning."""
    with op.batch_alter_table("sending") as table:
        table.drop_constraint(op.f("ck_sending_received_within"), type_="check")
        table.drop_column("received")
        table.drop_column("parts")
        table.add_column(sa.Column("store_upload_id", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("sending") as table:
        table.alter_column("store_upload_id", server_default=None)
