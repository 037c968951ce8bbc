"""Leave for VAE, and the papers of a funding."""

import sqlalchemy as sa
from alembic import op

revision = "0142"
down_revision = "0141"
branch_labels = None
depends_on = None


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "funding_paper",
        sa.Column("funding_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("kind", ("quote", "convention", "grant", "other")), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=False),
        sa.Column("file_name", sa.String(length=300), nullable=False),
        sa.Column("file_mime", sa.String(length=200), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["funding_id"], ["funding.id"], name=op.f("fk_funding_paper_funding_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_funding_paper_added_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_paper")),
    )
    op.create_index(op.f("ix_funding_paper_funding_id"), "funding_paper", ["funding_id"], unique=False)
    op.create_table(
        "leave_request",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("employer", sa.String(length=300), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("answer", _one_of("answer", ("waiting", "granted", "deferred", "refused")), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("deferred_to", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_leave_request_candidacy_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_leave_request_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_request")),
    )
    op.create_index(op.f("ix_leave_request_candidacy_id"), "leave_request", ["candidacy_id"], unique=False)
