"""Fees of jurors from a day on."""

import sqlalchemy as sa
from alembic import op

revision = "0141"
down_revision = "0140"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of later amounts."""
    op.create_table(
        "juror_fees_since",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("session_cents", "hearing_cents", "km_cents")),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_juror_fees_since_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_fees_since")),
        sa.UniqueConstraint("body_id", "since", name=op.f("uq_juror_fees_since_body_id_since")),
    )
