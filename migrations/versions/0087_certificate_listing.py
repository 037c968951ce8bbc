"""What the list of the certificates of a body sorts, filters and searches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0086"
branch_labels = None
depends_on = None

TABLE = "certificate_listing"
STATUSES = ("held", "suspended", "withdrawn", "annulled", "replaced")
KEYS = (
    ("certificate_id", "certificate"),
    ("body_id", "certifying_body"),
    ("person_id", "person"),
    ("version_id", "certification_version"),
)


def upgrade() -> None:
    """Create the table; `flask migrate` fills it from the facts."""
    status = sa.Enum(*STATUSES, name="status", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        TABLE,
        *(sa.Column(name, sa.Uuid(), nullable=False) for name, _ in KEYS),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("status", status, nullable=False),
        sa.Column("obtained_on", sa.Date(), nullable=False),
        sa.Column("sort_name", sa.String(length=200), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_certificate_listing_{name}"))
            for name, target in KEYS
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_listing")),
    )
    op.create_index(op.f("ix_certificate_listing_person_id"), TABLE, ["person_id"])
    for column in ("status", "version_id", "is_whole"):
        op.create_index(f"ix_certificate_listing_{column}", TABLE, ["body_id", column, "obtained_on", "certificate_id"])
    for column in ("obtained_on", "sort_name", "number"):
        op.create_index(f"ix_certificate_listing_{column}", TABLE, ["body_id", column, "certificate_id"])
