"""The full-text search index; the worker fills it with the texts written before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.full_text import create_statements

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

KINDS = ("evidence", "claim", "narrative", "page", "sealed_exhibit", "sealed_claim", "sealed_narrative")
OWNERS = {"claim_id": "claim", "narrative_id": "narrative", "page_id": "page"}
PARENTS = {"evidence_id": "evidence", "file_id": "evidence_file", "submission_id": "submission"}


def upgrade() -> None:
    """Create the table of the stems and its full-text index."""
    names = ", ".join(f"'{kind}'" for kind in KINDS)
    columns = {"candidacy_id": "candidacy"} | OWNERS | PARENTS
    op.create_table(
        "search_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=name != "candidacy_id") for name in columns),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("exhibit", sa.String(20), nullable=True),
        sa.Column("competency", sa.String(20), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint(f"kind IN ({names})", name=op.f("ck_search_entry_kind")),
        *(
            sa.ForeignKeyConstraint([name], [f"{parent}.id"], name=op.f(f"fk_search_entry_{name}"), ondelete="CASCADE")
            for name, parent in columns.items()
        ),
        *(sa.UniqueConstraint(name, name=op.f(f"uq_search_entry_{name}")) for name in OWNERS),
        sa.UniqueConstraint(
            "submission_id", "kind", "exhibit", "competency", name=op.f("uq_search_entry_submission_id_kind_exhibit_competency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
        sqlite_autoincrement=True,
    )
    for name in ("candidacy_id", "evidence_id", "file_id"):
        op.create_index(op.f(f"ix_search_entry_{name}"), "search_entry", [name])
    for statement in create_statements(op.get_bind().dialect.name):
        op.execute(statement)
