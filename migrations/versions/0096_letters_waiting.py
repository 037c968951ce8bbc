"""Index what says whether a letter waits for a person: its columns, and the people who have no password."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0096"
down_revision = "0095"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widen the index of undelivered letters, and create that of people without a password."""
    undelivered = sa.text("sent_at IS NULL AND handed_over_at IS NULL")
    columns = ["body_id", "unsubscribe", "written_at", "kind", "person_id", "tries", "failure"]
    op.drop_index("ix_mail_undelivered", "mail")
    op.create_index(
        "ix_mail_undelivered", "mail", columns, sqlite_where=undelivered, postgresql_where=undelivered
    )
    no_password = sa.text("password_hash IS NULL")
    op.create_index(
        "ix_person_no_password", "person", ["id"], sqlite_where=no_password, postgresql_where=no_password
    )
