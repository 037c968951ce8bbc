"""People who held blocks before this product was used; equivalences of several blocks together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements

revision = "0086"
down_revision = "0085"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
APPEND_ONLY = ("prior_holding", "prior_holding_end", "group_equivalence", "group_equivalence_block")


def upgrade() -> None:
    """Create the tables, and guard those that are never changed."""
    _create_imports()
    _create_holdings()
    _create_group_equivalences()
    for table in APPEND_ONLY:
        for statement in create_trigger_statements(op.get_bind().dialect.name, table):
            op.execute(statement)


def _codes(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _ids(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (sa.Column("id", sa.Uuid(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")))


def _file() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("file_key", sa.String(80), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_mime", sa.String(200), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
    )


def _create_imports() -> None:
    op.create_table(
        "holder_import",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("recorded", sa.Integer(), nullable=False),
        *_ids("holder_import"),
        _key("holder_import", "body_id", "certifying_body"),
        _key("holder_import", "created_by", "person"),
        _key("holder_import", "closed_by", "person"),
    )
    op.create_index("ix_holder_import_body_id", "holder_import", ["body_id", "created_at"])
    op.create_table(
        "holder_import_file",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        *_file(),
        *_ids("holder_import_file"),
        _key("holder_import_file", "import_id", "holder_import"),
    )
    op.create_index("ix_holder_import_file_import_id", "holder_import_file", ["import_id"])


def _create_holdings() -> None:
    op.create_table(
        "prior_holding",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("holder_name", sa.Text(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("obtained_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("proof_reference", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("verified_by", sa.Uuid(), nullable=False),
        sa.Column("verified_at", MOMENT, nullable=False),
        *_file(),
        *_ids("prior_holding"),
        _key("prior_holding", "import_id", "holder_import"),
        _key("prior_holding", "person_id", "person"),
        _key("prior_holding", "block_id", "block"),
        _key("prior_holding", "verified_by", "person"),
        sa.CheckConstraint("trim(proof_reference) <> ''", name=op.f("ck_prior_holding_has_reference")),
    )
    for column in ("person_id", "import_id", "block_id"):
        op.create_index(f"ix_prior_holding_{column}", "prior_holding", [column])
    op.create_table(
        "prior_holding_end",
        sa.Column("holding_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        *_file(),
        *_ids("prior_holding_end"),
        _key("prior_holding_end", "holding_id", "prior_holding"),
        _key("prior_holding_end", "recorded_by", "person"),
        sa.UniqueConstraint("holding_id", name=op.f("uq_prior_holding_end_holding_id")),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_prior_holding_end_has_reason")),
    )


def _create_group_equivalences() -> None:
    op.create_table(
        "group_equivalence",
        sa.Column("kind", _codes("kind", "identical", "partial", "none"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("declared_at", MOMENT, nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        *_ids("group_equivalence"),
        _key("group_equivalence", "declared_by", "person"),
        _key("group_equivalence", "replaces_id", "group_equivalence"),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_group_equivalence_replaces_id")),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_group_equivalence_has_reason")),
    )
    op.create_table(
        "group_equivalence_block",
        sa.Column("equivalence_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("side", _codes("side", "held", "counts_for"), nullable=False),
        *_ids("group_equivalence_block"),
        _key("group_equivalence_block", "equivalence_id", "group_equivalence"),
        _key("group_equivalence_block", "block_id", "block"),
        sa.UniqueConstraint("equivalence_id", "block_id", name=op.f("uq_group_equivalence_block_equivalence_id_block_id")),
    )
    op.create_index("ix_group_equivalence_block_block_id", "group_equivalence_block", ["block_id", "side"])
    kind = "UUID" if op.get_bind().dialect.name == "postgresql" else "CHAR(32)"
    op.execute(
        f"ALTER TABLE equivalence_proposal ADD COLUMN group_equivalence_id {kind} "
        "CONSTRAINT fk_equivalence_proposal_group_equivalence_id REFERENCES group_equivalence (id)"
    )
