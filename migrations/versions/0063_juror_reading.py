"""The reading of each member: exhibits opened, private notes, and the extent written in the attestation of reading."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables and add the columns, empty in statements made before."""
    op.create_table(
        "exhibit_opening",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("exhibit", sa.String(20), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *_owner("exhibit_opening"),
        sa.UniqueConstraint(
            "hearing_id", "person_id", "exhibit", "page", name=op.f("uq_exhibit_opening_hearing_id_person_id_exhibit_page")
        ),
    )
    op.create_table(
        "juror_note",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind", sa.Enum("note", "question", name="kind", native_enum=False, create_constraint=True, length=40), nullable=False
        ),
        sa.Column("competency_id", sa.Uuid(), nullable=True),
        sa.Column("exhibit", sa.String(20), nullable=True),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("second", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *_owner("juror_note"),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_juror_note_competency_id")),
        sa.CheckConstraint("trim(text) <> ''", name=op.f("ck_juror_note_has_text")),
    )
    op.create_index("ix_juror_note_hearing_id_person_id", "juror_note", ["hearing_id", "person_id"])
    # No batch: rebuilding the table would drop the triggers that guard it.
    op.add_column("juror_statement", sa.Column("opened_exhibits", sa.Integer(), nullable=True))
    op.add_column("juror_statement", sa.Column("sealed_exhibits", sa.Integer(), nullable=True))


def _owner(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f(f"fk_{table}_hearing_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
