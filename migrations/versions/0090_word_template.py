"""The DOCX template of a version of a certification, and the edition of a dossier that is filled from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0089"
branch_labels = None
depends_on = None

KINDS = "kind IN ('reading', 'archival', 'booklet', 'zip', 'francevae', 'draft', 'word')"


def upgrade() -> None:
    """Create the table of templates, and allow the new kind of edition."""
    op.create_table(
        "word_template",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_word_template")),
        sa.ForeignKeyConstraint(["version_id"], ["certification_version.id"], name=op.f("fk_word_template_version_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name=op.f("fk_word_template_uploaded_by")),
        sa.UniqueConstraint("key", name=op.f("uq_word_template_key")),
    )
    # No trigger guards this table and no other one refers to it: SQLite may write it anew.
    with op.batch_alter_table("book_edition") as table:
        table.drop_constraint(op.f("ck_book_edition_kind"), type_="check")
        table.create_check_constraint(op.f("ck_book_edition_kind"), KINDS)
