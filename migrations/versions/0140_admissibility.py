"""Requests of admissibility (livret 1), with their files, and the one that a candidacy was opened on."""

import sqlalchemy as sa
from alembic import op

revision = "0140"
down_revision = "0139"
branch_labels = None
depends_on = None

STATES = ("draft", "sent", "question", "complete", "admissible", "refused", "appealed", "upheld")


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Add both tables and the column of the candidacy."""
    table, proof = "admissibility_request", "admissibility_proof"
    links = {
        "body_id": "certifying_body", "person_id": "person", "version_id": "certification_version",
        "decided_by": "person",
    }  # fmt: skip
    op.create_table(
        "admissibility_request",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("regime", _one_of("regime", ("france_vae", "cerfa", "other")), nullable=False),
        sa.Column("state", _one_of("state", STATES), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("content", "question", "answer", "reason", "appeal", "appeal_answer")
        ),
        *(
            sa.Column(name, sa.Date(), nullable=True)
            for name in ("sent_on", "complete_on", "appealed_on", "decided_on")
        ),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}"))
            for name, other in links.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f("ix_admissibility_request_body_id"), "admissibility_request", ["body_id"], unique=False)
    op.create_index(op.f("ix_admissibility_request_person_id"), "admissibility_request", ["person_id"], unique=False)
    op.create_table(
        "admissibility_proof",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("kind", ("proof", "feasibility")), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_mime", sa.String(length=200), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], [f"{table}.id"], name=op.f(f"fk_{proof}_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{proof}")),
    )
    op.create_index(op.f("ix_admissibility_proof_request_id"), "admissibility_proof", ["request_id"], unique=False)
    op.add_column("candidacy", sa.Column("request_id", sa.Uuid(), nullable=True))
